/**
 * Whose keys count, as this browser remembers it: the root key and every version it has seen are pinned here, and what
 * contradicts them is said loudly.
 */

import { Directory, NotVouched, vouchedRecipient } from "../directory/directory.js";
import { element, notice } from "../element.js";
import { _ } from "../i18n.js";
import { equal, fromBase64, fromHex } from "../vault/bytes.js";
import { get } from "./post.js";
import { unlockDialog } from "./unlock.js";

/** @import { Recipient } from "../vault/seal.js" */
/** @import { Keyring } from "./keyring.js" */

/**
 * What is vouched for, the statements it rests on, and each vouched key by its digest.
 *
 * @typedef {{ directory: Directory, statements: string[], kemOf: (digest: string) => Promise<Recipient> }} Trust
 */

const ROOT_ITEM = "kentongan.root";
const PINS_ITEM = "kentongan.pins";

/** Something here is not as it was, or not as it must be; nothing may be sealed or signed on it. */
export class Distrust extends Error {
  name = "Distrust";
}

/**
 * Fetch every statement, and judge them by the root key and the versions this browser has seen.
 *
 * @param {Keyring} keyring whoever sits here: the directory must name his very keys
 * @returns {Promise<Trust>}
 * @throws {Distrust} when the root key is another, or the keys under this officer's name are not his; it is shown as well
 */
export async function openTrust(keyring) {
  const trust = await openDirectory();
  checkOwn(trust.directory, keyring);
  localStorage.setItem(PINS_ITEM, JSON.stringify(trust.directory.pins()));
  return trust;
}

/**
 * The same, whoever sits here and without a key of his: nothing is sealed or signed on it, and nothing remembered.
 *
 * @returns {Promise<Trust>}
 * @throws {Distrust} when the root key is another; it is shown as well
 */
export async function openDirectory() {
  const { root, statements, kems } = await get(String(unlockDialog().dataset.directory));
  checkRoot(root);
  const pins = keptPins();
  const directory = await Directory.judge(fromHex(root), statements, pins);
  checkVersions(directory, pins);
  return { directory, statements, kemOf: (digest) => kemOf(kems, digest) };
}

/**
 * Show, first on the page, that something is wrong with the keys.
 *
 * @param {string} sentence
 */
export function alarm(sentence) {
  const said = notice("danger", _("Jangan lanjutkan"), element("p", {}, sentence));
  said.role = "alert";
  document.querySelector("main")?.prepend(said);
}

/** @param {string} root hex */
function checkRoot(root) {
  const known = localStorage.getItem(ROOT_ITEM) ?? root;
  if (known !== root) {
    distrust(
      _(
        "Kunci akar situs ini berbeda dari yang dikenal peramban ini. Mungkin ada yang menyamar sebagai server. Jangan membuka atau menulis apa pun; hubungi penanggung jawab instalasi lewat telepon. Hanya bila instalasi ini memang didirikan ulang: hapus data situs ini di peramban, lalu masuk lagi.",
      ),
    );
  }
  localStorage.setItem(ROOT_ITEM, root);
}

/**
 * @param {Directory} directory
 * @param {Record<string, string>} pins
 */
function checkVersions(directory, pins) {
  const lost = Object.keys(pins).filter((name) => {
    const [kind, subject] = name.split("/");
    return ["older", "unknown"].includes(directory.reason(kind, subject) ?? "");
  });
  if (lost.length === 0) return;
  // The directory does not count them, so work may go on with the rest.
  alarm(
    _(
      "Server menyembunyikan pernyataan tentang kunci yang pernah dilihat peramban ini ({lost}). Kunci itu tidak dipakai. Beri tahu kepala meja di atas Anda.",
      { lost: lost.join(", ") },
    ),
  );
}

/**
 * @param {Directory} directory
 * @param {Keyring} keyring
 */
function checkOwn(directory, { officer, identity, sign }) {
  const reason = directory.reason("officer", officer);
  if (reason !== null) distrust(_("Kunci Anda belum atau tidak lagi disahkan ({reason}). Hubungi kepala meja.", { reason }));
  const vouched = directory.officer(officer);
  if (vouched.kemDigest !== identity.recipient.digest || !equal(vouched.sign, sign.public)) {
    distrust(_("Kunci atas nama Anda di server bukan kunci Anda. Ada yang menukarnya; hubungi kepala meja lewat telepon."));
  }
}

/**
 * @param {Record<string, string>} kems base64, by digest
 * @param {string} digest
 * @returns {Promise<Recipient>}
 */
async function kemOf(kems, digest) {
  if (!Object.hasOwn(kems, digest)) throw new NotVouched("key");
  return vouchedRecipient(fromBase64(kems[digest]), digest);
}

/** @returns {Record<string, string>} */
function keptPins() {
  return JSON.parse(localStorage.getItem(PINS_ITEM) ?? "{}");
}

/**
 * @param {string} sentence
 * @returns {never}
 */
function distrust(sentence) {
  alarm(sentence);
  throw new Distrust(sentence);
}
