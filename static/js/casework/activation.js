/**
 * Activation of an invited account: keys and password are made here, and nowhere else are they ever whole.
 *
 * The invitation stands in the address's fragment, which browsers do not send; it is taken out of the address at once.
 */

import { one } from "../element.js";
import { _ } from "../i18n.js";
import { box } from "../vault/box.js";
import { base64, random } from "../vault/bytes.js";
import { context } from "../vault/context.js";
import { fingerprint } from "../vault/fingerprint.js";
import { officerKeys, PASSWORD_WORDS } from "../vault/officers.js";
import { draw } from "../vault/spelling.js";
import { teach } from "./drawn.js";
import { drawPicture } from "./picture.js";
import { passwordKeys } from "./password.js";
import { post, Refusal } from "./post.js";
import { clearProblems, showProblems } from "./problems.js";

/** @import { Bytes } from "../vault/bytes.js" */

/**
 * What the server says about an invitation; `salt` is base64, `totp` base32, `picture` a line of 0 and 1 for each row.
 *
 * @typedef {object} Invited
 * @property {string} officer
 * @property {string} name
 * @property {string} fullName
 * @property {boolean} hasKeys
 * @property {string} salt
 * @property {string} totp
 * @property {string[]} picture
 */

/** @typedef {{ kem: string | null, sign: string | null, seedBox: string | null, words: string | null }} Made base64; the fingerprint's words */

const SEED_BYTES = 32;
const GROUP = /.{1,4}/g;
const CODE = /^\d{6}$/;
const STEPS = ["opening", "refused", "welcome", "password", "rehearsal", "authenticator", "done"];

const page = part("activation");
const token = location.hash.slice(1);
// The invitation survives a change of language, which begins this page anew.
const language = one(document, "form.language", HTMLFormElement);
language.action += location.hash;
history.replaceState(null, "", location.pathname);

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
function part(id) {
  return one(document, `#${id}`, HTMLElement);
}

/**
 * @param {string} id
 * @returns {HTMLInputElement}
 */
function field(id) {
  return one(document, `#${id}`, HTMLInputElement);
}

/**
 * Show one step alone, and put the reader at its heading.
 *
 * @param {string} step
 */
function show(step) {
  for (const each of STEPS) part(`step-${each}`).hidden = each !== step;
  part(`step-${step}`).querySelector("h2")?.focus();
}

/** @param {string} sentence */
function refuse(sentence) {
  part("refusal").textContent = sentence;
  show("refused");
}

/**
 * Let the authenticator be set up, and send what was made once its first code is right.
 *
 * @param {Invited} invited
 * @param {string} words the password
 */
function askForCode(invited, words) {
  const form = one(document, "#finish", HTMLFormElement);
  drawPicture(one(document, "#authenticator-picture", HTMLCanvasElement), invited.picture);
  part("authenticator-secret").textContent = (invited.totp.match(GROUP) ?? []).join(" ");
  const seed = invited.hasKeys ? random(SEED_BYTES) : null;
  form.onsubmit = async (event) => {
    event.preventDefault();
    clearProblems(form);
    const code = field("code").value.replace(/\s/g, "");
    if (!CODE.test(code)) return showProblems(form, [{ field: "code", sentence: _("Kode terdiri dari enam angka.") }]);
    await finish(form, () => activate(invited, words, seed, code));
  };
  show("authenticator");
}

/**
 * @param {HTMLFormElement} form
 * @param {() => Promise<Made>} act
 */
async function finish(form, act) {
  const button = one(form, "button[type=submit]", HTMLButtonElement);
  button.disabled = true;
  try {
    done(await act());
  } catch (error) {
    const sentence = error instanceof Refusal ? error.message : _("Kunci tidak dapat dibuat di peramban ini.");
    showProblems(form, [{ field: "code", sentence }]);
  } finally {
    button.disabled = false;
  }
}

/**
 * @param {Invited} invited
 * @param {string} words
 * @param {Bytes | null} seed
 * @param {string} code
 * @returns {Promise<Made>}
 */
async function activate(invited, words, seed, code) {
  const keys = await passwordKeys(words, invited.salt, part("making"));
  const made = await make(invited.officer, seed, keys.unlockKey);
  const { kem, sign, seedBox } = made;
  await post(String(page.dataset.end), { token, auth: base64(keys.auth), totp: code, kem, sign, seedBox });
  return made;
}

/**
 * Make the officer's keys of his seed, and box the seed under his password; roles without keys have none.
 *
 * @param {string} officer
 * @param {Bytes | null} seed
 * @param {Bytes} unlockKey
 * @returns {Promise<Made>}
 */
async function make(officer, seed, unlockKey) {
  if (seed === null) return { kem: null, sign: null, seedBox: null, words: null };
  const { identity, sign } = await officerKeys(seed);
  const boxed = await box(seed, unlockKey, context("officer-seed", { object: officer, recipient: "password" }));
  return {
    kem: base64(identity.recipient.raw),
    sign: base64(sign.public),
    seedBox: base64(boxed),
    words: await fingerprint(identity.recipient.raw, sign.public),
  };
}

/** @param {Made} made */
function done({ words }) {
  part("own-fingerprint").hidden = words === null;
  part("fingerprint").textContent = words;
  part("authenticator-secret").textContent = "";
  show("done");
}

/** @param {Invited} invited */
function begin(invited) {
  part("full-name").textContent = invited.fullName;
  part("account-name").textContent = invited.name;
  part("draw").onclick = () => {
    // A password once shown is not drawn again unasked.
    language.hidden = true;
    const words = draw(PASSWORD_WORDS);
    teach(words, show, () => askForCode(invited, words));
  };
  show("welcome");
}

// A link pasted over this page changes the fragment alone, and browsers load nothing for that.
addEventListener("hashchange", () => location.reload());
if (token === "") refuse(_("Buka halaman ini lewat tautan undangan dari administrator, seluruhnya."));
else post(String(page.dataset.begin), { token }).then(begin, (error) => refuse(error.message));
