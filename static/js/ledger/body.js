/** The canonical body of an event: what is signed, hashed and kept verbatim (formats §5). */

import * as bodies from "../vault/bodies.js";
import { fromHex, hex } from "../vault/bytes.js";
import { sha256 } from "../vault/derive.js";

/** @import { Bytes } from "../vault/bytes.js" */

const TYPE = "kentongan/v1/event";
const KEYS = /** @type {const} */ ([
  "type", "case", "seq", "previous", "action", "from", "to",
  "date", "actor", "access", "clear", "objects", "signature",
]);
export const NEW = "NEW";
export const REPORTER = "reporter";
export const SYSTEM = "system";

const SHAPES = {
  type: /^kentongan\/v1\/event$/,
  case: /^[0-9a-f]{32}$/,
  previous: /^(?:-|[0-9a-f]{128})$/,
  action: /^[a-z_]+$/,
  from: /^[A-Z_]+$/,
  to: /^[A-Z_]+$/,
  actor: /^(?:reporter|officer:[0-9a-f]{32}|system)$/,
  access: /^(?:-|[0-9a-f]{64})$/,
  signature: /^(?:-|[0-9a-f]{128})$/,
};
const SETTING = /^([a-z0-9_.]+)=([A-Za-z0-9._:+/-]+)$/;
const OBJECT = /^([a-z-]+)\/([A-Za-z0-9._:-]+)\/([0-9a-f]{64})$/;

/**
 * One ciphertext an event carries; `digest` is its SHA-256 in hex.
 *
 * @typedef {{ kind: string, id: string, digest: string }} ObjectRef
 */

/**
 * One event of a case, without its signature.
 *
 * `previous` is the 64-byte entry of the event before, `access` the 32-byte hash of the newest access its officer was
 * shown; `null` where there is none. `clear` is what it sets in the clear, by name; `day` is a date.
 *
 * @typedef {object} Event
 * @property {string} case
 * @property {bigint} seq
 * @property {Bytes | null} previous
 * @property {string} action
 * @property {string} fromState
 * @property {string} toState
 * @property {string} day
 * @property {string} actor
 * @property {Bytes | null} access
 * @property {Record<string, string>} clear
 * @property {ObjectRef[]} objects
 */

/**
 * Write the unsigned body, to be signed by whoever acts (`bodies.sign`).
 *
 * @param {Event} event
 * @returns {string}
 */
export function writeEvent(event) {
  return bodies.write([
    ["type", TYPE],
    ["case", event.case],
    ["seq", String(event.seq)],
    ["previous", event.previous ? hex(event.previous) : bodies.ABSENT],
    ["action", event.action],
    ["from", event.fromState],
    ["to", event.toState],
    ["date", event.day],
    ["actor", event.actor],
    ["access", event.access ? hex(event.access) : bodies.ABSENT],
    ["clear", settings(event.clear) || bodies.ABSENT],
    ["objects", event.objects.map(({ kind, id, digest }) => `${kind}/${id}/${digest}`).join(",") || bodies.ABSENT],
  ]);
}

/**
 * Read a body. Whether it is rightly signed is for whoever knows the signer's key to judge (`bodies.signedBy`).
 *
 * @param {string} body
 * @returns {Event}
 * @throws {bodies.Malformed} on anything but exactly what would be written for the event it tells of
 */
export function readEvent(body) {
  const lines = bodies.read(body, KEYS);
  bodies.check(lines, SHAPES);
  const event = {
    case: lines.case,
    seq: bodies.number(lines.seq),
    previous: bytes(lines.previous),
    action: lines.action,
    fromState: lines.from,
    toState: lines.to,
    day: bodies.day(lines.date),
    actor: lines.actor,
    access: bytes(lines.access),
    clear: Object.fromEntries(parts(SETTING, lines.clear)),
    objects: parts(OBJECT, lines.objects).map(([kind, id, digest]) => ({ kind, id, digest })),
  };
  if (!isConsistent(event, lines.signature === bodies.ABSENT, body)) throw new bodies.Malformed();
  return event;
}

/**
 * Read what may be a body.
 *
 * @param {string} body
 * @returns {Event | null} nothing where it is no event's
 */
export function eventIn(body) {
  try {
    return readEvent(body);
  } catch (error) {
    if (error instanceof bodies.Malformed) return null;
    throw error;
  }
}

/**
 * Name a text's box among an event's objects.
 *
 * @param {string} kind
 * @param {string} id
 * @param {Bytes} ciphertext
 * @returns {Promise<ObjectRef>}
 */
export async function objectRef(kind, id, ciphertext) {
  return { kind, id, digest: hex(await sha256(ciphertext)) };
}

/**
 * Name a sealed key among an event's objects.
 *
 * @param {string} kind `thread-key` or `case-key`
 * @param {number | bigint} epoch
 * @param {string} recipient
 * @param {Bytes} sealed
 * @returns {Promise<ObjectRef>}
 */
export function keyRef(kind, epoch, recipient, sealed) {
  return objectRef(kind, `${epoch}.${recipient}`, sealed);
}

/**
 * @param {Record<string, string>} clear
 * @returns {string}
 */
function settings(clear) {
  const names = Object.keys(clear).sort();
  return names.map((name) => `${name}=${clear[name]}`).join(",");
}

/**
 * @param {string} value
 * @returns {Bytes | null}
 */
function bytes(value) {
  return value === bodies.ABSENT ? null : fromHex(value);
}

/**
 * @param {RegExp} shape
 * @param {string} value
 * @returns {string[][]} the groups of each part of the list
 */
function parts(shape, value) {
  if (value === bodies.ABSENT) return [];
  return value.split(",").map((part) => {
    const match = shape.exec(part);
    if (match === null) throw new bodies.Malformed();
    return match.slice(1);
  });
}

/**
 * Tell whether lines that are each well-formed do not contradict one another.
 *
 * @param {Event} event
 * @param {boolean} unsigned
 * @param {string} body
 * @returns {boolean}
 */
function isConsistent(event, unsigned, body) {
  const first = event.seq === 1n;
  const named = new Set(event.objects.map(({ kind, id }) => `${kind}/${id}`));
  return (
    first === (event.previous === null) &&
    first === (event.fromState === NEW) &&
    (event.access !== null) === event.actor.startsWith("officer:") &&
    unsigned === (event.actor === SYSTEM) &&
    named.size === event.objects.length &&
    // A name twice, or names out of order, would be another body of the same event.
    body.startsWith(writeEvent(event))
  );
}
