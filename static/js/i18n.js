/**
 * Texts for people, written in Indonesian where they are used.
 *
 * `make texts` finds them by the names `_` and `ngettext`. A page in another language first loads a module of
 * `texts/`, which tells the translations; what it does not know is said in Indonesian.
 */

/** @typedef {Record<string, string | number>} Values */

/** @type {Record<string, string | string[]>} */
const translations = Object.create(null);

/**
 * Learn a language.
 *
 * @param {Record<string, string | string[]>} texts by the Indonesian text (of one); where they count, two
 */
export function learn(texts) {
  Object.assign(translations, texts);
}

/**
 * Say a text.
 *
 * @param {string} text with `{name}` where a value goes
 * @param {Values} [values] by name
 * @returns {string}
 */
export function _(text, values = {}) {
  return filled(String(translations[text] ?? text), values);
}

/**
 * Say a text that counts; `{n}` stands for the number. Indonesian has one form, so both texts may be the same.
 *
 * @param {string} one
 * @param {string} many
 * @param {number} n
 * @param {Values} [values] by name
 * @returns {string}
 */
export function ngettext(one, many, n, values = {}) {
  const known = translations[one];
  const [single, several] = Array.isArray(known) ? known : [one, many];
  return filled(n === 1 ? single : several, { n, ...values });
}

/**
 * @param {string} text
 * @param {Values} values
 * @returns {string}
 */
function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
}
