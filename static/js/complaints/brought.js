/**
 * What the reporter has brought, held against his own signed acts: each file by the digest that his act names (formats §2,
 * §5). The server tells which files there are, and could show another, leave one out, or have one say other things of itself.
 */

import { REPORTER, eventIn } from "../ledger/body.js";
import { signedBy } from "../vault/bodies.js";
import { fromBase64, fromHex } from "../vault/bytes.js";
import { fileDigest } from "../vault/file-boxes.js";

/** @import { Event } from "../ledger/body.js" */
/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Manifest } from "../vault/file-boxes.js" */
/** @import { ToldFile } from "./correspondence.js" */

const FILE = "file";

/** @typedef {{ day: string, digest: string }} Named by the act that brought it: on which day, and by which digest (hex) */

/**
 * What the acts are held against: the case, up to the event that the page shows, and the key that the reporter signs with.
 *
 * @typedef {{ complaint: string, version: bigint, own: Bytes }} Known
 */

/**
 * @param {string[]} bodies of the case's events, as the server tells them
 * @param {Known} known
 * @returns {Promise<Map<string, Named>>} the files that the reporter's acts name, by their ids, in the order in which they do
 */
export async function filesNamed(bodies, known) {
  const acts = await Promise.all(bodies.map((body) => ownAct(body, known)));
  return new Map(acts.flatMap((act) => (act ? namedIn(act) : [])));
}

/**
 * @param {string} body
 * @param {Known} known
 * @returns {Promise<Event | null>} nothing where it is none that the reporter has signed on this case
 */
async function ownAct(body, { complaint, version, own }) {
  const event = eventIn(body);
  if (event?.case !== complaint || event.actor !== REPORTER || event.seq > version) return null;
  return (await signedBy(body, own)) ? event : null;
}

/**
 * @param {Event} act
 * @returns {[string, Named][]}
 */
function namedIn({ day, objects }) {
  return objects.filter(({ kind }) => kind === FILE).map(({ id, digest }) => [id, { day, digest }]);
}

/**
 * @param {ToldFile} file
 * @param {Manifest} manifest its own, opened
 * @param {Named} named
 * @returns {Promise<boolean>} whether it is the one that was named: under this key, with this manifest and these chunks
 */
export async function isThat({ key, manifest: box }, { chunks }, { digest }) {
  return digest === (await fileDigest(fromBase64(key), fromBase64(String(box)), chunks.map(fromHex)));
}
