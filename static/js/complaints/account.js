/** The account: what a reporter answers, and its canonical JSON (docs/formats.md §7). */

/** @typedef {Record<string, string>} Answers by the name of the question; what is not answered is left out */

/** What the plain path alone needs; files go by a way of their own. */
const UNASKED = new Set(["nonce", "seen_traces", "berkas", "unchanged"]);
const LONE_SURROGATES = /\p{Surrogate}/gu;
const encoder = new TextEncoder();

/**
 * @param {HTMLFormElement} form
 * @returns {Answers} what is answered in the form, several choices joined by "+"
 */
export function answersOf(form) {
  /** @type {Answers} */
  const answers = {};
  for (const [name, value] of new FormData(form)) {
    const answer = String(value).replaceAll("\r\n", "\n").trim();
    if (answer && !UNASKED.has(name)) answers[name] = name in answers ? `${answers[name]}+${answer}` : answer;
  }
  return answers;
}

/**
 * Half a surrogate pair has no UTF-8: it becomes U+FFFD, as in a form that a browser posts.
 *
 * @param {Answers} answers
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function accountJson(answers) {
  const answered = Object.entries(answers).filter(([, answer]) => answer);
  const sorted = answered.sort(([one], [other]) => (one < other ? -1 : 1));
  const written = sorted.map(([name, answer]) => [name, answer.replace(LONE_SURROGATES, "\ufffd")]);
  return encoder.encode(JSON.stringify(Object.fromEntries(written)));
}
