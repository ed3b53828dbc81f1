/**
 * The directory: which keys and desks are vouched for, judged from signed statements alone (formats §5).
 *
 * Whoever holds the statements may withhold, add and reorder them; he cannot make a key count. A subject is judged by
 * its newest statement only. Where that one is not rightly issued the subject is void: nothing older comes back.
 */

import { fromHex, hex } from "../vault/bytes.js";
import { Recipient } from "../vault/seal.js";
import { claimsBySubject, keysIn, keysNamedBy, mayIssueAt, pastOf } from "./claims.js";
import { ACTIVE, ROOT } from "./statements.js";

/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Claim, HeldKey, Past } from "./claims.js" */
/** @import { Statement } from "./statements.js" */

/**
 * Why something is not vouched for, in the order in which it is looked at.
 *
 * unknown: no statement names it; older: a newer version has been seen before; double: two bodies have the newest
 * version; desk: the desk it belongs to is not vouched for; issuer: who issued it may not, or is not vouched for
 * himself; signature: its issuer did not sign it; revoked: rightly revoked; key: the key at hand is not the one named.
 *
 * @typedef {"unknown" | "older" | "double" | "desk" | "issuer" | "signature" | "revoked" | "key"} Reason
 */

/**
 * A statement waits for its desk or for whoever stated it: when that counts again, so do the keys it names.
 *
 * @type {readonly (Reason | null)[]}
 */
const WAITS = ["desk", "issuer", "signature"];

/**
 * A desk of the tree; its remit is a region's code, `province` or `outside`.
 *
 * @typedef {{ id: string, parent: string | null, remit: string }} VouchedDesk
 */

/**
 * An officer whose keys count: `kemDigest` is the SHA-256 (hex) of his X-Wing key, `sign` his Ed25519 key.
 *
 * @typedef {{ id: string, desk: string, role: string, kemDigest: string, sign: Bytes }} VouchedOfficer
 */

/** No chain of statements leads from the root to this; `reason` says where it breaks. */
export class NotVouched extends Error {
  name = "NotVouched";

  /** @param {Reason} reason */
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** What a set of statements amounts to, for a reader who trusts one root key and nothing else. */
export class Directory {
  /** @type {Map<string, Statement | Reason>} */
  #verdicts = new Map();
  /** @type {Promise<Past> | undefined} */
  #past;
  #root;
  #claims;
  #pins;

  /**
   * Made by `Directory.judge` alone.
   *
   * @param {Bytes} root
   * @param {Map<string, Claim[]>} claims
   * @param {Record<string, string>} pins
   */
  constructor(root, claims, pins) {
    this.#root = root;
    this.#claims = claims;
    this.#pins = pins;
  }

