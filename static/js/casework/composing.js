/**
 * From what an officer has written to what is posted: texts boxed, keys sealed, the event signed (docs/formats.md §5).
 *
 * The server says which keys an act needs and for whom. Whom they are really sealed to is decided here, by the signed
 * tree: nobody gets a key who does not serve at the case's desk or the one above it, in the role the act is for.
 */

import { vouchedRecipient } from "../directory/directory.js";
import { keyRef, objectRef, writeEvent } from "../ledger/body.js";
import * as bodies from "../vault/bodies.js";
import { box } from "../vault/box.js";
import { base64, fromBase64, fromHex, hex, random, utf8 } from "../vault/bytes.js";
import { context } from "../vault/context.js";
import { KEY_BYTES, sha256 } from "../vault/derive.js";
import { pad } from "../vault/padding.js";
import { seal } from "../vault/seal.js";
import { hasRecused, holdsKeys } from "./holding.js";
import { keyKindOf } from "./opened.js";

/** @import { ObjectRef } from "../ledger/body.js" */
/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Recipient } from "../vault/seal.js" */
/** @import { Keyring } from "./keyring.js" */
/** @import { KeyCopy, KeyKind, OpenedCase } from "./opened.js" */
/** @import { Trust } from "./trust.js" */

/** @typedef {{ kind: string, id: string, text: string }} Text one that an act carries; its id is drawn by `newId` */

/**
 * What an officer wants to do; `clear` is what stands in the clear, by name, `files` what he has sent as evidence before,
 * all its chunks.
 *
 * @typedef {{ action: string, toState: string, texts: Text[], clear: Record<string, string>, files?: Sealed[] }} Draft
 */

/**
 * What `GET …/keadaan` says an act must carry.
 *
 * @typedef {{ epochs: Record<KeyKind, number>, seals: { kind: KeyKind, epoch: number, recipient: string }[] }} Needs
 */

/** @typedef {{ kind: string, id: string, epoch: number, box: string }} PostedText */
/** @typedef {{ body: string, objects: PostedText[], keys: KeyCopy[], check?: string }} Posted as `POST …/tindakan` takes it */
/** @typedef {{ ref: ObjectRef, posted: PostedText }} Sealed of a file, `box` is its manifest (formats §7) */
/** @typedef {{ ref: ObjectRef, posted: KeyCopy }} SealedKey */

const ID_BYTES = 16;
const NOBODY = "none";
const INVESTIGATOR = "investigator";
const REVIEWER = "reviewer";
/** Acts after which somebody reviews. */
const CONCLUDES = ["propose", "dismiss", "receipt"];
const CONSENT = "consent";
const REFER = "refer";
const RECUSE = "recuse";
const REVIEW = "REVIEW";
/** What a reviewer consents to hand over is named by a hash of this. */
const HANDOVER = "kentongan/v1/handover";
/** No agency has a key yet: the package is handed over in another way. */
const NO_RECIPIENT = "none";
const OBJECTION = "OBJECTION";

/** The server asks for a key to be sealed to somebody who may not have it, or under an epoch that does not follow. */
export class NotEntitled extends Error {
  name = "NotEntitled";
}

/** The history this act would follow does not hold: nothing may be signed on it, whatever the page offers. */
export class Unsound extends Error {
  name = "Unsound";
}

/** @returns {string} a new identifier, 128 random bits in hex */
export function newId() {
  return hex(random(ID_BYTES));
}

/**
 * Box, seal and sign an act on the case as it was opened.
 *
 * @param {OpenedCase} opened
 * @param {Draft} draft
 * @param {Needs} needs
 * @param {Keyring} keyring
 * @param {Trust} trust
 * @returns {Promise<Posted>}
 * @throws {Unsound | NotEntitled | import("../directory/directory.js").NotVouched | import("../vault/padding.js").TooLong}
 */
export async function compose(opened, draft, needs, keyring, trust) {
  if (opened.flaw !== null) throw new Unsound();
  const { told } = opened;
  const keys = keysFor(opened, needs);
  const texts = await Promise.all(draft.texts.map((text) => boxed(told.case, text, needs, keys)));
  const carried = [...texts, ...(draft.files ?? [])];
  const copies = await Promise.all(needs.seals.map((needed) => sealed(opened, draft, needed, keys, trust)));
  const event = {
    case: told.case, seq: BigInt(told.version) + 1n, previous: fromHex(told.head), action: draft.action,
    fromState: told.state, toState: draft.toState, day: bodies.day(told.today), actor: `officer:${keyring.officer}`,
    access: fromHex(told.access), clear: await clearOf(opened, draft), objects: [...carried, ...copies].map(({ ref }) => ref),
  };
  const body = await bodies.sign(writeEvent(event), keyring.sign);
  return { body, objects: carried.map(({ posted }) => posted), keys: copies.map(({ posted }) => posted) };
}

/**
 * Return what stands in the clear: consent names what its reviewer has read, a referral what he has consented to, by the
 * signed history and not by the page.
 *
 * @param {OpenedCase} opened
 * @param {Draft} draft
 * @returns {Promise<Record<string, string>>}
 */
async function clearOf({ told, events }, { action, clear }) {
  if (action === CONSENT) return { ...clear, package: await packageOf(told) };
  if (action !== REFER) return clear;
  const consent = events.filter((event) => event.action === CONSENT).at(-1)?.clear ?? {};
  return { ...clear, agency: consent.agency, package: consent.package, recipient: NO_RECIPIENT };
}

/**
 * @param {OpenedCase["told"]} told
 * @returns {Promise<string>} the SHA-256 (hex) of what is handed over: the case up to the newest event (formats §5)
 */
