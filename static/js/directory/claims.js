/** Claims: statements with the bodies that carry them, before anybody has judged them. */

import { Malformed, signedBy } from "../vault/bodies.js";
import { fromHex } from "../vault/bytes.js";
import { ACTIVE, LEAD, parse, ROOT } from "./statements.js";

/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Statement } from "./statements.js" */

/** What a body says; anybody may say anything. */
export class Claim {
  /**
   * @param {Statement} statement
   * @param {string} body
   */
  constructor(statement, body) {
    this.statement = statement;
    this.body = body;
  }

  /** The subject, named `<kind>/<subject>`. */
  get name() {
    return `${this.statement.kind}/${this.statement.subject}`;
  }

  /** The desk an officer or an epoch belongs to; other subjects belong to none. */
  get desk() {
    return this.statement.kind === "epoch" ? this.statement.subject : this.statement.desk;
  }

  /** The id of the officer who issued this; the root's is empty. */
  get issuerId() {
    return this.statement.issuer.split(":")[1] ?? "";
  }

  /**
   * @param {string | null} parent of its desk
   * @returns {string | null} the desk whose leads may issue this; `null` leaves it to the root
   */
  issuingDesk(parent) {
    return this.statement.remit === LEAD ? parent : this.desk;
  }

  /**
   * @param {Bytes} publicKey
   * @returns {Promise<boolean>} whether its holder signed the body
   */
  signedBy(publicKey) {
    return signedBy(this.body, publicKey);
  }
}

/**
 * Sort bodies by what they speak of; those that are no statements are passed over, twins counted once.
 *
 * @param {Iterable<string>} bodies
 * @returns {Map<string, Claim[]>} by `<kind>/<subject>`
 */
export function claimsBySubject(bodies) {
  /** @type {Map<string, Claim[]>} */
  const claims = new Map();
  for (const body of new Set(bodies)) {
    const claim = claimOf(body);
    if (claim) claims.set(claim.name, [...(claims.get(claim.name) ?? []), claim]);
  }
  return claims;
}

/**
 * @param {Statement} issuer
 * @param {string | null} desk
 * @returns {boolean} whether an officer with this statement may issue what only a lead of `desk` may
 */
export function mayIssueAt(issuer, desk) {
  return issuer.remit === LEAD && issuer.desk === desk;
}

/**
 * What once was so, by statements that were rightly issued then.
 *
 * @typedef {object} Past
 * @property {Map<string, Statement[]>} officers every statement by which each held keys
 * @property {Map<string, (string | null)[]>} parents the desks that each desk ever stood right below
 */

/**
 * Find every key an officer held by a statement whose issuer might issue it when he held *his*.
 *
 * It grows from what the root signed, statement by statement, until nothing is added; so circles add nothing.
 *
 * @param {Bytes} rootPublic
 * @param {Map<string, Claim[]>} claims
 * @returns {Promise<Past>}
 */
export async function pastOf(rootPublic, claims) {
  const all = [...claims.values()].flat();
  const parents = await parentsEver(rootPublic, all);
  let waiting = all.filter(({ statement }) => statement.kind === "officer" && statement.status === ACTIVE);
  /** @type {Map<string, Statement[]>} */
  const held = new Map();
  for (let added = waiting; added.length > 0; ) {
    added = await where(waiting, (claim) => wasIssued(claim, rootPublic, held, parents));
    waiting = waiting.filter((claim) => !added.includes(claim));
    for (const { statement } of added) held.set(statement.subject, [...(held.get(statement.subject) ?? []), statement]);
  }
  return { officers: held, parents };
}

/**
 * An Ed25519 key that the root once named; `last` is the day on which it named what followed, if it did.
 *
 * @typedef {{ public: Bytes, last: string | null }} HeldKey
 */

/**
 * @param {Bytes} rootPublic
 * @param {Claim[]} claims on one subject
 * @returns {Promise<HeldKey[]>} every key that the root named in them, the oldest first
 */
export async function keysNamedBy(rootPublic, claims) {
  const rightly = await where(claims, async (claim) => claim.statement.issuer === ROOT && claim.signedBy(rootPublic));
  const said = rightly.map(({ statement }) => statement).sort((one, other) => (one.version < other.version ? -1 : 1));
  const held = said.map(({ status, sign }, at) => ({ status, sign, last: said[at + 1]?.issued ?? null }));
  return held.filter(({ status }) => status === ACTIVE).map(({ sign, last }) => ({ public: fromHex(String(sign)), last }));
}

/**
 * @param {string} body
 * @returns {Claim | null}
 */
function claimOf(body) {
  try {
    return new Claim(parse(body), body);
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

/**
 * @param {Bytes} rootPublic
 * @param {Claim[]} claims
 * @returns {Promise<Map<string, (string | null)[]>>} the parents each desk ever had
 */
async function parentsEver(rootPublic, claims) {
  const desks = claims.filter(({ statement }) => statement.kind === "desk" && statement.issuer === ROOT);
  /** @type {Map<string, (string | null)[]>} */
  const parents = new Map();
  for (const { statement } of await where(desks, (claim) => claim.signedBy(rootPublic))) {
    parents.set(statement.subject, [...(parents.get(statement.subject) ?? []), statement.parent]);
  }
  return parents;
}

/**
 * @param {Claim} claim
 * @param {Bytes} rootPublic
 * @param {Map<string, Statement[]>} held
 * @param {Map<string, (string | null)[]>} parents
 * @returns {Promise<boolean>}
 */
async function wasIssued(claim, rootPublic, held, parents) {
  if (claim.statement.issuer === ROOT) return claim.signedBy(rootPublic);
  const desks = (parents.get(String(claim.desk)) ?? []).map((parent) => claim.issuingDesk(parent));
  const issuers = (held.get(claim.issuerId) ?? []).filter((each) => desks.some((desk) => mayIssueAt(each, desk)));
  const signed = await where(issuers, (issuer) => claim.signedBy(fromHex(String(issuer.sign))));
  return signed.length > 0;
}

/**
 * @template Item
 * @param {Item[]} items
 * @param {(item: Item) => Promise<boolean>} test
 * @returns {Promise<Item[]>} those that pass
 */
async function where(items, test) {
  const passed = await Promise.all(items.map(test));
  return items.filter((_, at) => passed[at]);
}

/**
 * @param {Statement[]} statements
 * @returns {Bytes[]} their signing keys, each once
 */
export function keysIn(statements) {
  return [...new Set(statements.map(({ sign }) => String(sign)))].map(fromHex);
}
