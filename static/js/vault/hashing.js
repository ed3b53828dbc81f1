/** Hashes by the page itself: of something too large to be in memory at once, and of many small things one after another. */

import { sha256 as streamed } from "../../vendor/sha256.js";

/** @import { Bytes } from "./bytes.js" */

// The browser's own hash takes everything at once. This one runs in the page; a cheap phone needs a few milliseconds a step.
const STEP_BYTES = 32 * 1024;

/**
 * The SHA-256 of something small, at once: the browser's own answers each question later, which takes far longer than hashing.
 *
 * @param {Uint8Array} bytes
 * @returns {Bytes} 32 bytes
 */
export function hash(bytes) {
  return /** @type {Bytes} */ (streamed(bytes));
}

/** A SHA-256 to which bytes are added as they are read. */
export class Hashing {
  #hash = streamed.create();

  /** @param {Bytes} bytes */
  async add(bytes) {
    for (let at = 0; at < bytes.length; at += STEP_BYTES) {
      this.#hash.update(bytes.subarray(at, at + STEP_BYTES));
      await breath();
    }
  }

  /** @returns {Bytes} the 32 bytes, once; nothing may be added afterwards */
  end() {
    return new Uint8Array(this.#hash.digest());
  }
}

/** @returns {Promise<void>} resolved once the page has had its turn */
function breath() {
  return new Promise((resolve) => {
    // A timer would wait at least 4 ms each time, and in a page out of sight a second.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}
