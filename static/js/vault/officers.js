/** An officer's keys, and what his password opens (formats §4). */

import { derive } from "./derive.js";
import { Identity } from "./seal.js";
import { SigningKey } from "./sign.js";

/** @import { Bytes } from "./bytes.js" */

export const PASSWORD_WORDS = 6;

/**
 * Return both keys of an officer's 32-byte seed.
 *
 * @param {Bytes} seed
 * @returns {Promise<{ identity: Identity, sign: SigningKey }>}
 */
export async function officerKeys(seed) {
  return {
    identity: await Identity.fromSeed(await derive(seed, "kentongan/v1/officer/kem")),
    sign: await SigningKey.fromSeed(await derive(seed, "kentongan/v1/officer/sign")),
  };
}

/**
 * @param {Bytes} passwordKey the stretched password
 * @returns {Promise<Bytes>} the 32-byte key under which the officer's seed is boxed; the server never has it
 */
export function unlockKey(passwordKey) {
  return derive(passwordKey, "kentongan/v1/password/unlock");
}

/**
 * @param {Bytes} passwordKey the stretched password
 * @returns {Promise<Bytes>} the 32 bytes that log the officer in; the server keeps their SHA-256
 */
export function authToken(passwordKey) {
  return derive(passwordKey, "kentongan/v1/password/auth");
}
