/** Desk keys: made by a desk's first lead, opened by its leads and those of the desk above, sealed to each new lead. */

import { NotVouched } from "../directory/directory.js";
import { LEAD } from "../directory/statements.js";
import { base64, fromBase64, random } from "../vault/bytes.js";
import { context } from "../vault/context.js";
import { Identity, seal, unseal } from "../vault/seal.js";
import { next, stateEpoch } from "./statements.js";

/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Recipient } from "../vault/seal.js" */
/** @import { Keyring } from "./keyring.js" */
/** @import { Newcomer } from "./statements.js" */
/** @import { Trust } from "./trust.js" */

/** @typedef {{ desk: string, epoch: number, recipient: string, sealed: string }} Copy a desk's seed sealed to one recipient (base64) */
/** @typedef {{ body: string, kem: string, copies: Copy[] }} DeskKey as it is posted */

const SEED_BYTES = 32;

/**
 * Make a desk's next key, and seal it to its leads, to the desk above where that has a key, and to the recovery key.
 *
 * @param {Keyring} keyring the lead's
 * @param {Trust} trust
 * @param {string} desk
 * @param {string} today
 * @returns {Promise<DeskKey>}
 */
export async function makeDeskKey(keyring, trust, desk, today) {
  const seed = random(SEED_BYTES);
  const { recipient: key } = await Identity.fromSeed(seed);
  const epoch = next(trust.statements, "epoch", desk);
  const body = await stateEpoch(keyring, epoch, desk, key, today);
  const recipients = await recipientsOf(trust, desk);
  const copies = recipients.map(([name, recipient]) => sealCopy(seed, desk, Number(epoch), name, recipient));
  return { body, kem: base64(key.raw), copies: await Promise.all(copies) };
}

/**
 * Seal a desk's keys to its new lead, the former ones too, as long as they lie here: what was sealed to them may, too.
 *
 * @param {Keyring} keyring a lead's of the desk above
 * @param {Trust} trust
 * @param {Copy[]} copies that this lead can open
 * @param {Newcomer} newcomer
 * @returns {Promise<Copy[]>} none where the desk has no key yet, or the newcomer is no lead
 */
export async function copiesFor(keyring, trust, copies, newcomer) {
  if (newcomer.role !== LEAD) return [];
  const vouched = deskKeyOf(trust, newcomer.desk);
  const epochs = new Set(copies.filter(({ desk }) => desk === newcomer.desk).map(({ epoch }) => epoch));
  if (vouched) epochs.add(Number(vouched.epoch));
  const inOrder = [...epochs].sort((one, other) => one - other);
  return Promise.all(inOrder.map((epoch) => copyFor(keyring, copies, newcomer, epoch, vouched)));
}

/**
 * @param {Keyring} keyring
 * @param {Copy[]} copies
 * @param {Newcomer} newcomer
 * @param {number} epoch
 * @param {{ epoch: bigint, kemDigest: string } | null} vouched the desk's newest key
 * @returns {Promise<Copy>}
 */
async function copyFor(keyring, copies, newcomer, epoch, vouched) {
  const seed = await openDeskKey(keyring, copies, newcomer.desk, epoch);
  const { recipient } = await Identity.fromSeed(seed);
  // Whatever was sealed to this lead: as the newest only the key that is vouched for goes on; nobody seals to a former one.
  if (epoch === Number(vouched?.epoch) && recipient.digest !== vouched?.kemDigest) throw new NotVouched("key");
  return sealCopy(seed, newcomer.desk, epoch, `officer:${newcomer.id}`, newcomer.kem);
}

/**
 * Open a desk's seed, by this officer's own copy, or by the key of the desk above, which he opens first.
 *
 * @param {Keyring} keyring
 * @param {Copy[]} copies
 * @param {string} desk
 * @param {number} epoch
 * @returns {Promise<Bytes>}
 * @throws {NotVouched} when there is no copy for him
 */
export async function openDeskKey(keyring, copies, desk, epoch) {
  const all = copies.filter((copy) => copy.desk === desk && copy.epoch === epoch);
  const own = all.find((copy) => copy.recipient === `officer:${keyring.officer}`);
  if (own) return openCopy(own, keyring.identity);
  const above = all.find((copy) => copy.recipient.startsWith("desk:"));
  if (!above) throw new NotVouched("key");
  const [, parent, parentEpoch] = above.recipient.split(":");
  const seed = await openDeskKey(keyring, copies, parent, Number(parentEpoch));
  return openCopy(above, await Identity.fromSeed(seed));
}

/**
 * @param {Copy} copy
 * @param {Identity} identity
 * @returns {Promise<Bytes>}
 */
function openCopy({ desk, epoch, recipient, sealed }, identity) {
  return unseal(fromBase64(sealed), identity, context("desk-key", { object: desk, epoch, recipient }));
}

/**
 * @param {Bytes} seed
 * @param {string} desk
 * @param {number} epoch
 * @param {string} name
 * @param {Recipient} recipient
 * @returns {Promise<Copy>}
 */
async function sealCopy(seed, desk, epoch, name, recipient) {
  const sealed = await seal(seed, recipient, context("desk-key", { object: desk, epoch, recipient: name }));
  return { desk, epoch, recipient: name, sealed: base64(sealed) };
}

/**
 * @param {Trust} trust
 * @param {string} desk
 * @returns {Promise<[string, Recipient][]>} by the name under which each copy is kept
 */
async function recipientsOf({ directory, kemOf }, desk) {
  const leads = directory.officers(desk).filter(({ role }) => role === LEAD);
  /** @type {[string, string][]} */
  const named = leads.map(({ id, kemDigest }) => [`officer:${id}`, kemDigest]);
  const parent = directory.desks().get(desk)?.parent ?? null;
  const above = parent === null ? null : deskKeyOf({ directory }, parent);
  if (above) named.push([`desk:${parent}:${above.epoch}`, above.kemDigest]);
  named.push(["recovery", directory.recoveryDigest]);
  return Promise.all(
    named.map(async ([name, digest]) => /** @type {[string, Recipient]} */ ([name, await kemOf(digest)])),
  );
}

/**
 * @param {Pick<Trust, "directory">} trust
 * @param {string} desk
 * @returns {{ epoch: bigint, kemDigest: string } | null} nothing where no key is vouched for
 */
function deskKeyOf({ directory }, desk) {
  return directory.reason("epoch", desk) === null ? directory.deskKey(desk) : null;
}
