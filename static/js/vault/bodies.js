/** Signed bodies: ASCII lines in a fixed order, kept and checked verbatim, never serialised again (formats §5). */

import { fromHex, hex, LARGEST, utf8 } from "./bytes.js";
import { verify } from "./sign.js";

/** @import { Bytes } from "./bytes.js" */
/** @import { SigningKey } from "./sign.js" */

export const ABSENT = "-";
const LINE = /^([a-z]+) ([!-~]+)$/;
const NUMBER = /^[1-9][0-9]{0,19}$/;
const DATE = /^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const SIGNED = /^([ -~\n]*\n)signature ([0-9a-f]{128})\n$/;

/** A body is not in exactly the form it must have. */
export class Malformed extends Error {
  name = "Malformed";
}

/**
 * Write a body's lines.
 *
 * @param {[string, string][]} lines
 * @returns {string}
 * @throws {Malformed} on a value that is empty or holds anything but visible ASCII
 */
export function write(lines) {
  const written = lines.map(([key, value]) => `${key} ${value}`);
  if (!written.every((line) => LINE.test(line))) throw new Malformed();
  return written.map((line) => `${line}\n`).join("");
}

/**
 * Read a body that has exactly the lines `keys` name, in that order.
 *
 * @template {string} Key
 * @param {string} body
 * @param {readonly Key[]} keys
 * @returns {Record<Key, string>}
 * @throws {Malformed} on any other
 */
export function read(body, keys) {
  const lines = body.split("\n");
  if (lines.pop() !== "" || lines.length !== keys.length) throw new Malformed();
  const found = lines.map((line) => LINE.exec(line));
  if (!found.every((match, at) => match?.[1] === keys[at])) throw new Malformed();
  return /** @type {Record<Key, string>} */ (Object.fromEntries(keys.map((key, at) => [key, found[at]?.[2]])));
}

/**
 * @param {string} value
 * @returns {bigint} what counts from 1, in 64 bits
 * @throws {Malformed}
 */
export function number(value) {
  if (!NUMBER.test(value) || BigInt(value) > LARGEST) throw new Malformed();
  return BigInt(value);
}

/**
 * @param {string} value
 * @returns {string} the same, a day that is in the calendar
 * @throws {Malformed}
 */
export function day(value) {
  const moment = new Date(`${value}T00:00:00Z`);
  // The 30th of February would be read as the 2nd of March.
  if (!DATE.test(value) || isNaN(moment.getTime()) || !moment.toISOString().startsWith(value)) throw new Malformed();
  return value;
}

/**
 * Check lines against the shapes they must have.
 *
 * @param {Record<string, string>} lines
 * @param {Record<string, RegExp>} shapes
 * @throws {Malformed}
 */
export function check(lines, shapes) {
  if (!Object.entries(shapes).every(([key, shape]) => shape.test(lines[key]))) throw new Malformed();
}

/**
 * Add the last line, the signature over all bytes before it.
 *
 * @param {string} unsigned
 * @param {SigningKey} key
 * @returns {Promise<string>}
 */
export async function sign(unsigned, key) {
  return `${unsigned}signature ${hex(await key.sign(utf8(unsigned)))}\n`;
}

/**
 * Tell whether the body's last line is the signature of `publicKey` (32 bytes) over all bytes before it.
 *
 * @param {string} body
 * @param {Bytes} publicKey
 * @returns {Promise<boolean>}
 */
export async function signedBy(body, publicKey) {
  const parts = SIGNED.exec(body);
  return parts !== null && verify(publicKey, fromHex(parts[2]), utf8(parts[1]));
}
