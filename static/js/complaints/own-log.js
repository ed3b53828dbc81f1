/** This installation's log, known by the root's word alone: whatever else the server says is its log is somebody else's. */

import { Log, Unproved } from "../ledger/proofs.js";
import { equal, hex } from "../vault/bytes.js";
import { sha256 } from "../vault/derive.js";

/** @import { Directory } from "../directory/directory.js" */
/** @import { Bytes } from "../vault/bytes.js" */

const ORIGIN_DIGITS = 32;

/** @typedef {{ vkey: string | null, policy: string | null }} ToldLog */

/**
 * Open the log, if it is this installation's: of the name that follows from the root's key, and signed by the key that
 * the root has named. Were any key good enough where none is named, the server would withhold the statement that does.
 *
 * @param {ToldLog} told
 * @param {Bytes} root
 * @param {Directory} directory
 * @returns {Promise<Log>}
 * @throws {Unproved}
 * @throws {import("../directory/directory.js").NotVouched} where the root has named none that counts
 */
export async function openLog({ vkey, policy }, root, directory) {
  const log = new Log({ vkey: String(vkey), policy: String(policy) });
  if (log.key.name !== (await originOf(root))) throw new Unproved("key");
  if (!equal(log.key.public, directory.logKey)) throw new Unproved("key");
  return log;
}

/**
 * @param {Bytes} root
 * @returns {Promise<string>} the name of the log of the installation that has this root
 */
async function originOf(root) {
  return `kentongan/${hex(await sha256(root)).slice(0, ORIGIN_DIGITS)}`;
}
