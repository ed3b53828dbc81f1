/** Whether the history holds: said quietly when it does, and as loudly as this page can when it does not. */

import { element, icon, notice, one } from "../element.js";
import { _ } from "../i18n.js";
import { SYSTEM } from "../ledger/body.js";
import { lineOf } from "./words.js";

/** @import { Event } from "../ledger/body.js" */
/** @import { Flaw, OpenedCase } from "./opened.js" */

/**
 * @param {OpenedCase} opened
 */
export function showProof({ events, flaw, spoilt }) {
  const said = [flaw ? warning(flaw) : assurance(events), ...(spoilt ? [spoilWarning()] : [])];
  one(document, "#proof", HTMLElement).replaceChildren(...said);
}

/**
 * While both copies lie here one can tell them apart; once the desk's former key is deleted, only the wrong one is left.
 *
 * @returns {HTMLElement}
 */
function spoilWarning() {
  const said = _("Salinan kunci perkara ini untuk kunci meja yang baru bukan kunci yang asli, atau disebut rusak padahal tidak. Perkara ini masih terbuka selama kunci lama ada.");
  const then = _("Hubungi kepala meja di atas Anda hari ini juga: kunci kepala yang menyegel ulang dicabut, kunci meja dibuat baru, dan semuanya disegel ulang dari salinan yang asli.");
  const loud = notice("danger", _("Kunci yang disegel ulang tidak cocok"), element("p", {}, said), element("p", {}, then));
  loud.setAttribute("role", "alert");
  return loud;
}

/**
 * @param {Event[]} events
 * @returns {HTMLElement}
 */
function assurance(events) {
  const signed = events.filter(({ actor }) => actor !== SYSTEM).length;
  const byItself = events.length - signed;
  const words = [_("Riwayat cocok: {signed} peristiwa bertanda tangan", { signed })];
  if (byItself > 0) words.push(_("{count} dengan sendirinya", { count: byItself }));
  const said = _("{events}; urutannya utuh. Diperiksa di peramban ini.", { events: words.join(", ") });
  return element("p", { class: "path" }, icon("ok"), element("span", {}, said));
}

/**
 * @param {Flaw} flaw
 * @returns {HTMLElement}
 */
function warning({ seq, fault }) {
  const which = nameOf(seq);
  const said = element("p", {}, element("b", {}, SENTENCES[fault](which)));
  const then = element(
    "p",
    {},
    _("Jangan bertindak atas dasar halaman ini: tindakan ditutup. Simpan gambar layar ini, lalu hubungi pengawas dan penanggung jawab instalasi."),
  );
  const loud = notice("danger", _("Riwayat perkara ini tidak cocok"), said, then);
  loud.setAttribute("role", "alert");
  return loud;
}

/**
 * @param {number} seq
 * @returns {string} the event as the history names it
 */
function nameOf(seq) {
  const { deed } = lineOf(seq);
  return deed ? _("peristiwa {seq} (“{deed}”)", { seq, deed }) : _("peristiwa {seq}", { seq });
}

/** @type {Record<Flaw["fault"], (which: string) => string>} */
const SENTENCES = {
  form: (which) => _("Bukan peristiwa yang sah: {which}.", { which }),
  case: (which) => _("Milik perkara lain: {which}.", { which }),
  order: (which) => _("Tidak pada urutannya: {which}. Mungkin ada peristiwa yang dihapus.", { which }),
  previous: (which) => _("Tidak menyambung ke peristiwa sebelumnya: {which}.", { which }),
  state: (which) => _("Tahapnya tidak menyambung: {which}.", { which }),
  entry: (which) => _("Diubah sesudah dicatat: {which}.", { which }),
  signature: (which) => _("Tidak ditandatangani oleh yang disebut: {which}.", { which }),
  end: (which) => _("Server menyebut akhir yang lain daripada {which}. Mungkin ada peristiwa yang disembunyikan.", { which }),
  rewritten: (which) => _("Berubah sejak halaman ini menampilkannya: {which}.", { which }),
  account: () => _("Laporan pelapor rusak atau diganti. Tanpa laporan itu riwayatnya tidak dapat diperiksa."),
};
