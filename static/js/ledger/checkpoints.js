/** Checkpoints, as c2sp.org/tlog-checkpoint says: the text of a signed note that states a log's size and root. */

import { Malformed } from "../vault/bodies.js";
import { strictBase64 } from "./notes.js";

/** @import { Bytes } from "../vault/bytes.js" */

const SIZE = /^(?:0|[1-9][0-9]{0,18})$/;
const HASH_BYTES = 32;

/**
 * The tree of the log `origin` at one size. `extensions` are lines that others' logs may add; ours has none.
 *
 * @typedef {{ origin: string, size: bigint, root: Bytes, extensions: string[] }} Checkpoint
 */

/**
 * Read a checkpoint from a note's text. Whoever signed it is for its note to say.
 *
 * @param {string} text
 * @returns {Checkpoint}
 * @throws {Malformed}
 */
export function readCheckpoint(text) {
  const lines = text.split("\n").slice(0, -1);
  if (lines.length < 3 || lines.includes("")) throw new Malformed();
  const [origin, size, root, ...extensions] = lines;
  const found = { origin, size: SIZE.test(size) ? BigInt(size) : -1n, root: strictBase64(root), extensions };
  if (found.size < 0n || found.root.length !== HASH_BYTES) throw new Malformed();
  return found;
}
