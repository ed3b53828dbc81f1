/** Signed notes, as c2sp.org/signed-note says: a text, an empty line, and lines that sign it. */

import { Malformed } from "../vault/bodies.js";
import { base64, concat, equal, fromBase64, hex, utf8 } from "../vault/bytes.js";
import { hash } from "../vault/hashing.js";
import { verify } from "../vault/sign.js";

/** @import { Bytes } from "../vault/bytes.js" */

/** The signature types: of a text alone, and of a witness that signs the time as well (c2sp.org/tlog-cosignature). */
export const [ED25519, COSIGNATURE] = [1, 4];
const TIME_BYTES = 8;
const ID_BYTES = 4;
const KEY_BYTES = 32;
const MOST_SIGNATURES = 64;
// Half a surrogate pair has no UTF-8, and would be hashed as another letter.
const REFUSED = /[\0-\x09\x0b-\x1f]|\p{Surrogate}/u;
// What Unicode calls a space, and the plus sign, part a name from what follows.
const NAME = "([^\\p{White_Space}\\x1c-\\x1f+]+)";
const VKEY = new RegExp(`^${NAME}\\+[0-9a-f]{8}\\+([A-Za-z0-9+/]+=*)$`, "u");
const LINE = new RegExp(`^— ${NAME} ([A-Za-z0-9+/]+=*)$`, "u");

/** Whose signature is looked for: a name and an Ed25519 key (32 bytes), and what it signs (`kind`). */
export class Verifier {
  /**
   * @param {string} name
   * @param {Bytes} publicKey
   * @param {number} kind
   */
  constructor(name, publicKey, kind) {
    this.name = name;
    this.public = publicKey;
    this.kind = kind;
    /** The four bytes by which a line says which key signed it. */
    this.id = hash(concat(utf8(`${name}\n`), this.#typed)).slice(0, ID_BYTES);
  }

  /** The verifier as one line of text: `<name>+<key id>+<base64 of type ‖ public key>`. */
  get vkey() {
    return `${this.name}+${hex(this.id)}+${base64(this.#typed)}`;
  }

  get #typed() {
    return concat(Uint8Array.of(this.kind), this.public);
  }

  /**
   * Read a vkey.
   *
   * @param {string} vkey
   * @returns {Verifier}
   * @throws {Malformed} on another type or length of key, or a key id that is not its own
   */
  static read(vkey) {
    const parts = VKEY.exec(vkey);
    const key = parts ? strictBase64(parts[2]) : new Uint8Array();
    const verifier = new Verifier(parts?.[1] ?? "", key.slice(1), key[0]);
    const known = [ED25519, COSIGNATURE].includes(verifier.kind) && verifier.public.length === KEY_BYTES;
    if (!known || verifier.vkey !== vkey) throw new Malformed();
    return verifier;
  }

  /**
   * Tell whether a signature is this key's over a text; a witness's has its time in front.
   *
   * @param {Bytes} signature
   * @param {string} text
   * @returns {Promise<boolean>}
   */
  async holds(signature, text) {
    if (this.kind === ED25519) return verify(this.public, signature, utf8(text));
    if (signature.length < TIME_BYTES) return false;
    const signed = `cosignature/v1\ntime ${timeOf(signature)}\n${text}`;
    return verify(this.public, signature.slice(TIME_BYTES), utf8(signed));
  }
}

/**
 * One signature line: whose it says it is, and the signature's bytes.
 *
 * @typedef {{ name: string, id: Bytes, signature: Bytes }} Signature
 */

/** A text, its last line's end included, and its signatures, none of them checked. */
export class Note {
  /**
   * @param {string} text
   * @param {Signature[]} signatures
   */
  constructor(text, signatures) {
    this.text = text;
    this.signatures = signatures;
  }

  /**
   * Read a note; no signature is checked.
   *
   * @param {string} note
   * @returns {Note}
   * @throws {Malformed}
   */
  static read(note) {
    const apart = note.lastIndexOf("\n\n");
    const lines = note.slice(apart + 2).split("\n");
    if (apart < 0 || lines.length < 2 || lines.pop() !== "" || REFUSED.test(note) || lines.length > MOST_SIGNATURES) throw new Malformed();
    return new Note(note.slice(0, apart + 1), lines.map(readLine));
  }

  /**
   * @param {Verifier} verifier
   * @returns {Bytes[]} the signatures said to be of this key
   */
  signaturesOf(verifier) {
    const own = this.signatures.filter(({ name, id }) => name === verifier.name && equal(id, verifier.id));
    return own.map(({ signature }) => signature);
  }

  /**
   * Tell whether this key signed the text; one signature of its that does not hold spoils the note.
   *
   * @param {Verifier} verifier
   * @returns {Promise<boolean>}
   */
  async isSignedBy(verifier) {
    const own = this.signaturesOf(verifier);
    const holding = await Promise.all(own.map((each) => verifier.holds(each, this.text)));
    return own.length > 0 && !holding.includes(false);
  }
}

/**
 * @param {Bytes} signature a witness's
 * @returns {bigint} when it was made, in seconds since 1970
 */
export function timeOf(signature) {
  return new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
}

/**
 * Read base64 that is written in the one way it is written.
 *
 * @param {string} text
 * @returns {Bytes}
 * @throws {Malformed}
 */
export function strictBase64(text) {
  try {
    const found = fromBase64(text);
    // Bits that no byte holds may be written either way, and would be another note of the same signature.
    if (base64(found) === text) return found;
  } catch {
    // Told below, as the other.
  }
  throw new Malformed();
}

/**
 * @param {string} line
 * @returns {Signature}
 */
function readLine(line) {
  const parts = LINE.exec(line);
  const signed = parts ? strictBase64(parts[2]) : new Uint8Array();
  if (parts === null || signed.length <= ID_BYTES) throw new Malformed();
  return { name: parts[1], id: signed.slice(0, ID_BYTES), signature: signed.slice(ID_BYTES) };
}
