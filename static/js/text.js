/** Other people's texts, made harmless to read: nothing in them is markup, hides, or turns the letters around it. */

// Emoji are joined and coloured by invisible characters of their own, which stay; the other alternative is whatever shows
// nothing and still does something: controls, bidirectional marks, fillers, tags, halves of pairs, private use.
const EMOJI = "[0-9#*]\\ufe0f?\\u20e3|\\p{Extended_Pictographic}[\\ufe0f\\u{1f3fb}-\\u{1f3ff}]?";
const HIDDEN = "(?![\\n\\t])[\\p{C}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}]";
const SPECIAL = new RegExp(`(?:${EMOJI})(?:\\u200d(?:${EMOJI}))*|(${HIDDEN})\\1*`, "gu");

/**
 * @param {string} text
 * @returns {string} the same with its invisible characters as marks that can be read: [U+202E], [U+200B ×3]
 */
export function harmless(text) {
  const lines = text.replaceAll("\r\n", "\n");
  return lines.replace(SPECIAL, (whole, hidden) => (hidden === undefined ? whole : markOf(hidden, whole.length)));
}

/**
 * Marks are of plain letters: brackets that few fonts have take a browser minutes to lay out by the thousand.
 *
 * @param {string} character
 * @param {number} length of its repetition
 * @returns {string}
 */
function markOf(character, length) {
  const code = Number(character.codePointAt(0)).toString(16).toUpperCase().padStart(4, "0");
  const times = length / character.length;
  return times === 1 ? `[U+${code}]` : `[U+${code} ×${times}]`;
}

/**
 * Show somebody's text in `element`: as text, its direction its own.
 *
 * @param {HTMLElement} element
 * @param {string} text
 */
export function showText(element, text) {
  element.dir = "auto";
  element.translate = false;
  element.classList.add("written");
  element.textContent = harmless(text);
}
