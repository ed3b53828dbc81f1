/** The forms of a case's page (templates/macros/acts.html): what is written in them, and what is still missing. */

import { one } from "../element.js";
import { _ } from "../i18n.js";
import { newId } from "./composing.js";

/** @import { Draft, Text } from "./composing.js" */
/** @import { Problem } from "./problems.js" */

/** @typedef {HTMLTextAreaElement | HTMLSelectElement | HTMLInputElement} Control */
/** @typedef {Map<string, string[]>} Words what is written in a form, by the controls' names */

const ALLEGATION = "allegation";
const OPEN = "open";
const TICKS = ["checkbox", "radio"];

/**
 * Read what an officer wants to do.
 *
 * @param {HTMLFormElement} form
 * @returns {{ draft: Draft, problems: Problem[] }} the draft is only good where there are no problems
 */
export function readDraft(form) {
  const { action = "", to = "" } = form.dataset;
  const texts = textsIn(form);
  const clear = { ...choicesIn(form), ...begun(texts) };
  return { draft: { action, toState: to, texts, clear: judged(clear) }, problems: problemsIn(form) };
}

/**
 * @param {HTMLFormElement} form
 * @returns {Words}
 */
export function wordsIn(form) {
  /** @type {Words} */
  const words = new Map();
  for (const control of controlsIn(form)) {
    const unchecked = isTick(control) && !control.checked;
    if (!unchecked) words.set(control.name, [...(words.get(control.name) ?? []), control.value]);
  }
  return words;
}

/**
 * Write into a form what was written in another of the same act.
 *
 * @param {HTMLFormElement} form
 * @param {Words} words
 */
export function writeWords(form, words) {
  for (const list of listsIn(form)) {
    const wanted = words.get(String(list.dataset.list))?.length ?? 1;
    while (entriesIn(list).length < wanted) addEntry(list);
  }
  for (const [name, values] of words) {
    const named = controlsIn(form).filter((control) => control.name === name);
    named.forEach((control, at) => writeInto(control, values, at));
  }
}

/**
 * @param {HTMLFormElement} form
 * @returns {boolean} whether anything in it is not as the page came
 */
export function isWritten(form) {
  return controlsIn(form).some((control) => {
    if (control instanceof HTMLTextAreaElement) return control.value !== control.defaultValue;
    if (control instanceof HTMLSelectElement) return control.selectedIndex > 0;
    if (TICKS.includes(control.type)) return control.checked !== control.defaultChecked;
    return control.value !== control.defaultValue;
  });
}

/**
 * Add one more text to a list, up to as many as it may have, and go there.
 *
 * @param {HTMLElement} list
 * @returns {HTMLTextAreaElement}
 */
export function addEntry(list) {
  const [first] = entriesIn(list);
  const entry = /** @type {HTMLElement} */ (first.cloneNode(true));
  const control = one(entry, "textarea", HTMLTextAreaElement);
  control.value = "";
  control.removeAttribute("aria-invalid");
  control.removeAttribute("aria-describedby");
  entry.classList.remove("field-wrong");
  entry.querySelectorAll(".error-message").forEach((said) => said.remove());
  one(list, "ol", HTMLOListElement).append(entry);
  number(list);
  return control;
}

/**
 * Take one text out of a list and go to the one before.
 *
 * @param {HTMLElement} list
 * @param {Element} inside the entry, or something in it
 */
export function removeEntry(list, inside) {
  const at = entriesIn(list).findIndex((entry) => entry.contains(inside));
  entriesIn(list)[at].remove();
  number(list);
  one(entriesIn(list)[Math.max(at - 1, 0)], "textarea", HTMLTextAreaElement).focus();
}

/**
 * @param {HTMLElement} list
 * @returns {HTMLElement[]}
 */
function entriesIn(list) {
  return [...list.querySelectorAll("li")];
}

/** @param {HTMLElement} list whose entries get their numbers, and its buttons as much as they may do */
function number(list) {
  const entries = entriesIn(list);
  for (const [at, entry] of entries.entries()) {
    const control = one(entry, "textarea", HTMLTextAreaElement);
    control.id = control.id.replace(/\d+$/, String(at + 1));
    one(entry, "label", HTMLLabelElement).htmlFor = control.id;
    entry.querySelectorAll("[data-number]").forEach((each) => (each.textContent = String(at + 1)));
    one(entry, "[data-remove]", HTMLElement).hidden = entries.length === 1;
  }
  one(list, "[data-add]", HTMLElement).hidden = entries.length >= Number(list.dataset.most);
}

