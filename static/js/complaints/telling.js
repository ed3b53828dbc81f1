/** What is said of a file: what it is, how large, and what it may tell of whoever made it. */

import { _ } from "../i18n.js";

/** @import { Manifest } from "../vault/file-boxes.js" */

/** @typedef {"photo" | "pdf" | "document" | "sound" | "video" | "other"} Kind */

/** @type {[RegExp, Kind][]} by the type, or where a browser knows none, by the end of the name */
const KINDS = [
  [/^image\/|\.(?:jpe?g|png|webp|heic|gif)$/i, "photo"],
  [/^application\/pdf|\.pdf$/i, "pdf"],
  [/^audio\/|\.(?:mp3|m4a|ogg|opus|wav|amr)$/i, "sound"],
  [/^video\/|\.(?:mp4|mov|3gp|webm|mkv)$/i, "video"],
  [/officedocument|opendocument|msword|ms-excel|\.(?:docx?|xlsx?|pptx?|odt|ods)$/i, "document"],
];

/**
 * @param {{ type: string, name: string }} file
 * @returns {Kind}
 */
function kindOf({ type, name }) {
  const found = KINDS.find(([shape]) => shape.test(type)) ?? KINDS.find(([shape]) => shape.test(name));
  return found ? found[1] : "other";
}

/**
 * @param {{ type: string, name: string }} file
 * @returns {string} what it is, in plain words
 */
export function kindInWords(file) {
  return {
    photo: _("Foto"),
    pdf: _("Dokumen PDF"),
    document: _("Dokumen"),
    sound: _("Rekaman suara"),
    video: _("Video"),
    other: _("Berkas jenis lain"),
  }[kindOf(file)];
}

/**
 * @param {{ type: string, name: string }} file
 * @returns {string} what it may betray
 */
export function betrayals(file) {
  return {
    photo: _("Foto bisa memuat tempat dan waktu pemotretan, serta jenis HP."),
    pdf: _("PDF bisa memuat nama pembuatnya, waktu, program yang dipakai, dan tulisan lama yang sudah diubah atau ditutup. Foto lembarannya lebih aman."),
    document: _("Dokumen bisa memuat nama penulisnya, waktu, dan tulisan lama yang sudah diubah atau dihapus. Foto lembarannya lebih aman."),
    sound: _("Rekaman bisa memuat waktu dan jenis alatnya. Suara orang bisa dikenali."),
    video: _("Video bisa memuat tempat, waktu, dan jenis HP. Wajah dan suara bisa dikenali."),
    other: _("Berkas jenis ini bisa memuat keterangan tentang Anda."),
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
