/** What a reporter and the server say to each other about one case, in the name of its phrase. */

import { hex } from "../vault/bytes.js";
import { Unanswered, askJson } from "./posting.js";
import { Thread } from "./thread.js";

/** @import { Bytes } from "../vault/bytes.js" */
/** @import { PhraseKeys } from "../vault/phrase.js" */
/** @import { Act, Told } from "./thread.js" */

/** @typedef {{ openUrl: string, filesUrl: string, actsUrl: string }} Addresses */

/**
 * A file as the server tells of it: `key`, `progress` and `manifest` are boxes (base64); `seq` is the event that brought
 * it, if one did; `have` tells of the chunks that are there (SHA-256, hex) until then.
 *
 * @typedef {object} ToldFile
 * @property {string} id
 * @property {number} epoch
 * @property {string} key
 * @property {string | null} progress
 * @property {string | null} manifest
 * @property {number} size padded
 * @property {number} chunks
 * @property {{ number: number, digest: string }[]} [have]
 * @property {number | null} seq
 * @property {string} day
 */

/** @typedef {Told & { files: ToldFile[] }} ToldAll */

export class Correspondence {
  /**
   * @param {PhraseKeys} keys
   * @param {Bytes} root the installation's public key
   * @param {Addresses} addresses
   */
  constructor(keys, root, addresses) {
    this.keys = keys;
    this.root = root;
    this.addresses = addresses;
    this.token = hex(keys.lookupToken);
  }

  /**
   * @returns {Promise<ToldAll>} the case as it stands, still sealed
   * @throws {import("./posting.js").Refusal}
   * @throws {Unanswered}
   */
  told() {
    return askJson(this.addresses.openUrl, { token: this.token });
  }

  /**
   * @param {string} address
   * @returns {Promise<string[]>} the bodies of the case's events, verbatim; whether they hold is for the reader to judge
   * @throws {import("./posting.js").Refusal}
   * @throws {Unanswered}
   */
  async history(address) {
    const { events } = await askJson(address, { token: this.token });
    return events.map((/** @type {{ body: string }} */ { body }) => body);
  }

  /**
   * @param {Told} told
   * @returns {Thread}
   */
  thread(told) {
    return new Thread(told, this.keys, this.root);
  }

  /**
   * @param {Act} act
   * @throws {import("./posting.js").Refusal}
   * @throws {Unanswered}
   */
  async post({ entry, ...act }) {
    const receipt = await askJson(this.addresses.actsUrl, { token: this.token, ...act });
    // Another entry than ours is no receipt for this act.
    if (receipt.entry !== entry) throw new Unanswered();
  }
}
