/** The public log as it is read from a phone: nothing of it is left there. */

import { Rewritten } from "../ledger/scanning.js";
import { Unanswered, ask, insist } from "./posting.js";

/** @import { Bytes } from "../vault/bytes.js" */

/** Where an installation's log is served; what is below it, docs/formats.md §6 says. */
export const LOG = "/log";
const [NOT_FOUND, GONE] = [404, 410];

/** It was stopped by hand. */
export class Stopped extends Error {
  name = "Stopped";
}

/**
 * @param {string} path below the log's address
 * @returns {Promise<string>} what is there, as text
 * @throws {Rewritten} where nothing is
 * @throws {Unanswered}
 */
export async function textAt(path) {
  return insist(async () => {
    const { status, text } = await ask(`${LOG}/${path}`);
    if ([NOT_FOUND, GONE].includes(status)) throw new Rewritten();
    if (status !== 200) throw new Unanswered(status);
    return text;
  });
}

/**
 * @param {string} path of a bundle of entries
 * @param {AbortSignal} signal
 * @returns {Promise<Bytes>}
 * @throws {Rewritten} where the log does not show what it has signed
 * @throws {Stopped}
 * @throws {Unanswered}
 */
export async function bundleAt(path, signal) {
  return insist(async () => {
    try {
      // What a browser kept of the log would tell, long afterwards, who has looked through it.
      const response = await fetch(`${LOG}/${path}`, { cache: "no-store", signal });
      if ([NOT_FOUND, GONE].includes(response.status)) throw new Rewritten();
      if (!response.ok) throw new Unanswered(response.status);
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      if (signal.aborted) throw new Stopped();
      throw error instanceof Rewritten ? error : new Unanswered();
    }
  });
}
