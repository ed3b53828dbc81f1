/** A thread as the status page carries it: sealed keys and boxed texts, opened here with the keys of the phrase. */

import { REPORTER, objectRef, writeEvent } from "../ledger/body.js";
import { entryOf } from "../ledger/entries.js";
import * as bodies from "../vault/bodies.js";
import { box, unbox } from "../vault/box.js";
import { base64, fromBase64, fromHex, fromUtf8, hex, random, utf8 } from "../vault/bytes.js";
import { context } from "../vault/context.js";
import { pad, unpad } from "../vault/padding.js";
import { unseal } from "../vault/seal.js";
import { Unreadable } from "../vault/errors.js";
import { broughtKey } from "./bringing.js";

/** @import { Bytes } from "../vault/bytes.js" */
/** @import { PhraseKeys } from "../vault/phrase.js" */
/** @import { Copy } from "./bringing.js" */

const ID_BYTES = 16;
/** @type {Record<string, string>} what each act carries */
const TEXTS = { answer: "answer", message: "message", object: "objection", withdraw: "withdrawal" };

/** @typedef {{ kind: string, id: string, epoch: number, box: string }} BoxedText base64 in `box` */
/** @typedef {{ body: string, objects: BoxedText[], entry: string }} Act with the ledger entry (hex) it must become */

export class Thread {
  /** @type {Map<number, Promise<Bytes>>} */
  #opened = new Map();

  /**
   * @param {HTMLElement} element `#thread` of the status page
   * @param {PhraseKeys} keys
   * @param {Bytes} root the public key at which every chain of statements starts
   */
  constructor(element, keys, root) {
    const { complaint, version, state, head, resumes, today, epoch } = element.dataset;
    this.keys = keys;
    this.complaint = String(complaint);
    this.version = BigInt(String(version));
    this.state = String(state);
    this.head = fromHex(String(head));
    this.resumes = resumes || null;
    this.today = String(today);
    this.epoch = Number(epoch);
    this.copies = new Map([...element.querySelectorAll("data")].map(copyIn));
    const statements = /** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll("[data-statement]"));
    this.known = {
      complaint: this.complaint,
      statements: [...statements].map(({ dataset }) => String(dataset.statement)),
      root,
      own: keys.sign.public,
    };
  }

  /**
   * Open one text.
   *
   * @param {BoxedText} text
   * @returns {Promise<string>}
   * @throws {Unreadable} whatever is wrong with it, its key or its place
   */
  async open({ kind, id, epoch, box: boxed }) {
    const key = await this.#threadKey(epoch);
    try {
      return fromUtf8(unpad(await unbox(fromBase64(boxed), key, this.#place(kind, id, epoch))));
    } catch {
      throw new Unreadable();
    }
  }

  /**
   * Seal and sign what the reporter does on the case as this page shows it.
   *
   * @param {string} action answer, message, object or withdraw
   * @param {string} text
   * @param {boolean} threatened whether he says, in the clear, that he feels threatened
   * @returns {Promise<Act>}
   */
  async act(action, text, threatened) {
    const [kind, id] = [TEXTS[action], hex(random(ID_BYTES))];
    const boxed = await box(pad(utf8(text)), await this.#threadKey(this.epoch), this.#place(kind, id, this.epoch));
    const seq = this.version + 1n;
    /** @type {Record<string, string>} */
    const clear = threatened ? { threatened: "yes" } : {};
    const event = {
      case: this.complaint, seq, previous: this.head, action, fromState: this.state,
      toState: this.#stateAfter(action), day: this.today, actor: REPORTER, access: null, clear,
      objects: [await objectRef(kind, id, boxed)],
    };
    const body = await bodies.sign(writeEvent(event), this.keys.sign);
    const entry = hex(await entryOf(this.keys.ledgerKey, seq, body));
    return { body, objects: [{ kind, id, epoch: this.epoch, box: base64(boxed) }], entry };
  }

  /**
   * @param {string} action
   * @returns {string} the state it leads to, which its event must name
   */
  #stateAfter(action) {
    if (action === "answer" && this.resumes) return this.resumes;
    return action === "object" ? "OBJECTION" : this.state;
  }

  /**
   * @param {number} epoch
   * @returns {Promise<Bytes>}
   */
  #threadKey(epoch) {
    const opened = this.#opened.get(epoch) ?? this.#unsealed(epoch);
    this.#opened.set(epoch, opened);
    return opened;
  }

  /**
   * @param {number} epoch
   * @returns {Promise<Bytes>}
   */
  async #unsealed(epoch) {
    const sealed = await broughtKey(epoch, this.copies, this.known);
    const place = context("thread-key", { complaint: this.complaint, epoch, recipient: "reporter" });
    return unseal(sealed, this.keys.reporter, place);
  }

  /**
   * @param {string} kind
   * @param {string} object
   * @param {number} epoch
   * @returns {Bytes}
   */
  #place(kind, object, epoch) {
    return context(kind, { complaint: this.complaint, object, epoch });
  }
}

/**
 * @param {HTMLDataElement} data
 * @returns {[number, Copy]}
 */
function copyIn({ dataset, value }) {
  return [Number(dataset.epoch), { sealed: value, body: String(dataset.body) }];
}
