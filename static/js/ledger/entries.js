/** Ledger entries: 64 bytes that bind an event's body and tell a stranger nothing (formats §6). */

import { concat, u64be, utf8 } from "../vault/bytes.js";
import { derive, keyedHash, sha256 } from "../vault/derive.js";

/** @import { Bytes } from "../vault/bytes.js" */

const MARK = "kentongan.public";
const KIND_BYTES = 16;

/**
 * @param {Bytes} ledgerKey K
 * @param {bigint} seq
 * @returns {Promise<Bytes>} the 32 bytes by which whoever holds K finds the entry of event `seq`
 */
export async function tag(ledgerKey, seq) {
  return keyedHash(await derive(ledgerKey, "tag"), u64be(seq));
}

/**
 * @param {Bytes} ledgerKey K
 * @param {number} last
 * @returns {Promise<Map<string, Bytes>>} the tags of events 1 to `last`, by their numbers
 */
export async function tagsUpTo(ledgerKey, last) {
  const key = await derive(ledgerKey, "tag");
  const seqs = Array.from({ length: last }, (_, at) => at + 1);
  const tags = await Promise.all(seqs.map((seq) => keyedHash(key, u64be(BigInt(seq)))));
  return new Map(seqs.map((seq, at) => [String(seq), tags[at]]));
}

/**
 * @param {Bytes} ledgerKey K
 * @param {bigint} seq
 * @param {string} body
 * @returns {Promise<Bytes>} the 32 bytes that bind the body of event `seq` and, without K, reveal nothing of it
 */
export async function commitment(ledgerKey, seq, body) {
  const blind = await keyedHash(await derive(ledgerKey, "blind"), u64be(seq));
  return keyedHash(blind, utf8(body));
}

/**
 * @param {string} kind of what is entered for everybody to read, at most 16 letters
 * @param {string} body
 * @returns {Promise<Bytes>} its entry: the mark ‖ the kind, filled up with zeros ‖ SHA-256 of the body
 */
export async function publicEntry(kind, body) {
  return concat(utf8(MARK + kind.padEnd(KIND_BYTES, "\0")), await sha256(utf8(body)));
}

/**
 * @param {Bytes} ledgerKey K
 * @param {bigint} seq
 * @param {string} body
 * @returns {Promise<Bytes>} the entry of event `seq`: tag ‖ commitment, 64 bytes
 */
export async function entryOf(ledgerKey, seq, body) {
  return concat(await tag(ledgerKey, seq), await commitment(ledgerKey, seq, body));
}
