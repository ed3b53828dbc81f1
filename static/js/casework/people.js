/** A lead's people: comparing fingerprints, vouching for keys and revoking them, handing keys over, making the desk's own. */

import { one } from "../element.js";
import { _ } from "../i18n.js";
import { fromBase64 } from "../vault/bytes.js";
import { fingerprint } from "../vault/fingerprint.js";
import { Recipient } from "../vault/seal.js";
import { remember } from "./announced.js";
import { bringToLife } from "./buttons.js";
import { NotEntitled, Unsound } from "./composing.js";
import { copiesFor, makeDeskKey } from "./desk-keys.js";
import { handTo } from "./handing.js";
import { openKeyring } from "./keyring.js";
import { get, post, Refusal } from "./post.js";
import { sentenceOf } from "./saying.js";
import { revoke, vouchFor } from "./statements.js";
import { alarm, Distrust, openTrust } from "./trust.js";

/** @import { Newcomer } from "./statements.js" */

const page = part("people");
const dialog = one(page, "#compare", HTMLDialogElement);
const today = String(page.dataset.today);
let busy = false;

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
function part(id) {
  return one(document, `#${id}`, HTMLElement);
}

/**
 * Read whom a button stands for, from what the server says: his voice tells whether that is true.
 *
 * @param {HTMLElement} button
 * @returns {Promise<Newcomer>}
 */
async function newcomerOf({ dataset }) {
  const { compare, role, desk, kem, sign } = dataset;
  const keys = { kem: await Recipient.fromBytes(fromBase64(String(kem))), sign: fromBase64(String(sign)) };
  return { id: String(compare), role: String(role), desk: String(desk), ...keys };
}

/** @param {HTMLElement} button */
async function compare(button) {
  const newcomer = await newcomerOf(button);
  part("compare-name").textContent = String(button.dataset.name);
  part("compare-words").textContent = await fingerprint(newcomer.kem.raw, newcomer.sign);
  part("compare-problem").hidden = true;
  part("compare-same").onclick = () => attempt(part("vouching"), "compare-problem", () => vouch(newcomer));
  part("compare-different").onclick = () => {
    dialog.close();
    alarm(
      _(
        "Sidik kunci {name} tidak sama. Yang ada di server bukan kunci yang dibuat orang itu; jangan sahkan. Minta administrator membuat undangan baru, dan laporkan kepada kepala meja di atas Anda.",
        { name: String(button.dataset.name) },
      ),
    );
  };
  dialog.showModal();
}

/** @param {Newcomer} newcomer */
async function vouch(newcomer) {
  const keyring = await openKeyring();
  const trust = await openTrust(keyring);
  const body = await vouchFor(keyring, trust, newcomer, today);
  const { copies } = await get(String(page.dataset.deskKeys));
  await post(String(page.dataset.vouch), { body, copies: await copiesFor(keyring, trust, copies, newcomer) });
  await remember(keyring.officer, body);
}

/**
 * Ask whether to revoke an officer's keys, and do it.
 *
 * @param {HTMLElement} button
 */
function askToRevoke({ dataset }) {
  part("revoke-name").textContent = String(dataset.name);
  part("revoke-problem").hidden = true;
  part("revoke-yes").onclick = () => attempt(part("revoking"), "revoke-problem", () => revokeKeys(String(dataset.revoke)));
  one(page, "#revoke", HTMLDialogElement).showModal();
}

/** @param {string} officer his id */
async function revokeKeys(officer) {
  const keyring = await openKeyring();
  const body = await revoke(keyring, await openTrust(keyring), officer, today);
  await post(String(page.dataset.revoke), { body });
  await remember(keyring.officer, body);
}

/**
 * Seal the keys of this desk's cases that wait for an officer, one batch after the other.
 *
 * @param {string} officer his id
 */
async function handOver(officer) {
  const { take = "", hand = "" } = page.dataset;
  const keyring = await openKeyring();
  const trust = await openTrust(keyring);
  for (let taken = await post(take, { officer }); taken.copies.length > 0; taken = await post(take, { officer })) {
    await post(hand, { copies: await handTo(officer, taken, { keyring, trust, today }) });
  }
}

/** Make this desk's key. */
async function makeKey() {
  const keyring = await openKeyring();
  const trust = await openTrust(keyring);
  const made = await makeDeskKey(keyring, trust, String(page.dataset.desk), today);
  await post(String(page.dataset.deskKeys), made);
  await remember(keyring.officer, made.body);
}

/**
 * Do something that ends in a new page, or say why it did not; what is asked for meanwhile is not done twice.
 *
 * @param {HTMLElement} progress
 * @param {string} problem the id of where to say it
 * @param {() => Promise<void>} act
 */
async function attempt(progress, problem, act) {
  if (busy) return;
  busy = true;
  progress.hidden = false;
  part(problem).hidden = true;
  try {
    await act();
    location.reload();
  } catch (error) {
    const known = [Refusal, Distrust, NotEntitled, Unsound].some((kind) => error instanceof kind);
    part(problem).textContent = known ? sentenceOf(error) : _("Kunci yang diperlukan tidak dapat dibuka di peramban ini.");
    part(problem).hidden = false;
    progress.hidden = true;
    busy = false;
  }
}

bringToLife(page, "[data-compare]", compare);
bringToLife(page, "[data-revoke]", askToRevoke);
bringToLife(page, "[data-hand]", ({ dataset }) => {
  attempt(part("handing"), "handing-problem", () => handOver(String(dataset.hand)));
});
bringToLife(page, "#make-desk-key", () => attempt(part("making"), "making-problem", makeKey));
part("revoke-no").addEventListener("click", () => one(page, "#revoke", HTMLDialogElement).close());
part("compare-later").addEventListener("click", () => dialog.close());
// Opened at once, so that a changed root or a lost key is seen before anybody reads words aloud.
openKeyring().then(openTrust).catch((error) => {
  if (!(error instanceof Distrust) && !(error instanceof Refusal)) throw error;
});
