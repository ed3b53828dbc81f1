/**
 * Assisted entry: what a visitor tells is written by an officer, sealed here by the code of the reporter's own form, and
 * sent with the officer as its channel. The phrase is on this page alone, and only until it has been handed over.
 */

import { answersOf } from "../complaints/account.js";
import { clearFaults, faultsIn, showFaults, showProblem } from "../complaints/checking.js";
import { Early } from "../complaints/early.js";
import { Refusal, askJson, insist } from "../complaints/posting.js";
import { prepare } from "../complaints/preparing.js";
import { followSector } from "../complaints/sectors.js";
import { waitIn } from "../complaints/waiting.js";
import { element, one } from "../element.js";
import { _ } from "../i18n.js";
import { judgePromise } from "../ledger/promises.js";
import { LOCKED } from "./lock.js";

/** @import { Envelope } from "../complaints/sealing.js" */
/** @import { Promised } from "../ledger/promises.js" */

/** @typedef {{ phrase: string, entry: string, promise: Promised | null }} Lodged with what was promised, if that binds */

const CONFLICT = 409;
const MARK_DIGITS = 20;
const DIGITS_TOGETHER = /.{4}/g;
const CARD = "prints-card";

/** @param {HTMLFormElement} form */
function begin(form) {
  const visit = new Assistance(form);
  followSector(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    visit.send();
  });
  // What takes long is begun while the visitor is still telling.
  form.addEventListener("input", () => visit.prepare(), { once: true });
  one(document, "#print-card", HTMLButtonElement).addEventListener("click", () => window.print());
  one(document, "#handed-over", HTMLButtonElement).addEventListener("click", () => visit.forget());
  addEventListener("beforeunload", (event) => visit.hold(event));
  addEventListener("pagehide", () => visit.forget());
  // Whoever comes back to a locked page is not always who left it.
  addEventListener(LOCKED, () => visit.forget());
  one(form, "button[type=submit]", HTMLButtonElement).disabled = false;
}

