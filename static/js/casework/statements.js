/** Statements as a lead signs them in his browser: about an officer, and about his desk's key. */

import { ACTIVE, parse, sign } from "../directory/statements.js";
import { _ } from "../i18n.js";
import { hex } from "../vault/bytes.js";
import { Malformed } from "../vault/bodies.js";
import { Distrust } from "./trust.js";

/** @import { Recipient } from "../vault/seal.js" */
/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Keyring } from "./keyring.js" */
/** @import { Trust } from "./trust.js" */

const REVOKED = "revoked";

/** @typedef {{ id: string, role: string, desk: string, kem: Recipient, sign: Bytes }} Newcomer whose fingerprint was compared */

/**
 * Sign that a newcomer serves at his desk with these keys.
 *
 * @param {Keyring} keyring the lead's
 * @param {Trust} trust
 * @param {Newcomer} newcomer
 * @param {string} today
 * @returns {Promise<string>} the signed body
 * @throws {Distrust} where they have been revoked before: who lost them, or had them stolen, makes others
 */
export async function vouchFor(keyring, { directory, statements }, newcomer, today) {
  const { id, role, desk, kem, sign: signKey } = newcomer;
  if (directory.wasRevoked(id, signKey)) {
    throw new Distrust(
      _("Kunci ini pernah dicabut, jadi tidak disahkan lagi. Minta administrator membuat undangan baru, supaya pemiliknya membuat kunci lain."),
    );
  }
  const said = { desk, remit: role, kem: kem.digest, sign: hex(signKey) };
  return signed(keyring, { kind: "officer", subject: id, version: next(statements, "officer", id), issued: today, ...said });
}

/**
 * Sign that an officer's keys, which count or wait to count again, count no more.
 *
 * @param {Keyring} keyring the lead's
 * @param {Trust} trust
 * @param {string} id the officer's
 * @param {string} today
 * @returns {Promise<string>} the signed body
 * @throws {Distrust} where there are none
 */
export async function revoke(keyring, { directory, statements }, id, today) {
  const keys = directory.revocable(id);
  if (keys === null) {
    throw new Distrust(_("Menurut pernyataan di server, orang ini tidak punya kunci yang dapat dicabut. Muat ulang halaman, lalu lihat lagi."));
  }
  const said = { desk: keys.desk, remit: keys.role, kem: keys.kemDigest, sign: hex(keys.sign), status: REVOKED };
  return signed(keyring, { kind: "officer", subject: id, version: next(statements, "officer", id), issued: today, ...said });
}

/**
 * Sign that a desk has a new key.
 *
 * @param {Keyring} keyring the lead's
 * @param {bigint} epoch
 * @param {string} desk
 * @param {Recipient} kem
 * @param {string} today
 * @returns {Promise<string>} the signed body
 */
export function stateEpoch(keyring, epoch, desk, kem, today) {
  return signed(keyring, { kind: "epoch", subject: desk, version: epoch, issued: today, kem: kem.digest });
}

/**
 * @param {string[]} statements bodies; those that are none are passed over
 * @param {string} kind
 * @param {string} subject
 * @returns {bigint} the version that comes next
 * @throws {Distrust} where one is missing before the newest
 */
export function next(statements, kind, subject) {
  const versions = statements.flatMap((body) => {
    const found = read(body);
    return found && found.kind === kind && found.subject === subject ? [found.version] : [];
  });
  const following = BigInt(new Set(versions).size) + 1n;
  // Anybody can tell of a version, signed or not: after the last there is, nobody could revoke what is signed here.
  if (versions.some((version) => version >= following)) {
    throw new Distrust(_("Nomor pernyataan di server melompat, jadi tidak ada yang ditandatangani. Beri tahu kepala meja di atas Anda."));
  }
  return following;
}

/**
 * @param {Keyring} keyring
 * @param {{ kind: string, subject: string, version: bigint, issued: string, desk?: string, remit?: string, kem: string, sign?: string, status?: string }} said
 * @returns {Promise<string>}
 */
function signed({ officer, sign: key }, { desk = "", remit = "", sign: signKey = "", ...said }) {
  const absent = { parent: null, desk: desk || null, remit: remit || null, sign: signKey || null };
  return sign({ status: ACTIVE, issuer: `officer:${officer}`, ...absent, ...said }, key);
}

/**
 * @param {string} body
 * @returns {import("../directory/statements.js").Statement | null}
 */
function read(body) {
  try {
    return parse(body);
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}
