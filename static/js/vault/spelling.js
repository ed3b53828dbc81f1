/** Bits in words of the list, ten bits a word. */

import { random } from "./bytes.js";
import { WORDS } from "./words.js";

/** @import { Bytes } from "./bytes.js" */

const BITS = 10;

/**
 * Spell the first `count` × 10 bits in words, the most significant first.
 *
 * @param {Bytes} bits
 * @param {number} count
 * @returns {string} the words, joined by one space
 */
export function spell(bits, count) {
  return Array.from({ length: count }, (_, at) => WORDS[wordAt(bits, at)]).join(" ");
}

/**
 * Draw `count` words that nobody can guess, ten bits each.
 *
 * @param {number} count
 * @returns {string} the words, joined by one space
 */
export function draw(count) {
  return spell(random(Math.ceil((count * BITS) / 8)), count);
}

/**
 * @param {Bytes} bits
 * @param {number} at which ten of them
 * @returns {number}
 */
function wordAt(bits, at) {
  const [byte, offset] = [Math.floor((at * BITS) / 8), (at * BITS) % 8];
  // Ten bits from any even offset lie in two bytes.
  const pair = (bits[byte] << 8) | bits[byte + 1];
  return (pair >> (16 - BITS - offset)) & ((1 << BITS) - 1);
}
