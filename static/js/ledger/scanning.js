/**
 * The log's entries, all of them: looked through for the tags of one case, and held against what the log has signed
 * (c2sp.org/tlog-tiles; formats §6).
 */

import { equal, utf8 } from "../vault/bytes.js";
import { Tree } from "./tree.js";

/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Checkpoint } from "./checkpoints.js" */

const BUNDLE = 256;
const [LENGTH_BYTES, ENTRY_BYTES, TAG_BYTES] = [2, 64, 32];
const STEP = LENGTH_BYTES + ENTRY_BYTES;
/** The kind of the public entries that state what was lost. */
const REFILLED = "refilled";
/** As many bundles are on their way while one is looked through. */
const AHEAD = 4;

/** The log does not show the entries that it has signed. */
export class Rewritten extends Error {
  name = "Rewritten";
}

/** @typedef {{ index: number, entry: Bytes }} Found */

/**
 * The entries with wanted tags, by what these are called; and the public ones that state what was lost.
 *
 * @typedef {{ found: Map<string, Found[]>, refilled: Found[] }} Seeing
 */

/**
 * @param {number} size of the log
 * @returns {number} how many bytes all its entries are, as they are served
 */
export function weightOf(size) {
  return size * STEP;
}

/**
 * @param {number} number of the bundle, from 0
 * @param {number} width how many entries it has
 * @returns {string} where it lies below the log's address
 */
export function bundlePath(number, width) {
  const digits = String(number);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.../g) ?? [];
  const name = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/entries/${name}${width < BUNDLE ? `.p/${width}` : ""}`;
}

/**
 * Look through the log's first entries, as many as the newest of `stated` has.
 *
 * @param {Checkpoint[]} stated what the log has signed, the newest last: its entries must lead to every root of these
 * @param {Map<string, Bytes>} wanted tags, by what they are called
 * @param {(path: string) => Promise<Bytes>} read
 * @param {(done: number) => void} onReach told how many entries are done
 * @returns {Promise<Seeing>}
 * @throws {Rewritten}
 */
export async function scan(stated, wanted, read, onReach) {
  const roots = rootsIn(stated);
  const size = Math.max(...roots.keys());
  const [tree, sieve] = [new Tree(), new Sieve(wanted)];
  for await (const entries of bundles(size, read)) {
    for (const entry of entries) {
      sieve.look(entry, tree.size);
      tree.add(entry);
      const root = roots.get(tree.size);
      if (root && !equal(root, tree.root())) throw new Rewritten();
    }
    onReach(tree.size);
  }
  return sieve;
}

/**
 * @param {Checkpoint[]} stated
 * @returns {Map<number, Bytes>} the root that was signed of each size
 * @throws {Rewritten} where two were
 */
function rootsIn(stated) {
  const roots = new Map();
  for (const { size, root } of stated) {
    if (!equal(roots.get(Number(size)) ?? root, root)) throw new Rewritten();
    roots.set(Number(size), root);
  }
  return roots;
}

/** Entries are told apart by their first bytes, for there are many; only what is alike there is looked at whole. */
class Sieve {
  /** @type {Map<string, Found[]>} */
  found = new Map();
  /** @type {Found[]} */
  refilled = [];
  /** @type {Map<number, [string, Bytes][]>} */
  #tags = new Map();

  /** @param {Map<string, Bytes>} wanted */
  constructor(wanted) {
    for (const [name, tag] of wanted) this.#want(name, tag);
    this.#want(REFILLED, utf8(`kentongan.public${REFILLED}`.padEnd(TAG_BYTES, "\0")));
  }

  /**
   * @param {string} name
   * @param {Bytes} tag
   */
  #want(name, tag) {
    this.#tags.set(beginning(tag), [...(this.#tags.get(beginning(tag)) ?? []), [name, tag]]);
  }

  /**
   * @param {Bytes} entry
   * @param {number} index
   */
  look(entry, index) {
    const alike = this.#tags.get(beginning(entry)) ?? [];
    const [name] = alike.find(([, tag]) => equal(tag, entry.subarray(0, TAG_BYTES))) ?? [];
    if (name === REFILLED) this.refilled.push({ index, entry });
    else if (name !== undefined) this.found.set(name, [...(this.found.get(name) ?? []), { index, entry }]);
  }
}

/**
 * @param {Bytes} bytes
 * @returns {number} the first four
 */
function beginning(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

/**
 * @param {number} size
 * @param {(path: string) => Promise<Bytes>} read
 * @returns {AsyncGenerator<Bytes[]>} the entries, bundle by bundle
 */
async function* bundles(size, read) {
  const count = Math.ceil(size / BUNDLE);
  const asked = new Map();
  for (let number = 0; number < count; number += 1) {
    for (let ahead = number; ahead < Math.min(number + AHEAD, count); ahead += 1) {
      if (!asked.has(ahead)) asked.set(ahead, answered(read(bundlePath(ahead, widthOf(ahead, size)))));
    }
    const { content, error } = await asked.get(number);
    asked.delete(number);
    if (error) throw error;
    yield entriesIn(content, widthOf(number, size));
  }
}

/**
 * @param {Promise<Bytes>} reading
 * @returns {Promise<{ content?: Bytes, error?: unknown }>} what fails before its turn is told when that comes
 */
function answered(reading) {
  return reading.then((content) => ({ content }), (error) => ({ error }));
}

/**
 * @param {number} number
 * @param {number} size
 * @returns {number}
 */
function widthOf(number, size) {
  return Math.min(BUNDLE, size - number * BUNDLE);
}

/**
 * @param {Bytes} content of a bundle: each entry after its length, which in this log is always 64
 * @param {number} width
 * @returns {Bytes[]}
 */
function entriesIn(content, width) {
  const starts = Array.from({ length: width }, (_, at) => at * STEP);
  const view = new DataView(content.buffer, content.byteOffset);
  if (content.length !== width * STEP || !starts.every((at) => view.getUint16(at) === ENTRY_BYTES)) throw new Rewritten();
  return starts.map((at) => content.subarray(at + LENGTH_BYTES, at + STEP));
}
