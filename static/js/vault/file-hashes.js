/** What reading a file tells of it, before anything of it is sealed; no more than a chunk is in memory. */

import { hex } from "./bytes.js";
import { sha256 } from "./derive.js";
import { CHUNK_BYTES, chunkNumbers, plainChunk } from "./files.js";
import { Hashing } from "./hashing.js";
import { Marks } from "./marks.js";

/** @import { Bytes } from "./bytes.js" */

/** @typedef {{ hashes: Bytes[], whole: string, marks: Marks }} Read the SHA-256 of each chunk, and of it all (hex); and by what each is known again */

/**
 * Read a file from its beginning to its end, a chunk at a time.
 *
 * @param {Blob} blob
 * @param {(bytes: number) => Promise<void> | void} onRead told how far it has come
 * @returns {Promise<Read>}
 */
export async function readThrough(blob, onRead) {
  const [whole, hashes, marks] = [new Hashing(), /** @type {Bytes[]} */ ([]), await Marks.begin()];
  for (const number of chunkNumbers(blob.size)) {
    const chunk = await plainChunk(blob, number);
    const begins = (number - 1) * CHUNK_BYTES;
    await whole.add(chunk.subarray(0, Math.max(0, Math.min(chunk.length, blob.size - begins))));
    hashes.push(await sha256(chunk));
    await marks.add(chunk);
    await onRead(Math.min(blob.size, begins + chunk.length));
  }
  return { hashes, whole: hex(whole.end()), marks };
}
