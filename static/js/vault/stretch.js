/** Words into keys, slowly: Argon2id (RFC 9106), 19 MiB, two passes, in a worker of its own (formats §1). */

/** @import { Bytes } from "./bytes.js" */
/** @import { Order, Report } from "./stretch-worker.js" */

const MEMORY_KIB = 19_456;
const PROBED_PART = 16;
const SALT_BYTES = 16;
const WORKER = new URL("./stretch-worker.js", import.meta.url).href;

/** @typedef {{ createScriptURL: (address: string) => string }} Policy */
/** @typedef {{ createPolicy: (name: string, rules: Policy) => Policy }} TrustedTypes what the compiler does not know yet */

const { trustedTypes } = /** @type {{ trustedTypes?: TrustedTypes }} */ (globalThis);
// Where scripts' addresses must be trusted ones, this policy knows a single one, whatever it is asked for.
const policy = trustedTypes?.createPolicy("kentongan", { createScriptURL: () => WORKER });

/** The worker did not start or did not end: its script did not load, or there is no memory. */
export class StretchingFailed extends Error {
  name = "StretchingFailed";
}

/**
 * Stretch canonical `words` (ASCII) under a 16-byte `salt` into a 32-byte key.
 *
 * @param {string} words
 * @param {Bytes} salt
 * @param {(done: number) => void} [onProgress] called with what is done so far, from 0 to 1
 * @returns {Promise<Bytes>}
 * @throws {StretchingFailed}
 */
export async function stretch(words, salt, onProgress) {
  if (salt.length !== SALT_BYTES) throw new RangeError(`the salt is ${SALT_BYTES} bytes`);
  const { key } = await work({ words, salt, memory: MEMORY_KIB }, onProgress);
  return key;
}

/**
 * Estimate from a sixteenth of the work how long `stretch` takes on this device.
 *
 * @returns {Promise<number>} milliseconds
 * @throws {StretchingFailed}
 */
export async function probe() {
  const { milliseconds } = await work({ words: "", salt: new Uint8Array(SALT_BYTES), memory: MEMORY_KIB / PROBED_PART });
  return milliseconds * PROBED_PART;
}

/**
 * @param {Order} order
 * @param {(done: number) => void} [onProgress]
 * @returns {Promise<{ key: Bytes, milliseconds: number }>}
 */
async function work(order, onProgress) {
  const worker = new Worker(policy?.createScriptURL(WORKER) ?? WORKER, { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.onerror = () => reject(new StretchingFailed());
      worker.onmessage = (/** @type {MessageEvent<Report>} */ { data }) => {
        if ("key" in data) resolve(data);
        else onProgress?.(data.done);
      };
      worker.postMessage(order);
    });
  } finally {
    // Its 19 MiB go with it.
    worker.terminate();
  }
}
