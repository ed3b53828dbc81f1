/** Everything a complaint's seal needs, fetched and worked out while the reporter is still answering. */

import { NotVouched } from "../directory/directory.js";
import { fromHex } from "../vault/bytes.js";
import { PHRASE_WORDS, keysOf } from "../vault/phrase.js";
import { draw } from "../vault/spelling.js";
import { probe, stretch } from "../vault/stretch.js";
import { Unanswered, ask, askJson, insist } from "./posting.js";
import { deskRecipient, envelopeOf, routed, treeOf } from "./sealing.js";

/** @import { PhraseKeys } from "../vault/phrase.js" */
/** @import { Answers } from "./account.js" */
/** @import { Envelope, Tree } from "./sealing.js" */

/** @typedef {{ ROOT: string, SALT: string, FLOORS: Record<string, string> }} Installation */
/** @typedef {{ desks: string, receipt?: string }} Addresses without a receipt's where another page shows the phrase */

const INSTALLATION = "/installation.js";

/** A drawn phrase whose keys are being made, the vouched tree of desks, and the page that will show the phrase. */
export class Preparation {
  phrase = draw(PHRASE_WORDS);
  /** @type {(done: number) => void} told how far the keys are, from 0 to 1 */
  onProgress = () => undefined;
  /** @type {Promise<PhraseKeys> | undefined} */
  #keys;
  #begun = 0;

  /**
   * @param {Addresses} addresses
   * @param {Installation} pinned
   * @param {Tree} tree
   * @param {string} page the receipt's page, so that a network that dies after posting still shows the phrase
   * @param {number} estimate how long this device needs for the keys, in ms
   */
  constructor(addresses, pinned, tree, page, estimate) {
    this.addresses = addresses;
    this.pinned = pinned;
    this.tree = tree;
    this.page = page;
    this.estimate = estimate;
  }

  /** @returns {Promise<PhraseKeys>} */
  keys() {
    this.#begun ||= performance.now();
    this.#keys ??= this.#stretched().catch((error) => {
      // The memory it takes may be free the next time.
      [this.#keys, this.#begun] = [undefined, 0];
      throw error;
    });
    return this.#keys;
  }

  /** @returns {number} how long the keys will still take, in ms */
  get remaining() {
    return this.#begun ? Math.max(0, this.estimate - (performance.now() - this.#begun)) : this.estimate;
  }

  /**
   * Seal the answers for the desk that may read them.
   *
   * @param {Answers} answers
   * @param {string} [channel] the officer who writes down what somebody else tells
   * @returns {Promise<Envelope>}
   * @throws {import("./published.js").Unpublished}
   */
  async seal(answers, channel) {
    const to = await this.#addressed(answers).catch(async (error) => {
      if (!(error instanceof NotVouched)) throw error;
      // The desk may have another key since the tree was fetched; then there is a newer tree that says so.
      await this.renew();
      return this.#addressed(answers);
    });
    return envelopeOf(answers, await this.keys(), { ...to, today: this.tree.today, channel });
  }

  /**
   * Take the desks and the day as they are now; never a directory older than the one known already.
   *
   * @param {any} [told] the directory, where it has come already
   */
  async renew(told) {
    const pins = this.tree.directory.pins();
    this.tree = told ? await treeOf(told, this.pinned.ROOT, this.pinned.FLOORS, pins) : await fetchTree(this.addresses, this.pinned, pins);
  }

  /**
   * @param {Answers} answers
   * @returns {Promise<{ label: import("../routing.js").Label, desk: string, recipient: import("./sealing.js").Named }>}
   */
  async #addressed(answers) {
    const { label, desk } = routed(answers, this.tree);
    const told = await insist(() => askJson(`${this.addresses.desks}/${encodeURIComponent(desk)}/key`));
    const recipient = await deskRecipient(told, desk, this.tree);
    const { provePublished } = await import("./published.js");
    await provePublished(told, desk, this.tree.directory, fromHex(this.pinned.ROOT));
    return { label, desk, recipient };
  }

  /** @returns {Promise<PhraseKeys>} */
  async #stretched() {
    return keysOf(await stretch(this.phrase, fromHex(this.pinned.SALT), (done) => this.onProgress(done)));
  }
}

/**
 * @param {Addresses} addresses
 * @returns {Promise<Preparation>}
 * @throws {import("../directory/directory.js").NotVouched}
 * @throws {Unanswered}
 */
export async function prepare(addresses) {
  const { receipt } = addresses;
  /** @type {Installation} */
  const pinned = await import(INSTALLATION);
  const [tree, page, estimate] = await Promise.all([
    fetchTree(addresses, pinned),
    receipt === undefined ? "" : insist(() => fetchReceipt(receipt)),
    probe(),
  ]);
  const preparation = new Preparation(addresses, pinned, tree, page, estimate);
  // Begun at once, also where it takes long: the reporter may read and correct meanwhile.
  preparation.keys().catch(() => undefined);
  return preparation;
}

/**
 * @param {string} receipt its address
 * @returns {Promise<string>}
 * @throws {Unanswered} where something else stands in its place: once the complaint is sent, that would show no phrase
 */
async function fetchReceipt(receipt) {
  const { text } = await ask(receipt);
  if (!new DOMParser().parseFromString(text, "text/html").querySelector("#tracking-phrase")) throw new Unanswered();
  return text;
}

/**
 * @param {Addresses} addresses
 * @param {Installation} pinned
 * @param {Record<string, string>} [pins]
 * @returns {Promise<Tree>}
 */
async function fetchTree({ desks }, { ROOT, FLOORS }, pins) {
  return treeOf(await insist(() => askJson(desks)), ROOT, FLOORS, pins);
}
