/**
 * The rehearsal: the page with the phrase is left only after two of its words were typed again from what was written
 * down; then nothing of it remains.
 */

import { buttonTo, element, one, perhaps } from "../element.js";
import { _ } from "../i18n.js";
import { showFaults } from "./checking.js";

const TELLING_LETTERS = 4;

export class Rehearsal {
  #left = false;

  /** @param {HTMLElement} main with the phrase in it */
  constructor(main) {
    this.main = main;
    this.holder = one(main, "#rehearsal", HTMLElement);
    this.secrets = [".lead", ".card", "#keeping"].map((selector) => one(main, selector, HTMLElement));
    this.words = [...one(main, "#tracking-phrase", HTMLElement).children].map(({ textContent }) => String(textContent));
    main.querySelector("#plain-rehearsal")?.remove();
    addEventListener("beforeunload", (event) => this.#hold(event));
    addEventListener("pagehide", () => this.#forget());
    this.#show();
  }

  #show() {
    for (const secret of this.secrets) secret.hidden = false;
    const written = buttonTo(_("Sudah saya catat"), "button", () => this.#ask());
    const print = buttonTo(_("Cetak kartu"), "button button-quiet", () => window.print());
    this.holder.replaceChildren(element("div", { class: "buttons" }, written, print));
  }

  #ask() {
    for (const secret of this.secrets) secret.hidden = true;
    const asked = drawn(this.words.length);
    const again = buttonTo(_("Lihat lagi kata-katanya"), "button-text", () => this.#show());
    const check = element("button", { type: "submit", class: "button" }, _("Cocokkan"));
    const lead = element("p", {}, _("Lihat catatan Anda, lalu tulis dua kata ini. Dengan begitu Anda tahu catatannya benar."));
    const buttons = element("div", { class: "buttons" }, check, again);
    const form = element("form", { novalidate: "", autocomplete: "off" }, lead, ...asked.map(fieldFor), buttons);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#check(form, asked);
    });
    this.holder.replaceChildren(form);
    one(form, "input", HTMLInputElement).focus();
  }

  /**
   * @param {HTMLFormElement} form
   * @param {number[]} asked
   */
  #check(form, asked) {
    const wrong = asked.filter((place) => !isWord(one(form, `#word-${place}`, HTMLInputElement).value, this.words[place - 1]));
    if (wrong.length === 0) return this.#finish();
    const faults = wrong.map((place) => ({
      question: one(form, `[data-question="${place}"]`, HTMLElement),
      sentence: _("Kata ke-{place} belum cocok. Periksa catatan Anda.", { place }),
    }));
    showFaults(form, faults, _("Catatannya belum cocok"));
  }

  #finish() {
    const home = one(document, ".brand", HTMLAnchorElement).href;
    const title = element("h1", { tabindex: "-1" }, _("Selesai. Frasa laporan sudah Anda catat."));
    const said = element("p", { class: "lead" }, _("Kata-katanya sudah dihapus dari layar ini."));
    const on = element("p", {}, element("a", { class: "button", href: home }, _("Ke halaman depan")));
    // Files may still be on their way.
    const staying = ["#following", "#afterwards"].flatMap((id) => perhaps(this.main, id, HTMLElement) ?? []);
    this.#forget();
    document.body.className = "";
    this.main.replaceChildren(title, said, ...staying, on);
    title.focus();
  }

  #forget() {
    this.#left = true;
    this.words = [];
    this.main.replaceChildren();
  }

  /** @param {BeforeUnloadEvent} event */
  #hold(event) {
    // "Keluar cepat" empties the page first and must not be held up.
    if (!this.#left && this.main.isConnected) event.preventDefault();
  }
}

/**
 * @param {number} count
 * @returns {number[]} two different places of it, counted from 1, in their order
 */
function drawn(count) {
  const first = below(count);
  const other = (first + 1 + below(count - 1)) % count;
  return [first + 1, other + 1].sort((one, another) => one - another);
}

/**
 * @param {number} limit
 * @returns {number} a whole number from 0; nothing rests on its being hard to guess
 */
function below(limit) {
  return Math.floor(Math.random() * limit);
}

/**
 * @param {number} place
 * @returns {HTMLElement}
 */
function fieldFor(place) {
  const id = `word-${place}`;
  const manner = { autocomplete: "off", autocapitalize: "none", autocorrect: "off", spellcheck: "false", translate: "no" };
  const input = element("input", { type: "text", id, name: id, class: "short", ...manner });
  const label = element("label", { for: id }, _("Kata ke-{place}", { place }));
  return element("div", { "data-question": String(place) }, element("div", { class: "field" }, label, input));
}

/**
 * @param {string} typed
 * @param {string} word
 * @returns {boolean} whether it is the word, or its beginning: the first four letters tell all words apart
 */
function isWord(typed, word) {
  const letters = typed.normalize("NFKC").toLowerCase().replace(/[^a-z]/g, "");
  return letters === word || (letters.length >= TELLING_LETTERS && word.startsWith(letters));
}
