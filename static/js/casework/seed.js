/** The officer's seed between two pages: in this tab's storage, boxed under a key that the server's login holds. */

import { base64, fromBase64 } from "../vault/bytes.js";
import { box, unbox } from "../vault/box.js";
import { context } from "../vault/context.js";
import { Unreadable } from "../vault/errors.js";

/** @import { Bytes } from "../vault/bytes.js" */

const ITEM = "kentongan.seed";

/**
 * @param {Bytes} seed 32 bytes
 * @param {string} sessionKey base64
 * @param {string} officer his id
 */
export async function keepSeed(seed, sessionKey, officer) {
  sessionStorage.setItem(ITEM, base64(await box(seed, fromBase64(sessionKey), place(officer))));
}

/**
 * @param {string} sessionKey base64
 * @param {string} officer his id
 * @returns {Promise<Bytes | null>} nothing when this tab keeps none, or one of another login
 */
export async function keptSeed(sessionKey, officer) {
  try {
    return await unbox(fromBase64(sessionStorage.getItem(ITEM) ?? ""), fromBase64(sessionKey), place(officer));
  } catch (error) {
    if (error instanceof Unreadable || error instanceof RangeError) return null;
    throw error;
  }
}

/** Forget it. */
export function dropSeed() {
  sessionStorage.removeItem(ITEM);
}

/**
 * @param {string} officer
 * @returns {Bytes}
 */
function place(officer) {
  return context("session-seed", { object: officer, recipient: "session" });
}

/**
 * Open the box that the server hands out after a login or an unlocking, and keep the seed.
 *
 * @param {{ seedBox: string | null, sessionKey: string, officer: string }} handed
 * @param {Bytes} unlockKey of the password
 * @returns {Promise<Bytes | null>} the seed; nothing for roles without keys
 * @throws {Unreadable} when the box is not the one made at activation
 */
export async function openHanded({ seedBox, sessionKey, officer }, unlockKey) {
  if (seedBox === null) return null;
  const seed = await unbox(fromBase64(seedBox), unlockKey, context("officer-seed", { object: officer, recipient: "password" }));
  await keepSeed(seed, sessionKey, officer);
  return seed;
}
