/** A case's whole history, checked by somebody who holds K: nothing in it altered, left out in between, or forged. */

import { Malformed, signedBy } from "../vault/bodies.js";
import { equal, fromHex } from "../vault/bytes.js";
import { readEvent, REPORTER, SYSTEM } from "./body.js";
import { entryOf } from "./entries.js";

/** @import { Directory } from "../directory/directory.js" */
/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Event, ObjectRef } from "./body.js" */

const LODGE = "lodge";
const NEEDS_INFO = "NEEDS_INFO";
const KEY_KINDS = ["thread-key", "case-key"];
/** A reporter brings one kind of key, once: the thread's first, by lodging. */
const FIRST_KEY = /^1\./;
const KEY = /^[0-9a-f]{64}$/;

/**
 * An event's body with its ledger entry, as the server tells them.
 *
 * @typedef {{ body: string, entry: Bytes }} Logged
 */

/**
 * What the reader knows from elsewhere: the case, K as it stands in the sealed account, and the tree of desks with every
 * key an officer ever rightly held.
 *
 * @typedef {object} Known
 * @property {string} complaint
 * @property {Bytes} ledgerKey
 * @property {Directory} directory
 */

/**
 * What is wrong with an event. form: it is no event's body; case: it is another case's; order: it is not the one that
 * follows; previous: it follows another entry; state: the case was in another state; entry: its entry is not the one K
 * makes; signature: nobody who may act so has signed it.
 *
 * @typedef {"form" | "case" | "order" | "previous" | "state" | "entry" | "signature"} Fault
 */

/** The history is not what happened: at event `seq` there is this `fault`. */
export class Broken extends Error {
  name = "Broken";

  /**
   * @param {number} seq
   * @param {Fault} fault
   */
  constructor(seq, fault) {
    super(`${fault} ${seq}`);
    this.seq = seq;
    this.fault = fault;
  }
}

/**
 * Check all events of a case and return them.
 *
 * What was cut off at the end does not show here: whoever has seen a later head compares it with the last entry.
 *
 * @param {Logged[]} logged from the first
 * @param {Known} known
 * @returns {Promise<Event[]>}
 * @throws {Broken} at the first event that does not hold
 */
export async function readHistory(logged, known) {
  const events = logged.map(({ body }, at) => readAt(body, at));
  for (const [at, event] of events.entries()) {
    const before = events.slice(0, at);
    const fault = misplaced(event, at, logged, events, known) ?? (await unproved(event, logged[at], before, known));
    if (fault) throw new Broken(at + 1, fault);
  }
  return events;
}

/**
 * Find the event that brought a ciphertext: it tells, signed, who wrote it and when.
 *
 * @param {Event[]} events
 * @param {ObjectRef} ref
 * @returns {Event | undefined} nothing when no event did
 */
export function eventThatCarries(events, { kind, id, digest }) {
  return events.find(({ objects }) =>
    objects.some((ref) => ref.kind === kind && ref.id === id && ref.digest === digest),
  );
}

/**
 * @param {string} body
 * @param {number} at
 * @returns {Event}
 */
function readAt(body, at) {
  try {
    return readEvent(body);
  } catch (error) {
    if (error instanceof Malformed) throw new Broken(at + 1, "form");
    throw error;
  }
}

/**
 * @param {Event} event
 * @param {number} at
 * @param {Logged[]} logged
 * @param {Event[]} events
 * @param {Known} known
 * @returns {Fault | null} why the event does not belong where it stands
 */
function misplaced(event, at, logged, events, known) {
  if (event.case !== known.complaint) return "case";
  if (event.seq !== BigInt(at + 1)) return "order";
  if (at === 0) return event.action === LODGE ? null : "state";
  // An event that is not the first has one before it (`readEvent`).
  if (!equal(/** @type {Bytes} */ (event.previous), logged[at - 1].entry)) return "previous";
  return event.fromState === events[at - 1].toState ? null : "state";
}

/**
 * @param {Event} event
 * @param {Logged} logged
 * @param {Event[]} before
 * @param {Known} known
 * @returns {Promise<Fault | null>} what is wrong with its entry or its signature
 */
async function unproved(event, { body, entry }, before, known) {
  if (!equal(entry, await entryOf(known.ledgerKey, event.seq, body))) return "entry";
  if (event.actor === SYSTEM) return needsNoSignature(event, before) ? null : "signature";
  if (event.actor === REPORTER && !event.objects.every((ref) => mayBring(event, ref))) return "signature";
  const [first] = [...before, event];
  const keys = event.actor === REPORTER ? reporterKeys(first) : await officersKeys(event, first, known.directory);
  const signed = await Promise.all(keys.map((key) => signedBy(body, key)));
  return signed.includes(true) ? null : "signature";
}

/**
 * Tell whether this may happen without anybody's signature: an answer's time runs out and the case goes back to where
 * the question came from, a delay is passed upward, what is closed is erased. Nothing else: whoever keeps the log could
 * write it, so it brings no text and no key, and sets nothing.
 *
 * @param {Event} event
 * @param {Event[]} before
 * @returns {boolean}
 */
function needsNoSignature({ action, fromState, toState, clear, objects }, before) {
  if (objects.length > 0 || Object.keys(clear).length > 0) return false;
  if (action === "resume") return fromState === NEEDS_INFO && toState === cameFrom(before);
  if (action === "escalate") return fromState === toState;
  return action === "purge" && fromState === "CLOSED" && toState === "PURGED";
}

/**
 * @param {Event[]} before
 * @returns {string | undefined} the state in which the reporter was asked
 */
function cameFrom(before) {
  const asked = before.filter(({ fromState, toState }) => toState === NEEDS_INFO && fromState !== NEEDS_INFO);
  return asked.at(-1)?.fromState;
}

/**
 * @param {Event} event the reporter's
 * @param {ObjectRef} ref
 * @returns {boolean}
 */
function mayBring({ action }, { kind, id }) {
  return !KEY_KINDS.includes(kind) || (action === LODGE && kind === "thread-key" && FIRST_KEY.test(id));
}

/**
 * Return the keys an officer may have signed with: those he held where the case lies, or at the desk above it, unless the
 * reporter shut that out. Officers of other desks have no say, and the office complained about is one of them; nor has
 * the officer who wrote the complaint down for whoever brought it.
 *
 * @param {Event} event
 * @param {Event} lodging
 * @param {Directory} directory
 * @returns {Promise<Bytes[]>}
 */
export async function officersKeys({ actor }, { clear }, directory) {
  if (actor === `officer:${clear.channel}`) return [];
  const excluded = String(clear.excluded).split("+");
  const desks = await directory.desksOver(String(clear.desk));
  return directory.signingKeys(actor.split(":")[1], desks.filter((desk) => !excluded.includes(desk)));
}

/**
 * @param {Event} first
 * @returns {Bytes[]} the key the reporter named when he lodged, and signed that with
 */
function reporterKeys({ clear }) {
  return KEY.test(clear.sign ?? "") ? [fromHex(clear.sign)] : [];
}