  /**
   * Judge all statements at once; bodies that are none are passed over.
   *
   * @param {Bytes} root the public key (32 bytes) the reader trusts
   * @param {Iterable<string>} bodies
   * @param {Record<string, string>} [pins] the versions he has seen before, by `<kind>/<subject>`
   * @returns {Promise<Directory>}
   */
  static async judge(root, bodies, pins = {}) {
    const directory = new Directory(root, claimsBySubject(bodies), pins);
    // One after the other: a subject that is met again while it is judged vouches for itself.
    for (const name of directory.#claims.keys()) await directory.#judged(name);
    return directory;
  }

  /** @returns {Map<string, VouchedDesk>} the tree of desks, by id */
  desks() {
    const desks = this.#standingOf("desk");
    return new Map(desks.map(({ subject, parent, remit }) => [subject, { id: subject, parent, remit: String(remit) }]));
  }

  /** @returns {Map<string, string>} the remit of every desk of the tree, as the routing table wants them */
  remits() {
    return new Map([...this.desks()].map(([id, { remit }]) => [id, remit]));
  }

  /**
   * @param {string} desk
   * @returns {string[]} the desks right below it
   */
  children(desk) {
    return [...this.desks().values()].filter(({ parent }) => parent === desk).map(({ id }) => id);
  }

  /** @returns {string[]} the desks of the tree that have a vouched key */
  openDesks() {
    return [...this.desks().keys()].filter((desk) => this.#standing(`epoch/${desk}`));
  }

  /**
   * @param {string} id
   * @returns {VouchedOfficer}
   * @throws {NotVouched}
   */
  officer(id) {
    return officerIn(this.#vouched(`officer/${id}`));
  }

  /**
   * @param {string} desk
   * @returns {VouchedOfficer[]} those who serve there
   */
  officers(desk) {
    return this.#standingOf("officer").filter((found) => found.desk === desk).map(officerIn);
  }

  /**
   * @param {string} desk
   * @returns {{ epoch: bigint, kemDigest: string }} its newest epoch and that key's digest (hex)
   * @throws {NotVouched}
   */
  deskKey(desk) {
    const { version, kem } = this.#vouched(`epoch/${desk}`);
    return { epoch: version, kemDigest: String(kem) };
  }

  /**
   * @param {string} desk
   * @returns {string} the body of the statement that names its newest key
   * @throws {NotVouched}
   */
  deskKeyBody(desk) {
    const [name, found] = [`epoch/${desk}`, this.#vouched(`epoch/${desk}`)];
    return /** @type {Claim} */ (this.#claims.get(name)?.find(({ statement }) => statement === found)).body;
  }

  /**
   * The digest (hex) of the recovery key.
   *
   * @returns {string}
   * @throws {NotVouched}
   */
  get recoveryDigest() {
    return String(this.#vouched("recovery/recovery").kem);
  }

  /**
   * The Ed25519 key by which the log signs.
   *
   * @returns {Bytes}
   * @throws {NotVouched}
   */
  get logKey() {
    return fromHex(String(this.#vouched("log/log").sign));
  }

  /**
   * The Ed25519 key by which it is promised now.
   *
   * @returns {Bytes}
   * @throws {NotVouched}
   */
  get promiseKey() {
    return fromHex(String(this.#vouched("promise/promise").sign));
  }

  /** @returns {Promise<HeldKey[]>} every key that ever was for promises, the oldest first, and until when each was */
  promiseKeys() {
    return keysNamedBy(this.#root, this.#claims.get("promise/promise") ?? []);
  }

  /**
   * @param {string} officerId
   * @param {string[]} [desks] where he must have served then; anywhere, if not given
   * @param {string} [role] what he must have been there; anything, if not given
   * @returns {Promise<Bytes[]>} every Ed25519 key he ever rightly held, with which his *old* events may be signed
   */
  async signingKeys(officerId, desks, role) {
    const { officers } = await this.#ever();
    const there = (officers.get(officerId) ?? []).filter(({ desk }) => desks === undefined || desks.includes(String(desk)));
    return keysIn(there.filter(({ remit }) => role === undefined || remit === role));
  }

  /**
   * @param {string} desk
   * @returns {Promise<string[]>} itself, and each desk that the root ever put right above it
   */
  async desksOver(desk) {
    const { parents } = await this.#ever();
    return [desk, ...(parents.get(desk) ?? []).flatMap((parent) => parent ?? [])];
  }

  /** @returns {Promise<Past>} */
  #ever() {
    this.#past ??= pastOf(this.#root, this.#claims);
    return this.#past;
  }

  /**
   * Return the keys of which it can be stated that they count no more: those that stand, and those that wait.
   *
   * @param {string} officerId
   * @returns {VouchedOfficer | null} `null` where nothing can come of any
   */
  revocable(officerId) {
    const reason = this.reason("officer", officerId);
    if (reason !== null && !WAITS.includes(reason)) return null;
    const [{ statement }] = this.#newest(`officer/${officerId}`);
    return statement.status === ACTIVE ? officerIn(statement) : null;
  }

  /**
   * Tell whether it was said of an officer's Ed25519 key that it counts no more, by whomever.
   *
   * That ends what was named before, too: of a forged statement that came last it names the key, not the real one.
   *
   * @param {string} officerId
   * @param {Bytes} signKey
   * @returns {boolean}
   */
  wasRevoked(officerId, signKey) {
    const said = (this.#claims.get(`officer/${officerId}`) ?? []).map(({ statement }) => statement);
    const named = said.filter(({ sign }) => sign === hex(signKey));
    const revoked = said.filter(({ status }) => status !== ACTIVE);
    return named.some(({ version }) => revoked.some((each) => version <= each.version));
  }

  /**
   * @param {string} kind
   * @param {string} subject
   * @returns {Reason | null} why a subject is not vouched for; `null` when it is
   */
  reason(kind, subject) {
    const verdict = this.#verdicts.get(`${kind}/${subject}`) ?? "unknown";
    if (typeof verdict === "string") return verdict;
    return verdict.status === ACTIVE ? null : "revoked";
  }

  /**
   * Return what to remember: the newest rightly issued version of each subject, revocations included.
   *
   * A version that nobody may have issued is not remembered: it would shut out the rightful next one.
   *
   * @returns {Record<string, string>}
   */
  pins() {
    const seen = [...this.#verdicts].flatMap(([name, verdict]) =>
      typeof verdict === "string" ? [] : [[name, String(verdict.version)]],
    );
    return { ...this.#pins, ...Object.fromEntries(seen) };
  }

  /**
   * @param {string} name
   * @returns {Statement}
   */
  #vouched(name) {
    const found = this.#standing(name);
    const [kind, subject] = name.split("/");
    if (!found) throw new NotVouched(this.reason(kind, subject) ?? "unknown");
    return found;
  }

  /**
   * @param {string} name
   * @returns {Statement | null}
   */
  #standing(name) {
    const verdict = this.#verdicts.get(name);
    return typeof verdict === "object" && verdict.status === ACTIVE ? verdict : null;
  }

  /**
   * @param {string} kind
   * @returns {Statement[]} those that stand, in the order of their subjects
   */
  #standingOf(kind) {
    const names = [...this.#verdicts.keys()].sort();
    return names.flatMap((name) => this.#standing(name) ?? []).filter((found) => found.kind === kind);
  }

  /**
   * Judge a subject, unless that is done.
   *
   * @param {string} name
   * @returns {Promise<Statement | null>} its statement if it stands
   */
  async #judged(name) {
    if (!this.#verdicts.has(name)) {
      // Found again on the way up the chain, this is whoever vouches for himself: nobody does.
      this.#verdicts.set(name, "issuer");
      this.#verdicts.set(name, await this.#judgeNewest(name));
    }
    return this.#standing(name);
  }

  /**
   * @param {string} name
   * @returns {Promise<Statement | Reason>}
   */
  async #judgeNewest(name) {
    const newest = this.#newest(name);
    if (newest.length === 0) return "unknown";
    if (newest[0].statement.version < BigInt(this.#pins[name] ?? 0)) return "older";
    return newest.length === 1 ? this.#judgeClaim(newest[0]) : "double";
  }

  /**
   * @param {string} name
   * @returns {Claim[]} what is said in its newest version: more than one body where somebody cheats
   */
  #newest(name) {
    const claims = this.#claims.get(name) ?? [];
    const version = claims.map(({ statement }) => statement.version).reduce((one, other) => (one > other ? one : other), 0n);
    return claims.filter(({ statement }) => statement.version === version);
  }

  /**
   * @param {Claim} claim
   * @returns {Promise<Statement | Reason>}
   */
  async #judgeClaim(claim) {
    if (claim.desk !== null && !(await this.#judged(`desk/${claim.desk}`))) return "desk";
    const key = await this.#issuerKey(claim);
    if (key === null) return "issuer";
    return (await claim.signedBy(key)) ? claim.statement : "signature";
  }

  /**
   * @param {Claim} claim
   * @returns {Promise<Bytes | null>} the key with which it must be signed
   */
  async #issuerKey(claim) {
    if (claim.statement.issuer === ROOT) return this.#root;
    const issuer = await this.#judged(`officer/${claim.issuerId}`);
    const desk = claim.desk === null ? null : await this.#judged(`desk/${claim.desk}`);
    const rightly = issuer && desk && mayIssueAt(issuer, claim.issuingDesk(desk.parent));
    return rightly ? fromHex(String(issuer.sign)) : null;
  }
}

/**
 * Return a key as a recipient. The server sends keys beside statements; this is where a swapped one is caught.
 *
 * @param {Bytes} raw 1,216 bytes
 * @param {string} digest the SHA-256 (hex) a statement names
 * @returns {Promise<Recipient>}
 * @throws {NotVouched} when it is another key
 */
export async function vouchedRecipient(raw, digest) {
  const recipient = await Recipient.fromBytes(raw);
  if (recipient.digest !== digest) throw new NotVouched("key");
  return recipient;
}

/**
 * @param {Statement} found
 * @returns {VouchedOfficer}
 */
function officerIn(found) {
  const { subject, desk, remit, kem, sign } = found;
  return { id: subject, desk: String(desk), role: String(remit), kemDigest: String(kem), sign: fromHex(String(sign)) };
}
