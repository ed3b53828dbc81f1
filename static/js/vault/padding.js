/** Texts of four sizes only, so that a length tells nothing of a story (formats §2). */

import { Unreadable } from "./errors.js";

/** @import { Bytes } from "./bytes.js" */

const LENGTH_BYTES = 4;
const SIZES = [4, 16, 64, 256].map((kibibytes) => kibibytes * 1024);

/** A text does not fit the largest size, with its length: the limit is 262,140 bytes of UTF-8. */
export class TooLong extends Error {
  name = "TooLong";
}

/**
 * Fill `data` up to the smallest size that holds it and its length.
 *
 * @param {Uint8Array} data
 * @returns {Bytes}
 * @throws {TooLong}
 */
export function pad(data) {
  const size = SIZES.find((each) => each >= LENGTH_BYTES + data.length);
  if (size === undefined) throw new TooLong();
  const padded = new Uint8Array(size);
  new DataView(padded.buffer).setUint32(0, data.length);
  padded.set(data, LENGTH_BYTES);
  return padded;
}

/**
 * Give back what `pad` was given.
 *
 * @param {Bytes} padded
 * @returns {Bytes}
 * @throws {Unreadable} on anything `pad` would not have made
 */
export function unpad(padded) {
  if (!SIZES.includes(padded.length)) throw new Unreadable();
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  const end = LENGTH_BYTES + length;
  const size = SIZES.find((each) => each >= end);
  if (size !== padded.length || padded.subarray(end).some((byte) => byte !== 0)) throw new Unreadable();
  return padded.slice(LENGTH_BYTES, end);
}
