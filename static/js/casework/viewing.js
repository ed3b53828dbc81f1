/** The window in which a file is looked at: a frame for this file alone, gone when it is closed (ADR 0023). */

import { element, one } from "../element.js";
import { harmless } from "../text.js";

/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Readable } from "./unsealing.js" */

const PAPER = "application/pdf";
/** What a frame says of itself whose origin is nobody's. */
const NOBODY = "null";

/** @returns {HTMLDialogElement} */
function dialog() {
  return one(document, "#viewer", HTMLDialogElement);
}

/**
 * Show a file that has been opened.
 *
 * @param {Readable} evidence
 * @param {Bytes} bytes handed over: they are nowhere else afterwards
 */
export function showFile({ number, manifest }, bytes) {
  const shown = dialog();
  const { address, paperKey } = shown.dataset;
  const name = `${number} · ${harmless(manifest.name)}`;
  const frame = element("iframe", {
    src: manifest.type === PAPER ? `${address}?${paperKey}` : String(address), title: name, sandbox: "allow-scripts", referrerpolicy: "no-referrer",
  });
  const message = { kentongan: "show", name, type: manifest.type, bytes: bytes.buffer };
  let handed = false;
  const answer = (/** @type {MessageEvent} */ { source, origin, data }) => {
    if (source === null || source !== frame.contentWindow || origin !== NOBODY) return;
    // Of no origin that could be named; but it is our frame, and goes nowhere but to us (frame-src).
    if (data?.kentongan === "ready" && !handed) frame.contentWindow.postMessage(message, "*", [bytes.buffer]);
    handed = true;
    if (data?.kentongan === "leave") shown.close();
  };
  addEventListener("message", answer);
  shown.addEventListener("close", () => {
    removeEventListener("message", answer);
    frame.remove();
  }, { once: true });
  one(shown, "h2", HTMLElement).textContent = name;
  one(shown, "[data-frame]", HTMLElement).replaceChildren(frame);
  shown.showModal();
}

/** Take away whatever is being looked at. */
export function closeViewer() {
  dialog().close();
}
