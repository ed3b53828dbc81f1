/** The dialog that stands before a locked page and asks for the password. What was typed behind it stays. */

import { one } from "../element.js";
import { _ } from "../i18n.js";
import { base64 } from "../vault/bytes.js";
import { NoPassword, passwordKeys, readPassword } from "./password.js";
import { post, Refusal } from "./post.js";
import { clearProblems, showProblems } from "./problems.js";
import { openHanded } from "./seed.js";

/** @import { Bytes } from "../vault/bytes.js" */

/** @typedef {{ seed: Bytes | null, officer: string }} Unlocked the seed is nothing for roles without keys */

const FIELD = "unlock-password";

/** @type {Promise<Unlocked> | undefined} */
let asking;

/** @returns {HTMLDialogElement} the dialog, which also carries the addresses a login needs */
export function unlockDialog() {
  return one(document, "#unlock", HTMLDialogElement);
}

/**
 * Hide the page until the password is given.
 *
 * @returns {Promise<Unlocked>}
 */
export function askToUnlock() {
  asking ??= untilUnlocked().finally(() => (asking = undefined));
  return asking;
}

/** @returns {Promise<Unlocked>} */
async function untilUnlocked() {
  const dialog = unlockDialog();
  const main = one(document, "main", HTMLElement);
  const close = new AbortController();
  // Escape closes a dialog, the second time whatever is done about it: then it opens again.
  dialog.addEventListener("cancel", (event) => event.preventDefault(), { signal: close.signal });
  dialog.addEventListener("close", () => dialog.showModal(), { signal: close.signal });
  one(dialog, "#unlock-kept", HTMLElement).hidden = main.querySelector("#locked") !== null;
  main.hidden = true;
  dialog.showModal();
  const unlocked = await firstSuccess(close.signal);
  close.abort();
  main.hidden = false;
  dialog.close();
  return unlocked;
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<Unlocked>}
 */
function firstSuccess(signal) {
  const form = one(document, "#unlock-form", HTMLFormElement);
  return new Promise((resolve) => {
    form.addEventListener(
      "submit",
      (event) => {
        event.preventDefault();
        unlock(form).then(resolve, (error) => sayNo(form, error));
      },
      { signal },
    );
  });
}

/**
 * @param {HTMLFormElement} form
 * @returns {Promise<Unlocked>}
 */
async function unlock(form) {
  clearProblems(form);
  const field = one(form, `#${FIELD}`, HTMLInputElement);
  const words = readPassword(field.value);
  const addresses = unlockDialog().dataset;
  const { salt } = await post(String(addresses.salt), { name: addresses.name });
  const keys = await passwordKeys(words, salt, one(form, ".progress", HTMLElement));
  const handed = await post(String(addresses.unlock), { auth: base64(keys.auth) });
  const seed = await openHanded(handed, keys.unlockKey);
  field.value = "";
  return { seed, officer: handed.officer };
}

/**
 * @param {HTMLFormElement} form
 * @param {unknown} error
 */
function sayNo(form, error) {
  if (error instanceof Refusal && error.status === 401) location.assign(String(unlockDialog().dataset.login));
  const known = error instanceof NoPassword || error instanceof Refusal;
  const sentence = known ? error.message : _("Kunci Anda tidak dapat dibuka di peramban ini. Keluar, lalu masuk lagi.");
  showProblems(form, [{ field: FIELD, sentence }]);
}
