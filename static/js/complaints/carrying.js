/** A file's way to the server: opened there, its chunks put, removed. */

import { _ } from "../i18n.js";
import { base64 } from "../vault/bytes.js";
import { askJson, insist, judged, parsed } from "./posting.js";

/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Correspondence } from "./correspondence.js" */

// A mebibyte may take minutes here; only where nothing moves for so long (in ms) is the connection given up.
const STALLED_MS = 60_000;

/** @typedef {{ file: string, epoch: number, key: Bytes, progress: Bytes, size: number }} Opening of a file, with its boxes */
/** @typedef {{ number: number, digest: string }} Kept a chunk that the server has; the SHA-256 (hex) of it as it is there */

/**
 * Told how many bytes have left, and which chunks are kept; what breaks it off.
 *
 * @typedef {{ onSent: (bytes: number) => void, onKept: (kept: Kept[]) => void, signal: AbortSignal }} Manner
 */

/**
 * Open a file; the same again is answered alike.
 *
 * @param {Correspondence} server
 * @param {Opening} opening
 * @throws {import("./posting.js").Refusal}
 * @throws {import("./posting.js").Unanswered}
 */
export async function openFile({ addresses, token }, { key, progress, ...rest }) {
  await askJson(addresses.filesUrl, { token, ...rest, key: base64(key), progress: base64(progress) });
}

/**
 * @param {Correspondence} server
 * @param {string} file one that no event has brought
 */
export async function removeFile({ addresses, token }, file) {
  await insist(() => askJson(`${addresses.filesUrl}/remove`, { token, file }));
}

/**
 * Put sealed chunks in their places, one after another from the first on; the same bytes again are answered alike.
 *
 * @param {Correspondence} server
 * @param {{ file: string, first: number }} place
 * @param {Bytes[]} chunks
 * @param {Manner} manner
 * @throws {import("./posting.js").Refusal} where one of them is refused; others may be kept all the same
 * @throws {import("./posting.js").Unanswered} also where it was broken off
 */
export async function putChunks({ addresses, token }, { file, first }, chunks, manner) {
  const said = await carried(`${addresses.filesUrl}/${file}/chunks/${first}`, token, new Blob(chunks), manner);
  manner.onKept(parsed(said.text)?.kept ?? []);
  judged(said, () => _("Berkas ini terlalu besar untuk server ini, jadi tidak bisa dikirim. Hapus dari daftar, lalu kirim yang lebih kecil."));
}

/**
 * `fetch` cannot tell how much of a body has left, and on a slow network that is all there is to see for minutes.
 *
 * @param {string} address
 * @param {string} token
 * @param {Blob} bytes
 * @param {Manner} manner
 * @returns {Promise<{ status: number, text: string }>} with no status where no answer came
 */
function carried(address, token, bytes, { onSent, signal }) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const watch = watchOver(stop);
    request.upload.onprogress = ({ loaded }) => {
      watch.moved();
      onSent(loaded);
    };
    request.onloadend = () => {
      watch.end();
      signal.removeEventListener("abort", stop);
      resolve({ status: request.status, text: request.responseText });
    };
    signal.addEventListener("abort", stop);
    request.open("PUT", address);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Accept-Language", document.documentElement.lang);
    request.send(bytes);
    if (signal.aborted) stop();
  });
}

/**
 * @param {() => void} stop what to do once nothing has moved for long
 * @returns {{ moved: () => void, end: () => void }}
 */
function watchOver(stop) {
  let timer = setTimeout(stop, STALLED_MS);
  return {
    moved() {
      clearTimeout(timer);
      timer = setTimeout(stop, STALLED_MS);
    },
    end: () => clearTimeout(timer),
  };
}