/**
 * @param {HTMLFormElement} form
 * @returns {HTMLElement[]}
 */
function listsIn(form) {
  return [...form.querySelectorAll("[data-list]")].filter((each) => each instanceof HTMLElement);
}

/**
 * @param {HTMLFormElement} form
 * @returns {Control[]}
 */
function controlsIn(form) {
  const controls = [...form.elements].filter(
    (each) =>
      each instanceof HTMLTextAreaElement || each instanceof HTMLSelectElement || each instanceof HTMLInputElement,
  );
  return controls.filter(({ name }) => name !== "");
}

/**
 * @param {Control} control
 * @param {string[]} values
 * @param {number} at which of the controls of this name it is
 */
function writeInto(control, values, at) {
  if (isTick(control)) control.checked = !control.disabled && values.includes(control.value);
  else if (!(control instanceof HTMLSelectElement)) control.value = values[at] ?? "";
  // Somebody who was chosen may no longer be there to choose: then nobody is.
  else if ([...control.options].some(({ value }) => value === values[0])) control.value = values[0];
}

/**
 * @param {HTMLFormElement} form
 * @returns {Text[]}
 */
function textsIn(form) {
  const controls = [...form.querySelectorAll("textarea[data-text]")].filter((each) => each instanceof HTMLTextAreaElement);
  return controls.map(({ dataset, value }) => ({ kind: String(dataset.text), id: newId(), text: value.trim() }));
}

/**
 * @param {HTMLFormElement} form
 * @returns {Record<string, string>}
 */
function choicesIn(form) {
  const named = [...form.querySelectorAll("[data-clear]")].filter((each) => each instanceof HTMLElement);
  const chosen = named.map((each) => [String(each.dataset.clear), chosenIn(each)]);
  // What may be left out is left out; what may not, its form has asked for.
  return Object.fromEntries(chosen.filter(([, value]) => value !== ""));
}

/**
 * @param {Control} control
 * @returns {control is HTMLInputElement} whether it is ticked, and not written into
 */
function isTick(control) {
  return control instanceof HTMLInputElement && TICKS.includes(control.type);
}

/**
 * @param {HTMLElement} choice a select, a line, or the fieldset of buttons
 * @returns {string} empty where nothing is chosen; several are joined by "+"
 */
function chosenIn(choice) {
  if (choice instanceof HTMLSelectElement || choice instanceof HTMLInputElement) return choice.value.trim();
  const checked = [...choice.querySelectorAll("input:checked")].filter((each) => each instanceof HTMLInputElement);
  return checked.map(({ value }) => value).join("+");
}

/**
 * @param {Text[]} texts
 * @returns {Record<string, string>} the statuses of allegations that begin here
 */
function begun(texts) {
  const allegations = texts.filter(({ kind }) => kind === ALLEGATION);
  return Object.fromEntries(allegations.map(({ id }) => [`${ALLEGATION}.${id}`, OPEN]));
}

/**
 * @param {Record<string, string>} clear
 * @returns {Record<string, string>} with an allegation and the status it is given as the event writes them
 */
function judged({ allegation, status, ...clear }) {
  return allegation === undefined ? clear : { ...clear, [`${ALLEGATION}.${allegation}`]: status };
}

/**
 * @param {HTMLFormElement} form
 * @returns {Problem[]} what is still to be written or chosen
 */
function problemsIn(form) {
  const asked = [...form.querySelectorAll("[data-said]")].filter((each) => each instanceof HTMLElement);
  return asked.filter((each) => !isAnswered(each)).map((each) => ({ field: fieldOf(each), sentence: sentenceOf(each) }));
}

/**
 * @param {HTMLElement} asked
 * @returns {boolean}
 */
function isAnswered(asked) {
  if (asked instanceof HTMLTextAreaElement) return asked.value.trim() !== "";
  if (asked instanceof HTMLInputElement && isTick(asked)) return asked.checked;
  return chosenIn(asked) !== "";
}

/**
 * @param {HTMLElement} asked
 * @returns {string} the id of where to answer
 */
function fieldOf(asked) {
  const choices = [...asked.querySelectorAll("input")];
  return (choices.find(({ disabled }) => !disabled) ?? asked).id;
}

/**
 * @param {HTMLElement} asked
 * @returns {string}
 */
function sentenceOf(asked) {
  const number = asked.closest("[data-list] li")?.querySelector("[data-number]")?.textContent;
  const said = String(asked.dataset.said);
  return number ? _("Dugaan {number}: {said}", { number, said }) : said;
}
