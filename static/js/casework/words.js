/** What the page was given words for, and how days are written. */

import { one } from "../element.js";

const LOCALE = document.documentElement.lang === "en" ? "en-GB" : "id";
const DAYS = new Intl.DateTimeFormat(LOCALE, { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

/**
 * @param {"text" | "status" | "outcome"} name of what
 * @param {string} value its code
 * @returns {string} its words; a code nobody knows stands for itself
 */
export function wordsFor(name, value) {
  const known = [...one(document, "template#words", HTMLTemplateElement).content.querySelectorAll("data")];
  const found = known.find((each) => each.dataset.name === name && each.value === value);
  return found?.textContent ?? value;
}

/**
 * @param {string} day `YYYY-MM-DD`
 * @returns {string} the day with its weekday: "Selasa, 24 November 2026", "Tuesday 24 November 2026"
 */
export function longDate(day) {
  return DAYS.format(new Date(`${day}T00:00:00Z`));
}

/**
 * What the page's history says of an event. Names, and where the public log has it, are the server's word; what happened is
 * the signed body's.
 *
 * @param {bigint | number} seq
 * @returns {{ deed: string, who: string, place: string }}
 */
export function lineOf(seq) {
  const line = document.getElementById(`event-${seq}`);
  const said = (/** @type {string} */ part) => line?.querySelector(part)?.textContent ?? "";
  return { deed: said("b"), who: line?.dataset.who ?? "", place: said(".place") };
}

/**
 * @param {string} number of a piece of evidence, as "B-2"
 * @returns {string} the id of its row in the register
 */
export function rowOf(number) {
  return `bukti-${number.slice(2)}`;
}
