/** What a seal or a box is bound to, so that it opens in no other place (formats §2). */

import { LARGEST, utf8 } from "./bytes.js";

/** @import { Bytes } from "./bytes.js" */

const ABSENT = "-";
const PART = /^[A-Za-z0-9._:-]+$/;

/**
 * Return the context of a seal or box, in ASCII.
 *
 * @param {string} kind
 * @param {{ complaint?: string, object?: string, epoch?: number | bigint, recipient?: string }} [place] what the kind has
 * @returns {Bytes}
 * @throws {RangeError} on a part no context can hold
 */
export function context(kind, { complaint = ABSENT, object = ABSENT, epoch, recipient = ABSENT } = {}) {
  const parts = [kind, complaint, object, epoch === undefined ? ABSENT : numbered(epoch), recipient];
  if (!parts.every((part) => PART.test(part))) {
    throw new RangeError("a part of a context is of letters, digits and . _ : -");
  }
  return utf8(["kentongan/v1", ...parts].join("/"));
}

/**
 * @param {number | bigint} epoch
 * @returns {string}
 */
function numbered(epoch) {
  const number = BigInt(epoch);
  if (number < 1n || number > LARGEST) throw new RangeError("epochs are numbered from 1, in 64 bits");
  return String(number);
}
