/** From one secret many keys, each for one purpose; and the hashes (formats §1). */

import { utf8 } from "./bytes.js";

/** @import { Bytes } from "./bytes.js" */

export const KEY_BYTES = 32;

/**
 * Derive the 32-byte key that `label` (ASCII) names: HKDF-SHA256 with an empty salt (RFC 5869).
 *
 * @param {Bytes} secret
 * @param {string} label
 * @returns {Promise<Bytes>}
 */
export async function derive(secret, label) {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8(label) };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 8 * KEY_BYTES));
}

/**
 * @param {Bytes} key
 * @param {Bytes} data
 * @returns {Promise<Bytes>} the 32-byte HMAC-SHA256 (RFC 2104)
 */
export async function keyedHash(key, data) {
  const how = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, how, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}

/**
 * @param {Bytes} data
 * @returns {Promise<Bytes>} the SHA-256, 32 bytes
 */
export async function sha256(data) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}
