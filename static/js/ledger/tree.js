/** The Merkle tree of RFC 6962 §2.1 (RFC 9162 §2.1), with SHA-256 (formats §6). */

import { concat } from "../vault/bytes.js";
import { hash } from "../vault/hashing.js";

/** @import { Bytes } from "../vault/bytes.js" */

const [LEAF, INNER] = [Uint8Array.of(0), Uint8Array.of(1)];

/**
 * @param {Bytes} entry
 * @returns {Bytes} its hash as a leaf: SHA-256(0x00 ‖ entry)
 */
export function leafHash(entry) {
  return hash(concat(LEAF, entry));
}

/**
 * @param {Bytes} left
 * @param {Bytes} right
 * @returns {Bytes} the hash of two subtrees side by side: SHA-256(0x01 ‖ left ‖ right)
 */
export function nodeHash(left, right) {
  return hash(concat(INNER, left, right));
}

/**
 * Return the root that an inclusion proof leads to (RFC 9162 §2.1.3.2).
 *
 * @param {Bytes[]} proof the leaf's sibling first
 * @param {bigint} index of the leaf
 * @param {bigint} size of the tree
 * @param {Bytes} leaf its hash
 * @returns {Bytes | null} nothing where a proof of that index and size has another number of hashes
 */
export function rootBy(proof, index, size, leaf) {
  let [found, at, last] = [leaf, index, size - 1n];
  if (at > last) return null;
  for (const beside of proof) {
    if (last === 0n) return null;
    const isRight = (at & 1n) === 1n || at === last;
    found = isRight ? nodeHash(beside, found) : nodeHash(found, beside);
    // The last leaf of all has no neighbour on its right, however high.
    while (isRight && (at & 1n) === 0n && at !== 0n) [at, last] = [at >> 1n, last >> 1n];
    [at, last] = [at >> 1n, last >> 1n];
  }
  return last === 0n ? found : null;
}

/** A tree that grows at its right; of what it has, the roots of its whole subtrees are kept, the largest first. */
export class Tree {
  size = 0;
  /** @type {Bytes[]} */
  #roots = [];

  /** @param {Bytes} entry */
  add(entry) {
    let root = leafHash(entry);
    // Two whole subtrees of one size become one, as when counting in binary one is carried.
    for (let at = this.size; at % 2 === 1; at = (at - 1) / 2) root = nodeHash(/** @type {Bytes} */ (this.#roots.pop()), root);
    this.#roots.push(root);
    this.size += 1;
  }

  /** @returns {Bytes} the root over all there is */
  root() {
    return this.#roots.length === 0 ? hash(new Uint8Array()) : this.#roots.reduceRight((root, left) => nodeHash(left, root));
  }
}
