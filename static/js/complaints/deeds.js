/** What happened to a complaint, in its reporter's words. */

import { _ } from "../i18n.js";

/** @import { Event } from "../ledger/body.js" */

/** @type {Record<string, () => string>} */
const DEEDS = {
  lodge: () => _("Anda mengirim laporan"),
  open: () => _("Laporan mulai ditelaah"),
  investigate: () => _("Pemeriksaan dimulai"),
  ask: () => _("Petugas bertanya kepada Anda"),
  answer: () => _("Anda menjawab"),
  resume: () => _("Belum ada jawaban; pekerjaan dilanjutkan"),
  consent: () => _("Pelimpahan disetujui"),
  refer: () => _("Dilimpahkan ke instansi lain"),
  receipt: () => _("Tanda terima instansi dicatat"),
  returned: () => _("Pelimpahan kembali"),
  propose: () => _("Hasil diusulkan"),
  close: () => _("Laporan ditutup"),
  send_back: () => _("Usulan dikembalikan"),
  object: () => _("Anda menyatakan tidak setuju"),
  assign: () => _("Petugas ditunjuk"),
  uphold: () => _("Keberatan diterima"),
  dismiss: () => _("Keberatan ditolak"),
  reopen: () => _("Laporan dibuka kembali"),
  purge: () => _("Isi laporan dihapus"),
  message: () => _("Anda menulis kepada petugas"),
  reply: () => _("Petugas menulis kepada Anda"),
  note: () => _("Petugas menambah catatan"),
  finding: () => _("Temuan dicatat"),
  evidence: () => _("Bukti ditambah"),
  export: () => _("Bukti diekspor"),
  transfer: () => _("Bukti diserahkan"),
  withdraw: () => _("Anda meminta laporan dicabut"),
  recuse: () => _("Petugas mengundurkan diri"),
  extend: () => _("Batas waktu diperpanjang"),
  hold: () => _("Laporan ditahan untuk keperluan hukum"),
  release: () => _("Penahanan laporan dilepas"),
  flag: () => _("Tanda mendesak diubah"),
  escalate: () => _("Keterlambatan dinaikkan ke meja atas"),
};

/** @type {Record<string, () => string>} as the status page says them: OUTCOMES of complaints/wording.py */
const OUTCOMES = {
  proven: () => _("Terbukti"),
  partly_proven: () => _("Terbukti sebagian"),
  not_proven: () => _("Tidak terbukti"),
  cannot_be_processed: () => _("Tidak dapat diproses"),
  duplicate: () => _("Sudah pernah dilaporkan dan sedang atau sudah diperiksa"),
  withdrawn: () => _("Dicabut oleh pelapor"),
};

export const KNOWN_DEEDS = Object.keys(DEEDS);
export const KNOWN_OUTCOMES = Object.keys(OUTCOMES);

/**
 * @param {string} action
 * @returns {string}
 */
export function deedInWords(action) {
  return Object.hasOwn(DEEDS, action) ? DEEDS[action]() : _("Langkah lain");
}

/**
 * What a case was closed with: who closes it consents to what was proposed last, and names no outcome of his own.
 *
 * @param {Event} event
 * @param {Event[]} before
 * @returns {string | null} nothing where it was not closed
 */
export function outcomeInWords({ action }, before) {
  if (action !== "close") return null;
  const proposed = before.filter(({ clear }) => "outcome" in clear).at(-1)?.clear.outcome ?? "";
  return Object.hasOwn(OUTCOMES, proposed) ? OUTCOMES[proposed]() : null;
}
