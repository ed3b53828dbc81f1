/**
 * Files on their way one after the other, each of which may be held: the others go on without it. Once nothing else is left to
 * be sent, what is held is waited for.
 */

import { buttonTo, element, notice } from "./element.js";
import { _, ngettext } from "./i18n.js";

/** One file: held, and let go on, by a button of its own. */
export class Pause {
  held = false;
  /** @type {() => void} it is held now, or goes on */
  onTurned = () => undefined;
  button = buttonTo("", "button-text", () => (this.held ? this.goOn() : this.hold()));
  #name;

  /** @param {string} name of the file: whose button this is, for whoever does not see where it stands */
  constructor(name) {
    this.#name = element("span", { class: "visually-hidden" }, ` ${name}`);
    this.button.hidden = true;
    this.#label();
  }

  hold() {
    this.#turn(true);
  }

  goOn() {
    this.#turn(false);
  }

  /** Show the button: the file is to be sent. */
  offer() {
    this.button.hidden = false;
  }

  /** @param {HTMLElement} row that takes the focus, where the button has it */
  withdraw(row) {
    withdraw(this.button, row);
  }

  /** @param {boolean} held */
  #turn(held) {
    this.held = held;
    this.#label();
    this.onTurned();
  }

  #label() {
    this.button.replaceChildren(this.held ? _("Lanjutkan") : _("Jeda"), this.#name);
  }
}

/** All files of one sending: what is said of those that are held, and a button for several at once. */
export class Pausing {
  #said = element("div", { role: "status" });
  #all = buttonTo("", "button button-quiet", () => this.#turnAll());
  part = element("div", { class: "pausing" }, this.#said, this.#all);
  #left;
  #waits;
  #wake = () => undefined;

  /**
   * @param {() => Pause[]} left tells which files are still to be sent, held or not
   * @param {() => string} waits says what waits for those that are held, once no other is left, and what can be done
   */
  constructor(left, waits) {
    this.#left = left;
    this.#waits = waits;
    this.#all.hidden = true;
  }

  /** Look again: something is held, goes on, was added or taken away, has arrived or was refused. */
  look() {
    const left = this.#left();
    const held = left.filter((each) => each.held).length;
    this.#say(held, left.length);
    this.#all.textContent = held === left.length ? _("Lanjutkan semua") : _("Jeda semua");
    if (left.length > 1) this.#all.hidden = false;
    else withdraw(this.#all, left[0]?.button);
    this.#wake();
  }

  /**
   * Wait for as long as everything that is left is held.
   *
   * @returns {Promise<boolean>} whether something is left that is to be sent
   */
  async resumed() {
    while (this.waiting) await this.#changed();
    return this.#left().length > 0;
  }

  /** @returns {Promise<void>} */
  #changed() {
    return new Promise((resolve) => (this.#wake = () => void resolve()));
  }

  /** Whether everything that is left is held. */
  get waiting() {
    const left = this.#left();
    return left.length > 0 && left.every(({ held }) => held);
  }

  /**
   * @param {number} held
   * @param {number} left
   */
  #say(held, left) {
    const part = this.#standing(held, left);
    // Put there once more, the same would be read out again.
    if (part?.textContent !== this.#said.firstChild?.textContent) this.#said.replaceChildren(...(part ? [part] : []));
  }

  /**
   * @param {number} held
   * @param {number} left
   * @returns {HTMLElement | undefined}
   */
  #standing(held, left) {
    if (held === 0) return undefined;
    if (held < left) return element("p", { class: "hint" }, ngettext("{n} berkas dijeda; yang lain tetap dikirim.", "{n} berkas dijeda; yang lain tetap dikirim.", held));
    return notice("info", ngettext("{n} berkas masih dijeda", "{n} berkas masih dijeda", held), element("p", {}, this.#waits()));
  }

  #turnAll() {
    const left = this.#left();
    const going = left.filter(({ held }) => !held);
    if (going.length > 0) going.forEach((each) => each.hold());
    else left.forEach((each) => each.goOn());
  }
}

/**
 * Take a button off the page; the focus does not fall to the beginning of the page with it.
 *
 * @param {HTMLButtonElement} button
 * @param {HTMLElement | undefined} next
 */
export function withdraw(button, next) {
  if (button === document.activeElement) next?.focus();
  button.hidden = true;
}
