/** Proofs that a log has an entry (c2sp.org/tlog-proof), checked by whoever knows the log's key and has a policy. */

import { Malformed } from "../vault/bodies.js";
import { equal } from "../vault/bytes.js";
import { readCheckpoint } from "./checkpoints.js";
import { Note, strictBase64, timeOf, Verifier } from "./notes.js";
import { readPolicy } from "./policies.js";
import { leafHash, rootBy } from "./tree.js";

/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Checkpoint } from "./checkpoints.js" */
/** @import { Policy } from "./policies.js" */

const PROOF = /^c2sp\.org\/tlog-proof@v1\n(?:extra [^\n]*\n)?index (0|[1-9][0-9]{0,18})\n((?:[A-Za-z0-9+/]{43}=\n)*)\n([^]+)$/;

/**
 * What of a proof does not hold. key: this is no log's vkey, or the policy is another log's; policy: it is none; form: it
 * is no proof; checkpoint: in it there is no checkpoint, or another log's; signature: one by a key that is known does not
 * hold, or the log's own is missing; witnesses: too few have signed it for the policy; inclusion: it does not lead from
 * the entry to the root.
 *
 * @typedef {"key" | "policy" | "form" | "checkpoint" | "signature" | "witnesses" | "inclusion"} Part
 */

/** It is not proved that the log has the entry: this `part` failed. */
export class Unproved extends Error {
  name = "Unproved";

  /** @param {Part} part */
  constructor(part) {
    super(part);
    this.part = part;
  }
}

/** @typedef {{ index: bigint, hashes: Bytes[], note: string }} Proof the leaf's sibling first, and the note of a checkpoint */

/**
 * A checkpoint that suffices. `seen` says which witness, by its name in the policy, has signed it when (seconds since
 * 1970, UTC).
 *
 * @typedef {Checkpoint & { seen: Map<string, bigint> }} Seen
 */

/**
 * Read a proof. Nothing of it is checked.
 *
 * @param {string} text
 * @returns {Proof}
 * @throws {Unproved} form
 */
export function readProof(text) {
  return or("form", () => {
    const parts = PROOF.exec(text);
    if (parts === null) throw new Malformed();
    return { index: BigInt(parts[1]), hashes: parts[2].split("\n").slice(0, -1).map(strictBase64), note: parts[3] };
  });
}

/** A log as somebody knows it who trusts its key and a policy; where both come from is for him to judge. */
export class Log {
  /** @type {Map<string, Promise<Seen>>} by its note: proofs made together have one checkpoint */
  #opened = new Map();

  /**
   * @param {{ vkey: string, policy: string }} known
   * @throws {Unproved} key, policy
   */
  constructor({ vkey, policy }) {
    this.key = or("key", () => Verifier.read(vkey));
    /** @type {Policy} */
    this.policy = or("policy", () => readPolicy(policy));
    if (this.policy.log.vkey !== vkey) throw new Unproved("key");
  }

  /** @returns {Log} the same, for whom nobody need have seen it */
  withoutWitnesses() {
    return new Log({ vkey: this.key.vkey, policy: `log ${this.key.vkey}\nquorum none\n` });
  }

  /**
   * Check that the log has an entry.
   *
   * @param {string} proof its text
   * @param {Bytes} entry 64 bytes
   * @returns {Promise<Seen & { index: bigint }>} where it stands, and in which tree
   * @throws {Unproved}
   */
  async prove(proof, entry) {
    const { index, hashes, note } = readProof(proof);
    const stated = await this.open(note);
    const root = rootBy(hashes, index, stated.size, leafHash(entry));
    if (root === null || !equal(root, stated.root)) throw new Unproved("inclusion");
    return { ...stated, index };
  }

  /**
   * Read a checkpoint that the log has signed, and enough witnesses.
   *
   * @param {string} note
   * @returns {Promise<Seen>}
   * @throws {Unproved} checkpoint, signature, witnesses
   */
  open(note) {
    const opened = this.#opened.get(note) ?? this.#open(note);
    this.#opened.set(note, opened);
    return opened;
  }

  /**
   * @param {string} text
   * @returns {Promise<Seen>}
   */
  async #open(text) {
    const note = or("checkpoint", () => Note.read(text));
    const stated = or("checkpoint", () => readCheckpoint(note.text));
    if (stated.origin !== this.key.name) throw new Unproved("checkpoint");
    if (!(await note.isSignedBy(this.key))) throw new Unproved("signature");
    const seen = await this.#witnesses(note);
    if (seen.size < this.policy.needed) throw new Unproved("witnesses");
    return { ...stated, seen };
  }

  /**
   * @param {Note} note
   * @returns {Promise<Map<string, bigint>>} who has signed it, and when last
   */
  async #witnesses(note) {
    const seen = new Map();
    for (const { name, verifier } of this.policy.witnesses) {
      const own = note.signaturesOf(verifier);
      if (own.length === 0) continue;
      if (!(await note.isSignedBy(verifier))) throw new Unproved("signature");
      seen.set(name, own.map(timeOf).reduce((one, other) => (one > other ? one : other)));
    }
    return seen;
  }
}

/**
 * @template Result
 * @param {Part} part
 * @param {() => Result} read
 * @returns {Result} what is read; what is malformed is said to be of this part
 */
function or(part, read) {
  try {
    return read();
  } catch (error) {
    throw error instanceof Malformed ? new Unproved(part) : error;
  }
}
