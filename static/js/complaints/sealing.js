/** A complaint sealed in the browser: what is posted to /api/v1/complaints (formats §7), and the keys of its phrase. */

import { Directory, NotVouched, vouchedRecipient } from "../directory/directory.js";
import { NEW, REPORTER, keyRef, objectRef, writeEvent } from "../ledger/body.js";
import { entryOf } from "../ledger/entries.js";
import { route } from "../routing.js";
import * as bodies from "../vault/bodies.js";
import { box } from "../vault/box.js";
import { base64, fromBase64, fromHex, hex, random } from "../vault/bytes.js";
import { context } from "../vault/context.js";
import { KEY_BYTES, sha256 } from "../vault/derive.js";
import { pad } from "../vault/padding.js";
import { seal } from "../vault/seal.js";
import { accountJson } from "./account.js";

/** @import { Label } from "../routing.js" */
/** @import { Bytes } from "../vault/bytes.js" */
/** @import { PhraseKeys } from "../vault/phrase.js" */
/** @import { Recipient } from "../vault/seal.js" */
/** @import { Answers } from "./account.js" */

const ID_BYTES = 16;
const NOBODY = "none";

/**
 * The desks as the chain vouches for them, with the server's day and the table's floors.
 *
 * @typedef {{ directory: Directory, today: string, floors: Record<string, string> }} Tree
 */

/** @typedef {{ name: string, key: Recipient }} Named whom a thread key is sealed to */
/** @typedef {{ name: string, sealed: Bytes, ref: import("../ledger/body.js").ObjectRef }} Copy */
/** @typedef {{ posted: object, entry: string, day: string }} Envelope what is posted, the ledger entry (hex) it must become, and its date */

/**
 * Judge what `GET /api/v1/desks` told, from the root this installation pins.
 *
 * @param {any} told
 * @param {string} root the public key, hex
 * @param {Record<string, string>} floors
 * @param {Record<string, string>} [pins] the versions known already
 * @returns {Promise<Tree>}
 * @throws {NotVouched} where a desk is said to receive complaints that the chain does not vouch for, or none does
 */
export async function treeOf(told, root, floors, pins) {
  const directory = await Directory.judge(fromHex(root), told.statements, pins);
  const vouched = directory.openDesks();
  /** @type {{ id: string, open: boolean }[]} */
  const desks = told.desks;
  // A desk that silently fell out of the chain would send the complaint past it.
  if (vouched.length === 0 || desks.some(({ id, open }) => open && !vouched.includes(id))) throw new NotVouched("unknown");
  return { directory, today: bodies.day(told.today), floors };
}

/**
 * Find the desk that reads this complaint.
 *
 * @param {Answers} answers
 * @param {Tree} tree
 * @returns {{ label: Label, desk: string }}
 * @throws {import("../routing.js").NoDesk}
 */
export function routed(answers, { directory, floors }) {
  const remits = directory.remits();
  const avoided = (answers.avoid ?? "").split("+").filter(Boolean);
  const unwanted = avoided.map((storey) => (storey === "region" ? answers.region : storey));
  const excluded = [...remits.keys()].filter((desk) => unwanted.includes(remits.get(desk) ?? ""));
  const label = { region: answers.region, sector: answers.sector, level: answers.level, excluded: excluded.sort() };
  return { label, desk: route(label, remits, directory.openDesks(), floors) };
}

/**
 * Make sure that a desk's key is the one the chain names.
 *
 * @param {any} told what `GET /api/v1/desks/<desk>/key` answered
 * @param {string} desk
 * @param {Tree} tree
 * @returns {Promise<Named>}
 * @throws {NotVouched}
 */
export async function deskRecipient(told, desk, { directory }) {
  const { epoch, kemDigest } = directory.deskKey(desk);
  return { name: `desk:${desk}:${epoch}`, key: await vouchedRecipient(fromBase64(told.kem), kemDigest) };
}

/**
 * Seal a complaint.
 *
 * @param {Answers} answers
 * @param {PhraseKeys} keys
 * @param {{ label: Label, desk: string, recipient: Named, today: string, channel?: string }} to with the officer, if it
 * is one, who writes down what somebody else tells
 * @returns {Promise<Envelope>}
 * @throws {import("../vault/padding.js").TooLong}
 */
export async function envelopeOf(answers, keys, to) {
  const [complaint, threadKey] = [hex(random(ID_BYTES)), random(KEY_BYTES)];
  const account = accountJson({ ...answers, ledger_key: hex(keys.ledgerKey) });
  const boxed = await box(pad(account), threadKey, context("account", { complaint, object: complaint, epoch: 1 }));
  const recipients = [{ name: "reporter", key: keys.reporter.recipient }, to.recipient];
  const copies = await Promise.all(recipients.map((recipient) => copyFor(recipient, threadKey, complaint)));
  const event = {
    case: complaint, seq: 1n, previous: null, action: "lodge", fromState: NEW, toState: "RECEIVED", day: to.today,
    actor: REPORTER, access: null, clear: clearOf(answers, keys, to),
    objects: [await objectRef("account", complaint, boxed), ...copies.map(({ ref }) => ref)],
  };
  const body = await bodies.sign(writeEvent(event), keys.sign);
  return {
    entry: hex(await entryOf(keys.ledgerKey, 1n, body)),
    day: event.day,
    posted: {
      body,
      lookup: hex(await sha256(keys.lookupToken)),
      kem: base64(keys.reporter.recipient.raw),
      ledger_key: hex(keys.ledgerKey),
      account: base64(boxed),
      keys: copies.map(({ name, sealed }) => ({ recipient: name, sealed: base64(sealed) })),
    },
  };
}

/**
 * @param {Named} recipient
 * @param {Bytes} threadKey
 * @param {string} complaint
 * @returns {Promise<Copy>}
 */
async function copyFor({ name, key }, threadKey, complaint) {
  const sealed = await seal(threadKey, key, context("thread-key", { complaint, epoch: 1, recipient: name }));
  return { name, sealed, ref: await keyRef("thread-key", 1, name, sealed) };
}

/**
 * @param {Answers} answers
 * @param {PhraseKeys} keys
 * @param {{ label: Label, desk: string, channel?: string }} to
 * @returns {Record<string, string>} what stands in the clear
 */
function clearOf(answers, keys, { label, desk, channel }) {
  return {
    ...(channel === undefined ? {} : { channel }),
    desk,
    excluded: label.excluded.join("+") || NOBODY,
    kem: keys.reporter.recipient.digest,
    level: label.level,
    region: label.region,
    sector: label.sector,
    sign: hex(keys.sign.public),
    threatened: answers.threatened === "ya" ? "yes" : "no",
  };
}