async function packageOf({ case: complaint, version, head }) {
  const lines = bodies.write([["type", HANDOVER], ["case", complaint], ["seq", String(version)], ["entry", head]]);
  return hex(await sha256(utf8(lines)));
}

/**
 * Take the newest key of each kind, or make the next one where the act must carry copies of it.
 *
 * @param {OpenedCase} opened
 * @param {Needs} needs
 * @returns {Map<string, Bytes>} by `<kind>/<epoch>`
 */
function keysFor(opened, { epochs, seals }) {
  const keys = new Map(opened.keys);
  for (const [kind, epoch] of /** @type {[KeyKind, number][]} */ (Object.entries(epochs))) {
    const newest = opened.newestEpoch(kind);
    const begins = epoch === newest + 1 && seals.some((needed) => needed.kind === kind);
    // Under an older key whoever lost his assignment would read on.
    if (epoch !== Math.max(newest, 1) && !begins) throw new NotEntitled();
    if (begins) keys.set(`${kind}/${epoch}`, random(KEY_BYTES));
  }
  return keys;
}

/**
 * @param {string} complaint
 * @param {Text} text
 * @param {Needs} needs
 * @param {Map<string, Bytes>} keys
 * @returns {Promise<Sealed>}
 */
async function boxed(complaint, { kind, id, text }, { epochs }, keys) {
  const epoch = epochs[keyKindOf(kind)];
  const key = keyAt(keys, keyKindOf(kind), epoch);
  const content = await box(pad(utf8(text)), key, context(kind, { complaint, object: id, epoch }));
  return { ref: await objectRef(kind, id, content), posted: { kind, id, epoch, box: base64(content) } };
}

/**
 * @param {OpenedCase} opened
 * @param {Draft} draft
 * @param {Needs["seals"][number]} needed
 * @param {Map<string, Bytes>} keys
 * @param {Trust} trust
 * @returns {Promise<SealedKey>}
 */
async function sealed(opened, draft, { kind, epoch, recipient: name }, keys, trust) {
  const key = keyAt(keys, kind, epoch);
  const recipient = await recipientOf(opened, draft, { kind, name }, trust);
  const place = context(`${kind}-key`, { complaint: opened.told.case, epoch, recipient: name });
  const content = await seal(key, recipient, place);
  const ref = await keyRef(`${kind}-key`, epoch, name, content);
  return { ref, posted: { kind, epoch, recipient: name, sealed: base64(content) } };
}

/**
 * @param {Map<string, Bytes>} keys
 * @param {KeyKind} kind
 * @param {number} epoch
 * @returns {Bytes}
 */
function keyAt(keys, kind, epoch) {
  const key = keys.get(`${kind}/${epoch}`);
  if (!key) throw new NotEntitled();
  return key;
}

/**
 * Find the vouched key of whom a copy is for, once it is clear that he may have it.
 *
 * @param {OpenedCase} opened
 * @param {Draft} draft
 * @param {{ kind: KeyKind, name: string }} copy whose name is `reporter`, `desk:<desk>:<epoch>` or `officer:<id>`
 * @param {Trust} trust
 * @returns {Promise<Recipient>}
 * @throws {NotEntitled | import("../directory/directory.js").NotVouched}
 */
async function recipientOf(opened, draft, { kind, name }, trust) {
  const { directory, kemOf } = trust;
  const { desk, kem } = opened.lodging.clear;
  // The case's key is the officers' own.
  if (name === "reporter" && kind === "thread") return vouchedRecipient(fromBase64(opened.told.reporterKem), kem);
  if (name.startsWith("desk:")) return deskRecipient(desk, name, trust);
  const officer = directory.officer(officerIn(name));
  const desks = desksOver(opened, directory);
  if (!desks.includes(officer.desk) || !rolesFor(draft, officer.id, opened).includes(officer.role)) throw new NotEntitled();
  return kemOf(officer.kemDigest);
}

/**
 * @param {string} desk
 * @param {string} name
 * @param {Trust} trust
 * @returns {Promise<Recipient>} the desk's present key, if that is the one named
 */
async function deskRecipient(desk, name, { directory, kemOf }) {
  const { epoch, kemDigest } = directory.deskKey(desk);
  if (name !== `desk:${desk}:${epoch}`) throw new NotEntitled();
  return kemOf(kemDigest);
}

/**
 * @param {string} name
 * @returns {string}
 */
function officerIn(name) {
  const [kind, id] = name.split(":");
  if (kind !== "officer") throw new NotEntitled();
  return id;
}

/**
 * @param {OpenedCase} opened
 * @param {Trust["directory"]} directory
 * @returns {string[]} the desks whose officers may touch the case: its own, and the one above unless it is excluded
 */
export function desksOver({ lodging }, directory) {
  const { desk, excluded } = lodging.clear;
  const parent = directory.desks().get(desk)?.parent ?? NOBODY;
  return parent === NOBODY || excluded.split("+").includes(parent) ? [desk] : [desk, parent];
}

/**
 * @param {Draft} draft
 * @param {string} officer
 * @param {OpenedCase} opened
 * @returns {string[]} the roles in which he may get a key by this act; none where nothing speaks for him
 */
function rolesFor({ action, clear }, officer, { told, events, lodging }) {
  if (hasRecused(officer, events) || lodging.clear.channel === officer) return [];
  if (clear.reader === officer) return [REVIEWER];
  if (clear.assignee === officer) return told.state === OBJECTION ? [INVESTIGATOR, REVIEWER] : [INVESTIGATOR];
  // Who holds a key gets the next one, too; new ones are given to whoever reviews.
  if (holdsKeys(officer, events)) return [INVESTIGATOR, REVIEWER];
  const reviewed = CONCLUDES.includes(action) || (action === RECUSE && told.state === REVIEW);
  return reviewed ? [REVIEWER] : [];
}
