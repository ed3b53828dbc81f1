/** The files of a complaint that has just been lodged: they follow it from the page that shows its phrase. */

import { buttonTo, element, notice, one } from "../element.js";
import { _ } from "../i18n.js";
import { Correspondence } from "./correspondence.js";
import { Course } from "./course.js";
import { Delivery, bring } from "./delivering.js";
import { sentenceFor } from "./refusing.js";

/** @import { To } from "./attaching.js" */
/** @import { Choice } from "./choosing.js" */
/** @import { Chosen } from "./chosen.js" */
/** @import { Unanswered } from "./posting.js" */

/**
 * Send what was chosen after the complaint, while its phrase is being written down.
 *
 * @param {Choice} choice
 * @param {To} to
 */
export function follow(choice, { keys, root, addresses }) {
  const following = new Following(choice, new Correspondence(keys, root, addresses));
  one(document, "#rehearsal", HTMLElement).after(following.section);
  following.run();
}

class Following {
  #course = new Course();
  #end = element("div", { role: "status" });

  /**
   * @param {Choice} choice
   * @param {Correspondence} server
   */
  constructor(choice, server) {
    this.server = server;
    this.delivery = new Delivery(choice, server, waits);
    this.title = element("h2", { id: "following-title" }, _("Berkas sedang dikirim"));
    this.advice = element("p", {}, _("Biarkan halaman ini terbuka sampai selesai. Kalau tertutup, buka “Lihat laporan saya” dengan frasa Anda, lalu pilih berkas yang sama. Yang sudah sampai tidak dikirim ulang."));
    const parts = [this.title, this.advice, this.delivery.panel, this.#end];
    this.section = element("section", { id: "following", "aria-labelledby": this.title.id }, ...parts);
    addEventListener("pagehide", () => this.section.replaceChildren());
  }

  async run() {
    const onLost = (/** @type {Unanswered} */ lost) => this.#end.replaceChildren(element("p", {}, lostInWords(lost)));
    this.#end.replaceChildren();
    this.advice.hidden = false;
    this.delivery.begin();
    try {
      const { complaint } = await this.#course.insist(() => this.server.told(), onLost);
      do {
        await this.delivery.send(complaint);
        await this.#bring(onLost);
      } while (await this.delivery.resumed());
      this.#finish();
    } catch (error) {
      this.#stop(sentenceFor(error));
    }
  }

  /**
   * Bring what has arrived, whatever is held: who closes the page meanwhile has these in his complaint.
   *
   * @param {(lost: Unanswered) => void} onLost
   */
  async #bring(onLost) {
    const { arrived } = this.delivery;
    if (arrived.length > 0) await this.delivery.keep(bring(arrived, this.server, this.#course, onLost));
    this.delivery.settle();
    this.#end.replaceChildren();
  }

  #finish() {
    const { chosen } = this.delivery.choice;
    if (chosen.some(({ settled }) => !settled)) return this.#stop(_("Ada berkas yang belum bisa dikirim. Sebabnya ada di daftar."));
    this.advice.hidden = true;
    this.title.textContent = _("Berkas");
    this.#end.replaceChildren(
      chosen.length > 0
        ? notice("ok", _("Semua berkas sudah masuk laporan Anda."))
        : element("p", { class: "quiet" }, _("Tidak ada berkas yang dikirim.")),
    );
  }

  /** @param {string} sentence */
  #stop(sentence) {
    this.delivery.rest(() => this.run());
    const again = buttonTo(_("Coba lagi"), "button button-quiet", () => this.run());
    const why = [element("p", {}, sentence), element("p", {}, again)];
    this.#end.replaceChildren(notice("warn", _("Berkas belum masuk laporan"), ...why));
  }
}

/**
 * @param {Chosen[]} others
 * @returns {string}
 */
function waits(others) {
  if (others.length === 0) return _("Laporan Anda sudah masuk tanpa menunggunya. Lanjutkan selagi halaman ini terbuka, atau hapus dari daftar.");
  return _("Yang lain masuk laporan tanpa menunggunya. Lanjutkan selagi halaman ini terbuka, atau hapus dari daftar.");
}

/**
 * @param {Unanswered} lost
 * @returns {string}
 */
function lostInWords({ busy, sentence }) {
  if (sentence) return _("{reason} Dicoba lagi sendiri.", { reason: sentence });
  if (busy) return _("Terlalu banyak kiriman sekaligus saat ini. Ditunggu sebentar, lalu dilanjutkan sendiri.");
  return _("Sambungan terputus atau server sibuk. Dicoba lagi sendiri.");
}
