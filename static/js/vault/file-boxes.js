/** What is boxed beside a file's chunks: its key, what was read of it, its manifest; and its digest (formats §2). */

import { day, Malformed } from "./bodies.js";
import { box, unbox } from "./box.js";
import { concat, fromUtf8, hex, utf8 } from "./bytes.js";
import { context } from "./context.js";
import { KEY_BYTES, sha256 } from "./derive.js";
import { Unreadable } from "./errors.js";
import { chunkCount } from "./files.js";
import { pad, TooLong, unpad } from "./padding.js";

/** @import { Bytes } from "./bytes.js" */
/** @import { SealedFile } from "./files.js" */

/** @typedef {"thread" | "case"} Side whose the file is: the reporter's, or the officers' */

/**
 * What a file is: `chunks` and `sha256` are SHA-256 in hex, of each sealed chunk and of the plaintext.
 *
 * `cleaned`: what it may betray was taken out, it was sent as it was by choice, or nobody can clean its type. What stands
 * after `type` may be missing; officers say all of it of evidence they add, `obtained_on` as `YYYY-MM-DD`.
 *
 * @typedef {object} Manifest
 * @property {string[]} chunks
 * @property {"cleaned" | "original" | "impossible"} cleaned
 * @property {string} name as given
 * @property {string} sha256
 * @property {number} size in bytes
 * @property {string} type
 * @property {string} [description]
 * @property {string} [source]
 * @property {string} [obtained_by]
 * @property {string} [obtained_on]
 * @property {string} [how]
 */

const DIGEST_BYTES = 32;
// Of the four sizes of texts a manifest fills at most the third: that of 900 chunks.
const LARGEST_MANIFEST = 64 * 1024;
export const LONGEST_NAME = 255;
const CLEANED = ["cleaned", "original", "impossible"];
const NEEDED = ["chunks", "cleaned", "name", "sha256", "size", "type"];
const MEMBERS = [...NEEDED, "description", "source", "obtained_by", "obtained_on", "how"];
const HASH = /^[0-9a-f]{64}$/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Box a file's key under the thread's or the case's of `epoch`.
 *
 * @param {SealedFile} sealed
 * @param {Bytes} key
 * @param {number} epoch
 * @param {Side} side
 * @returns {Promise<Bytes>} 61 bytes
 */
export function boxFileKey({ key: fileKey, complaint, file }, key, epoch, side) {
  return box(fileKey, key, context("file-key", { complaint, object: file, epoch, recipient: side }));
}

/**
 * Open a file's key.
 *
 * @param {Bytes} boxed
 * @param {Bytes} key
 * @param {{ complaint: string, file: string, epoch: number, side: Side }} where
 * @returns {Promise<SealedFile>}
 * @throws {Unreadable}
 */
export async function openFileKey(boxed, key, { complaint, file, epoch, side }) {
  const opened = await unbox(boxed, key, context("file-key", { complaint, object: file, epoch, recipient: side }));
  if (opened.length !== KEY_BYTES) throw new Unreadable();
  return { key: opened, complaint, file };
}

/**
 * Box the SHA-256 of each plaintext chunk, zeros included: by it a file that is sent on is known to be the same.
 *
 * @param {Bytes[]} digests
 * @param {SealedFile} sealed
 * @returns {Promise<Bytes>}
 */
export function boxProgress(digests, sealed) {
  return box(concat(...digests), sealed.key, placeOf("file-progress", sealed));
}

/**
 * @param {Bytes} boxed
 * @param {SealedFile} sealed
 * @returns {Promise<Bytes[]>} the SHA-256 of each plaintext chunk
 * @throws {Unreadable}
 */
export async function openProgress(boxed, sealed) {
  const joined = await unbox(boxed, sealed.key, placeOf("file-progress", sealed));
  if (joined.length === 0 || joined.length % DIGEST_BYTES !== 0) throw new Unreadable();
  const count = joined.length / DIGEST_BYTES;
  return Array.from({ length: count }, (_none, at) => joined.slice(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES));
}

/**
 * Box a manifest, padded as texts are.
 *
 * @param {Manifest} manifest
 * @param {SealedFile} sealed
 * @returns {Promise<Bytes>}
 * @throws {TooLong} where 64 KiB do not hold it
 */
export async function boxManifest(manifest, sealed) {
  const padded = pad(utf8(written(manifest)));
  if (padded.length > LARGEST_MANIFEST) throw new TooLong();
  return box(padded, sealed.key, placeOf("file-manifest", sealed));
}

/**
 * Open a manifest; anybody may have written it.
 *
 * @param {Bytes} boxed
 * @param {SealedFile} sealed
 * @returns {Promise<Manifest>}
 * @throws {Unreadable} also where it is not in exactly its form
 */
export async function openManifest(boxed, sealed) {
  const padded = await unbox(boxed, sealed.key, placeOf("file-manifest", sealed));
  if (padded.length > LARGEST_MANIFEST) throw new Unreadable();
  const content = unpad(padded);
  try {
    const text = fromUtf8(content);
    const manifest = JSON.parse(text);
    // One manifest has one text: no member twice, no number written in another way.
    if (isManifest(manifest) && written(manifest) === text) return manifest;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError || error instanceof Malformed)) throw error;
  }
  throw new Unreadable();
}

/**
 * @param {string} kind
 * @param {SealedFile} sealed
 * @returns {Bytes}
 */
function placeOf(kind, { complaint, file }) {
  return context(kind, { complaint, object: file });
}

/**
 * @param {Manifest} manifest
 * @returns {string} its one JSON
 */
function written(manifest) {
  return JSON.stringify(manifest, Object.keys(manifest).sort());
}

/**
 * @param {any} told
 * @returns {boolean}
 */
function isManifest(told) {
  const names = Object.keys(told);
  if (!NEEDED.every((name) => names.includes(name)) || !names.every((name) => MEMBERS.includes(name))) return false;
  if (!Array.isArray(told.chunks) || !Number.isSafeInteger(told.size) || told.size < 0) return false;
  const { chunks, size, ...texts } = told;
  return chunks.every(isHash) && chunks.length === chunkCount(size) && Object.values(texts).every(isText) && agrees(told);
}

/**
 * @param {unknown} value
 * @returns {boolean}
 */
function isHash(value) {
  return typeof value === "string" && HASH.test(value);
}

/**
 * @param {unknown} value
 * @returns {boolean} whether it is a text that UTF-8 can hold
 */
function isText(value) {
  return typeof value === "string" && !LONE_SURROGATE.test(value);
}

/**
 * @param {Manifest} manifest
 * @returns {boolean}
 * @throws {Malformed} on a day that is none
 */
function agrees({ cleaned, name, sha256: digest, obtained_on: obtained }) {
  if (obtained !== undefined) day(obtained);
  return CLEANED.includes(cleaned) && [...name].length <= LONGEST_NAME && isHash(digest);
}

/**
 * Return a file's digest, by which an event names it.
 *
 * @param {Bytes} keyBox
 * @param {Bytes} manifestBox
 * @param {Bytes[]} chunks the SHA-256 of each sealed chunk
 * @returns {Promise<string>} hex
 */
export async function fileDigest(keyBox, manifestBox, chunks) {
  return hex(await sha256(concat(await sha256(keyBox), await sha256(manifestBox), ...chunks)));
}
