/**
 * From the checked answers to the receipt. Whatever goes wrong is said, what was typed stays, and nothing is posted in
 * the clear unless the reporter presses the button that says so.
 */

import { buttonTo, element, notice, one } from "../element.js";
import { _ } from "../i18n.js";
import { fromHex } from "../vault/bytes.js";
import { answersOf } from "./account.js";
import { Attaching, addressesIn } from "./attaching.js";
import { clearFaults, showProblem } from "./checking.js";
import { Early } from "./early.js";
import { Refusal, Unanswered, ask, askJson, insist } from "./posting.js";
import { waitIn } from "./waiting.js";

/** @import { Answers } from "./account.js" */
/** @import { Preparation } from "./preparing.js" */
/** @import { Filling } from "./receipt.js" */
/** @import { Envelope } from "./sealing.js" */

const CONFLICT = 409;
const CREATED = 201;
const FILES = "berkas";
/** Longer than this (in ms) nobody waits without being asked. */
const PATIENCE = 10_000;

export class Sending {
  /** Whether the receipt is shown; from then on there is nothing left to keep. */
  done = false;
  busy = false;
  #preparing = new Early(() => this.#load());
  /** @type {{ answers: string, envelope: Envelope } | undefined} the envelope to post again, if its answer was lost */
  #kept;
  #posted = false;
  #patient = false;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.attaching = new Attaching().comeTo(form);
    this.holder = one(document, "form#lapor + .sending", HTMLElement);
    this.buttons = one(form, ":scope > .buttons", HTMLElement);
    this.wait = waitIn(this.holder);
    this.wait.end();
  }

  /** Begin with what takes long, unless that is done; a failure is met when it is time to send. */
  prepare() {
    this.#preparing.begin();
  }

  /** Forget what was said about an attempt, when the reporter turns to another step. */
  leave() {
    if (this.busy) return;
    this.holder.replaceChildren();
    this.buttons.hidden = false;
  }

  /** Seal and post; posting the same answers again posts the same envelope. */
  async send() {
    await this.#busily(() => this.#sealed());
  }

  /** @returns {Promise<Preparation>} */
  async #load() {
    const { desksUrl, receiptUrl } = this.form.dataset;
    const { prepare } = await import("./preparing.js");
    return prepare({ desks: String(desksUrl), receipt: String(receiptUrl) });
  }

  /** @param {() => Promise<void>} act */
  async #busily(act) {
    if (this.busy) return;
    this.busy = true;
    // Until this attempt has ended, and where it ends with a question, its buttons stand below.
    this.buttons.hidden = true;
    clearFaults(this.form);
    this.form.inert = true;
    this.wait = waitIn(this.holder);
    try {
      await act();
    } catch (error) {
      this.#explain(error instanceof Error ? error : new Error());
    } finally {
      this.busy = false;
      this.form.inert = false;
    }
  }

  async #sealed() {
    this.wait.say(_("Menyiapkan segel …"));
    const preparation = await this.#prepared();
    if (preparation.remaining > PATIENCE && !this.#patient) return this.#askForPatience(preparation.remaining);
    this.wait.say(_("Membuat frasa laporan di HP Anda …"));
    preparation.onProgress = this.wait.reach;
    const keys = await preparation.keys();
    this.wait.say(_("Menyegel laporan di HP Anda …"));
    // Loaded before anything is posted: a network that dies afterwards is waited for.
    const [{ showReceipt }, { judgePromise }] = await Promise.all([import("./receipt.js"), import("../ledger/promises.js")]);
    const follow = await this.attaching.following();
    const addresses = addressesIn(this.form);
    const [envelope, promised] = await this.#postEnvelope(preparation, answersOf(this.form));
    const promise = await judgePromise(promised, envelope, preparation.tree.directory);
    this.#receive(showReceipt, preparation.page, { phrase: preparation.phrase, entry: envelope.entry, promise });
    follow({ keys, root: fromHex(preparation.pinned.ROOT), addresses });
  }

  /** @returns {Promise<Preparation>} */
  #prepared() {
    // With other answers a new phrase is due once something was posted: that complaint may have been kept.
    if (this.#posted && this.#kept && this.#kept.answers !== JSON.stringify(answersOf(this.form))) {
      this.#preparing.drop();
      this.#posted = false;
    }
    return this.#preparing.come();
  }

  /**
   * @param {Preparation} preparation
   * @param {Answers} answers
   * @returns {Promise<[Envelope, unknown]>} the envelope that was kept, and what was promised of it
   */
  async #postEnvelope(preparation, answers) {
    try {
      return await this.#post(await this.#envelope(preparation, answers));
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== CONFLICT) throw error;
      // The desks, their keys or the day have changed since they were fetched: sealed anew, once.
      this.wait.say(_("Kunci atau daftar kantor penerima baru saja diganti. Laporan disegel ulang di HP Anda …"));
      await preparation.renew(error.directory);
    }
    this.#kept = undefined;
    return this.#post(await this.#envelope(preparation, answers));
  }

  /**
   * @param {Preparation} preparation
   * @param {Answers} answers
   * @returns {Promise<Envelope>}
   */
  async #envelope(preparation, answers) {
    const written = JSON.stringify(answers);
    if (this.#kept?.answers !== written) {
      this.#kept = { answers: written, envelope: await preparation.seal(answers) };
    }
    return this.#kept.envelope;
  }

  /**
   * @param {Envelope} envelope
   * @returns {Promise<[Envelope, unknown]>}
   */
  async #post(envelope) {
    this.wait.say(_("Mengirim laporan …"));
    this.#posted = true;
    const receipt = await insist(() => askJson(String(this.form.dataset.complaintsUrl), envelope.posted));
    // Another entry than ours is no receipt for this complaint.
    if (receipt.entry !== envelope.entry) throw new Unanswered();
    return [envelope, receipt.promise];
  }

  /**
   * @param {(page: string, filling?: Filling) => void} showReceipt loaded before anything is posted
   * @param {string} page
   * @param {Filling} [filling] where the page does not have them yet
   */
  #receive(showReceipt, page, filling) {
    this.done = true;
    // What has been sent is nobody's to find here any more.
    this.#preparing.drop();
    this.#kept = undefined;
    this.form.reset();
    showReceipt(page, filling);
  }

  /** Send the answers as they are: the reporter has chosen that. A lost answer loses no text, and the form's nonce
   * lets nothing be lodged twice. */
  async #plainly() {
    this.wait.say(_("Mengirim lewat server …"));
    const body = await this.#plainBody();
    const { showReceipt } = await import("./receipt.js");
    this.#posted = true;
    const { status, text } = await insist(() => ask(this.form.action, { method: "POST", body }));
    if (status === CREATED) return this.#receive(showReceipt, text);
    throw new Refusal(status, sentenceIn(text));
  }

  /** @returns {Promise<URLSearchParams | FormData>} the answers, and after them whatever files there are */
  async #plainBody() {
    const filled = new FormData(this.form);
    // What identifies the writer has been said while he wrote.
    filled.set("seen_traces", "1");
    filled.delete(FILES);
    await this.attaching.addTo(filled);
    return filled.has(FILES) ? filled : new URLSearchParams(/** @type {any} */ (filled));
  }

  /** @param {number} remaining in ms */
  #askForPatience(remaining) {
    const seconds = Math.ceil(remaining / 1000);
    const words = _("Membuat frasa di HP ini perlu kira-kira {seconds} detik lagi.", { seconds });
    const wait = buttonTo(_("Tunggu, segel di HP ini"), "button", () => {
      this.#patient = true;
      this.send();
    });
    this.#offer(notice("info", _("HP ini agak lambat"), element("p", {}, words)), wait, true);
  }

  /** @param {Error} error */
  #explain(error) {
    if (error instanceof Refusal) return this.#refuse(error.sentence);
    if (error.name === "TooLong") return this.#refuse(_("Tulisan ini terlalu panjang. Pendekkan, lalu kirim lagi."));
    if (error.name === "NoDesk") return this.#refuse(this.#elsewhere());
    const [words, plainly] = this.#trouble(error);
    const again = buttonTo(_("Coba lagi"), "button", () => this.send());
    const said = notice("danger", _("Belum terkirim"), element("p", {}, words));
    this.#offer(said, again, plainly);
  }

  /**
   * @param {Error & { busy?: boolean }} error
   * @returns {[string, boolean]} what to say, and whether the server's path would help
   */
  #trouble({ name, busy }) {
    if (name === "NotVouched") {
      return [_("Kunci kantor penerima tidak bisa dipastikan asli, jadi laporan tidak dikirim. Coba lagi nanti, kalau bisa lewat sambungan lain. Tulisan Anda masih di sini."), false];
    }
    if (name === "Unpublished") {
      return [_("Kunci kantor penerima belum terbukti terbit di catatan umum, jadi laporan tidak dikirim. Coba lagi beberapa menit lagi, kalau bisa lewat sambungan lain. Tulisan Anda masih di sini."), false];
    }
    if (busy) return [_("Terlalu banyak kiriman sekaligus saat ini. Tunggu sebentar, lalu coba lagi: laporan tidak akan menjadi dua."), false];
    if (this.#posted) {
      return [_("Jawaban server belum sampai, mungkin karena sambungan. Laporan Anda mungkin sudah masuk, mungkin belum. Coba lagi: laporan tidak akan menjadi dua."), false];
    }
    if (name === "StretchingFailed") {
      return [_("Frasa belum bisa dibuat di HP ini. Memori HP ini mungkin penuh, atau sambungan putus: tutup aplikasi lain, lalu coba lagi. Tidak ada yang terkirim. Tulisan Anda masih di sini."), true];
    }
    return [_("Bagian yang menyegel belum termuat, mungkin karena sambungan. Tidak ada yang terkirim. Tulisan Anda masih di sini."), true];
  }

  /** @param {string} sentence */
  #refuse(sentence) {
    this.wait.end();
    this.buttons.hidden = false;
    showProblem(this.form, _("Belum terkirim"), sentence);
  }

  /** @returns {string} */
  #elsewhere() {
    const { elsewhere = "" } = this.form.dataset;
    return _("Belum ada kantor di sini yang boleh membaca laporan ini. Sampaikan ke {elsewhere}.", { elsewhere });
  }

  /**
   * @param {HTMLElement} said
   * @param {HTMLButtonElement} main
   * @param {boolean} plainly whether to offer the server's path, too
   */
  #offer(said, main, plainly) {
    said.setAttribute("role", "alert");
    const parts = [said, element("p", { class: "buttons" }, main)];
    if (plainly) parts.push(this.#serverPath());
    this.holder.replaceChildren(...parts);
    this.holder.focus();
  }

  /** @returns {HTMLElement} the other path, said in full before it can be chosen */
  #serverPath() {
    const words = _("Server akan membaca isi laporan sesaat sebelum menyegelnya. Salinannya tidak disimpan.");
    const choose = buttonTo(_("Kirim lewat server"), "button button-quiet", () => this.#busily(() => this.#plainly()));
    const explained = element("div", {}, element("p", {}, words), element("p", {}, choose));
    return element("details", {}, element("summary", {}, _("Cara lain: kirim lewat server")), explained);
  }
}

/**
 * @param {string} page
 * @returns {string} why the server refused, from the page it answered with
 */
function sentenceIn(page) {
  const answered = new DOMParser().parseFromString(page, "text/html");
  const said = answered.querySelector("#error-summary p, #error-summary li, main .lead");
  return said?.textContent?.trim() ?? _("Laporan belum bisa dikirim. Coba lagi sebentar lagi.");
}
