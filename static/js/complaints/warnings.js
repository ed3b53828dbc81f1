/** Warnings, while something is being written, of what in it gives the writer away. Nothing leaves the page for them. */

import { element, notice } from "../element.js";
import { _ } from "../i18n.js";
import { traces } from "./identifying.js";

const PAUSE_MS = 600;

/**
 * Watch everything written in `form` and warn below it, once the writer pauses.
 *
 * @param {HTMLFormElement} form
 */
export function watch(form) {
  /** @type {Map<EventTarget, number>} */
  const waiting = new Map();
  form.addEventListener("input", ({ target }) => {
    if (!(target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement)) return;
    clearTimeout(waiting.get(target));
    waiting.set(target, setTimeout(() => warn(target), PAUSE_MS));
  });
}

/** @param {HTMLTextAreaElement | HTMLInputElement} control */
function warn(control) {
  const holder = control.closest("[data-question]")?.querySelector(".traces");
  if (!(holder instanceof HTMLElement)) return;
  const found = traces(control.value);
  // The same warning again would be read out again at each pause.
  if (holder.dataset.found === found.join()) return;
  holder.dataset.found = found.join();
  holder.replaceChildren(...(found.length > 0 ? [warning(found)] : []));
}

/**
 * @param {string[]} found
 * @returns {HTMLElement}
 */
function warning(found) {
  const sentences = found.map((trace) => element("li", {}, wordsOf(trace)));
  const advice = element("p", {}, _("Hapus saja kalau tidak perlu. Laporan tetap bisa diperiksa tanpa itu."));
  return notice("warn", _("Tulisan ini mungkin menunjuk Anda"), element("ul", {}, ...sentences), advice);
}

/**
 * @param {string} trace
 * @returns {string}
 */
function wordsOf(trace) {
  return document.querySelector(`#trace-words [data-trace="${trace}"]`)?.textContent ?? "";
}
