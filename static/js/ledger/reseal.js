/**
 * The signed words with which a lead seals a copy anew (formats §5): for his desk's next key, or for the new key of an
 * officer who held the copy under one that is lost.
 */

import * as bodies from "../vault/bodies.js";

const TYPE = "kentongan/v1/reseal";
const KEYS = /** @type {const} */ ([
  "type", "object", "kind", "epoch", "from", "to", "sealed", "date", "officer", "signature",
]);
const SHAPES = {
  type: /^kentongan\/v1\/reseal$/,
  object: /^(?:[0-9a-f]{32}|[a-z0-9.]{1,32})$/,
  kind: /^(?:thread|case|desk)$/,
  epoch: /^[1-9][0-9]{0,8}$/,
  from: /^desk:[a-z0-9.]+:[1-9][0-9]*$/,
  to: /^(?:desk:[a-z0-9.]+:[1-9][0-9]*|officer:[0-9a-f]{32})$/,
  sealed: /^(?:-|[0-9a-f]{64})$/,
  officer: /^[0-9a-f]{32}$/,
  signature: /^[0-9a-f]{128}$/,
};

/**
 * One key sealed anew. `before` names the desk under the epoch by which it was opened, `after` its newest or an officer; `digest`
 * is the SHA-256 (hex) of the new copy, nothing where the old one did not open; `day` is a date.
 *
 * @typedef {object} Reseal
 * @property {string} object a complaint, or a desk
 * @property {string} kind
 * @property {bigint} epoch
 * @property {string} before
 * @property {string} after
 * @property {string | null} digest
 * @property {string} day
 * @property {string} officer
 */

/**
 * Write the unsigned body (`bodies.sign`).
 *
 * @param {Reseal} reseal
 * @returns {string}
 */
export function writeReseal({ object, kind, epoch, before, after, digest, day, officer }) {
  return bodies.write([
    ["type", TYPE],
    ["object", object],
    ["kind", kind],
    ["epoch", String(epoch)],
    ["from", before],
    ["to", after],
    ["sealed", digest ?? bodies.ABSENT],
    ["date", day],
    ["officer", officer],
  ]);
}

/**
 * Read a body. Whether it is rightly signed is for whoever knows the lead's key to judge (`bodies.signedBy`).
 *
 * @param {string} body
 * @returns {Reseal}
 * @throws {bodies.Malformed}
 */
export function readReseal(body) {
  const lines = bodies.read(body, KEYS);
  bodies.check(lines, SHAPES);
  return {
    object: lines.object,
    kind: lines.kind,
    epoch: bodies.number(lines.epoch),
    before: lines.from,
    after: lines.to,
    digest: lines.sealed === bodies.ABSENT ? null : lines.sealed,
    day: bodies.day(lines.date),
    officer: lines.officer,
  };
}
