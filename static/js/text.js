/** Other people's texts, made harmless to read: nothing in them is markup, hides, or turns the letters around it. */

// Emoji are joined and coloured by invisible characters of their own, which stay; the other alternative is whatever shows
// nothing and still does something: controls, bidirectional marks, fillers, tags, halves of pairs, private use.
const EMOJI = "[0-9#*]\\ufe0f?\\u20e3|\\p{Extended_Pictographic}[\\ufe0f\\u{1f3fb}-\\u{1f3ff}]?";
const HIDDEN = "(?![\\n\\t])[\\p{C}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}]";
const SPECIAL = new RegExp(`(?:${EMOJI})(?:\\u200d(?:${EMOJI}))*|(${HIDDEN})`, "gu");

/**
 * @param {string} text
 * @returns {string} the same with each invisible character as a mark that can be read: ⟦U+202E⟧
 */
export function harmless(text) {
  const lines = text.replaceAll("\r\n", "\n");
  return lines.replace(SPECIAL, (whole, hidden) => (hidden === undefined ? whole : markOf(hidden)));
}

/**
 * @param {string} character
 * @returns {string}
 */
function markOf(character) {
  const code = Number(character.codePointAt(0));
  return `⟦U+${code.toString(16).toUpperCase().padStart(4, "0")}⟧`;
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
