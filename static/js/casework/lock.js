/** On every page of whoever is logged in: lock, log out, and lock by itself when nobody has sat here for a while. */

import { perhaps } from "../element.js";
import { post, Refusal } from "./post.js";
import { dropSeed } from "./seed.js";
import { askToUnlock, unlockDialog } from "./unlock.js";

/** Told to the window when a page that stays is locked: whoever holds keys, or what they opened, lets go of it. */
export const LOCKED = "kentongan-locked";
/** Told to the window when the password has been given. */
export const UNLOCKED = "kentongan-unlocked";

// The server counts for itself; the page only does not wait for it to hide what it shows.
const IDLE_MS = 15 * 60 * 1000;
const SIGN_OF_LIFE_MS = 5 * 60 * 1000;
const LOOK_MS = 15 * 1000;

let touched = Date.now();
let told = Date.now();

/** Hide this page behind the password, and have the server forget the key to what lies in the storage. */
async function lockIdle() {
  dropSeed();
  dispatchEvent(new Event(LOCKED));
  await post(String(unlockDialog().dataset.lock)).catch(() => undefined);
  await askToUnlock();
  touched = told = Date.now();
  dispatchEvent(new Event(UNLOCKED));
}

/** Lock at once, and empty this page: what it had opened goes with it. */
async function lockNow() {
  dropSeed();
  await post(String(unlockDialog().dataset.lock)).catch(() => undefined);
  location.reload();
}

/** @param {HTMLFormElement} form */
async function logOut(form) {
  dropSeed();
  await post(form.action).catch(() => undefined);
  location.assign(String(unlockDialog().dataset.login));
}

/** Tell the server that somebody works here: an officer who writes for long asks it for nothing. */
async function signOfLife() {
  told = Date.now();
  await post(String(unlockDialog().dataset.key)).catch((error) => {
    if (error instanceof Refusal && error.status === 423) return lockIdle();
    return undefined;
  });
}

/** @returns {Promise<void>} */
async function look() {
  if (unlockDialog().open) return;
  if (Date.now() - touched > IDLE_MS) await lockIdle();
  else if (touched > told && Date.now() - told > SIGN_OF_LIFE_MS) await signOfLife();
}

/**
 * @param {string} id
 * @param {(form: HTMLFormElement) => void} act
 */
function onSubmit(id, act) {
  const form = perhaps(document, `#${id}`, HTMLFormElement);
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    act(form);
  });
}

onSubmit("lock", lockNow);
onSubmit("logout", logOut);
onSubmit("logout-everywhere", logOut);
for (const sign of ["keydown", "pointerdown", "wheel"]) {
  addEventListener(sign, () => (touched = Date.now()), { passive: true });
}
setInterval(look, LOOK_MS);
// A page that was left, and that the browser kept as it was, has the keys it had.
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
if (document.getElementById("locked")) askToUnlock().then(() => location.reload());
