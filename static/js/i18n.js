/**
 * Texts for people, written in Indonesian where they are used.
 *
 * `make texts` finds them by the names `_` and `ngettext`. Indonesian is the only language these pages speak so far, so
 * each text stands for itself.
 */

/** @typedef {Record<string, string | number>} Values */

/**
 * Say a text.
 *
 * @param {string} text with `{name}` where a value goes
 * @param {Values} [values] by name
 * @returns {string}
 */
export function _(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
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
  return _(n === 1 ? one : many, { n, ...values });
}
