/** Sealing anew, in a lead's browser, what was sealed to a former key of his desk. */

import { NotVouched } from "../directory/directory.js";
import { EPOCH, parse } from "../directory/statements.js";
import { writeReseal } from "../ledger/reseal.js";
import { Malformed, sign } from "../vault/bodies.js";
import { base64, fromBase64, hex } from "../vault/bytes.js";
import { context } from "../vault/context.js";
import { sha256 } from "../vault/derive.js";
import { Unreadable } from "../vault/errors.js";
import { Identity, seal, unseal } from "../vault/seal.js";
import { openDeskKey } from "./desk-keys.js";

/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Copy as DeskCopy } from "./desk-keys.js" */
/** @import { Keyring } from "./keyring.js" */
/** @import { Trust } from "./trust.js" */

/** @typedef {{ kind: string, object: string, epoch: number, recipient: string, sealed: string }} Old base64 in `sealed` */
/** @typedef {{ body: string, sealed: string }} New as it is posted; empty in `sealed` where the old copy did not open */

const KEY_BYTES = 32;

/** A desk's former keys, opened by one of its leads, and the newest, to which he seals. */
export class Resealer {
  /** @type {Map<string, Promise<Identity>>} by the name under which copies are sealed to it */
  #former = new Map();

  /**
   * @param {Keyring} keyring
   * @param {Trust} trust
   * @param {DeskCopy[]} deskCopies the seeds he can open
   * @param {string} desk
   * @param {string} today
   */
  constructor(keyring, trust, deskCopies, desk, today) {
    this.keyring = keyring;
    this.trust = trust;
    this.deskCopies = deskCopies;
    this.desk = desk;
    this.today = today;
  }

  /**
   * @param {Old[]} copies
   * @returns {Promise<New[]>}
   * @throws {NotVouched} where he does not hold a former key
   */
  reseal(copies) {
    return Promise.all(copies.map((copy) => this.#anew(copy)));
  }

  /**
   * @param {Old} copy
   * @returns {Promise<New>}
   */
  async #anew(copy) {
    const { kind, object, epoch, recipient: before } = copy;
    const { epoch: newest, kemDigest } = this.trust.directory.deskKey(this.desk);
    const after = `desk:${this.desk}:${newest}`;
    const key = await this.#open(copy);
    const sealed = key && (await seal(key, await this.trust.kemOf(kemDigest), placeOf(copy, after)));
    const digest = sealed && hex(await sha256(sealed));
    const { officer, sign: own } = this.keyring;
    const words = writeReseal({ object, kind, epoch: BigInt(epoch), before, after, digest, day: this.today, officer });
    return { body: await sign(words, own), sealed: sealed ? base64(sealed) : "" };
  }

  /**
   * @param {Old} copy
   * @returns {Promise<Bytes | null>} nothing where the copy is damaged: whoever lodges a complaint may post anything
   */
  async #open(copy) {
    const identity = await this.#identity(copy.recipient);
    try {
      const key = await unseal(fromBase64(copy.sealed), identity, placeOf(copy, copy.recipient));
      return key.length === KEY_BYTES ? key : null;
    } catch (error) {
      if (error instanceof Unreadable) return null;
      throw error;
    }
  }

  /**
   * @param {string} name `desk:<id>:<epoch>`
   * @returns {Promise<Identity>}
   */
  #identity(name) {
    const known = this.#former.get(name) ?? this.#formerKey(name);
    this.#former.set(name, known);
    return known;
  }

  /**
   * @param {string} name
   * @returns {Promise<Identity>}
   */
  async #formerKey(name) {
    const [, desk, epoch] = name.split(":");
    const identity = await Identity.fromSeed(await openDeskKey(this.keyring, this.deskCopies, desk, Number(epoch)));
    // Under another key nothing would open, and all would be called damaged.
    if (!this.#stated(desk, epoch).includes(identity.recipient.digest)) throw new NotVouched("key");
    return identity;
  }

  /**
   * @param {string} desk
   * @param {string} epoch
   * @returns {(string | null)[]} the digests of its key, as it was once stated
   */
  #stated(desk, epoch) {
    const said = this.trust.statements.flatMap((body) => {
      try {
        return [parse(body)];
      } catch (error) {
        if (error instanceof Malformed) return [];
        throw error;
      }
    });
    const about = said.filter(({ kind, subject, version }) => kind === EPOCH && subject === desk && String(version) === epoch);
    return about.map(({ kem }) => kem);
  }
}

/**
 * @param {Old} copy
 * @param {string} recipient
 * @returns {Bytes} the context in which a key is sealed to `recipient`
 */
function placeOf({ kind, object, epoch }, recipient) {
  if (kind === "desk") return context("desk-key", { object, epoch, recipient });
  return context(`${kind}-key`, { complaint: object, epoch, recipient });
}
