/**
 * Who brought a thread's key: the reporter himself when he lodged, or later an officer who has a say in the case. Whoever
 * has seen the reporter's public key could seal him a key of his own, and would then read what he answers.
 */

import { REPORTER, eventIn, keyRef } from "../ledger/body.js";
import { signedBy } from "../vault/bodies.js";
import { fromBase64 } from "../vault/bytes.js";
import { Unreadable } from "../vault/errors.js";

/** @import { Event } from "../ledger/body.js" */
/** @import { Bytes } from "../vault/bytes.js" */

const FIRST = 1;

/** @typedef {{ sealed: string, body: string }} Copy a key sealed to the reporter (base64), and the event that brought it */

/**
 * What the copies are held against: the case, and the statements that vouch for officers, as the server tells them; the
 * root's key and the reporter's own, which are known without it.
 *
 * @typedef {{ complaint: string, statements: string[], root: Bytes, own: Bytes }} Known
 */

/**
 * Return the reporter's copy of the key of `epoch`, still sealed, once it is clear who brought it.
 *
 * @param {number} epoch
 * @param {Map<number, Copy>} copies by epoch
 * @param {Known} known
 * @returns {Promise<Bytes>}
 * @throws {Unreadable} where there is none, or it was brought by nobody who may
 */
export async function broughtKey(epoch, copies, known) {
  const [first, copy] = [copies.get(FIRST), copies.get(epoch)];
  if (!first || !copy) throw new Unreadable();
  const lodging = await lodgingIn(first.body, known);
  const event = epoch === FIRST ? lodging : await officersEventIn(copy.body, lodging, known);
  const sealed = fromBase64(copy.sealed);
  const { kind, id, digest } = await keyRef("thread-key", epoch, REPORTER, sealed);
  if (!event.objects.some((ref) => ref.kind === kind && ref.id === id && ref.digest === digest)) throw new Unreadable();
  return sealed;
}

/**
 * @param {string} body
 * @param {Known} known
 * @returns {Promise<Event>} the event with which the reporter lodged this very complaint
 */
async function lodgingIn(body, { complaint, own }) {
  const event = eventOf(body, complaint);
  // Whatever else he signed here does not say which desk reads his complaint.
  if (event.action !== "lodge" || !(await signedBy(body, own))) throw new Unreadable();
  return event;
}

/**
 * @param {string} body
 * @param {Event} lodging
 * @param {Known} known
 * @returns {Promise<Event>} an event on the case of an officer's who has a say in it
 */
async function officersEventIn(body, lodging, { complaint, statements, root }) {
  const event = eventOf(body, complaint);
  // Most threads never get here: these come only with a later key.
  const { Directory } = await import("../directory/directory.js");
  const { officersKeys } = await import("../ledger/history.js");
  const keys = await officersKeys(event, lodging, await Directory.judge(root, statements));
  const signed = await Promise.all(keys.map((key) => signedBy(body, key)));
  if (!signed.includes(true)) throw new Unreadable();
  return event;
}

/**
 * @param {string} body
 * @param {string} complaint
 * @returns {Event}
 */
function eventOf(body, complaint) {
  const event = eventIn(body);
  if (event?.case !== complaint) throw new Unreadable();
  return event;
}
