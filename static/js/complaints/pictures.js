/**
 * What a photograph's file is made of: how many pixels, and of its parts those without which nothing would be seen
 * (ITU T.81 annex B; PNG §5; the WebP container). The rest is what is written beside the picture.
 */

import { concat } from "../vault/bytes.js";

/** @import { Bytes } from "../vault/bytes.js" */

/**
 * `moves` where there are several pictures; `clear` where something may be transparent; `parts` make the file anew.
 *
 * @typedef {{ pixels: number, moves: boolean, clear: boolean, parts: Bytes[] }} Picture
 */

const [END, SCAN, EXIF, ADOBE] = [0xd9, 0xda, 0xe1, 0xee];
const ADOBE_BYTES = 12;
const ORIENTATION = 0x0112;
const SIGNATURE_BYTES = 8;
const CHUNK_FRAME = 12;
/** Kept of a PNG: header, palette, transparency, pixels, end. */
const PNG_KEPT = new Set(["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]);
const WEBP_KEPT = new Set(["VP8 ", "VP8L", "VP8X", "ALPH"]);
/** Of the flags of VP8X: transparency and animation, which alone are true of what is kept. */
const [WEBP_CLEAR, WEBP_MOVES] = [0x10, 0x02];

/** A file that does not hold what its first bytes promise, or not to its end. */
export class Broken extends Error {
  name = "Broken";
}

/** @type {Record<string, (file: Bytes) => Picture>} by media type; each throws `Broken` or `RangeError` */
export const READERS = { "image/jpeg": readJpeg, "image/png": readPng, "image/webp": readWebp };

/**
 * @param {Bytes} file
 * @returns {Picture}
 * @throws {Broken}
 */
function readJpeg(file) {
  const view = viewOf(file);
  /** @type {Picture} */
  const picture = { pixels: 0, moves: false, clear: false, parts: [file.subarray(0, 2)] };
  for (let at = 2; ; ) {
    const marker = markerAt(view, at);
    if (marker === END) return finished(picture);
    const part = segmentAt(file, view, at, marker);
    if (isFrame(marker)) picture.pixels = view.getUint16(at + 5) * view.getUint16(at + 7);
    picture.parts.push(...keptOf(part, marker));
    at += part.length;
  }
}

/**
 * @param {Picture} picture
 * @returns {Picture}
 */
function finished(picture) {
  if (picture.pixels === 0) throw new Broken();
  picture.parts.push(Uint8Array.of(0xff, END));
  return picture;
}

/**
 * @param {DataView} view
 * @param {number} at
 * @returns {number}
 */
function markerAt(view, at) {
  if (at + 2 > view.byteLength || view.getUint8(at) !== 0xff) throw new Broken();
  return view.getUint8(at + 1);
}

/**
 * @param {Bytes} file
 * @param {DataView} view
 * @param {number} at
 * @param {number} marker
 * @returns {Bytes} the segment, of a scan with all that follows it up to the next
 */
function segmentAt(file, view, at, marker) {
  if (at + 4 > file.length) throw new Broken();
  const end = at + 2 + view.getUint16(at + 2);
  if (end < at + 4 || end > file.length) throw new Broken();
  return file.subarray(at, marker === SCAN ? endOfScan(file, end) : end);
}

/**
 * @param {Bytes} file
 * @param {number} from
 * @returns {number} where the next marker is that is no restart and no stuffed byte
 */
function endOfScan(file, from) {
  for (let at = file.indexOf(0xff, from); at >= 0 && at + 1 < file.length; at = file.indexOf(0xff, at + 2)) {
    const next = file[at + 1];
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at;
  }
  throw new Broken();
}

/**
 * @param {number} marker
 * @returns {boolean} whether a frame begins, which says how large it is
 */
function isFrame(marker) {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/**
 * @param {Bytes} part a segment
 * @param {number} marker
 * @returns {Bytes[]} of it what the picture is made of: tables, frames, scans, how colours are mixed, where up is
 */
function keptOf(part, marker) {
  if ((marker >= 0xc0 && marker <= 0xcf) || (marker >= SCAN && marker <= 0xdd)) return [part];
  if (marker === ADOBE && beginsWith(part, 4, "Adobe") && part.length >= 4 + ADOBE_BYTES) {
    return [Uint8Array.of(0xff, ADOBE, 0, 2 + ADOBE_BYTES), part.subarray(4, 4 + ADOBE_BYTES)];
  }
  const orientation = marker === EXIF && beginsWith(part, 4, "Exif\0\0") ? orientationIn(part.subarray(10)) : 1;
  return orientation === 1 ? [] : [orientationAlone(orientation)];
}

/**
 * @param {Bytes} tiff
 * @returns {number} from 1 to 8
 */
function orientationIn(tiff) {
  const view = viewOf(tiff);
  try {
    const little = view.getUint16(0) === 0x4949;
    const directory = view.getUint32(4, little);
    for (let entry = 0; entry < view.getUint16(directory, little); entry += 1) {
      const at = directory + 2 + 12 * entry;
      if (view.getUint16(at, little) === ORIENTATION) return Math.min(Math.max(view.getUint16(at + 8, little), 1), 8);
    }
  } catch (error) {
    // Notes that cannot be read say nothing of where up is.
    if (!(error instanceof RangeError)) throw error;
  }
  return 1;
}

/**
 * @param {number} orientation
 * @returns {Bytes} a segment that says it, and nothing else
 */
function orientationAlone(orientation) {
  const head = [0xff, EXIF, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1];
  return Uint8Array.of(...head, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0);
}

/**
 * @param {Bytes} file
 * @returns {Picture}
 * @throws {Broken}
 */
function readPng(file) {
  const view = viewOf(file);
  const picture = { pixels: 0, moves: false, clear: false, parts: [file.subarray(0, SIGNATURE_BYTES)] };
  for (let at = SIGNATURE_BYTES; at + CHUNK_FRAME <= file.length; ) {
    const [kind, size] = [letters(file, at + 4), view.getUint32(at)];
    if (at + CHUNK_FRAME + size > file.length) break;
    if (kind === "IHDR") [picture.pixels, picture.clear] = headerOf(view, at + 8);
    picture.moves ||= kind === "acTL";
    picture.clear ||= kind === "tRNS";
    if (PNG_KEPT.has(kind)) picture.parts.push(file.subarray(at, at + CHUNK_FRAME + size));
    if (kind === "IEND") return picture;
    at += CHUNK_FRAME + size;
  }
  throw new Broken();
}

/**
 * @param {DataView} view
 * @param {number} at
 * @returns {[number, boolean]} how many pixels, and whether each says how transparent it is
 */
function headerOf(view, at) {
  return [view.getUint32(at) * view.getUint32(at + 4), (view.getUint8(at + 9) & 4) !== 0];
}

/**
 * @param {Bytes} file
 * @returns {Picture}
 * @throws {Broken | RangeError}
 */
function readWebp(file) {
  const view = viewOf(file);
  const picture = { pixels: 0, moves: false, clear: false, parts: /** @type {Bytes[]} */ ([]) };
  const end = Math.min(8 + view.getUint32(4, true), file.length);
  for (let at = 12; at + 8 <= end; ) {
    const [kind, size] = [letters(file, at), view.getUint32(at + 4, true)];
    // Of odd sizes one byte more.
    const part = file.slice(at, at + 8 + size + (size % 2));
    if (part.length < 8 + size) throw new Broken();
    describe(picture, kind, part);
    if (WEBP_KEPT.has(kind)) picture.parts.push(part);
    at += part.length;
  }
  if (picture.pixels === 0) throw new Broken();
  const body = concat(...picture.parts);
  const head = new DataView(file.slice(0, 12).buffer);
  head.setUint32(4, 4 + body.length, true);
  return { ...picture, parts: [new Uint8Array(head.buffer), body] };
}

/**
 * @param {Picture} picture
 * @param {string} kind
 * @param {Bytes} part of which the flags are corrected, too, where it has any
 */
function describe(picture, kind, part) {
  const view = viewOf(part);
  if (kind === "VP8X") {
    part[8] &= WEBP_CLEAR | WEBP_MOVES;
    picture.moves ||= (part[8] & WEBP_MOVES) !== 0;
    picture.clear ||= (part[8] & WEBP_CLEAR) !== 0;
    picture.pixels = (1 + (view.getUint32(12, true) & 0xffffff)) * (1 + (view.getUint32(14, true) >>> 8));
  } else if (kind === "VP8L") {
    const bits = view.getUint32(9, true);
    picture.clear ||= ((bits >>> 28) & 1) !== 0;
    picture.pixels ||= (1 + (bits & 0x3fff)) * (1 + ((bits >>> 14) & 0x3fff));
  } else if (kind === "VP8 ") {
    picture.pixels ||= (view.getUint16(14, true) & 0x3fff) * (view.getUint16(16, true) & 0x3fff);
  }
}

/**
 * @param {Bytes} bytes
 * @returns {DataView}
 */
function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * @param {Bytes} bytes
 * @param {number} at
 * @returns {string} four of them as letters
 */
function letters(bytes, at) {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/**
 * @param {Bytes} bytes
 * @param {number} at
 * @param {string} text
 * @returns {boolean}
 */
function beginsWith(bytes, at, text) {
  return [...text].every((letter, index) => bytes[at + index] === letter.charCodeAt(0));
}
