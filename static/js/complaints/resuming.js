/** Whether a file is the one that lies half sent on the server: only what is the same to the last byte goes on. */

import { equal, fromBase64 } from "../vault/bytes.js";
import { openProgress } from "../vault/file-boxes.js";
import { readThrough } from "../vault/file-hashes.js";
import { CHUNK_BYTES, paddedSize } from "../vault/files.js";
import { cleaned } from "./cleaning.js";
import { typeOf } from "./kinds.js";

/** @import { Bytes } from "../vault/bytes.js" */
/** @import { SealedFile } from "../vault/files.js" */
/** @import { Going } from "./chosen.js" */
/** @import { ToldFile } from "./correspondence.js" */
/** @import { Ready } from "./uploading.js" */

/**
 * Find out whether `file`, cleaned or as it is, is what was begun.
 *
 * @param {File} file
 * @param {ToldFile} told
 * @param {SealedFile} sealed
 * @returns {Promise<Going | null>} nothing where it is another
 * @throws {import("../vault/errors.js").Unreadable} where what was begun cannot be known any more
 */
export async function sameFile(file, told, sealed) {
  const hashes = await openProgress(fromBase64(String(told.progress)), sealed);
  const there = Math.min(file.size, (told.have ?? []).length * CHUNK_BYTES);
  for (const ready of await waysToSend(file)) {
    const known = paddedSize(ready.blob.size) === told.size ? await readThrough(ready.blob, () => undefined) : null;
    if (known && areEqual(known.hashes, hashes)) return { file, ready, sealed, known, there };
  }
  return null;
}

/**
 * @param {File} file
 * @returns {Promise<Ready[]>}
 */
async function waysToSend(file) {
  const asItIs = { blob: file, type: await typeOf(file), name: file.name, how: /** @type {const} */ ("original") };
  try {
    const ready = await cleaned(file);
    return ready.how === "cleaned" ? [ready, asItIs] : [ready];
  } catch {
    return [{ ...asItIs, how: "impossible" }];
  }
}

/**
 * @param {Bytes[]} some
 * @param {Bytes[]} others
 * @returns {boolean}
 */
function areEqual(some, others) {
  return some.length === others.length && some.every((hash, at) => equal(hash, others[at]));
}
