/** One file of the list: how it will be sent, and, once it is on its way, how far it has come. */

import { buttonTo, element, icon } from "../element.js";
import { kindInWords } from "../file-kinds.js";
import { _ } from "../i18n.js";
import { Pause, withdraw } from "../pausing.js";
import { sized } from "../size.js";
import { harmless } from "../text.js";
import { cleaned } from "./cleaning.js";
import { typeOf } from "./kinds.js";
import { betrayals, cleaningInWords } from "./telling.js";
import { Upload, newFile } from "./uploading.js";
import { sentenceFor } from "./refusing.js";

/** @import { Read } from "../vault/file-hashes.js" */
/** @import { SealedFile } from "../vault/files.js" */
/** @import { Correspondence } from "./correspondence.js" */
/** @import { Ready } from "./uploading.js" */

/** @typedef {{ file: File, ready: Ready, sealed: SealedFile, known: Read, there: number }} Going a file half sent, with how many bytes are there */
/** @typedef {(clean: () => Promise<Ready>) => Promise<Ready>} Ordered */

const LONGEST_NAME = 255;
const LONE_SURROGATES = /\p{Surrogate}/gu;
let drawn = 0;

export class Chosen {
  /** @type {Upload | undefined} */
  upload;
  /** @type {() => void} */
  onRemoved = () => undefined;
  /** @type {() => void} it is held now, or goes on */
  onTurned = () => undefined;
  /** @type {(words: string) => void} what has happened, to be said aloud */
  onNews = () => undefined;
  /** Whether it is to be sent as it is. A form that has been sent is emptied, its ticks too: they cannot be asked later. */
  #unchanged = false;
  /** Whether its turn has come, and it is being cleaned. */
  #awaited = false;
  #removed = false;
  #settled = false;
  #asIs = element("input", { type: "checkbox", id: `apa-adanya-${(drawn += 1)}`, autocomplete: "off" });
  #about = element("div", {});
  #words = element("p", { class: "quiet" });
  #bar = element("progress", {});
  #take = buttonTo(_("Hapus"), "button-text", () => this.#remove());
  /** @type {Promise<Ready>} */
  #cleaned;
  /** @type {string | undefined} */
  #told;

