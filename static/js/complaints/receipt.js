/** The receipt: the phrase, shown once, in the page the server made for it. */

import { element, one } from "../element.js";
import { Rehearsal } from "./rehearsal.js";

/** @typedef {{ phrase: string, entry: string }} Filling the phrase, and the ledger entry (hex) whose beginning is the mark */

const MARK_DIGITS = 20;
const DIGITS_TOGETHER = /.{4}/g;

// The page of a complaint that the server sealed has its phrase already.
if (document.querySelector("#tracking-phrase > li")) new Rehearsal(one(document, "main", HTMLElement));

/**
 * Show the receipt in the place of this page.
 *
 * @param {string} page the receipt's page
 * @param {Filling} [filling] what to show in it, unless the server has filled it
 */
export function showReceipt(page, filling) {
  const receipt = new DOMParser().parseFromString(page, "text/html");
  const main = one(document, "main", HTMLElement);
  main.replaceChildren(...one(receipt, "main", HTMLElement).children);
  document.body.className = receipt.body.className;
  document.title = receipt.title;
  if (filling) fill(main, filling);
  new Rehearsal(main);
  scrollTo(0, 0);
  one(main, "h1", HTMLElement).focus();
}

/**
 * @param {HTMLElement} main
 * @param {Filling} filling
 */
function fill(main, { phrase, entry }) {
  main.querySelector("#no-phrase")?.remove();
  for (const kept of main.querySelectorAll("[hidden]")) kept.removeAttribute("hidden");
  const words = phrase.split(" ").map((word) => element("li", {}, word));
  one(main, "#tracking-phrase", HTMLElement).replaceChildren(...words);
  const mark = entry.slice(0, MARK_DIGITS).match(DIGITS_TOGETHER) ?? [];
  one(main, "#receipt-mark", HTMLElement).textContent = mark.join(" ");
}
