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
const FILE = "file";

/** @typedef {{ kind: string, id: string, epoch: number, box: string }} BoxedText base64 in `box` */
/** @typedef {{ id: string, epoch: number, box: Bytes, digest: string }} BroughtFile its manifest in `box`, its digest in hex */
/** @typedef {{ text: string, threatened: boolean, files?: BroughtFile[] }} Said in an act; in the clear only that one feels threatened */
/** @typedef {{ body: string, objects: BoxedText[], entry: string }} Act with the ledger entry (hex) it must become */

/**
 * A case as the server tells of it: what is needed to open its texts, and to sign what follows.
 *
 * @typedef {object} Told
 * @property {string} complaint
 * @property {number} version
 * @property {string} state
 * @property {string} head the newest entry, hex
 * @property {string | null} resumes
 * @property {string} today
 * @property {number} epoch
 * @property {({ epoch: number } & Copy)[]} keys
 * @property {string[]} statements
 */

export class Thread {
  /** @type {Map<number, Promise<Bytes>>} */
  #opened = new Map();

  /**
   * @param {Told} told
   * @param {PhraseKeys} keys
   * @param {Bytes} root the public key at which every chain of statements starts
   */
  constructor({ complaint, version, state, head, resumes, today, epoch, keys: copies, statements }, keys, root) {
    this.keys = keys;
    this.complaint = complaint;
    this.version = BigInt(version);
    this.state = state;
    this.head = fromHex(head);
    this.resumes = resumes;
    this.today = today;
    this.epoch = epoch;
    this.copies = new Map(copies.map((copy) => [copy.epoch, copy]));
    this.known = { complaint, statements, root, own: keys.sign.public };
  }

  /**
   * Open one text.
   *
   * @param {BoxedText} text
   * @returns {Promise<string>}
   * @throws {Unreadable} whatever is wrong with it, its key or its place
   */
  async open({ kind, id, epoch, box: boxed }) {
    const key = await this.key(epoch);
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
   * @param {Said} said no text at all only where a message brings files
   * @returns {Promise<Act>}
   */
  async act(action, { text, threatened, files = [] }) {
    const texts = text || files.length === 0 ? [await this.#sealed(TEXTS[action], text)] : [];
    const sealed = [...texts, ...files.map((file) => ({ kind: FILE, ...file }))];
    const seq = this.version + 1n;
    /** @type {Record<string, string>} */
    const clear = threatened ? { threatened: "yes" } : {};
    const event = {
      case: this.complaint, seq, previous: this.head, action, fromState: this.state,
      toState: this.#stateAfter(action), day: this.today, actor: REPORTER, access: null, clear,
      objects: sealed.map(({ kind, id, digest }) => ({ kind, id, digest })),
    };
    const body = await bodies.sign(writeEvent(event), this.keys.sign);
    const entry = hex(await entryOf(this.keys.ledgerKey, seq, body));
    return { body, objects: sealed.map(({ kind, id, epoch, box: boxed }) => ({ kind, id, epoch, box: base64(boxed) })), entry };
  }

  /**
   * @param {string} kind
   * @param {string} text
   * @returns {Promise<BroughtFile & { kind: string }>}
   */
  async #sealed(kind, text) {
    const [id, { epoch }] = [hex(random(ID_BYTES)), this];
    const boxed = await box(pad(utf8(text)), await this.key(epoch), this.#place(kind, id, epoch));
    return { ...(await objectRef(kind, id, boxed)), epoch, box: boxed };
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
   * Open the thread's key of `epoch`, once.
   *
   * @param {number} epoch
   * @returns {Promise<Bytes>}
   * @throws {Unreadable}
   */
  key(epoch) {
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
 * @param {HTMLElement} element `#thread` of the status page
 * @returns {Told} what stands there
 */
export function toldBy(element) {
  const { complaint, version, state, head, resumes, today, epoch } = element.dataset;
  const statements = /** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll("[data-statement]"));
  return {
    complaint: String(complaint), version: Number(version), state: String(state), head: String(head),
    resumes: resumes || null, today: String(today), epoch: Number(epoch),
    keys: [...element.querySelectorAll("data")].map(copyIn),
    statements: [...statements].map(({ dataset }) => String(dataset.statement)),
  };
}

/**
 * @param {HTMLDataElement} data
 * @returns {{ epoch: number } & Copy}
 */
function copyIn({ dataset, value }) {
  return { epoch: Number(dataset.epoch), sealed: value, body: String(dataset.body) };
}
