/** Bytes and the ways to write them: hex, base64, UTF-8, big-endian numbers (formats, notation). */

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

const HEX = /^(?:[0-9a-f]{2})*$/;
const CHUNK = 0x8000;
export const LARGEST = 2n ** 64n - 1n;

/**
 * @param {Uint8Array} bytes
 * @returns {string} lower-case hex
 */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {string} text lower-case hex
 * @returns {Bytes}
 * @throws {RangeError} on anything else
 */
export function fromHex(text) {
  if (!HEX.test(text)) throw new RangeError("not hex");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/**
 * @param {Uint8Array} bytes
 * @returns {string} base64 with padding (RFC 4648 §4)
 */
export function base64(bytes) {
  let binary = "";
  // Each argument takes a place on the stack, and 256 KiB of them are too many.
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(binary);
}

/**
 * @param {string} text base64
 * @returns {Bytes}
 * @throws {DOMException} on anything else
 */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/**
 * @param {string} text
 * @returns {Bytes} UTF-8
 */
export function utf8(text) {
  return new TextEncoder().encode(text);
}

/**
 * @param {Uint8Array} bytes UTF-8
 * @returns {string}
 * @throws {TypeError} on bytes that are not UTF-8
 */
export function fromUtf8(bytes) {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/**
 * @param {...Uint8Array} parts
 * @returns {Bytes} the parts, one after the other
 */
export function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/**
 * @param {bigint} value up to 64 bits
 * @returns {Bytes} 8 bytes, big-endian
 */
export function u64be(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

/**
 * Compare what is not secret; the time taken tells where the first difference is.
 *
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 * @returns {boolean}
 */
export function equal(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/**
 * @param {number} size in bytes
 * @returns {Bytes} bytes that nobody can guess
 */
export function random(size) {
  return crypto.getRandomValues(new Uint8Array(size));
}
