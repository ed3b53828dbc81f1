/**
 * What a case was brought as evidence, held against the signed history: each file by the digest its event names.
 *
 * Chunks are no part of this: they are asked for one by one, once the opening of that file is on record, and are right where
 * they hash to what the manifest says.
 */

import { fromBase64, fromHex } from "../vault/bytes.js";
import { Unreadable } from "../vault/errors.js";
import { fileDigest, openFileKey, openManifest } from "../vault/file-boxes.js";

/** @import { Event, ObjectRef } from "../ledger/body.js" */
/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Manifest, Side } from "../vault/file-boxes.js" */
/** @import { SealedFile } from "../vault/files.js" */

/**
 * One file as `POST …/buka` answers; boxes in base64, hashes in hex. `seq` and `manifest` are null until an event brings
 * it, and `have` says which chunks are there.
 *
 * @typedef {object} ToldFile
 * @property {string} id
 * @property {Side} side the reporter's, or the officers' own
 * @property {string} author `reporter`, or an officer
 * @property {number} epoch
 * @property {string} key
 * @property {string | null} progress
 * @property {string | null} manifest
 * @property {number} size padded
 * @property {number} chunks
 * @property {string[]} digests of the sealed chunks, in their order
 * @property {{ number: number, digest: string }[]} have
 * @property {number | null} seq
 * @property {string} day
 */

/**
 * One piece of evidence. `number` is as officers speak of it (`B-2`); what opens it and what it is are nothing where there
 * is damage: it is not there, it does not open, or it is not the one that its event names.
 *
 * @typedef {object} Brought
 * @property {string} number
 * @property {string} id
 * @property {Event} event
 * @property {ToldFile | null} told
 * @property {SealedFile | null} sealed
 * @property {Manifest | null} manifest
 * @property {"missing" | "unreadable" | "unlogged" | null} damage
 */

export const FILE = "file";
const REPORTER = "reporter";

/**
 * @param {{ case: string, files?: ToldFile[] }} told
 * @param {Event[]} events those that hold
 * @param {Map<string, Bytes>} keys by `<kind>/<epoch>`
 * @returns {Promise<Brought[]>} in the order of the events and, within one, of its objects
 */
export function openBrought(told, events, keys) {
  const named = events.flatMap((event) => event.objects.filter(({ kind }) => kind === FILE).map((ref) => ({ event, ref })));
  const files = new Map((told.files ?? []).map((file) => [file.id, file]));
  return Promise.all(
    named.map(async ({ event, ref }, at) => {
      const file = files.get(ref.id) ?? null;
      const base = { number: `B-${at + 1}`, id: ref.id, event, told: file, sealed: null, manifest: null };
      if (file === null) return { ...base, damage: /** @type {const} */ ("missing") };
      return { ...base, ...(await opened(told.case, file, event, ref, keys)) };
    }),
  );
}

/**
 * @param {string} complaint
 * @param {ToldFile} file
 * @param {Event} event
 * @param {ObjectRef} ref
 * @param {Map<string, Bytes>} keys
 * @returns {Promise<Pick<Brought, "damage"> & Partial<Pick<Brought, "sealed" | "manifest">>>}
 */
async function opened(complaint, file, event, ref, keys) {
  try {
    const boxes = { key: bytesOf(file.key), manifest: bytesOf(file.manifest ?? "") };
    const digest = await fileDigest(boxes.key, boxes.manifest, file.digests.map(fromHex));
    if (digest !== ref.digest || file.side !== sideOf(event)) return { damage: "unlogged" };
    const key = keys.get(`${file.side}/${file.epoch}`);
    if (!key) return { damage: "unreadable" };
    const { side, epoch, id } = file;
    const sealed = await openFileKey(boxes.key, key, { complaint, file: id, epoch, side });
    const manifest = await openManifest(boxes.manifest, sealed);
    // Chunks by other hashes than the manifest tells would be another file under its name.
    return manifest.chunks.join() === file.digests.join() ? { sealed, manifest, damage: null } : { damage: "unreadable" };
  } catch (error) {
    if (error instanceof Unreadable || error instanceof RangeError) return { damage: "unreadable" };
    throw error;
  }
}

/**
 * @param {Event} event
 * @returns {Side} whose files it may bring
 */
function sideOf({ actor }) {
  return actor === REPORTER ? "thread" : "case";
}

/**
 * @param {string} text base64
 * @returns {Bytes}
 * @throws {Unreadable}
 */
function bytesOf(text) {
  try {
    return fromBase64(text);
  } catch {
    throw new Unreadable();
  }
}
