/** Files: boxed in chunks of a mebibyte, each bound to its place: none is moved, left out or added (formats §2). */

import { box, unbox } from "./box.js";
import { context } from "./context.js";
import { Unreadable } from "./errors.js";

/** @import { Bytes } from "./bytes.js" */

/**
 * Which file a chunk belongs to, and the 32 bytes under which its chunks are boxed; one key boxes one file.
 *
 * @typedef {{ key: Bytes, complaint: string, file: string }} SealedFile
 */

export const CHUNK_BYTES = 1024 * 1024;
/** What a chunk is once it is sealed; a file's last may be shorter. */
export const SEALED_BYTES = CHUNK_BYTES + 29;
// Below it the sizes that padding leaves apart would tell one small file from another.
const LEAST_BYTES = 4096;

/**
 * Return how many bytes a file of `size` bytes fills: Padmé (Nikitin et al., PURBs, 2019, §4), 4,096 at least. At most
 * 12 % more, and only a few bits of the length are told.
 *
 * @param {number} size below 2^53
 * @returns {number}
 */
export function paddedSize(size) {
  const least = Math.max(size, LEAST_BYTES);
  const exponent = bitLength(least) - 1;
  // Not by bit operators: in JavaScript they know 32 bits.
  const step = 2 ** (exponent - bitLength(exponent));
  return Math.ceil(least / step) * step;
}

/**
 * @param {number} whole
 * @returns {number} how many bits it takes to write
 */
function bitLength(whole) {
  return whole.toString(2).length;
}

/**
 * @param {number} size of the file, in bytes
 * @returns {number} of how many chunks it is
 */
export function chunkCount(size) {
  return Math.ceil(paddedSize(size) / CHUNK_BYTES);
}

/**
 * @param {number} size of the file, in bytes
 * @returns {number[]} the numbers of its chunks
 */
export function chunkNumbers(size) {
  return Array.from({ length: chunkCount(size) }, (_none, at) => at + 1);
}

/**
 * Read what the `index`-th chunk of a file boxes: its bytes, and beyond its end zeros. No more of it is in memory.
 *
 * @param {Blob} file
 * @param {number} index counted from 1
 * @returns {Promise<Bytes>}
 */
export async function plainChunk(file, index) {
  const begins = (index - 1) * CHUNK_BYTES;
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, paddedSize(file.size) - begins));
  chunk.set(new Uint8Array(await file.slice(begins, begins + chunk.length).arrayBuffer()));
  return chunk;
}

/**
 * @param {Bytes} plain what `plainChunk` read
 * @param {SealedFile} sealed
 * @param {number} index counted from 1
 * @param {number} size of the whole file, in bytes
 * @returns {Promise<Bytes>} 29 bytes more
 */
export async function sealChunk(plain, sealed, index, size) {
  return box(plain, sealed.key, placeOf(sealed, index, size));
}

/**
 * Open one chunk of a file, and take the zeros off that only fill it.
 *
 * @param {Bytes} chunk
 * @param {SealedFile} sealed
 * @param {number} index counted from 1
 * @param {number} size of the whole file, in bytes
 * @returns {Promise<Bytes>}
 * @throws {Unreadable} also on a chunk that is right in itself but of a file of another size
 */
export async function openChunk(chunk, sealed, index, size) {
  const plain = await unbox(chunk, sealed.key, placeOf(sealed, index, size));
  const begins = (index - 1) * CHUNK_BYTES;
  const end = Math.max(0, Math.min(size - begins, CHUNK_BYTES));
  const filled = Math.min(CHUNK_BYTES, paddedSize(size) - begins);
  if (plain.length !== filled || plain.subarray(end).some((byte) => byte !== 0)) throw new Unreadable();
  return plain.slice(0, end);
}

/**
 * @param {SealedFile} sealed
 * @param {number} index
 * @param {number} size
 * @returns {Bytes}
 */
function placeOf({ complaint, file }, index, size) {
  const recipient = index === chunkCount(size) ? "last" : "more";
  return context("file-chunk", { complaint, object: file, epoch: index, recipient });
}
