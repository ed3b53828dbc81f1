/** An officer's own page: his six words, made of the keys in this browser, and a new password for the same keys. */

import { one } from "../element.js";
import { _ } from "../i18n.js";
import { base64, fromBase64 } from "../vault/bytes.js";
import { box, unbox } from "../vault/box.js";
import { context } from "../vault/context.js";
import { fingerprint } from "../vault/fingerprint.js";
import { PASSWORD_WORDS } from "../vault/officers.js";
import { draw } from "../vault/spelling.js";
import { teach } from "./drawn.js";
import { openKeyring } from "./keyring.js";
import { NoPassword, passwordKeys, readPassword } from "./password.js";
import { post, Refusal } from "./post.js";
import { clearProblems, showProblems } from "./problems.js";
import { unlockDialog } from "./unlock.js";

/** @import { PasswordKeys } from "./password.js" */

const STEPS = ["renew", "password", "rehearsal", "replaced"];
const form = one(document, "#replace", HTMLFormElement);
const button = one(form, "button[type=submit]", HTMLButtonElement);

/** @param {string} step */
function show(step) {
  for (const each of STEPS) one(document, `#step-${each}`, HTMLElement).hidden = each !== step;
  one(document, `#step-${step} h2`, HTMLElement).focus();
}

/**
 * @param {string} words a password
 * @returns {Promise<PasswordKeys>}
 */
async function keysOf(words) {
  const { name, salt: address } = unlockDialog().dataset;
  const { salt } = await post(String(address), { name: String(name) });
  return passwordKeys(words, salt, one(form, ".progress", HTMLElement));
}

/**
 * Draw a new password once the one that was typed has proved right.
 *
 * @param {string} typed canonical
 */
async function begin(typed) {
  const old = await keysOf(typed);
  const handed = await post(String(unlockDialog().dataset.unlock), { auth: base64(old.auth) });
  const words = draw(PASSWORD_WORDS);
  teach(words, show, () => {
    show("renew");
    attempt(() => replace(old, handed, words));
  });
}

/**
 * Put the new password in the place of the old one: the seed's box is opened and boxed anew here.
 *
 * @param {PasswordKeys} old
 * @param {{ seedBox: string | null, officer: string }} handed
 * @param {string} words
 */
async function replace(old, { seedBox, officer }, words) {
  const drawn = await keysOf(words);
  const place = context("officer-seed", { object: officer, recipient: "password" });
  const seed = seedBox === null ? null : await unbox(fromBase64(seedBox), old.unlockKey, place);
  const anew = seed && base64(await box(seed, drawn.unlockKey, place));
  await post(String(form.dataset.replace), { old: base64(old.auth), auth: base64(drawn.auth), seedBox: anew });
  form.reset();
  show("replaced");
}

/** @param {() => Promise<void>} act */
async function attempt(act) {
  button.disabled = true;
  try {
    await act();
  } catch (error) {
    const sentence = error instanceof Refusal ? error.message : _("Kunci Anda tidak dapat dibuka di peramban ini.");
    showProblems(form, [{ field: "old-password", sentence }]);
  } finally {
    button.disabled = false;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearProblems(form);
  try {
    const typed = readPassword(one(form, "#old-password", HTMLInputElement).value);
    attempt(() => begin(typed));
  } catch (error) {
    if (!(error instanceof NoPassword)) throw error;
    showProblems(form, [{ field: "old-password", sentence: error.message }]);
  }
});
button.disabled = false;

const shown = document.getElementById("fingerprint");
if (shown) {
  const { identity, sign } = await openKeyring();
  shown.textContent = await fingerprint(identity.recipient.raw, sign.public);
}
