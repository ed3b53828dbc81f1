/** Statements: who serves where with which keys, and which desk stands above which (formats §5). */

import * as bodies from "../vault/bodies.js";

/** @import { SigningKey } from "../vault/sign.js" */

const TYPE = "kentongan/v1/statement";
const KEYS = /** @type {const} */ ([
  "type", "kind", "subject", "version", "status", "desk", "parent",
  "remit", "kem", "sign", "issued", "issuer", "signature",
]);
export const ROOT = "root";
export const LEAD = "lead";
export const EPOCH = "epoch";
export const ACTIVE = "active";

const NONE = /^-$/;
const DESK_ID = /^[a-z0-9]+(?:\.[a-z0-9]+)*$/;
const DESK_ID_OR_NONE = /^(?:-|[a-z0-9]+(?:\.[a-z0-9]+)*)$/;
const OFFICER_ID = /^[0-9a-f]{32}$/;
const ROLE = /^(?:lead|investigator|reviewer)$/;
const HASH = /^[0-9a-f]{64}$/;
/** @type {Map<string, Record<string, RegExp>>} */
const SHAPES = new Map([
  ["desk", { subject: DESK_ID, desk: NONE, parent: DESK_ID_OR_NONE, remit: DESK_ID, kem: NONE, sign: NONE }],
  ["officer", { subject: OFFICER_ID, desk: DESK_ID, parent: NONE, remit: ROLE, kem: HASH, sign: HASH }],
  ["epoch", { subject: DESK_ID, desk: NONE, parent: NONE, remit: NONE, kem: HASH, sign: NONE }],
  ["recovery", { subject: /^recovery$/, desk: NONE, parent: NONE, remit: NONE, kem: HASH, sign: NONE }],
  ["log", { subject: /^log$/, desk: NONE, parent: NONE, remit: NONE, kem: NONE, sign: HASH }],
  ["promise", { subject: /^promise$/, desk: NONE, parent: NONE, remit: NONE, kem: NONE, sign: HASH }],
]);
const EVERY_SHAPE = {
  type: /^kentongan\/v1\/statement$/,
  status: /^(?:active|revoked)$/,
  issuer: /^(?:root|officer:[0-9a-f]{32})$/,
  signature: /^[0-9a-f]{128}$/,
};

/**
 * One statement without its signature. What its kind does not have is `null`.
 *
 * `kem` is the SHA-256 of an X-Wing public key, `sign` an Ed25519 public key, both in hex; `issued` is a date.
 *
 * @typedef {object} Statement
 * @property {string} kind
 * @property {string} subject
 * @property {bigint} version
 * @property {string} status
 * @property {string | null} desk
 * @property {string | null} parent
 * @property {string | null} remit
 * @property {string | null} kem
 * @property {string | null} sign
 * @property {string} issued
 * @property {string} issuer
 */

/**
 * Read a signed body. Whether it is rightly signed is for the directory to judge.
 *
 * @param {string} body
 * @returns {Statement}
 * @throws {bodies.Malformed} on anything that is not exactly a statement's form
 */
export function parse(body) {
  const lines = bodies.read(body, KEYS);
  const shapes = SHAPES.get(lines.kind);
  if (shapes === undefined) throw new bodies.Malformed();
  bodies.check(lines, { ...EVERY_SHAPE, ...shapes });
  return {
    kind: lines.kind,
    subject: lines.subject,
    version: bodies.number(lines.version),
    status: lines.status,
    desk: present(lines.desk),
    parent: present(lines.parent),
    remit: present(lines.remit),
    kem: present(lines.kem),
    sign: present(lines.sign),
    issued: bodies.day(lines.issued),
    issuer: lines.issuer,
  };
}

/**
 * @param {Statement} statement
 * @returns {string} the unsigned body
 */
export function write(statement) {
  return bodies.write([
    ["type", TYPE],
    ["kind", statement.kind],
    ["subject", statement.subject],
    ["version", String(statement.version)],
    ["status", statement.status],
    ["desk", statement.desk ?? bodies.ABSENT],
    ["parent", statement.parent ?? bodies.ABSENT],
    ["remit", statement.remit ?? bodies.ABSENT],
    ["kem", statement.kem ?? bodies.ABSENT],
    ["sign", statement.sign ?? bodies.ABSENT],
    ["issued", statement.issued],
    ["issuer", statement.issuer],
  ]);
}

/**
 * @param {Statement} statement
 * @param {SigningKey} key the issuer's
 * @returns {Promise<string>} the signed body
 */
export function sign(statement, key) {
  return bodies.sign(write(statement), key);
}

/**
 * @param {string} value
 * @returns {string | null}
 */
function present(value) {
  return value === bodies.ABSENT ? null : value;
}
