/**
 * Handing an officer with new keys what he held before: the desk's copy of each key is opened here and sealed to him.
 *
 * The server says which keys these are. Whether they are his is decided here, case by case, by its signed history.
 */

import { writeReseal } from "../ledger/reseal.js";
import { sign } from "../vault/bodies.js";
import { base64, hex } from "../vault/bytes.js";
import { context } from "../vault/context.js";
import { sha256 } from "../vault/derive.js";
import { seal } from "../vault/seal.js";
import { desksOver, NotEntitled, Unsound } from "./composing.js";
import { hasRecused, holdsKeys } from "./holding.js";
import { OpenedCase } from "./opened.js";

/** @import { Recipient } from "../vault/seal.js" */
/** @import { Keyring } from "./keyring.js" */
/** @import { KeyKind, Told } from "./opened.js" */
/** @import { New, Old } from "./resealing.js" */
/** @import { Trust } from "./trust.js" */

const ROLES = ["investigator", "reviewer"];

/** @typedef {{ keyring: Keyring, trust: Trust, today: string }} Lead what a lead's browser has open */
/** @typedef {{ copies: Old[], cases: Told[] }} Taken the desk's copies of keys, and their cases as they stand */

/**
 * Seal keys to an officer, whose key is the one that is vouched for now.
 *
 * @param {string} officer his id
 * @param {Taken} taken
 * @param {Lead} lead
 * @returns {Promise<New[]>}
 * @throws {import("../directory/directory.js").NotVouched | NotEntitled | Unsound} when he is not vouched for, when the
 *   keys are none of his, or when a case's history does not hold
 */
export async function handTo(officer, { copies, cases }, lead) {
  const { keyring, trust } = lead;
  const opened = await Promise.all(cases.map((told) => OpenedCase.from(told, keyring, trust.directory)));
  const byId = new Map(opened.map((each) => [each.told.case, each]));
  return Promise.all(copies.map((copy) => handOne(officer, copy, byId.get(copy.object), lead)));
}

/**
 * @param {string} officer
 * @param {Old} copy
 * @param {OpenedCase | undefined} opened
 * @param {Lead} lead
 * @returns {Promise<New>}
 */
async function handOne(officer, { kind, object, epoch, recipient: before }, opened, { keyring, trust, today }) {
  if (!opened || opened.flaw !== null) throw new Unsound();
  const recipient = await recipientIn(opened, officer, trust);
  const key = opened.keys.get(`${kind}/${epoch}`);
  if (!key || !isHis(opened, officer, /** @type {KeyKind} */ (kind))) throw new NotEntitled();
  const after = `officer:${officer}`;
  const anew = await seal(key, recipient, context(`${kind}-key`, { complaint: object, epoch, recipient: after }));
  const digest = hex(await sha256(anew));
  const said = { object, kind, epoch: BigInt(epoch), before, after, digest, day: today, officer: keyring.officer };
  return { body: await sign(writeReseal(said), keyring.sign), sealed: base64(anew) };
}

/**
 * @param {OpenedCase} opened
 * @param {string} officer
 * @param {Trust} trust
 * @returns {Promise<Recipient>} his vouched key, where he serves over this case
 */
async function recipientIn(opened, officer, { directory, kemOf }) {
  const vouched = directory.officer(officer);
  if (!desksOver(opened, directory).includes(vouched.desk) || !ROLES.includes(vouched.role)) throw new NotEntitled();
  return kemOf(vouched.kemDigest);
}

/**
 * Whoever joins is given every key there has been, so the present one stands for those before. It alone does not do: who
 * recused himself, or was replaced while his desk had no key that counts, has it until the next officer writes.
 *
 * @param {OpenedCase} opened
 * @param {string} officer
 * @param {KeyKind} kind
 * @returns {boolean} whether an event has carried the present key of this kind to him, and he holds it rightly
 */
function isHis(opened, officer, kind) {
  const { events } = opened;
  if (hasRecused(officer, events) || !holdsKeys(officer, events)) return false;
  const present = `${opened.newestEpoch(kind)}.officer:${officer}`;
  return events.some(({ objects }) => objects.some((ref) => ref.kind === `${kind}-key` && ref.id === present));
}
