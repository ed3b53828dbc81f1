/**
 * A case's history judged by its reporter, by nothing but his phrase and the root's key: that nothing in it is altered,
 * left out in between or forged, and where the public log has it.
 */

import { daysAfter } from "../day.js";
import { Directory, NotVouched } from "../directory/directory.js";
import { REPORTER } from "../ledger/body.js";
import { Broken, readHistory } from "../ledger/history.js";
import { DAYS_TO_MERGE, judgePromise } from "../ledger/promises.js";
import { Unproved } from "../ledger/proofs.js";
import { equal, fromHex, hex } from "../vault/bytes.js";
import { openLog } from "./own-log.js";

/** @import { Event } from "../ledger/body.js" */
/** @import { Fault, Logged } from "../ledger/history.js" */
/** @import { Log, Seen } from "../ledger/proofs.js" */
/** @import { Bytes } from "../vault/bytes.js" */

const ENTRY = /^[0-9a-f]{128}$/;
const SECOND_MS = 1_000;

/**
 * An event as it is told: its entry in hex, its proof as tlog-proof; of the reporter's own what was promised of it.
 *
 * @typedef {{ body: string, entry: string, proof: string | null, promise: string | null }} ToldEvent
 */
/** @typedef {{ events: ToldEvent[], statements: string[], log: { vkey: string | null, policy: string | null } }} Told */

/**
 * What the reporter knows without the server, or has been shown by it already: his case, K, the key he signs with, the
 * root's; the newest event on the page, by number and entry; and the day by his own device (`YYYY-MM-DD`).
 *
 * @typedef {object} Known
 * @property {string} complaint
 * @property {Bytes} ledgerKey
 * @property {Bytes} own
 * @property {Bytes} root
 * @property {{ seq: bigint, entry: Bytes }} head
 * @property {string} today
 */

/**
 * What is wrong. missing: an event that was there is not shown; changed: one is not what was logged, or does not follow
 * the one before; forged: one is not signed by who may; unproved: its proof does not hold; log: what is shown is not this
 * installation's log, or not rightly signed; split: the log has two histories; late: it should long be in the log;
 * ahead: it bears a day that is still to come, and is not in the log; promise: what was promised of it binds nobody;
 * unpromised: nothing was promised of it, and it is not in the log; witnesses: too few have seen the log. And what only the log's entries, all of them, show. rewritten: they are not those
 * that were signed; double: one event is there twice; hidden: one is there that was not shown; lost: the log itself
 * states that it was lost.
 *
 * @typedef {"missing" | "changed" | "forged" | "unproved" | "log" | "split" | "late" | "ahead" | "promise" | "unpromised"
 *   | "witnesses" | "rewritten" | "double" | "hidden" | "lost"} Kind
 */

/** @typedef {{ kind: Kind, seq: number | null }} Finding with the number of the event it is about, if it is about one */

/**
 * One event that holds: where the log has it (nothing where it is not published), by which proof, and until when it must
 * be there, by which promise.
 *
 * @typedef {{ event: Event, body: string, entry: Bytes, place: bigint | null, proof: string | null, due: string,
 *   promise: string | null }} Step
 */

/**
 * `steps` are those before the first that does not hold, of the so many that are `shown`. `log` is nothing where what is
 * shown is not this installation's; `stated` are the checkpoints of the proofs, the newest last.
 *
 * @typedef {{ steps: Step[], shown: number, findings: Finding[], log: Log | null, stated: Seen[] }} Judgement
 */

/** @type {Record<Fault, Kind>} */
const KINDS = {
  form: "changed", case: "changed", order: "missing", previous: "changed", state: "changed", entry: "changed", signature: "forged",
};

/**
 * @param {Told} told
 * @param {Known} known
 * @returns {Promise<Judgement>}
 */
export async function judge(told, known) {
  const directory = await Directory.judge(known.root, told.statements);
  const logged = told.events.map(({ body, entry }) => ({ body, entry: ENTRY.test(entry) ? fromHex(entry) : new Uint8Array() }));
  const { events, broken } = await readAsFar(logged, { ...known, directory });
  const findings = broken ? [{ kind: KINDS[broken.fault], seq: broken.seq }] : endOf(logged, known.head);
  const { log, wrong } = await logIn(told.log, known.root, directory);
  const places = await Promise.all(events.map((_, at) => placeOf(told.events[at].proof, logged[at].entry, log)));
  const steps = events.map((event, at) => stepOf(event, told.events[at], logged[at].entry, places[at]));
  const stated = places.flatMap((place) => place.stated ?? []);
  return {
    steps, shown: logged.length, log,
    stated: stated.sort((one, other) => Number(one.size - other.size)),
    findings: [
      ...findings, ...wrong, ...distinct([...places, ...staleIn(stated, log, known.today)]),
      ...(await unbinding(steps, directory)), ...splitIn(stated),
      ...(wrong.length > 0 ? [] : overdue(steps, places, known.today)),
    ],
  };
}

/**
 * Read the events up to the first that does not hold.
 *
 * @param {Logged[]} logged
 * @param {Known & { directory: Directory }} known
 * @returns {Promise<{ events: Event[], broken: Broken | null }>}
 */
async function readAsFar(logged, known) {
  let [held, broken] = [logged, /** @type {Broken | null} */ (null)];
  for (;;) {
    try {
      const events = await readHistory(held, known);
      // Who else lodged a complaint under this phrase has signed it with a key of his own.
      if (events.length > 0 && events[0].clear.sign !== hex(known.own)) return { events: [], broken: new Broken(1, "signature") };
      return { events, broken };
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      [held, broken] = [held.slice(0, error.seq - 1), error];
    }
  }
}

