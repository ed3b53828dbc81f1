/** Six words by which two people make sure, by voice, that they speak of the same keys (formats §4). */

import { concat, utf8 } from "./bytes.js";
import { sha256 } from "./derive.js";
import { spell } from "./spelling.js";

/** @import { Bytes } from "./bytes.js" */

const FINGERPRINT_WORDS = 6;

/**
 * Return the six words (60 bits) of an officer's public keys.
 *
 * @param {Bytes} kemRaw 1,216 bytes
 * @param {Bytes} signRaw 32 bytes
 * @returns {Promise<string>}
 */
export async function fingerprint(kemRaw, signRaw) {
  return spell(await sha256(concat(utf8("kentongan/v1/fingerprint"), kemRaw, signRaw)), FINGERPRINT_WORDS);
}
