/** The files of a case that the server has: those that are part of it, and those that came only half the way. */

import { longDay } from "../day.js";
import { buttonTo, element, icon, notice } from "../element.js";
import { kindInWords } from "../file-kinds.js";
import { _ } from "../i18n.js";
import { sized } from "../size.js";
import { harmless } from "../text.js";
import { fromBase64 } from "../vault/bytes.js";
import { openFileKey, openManifest } from "../vault/file-boxes.js";
import { filesNamed, isThat } from "./brought.js";
import { removeFile } from "./carrying.js";
import { whatToDo } from "./findings.js";
import { insist } from "./posting.js";
import { sameFile } from "./resuming.js";

/** @import { Manifest } from "../vault/file-boxes.js" */
/** @import { SealedFile } from "../vault/files.js" */
/** @import { Attaching } from "./attaching.js" */
/** @import { Named } from "./brought.js" */
/** @import { Correspondence, ToldFile } from "./correspondence.js" */
/** @import { Thread } from "./thread.js" */

/**
 * Show them in the status page: what is part of the case is held against the acts that brought it; what came half the way
 * goes on from there.
 *
 * @param {HTMLElement} talk the section beside which they stand
 * @param {Correspondence} server
 * @param {string} historyUrl
 * @param {Attaching} [attaching] the form in which it goes on, if there is one
 */
export async function showFiles(talk, server, historyUrl, attaching) {
  const told = await insist(() => server.told());
  const bodies = await insist(() => server.history(historyUrl));
  const thread = server.thread(told);
  const half = told.files.filter(({ seq }) => seq === null);
  if (half.length > 0) talk.before(halfSent(half.map((file) => new HalfSent(file, thread, server, attaching).item)));
  const whole = new Map(told.files.filter(({ seq }) => seq !== null).map((file) => [file.id, file]));
  const named = await filesNamed(bodies, { complaint: thread.complaint, version: thread.version, own: thread.known.own });
  const lines = [...named].map(([id, act], at) => lineOf(whole.get(id), act, at + 1, thread));
  const others = [...whole.keys()].filter((id) => !named.has(id)).map(lineOfAnother);
  if (lines.length + others.length > 0) talk.after(partOfIt([...(await Promise.all(lines)), ...others]));
}

/**
 * @param {HTMLElement[]} items
 * @returns {HTMLElement}
 */
function halfSent(items) {
  const title = element("h2", { id: "half-title" }, _("Berkas yang belum selesai dikirim"));
  const lead = element("p", {}, _("Pilih lagi berkas yang sama, lalu kirim. Yang sudah sampai tidak dikirim ulang. Yang tidak dilanjutkan terhapus sendiri sesudah tujuh hari."));
  const list = element("ol", { class: "chosen", role: "list" }, ...items);
  return element("section", { id: "half-sent", "aria-labelledby": title.id }, title, lead, list);
}

/**
 * @param {HTMLElement[]} items
 * @returns {HTMLElement}
 */
function partOfIt(items) {
  const title = element("h2", { id: "files-title" }, _("Berkas Anda"));
  const list = element("ol", { class: "chosen", role: "list" }, ...items);
  const then = items.some((item) => item.matches("[data-fault]")) ? [whatToDo()] : [];
  return element("section", { id: "files", "aria-labelledby": title.id }, title, list, ...then);
}

/**
 * @param {ToldFile | undefined} file as the server tells of it, if it does
 * @param {Named} named
 * @param {number} number
 * @param {Thread} thread
 * @returns {Promise<HTMLElement>}
 */
async function lineOf(file, named, number, thread) {
  const values = { number, day: longDay(named.day) };
  if (!file) return faultLine("missing", _("Berkas {number}, yang Anda kirim {day}, tidak ditunjukkan oleh server.", values));
  try {
    const manifest = await openManifest(fromBase64(String(file.manifest)), await sealedFile(file, thread));
    if (await isThat(file, manifest, named)) return lineFor(manifest, number, named.day);
    return faultLine("changed", _("Berkas {number} bukan lagi yang Anda kirim {day}: isinya atau keterangannya diganti.", values));
  } catch {
    return element("li", {}, notice("warn", _("Keterangan berkas ini tidak dapat dibuka: isinya rusak atau diganti.")));
  }
}

/** @returns {HTMLElement} what stands for a file that no act of the reporter's has named */
function lineOfAnother() {
  return faultLine("another", _("Server menunjukkan satu berkas lagi di sini, tetapi bukan Anda yang mengirimnya: tanda tangan Anda tidak ada."));
}

/**
 * @param {"missing" | "changed" | "another"} fault
 * @param {string} sentence
 * @returns {HTMLElement}
 */
function faultLine(fault, sentence) {
  return element("li", { "data-fault": fault }, notice("danger", sentence));
}

/**
 * @param {Manifest} manifest
 * @param {number} number
 * @param {string} day
 * @returns {HTMLElement}
 */
