/** The page of a desk's key: the next one is made here, and what was sealed to the former ones is sealed anew. */

import { NotVouched } from "../directory/directory.js";
import { one } from "../element.js";
import { _ } from "../i18n.js";
import { remember } from "./announced.js";
import { bringToLife } from "./buttons.js";
import { makeDeskKey } from "./desk-keys.js";
import { openKeyring } from "./keyring.js";
import { get, post, Refusal } from "./post.js";
import { Resealer } from "./resealing.js";
import { Distrust, openTrust } from "./trust.js";

const page = one(document, "#desk-key", HTMLElement);
const problem = one(page, "#key-problem", HTMLElement);
const making = one(page, "#making", HTMLElement);
let busy = false;
const { desk = "", today = "", deskKeys = "", take = "", keep = "" } = page.dataset;

/** Make the desk's next key. */
async function makeKey() {
  making.hidden = false;
  const keyring = await openKeyring();
  const made = await makeDeskKey(keyring, await openTrust(keyring), desk, today);
  await post(deskKeys, made);
  await remember(keyring.officer, made.body);
}

/** Seal everything anew, one batch after the other; what has been kept stays, whatever happens to the rest. */
async function resealAll() {
  const keyring = await openKeyring();
  const trust = await openTrust(keyring);
  const { copies: deskCopies } = await get(deskKeys);
  const resealer = new Resealer(keyring, trust, deskCopies, desk, today);
  for (let { copies } = await post(take); copies.length > 0; { copies } = await post(take)) {
    show(await post(keep, { copies: await resealer.reseal(copies) }));
  }
}

/** @param {{ total: number, done: number }} progress */
function show({ total, done }) {
  const bar = one(page, "#resealed", HTMLProgressElement);
  [bar.max, bar.value] = [total, done];
  one(page, "#resealed-count", HTMLElement).textContent = _("{done} dari {total}", { done, total });
}

/**
 * Do what a button stands for; it ends in a new page, or says why it did not.
 *
 * @param {HTMLButtonElement} button
 * @param {() => Promise<void>} act
 */
async function attempt(button, act) {
  if (busy) return;
  busy = true;
  // Not disabled: it would lose the focus, and whoever goes on with the keyboard would have to look for it.
  button.setAttribute("aria-disabled", "true");
  problem.hidden = true;
  try {
    await act();
    location.reload();
  } catch (error) {
    problem.textContent = sentenceOf(error);
    problem.hidden = false;
    making.hidden = true;
    button.removeAttribute("aria-disabled");
    busy = false;
  }
}

/**
 * @param {unknown} error
 * @returns {string}
 */
function sentenceOf(error) {
  if (error instanceof Distrust) return error.message;
  if (error instanceof NotVouched) {
    return _("Kunci lama meja ini tidak dapat dibuka di peramban ini. Minta kepala lain meja ini, atau kepala meja di atasnya.");
  }
  if (!(error instanceof Refusal)) throw error;
  if (error.status !== 0) return error.message;
  return _("Sambungan terputus. Yang sudah disegel ulang tetap tersimpan; lanjutkan kapan saja, dari peramban mana pun.");
}

bringToLife(page, "#make-key", (button) => attempt(button, makeKey));
bringToLife(page, "#reseal", (button) => attempt(button, resealAll));
