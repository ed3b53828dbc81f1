/** Handing an officer with new keys what he held before: the desk's copy of each key is opened here and sealed to him. */

import { writeReseal } from "../ledger/reseal.js";
import { sign } from "../vault/bodies.js";
import { base64, fromBase64, hex } from "../vault/bytes.js";
import { context } from "../vault/context.js";
import { sha256 } from "../vault/derive.js";
import { Identity, seal, unseal } from "../vault/seal.js";
import { NotEntitled } from "./composing.js";
import { openDeskKey } from "./desk-keys.js";

/** @import { Copy as DeskCopy } from "./desk-keys.js" */
/** @import { Keyring } from "./keyring.js" */
/** @import { New, Old } from "./resealing.js" */
/** @import { Trust } from "./trust.js" */

const ROLES = ["investigator", "reviewer"];

/** @typedef {{ keyring: Keyring, trust: Trust, deskCopies: DeskCopy[], today: string }} Lead what a lead's browser has open */

/**
 * Seal keys to an officer, whose key is the one that is vouched for now.
 *
 * @param {string} officer his id
 * @param {Old[]} copies each sealed to the lead's desk
 * @param {Lead} lead
 * @returns {Promise<New[]>}
 * @throws {import("../directory/directory.js").NotVouched | NotEntitled} when he is not vouched for, or serves elsewhere
 */
export function handTo(officer, copies, lead) {
  return Promise.all(copies.map((copy) => handOne(officer, copy, lead)));
}

/**
 * @param {string} officer
 * @param {Old} copy
 * @param {Lead} lead
 * @returns {Promise<New>}
 */
async function handOne(officer, { kind, object, epoch, recipient: before, sealed }, { keyring, trust, deskCopies, today }) {
  const [, desk, deskEpoch] = before.split(":");
  const identity = await Identity.fromSeed(await openDeskKey(keyring, deskCopies, desk, Number(deskEpoch)));
  const after = `officer:${officer}`;
  const recipient = await recipientAt(officer, desk, trust);
  /** @param {string} recipient */
  const place = (recipient) => context(`${kind}-key`, { complaint: object, epoch, recipient });
  const key = await unseal(fromBase64(sealed), identity, place(before));
  const anew = await seal(key, recipient, place(after));
  const digest = hex(await sha256(anew));
  const said = { object, kind, epoch: BigInt(epoch), before, after, digest, day: today, officer: keyring.officer };
  return { body: await sign(writeReseal(said), keyring.sign), sealed: base64(anew) };
}

/**
 * Return an officer's vouched key where he may have keys of a desk's cases at all: the server alone says which ones.
 *
 * @param {string} officer his id
 * @param {string} desk
 * @param {Trust} trust
 * @returns {Promise<import("../vault/seal.js").Recipient>}
 */
async function recipientAt(officer, desk, { directory, kemOf }) {
  const vouched = directory.officer(officer);
  const desks = [desk, directory.desks().get(desk)?.parent];
  if (!desks.includes(vouched.desk) || !ROLES.includes(vouched.role)) throw new NotEntitled();
  return kemOf(vouched.kemDigest);
}
