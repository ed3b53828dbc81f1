/** What a case's page says while it works: that something is going on, that it is done, and why it is not. */

import { NotVouched } from "../directory/directory.js";
import { element, notice, one } from "../element.js";
import { _ } from "../i18n.js";
import { Unreadable } from "../vault/errors.js";
import { TooLong } from "../vault/padding.js";
import { Changed } from "./adding.js";
import { NotEntitled, Unsound } from "./composing.js";
import { Refusal } from "./post.js";
import { Distrust } from "./trust.js";
import { Altered } from "./unsealing.js";

/** @type {HTMLElement | null} the part of the page that is doing something */
let busy = null;

/**
 * Do one thing at a time, and say that it is being done; what is asked for meanwhile is not done twice, and where it is
 * asked for elsewhere that is said.
 *
 * @param {HTMLElement} where the part of the page with the button and the place to say it
 * @param {string} words
 * @param {() => Promise<void>} act
 */
export async function busily(where, words, act) {
  if (busy) {
    const sentence = _("Tunggu sampai selesai, lalu coba lagi. Tulisan Anda tetap ada.");
    if (busy !== where) announce("info", _("Masih ada yang sedang dikerjakan"), sentence);
    return;
  }
  busy = where;
  const doing = one(where, ".doing", HTMLElement);
  const button = one(where, ".buttons .button", HTMLButtonElement);
  doing.textContent = words;
  button.setAttribute("aria-disabled", "true");
  forget();
  try {
    await act();
  } finally {
    busy = null;
    doing.textContent = "";
    button.removeAttribute("aria-disabled");
  }
}

/**
 * @param {"ok" | "info" | "danger"} kind
 * @param {string} title
 * @param {...(Node | string)} sentence
 */
export function announce(kind, title, ...sentence) {
  one(document, "#announcement", HTMLElement).replaceChildren(notice(kind, title, element("p", {}, ...sentence)));
}

/** What was said about an act before is not said any longer. */
export function forget() {
  one(document, "#announcement", HTMLElement).replaceChildren();
  document.querySelectorAll(".changed").forEach((said) => said.remove());
}

/**
 * @param {unknown} error
 * @returns {string} why something was not done, for whoever wanted it
 */
export function sentenceOf(error) {
  if (error instanceof Refusal || error instanceof Distrust || error instanceof Changed) return error.message;
  if (error instanceof Unsound) return _("Tindakan ditutup, karena riwayat perkara ini tidak cocok.");
  if (error instanceof Altered || error instanceof Unreadable) {
    return _("Isi yang tersimpan tidak lagi cocok dengan yang dahulu dikirim, jadi tidak dibuka. Beri tahu kepala meja.");
  }
  if (error instanceof TooLong) return _("Ada tulisan yang terlalu panjang. Pendekkan, atau bagi menjadi beberapa.");
  if (error instanceof NotEntitled || error instanceof NotVouched) {
    return _(
      "Server meminta kunci perkara disegel untuk orang yang tidak disahkan untuk perkara ini. Tidak ada yang dikirim. Beri tahu kepala meja.",
    );
  }
  // Only its name: what an error carries may come from what was opened.
  console.error(error instanceof Error ? error.name : typeof error);
  return _("Halaman ini tidak dapat melakukannya. Tulisan Anda masih ada; salin dahulu, lalu muat ulang halaman.");
}
