/** An officer's password: six words as he types them, and what they open (formats §4). */

import { one } from "../element.js";
import { _ } from "../i18n.js";
import { fromBase64 } from "../vault/bytes.js";
import { authToken, PASSWORD_WORDS, unlockKey } from "../vault/officers.js";
import { canonical, UnknownWord, WrongCount } from "../vault/phrase.js";
import { stretch } from "../vault/stretch.js";

/** @import { Bytes } from "../vault/bytes.js" */

/** @typedef {{ unlockKey: Bytes, auth: Bytes }} PasswordKeys what opens the seed's box, and what logs in */

/** What was typed is no password; the message is a sentence. */
export class NoPassword extends Error {
  name = "NoPassword";
}

/**
 * @param {string} typed
 * @returns {string} the six words, canonical
 * @throws {NoPassword}
 */
export function readPassword(typed) {
  try {
    return canonical(typed, PASSWORD_WORDS);
  } catch (error) {
    throw new NoPassword(sentenceFor(error));
  }
}

/**
 * Stretch the password, with its progress shown.
 *
 * @param {string} words canonical
 * @param {string} salt base64
 * @param {HTMLElement} progress the `.progress` that shows how far it is
 * @returns {Promise<PasswordKeys>}
 */
export async function passwordKeys(words, salt, progress) {
  const bar = one(progress, "progress", HTMLProgressElement);
  progress.hidden = false;
  try {
    const key = await stretch(words, fromBase64(salt), (done) => (bar.value = done));
    return { unlockKey: await unlockKey(key), auth: await authToken(key) };
  } finally {
    progress.hidden = true;
  }
}

/**
 * @param {unknown} error
 * @returns {string}
 */
function sentenceFor(error) {
  if (error instanceof WrongCount && error.found === 0) return _("Tulis kata sandi Anda.");
  if (error instanceof WrongCount) {
    return _("Kata sandi terdiri dari enam kata; yang Anda tulis {found} kata.", { found: error.found });
  }
  if (!(error instanceof UnknownWord)) throw error;
  // The word itself is not said: it stands behind dots, and somebody may look on.
  return _("Kata ke-{position} tidak ada di daftar kata. Periksa ejaannya.", { position: error.position });
}
