/** Seals: HPKE base mode, single shot, to an X-Wing key (RFC 9180, KEM 0x647a; formats §1, §2). */

import { Aes256Gcm, CipherSuite, HkdfSha256, XWing } from "../../vendor/hpke.js";
import { concat, hex } from "./bytes.js";
import { sha256 } from "./derive.js";
import { Unreadable } from "./errors.js";

/** @import { Bytes } from "./bytes.js" */

const VERSION = 1;
const ENC_BYTES = 1120;
const BEGINNING = 1 + ENC_BYTES;

const kem = new XWing();
const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() });

/** Whom a seal is for: an X-Wing public key, 1,216 bytes `raw`, and its SHA-256 in hex, as statements name it. */
export class Recipient {
  /**
   * @param {Bytes} raw
   * @param {string} digest
   * @param {CryptoKey} key
   */
  constructor(raw, digest, key) {
    this.raw = raw;
    this.digest = digest;
    this.key = key;
  }

  /**
   * Read a public key.
   *
   * @param {Bytes} raw
   * @returns {Promise<Recipient>}
   * @throws {Unreadable} when it is none, or its X25519 half is a point of small order
   */
  static async fromBytes(raw) {
    const key = await readable(async () => {
      const imported = await kem.importKey("raw", raw.slice().buffer);
      // Only to encapsulate shows whether that can be done.
      await kem.encap({ recipientPublicKey: imported });
      return imported;
    });
    return new Recipient(raw.slice(), hex(await sha256(raw)), key);
  }
}

/** Who can open what was sealed to its `recipient`. */
export class Identity {
  /**
   * @param {Recipient} recipient
   * @param {CryptoKey} key
   */
  constructor(recipient, key) {
    this.recipient = recipient;
    this.key = key;
  }

  /**
   * Expand a 32-byte X-Wing seed. The library's `deriveKeyPair` makes another key of the same bytes and is not used.
   *
   * @param {Bytes} seed
   * @returns {Promise<Identity>}
   * @throws {Unreadable} at another length
   */
  static async fromSeed(seed) {
    return readable(async () => {
      // The library reads the whole buffer that lies under an array: it gets one that holds the seed alone.
      const { privateKey, publicKey } = await kem.generateKeyPairDerand(seed.slice());
      const raw = new Uint8Array(await kem.serializePublicKey(publicKey));
      return new Identity(new Recipient(raw, hex(await sha256(raw)), publicKey), privateKey);
    });
  }
}

/**
 * Seal `plaintext` to `recipient`: version ‖ enc (1120) ‖ ciphertext ‖ tag (16), 1,137 bytes longer.
 *
 * @param {Bytes} plaintext
 * @param {Recipient} recipient
 * @param {Bytes} context
 * @returns {Promise<Bytes>}
 */
export async function seal(plaintext, recipient, context) {
  const { enc, ct } = await suite.seal({ recipientPublicKey: recipient.key, info: context }, plaintext);
  return concat(Uint8Array.of(VERSION), new Uint8Array(enc), new Uint8Array(ct));
}

/**
 * Open a seal.
 *
 * @param {Bytes} sealed
 * @param {Identity} identity
 * @param {Bytes} context
 * @returns {Promise<Bytes>}
 * @throws {Unreadable} whatever is wrong with it, its recipient or its place
 */
export async function unseal(sealed, identity, context) {
  if (sealed[0] !== VERSION) throw new Unreadable();
  const [enc, ct] = [sealed.slice(1, BEGINNING), sealed.slice(BEGINNING)];
  return readable(async () => new Uint8Array(await suite.open({ recipientKey: identity.key, enc, info: context }, ct)));
}

/**
 * @template Result
 * @param {() => Promise<Result>} act
 * @returns {Promise<Result>} its result; whatever the library complains of becomes the one error
 */
async function readable(act) {
  try {
    return await act();
  } catch {
    throw new Unreadable();
  }
}
