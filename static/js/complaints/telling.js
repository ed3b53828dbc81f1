/** What is said of a file before it goes: what it may tell of whoever made it, and what becomes of that. */

import { kindOf } from "../file-kinds.js";
import { _ } from "../i18n.js";

/** @import { Manifest } from "../vault/file-boxes.js" */

/**
 * @param {{ type: string, name: string }} file
 * @returns {string} what it may betray
 */
export function betrayals(file) {
  const other = _("Berkas jenis ini bisa memuat keterangan tentang Anda.");
  return {
    picture: _("Foto bisa memuat tempat dan waktu pemotretan, serta jenis HP."),
    pdf: _("PDF bisa memuat nama pembuatnya, waktu, program yang dipakai, dan tulisan lama yang sudah diubah atau ditutup. Foto lembarannya lebih aman."),
    document: _("Dokumen bisa memuat nama penulisnya, waktu, dan tulisan lama yang sudah diubah atau dihapus. Foto lembarannya lebih aman."),
    sound: _("Rekaman bisa memuat waktu dan jenis alatnya. Suara orang bisa dikenali."),
    video: _("Video bisa memuat tempat, waktu, dan jenis HP. Wajah dan suara bisa dikenali."),
    text: other,
    other,
  }[kindOf(file)];
}

/**
 * @param {Manifest["cleaned"]} how
 * @returns {string} what becomes of that
 */
export function cleaningInWords(how) {
  return {
    cleaned: _("Keterangan itu sudah dihapus di HP Anda. Isinya tetap."),
    original: _("Dikirim apa adanya, dengan keterangan itu."),
    impossible: _("Berkas ini belum bisa kami bersihkan: dikirim apa adanya. Kalau ragu, hapus dari daftar ini."),
  }[how];
}
