/** Asking the server, and how it says no. */

import { _ } from "../i18n.js";

/** @import { Bytes } from "../vault/bytes.js" */

const OCTETS = "application/octet-stream";

/** @type {Record<number, () => string>} what those between us and the server have said, who know no form of ours */
const BETWEEN = {
  413: () => _("Kiriman ini terlalu besar untuk server ini. Kirim yang lebih kecil."),
  429: () => _("Terlalu banyak kiriman sekaligus saat ini. Tunggu sebentar, lalu coba lagi."),
  502: away,
  503: away,
  504: away,
};

/** @typedef {{ number: number, digest: string }} Kept a chunk that the server has; the SHA-256 (hex) of it as it is there */

/** The server said no, or could not be reached (status 0); the message is a sentence for whoever asked. */
export class Refusal extends Error {
  name = "Refusal";

  /**
   * @param {string} sentence
   * @param {number} status
   * @param {Kept[]} [kept] of several chunks those that the server has all the same
   */
  constructor(sentence, status, kept = []) {
    super(sentence);
    this.status = status;
    this.kept = kept;
  }
}

/**
 * @param {string} address
 * @param {object} [body] sent as JSON
 * @returns {Promise<any>} the answer's JSON
 * @throws {Refusal}
 */
export function post(address, body = {}) {
  return ask(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

/**
 * @param {string} address
 * @returns {Promise<any>} the answer's JSON
 * @throws {Refusal}
 */
export function get(address) {
  return ask(address, {});
}

/**
 * @param {string} address
 * @returns {Promise<Bytes>} the answer's bytes
 * @throws {Refusal}
 */
export async function getBytes(address) {
  const answer = await answered(address, { headers: { Accept: OCTETS } });
  if (!answer.ok) throw await refusalOf(answer);
  // A connection that ends early has no whole body.
  return new Uint8Array(await answer.arrayBuffer().catch(unreached));
}

/**
 * @param {string} address
 * @param {Blob} chunks
 * @returns {Promise<Kept[]>} those that the server has, as far as it says so
 * @throws {Refusal}
 */
export async function putChunks(address, chunks) {
  const { kept } = await ask(address, { method: "PUT", headers: { "Content-Type": OCTETS }, body: chunks });
  return kept ?? [];
}

/**
 * @param {string} address
 * @param {RequestInit} how
 * @returns {Promise<any>}
 */
async function ask(address, how) {
  const answer = await answered(address, how);
  if (!answer.ok) throw await refusalOf(answer);
  return answer.json().catch(() => ({}));
}

/**
 * @param {string} address
 * @param {RequestInit} how
 * @returns {Promise<Response>}
 */
function answered(address, how) {
  return fetch(address, { cache: "no-store", redirect: "error", ...how }).catch(unreached);
}

/** @returns {Refusal} what came in the place of an answer is none of ours */
export function unanswered() {
  return new Refusal(away(), 0);
}

/** @returns {never} */
function unreached() {
  throw new Refusal(_("Server tidak dapat dihubungi. Periksa jaringan Anda, lalu coba lagi."), 0);
}

/**
 * @param {Response} answer
 * @returns {Promise<Refusal>}
 */
async function refusalOf(answer) {
  const { error, kept } = await answer.json().catch(() => ({}));
  const between = BETWEEN[answer.status] ?? (() => _("Server belum dapat melakukannya. Muat ulang halaman, lalu coba lagi."));
  return new Refusal(error ?? between(), answer.status, kept);
}

/** @returns {string} */
function away() {
  return _("Server sedang tidak dapat menjawab. Tunggu sebentar, lalu coba lagi.");
}
