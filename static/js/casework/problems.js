/** What is not right in a form yet: a summary that takes the focus, and a sentence at each field. */

import { element, icon } from "../element.js";
import { _ } from "../i18n.js";

/** @typedef {{ field: string, sentence: string }} Problem with the field's id, empty when it is no field's */

/**
 * Say what is wrong, in place of what was said before.
 *
 * @param {HTMLFormElement} form
 * @param {Problem[]} problems
 */
export function showProblems(form, problems) {
  clearProblems(form);
  for (const id of new Set(problems.map(({ field }) => field))) markField(id, said(problems.filter(({ field }) => field === id)));
  const summary = summaryOf(problems);
  form.prepend(summary);
  if (!document.title.startsWith(titlePrefix())) document.title = titlePrefix() + document.title;
  summary.focus();
}

/**
 * @param {Problem[]} problems
 * @returns {string} all of it, one sentence after the other
 */
export function said(problems) {
  return problems.map(({ sentence }) => sentence).join(" ");
}

/** @param {HTMLFormElement} form whatever was wrong with it is not said any longer */
export function clearProblems(form) {
  clearMarks(form);
  if (document.title.startsWith(titlePrefix())) document.title = document.title.slice(titlePrefix().length);
}

/** @param {Element} part of the page: whatever was wrong with its fields is not said any longer */
export function clearMarks(part) {
  part.querySelectorAll("#error-summary, .error-message").forEach((said) => said.remove());
  part.querySelectorAll(".field-wrong").forEach((field) => field.classList.remove("field-wrong"));
  part.querySelectorAll("[aria-invalid]").forEach((control) => {
    control.removeAttribute("aria-invalid");
    describe(control, `${control.id}-error`, false);
  });
}

/**
 * Say at a field what is wrong with it.
 *
 * @param {string} id
 * @param {string} sentence
 */
export function markField(id, sentence) {
  const control = document.getElementById(id);
  if (!control) return;
  const message = element("p", { class: "error-message", id: `${id}-error` }, icon("danger"), element("span", {}, sentence));
  // A choice is drawn as one row with its label: what is wrong stands above all of them.
  (control.closest(".choices") ?? control).before(message);
  control.setAttribute("aria-invalid", "true");
  describe(control, message.id, true);
  control.closest(".field")?.classList.add("field-wrong");
}

/**
 * @param {Element} control
 * @param {string} id of what describes it
 * @param {boolean} present whether it does from now on
 */
function describe(control, id, present) {
  const others = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((other) => other && other !== id);
  const all = present ? [...others, id] : others;
  if (all.length > 0) control.setAttribute("aria-describedby", all.join(" "));
  else control.removeAttribute("aria-describedby");
}

/**
 * @param {Problem[]} problems
 * @returns {HTMLElement}
 */
function summaryOf(problems) {
  const title = element("h2", { id: "error-summary-title" }, _("Belum bisa dikirim"));
  const lines = problems.map(({ field, sentence }) =>
    element("li", {}, field ? element("a", { href: `#${field}` }, sentence) : sentence),
  );
  const how = { id: "error-summary", role: "alert", tabindex: "-1", "aria-labelledby": title.id };
  return element("div", how, title, element("ul", {}, ...lines));
}

/** @returns {string} */
function titlePrefix() {
  return [_("Periksa isian"), ""].join(": ");
}
