/** The keys of the officer who sits here: opened on each page, kept in its memory alone. */

import { officerKeys } from "../vault/officers.js";
import { LOCKED } from "./lock.js";
import { post, Refusal } from "./post.js";
import { keptSeed } from "./seed.js";
import { askToUnlock, unlockDialog } from "./unlock.js";

/** @import { Identity } from "../vault/seal.js" */
/** @import { SigningKey } from "../vault/sign.js" */
/** @import { Unlocked } from "./unlock.js" */

/** @typedef {{ officer: string, identity: Identity, sign: SigningKey }} Keyring whose it is, and both of his keys */

/** @type {Promise<Keyring> | undefined} */
let opened;
addEventListener(LOCKED, () => (opened = undefined));

/**
 * Open this officer's keys; where the login is locked or this tab is new, his password is asked for first.
 *
 * @returns {Promise<Keyring>}
 * @throws {Refusal} when the server cannot be reached
 */
export function openKeyring() {
  opened ??= open().catch((error) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

/** @returns {Promise<Keyring>} */
async function open() {
  const { seed, officer } = (await kept()) ?? (await askToUnlock());
  if (seed === null) throw new Error("this role has no keys");
  return { officer, ...(await officerKeys(seed)) };
}

/** @returns {Promise<Unlocked | null>} nothing when the password is needed */
async function kept() {
  try {
    const { sessionKey, officer } = await post(String(unlockDialog().dataset.key));
    const seed = await keptSeed(sessionKey, officer);
    return seed && { seed, officer };
  } catch (error) {
    if (error instanceof Refusal && error.status === 423) return null;
    if (error instanceof Refusal && error.status === 401) location.assign(String(unlockDialog().dataset.login));
    throw error;
  }
}
