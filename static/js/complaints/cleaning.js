/**
 * Takes out of a photograph what it may betray, before it leaves this device (ADR 0024): the picture is drawn anew, or where
 * that cannot be, the file is put together anew from the parts that make the picture. Of nothing else.
 */

import { HEAD_BYTES, kindOf, named } from "./kinds.js";
import { READERS } from "./pictures.js";

/** @import { Picture } from "./pictures.js" */

/**
 * A file as it may be sent: its media type as its bytes tell it, and what became of what it may betray.
 *
 * @typedef {{ blob: Blob, type: string, name: string, how: "cleaned" | "impossible" }} Cleaned
 */

/** Beyond it nothing is cleaned, as on the server (complaints/cleaning.py). */
const LARGEST = 25 * 1024 * 1024;
/** More are not drawn: each takes eight bytes of memory, and a cheap telephone has little. */
const MOST_PIXELS = 25_000_000;
const QUALITY = 0.9;
/** Browsers that know them draw them; their files hold more than we look into. */
const DRAWN_ONLY = new Set(["image/heic", "image/avif", "image/bmp"]);
const [JPEG, PNG] = ["image/jpeg", "image/png"];
/** So many pixels of a side are compared, and each colour of them may differ by so much on average, of 255. */
const [COMPARED, ALIKE] = [24, 12];
/** What a canvas gives back is what was drawn, but for what a screen's colours may round. */
const ROUNDED = 3;
const PATTERN = ["#e02030", "#20c040", "#2040d0", "#f0e010", "#101010", "#80a0c0", "#c06080", "#f8f8f8", "#306090"];

/** What the browser draws is not what the file shows, or not to be had. */
class NotDrawn extends Error {
  name = "NotDrawn";
}

/**
 * @param {File} file
 * @returns {Promise<Cleaned>} never rejected but where the file can no longer be read
 */
export async function cleaned(file) {
  const type = kindOf(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()));
  const blob = file.size <= LARGEST && (type in READERS || DRAWN_ONLY.has(type)) ? await photographAlone(file, type) : null;
  if (!blob) return { blob: file, type, name: file.name, how: "impossible" };
  return { blob, type: blob.type, name: named(file.name, blob.type), how: "cleaned" };
}

/**
 * @param {File} file
 * @param {string} type
 * @returns {Promise<Blob | null>}
 */
async function photographAlone(file, type) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    const picture = READERS[type]?.(bytes);
    if (picture?.moves) return null;
    const drawn = await redrawn(file, type, picture).catch(() => null);
    return drawn ?? reassembled(type, picture);
  } catch {
    // Broken, in one of the countless ways in which a file may be: it is sent as it is, or not at all.
    return null;
  }
}

/**
 * @param {string} type
 * @param {Picture} [picture]
 * @returns {Blob | null} `null` where colours that somebody has rubbed out to transparency would still be there
 */
function reassembled(type, picture) {
  return picture && !picture.clear ? new Blob(picture.parts, { type }) : null;
}

/**
 * @param {Blob} file
 * @param {string} type
 * @param {Picture} [picture] what is known of it before it is decoded
 * @returns {Promise<Blob>}
 * @throws {NotDrawn | DOMException} where it cannot be decoded, too
 */
async function redrawn(file, type, picture) {
  if (!canvasIsTrue() || (picture && picture.pixels > MOST_PIXELS)) throw new NotDrawn();
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const { width, height } = bitmap;
  if (width * height > MOST_PIXELS) throw new NotDrawn();
  const shown = sample(bitmap);
  const blob = await written(bitmap, type === PNG || picture?.clear ? PNG : JPEG);
  // A canvas too large for this device, or one that somebody reads over, may give back anything at all.
  const again = await createImageBitmap(blob);
  const same = again.width === width && again.height === height && alike(shown, sample(again));
  again.close();
  if (!same) throw new NotDrawn();
  return blob;
}

/**
 * @param {ImageBitmap} bitmap used up
 * @param {string} type
 * @returns {Promise<Blob>}
 */
async function written(bitmap, type) {
  const [canvas, pen] = canvasOf(bitmap.width, bitmap.height, type === JPEG);
  pen.drawImage(bitmap, 0, 0);
  bitmap.close();
  /** @type {Blob | null} */
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, type, QUALITY));
  // Its memory goes at once, not whenever somebody tidies up.
  canvas.width = canvas.height = 0;
  if (blob?.type !== type) throw new NotDrawn();
  return blob;
}

/**
 * @param {number} width
 * @param {number} height
 * @param {boolean} white whether something lies under what is transparent
 * @returns {[HTMLCanvasElement, CanvasRenderingContext2D]}
 */
function canvasOf(width, height, white) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen) throw new NotDrawn();
  pen.fillStyle = "white";
  if (white) pen.fillRect(0, 0, width, height);
  return [canvas, pen];
}

/**
 * @param {ImageBitmap} bitmap
 * @returns {Uint8ClampedArray} its colours, seen from afar
 */
function sample(bitmap) {
  const [, pen] = canvasOf(COMPARED, COMPARED, true);
  pen.drawImage(bitmap, 0, 0, COMPARED, COMPARED);
  return pen.getImageData(0, 0, COMPARED, COMPARED).data;
}

/**
 * @param {Uint8ClampedArray} one
 * @param {Uint8ClampedArray} other
 * @returns {boolean}
 */
function alike(one, other) {
  return one.reduce((sum, value, at) => sum + Math.abs(value - other[at]), 0) / one.length <= ALIKE;
}

/**
 * Draw a pattern and read it back: browsers that fear to be recognised by their canvases (Tor Browser) give back noise or
 * white.
 *
 * @returns {boolean}
 */
function canvasIsTrue() {
  const [, pen] = canvasOf(PATTERN.length, 1, true);
  for (const [at, colour] of PATTERN.entries()) {
    pen.fillStyle = colour;
    pen.fillRect(at, 0, 1, 1);
  }
  const { data } = pen.getImageData(0, 0, PATTERN.length, 1);
  return PATTERN.every((colour, at) => [0, 1, 2].every((part) => near(colour, part, data[4 * at + part])));
}

/**
 * @param {string} colour "#rrggbb"
 * @param {number} part of it: red, green, blue
 * @param {number} read
 * @returns {boolean}
 */
function near(colour, part, read) {
  return Math.abs(parseInt(colour.slice(1 + 2 * part, 3 + 2 * part), 16) - read) <= ROUNDED;
}
