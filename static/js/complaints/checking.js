/** What is not right yet with the answers, said beside each question and together in a summary that takes the focus. */

import { element, icon, one, perhaps } from "../element.js";
import { _ } from "../i18n.js";

// An answer of nothing but spaces and invisible characters is none.
const VISIBLE = /[^\s\p{C}\p{Z}]/u;
const CONTROLS = "input, select, textarea";

/** @typedef {{ question: HTMLElement, sentence: string }} Fault */

/**
 * @param {ParentNode} part
 * @returns {HTMLElement[]} the questions in it that are asked now
 */
export function questionsIn(part) {
  const questions = /** @type {NodeListOf<HTMLElement>} */ (part.querySelectorAll("[data-question]"));
  return [...questions].filter((question) => !question.hidden);
}

/**
 * @param {ParentNode} part
 * @returns {Fault[]} what is missing or too long in it
 */
export function faultsIn(part) {
  return questionsIn(part).flatMap((question) => {
    const sentence = faultOf(question.dataset, answerIn(question));
    return sentence ? [{ question, sentence }] : [];
  });
}

/**
 * @param {DOMStringMap} rules
 * @param {string} answer
 * @returns {string | undefined}
 */
function faultOf({ missing, longest, tooLong }, answer) {
  if (missing && !VISIBLE.test(answer)) return missing;
  return longest && [...answer].length > Number(longest) ? tooLong : undefined;
}

/**
 * @param {HTMLElement} question
 * @returns {string}
 */
function answerIn(question) {
  const controls = /** @type {NodeListOf<HTMLInputElement>} */ (question.querySelectorAll(CONTROLS));
  const answers = [...controls].filter(({ type, checked }) => (type !== "radio" && type !== "checkbox") || checked);
  return answers.map(({ value }) => value.trim()).join("+");
}

/**
 * Show the faults beside their questions and in a summary before `form`; without any, take them away.
 *
 * @param {HTMLFormElement} form
 * @param {Fault[]} faults
 * @param {string} title
 */
export function showFaults(form, faults, title = _("Belum bisa dilanjutkan")) {
  clearFaults(form);
  if (faults.length === 0) return;
  for (const fault of faults) mark(fault);
  const links = faults.map((fault) => element("li", {}, linkTo(fault)));
  summarise(form, title, element("ul", { role: "list" }, ...links));
}

/**
 * Say in a summary before `form` what is wrong with no question of it.
 *
 * @param {HTMLFormElement} form
 * @param {string} title
 * @param {string} sentence
 */
export function showProblem(form, title, sentence) {
  clearFaults(form);
  summarise(form, title, element("p", {}, sentence));
}

/** @param {HTMLFormElement} form */
export function clearFaults(form) {
  document.getElementById("error-summary")?.remove();
  document.title = document.title.replace(wrongTitle(""), "");
  for (const message of form.querySelectorAll(".error-message")) message.remove();
  for (const field of form.querySelectorAll(".field-wrong")) field.classList.remove("field-wrong");
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

/**
 * @param {HTMLFormElement} form
 * @param {string} title
 * @param {HTMLElement} content
 */
function summarise(form, title, content) {
  const heading = element("h2", { id: "error-summary-title" }, title);
  const attributes = { id: "error-summary", role: "alert", tabindex: "-1", "aria-labelledby": "error-summary-title" };
  const summary = element("div", attributes, heading, content);
  form.before(summary);
  document.title = wrongTitle(document.title);
  summary.focus();
}

/**
 * @param {string} title
 * @returns {string}
 */
function wrongTitle(title) {
  return [_("Periksa isian"), title].join(": ");
}

/**
 * @param {Fault} fault
 * @returns {HTMLElement} a link that leads to the question without a trace in the address
 */
function linkTo({ question, sentence }) {
  const control = one(question, CONTROLS, HTMLElement);
  const link = element("a", { href: `#${control.id}` }, sentence);
  link.addEventListener("click", (event) => {
    event.preventDefault();
    control.focus();
  });
  return link;
}

/** @param {Fault} fault */
function mark({ question, sentence }) {
  const control = one(question, CONTROLS, HTMLElement);
  const id = `${control.getAttribute("name")}-error`;
  const message = element("p", { class: "error-message", id }, icon("danger"), " ", element("span", {}, sentence));
  (perhaps(question, ".choices", HTMLElement) ?? control).before(message);
  perhaps(question, ".field", HTMLElement)?.classList.add("field-wrong");
  const described = perhaps(question, "fieldset", HTMLElement) ?? control;
  const others = (described.getAttribute("aria-describedby") ?? "").split(" ").filter((other) => other && other !== id);
  described.setAttribute("aria-describedby", [...others, id].join(" "));
  control.setAttribute("aria-invalid", "true");
}