/** One visitor's complaint, from the first word to the card in his hand. */
class Assistance {
  #busy = false;
  #shows = false;
  #preparing = new Early(() => prepare({ desks: String(this.form.dataset.desksUrl) }));
  /** @type {{ answers: string, envelope: Envelope } | undefined} the envelope to post again, if its answer was lost */
  #kept;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.holder = one(document, "#sending", HTMLElement);
    this.main = one(document, "main", HTMLElement);
  }

  /** Begin with what takes long, unless that is done; a failure is met when it is time to send. */
  prepare() {
    this.#preparing.begin();
  }

  /** Seal and post, unless something is missing; what was typed stays until the phrase is shown. */
  async send() {
    const faults = faultsIn(this.form);
    showFaults(this.form, faults, _("Belum bisa dikirim"));
    if (faults.length > 0 || this.#busy) return;
    this.#busy = this.form.inert = true;
    const wait = waitIn(this.holder);
    try {
      this.#show(await this.#lodge(wait));
    } catch (error) {
      showProblem(this.form, _("Belum terkirim"), sentenceOf(error));
    } finally {
      wait.end();
      this.#busy = this.form.inert = false;
      if (this.#shows) one(this.main, "#given-title", HTMLElement).focus();
    }
  }

  /**
   * @param {ReturnType<typeof waitIn>} wait
   * @returns {Promise<Lodged>}
   */
  async #lodge(wait) {
    const answers = answersOf(this.form);
    const written = JSON.stringify(answers);
    // With other answers another phrase is due: the complaint posted before may have been kept.
    if (this.#kept && this.#kept.answers !== written) this.#release();
    wait.say(_("Menyiapkan segel …"));
    const preparation = await this.#preparing.come();
    preparation.onProgress = wait.reach;
    await preparation.keys();
    const seal = async () => ({ answers: written, envelope: await preparation.seal(answers, this.form.dataset.channel) });
    this.#kept ??= await seal();
    wait.say(_("Mengirim laporan …"));
    let promised;
    try {
      promised = await this.#post(this.#kept.envelope);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== CONFLICT) throw error;
      // The desks, their keys or the day have changed since they were fetched: sealed anew, once.
      await preparation.renew(error.directory);
      this.#kept = await seal();
      promised = await this.#post(this.#kept.envelope);
    }
    const { envelope } = this.#kept;
    const promise = await judgePromise(promised, envelope, preparation.tree.directory);
    return { phrase: preparation.phrase, entry: envelope.entry, promise };
  }

  /** Let go of a phrase and of what was sealed under it. */
  #release() {
    this.#kept = undefined;
    this.#preparing.drop();
  }

  /**
   * @param {Envelope} envelope
   * @returns {Promise<unknown>} what was promised of it
   */
  async #post({ posted, entry }) {
    const { entry: kept, promise } = await insist(() => askJson(this.form.action, posted));
    if (kept !== entry) throw new Refusal(0, _("Jawaban server tidak cocok dengan laporan ini. Beri tahu administrator."));
    return promise;
  }

  /** @param {Lodged} lodged */
  #show({ phrase, entry, promise }) {
    this.form.reset();
    clearFaults(this.form);
    this.#release();
    this.#shows = true;
    this.#turn("given");
    document.body.classList.add(CARD);
    const words = phrase.split(" ").map((word) => element("li", {}, word));
    one(this.main, "#tracking-phrase", HTMLElement).replaceChildren(...words);
    const mark = entry.slice(0, MARK_DIGITS).match(DIGITS_TOGETHER) ?? [];
    one(this.main, "#receipt-mark", HTMLElement).textContent = mark.join(" ");
    if (promise) one(this.main, "#no-promise", HTMLElement).remove();
    scrollTo(0, 0);
  }

  /** Take the phrase off this page; nothing else knows it. */
  forget() {
    if (!this.#shows) return;
    this.#shows = false;
    one(this.main, "#tracking-phrase", HTMLElement).replaceChildren();
    one(this.main, "#receipt-mark", HTMLElement).replaceChildren();
    document.body.classList.remove(CARD);
    this.#turn("done");
    one(this.main, "#done-title", HTMLElement).focus();
  }

  /** @param {"given" | "done"} stage what the page shows from now on, and nothing else */
  #turn(stage) {
    const parts = /** @type {NodeListOf<HTMLElement>} */ (this.main.querySelectorAll("[data-stage]"));
    for (const part of parts) part.hidden = part.dataset.stage !== stage;
  }

  /** @param {BeforeUnloadEvent} event */
  hold(event) {
    const controls = /** @type {NodeListOf<HTMLInputElement>} */ (this.form.querySelectorAll("textarea, input[type=text]"));
    if (this.#shows || [...controls].some(({ value }) => value !== "")) event.preventDefault();
  }
}

/**
 * @param {unknown} error
 * @returns {string} why nothing was sent, for the officer
 */
function sentenceOf(error) {
  if (error instanceof Refusal) return error.sentence;
  const name = error instanceof Error ? error.name : "";
  if (name === "TooLong") return _("Tulisan ini terlalu panjang. Pendekkan, lalu kirim lagi.");
  if (name === "NoDesk") return _("Belum ada kantor di sini yang boleh membaca laporan ini. Antarkan pelapor ke kantor lain.");
  if (name === "NotVouched") return _("Kunci kantor penerima tidak bisa dipastikan asli, jadi laporan tidak dikirim. Coba lagi nanti.");
  if (name === "Unpublished") return _("Kunci kantor penerima belum terbukti terbit di catatan umum, jadi laporan tidak dikirim. Coba lagi beberapa menit lagi.");
  return _("Jawaban server belum sampai. Kirim lagi: laporan tidak akan menjadi dua. Tulisan masih ada.");
}

const form = document.querySelector("form#assist");
if (form instanceof HTMLFormElement) begin(form);