  /**
   * @param {File} file
   * @param {Ordered} ordered what cleans it when its turn has come
   * @param {Going} [going]
   */
  constructor(file, ordered, going) {
    this.file = file;
    this.going = going;
    this.name = harmless(file.name);
    this.pause = new Pause(this.name);
    this.pause.onTurned = () => this.#turn();
    this.#take.append(hidden(this.name));
    const does = element("div", { class: "chosen-does" }, this.pause.button, this.#take);
    this.item = element("li", { tabindex: "-1" }, this.#head(), this.#about, does);
    this.#cleaned = going ? Promise.resolve(going.ready) : ordered(() => this.#clean());
    if (going) this.#about.append(element("p", { class: "hint" }, thereAlready(going)));
    else this.#tell();
  }

  /** @returns {boolean} whether it is still to be sent, now or once it is not held any more */
  get left() {
    return !this.#removed && (this.upload?.pending ?? true);
  }

  /** @returns {boolean} whether all of it is there, and it is no part of the complaint yet */
  get arrived() {
    return this.upload?.state === "whole" && !this.#settled;
  }

  /** @returns {boolean} whether it is part of the complaint */
  get settled() {
    return this.#settled;
  }

  /** @returns {Promise<Ready>} */
  async ready() {
    const ready = this.#unchanged ? { ...asItIs(this.file, "original"), type: await typeOf(this.file) } : await this.#cleaned;
    const name = [...ready.name.replace(LONE_SURROGATES, "\ufffd")].slice(0, LONGEST_NAME).join("");
    return { ...ready, name, type: ready.type || "application/octet-stream" };
  }

  /** Show that its turn comes. */
  wait() {
    this.#about.replaceChildren(this.#words);
    this.#show();
  }

  /**
   * Send it, or go on with that; ends early where it is held or taken off the list.
   *
   * @param {Correspondence} server
   * @param {string} complaint
   */
  async send(server, complaint) {
    this.#awaited = true;
    this.#show();
    this.upload ??= new Upload(await this.ready(), server, this.going?.sealed ?? newFile(complaint), this.going?.known);
    this.upload.onChange = () => this.#show();
    // While it was cleaned it may have been held, or taken off the list.
    if (!this.left || this.pause.held) return;
    this.#about.replaceChildren(this.#words, this.#bar);
    await this.upload.run();
  }

  /** Say that it is part of the complaint now: nothing can be done about it here any more. */
  settle() {
    this.#settled = true;
    this.#about.replaceChildren(element("p", {}, icon("ok"), " ", _("Sudah masuk laporan.")));
    withdraw(this.#take, this.item);
  }

  /** @returns {Promise<Ready>} */
  async #clean() {
    try {
      return await cleaned(this.file);
    } catch {
      // A photograph that is none: nobody can say what is in it.
      return asItIs(this.file, "impossible");
    }
  }

  /** @returns {HTMLElement} */
  #head() {
    const name = element("b", { translate: "no", dir: "auto" }, this.name);
    return element("p", { class: "chosen-head" }, name, " ", element("span", { class: "quiet" }, `${kindInWords(this.file)}, ${sized(this.file.size)}`));
  }

  async #tell() {
    this.#about.append(element("p", { class: "hint" }, _("Sedang dibersihkan …")));
    const { how } = await this.#cleaned;
    // Meanwhile it may have its place among those that are sent.
    if (this.#words.parentElement) return;
    const says = how === "impossible" ? "warn" : "ok";
    const becomes = element("p", { class: "chosen-becomes" }, icon(says), " ", element("span", {}, cleaningInWords(how)));
    this.#about.replaceChildren(element("p", { class: "hint" }, betrayals(this.file)), becomes);
    if (how === "cleaned") this.#about.append(this.#choice(becomes));
  }

  /**
   * @param {HTMLElement} becomes
   * @returns {HTMLElement} the choice to send it as it is
   */
  #choice(becomes) {
    this.#asIs.addEventListener("change", () => {
      this.#unchanged = this.#asIs.checked;
      const how = this.#unchanged ? "original" : "cleaned";
      becomes.replaceChildren(icon(how === "cleaned" ? "ok" : "warn"), " ", element("span", {}, cleaningInWords(how)));
    });
    const label = element("label", { for: this.#asIs.id }, _("Kirim apa adanya"), hidden(this.name));
    return element("div", { class: "choice" }, this.#asIs, label);
  }

  async #remove() {
    this.#removed = true;
    this.onRemoved();
    try {
      await this.upload?.remove();
    } catch {
      // What stays behind of it is no part of the complaint, and goes by itself within days.
    }
  }

  #turn() {
    const { held } = this.pause;
    // What was said last, that it is being sent, is not true any more where it is held.
    this.onNews(held ? "" : _("{name} menunggu giliran.", { name: this.name }));
    if (held) this.upload?.stop();
    this.#show();
    this.onTurned();
  }

  #show() {
    if (this.left) this.pause.offer();
    else this.pause.withdraw(this.item);
    this.#words.textContent = this.left && this.pause.held ? this.#held() : this.#standing();
    if (this.upload) this.#measure(this.upload);
    if (this.upload) this.#announce(this.upload);
  }

  /** @param {Upload} upload */
  #measure(upload) {
    const done = upload.state === "reading" ? upload.read : upload.sent;
    this.#bar.max = upload.size;
    this.#bar.value = done;
    this.#bar.setAttribute("aria-label", this.name);
    this.#bar.hidden = upload.state === "refused";
  }

  /** @returns {string} */
  #held() {
    const [sent, all] = [this.upload?.sent ?? this.going?.there ?? 0, this.upload?.size ?? this.file.size];
    return _("Dijeda: {sent} dari {all} sudah sampai.", { sent: sized(sent), all: sized(all) });
  }

  /** @returns {string} */
  #standing() {
    const { upload } = this;
    if (!upload) return this.#awaited ? _("Sedang dibersihkan …") : _("Menunggu giliran.");
    const amounts = { sent: sized(upload.sent), all: sized(upload.size) };
    const words = {
      waiting: () => _("Menunggu giliran."),
      reading: () => _("Membaca berkas di HP Anda …"),
      sending: () => _("{sent} dari {all} terkirim.", amounts),
      lost: () => _("Sambungan terputus atau server sibuk. Dicoba lagi sendiri; {sent} dari {all} sudah sampai.", amounts),
      busy: () => _("Terlalu banyak kiriman sekaligus saat ini. Ditunggu sebentar, lalu dilanjutkan sendiri; {sent} dari {all} sudah sampai.", amounts),
      unkept: () => _("{reason} Dicoba lagi sendiri; {sent} dari {all} sudah sampai dan tidak hilang. Laporan dan pesan bisa dikirim tanpa berkas ini: hapus dari daftar.", { ...amounts, reason: upload.reason }),
      whole: () => _("Semuanya sudah sampai."),
      refused: () => sentenceFor(upload.refusal),
      removed: () => "",
    };
    return words[upload.state]();
  }

  /** @param {Upload} upload */
  #announce({ state, reason }) {
    if (state === this.#told) return;
    const before = this.#told;
    this.#told = state;
    const { name } = this;
    if (state === "lost") this.onNews(_("{name}: sambungan terputus atau server sibuk. Dicoba lagi sendiri.", { name }));
    if (state === "busy") this.onNews(_("{name}: terlalu banyak kiriman sekaligus saat ini. Dilanjutkan sendiri sebentar lagi.", { name }));
    if (state === "unkept") this.onNews(_("{name}: {reason} Dicoba lagi sendiri.", { name, reason }));
    if (state === "sending" && before === "lost") this.onNews(_("{name}: sambungan kembali.", { name }));
    if (state === "whole") this.onNews(_("{name} sudah sampai.", { name }));
    if (state === "refused") this.onNews(_("{name} belum bisa dikirim.", { name }));
  }
}

/**
 * @param {File} file
 * @param {Ready["how"]} how
 * @returns {Ready}
 */
function asItIs(file, how) {
  return { blob: file, type: file.type, name: file.name, how };
}

/**
 * @param {Going} going
 * @returns {string}
 */
function thereAlready({ there, ready }) {
  return _("Berkas yang sama: {sent} dari {all} sudah sampai, dan tidak dikirim ulang.", { sent: sized(there), all: sized(ready.blob.size) });
}

/**
 * @param {string} name
 * @returns {HTMLElement} whose button this is, for whoever does not see where it stands
 */
function hidden(name) {
  return element("span", { class: "visually-hidden" }, ` ${name}`);
}