/**
 * What was cut off at the end shows only to who has seen a later end: this page has.
 *
 * @param {Logged[]} logged
 * @param {Known["head"]} head
 * @returns {Finding[]}
 */
function endOf(logged, { seq, entry }) {
  const last = logged.at(Number(seq) - 1);
  if (!last) return [{ kind: "missing", seq: logged.length + 1 }];
  return equal(last.entry, entry) ? [] : [{ kind: "changed", seq: Number(seq) }];
}

/**
 * Open the log, if it is this installation's. Before anything was published there is none, and nothing wrong with that.
 *
 * @param {Told["log"]} said
 * @param {Bytes} root
 * @param {Directory} directory
 * @returns {Promise<{ log: Log | null, wrong: Finding[] }>}
 */
export async function logIn(said, root, directory) {
  if (said.vkey === null) return { log: null, wrong: [] };
  try {
    return { log: await openLog(said, root, directory), wrong: [] };
  } catch (error) {
    if (error instanceof Unproved || error instanceof NotVouched) return { log: null, wrong: [{ kind: "log", seq: null }] };
    throw error;
  }
}

/** @typedef {{ place: bigint | null, stated?: Seen, wrong?: Kind }} Place */

/**
 * @param {string | null} proof
 * @param {Bytes} entry
 * @param {Log | null} log
 * @returns {Promise<Place>}
 */
async function placeOf(proof, entry, log) {
  if (proof === null || log === null) return { place: null };
  try {
    const { index, ...stated } = await log.prove(proof, entry);
    return { place: index, stated };
  } catch (error) {
    if (!(error instanceof Unproved)) throw error;
    if (error.part === "witnesses") return { ...(await placeOf(proof, entry, log.withoutWitnesses())), wrong: "witnesses" };
    return { place: null, wrong: error.part === "form" || error.part === "inclusion" ? "unproved" : "log" };
  }
}

/**
 * @param {Event} event
 * @param {ToldEvent} told
 * @param {Bytes} entry
 * @param {Place} place
 * @returns {Step}
 */
function stepOf(event, { body, proof, promise }, entry, { place }) {
  return { event, body, entry, place, proof: place === null ? null : proof, due: daysAfter(event.day, DAYS_TO_MERGE), promise };
}

/**
 * @param {Step[]} steps
 * @param {Directory} directory
 * @returns {Promise<Finding[]>} what was promised otherwise than it must be
 */
async function unbinding(steps, directory) {
  const kinds = await Promise.all(steps.map((step) => unboundBy(step, directory)));
  return kinds.flatMap((kind, at) => (kind ? [{ kind, seq: at + 1 }] : []));
}

/**
 * Reporters alone are promised anything, and what is in the log needs no promise any more.
 *
 * @param {Step} step
 * @param {Directory} directory
 * @returns {Promise<Kind | null>}
 */
async function unboundBy({ event: { actor, day }, entry, place, promise }, directory) {
  if (promise === null) return actor === REPORTER && place === null ? "unpromised" : null;
  return (await judgePromise(promise, { entry: hex(entry), day }, directory)) ? null : "promise";
}

/**
 * @param {Place[]} places of the events, in their order
 * @returns {Finding[]} what is wrong with them; what is wrong with the log is said once
 */
function distinct(places) {
  const wrong = places.flatMap(({ wrong: kind }, at) => (kind ? [{ kind, seq: kind === "unproved" ? at + 1 : null }] : []));
  return wrong.filter(({ kind, seq }, at) => wrong.findIndex((other) => other.kind === kind && other.seq === seq) === at);
}

/**
 * What the log has signed since may be withheld: witnesses sign anew each hour, also where nothing happened.
 *
 * @param {Seen[]} stated the newest last
 * @param {Log | null} log
 * @param {string} today
 * @returns {Place[]}
 */
function staleIn(stated, log, today) {
  const newest = stated.at(-1);
  return newest && log && !wasSeenLately(newest, log, today) ? [{ place: null, wrong: "witnesses" }] : [];
}

/**
 * @param {Seen} stated
 * @param {Log} log
 * @param {string} today
 * @returns {boolean} whether as many witnesses as the policy asks for have signed within two days
 */
export function wasSeenLately({ seen }, { policy }, today) {
  // One that has signed a day to come would have it look new until then.
  const [least, most] = [-DAYS_TO_MERGE, DAYS_TO_MERGE + 1].map((days) => BigInt(Date.parse(daysAfter(today, days)) / SECOND_MS));
  return [...seen.values()].filter((at) => least <= at && at < most).length >= policy.needed;
}

/**
 * @param {Seen[]} stated
 * @returns {Finding[]} whether two of them contradict one another
 */
function splitIn(stated) {
  const roots = new Map(stated.map(({ size, root }) => [size, root]));
  const split = stated.some(({ size, root }) => !equal(root, /** @type {Bytes} */ (roots.get(size))));
  return split ? [{ kind: "split", seq: null }] : [];
}

/**
 * What has a proof that does not hold is told of already; what has one that nothing could be held against has none.
 *
 * @param {Step[]} steps
 * @param {Place[]} places
 * @param {string} today
 * @returns {Finding[]} what was promised and not kept, and what could never come to be late
 */
function overdue(steps, places, today) {
  return steps.flatMap(({ event, due }, at) => {
    const { place, wrong } = places[at];
    if (place !== null || wrong) return [];
    /** @type {Kind | null} */
    const kind = due < today ? "late" : event.day > daysAfter(today, 1) ? "ahead" : null;
    return kind ? [{ kind, seq: at + 1 }] : [];
  });
}
