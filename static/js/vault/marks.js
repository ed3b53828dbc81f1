/** Marks by which a page that has read a file sees, when it reads it once more to seal it, whether it is still the same. */

import { concat, equal, u64be } from "./bytes.js";
import { KEY_BYTES } from "./derive.js";

/** @import { Bytes } from "./bytes.js" */

const HOW = { name: "AES-GCM", length: 8 * KEY_BYTES };
const NOTHING = new Uint8Array();

/**
 * What one reading of a file leaves of it: of each chunk 16 bytes, GMAC, which is AES-256-GCM of nothing with the chunk as its
 * additional data (NIST SP 800-38D §3); the nonce is the chunk's number, so that in one reading none serves twice.
 *
 * Neither the key, drawn for this reading, nor a mark is ever sent or stored, and the page forgets them with the file. Who could change
 * the file knows neither, and so can only guess: two chunks of a mebibyte have the same mark in that place under less than one key in
 * 2^111, for a polynomial of degree 65,537 has no more roots than that. A hash would also hold against those who know all that there is
 * to know. The second reading takes each nonce again: that tells something of the key to who sees the marks of both, and so to nobody.
 */
export class Marks {
  #key;
  /** @type {Bytes[]} */
  #marks = [];

  /** @param {CryptoKey} key */
  constructor(key) {
    this.#key = key;
  }

  /** @returns {Promise<Marks>} none yet, under a key that no script can read */
  static async begin() {
    return new Marks(await crypto.subtle.generateKey(HOW, false, ["encrypt"]));
  }

  /** @param {Bytes} chunk the next, zeros included */
  async add(chunk) {
    this.#marks.push(await this.#of(chunk, this.#marks.length + 1));
  }

  /**
   * @param {Bytes} chunk read once more, zeros included
   * @param {number} number which it is, counted from 1
   * @returns {Promise<boolean>} whether it is what was added in that place
   */
  async fit(chunk, number) {
    return equal(await this.#of(chunk, number), this.#marks[number - 1]);
  }

  /**
   * @param {Bytes} chunk
   * @param {number} number
   * @returns {Promise<Bytes>}
   */
  async #of(chunk, number) {
    const iv = concat(new Uint8Array(4), u64be(BigInt(number)));
    const how = { name: "AES-GCM", iv, additionalData: chunk, tagLength: 128 };
    return new Uint8Array(await crypto.subtle.encrypt(how, this.#key, NOTHING));
  }
}
