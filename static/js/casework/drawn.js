/** A password as it is drawn: shown once to be written down, then two of its words are asked for. */

import { element, one } from "../element.js";
import { _ } from "../i18n.js";
import { random } from "../vault/bytes.js";
import { PASSWORD_WORDS } from "../vault/officers.js";
import { clearProblems, showProblems } from "./problems.js";

/** @import { Problem } from "./problems.js" */

/**
 * Show one step of a page alone.
 *
 * @typedef {(step: string) => void} Show
 */

/**
 * Have a password written down and two of its words typed.
 *
 * @param {string} words the password
 * @param {Show} show knows the steps `password` and `rehearsal`
 * @param {() => void} then
 */
export function teach(words, show, then) {
  part("password-words").replaceChildren(...words.split(" ").map((word) => element("li", {}, word)));
  part("noted").onclick = () => {
    // The words stay in memory, not on the page, while they are asked for.
    part("password-words").replaceChildren();
    rehearse(words, show, then);
  };
  show("password");
}

/**
 * Ask for two words of the password, chosen by chance.
 *
 * @param {string} words
 * @param {Show} show
 * @param {() => void} then
 */
function rehearse(words, show, then) {
  const form = one(document, "#rehearsal", HTMLFormElement);
  const asked = twoPlaces();
  const fields = ["first-word", "second-word"];
  fields.forEach((id, at) => {
    field(id).value = "";
    one(form, `label[for=${id}]`, HTMLElement).textContent = _("Kata ke-{position}", { position: asked[at] + 1 });
  });
  clearProblems(form);
  form.onsubmit = (event) => {
    event.preventDefault();
    const problems = wrongWords(words.split(" "), fields, asked);
    if (problems.length > 0) showProblems(form, problems);
    else then();
  };
  part("again").onclick = () => teach(words, show, then);
  show("rehearsal");
}

/** @returns {number[]} two places of the password, in order */
function twoPlaces() {
  const first = random(1)[0] % PASSWORD_WORDS;
  const second = (first + 1 + (random(1)[0] % (PASSWORD_WORDS - 1))) % PASSWORD_WORDS;
  return [first, second].sort();
}

/**
 * @param {string[]} words
 * @param {string[]} fields
 * @param {number[]} asked
 * @returns {Problem[]}
 */
function wrongWords(words, fields, asked) {
  return fields.flatMap((id, at) => {
    const right = field(id).value.trim().toLowerCase() === words[asked[at]];
    return right ? [] : [{ field: id, sentence: _("Kata ke-{position} belum benar.", { position: asked[at] + 1 }) }];
  });
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
function part(id) {
  return one(document, `#${id}`, HTMLElement);
}

/**
 * @param {string} id
 * @returns {HTMLInputElement}
 */
function field(id) {
  return one(document, `#${id}`, HTMLInputElement);
}
