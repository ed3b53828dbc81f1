/**
 * The form one question a screen. Nothing of it is kept outside this page: the browser's history holds only which
 * screen of this visit it was, and after reloading not even that means anything.
 */

import { buttonTo, element, one } from "../element.js";
import { _ } from "../i18n.js";
import { clearFaults, faultsIn, showFaults } from "./checking.js";
import { showReview } from "./review.js";
import { followSector } from "./sectors.js";
import { Sending } from "./sending.js";
import { watch } from "./warnings.js";

/** Where sealing is prepared: one step before the answers are checked. */
const STEPS_FOR_PREPARING = 2;

/**
 * Turn the form into steps.
 *
 * @param {HTMLFormElement} form
 * @returns {() => void} what its submit button does from now on
 */
export function start(form) {
  const stepper = new Stepper(form);
  watch(form);
  return () => stepper.proceed();
}

class Stepper {
  /** Which step each screen of this visit showed; the history holds places in this list. */
  #trail;
  #at = 0;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.sections = /** @type {HTMLElement[]} */ ([...form.querySelectorAll(":scope > section")]);
    this.submit = one(form, "button[type=submit]", HTMLButtonElement);
    this.lastWords = this.submit.textContent ?? "";
    this.back = buttonTo(_("Kembali"), "button-text", () => history.back());
    this.review = element("dl", { class: "answers" });
    this.sending = new Sending(form);
    this.#trail = [this.#first()];
    this.#dress();
    history.replaceState(0, "");
    addEventListener("popstate", (event) => this.#returned(event.state));
    addEventListener("beforeunload", (event) => this.#hold(event));
    addEventListener("pagehide", () => document.body.replaceChildren());
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
    this.#open(this.#step);
  }

  /** Go on: to the next step, to the check once it has been seen, or out to the desk. */
  proceed() {
    const faults = faultsIn(this.sections[this.#step]);
    showFaults(this.form, faults);
    if (faults.length > 0) return;
    const last = this.sections.length - 1;
    if (this.#step === last) this.#send();
    else this.#go(this.#trail.includes(last) ? last : this.#step + 1);
  }

  get #step() {
    return this.#trail[this.#at];
  }

  /** A change of the sector, long after, may ask or drop questions: everything is checked once more. */
  #send() {
    const wrong = this.sections.findIndex((section) => faultsIn(section).length > 0);
    if (wrong < 0) {
      this.sending.send();
    } else {
      this.#go(wrong);
      showFaults(this.form, faultsIn(this.sections[wrong]));
    }
  }

  /** @param {number} step */
  #go(step) {
    this.#trail = [...this.#trail.slice(0, this.#at + 1), step];
    this.#at += 1;
    history.pushState(this.#at, "");
    this.#show();
  }

  /** @param {unknown} place */
  #returned(place) {
    // A link within the page, such as the one that skips to its content, has no place of its own.
    if (typeof place !== "number" || this.sending.done) return;
    // While something is being sent there is no way back from it.
    if (this.sending.busy) history.pushState(this.#at, "");
    else this.#revisit(place < this.#trail.length ? place : 0);
  }

  /** @param {number} place */
  #revisit(place) {
    this.#at = place;
    clearFaults(this.form);
    this.#show();
  }

  #show() {
    this.#open(this.#step);
    scrollTo(0, 0);
    one(this.sections[this.#step], "h2", HTMLElement).focus({ preventScroll: true });
  }

  /** @param {number} step */
  #open(step) {
    this.sections.forEach((section, at) => (section.hidden = at !== step));
    const [first, last] = [step === 0, step === this.sections.length - 1];
    // Out of sight, yet the page keeps its heading.
    one(document, "#opening", HTMLElement).classList.toggle("visually-hidden", !first);
    this.back.hidden = first;
    this.submit.textContent = last ? this.lastWords : _("Lanjut");
    this.sending.leave();
    document.title = _("Langkah {n} dari {all}", { n: step + 1, all: this.sections.length });
    if (last) showReview(this.review, this.sections.slice(0, -1), (section) => this.#go(section));
    if (step >= this.sections.length - STEPS_FOR_PREPARING) this.sending.prepare();
  }

  /** @returns {number} the step in which the server found something wrong, or the reporter has begun to write */
  #first() {
    return Math.max(0, this.sections.findIndex((section) => section.querySelector(".field-wrong, :focus")));
  }

  #dress() {
    this.form.classList.add("stepping");
    this.sections.forEach((section, at) => this.#head(section, at + 1));
    // What may be skipped is a step of its own here, and need not be unfolded.
    for (const part of this.form.querySelectorAll(".optional-part")) part.replaceWith(...part.children[1].children);
    this.sections.forEach((section) => this.#lighten(section));
    this.submit.after(this.back);
    const last = this.sections[this.sections.length - 1];
    one(last, "h2", HTMLElement).after(this.review, element("h3", {}, String(last.dataset.title)));
    followSector(this.form);
  }

  /**
   * @param {HTMLElement} section
   * @param {number} n
   */
  #head(section, n) {
    const [heading, all] = [one(section, "h2", HTMLElement), this.sections.length];
    section.dataset.title = heading.textContent ?? "";
    const title = n === all ? _("Periksa, lalu kirim") : section.dataset.title;
    heading.textContent = [_("Langkah {n} dari {all}", { n, all }), title].join(": ");
    heading.classList.add("step");
    heading.append(element("progress", { value: String(n), max: String(all), "aria-hidden": "true" }));
  }

  /**
   * Where every question may be skipped, say it once.
   *
   * @param {HTMLElement} section
   */
  #lighten(section) {
    const questions = section.querySelectorAll("[data-question]");
    if (questions.length === 0 || section.querySelector("[data-missing]")) return;
    for (const note of section.querySelectorAll(".optional")) note.remove();
    questions[0].before(element("p", { class: "hint" }, _("Semua pertanyaan di sini boleh dilewati.")));
  }

  /** @param {BeforeUnloadEvent} event */
  #hold(event) {
    const begun = [...this.form.querySelectorAll("textarea, input[type=text]")].some(
      (control) => /** @type {HTMLInputElement} */ (control).value !== "",
    );
    // "Keluar cepat" empties the page first and must not be held up.
    if ((begun || this.sending.attaching.any) && this.form.isConnected) event.preventDefault();
  }
}
