/** Boxes: AES-256-GCM under a key both sides already hold (formats §2). */

import { concat, random } from "./bytes.js";
import { KEY_BYTES } from "./derive.js";
import { Unreadable } from "./errors.js";

/** @import { Bytes } from "./bytes.js" */

const VERSION = 2;
const NONCE_BYTES = 12;
const BEGINNING = 1 + NONCE_BYTES;

/**
 * Box `plaintext` under a 32-byte `key`: version ‖ nonce (12) ‖ ciphertext ‖ tag (16), 29 bytes longer.
 *
 * @param {Bytes} plaintext
 * @param {Bytes} key
 * @param {Bytes} context
 * @returns {Promise<Bytes>}
 * @throws {Unreadable} under a key of another length
 */
export async function box(plaintext, key, context) {
  const nonce = random(NONCE_BYTES);
  const cipher = await cipherOf(key);
  const sealed = await crypto.subtle.encrypt(manner(nonce, context), cipher, plaintext);
  return concat(Uint8Array.of(VERSION), nonce, new Uint8Array(sealed));
}

/**
 * Open a box.
 *
 * @param {Bytes} boxed
 * @param {Bytes} key
 * @param {Bytes} context
 * @returns {Promise<Bytes>}
 * @throws {Unreadable} whatever is wrong with it, its key or its place
 */
export async function unbox(boxed, key, context) {
  if (boxed[0] !== VERSION) throw new Unreadable();
  const cipher = await cipherOf(key);
  const how = manner(boxed.slice(1, BEGINNING), context);
  try {
    return new Uint8Array(await crypto.subtle.decrypt(how, cipher, boxed.slice(BEGINNING)));
  } catch {
    throw new Unreadable();
  }
}

/**
 * @param {Bytes} key
 * @returns {Promise<CryptoKey>}
 */
async function cipherOf(key) {
  // A key of 16 bytes would be taken too, and be AES-128.
  if (key.length !== KEY_BYTES) throw new Unreadable();
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/**
 * @param {Bytes} iv
 * @param {Bytes} additionalData
 * @returns {AesGcmParams}
 */
function manner(iv, additionalData) {
  return { name: "AES-GCM", iv, additionalData, tagLength: 128 };
}
