/** What an event's entry is the entry of, for whoever checks it without K (formats §6). */

import { hex, u64be } from "../vault/bytes.js";
import { derive, keyedHash } from "../vault/derive.js";
import { tag } from "./entries.js";

/** @import { Bytes } from "../vault/bytes.js" */

/**
 * @param {Bytes} ledgerKey K
 * @param {bigint} seq
 * @param {string} body
 * @returns {Promise<string>} the text of an `.opening`: it tells of this one event, and nothing of others
 */
export async function writeOpening(ledgerKey, seq, body) {
  const blind = await keyedHash(await derive(ledgerKey, "blind"), u64be(seq));
  return `kentongan/v1/opening\ntag ${hex(await tag(ledgerKey, seq))}\nblind ${hex(blind)}\n\n${body}`;
}
