/** What a file is called, by whoever brought it and whoever reads it: the same as `file_kind` in complaints/wording.py. */

import { _ } from "./i18n.js";

/** @typedef {"picture" | "pdf" | "sound" | "video" | "text" | "document" | "other"} Kind */

/** @type {[RegExp, Kind][]} by the type, or where that tells nothing, by the end of the name */
const KINDS = [
  [/^image\/|\.(?:jpe?g|png|webp|heic|gif)$/i, "picture"],
  [/^application\/pdf|\.pdf$/i, "pdf"],
  [/^audio\/|\.(?:mp3|m4a|ogg|opus|wav|amr)$/i, "sound"],
  [/^video\/|\.(?:mp4|mov|3gp|webm|mkv)$/i, "video"],
  [/^text\/|\.(?:txt|csv)$/i, "text"],
  [/officedocument|opendocument|msword|ms-excel|\.(?:docx?|xlsx?|pptx?|odt|ods)$/i, "document"],
];

/**
 * @param {{ type: string, name: string }} file
 * @returns {Kind}
 */
export function kindOf({ type, name }) {
  const found = KINDS.find(([shape]) => shape.test(type)) ?? KINDS.find(([shape]) => shape.test(name));
  return found ? found[1] : "other";
}

/**
 * @param {{ type: string, name: string }} file
 * @returns {string} what it is, in plain words
 */
export function kindInWords(file) {
  return {
    picture: _("Gambar"),
    pdf: _("Dokumen PDF"),
    sound: _("Rekaman suara"),
    video: _("Video"),
    text: _("Tulisan"),
    document: _("Dokumen"),
    other: _("Berkas jenis lain"),
  }[kindOf(file)];
}