function lineFor(manifest, number, day) {
  const name = element("b", { translate: "no", dir: "auto" }, harmless(manifest.name));
  const words = manifest.cleaned === "cleaned" ? _("sudah dibersihkan") : _("dikirim apa adanya");
  const about = [_("Berkas {number}", { number }), kindInWords(manifest), sized(manifest.size), words, longDay(day)];
  const said = element("span", { class: "quiet" }, about.join(" · "));
  return element("li", {}, element("p", { class: "chosen-head" }, name, " ", said));
}

/**
 * @param {ToldFile} file
 * @param {Thread} thread
 * @returns {Promise<SealedFile>}
 */
async function sealedFile({ id, epoch, key }, thread) {
  const where = { complaint: thread.complaint, file: id, epoch, side: /** @type {const} */ ("thread") };
  return openFileKey(fromBase64(key), await thread.key(epoch), where);
}

/** A file that came half the way: chosen again, it goes on; or it goes away. */
class HalfSent {
  #said = element("div", { role: "status" });

  /**
   * @param {ToldFile} file
   * @param {Thread} thread
   * @param {Correspondence} server
   * @param {Attaching} [attaching]
   */
  constructor(file, thread, server, attaching) {
    this.file = file;
    this.thread = thread;
    this.server = server;
    this.attaching = attaching;
    const remove = buttonTo(_("Hapus"), "button-text", () => this.#remove());
    this.item = element("li", { tabindex: "-1" }, this.#standing(), ...this.#again(), this.#said, remove);
  }

  /** @returns {HTMLElement} */
  #standing() {
    const { size, chunks, have = [], day } = this.file;
    const values = { size: sized(size), day: longDay(day), have: have.length, chunks };
    return element("p", {}, _("Berkas kira-kira {size}, mulai dikirim {day}: {have} dari {chunks} bagian sudah sampai.", values));
  }

  /** @returns {HTMLElement[]} where to choose it again, as far as that is of use */
  #again() {
    // What a server sealed nobody can go on with, and without a form nothing brings it.
    if (this.file.progress === null || !this.attaching?.takes) return [];
    const id = `lanjut-${this.file.id}`;
    const input = element("input", { type: "file", id, autocomplete: "off" });
    input.addEventListener("change", () => this.#choose(input));
    return [element("label", { for: id }, _("Pilih berkas yang sama")), input];
  }

  /** @param {HTMLInputElement} input */
  async #choose(input) {
    const [file] = input.files ?? [];
    input.value = "";
    if (!file) return;
    input.disabled = true;
    this.#said.replaceChildren(element("p", { class: "hint" }, _("Mencocokkan berkas …")));
    try {
      await this.#match(file);
    } catch {
      this.#said.replaceChildren(notice("warn", _("Berkas ini belum bisa dibaca. Coba lagi.")));
    }
    input.disabled = false;
    // Whoever chose it stays where he was, unless he is elsewhere by now; a file that goes on has taken the focus itself.
    if (input.isConnected && hasOrLostFocus(input)) input.focus();
  }

  /** @param {File} file */
  async #match(file) {
    const choice = await /** @type {Attaching} */ (this.attaching).chosen();
    const going = await sameFile(file, this.file, await sealedFile(this.file, this.thread));
    if (!going) return this.#offerAsNew(file);
    choice.goOn(going);
    this.#leave();
  }

  /** @param {File} file that is another one */
  #offerAsNew(file) {
    const asNew = buttonTo(_("Kirim sebagai berkas baru"), "button button-quiet", async () => {
      const choice = await /** @type {Attaching} */ (this.attaching).chosen();
      choice.add([file]);
      this.#said.replaceChildren();
      choice.chosen.at(-1)?.item.focus();
    });
    const title = _("Ini bukan berkas yang sama");
    const words = _("{name} berbeda dari yang belum selesai. Pilih yang lain, atau kirim sebagai berkas baru.", { name: harmless(file.name) });
    this.#said.replaceChildren(notice("warn", title, element("p", {}, words), element("p", {}, asNew)));
  }

  async #remove() {
    try {
      await removeFile(this.server, this.file.id);
      const next = this.item.nextElementSibling ?? this.item.previousElementSibling;
      const leaves = hasOrLostFocus(this.item);
      this.#leave();
      // The focus must not fall to the beginning of the page, nor be taken from what is written meanwhile.
      const there = next ?? document.querySelector("#talk-title");
      if (leaves && there instanceof HTMLElement) there.focus();
    } catch {
      this.#said.replaceChildren(element("p", { class: "error-message" }, icon("danger"), " ", _("Belum terhapus, mungkin karena sambungan. Coba lagi.")));
    }
  }

  #leave() {
    const section = this.item.closest("section");
    this.item.remove();
    if (!section?.querySelector("li")) section?.remove();
  }
}

/**
 * @param {HTMLElement} part
 * @returns {boolean} whether the keyboard's focus is in it, or was let fall to the page
 */
function hasOrLostFocus(part) {
  const { activeElement } = document;
  return activeElement === document.body || part.contains(activeElement);
}
