/** The page brought up to date around what its officer is writing: what the server shows changes, his words stay. */

import { element, notice, one } from "../element.js";
import { _ } from "../i18n.js";
import { isWritten, wordsIn, writeWords } from "./forms.js";
import { Refusal } from "./post.js";

/** @import { Words } from "./forms.js" */

/** What the server draws anew; the story is opened here, and the announcement is ours. */
const DRAWN = ["head", "facts", "history", "acts"];
/** What grows with every reading, also where nobody has done anything. */
const READINGS = ["readings", "openings"];

/**
 * Fetch this page again, parsed as the browser parsed it the first time. The request answers with a document whose
 * scripts never run; no string becomes markup on this page.
 *
 * @returns {Promise<Document>}
 * @throws {Refusal}
 */
export function freshPage() {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.responseType = "document";
    request.onload = () => (request.status === 200 ? resolve(request.response) : reject(refusalOf(request)));
    request.onerror = () => reject(refusalOf(request));
    request.open("GET", location.pathname);
    request.send();
  });
}

/**
 * Put what the server draws into this page's places, and carry over what was written in its forms.
 *
 * @param {Document} page
 */
export function adopt(page) {
  const kept = formsIn(document).map((form) => ({ form, words: wordsIn(form), written: isWritten(form) }));
  const unfolded = [...document.querySelectorAll("details[open]")].map(({ id }) => id);
  const last = document.querySelector(".kept");
  for (const id of [...DRAWN, ...READINGS]) replace(page, id);
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  if (last) one(document, "#acts", HTMLElement).append(last);
  for (const { form, words, written } of kept) if (written) carryOver(form, words);
  one(document, "#case", HTMLElement).dataset.version = one(page, "#case", HTMLElement).dataset.version;
}

/**
 * Put the lists of who has read what into this page's places.
 *
 * @param {Document} page
 */
export function adoptReadings(page) {
  const unfolded = READINGS.filter((id) => document.getElementById(id)?.hasAttribute("open"));
  for (const id of READINGS) replace(page, id);
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
}

/**
 * @param {ParentNode} root
 * @returns {HTMLFormElement[]} the forms of what may be done
 */
export function formsIn(root) {
  return [...root.querySelectorAll("form[data-action]")].filter((form) => form instanceof HTMLFormElement);
}

/**
 * @param {Document} page
 * @param {string} id
 */
function replace(page, id) {
  const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
  if (old && fresh) old.replaceWith(document.importNode(fresh, true));
}

/**
 * @param {HTMLFormElement} form as it was
 * @param {Words} words
 */
function carryOver(form, words) {
  const same = formsIn(document).find(({ dataset }) => dataset.action === form.dataset.action);
  const texts = [...form.querySelectorAll("textarea")].filter(({ value }) => value.trim() !== "");
  if (same) writeWords(same, words);
  else if (texts.length > 0) one(document, "#acts", HTMLElement).append(keptWords(form, texts));
}

/**
 * Show what was written for an act that is no longer offered: it is not lost, and can be copied.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLTextAreaElement[]} areas
 * @returns {HTMLElement}
 */
function keptWords(form, areas) {
  const title = form.closest("details")?.querySelector("summary")?.textContent?.trim() ?? "";
  const texts = areas.map((area, at) => keptText(form, area, at));
  const said = element("p", {}, _("Tindakan “{title}” tidak lagi bisa dilakukan. Tulisan Anda masih ada di sini untuk disalin.", { title }));
  const kept = notice("warn", _("Belum terkirim"), said, ...texts);
  kept.classList.add("kept");
  return kept;
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLTextAreaElement} area
 * @param {number} at
 * @returns {HTMLElement}
 */
function keptText(form, area, at) {
  const id = `kept-${form.dataset.action}-${at}`;
  const shown = element("textarea", { id, rows: "5", readonly: "", translate: "no", spellcheck: "false" });
  shown.value = area.value;
  const words = form.querySelector(`label[for="${area.id}"]`)?.textContent?.trim().replace(/\s+/g, " ") ?? "";
  return element("div", { class: "field" }, element("label", { for: id }, words), shown);
}

/**
 * @param {XMLHttpRequest} request
 * @returns {Refusal}
 */
function refusalOf({ status }) {
  if (status === 0) return new Refusal(_("Server tidak dapat dihubungi. Periksa jaringan Anda, lalu coba lagi."), status);
  if (status === 401) return new Refusal(_("Waktu masuk Anda sudah habis. Masuk lagi di tab lain, lalu coba lagi di sini."), status);
  if (status === 404) return new Refusal(_("Perkara ini tidak lagi dapat Anda lihat."), status);
  return new Refusal(_("Server belum dapat melakukannya. Muat ulang halaman, lalu coba lagi."), status);
}
