/** The tracking phrase: what a person may type for it, and every key that comes from it (formats §3). */

import { derive } from "./derive.js";
import { Identity } from "./seal.js";
import { SigningKey } from "./sign.js";
import { WORDS } from "./words.js";

/** @import { Bytes } from "./bytes.js" */

export const PHRASE_WORDS = 8;
const SHORTEST_PREFIX = 4;
const MOST_CANDIDATES = 4;
const LONGEST_TYPED = Math.max(...WORDS.map((word) => word.length)) + 1;
const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"];

const known = new Set(WORDS);

/** A phrase has `found` words, and another number was due. */
export class WrongCount extends Error {
  name = "WrongCount";

  /** @param {number} found */
  constructor(found) {
    super();
    this.found = found;
  }
}

/**
 * The word at `position` (from 1), `typed` so, is no word of the list, or could be several `candidates`.
 *
 * The message is empty: what was typed may be one letter from a secret.
 */
export class UnknownWord extends Error {
  name = "UnknownWord";

  /**
   * @param {number} position
   * @param {string} typed
   * @param {string[]} candidates
   */
  constructor(position, typed, candidates) {
    super();
    this.position = position;
    this.typed = typed;
    this.candidates = candidates;
  }
}

/**
 * What a phrase opens: the token that finds the complaint, the reporter's two keys, and K (32 bytes each).
 *
 * @typedef {{ lookupToken: Bytes, reporter: Identity, sign: SigningKey, ledgerKey: Bytes }} PhraseKeys
 */

/**
 * Read `count` words as a person types them and return them in lower case, joined by one space.
 *
 * Case, separators and numbering do not matter.
 *
 * @param {string} typed
 * @param {number} [count]
 * @returns {string}
 * @throws {WrongCount}
 * @throws {UnknownWord} for the first word that cannot be told
 */
export function canonical(typed, count = PHRASE_WORDS) {
  const words = typedWords(typed);
  if (words.length !== count) throw new WrongCount(words.length);
  const meant = words.filter(isShort).length > 1 ? wordsBegunElseMissed : wordsBegunOrMissed;
  return words.map((word, at) => recognise(at + 1, word, meant)).join(" ");
}

/**
 * Return every key of a phrase, given its 32-byte phrase key (the stretched phrase).
 *
 * @param {Bytes} phraseKey
 * @returns {Promise<PhraseKeys>}
 */
export async function keysOf(phraseKey) {
  return {
    lookupToken: await derive(phraseKey, "kentongan/v1/phrase/lookup"),
    reporter: await Identity.fromSeed(await derive(phraseKey, "kentongan/v1/phrase/reporter")),
    sign: await SigningKey.fromSeed(await derive(phraseKey, "kentongan/v1/phrase/sign")),
    ledgerKey: await derive(phraseKey, "kentongan/v1/phrase/ledger"),
  };
}

/**
 * Part what was typed at everything that is no letter or digit, and drop the numbers of a list ("1. kata").
 *
 * @param {string} typed
 * @returns {string[]}
 */
export function typedWords(typed) {
  const pieces = typed.normalize("NFKC").toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return pieces.map((piece) => piece.replace(/^[0-9]+/, "")).filter((word) => word !== "");
}

/**
 * @param {number} position
 * @param {string} typed
 * @param {(typed: string) => string[]} wordsMeant
 * @returns {string}
 */
function recognise(position, typed, wordsMeant) {
  if (known.has(typed)) return typed;
  const meant = [...new Set(wordsMeant(typed))].sort();
  if (meant.length !== 1) throw new UnknownWord(position, typed, meant.slice(0, MOST_CANDIDATES));
  return meant[0];
}

/**
 * Return the words `typed` may stand for: those it begins, and those one slip away from it.
 *
 * Both at once: a phrase that is silently read wrong is worse than a question.
 *
 * @param {string} typed
 * @returns {string[]}
 */
function wordsBegunOrMissed(typed) {
  return [...wordsBegun(typed), ...wordsMissed(typed)];
}

/**
 * Do the same for a phrase in which several words are only begun: its writer shortens, and slips less.
 *
 * @param {string} typed
 * @returns {string[]}
 */
function wordsBegunElseMissed(typed) {
  const begun = wordsBegun(typed);
  return begun.length > 0 ? begun : wordsMissed(typed);
}

/**
 * @param {string} typed
 * @returns {boolean}
 */
function isShort(typed) {
  return !known.has(typed) && wordsBegun(typed).length > 0;
}

/**
 * @param {string} typed
 * @returns {string[]}
 */
function wordsBegun(typed) {
  return typed.length < SHORTEST_PREFIX ? [] : WORDS.filter((word) => word.startsWith(typed));
}

/**
 * @param {string} typed
 * @returns {string[]}
 */
function wordsMissed(typed) {
  return typed.length > LONGEST_TYPED ? [] : oneSlipAway(typed).filter((word) => known.has(word));
}

/**
 * @param {string} typed
 * @returns {string[]} all that one letter more, less, other or swapped with its neighbour makes of `typed`
 */
function oneSlipAway(typed) {
  return Array.from({ length: typed.length + 1 }, (_, at) => {
    const [before, after] = [typed.slice(0, at), typed.slice(at)];
    return [
      before + after.slice(1),
      before + after.slice(1, 2) + after.slice(0, 1) + after.slice(2),
      ...LETTERS.flatMap((letter) => [before + letter + after, before + letter + after.slice(1)]),
    ];
  }).flat();
}
