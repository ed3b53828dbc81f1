/** The worker behind stretch.js: one order, many reports, the last of which brings the key. */

import { argon2id } from "../../vendor/argon2.js";

/** @import { Bytes } from "./bytes.js" */

/**
 * @typedef {{ words: string, salt: Bytes, memory: number }} Order with the memory in KiB
 * @typedef {{ done: number } | { key: Bytes, milliseconds: number }} Report
 */

const PASSES = 2;
const LANES = 1;
const KEY_BYTES = 32;
const STEPS = 100;

addEventListener("message", (/** @type {MessageEvent<Order>} */ { data: { words, salt, memory } }) => {
  const begun = performance.now();
  const how = { m: memory, t: PASSES, p: LANES, dkLen: KEY_BYTES, onProgress: inSteps() };
  const key = new Uint8Array(argon2id(words, salt, how));
  report({ key, milliseconds: performance.now() - begun });
});

/** @returns {(done: number) => void} what reports each hundredth once */
function inSteps() {
  let reported = 0;
  return (done) => {
    const step = Math.floor(done * STEPS);
    if (step > reported) report({ done: step / STEPS });
    reported = step;
  };
}

/** @param {Report} message */
function report(message) {
  postMessage(message);
}
