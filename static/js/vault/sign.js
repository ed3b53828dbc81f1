/**
 * Signatures: Ed25519 (RFC 8032), by the browser's own cryptography, or by a library where that does not know it.
 *
 * Some browsers mix chance into a signature, so that the same bytes are signed differently each time: nothing may rest
 * on two signatures being equal.
 */

import { concat, equal, fromHex, hex } from "./bytes.js";
import { Unreadable } from "./errors.js";

/** @import { Bytes } from "./bytes.js" */

const NAME = "Ed25519";
const SEED_BYTES = 32;
const POINT_BYTES = 32;
const SIGNATURE_BYTES = 64;
const PRIME = 2n ** 255n - 19n;
const EIGHTH = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
// The y of the eight points of small order, one of 1, one of 2, two of 4 and four of 8.
const SMALL_ORDER = [1n, PRIME - 1n, 0n, EIGHTH, PRIME - EIGHTH];
// What stands before the seed in an unencrypted private key (RFC 8410 §7).
const PKCS8 = fromHex("302e020100300506032b657004220420");

/**
 * @typedef {object} Engine
 * @property {(seed: Bytes) => Promise<{ public: Bytes, sign: (data: Bytes) => Promise<Bytes> }>} keyOf
 * @property {(publicKey: Bytes, signature: Bytes, data: Bytes) => Promise<boolean>} verify
 */

/** A key that signs; `public` (32 bytes) is what others check with. */
export class SigningKey {
  /**
   * @param {Bytes} publicKey
   * @param {(data: Bytes) => Promise<Bytes>} sign returns the 64-byte signature over its bytes
   */
  constructor(publicKey, sign) {
    this.public = publicKey;
    this.sign = sign;
  }

  /**
   * Make the key of a 32-byte seed.
   *
   * @param {Bytes} seed
   * @returns {Promise<SigningKey>}
   * @throws {Unreadable} at another length
   */
  static async fromSeed(seed) {
    if (seed.length !== SEED_BYTES) throw new Unreadable();
    const key = await (await engine()).keyOf(seed);
    return new SigningKey(key.public, key.sign);
  }
}

/**
 * Tell whether the holder of `publicKey` signed `data`; a malformed or worthless key or signature is simply a no.
 *
 * What RFC 8032 leaves open is decided in formats §1.
 *
 * @param {Bytes} publicKey
 * @param {Bytes} signature
 * @param {Bytes} data
 * @returns {Promise<boolean>}
 */
export async function verify(publicKey, signature, data) {
  const { verify: check } = await engine();
  return isWorth(publicKey) && check(publicKey, signature, data).catch(() => false);
}

/**
 * @param {Bytes} publicKey
 * @returns {boolean} whether it is written as it must be, and not one with which a signature by nobody fits many texts
 */
function isWorth(publicKey) {
  const y = numberIn(publicKey) % 2n ** 255n;
  return y < PRIME && !SMALL_ORDER.includes(y);
}

/** @type {Promise<Engine> | undefined} */
let chosen;

/** @returns {Promise<Engine>} */
function engine() {
  chosen ??= choose().catch((error) => {
    // The library may load the next time.
    chosen = undefined;
    throw error;
  });
  return chosen;
}

/** @returns {Promise<Engine>} */
async function choose() {
  return (await isNative()) ? native : library();
}

/** @returns {Promise<boolean>} whether the browser itself has Ed25519 */
async function isNative() {
  return native.keyOf(new Uint8Array(SEED_BYTES)).then(
    () => true,
    () => false,
  );
}

/** @type {Engine} */
const native = {
  async keyOf(seed) {
    const key = await crypto.subtle.importKey("pkcs8", concat(PKCS8, seed), NAME, true, ["sign"]);
    const { x } = await crypto.subtle.exportKey("jwk", key);
    return {
      public: fromBase64Url(String(x)),
      sign: async (data) => new Uint8Array(await crypto.subtle.sign(NAME, key, data)),
    };
  },

  async verify(publicKey, signature, data) {
    const key = await crypto.subtle.importKey("raw", publicKey, NAME, false, ["verify"]);
    return crypto.subtle.verify(NAME, key, signature, data);
  },
};

/** @returns {Promise<Engine>} */
async function library() {
  const { getPublicKeyAsync, Point, signAsync } = await import("../../vendor/ed25519.js");
  const { n: order } = Point.CURVE();
  return {
    async keyOf(seed) {
      const kept = seed.slice();
      return {
        public: new Uint8Array(await getPublicKeyAsync(kept)),
        sign: async (data) => new Uint8Array(await signAsync(data, kept)),
      };
    },

    // The library's own check multiplies by eight, and so takes signatures that browsers and OpenSSL refuse. As they
    // do, the first half is made anew here from the second, and compared.
    async verify(publicKey, signature, data) {
      if (signature.length !== SIGNATURE_BYTES) return false;
      const [first, second] = [signature.slice(0, POINT_BYTES), signature.slice(POINT_BYTES)];
      const hash = await crypto.subtle.digest("SHA-512", concat(first, publicKey, data));
      const challenge = numberIn(new Uint8Array(hash)) % order;
      const signer = Point.fromBytes(publicKey).multiply(challenge, false);
      return equal(first, Point.BASE.multiply(numberIn(second), false).subtract(signer).toBytes());
    },
  };
}

/**
 * @param {Bytes} bytes
 * @returns {bigint} the number they are, the lowest byte first
 */
function numberIn(bytes) {
  return BigInt(`0x0${hex(bytes.slice().reverse())}`);
}

/**
 * @param {string} text
 * @returns {Bytes}
 */
function fromBase64Url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}
