/** A file opened for its reader: on record first, then its chunks, nothing of it taken that is not as it was sent. */

import { inLanes } from "../lanes.js";
import { equal, fromHex } from "../vault/bytes.js";
import { sha256 } from "../vault/derive.js";
import { CHUNK_BYTES, SEALED_BYTES, chunkNumbers, openChunk } from "../vault/files.js";
import { FILE } from "./brought.js";
import { getBytes, post } from "./post.js";
import { attended } from "./shown.js";

/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Manifest } from "../vault/file-boxes.js" */
/** @import { SealedFile } from "../vault/files.js" */
/** @import { Brought } from "./brought.js" */

/** Evidence that could be opened as far as its manifest. */
/** @typedef {Brought & { manifest: Manifest, sealed: SealedFile }} Readable */

/** What is stored of a piece of evidence is not what was sent. */
export class Altered extends Error {
  name = "Altered";

  /** @param {string} number of the evidence */
  constructor(number) {
    super(number);
    this.number = number;
  }
}

/** Not all of what was asked for together has come. */
class Incomplete extends Error {
  name = "Incomplete";
}

/**
 * @param {Brought} evidence
 * @returns {evidence is Readable}
 */
export function isReadable(evidence) {
  return evidence.damage === null;
}

/**
 * @param {Brought} evidence
 * @returns {string} the digest (hex) of its sealed form, as its event names it
 */
export function digestOf({ event, id }) {
  return event.objects.find((ref) => ref.kind === FILE && ref.id === id)?.digest ?? "";
}

/**
 * Have the opening put on record, then fetch a file and open it whole.
 *
 * @param {Readable} evidence
 * @param {string} place where the server has the case's evidence
 * @param {string} reason why it is opened, as the record has it
 * @param {(share: number) => void} onProgress told how much of it is here, from 0 to 1
 * @returns {Promise<Bytes>}
 * @throws {Altered | import("./post.js").Refusal}
 */
export async function openEvidence(evidence, place, reason, onProgress) {
  const { manifest, id } = evidence;
  onProgress(0);
  await attended(() => post(`${place}/${id}/buka`, { reason }));
  const [whole, numbers] = [new Uint8Array(manifest.size), chunkNumbers(manifest.size)];
  const missing = new Set(numbers);
  await inLanes(numbers, async (together) => {
    const wanted = together.filter((number) => missing.has(number));
    const chunks = await fetched(`${place}/${id}`, wanted);
    for (const [at, chunk] of chunks.entries()) {
      whole.set(await opened(chunk, evidence, wanted[at]), (wanted[at] - 1) * CHUNK_BYTES);
      missing.delete(wanted[at]);
    }
    onProgress(1 - missing.size / numbers.length);
    if (chunks.length < wanted.length) throw new Incomplete();
  });
  if (!equal(await sha256(whole), fromHex(manifest.sha256))) throw new Altered(evidence.number);
  return whole;
}

/**
 * @param {string} place of the file
 * @param {number[]} wanted chunks that follow one another
 * @returns {Promise<Bytes[]>} the first of them, and of the others as many as could be read: asked for alone, the next one tells why
 */
async function fetched(place, wanted) {
  if (wanted.length === 0) return [];
  const joined = await attended(() => getBytes(`${place}/${wanted[0]}-${wanted[wanted.length - 1]}`));
  const count = Math.max(1, Math.ceil(joined.length / SEALED_BYTES));
  return wanted.slice(0, count).map((_number, at) => joined.subarray(at * SEALED_BYTES, (at + 1) * SEALED_BYTES));
}

/**
 * @param {Bytes} chunk
 * @param {Readable} evidence
 * @param {number} number of the chunk
 * @returns {Promise<Bytes>}
 */
async function opened(chunk, { manifest, sealed, number: name }, number) {
  if (!equal(await sha256(chunk), fromHex(manifest.chunks[number - 1]))) throw new Altered(name);
  // What has the right hash was sealed so: where it does not open, it never did.
  return openChunk(chunk, sealed, number, manifest.size);
}
