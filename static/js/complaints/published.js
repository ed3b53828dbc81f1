/**
 * Whether a desk's key was published before it is sealed to: a key that is shown to one visitor alone is in no log. Loaded
 * when a complaint is about to be sealed.
 */

import { NotVouched } from "../directory/directory.js";
import { publicEntry } from "../ledger/entries.js";
import { Unproved } from "../ledger/proofs.js";
import { openLog } from "./own-log.js";

/** @import { Directory } from "../directory/directory.js" */
/** @import { Bytes } from "../vault/bytes.js" */
/** @import { ToldLog } from "./own-log.js" */

/** @typedef {{ proof: string | null, log: ToldLog }} Told of what `GET /api/v1/desks/<desk>/key` answers */

/** It is not proved that a key was published; nothing is sealed to it. */
export class Unpublished extends Error {
  name = "Unpublished";
}

/**
 * Make sure that the statement by which a desk has its newest key is in the log.
 *
 * @param {Told} told
 * @param {string} desk
 * @param {Directory} directory
 * @param {Bytes} root
 * @throws {Unpublished}
 */
export async function provePublished({ proof, log: toldLog }, desk, directory, root) {
  try {
    const log = await openLog(toldLog, root, directory);
    await log.prove(String(proof), await publicEntry("statement", directory.deskKeyBody(desk)));
  } catch (error) {
    if (error instanceof Unproved || error instanceof NotVouched) throw new Unpublished();
    throw error;
  }
}
