/** The receipt: the phrase, shown once, in the page the server made for it. */

import { daysAfter, todayHere } from "../day.js";
import { buttonTo, element, one, perhaps } from "../element.js";
import { _ } from "../i18n.js";
import { DAYS_TO_MERGE } from "../ledger/promises.js";
import { save } from "../saving.js";
import { Rehearsal } from "./rehearsal.js";

/** @import { Promised } from "../ledger/promises.js" */

/**
 * The phrase, the ledger entry (hex) whose beginning is the mark, and what was promised, if that binds.
 *
 * @typedef {{ phrase: string, entry: string, promise: Promised | null }} Filling
 */

const MARK_DIGITS = 20;
const DIGITS_TOGETHER = /.{4}/g;
/** Neutral, as everything that stays on the phone. */
const FILE = "catatan.txt";
const DAYS = new Intl.DateTimeFormat(document.documentElement.lang === "en" ? "en-GB" : "id", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

// The page of a complaint that the server sealed has its phrase already.
if (document.querySelector("#tracking-phrase > li")) equip(one(document, "main", HTMLElement));

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
  equip(main);
  scrollTo(0, 0);
  one(main, "h1", HTMLElement).focus();
}

/**
 * @param {HTMLElement} main
 * @param {Filling} filling
 */
function fill(main, { phrase, entry, promise }) {
  main.querySelector("#no-phrase")?.remove();
  for (const kept of main.querySelectorAll("[hidden]")) kept.removeAttribute("hidden");
  const words = phrase.split(" ").map((word) => element("li", {}, word));
  one(main, "#tracking-phrase", HTMLElement).replaceChildren(...words);
  const mark = entry.slice(0, MARK_DIGITS).match(DIGITS_TOGETHER) ?? [];
  one(main, "#receipt-mark", HTMLElement).textContent = mark.join(" ");
  fillPromise(main, promise);
}

/**
 * @param {HTMLElement} main
 * @param {Promised | null} promise
 */
function fillPromise(main, promise) {
  const [shown, missed, far] = ["#promise", "#no-promise", "#far-promise"].map((each) => one(main, each, HTMLElement));
  // The day of the event is the server's word; one more than its own is that of another place on earth.
  if (promise === null || promise.until <= daysAfter(todayHere(), DAYS_TO_MERGE + 1)) far.remove();
  if (promise === null) return shown.remove();
  missed.remove();
  const day = one(shown, "time", HTMLTimeElement);
  day.dateTime = promise.until;
  day.textContent = DAYS.format(new Date(`${promise.until}T00:00:00Z`));
  one(shown, "pre", HTMLElement).textContent = promise.body;
}

/** @param {HTMLElement} main a receipt that is filled */
function equip(main) {
  new Rehearsal(main);
  const promise = perhaps(main, "#promise pre", HTMLElement);
  promise?.after(buttonTo(_("Simpan di HP ini"), "button button-quiet", () => save([promise.textContent ?? ""], FILE)));
}
