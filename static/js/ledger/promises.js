/** Promises: that the public log will have an entry by a day, signed when it is taken and before it can be proved (formats §6). */

import { daysAfter } from "../day.js";
import * as bodies from "../vault/bodies.js";
import { fromHex, hex } from "../vault/bytes.js";

/** @import { Directory } from "../directory/directory.js" */
/** @import { Bytes } from "../vault/bytes.js" */

const KEYS = /** @type {const} */ (["type", "entry", "until", "signature"]);
const SHAPES = { type: /^kentongan\/v1\/promise$/, entry: /^[0-9a-f]{128}$/, signature: /^[0-9a-f]{128}$/ };
/** So many days after an event the log has its entry at the latest. */
export const DAYS_TO_MERGE = 2;

/**
 * @param {string} body
 * @returns {{ entry: Bytes, until: string }} what is promised; whether that binds anybody is for `isBinding` to say
 * @throws {bodies.Malformed}
 */
export function readPromise(body) {
  const lines = bodies.read(body, KEYS);
  bodies.check(lines, SHAPES);
  return { entry: fromHex(lines.entry), until: bodies.day(lines.until) };
}

/**
 * Tell whether a promise is signed by the key that was for promises when it was made: a former key's holder could else
 * promise a later day than was promised.
 *
 * @param {string} body
 * @param {Directory} directory
 * @returns {Promise<boolean>}
 * @throws {bodies.Malformed}
 */
export async function isBinding(body, directory) {
  const { until } = readPromise(body);
  const keys = (await directory.promiseKeys()).filter(({ last }) => last === null || until <= daysAfter(last, DAYS_TO_MERGE));
  const signed = await Promise.all(keys.map((key) => bodies.signedBy(body, key.public)));
  return signed.includes(true);
}

/** @typedef {{ body: string, until: string }} Promised what was promised, verbatim, and by which day */

/**
 * Judge what the server promised of an event that the reporter knows: its entry (hex) and its date.
 *
 * Where nobody vouches for a key with which to promise, that is no excuse: the server may as well keep back the statement
 * that does.
 *
 * @param {unknown} body
 * @param {{ entry: string, day: string }} happened
 * @param {Directory} directory
 * @returns {Promise<Promised | null>} nothing where this is no promise that binds, of this entry, for the day on which it is due
 */
export async function judgePromise(body, happened, directory) {
  const until = daysAfter(happened.day, DAYS_TO_MERGE);
  return typeof body === "string" && isOf(body, happened.entry, until) && (await isBinding(body, directory)) ? { body, until } : null;
}

/**
 * @param {string} body
 * @param {string} entry hex
 * @param {string} until
 * @returns {boolean} whether it is a promise that says this
 */
function isOf(body, entry, until) {
  try {
    const promise = readPromise(body);
    return hex(promise.entry) === entry && promise.until === until;
  } catch (error) {
    if (error instanceof bodies.Malformed) return false;
    throw error;
  }
}
