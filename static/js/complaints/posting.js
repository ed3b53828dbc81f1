/** Questions to the server, and the three ways they end: answered, refused with a sentence, or lost on the way. */

import { _ } from "../i18n.js";

const PATIENCE_MS = 90_000;
// On a slow network files take their time.
const PATIENCE_WITH_FILES_MS = 3_600_000;
const PAUSES_MS = [1_000, 4_000];
const TOO_LARGE = 413;
const TOO_MANY = 429;
const NOT_NOW = 503;

/** The server has understood and said no; `sentence` is for the reporter. */
export class Refusal extends Error {
  name = "Refusal";

  /**
   * @param {number} status
   * @param {string} sentence
   * @param {any} [directory] the desks as they are now, where the refusal is that they have changed
   */
  constructor(status, sentence, directory) {
    super(sentence);
    this.status = status;
    this.sentence = sentence;
    this.directory = directory;
  }
}

/** No answer came, or none of ours: what was asked may or may not have been done. */
export class Unanswered extends Error {
  name = "Unanswered";

  /**
   * @param {number} [status] of what came in the place of an answer
   * @param {string} [sentence] of the server's own, for the reporter: why it cannot be done just now
   */
  constructor(status, sentence = "") {
    super(sentence);
    this.sentence = sentence;
    /** Whether the server is there, and only takes no more just now. */
    this.busy = status === TOO_MANY;
  }
}

/** @typedef {{ method?: string, headers?: Record<string, string>, body?: string | URLSearchParams | FormData }} Asked */

/**
 * Ask once.
 *
 * @param {string} address
 * @param {Asked} [asked]
 * @returns {Promise<{ status: number, text: string }>}
 * @throws {Unanswered}
 */
export async function ask(address, asked = {}) {
  const ending = new AbortController();
  const patience = asked.body instanceof FormData ? PATIENCE_WITH_FILES_MS : PATIENCE_MS;
  const timer = setTimeout(() => ending.abort(), patience);
  try {
    const headers = { "Accept-Language": document.documentElement.lang, ...asked.headers };
    const response = await fetch(address, { ...asked, headers, cache: "no-store", signal: ending.signal });
    return { status: response.status, text: await response.text() };
  } catch {
    throw new Unanswered();
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Ask once for JSON, or post `content` as JSON.
 *
 * @param {string} address
 * @param {unknown} [content]
 * @returns {Promise<any>}
 * @throws {Refusal}
 * @throws {Unanswered}
 */
export async function askJson(address, content) {
  const posted = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content) };
  return judged(await ask(address, content === undefined ? {} : posted), () => _("Kiriman ini terlalu besar di sini. Pendekkan tulisan atau kurangi berkasnya, lalu kirim lagi."));
}

/**
 * Tell an answer from what others have said in its place: whoever speaks in another form stands between us and the server.
 *
 * @param {{ status: number, text: string }} said with no status where nothing came
 * @param {() => string} tooLarge the sentence where somebody between lets nothing so large through
 * @returns {any}
 * @throws {Refusal}
 * @throws {Unanswered}
 */
export function judged({ status, text }, tooLarge) {
  const answer = parsed(text);
  if (answer !== undefined && status > 0 && status < 300) return answer;
  if (status === NOT_NOW && typeof answer?.error === "string") throw new Unanswered(status, answer.error);
  if (status >= 500 || status === TOO_MANY) throw new Unanswered(status);
  if (typeof answer?.error === "string") throw new Refusal(status, answer.error, answer.directory);
  if (status === TOO_LARGE) throw new Refusal(status, tooLarge());
  throw new Unanswered(status);
}

/**
 * Ask, and ask the same again after a pause where no answer came.
 *
 * @template Answer
 * @param {() => Promise<Answer>} once
 * @returns {Promise<Answer>}
 */
export async function insist(once) {
  for (const pause of PAUSES_MS) {
    try {
      return await once();
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return once();
}

/**
 * @param {string} text
 * @returns {any} nothing where it is a page in the place of an answer: some networks show their own
 */
export function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
