/** Logging in: the password is stretched here, and only what comes of it is sent. */

import { one } from "../element.js";
import { _ } from "../i18n.js";
import { base64 } from "../vault/bytes.js";
import { NoPassword, passwordKeys, readPassword } from "./password.js";
import { post, Refusal } from "./post.js";
import { clearProblems, showProblems } from "./problems.js";
import { openHanded } from "./seed.js";

/** @import { Problem } from "./problems.js" */

const CODE = /^\d{6}$/;
const form = one(document, "#login", HTMLFormElement);
const button = one(form, "button[type=submit]", HTMLButtonElement);

/**
 * @param {string} id
 * @returns {string} what is typed there
 */
function typed(id) {
  return one(form, `#${id}`, HTMLInputElement).value.trim();
}

/** @returns {Problem[]} what can be seen to be wrong without asking the server */
function problems() {
  /** @type {Problem[]} */
  const found = [];
  if (!typed("name")) found.push({ field: "name", sentence: _("Tulis nama akun Anda.") });
  try {
    readPassword(typed("password"));
  } catch (error) {
    if (!(error instanceof NoPassword)) throw error;
    found.push({ field: "password", sentence: error.message });
  }
  if (!CODE.test(code())) found.push({ field: "code", sentence: _("Kode terdiri dari enam angka.") });
  return found;
}

/** @returns {string} the digits, however they are grouped */
function code() {
  return typed("code").replace(/\s/g, "");
}

/** @returns {Promise<void>} */
async function logIn() {
  const { salt } = await post(String(form.dataset.salt), { name: typed("name") });
  const keys = await passwordKeys(readPassword(typed("password")), salt, one(form, ".progress", HTMLElement));
  const handed = await post(String(form.dataset.login), { name: typed("name"), auth: base64(keys.auth), totp: code() });
  await openHanded(handed, keys.unlockKey);
  location.assign(form.dataset.next || handed.home);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearProblems(form);
  const found = problems();
  if (found.length > 0) return showProblems(form, found);
  button.disabled = true;
  try {
    await logIn();
  } catch (error) {
    const sentence = error instanceof Refusal ? error.message : _("Kunci Anda tidak dapat dibuka di peramban ini.");
    showProblems(form, [{ field: "", sentence }]);
  } finally {
    button.disabled = false;
  }
});
// Until here the button was dead: a browser that posts the form itself would ask for nothing and say nothing.
button.disabled = false;
one(form, "#loading", HTMLElement).textContent = "";
