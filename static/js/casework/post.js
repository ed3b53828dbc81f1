/** Asking the server, and how it says no. */

import { _ } from "../i18n.js";

/** The server said no, or could not be reached (status 0); the message is a sentence for whoever asked. */
export class Refusal extends Error {
  name = "Refusal";

  /**
   * @param {string} sentence
   * @param {number} status
   */
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
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
 * @param {RequestInit} how
 * @returns {Promise<any>}
 */
async function ask(address, how) {
  const answer = await fetch(address, { cache: "no-store", redirect: "error", ...how }).catch(() => {
    throw new Refusal(_("Server tidak dapat dihubungi. Periksa jaringan Anda, lalu coba lagi."), 0);
  });
  const content = await answer.json().catch(() => ({}));
  if (answer.ok) return content;
  throw new Refusal(content.error ?? _("Server belum dapat melakukannya. Muat ulang halaman, lalu coba lagi."), answer.status);
}
