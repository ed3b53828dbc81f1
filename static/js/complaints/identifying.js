/** What in a text gives its writer away: the same patterns as complaints/rules.py, tried on the same vectors. */

// \p{Nd} and \p{L} because \d and \w mean ASCII alone here; a first group in place of a lookbehind, which older browsers
// cannot even read.

/** Amounts and dates point at nobody: they are taken out before anything is looked for. */
const HARMLESS = [
  /(^|[^\p{L}\p{N}_])rp\.?\s?\p{Nd}[\p{Nd}.,]*/giu,
  /(^|[^\p{Nd}.,+])[1-9]\p{Nd}{0,2}(?:[.,]\p{Nd}{3})+(?!\p{Nd})/gu,
  /(^|[^\p{Nd}./-])(?:\p{Nd}{1,2}([-./])\p{Nd}{1,2}\2\p{Nd}{4}|\p{Nd}{4}-\p{Nd}{2}-\p{Nd}{2})(?![-./]?\p{Nd})/gu,
];

/** @type {Record<string, RegExp>} */
const TRACES = {
  nik: /(?:^|\P{Nd})\p{Nd}{2}(?:[ .-]?\p{Nd}{2}){7}(?!\p{Nd})/u,
  telepon: /(?:^|\P{Nd})(?:\+?62|0)[ .-]?8\p{Nd}(?:[ .-]?\p{Nd}){6,10}(?!\p{Nd})/u,
  surel: /[\p{L}\p{N}_.+-]{1,64}@(?:[\p{L}\p{N}_-]{1,63}\.){1,4}\p{L}{2}/u,
  nama: /(?:^|[^\p{L}\p{N}_])(?:(?:nama|jeneng|asma)\s{1,9}(?:saya|sy|aku|kulo|kula)(?![\p{L}\p{N}_])|nama\s{0,9}:)/iu,
  rekening: /(?:^|[^\p{L}\p{N}_])(?:no)?rek(?:ening)?(?![\p{L}\p{N}_])\P{Nd}{0,40}\p{Nd}(?:[ .-]?\p{Nd}){7}/iu,
};

/**
 * @param {string} text
 * @returns {string[]} what in it points at its writer: nik, telepon, surel, nama, rekening
 */
export function traces(text) {
  const plain = HARMLESS.reduce((left, harmless) => left.replace(harmless, "$1;"), text);
  return Object.keys(TRACES).filter((trace) => TRACES[trace].test(plain));
}
