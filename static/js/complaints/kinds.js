/** What a file is, judged by its first bytes and never by its name: the same as complaints/kinds.py. */

/** @import { Bytes } from "../vault/bytes.js" */

export const UNKNOWN = "application/octet-stream";
/** As many bytes as are looked at. */
export const HEAD_BYTES = 4096;

/**
 * The first that fits is it: of the boxes of ISO 14496-12 the brand says which, of RIFF its form, of EBML its doctype.
 *
 * @type {[RegExp, string][]}
 */
const SIGNATURES = [
  [/^\xff\xd8\xff/, "image/jpeg"],
  [/^\x89PNG\r\n\x1a\n/, "image/png"],
  [/^RIFF.{4}WEBP/s, "image/webp"],
  [/^GIF8[79]a/, "image/gif"],
  [/^(?:II\*\0|MM\0\*)/, "image/tiff"],
  [/^BM.{4}\0{4}/s, "image/bmp"],
  [/^.{4}ftyp(?:heic|heix|heim|heis|hevc|mif1|msf1)/s, "image/heic"],
  [/^.{4}ftypavi[fs]/s, "image/avif"],
  [/^%PDF-/, "application/pdf"],
  [/^RIFF.{4}WAVE/s, "audio/wav"],
  [/^(?:ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb])/, "audio/mpeg"],
  [/^\xff[\xf0\xf1\xf8\xf9]/, "audio/aac"],
  [/^OggS/, "audio/ogg"],
  [/^fLaC/, "audio/flac"],
  [/^#!AMR/, "audio/amr"],
  [/^.{4}ftypM4[AB]/s, "audio/mp4"],
  [/^.{4}ftyp3g/s, "video/3gpp"],
  [/^.{4}ftypqt/s, "video/quicktime"],
  [/^.{4}ftyp/s, "video/mp4"],
  [/^\x1a\x45\xdf\xa3.{0,64}webm/s, "video/webm"],
  [/^PK\x03\x04/, "application/zip"],
];
const CONTROLS = /[\0-\x08\x0e-\x1f\x7f]/;

/**
 * What a cleaned file is called at its end, and what else means the same.
 *
 * @type {Record<string, string[]>}
 */
const ENDINGS = {
  "image/jpeg": [".jpg", ".jpeg", ".jpe", ".jfif"],
  "image/png": [".png"],
  "image/webp": [".webp"],
};

/**
 * @param {Bytes} head the first bytes of a file, `HEAD_BYTES` or all
 * @returns {string} its media type
 */
export function kindOf(head) {
  const text = String.fromCharCode(...head.subarray(0, HEAD_BYTES));
  const known = SIGNATURES.find(([shape]) => shape.test(text));
  if (known) return known[1];
  return !CONTROLS.test(text) && isText(head.subarray(0, HEAD_BYTES)) ? "text/plain" : UNKNOWN;
}

/**
 * @param {File} file that is sent as it is
 * @returns {Promise<string>} its media type: of a picture as its bytes tell it, for many are named as another; else as the browser
 * has it by the name, if it has
 */
export async function typeOf(file) {
  // What cannot be read now is told when it is sent.
  const head = await file.slice(0, HEAD_BYTES).arrayBuffer().catch(() => new ArrayBuffer(0));
  const kind = kindOf(new Uint8Array(head));
  return kind.startsWith("image/") || file.type === "" ? kind : file.type;
}

/**
 * @param {Bytes} head
 * @returns {boolean}
 */
function isText(head) {
  try {
    // The cut may go through a letter.
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: head.length === HEAD_BYTES });
    return head.length > 0;
  } catch {
    return false;
  }
}

/**
 * @param {string} name
 * @param {string} kind of a file that was cleaned
 * @returns {string} `name` with an ending that fits
 */
export function named(name, kind) {
  const endings = ENDINGS[kind];
  if (endings.some((ending) => name.toLowerCase().endsWith(ending))) return name;
  return `${name.replace(/\.[^.]*$/, "") || "berkas"}${endings[0]}`;
}
