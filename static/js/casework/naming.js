/** Names under which evidence leaves the browser: of plain letters, each another, and of an ending that starts nothing. */

/** @import { Readable } from "./unsealing.js" */

const LONGEST = 80;
/** Opened by programs that show and play; whatever ends otherwise is given an ending that nothing opens. */
const ENDINGS = new Set([
  "jpg", "jpeg", "png", "gif", "webp", "heic", "tif", "tiff", "pdf", "txt", "csv", "mp3", "m4a", "aac", "ogg", "opus", "wav",
  "flac", "amr", "mp4", "mov", "webm", "mkv", "3gp", "avi", "docx", "xlsx", "pptx", "odt", "ods", "odp", "bin",
]);
const NO_ENDING = "bin";

/**
 * @param {Readable} evidence
 * @returns {string} such as `B-2_kuitansi.jpg`; another for every piece of a case's evidence
 */
export function fileName({ number, manifest }) {
  const plain = manifest.name.normalize("NFKD").replace(/[^A-Za-z0-9._-]+/g, "_").replace(/^[._-]+|[._-]+$/g, "");
  const at = plain.lastIndexOf(".");
  const [stem, ending] = at > 0 ? [plain.slice(0, at), plain.slice(at + 1)] : [plain, ""];
  const known = ENDINGS.has(ending.toLowerCase());
  const name = (known ? stem : plain).slice(0, LONGEST) || "berkas";
  return `${number}_${name}.${known ? ending.toLowerCase() : NO_ENDING}`;
}
