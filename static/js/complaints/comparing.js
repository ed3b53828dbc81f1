/** What was shown of a case, held against what all of the log's entries show. */

import { equal } from "../vault/bytes.js";

/** @import { Refill } from "../ledger/refills.js" */
/** @import { Found } from "../ledger/scanning.js" */
/** @import { Finding, Judgement, Step } from "./judging.js" */

/**
 * @param {Judgement} judgement
 * @param {Map<string, Found[]>} found the entries with the case's tags, by the number of their event
 * @param {Refill[]} refills what the log states to have been lost
 * @returns {Finding[]}
 */
export function compare({ steps, shown }, found, refills) {
  const known = steps.flatMap((step) => contradictions(step, found.get(String(step.event.seq)) ?? [], refills));
  const others = [...found].filter(([seq]) => Number(seq) > shown).sort(([one], [other]) => Number(one) - Number(other));
  return [...known, ...others.map(([seq, there]) => unshown(Number(seq), there, refills))];
}

/**
 * That what was proved is there needs no look: the entries lead to the roots of the proofs, too.
 *
 * @param {Step} step
 * @param {Found[]} there the log's entries with its tag, in their order
 * @param {Refill[]} refills
 * @returns {Finding[]}
 */
function contradictions({ event, entry }, there, refills) {
  const seq = Number(event.seq);
  // An event that was lost may have happened anew: the last one counts.
  const twice = there.slice(1).some(({ index }, at) => !refills.some((refill) => refill.explains(there[at].index, index)));
  if (twice) return [{ kind: "double", seq }];
  const lost = there.slice(1).map(() => ({ kind: /** @type {const} */ ("lost"), seq }));
  return there.slice(-1).every((found) => equal(found.entry, entry)) ? lost.slice(0, 1) : [{ kind: "changed", seq }];
}

/**
 * @param {number} seq of an event that was not shown
 * @param {Found[]} there the log's entries with its tag
 * @param {Refill[]} refills
 * @returns {Finding}
 */
function unshown(seq, there, refills) {
  const wasLost = there.every(({ index }) => refills.some((refill) => refill.lost(index)));
  return { kind: wasLost ? "lost" : "hidden", seq };
}
