/** The files that were chosen: a list with what each may betray, what becomes of that, and how far it has gone. */

import { element, icon, one } from "../element.js";
import { _, ngettext } from "../i18n.js";
import { sized } from "../size.js";
import { Chosen } from "./chosen.js";

/** @import { Going } from "./chosen.js" */

export class Choice {
  /** @type {Chosen[]} */
  chosen = [];
  /** @type {() => void} a file was added or taken away, is held now or goes on */
  onChange = () => undefined;
  list = element("ol", { class: "chosen", role: "list", "aria-label": _("Berkas yang dipilih") });
  /** @type {HTMLInputElement | undefined} */
  #input;
  #said = element("div", { role: "status" });
  #wrong = element("div", { role: "alert" });
  /** @type {Promise<unknown>} one file is cleaned after the other: each may take as much memory as it is large */
  #cleaned = Promise.resolve();

  /** @param {HTMLFieldSetElement} fieldset that says how many files may be sent at most, and how large (bytes) */
  constructor(fieldset) {
    this.most = Number(fieldset.dataset.most);
    this.largest = Number(fieldset.dataset.largest);
    this.settle(fieldset);
  }

  /**
   * Stand in a form's place for files.
   *
   * @param {HTMLFieldSetElement} fieldset
   */
  settle(fieldset) {
    this.#input = one(fieldset, "input[type=file]", HTMLInputElement);
    this.#input.after(this.#wrong, this.list, this.#said);
  }

  /** @param {File[]} files */
  add(files) {
    /** @type {string[]} */
    const faults = [];
    /** @type {File[]} */
    const beyond = [];
    for (const file of files) {
      const fault = this.#faultOf(file);
      if (fault) faults.push(fault);
      else if (this.chosen.length >= this.most) beyond.push(file);
      else this.#take(new Chosen(file, this.#ordered()));
    }
    this.#complain([...faults, ...this.#tooMany(beyond)]);
    const { length } = this.chosen;
    this.#said.textContent = ngettext("{n} berkas dipilih.", "{n} berkas dipilih.", length);
  }

  /**
   * Add a file that lies half sent on the server, and is to be sent on.
   *
   * @param {Going} going
   */
  goOn(going) {
    const chosen = new Chosen(going.file, this.#ordered(), going);
    this.#take(chosen);
    chosen.item.focus();
  }

  /** @param {Chosen} gone */
  drop(gone) {
    const at = this.chosen.indexOf(gone);
    if (at < 0) return;
    this.chosen.splice(at, 1);
    gone.item.remove();
    this.#said.textContent = _("{name} tidak jadi dikirim.", { name: gone.name });
    // The focus must not fall to the beginning of the page.
    const next = this.chosen[Math.min(at, this.chosen.length - 1)]?.item;
    (next ?? this.#input)?.focus();
    this.onChange();
  }

  /**
   * @param {File} file
   * @returns {string | undefined} why it cannot be sent
   */
  #faultOf({ name, size }) {
    if (size === 0) return _("{name} tidak ditambahkan: berkasnya kosong.", { name });
    if (size <= this.largest) return undefined;
    return _("{name} tidak ditambahkan: besarnya {size}, paling besar {largest}.", { name, size: sized(size), largest: sized(this.largest) });
  }

  /**
   * @param {File[]} beyond those there was no room for
   * @returns {string[]} one sentence for all of them: a whole album may have been chosen
   */
  #tooMany([first, ...others]) {
    if (!first) return [];
    const [name, most] = [first.name, String(this.most)];
    if (others.length === 0) return [_("{name} tidak ditambahkan: paling banyak {most} berkas sekali kirim.", { name, most })];
    return [ngettext("{name} dan {n} berkas lain tidak ditambahkan: paling banyak {most} berkas sekali kirim.", "{name} dan {n} berkas lain tidak ditambahkan: paling banyak {most} berkas sekali kirim.", others.length, { name, most })];
  }

  /** @param {Chosen} chosen */
  #take(chosen) {
    chosen.onRemoved = () => this.drop(chosen);
    chosen.onTurned = () => this.onChange();
    this.chosen.push(chosen);
    this.list.append(chosen.item);
    this.onChange();
  }

  /** @returns {(clean: () => Promise<any>) => Promise<any>} what does it once those before are done */
  #ordered() {
    return (clean) => {
      const done = this.#cleaned.then(clean);
      this.#cleaned = done.catch(() => undefined);
      return done;
    };
  }

  /** @param {string[]} faults */
  #complain(faults) {
    const said = faults.map((fault) => element("p", { class: "error-message" }, icon("danger"), " ", element("span", {}, fault)));
    this.#wrong.replaceChildren(...said);
  }
}
