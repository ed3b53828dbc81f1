/** Answers in words, as the form asks for them: to be checked before sending, and to be read again afterwards. */

import { buttonTo, element, icon } from "../element.js";
import { _ } from "../i18n.js";
import { showText } from "../text.js";
import { questionsIn } from "./checking.js";

/** @import { Answers } from "./account.js" */

/** @typedef {{ label: string, words: string, tells?: boolean }} Row with whether it may tell on its writer */

/**
 * @param {ParentNode} part of the form
 * @returns {Row[]} its answered questions
 */
export function rowsIn(part) {
  const rows = questionsIn(part).map((question) => ({
    label: labelOf(question),
    words: wordsIn(question),
    tells: question.querySelector(".traces > *") !== null,
  }));
  return rows.filter(({ words }) => words !== "");
}

/**
 * Put answers into an empty form, so that they can be said in its words.
 *
 * @param {HTMLFormElement} form
 * @param {Answers} answers
 */
export function fill(form, answers) {
  for (const control of form.elements) {
    if (control instanceof HTMLInputElement && /radio|checkbox/.test(control.type)) {
      control.checked = (answers[control.name] ?? "").split("+").includes(control.value);
    } else if (isWritten(control)) {
      control.value = answers[control.name] ?? "";
    }
  }
}

/**
 * Fill a list of answers.
 *
 * @param {HTMLElement} list a `dl.answers`
 * @param {Row[]} rows
 */
export function showRows(list, rows) {
  list.replaceChildren(...rows.map((row) => rowOf(row)));
}

/**
 * Fill a list of all answers of the form; each leads back to its section, and a section without any says so.
 *
 * @param {HTMLElement} list a `dl.answers`
 * @param {HTMLElement[]} sections
 * @param {(section: number) => void} change
 */
export function showReview(list, sections, change) {
  const rows = sections.flatMap((section, at) => {
    const answered = rowsIn(section);
    const all = answered.length > 0 ? answered : [{ label: String(section.dataset.title), words: _("Tidak diisi") }];
    return all.map((row) => rowOf(row, () => change(at)));
  });
  list.replaceChildren(...rows);
}

/**
 * @param {Row} row
 * @param {() => void} [change]
 * @returns {HTMLElement}
 */
function rowOf({ label, words, tells }, change) {
  const written = element("div", {});
  showText(written, words);
  const answer = element("dd", {}, written);
  if (tells) answer.append(element("div", { class: "hint" }, icon("warn"), " ", _("Ini mungkin menunjuk Anda.")));
  const row = element("div", {}, element("dt", {}, label), answer);
  if (change) {
    const button = buttonTo(_("Ubah"), "button-text", change);
    button.append(element("span", { class: "visually-hidden" }, ` ${label}`));
    row.append(element("dd", { class: "change" }, button));
  }
  return row;
}

/**
 * @param {HTMLElement} question
 * @returns {string} what is asked, without "(boleh dilewati)"
 */
function labelOf(question) {
  const label = question.querySelector("legend, label");
  return (label?.firstChild?.textContent ?? "").trim();
}

/**
 * @param {HTMLElement} question
 * @returns {string}
 */
function wordsIn(question) {
  const chosen = question.querySelectorAll(".choice > :checked + label");
  if (chosen.length > 0) return [...chosen].map(({ firstChild }) => (firstChild?.textContent ?? "").trim()).join(", ");
  const control = question.querySelector("select, textarea, input[type='text']");
  if (control instanceof HTMLSelectElement) return control.value && control.selectedOptions[0].text;
  return isWritten(control) ? control.value.trim() : "";
}

/**
 * @param {Element | null} control
 * @returns {control is HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement}
 */
function isWritten(control) {
  const written = [HTMLInputElement, HTMLTextAreaElement, HTMLSelectElement];
  return written.some((kind) => control instanceof kind);
}
