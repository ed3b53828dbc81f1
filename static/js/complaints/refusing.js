/** Why a file did not go, in words. */

import { _ } from "../i18n.js";
import { Refusal } from "./posting.js";

/** @type {Record<string, () => string>} */
const SENTENCES = {
  Changed: () => _("Berkas ini berubah sejak dipilih. Hapus dari daftar, lalu pilih lagi."),
  NotReadableError: () => _("Berkas ini tidak bisa dibaca lagi. Hapus dari daftar, lalu pilih lagi."),
  NotFoundError: () => _("Berkas ini tidak bisa dibaca lagi. Hapus dari daftar, lalu pilih lagi."),
  Asked: () => _("Petugas sudah bertanya kepada Anda. Buka “Lihat laporan saya”, lalu kirim berkas ini bersama jawaban Anda."),
  Unreadable: () => _("Kunci percakapan ini rusak atau diganti. Berkas Anda belum terkirim."),
};

/**
 * @param {unknown} error
 * @returns {string}
 */
export function sentenceFor(error) {
  if (error instanceof Refusal) return error.sentence;
  const known = error instanceof Error || error instanceof DOMException ? SENTENCES[error.name] : undefined;
  return known ? known() : _("Berkas ini belum bisa dikirim. Coba lagi.");
}
