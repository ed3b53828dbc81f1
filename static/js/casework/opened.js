/**
 * A case as an officer has opened it: what the server handed over, opened here and held against the signed history.
 *
 * Nothing counts because the server says so. A key is used and a text is shown only where an event that holds carries
 * its very ciphertext; whatever does not open or is not there is named, one by one.
 */

import { NotVouched } from "../directory/directory.js";
import { objectRef, readEvent } from "../ledger/body.js";
import { Broken, eventThatCarries, readHistory } from "../ledger/history.js";
import { Malformed } from "../vault/bodies.js";
import { unbox } from "../vault/box.js";
import { fromBase64, fromHex, fromUtf8, hex } from "../vault/bytes.js";
import { context } from "../vault/context.js";
import { Unreadable } from "../vault/errors.js";
import { unpad } from "../vault/padding.js";
import { Identity, unseal } from "../vault/seal.js";
import { FILE, openBrought } from "./brought.js";
import { openDeskKey } from "./desk-keys.js";
import { wasResealed } from "./resealed.js";

/** @import { Directory } from "../directory/directory.js" */
/** @import { Event, ObjectRef } from "../ledger/body.js" */
/** @import { Fault as EventFault } from "../ledger/history.js" */
/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Copy as DeskCopy } from "./desk-keys.js" */
/** @import { Brought, ToldFile } from "./brought.js" */
/** @import { Keyring } from "./keyring.js" */

/** @typedef {"thread" | "case"} KeyKind the reporter holds the thread's key too; the case's is the officers' own */
/**
 * A key sealed to one recipient, base64 in `sealed`; `brought` is the signed body with which a lead sealed it anew.
 *
 * @typedef {{ kind: KeyKind, epoch: number, recipient: string, sealed: string, brought?: string | null }} KeyCopy
 */
/** @typedef {{ id: string, kind: string, epoch: number, box: string }} Boxed base64 in `box` */

/**
 * What `POST /petugas/perkara/<number>/buka` answers; hashes in hex, ciphertexts in base64.
 *
 * @typedef {object} Told
 * @property {string} case
 * @property {number} version
 * @property {string} state
 * @property {string} head
 * @property {string} access
 * @property {string} today
 * @property {string} reporterKem
 * @property {KeyCopy[]} keys
 * @property {DeskCopy[]} deskKeys
 * @property {{ epoch: number, box: string }} account
 * @property {Boxed[]} messages
 * @property {Boxed[]} notes
 * @property {ToldFile[]} [files] what was brought as evidence, and what this officer has begun to send
 * @property {{ body: string, entry: string }[]} events
 */

/**
 * What is wrong with the history: an event's own fault (`Broken`), that its end is not where the server says (`end`),
 * that it is not the one this page has shown before (`rewritten`), or that without the account, which holds K, it cannot
 * be checked at all (`account`).
 *
 * @typedef {{ seq: number, fault: EventFault | "end" | "rewritten" | "account" }} Flaw
 */

/** Why a text is not shown: it is not there, it does not open, or no event that holds carries it. */
/** @typedef {"missing" | "unreadable" | "unlogged"} Damage */

/**
 * One text of the case; `event` is the one that carries it, `text` is nothing where there is `damage`.
 *
 * @typedef {{ kind: string, id: string, event: Event | null, text: string | null, damage: Damage | null }} Opened
 */

/** What else than texts an event carries. */
const NO_TEXTS = ["thread-key", "case-key", FILE];
export const CASE_TEXTS = ["declaration", "plan", "allegation", "finding", "reason", "note"];
const LEDGER_KEY = /^[0-9a-f]{64}$/;

/**
 * @param {string} kind of a text
 * @returns {KeyKind} the key it is boxed under
 */
export function keyKindOf(kind) {
  return CASE_TEXTS.includes(kind) ? "case" : "thread";
}

/** A case, opened. Made by `OpenedCase.from`. */
export class OpenedCase {
  /**
   * @param {Told} told
   * @param {Event[]} events those that hold
   * @param {Flaw | null} flaw the first thing wrong with the history; then nothing may be signed on it
   * @param {Map<string, Bytes>} keys by `<kind>/<epoch>`
   * @param {Opened} account its text is JSON
   * @param {Opened[]} texts all the others, in the order of their events
   * @param {boolean} spoilt whether a key that was sealed anew is not the one it was before
   * @param {Brought[]} evidence in the order in which it is numbered
   */
  constructor(told, events, flaw, keys, account, texts, spoilt, evidence) {
    this.told = told;
    this.events = events;
    this.flaw = flaw;
    this.keys = keys;
    this.account = account;
    this.texts = texts;
    this.spoilt = spoilt;
    this.evidence = evidence;
  }

  /**
   * Open what the server told.
   *
   * @param {Told} told
   * @param {Keyring} keyring
   * @param {Directory} directory
   * @param {Told["events"]} [before] what this page has shown of the case before
   * @returns {Promise<OpenedCase>}
   */
  static async from(told, keyring, directory, before = []) {
    const candidates = await openKeys(told, keyring);
    const account = { kind: "account", id: told.case, ...told.account };
    const ledgerKey = ledgerKeyIn(await openAccount(account, told, candidates));
    const history = await historyOf(told, ledgerKey, directory);
    const flaw = history.flaw ?? flawAtEnd(told, history.events) ?? flawSince(told, before);
    const right = await rightlyBrought(candidates, history.events, directory);
    const keys = keysIn(right);
    const opener = new Opener(told, history.events, keys);
    const [first, ...rest] = await Promise.all([account, ...told.messages, ...told.notes].map((each) => opener.open(each)));
    const texts = inOrder([...rest, ...opener.missing()]);
    const evidence = await openBrought(told, history.events, keys);
    return new OpenedCase(told, history.events, flaw, keys, first, texts, disagree(right), evidence);
  }

  /** The event with which the reporter lodged; it names his keys, the desk and who is excluded. */
  get lodging() {
    return this.events[0];
  }

  /**
   * @param {KeyKind} kind
   * @returns {number} the newest epoch that an event carries a key of; 0 before the first
   */
  newestEpoch(kind) {
    const refs = this.events.flatMap(({ objects }) => objects).filter((ref) => ref.kind === `${kind}-key`);
    return Math.max(0, ...refs.map(({ id }) => parseInt(id, 10)));
  }
}

/** Opens texts, and remembers which were there. */
class Opener {
  /**
   * @param {Told} told
   * @param {Event[]} events
   * @param {Map<string, Bytes>} keys
   */
  constructor(told, events, keys) {
    this.told = told;
    this.events = events;
    this.keys = keys;
    /** @type {Set<string>} */
    this.seen = new Set();
  }

  /**
   * @param {Boxed} boxed
   * @returns {Promise<Opened>}
   */
  async open(boxed) {
    const { kind, id } = boxed;
    this.seen.add(`${kind}/${id}`);
    const event = await this.#carrying(boxed);
    if (!event) return { kind, id, event: this.#naming(kind, id), text: null, damage: "unlogged" };
    const text = await openText(boxed, this.told, this.keys).catch(ignoreUnreadable);
    return { kind, id, event, text, damage: text === null ? "unreadable" : null };
  }

  /**
   * @param {Boxed} boxed
   * @returns {Promise<Event | null>}
   */
  async #carrying({ kind, id, box }) {
    try {
      return eventThatCarries(this.events, await objectRef(kind, id, bytesOf(box))) ?? null;
    } catch (error) {
      return ignoreUnreadable(error);
    }
  }

  /** @returns {Opened[]} what events carried and the server did not hand over */
  missing() {
    return this.events.flatMap((event) => {
      const texts = event.objects.filter(({ kind, id }) => !NO_TEXTS.includes(kind) && !this.seen.has(`${kind}/${id}`));
      return texts.map(({ kind, id }) => /** @type {Opened} */ ({ kind, id, event, text: null, damage: "missing" }));
    });
  }

  /**
   * @param {string} kind
   * @param {string} id
   * @returns {Event | null} the event that carried another ciphertext by this name
   */
  #naming(kind, id) {
    return this.events.find(({ objects }) => objects.some((ref) => ref.kind === kind && ref.id === id)) ?? null;
  }
}

/**
 * A copy of a key, opened if it opens, and what an event must carry, unless a lead has signed for it; where he has called
 * the one before damaged, the copy is empty, and so is the digest.
 *
 * @typedef {{ name: string, key: Bytes | null, ref: ObjectRef, brought: string | null }} Candidate
 */

/**
 * @param {Told} told
 * @param {Keyring} keyring
 * @returns {Promise<Candidate[]>} every copy that is sealed to a key this officer has
 */
async function openKeys(told, keyring) {
  /** @type {Map<string, Promise<Identity>>} */
  const identities = new Map([[`officer:${keyring.officer}`, Promise.resolve(keyring.identity)]]);
  for (const { recipient } of told.keys) {
    if (!identities.has(recipient)) identities.set(recipient, deskIdentity(told, keyring, recipient));
  }
  const opened = told.keys.map((copy) => openCopy(told, copy, identities).catch(ignoreUnreadable));
  return (await Promise.all(opened)).filter((candidate) => candidate !== null);
}

/**
 * @param {Told} told
 * @param {Keyring} keyring
 * @param {string} recipient `desk:<id>:<epoch>`
 * @returns {Promise<Identity>}
 */
async function deskIdentity(told, keyring, recipient) {
  const [, desk, epoch] = recipient.split(":");
  return Identity.fromSeed(await openDeskKey(keyring, told.deskKeys, desk, Number(epoch)));
}

/**
 * @param {Told} told
 * @param {KeyCopy} copy
 * @param {Map<string, Promise<Identity>>} identities
 * @returns {Promise<Candidate>}
 */
async function openCopy(told, { kind, epoch, recipient, sealed, brought = null }, identities) {
  const place = context(`${kind}-key`, { complaint: told.case, epoch, recipient });
  const identity = await /** @type {Promise<Identity>} */ (identities.get(recipient));
  const key = await unseal(bytesOf(sealed), identity, place).catch(ignoreUnreadable);
  const ref = await objectRef(`${kind}-key`, `${epoch}.${recipient}`, bytesOf(sealed));
  return { name: `${kind}/${epoch}`, key, ref: sealed === "" ? { ...ref, digest: "" } : ref, brought };
}

/**
 * @param {Candidate[]} candidates
 * @param {Event[]} events that hold
 * @param {Directory} directory
 * @returns {Promise<Candidate[]>} those that were rightly sealed anew, then those that an event carries
 */
async function rightlyBrought(candidates, events, directory) {
  const carried = candidates.filter(({ ref }) => eventThatCarries(events, ref));
  const others = candidates.filter((candidate) => !carried.includes(candidate));
  const right = await Promise.all(others.map(({ ref, brought }) => wasResealed(events, ref, brought, directory)));
  return [...others.filter((_candidate, at) => right[at]), ...carried];
}

/**
 * @param {Candidate[]} candidates
 * @returns {Map<string, Bytes>} of several copies of one key the last that opens
 */
function keysIn(candidates) {
  return new Map(candidates.flatMap(({ name, key }) => (key ? [/** @type {[string, Bytes]} */ ([name, key])] : [])));
}

/**
 * @param {Candidate[]} right
 * @returns {boolean} whether copies of one key hold different keys, or one opens and another does not
 */
function disagree(right) {
  const one = new Map(right.map(({ name, key }) => [name, key && hex(key)]));
  return right.some(({ name, key }) => (key && hex(key)) !== one.get(name));
}

/**
 * @param {Boxed} boxed
 * @param {Told} told
 * @param {Map<string, Bytes>} keys
 * @returns {Promise<string>}
 * @throws {Unreadable}
 */
async function openText({ kind, id, epoch, box }, told, keys) {
  const key = keys.get(`${keyKindOf(kind)}/${epoch}`);
  if (!key) throw new Unreadable();
  const place = context(kind, { complaint: told.case, object: id, epoch });
  const text = unpad(await unbox(bytesOf(box), key, place));
  try {
    return fromUtf8(text);
  } catch {
    throw new Unreadable();
  }
}

/**
 * Open the account before the history can tell which key is the true one: of several only that one opens it.
 *
 * @param {Boxed} account
 * @param {Told} told
 * @param {Candidate[]} candidates
 * @returns {Promise<string | null>}
 */
async function openAccount(account, told, candidates) {
  for (const candidate of candidates) {
    const text = await openText(account, told, keysIn([candidate])).catch(ignoreUnreadable);
    if (text !== null) return text;
  }
  return null;
}

/**
 * @param {string | null} account its JSON
 * @returns {Bytes | null} K, as the reporter's browser wrote it into the account
 */
function ledgerKeyIn(account) {
  const { ledger_key: key } = answersIn(account);
  return LEDGER_KEY.test(key ?? "") ? fromHex(key) : null;
}

/**
 * Read an account, as far as it is one: whoever lodged it may have written anything. What is no text, number, yes or no
 * is no answer; it may not even be possible to write it.
 *
 * @param {string | null} account
 * @returns {Record<string, string>}
 */
export function answersIn(account) {
  try {
    const written = Object.entries(JSON.parse(account ?? "{}"));
    const answers = written.filter(([, answer]) => typeof answer !== "object");
    return Object.fromEntries(answers.map(([name, answer]) => [name, String(answer)]));
  } catch {
    return {};
  }
}

/**
 * @param {Told} told
 * @param {Bytes | null} ledgerKey
 * @param {Directory} directory
 * @returns {Promise<{ events: Event[], flaw: Flaw | null }>} the events up to the first that does not hold
 */
async function historyOf(told, ledgerKey, directory) {
  const logged = told.events.map(({ body, entry }) => ({ body, entry: fromHex(entry) }));
  if (ledgerKey === null) return { events: readable(told), flaw: { seq: 1, fault: "account" } };
  const known = { complaint: told.case, ledgerKey, directory };
  try {
    return { events: await readHistory(logged, known), flaw: null };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    const { seq, fault } = error;
    return { events: await readHistory(logged.slice(0, seq - 1), known), flaw: { seq, fault } };
  }
}

/**
 * @param {Told} told
 * @returns {Event[]} what the server says happened, unchecked: without K more cannot be said, and it is said loudly
 */
function readable(told) {
  return told.events.flatMap(({ body }) => {
    try {
      return [readEvent(body)];
    } catch (error) {
      if (error instanceof Malformed) return [];
      throw error;
    }
  });
}

/**
 * @param {Told} told
 * @param {Event[]} events
 * @returns {Flaw | null}
 */
function flawAtEnd({ version, state, head, events: sent }, events) {
  const ends = events.at(-1)?.toState === state && events.length === version && sent.at(-1)?.entry === head;
  return ends ? null : { seq: events.length, fault: "end" };
}

/**
 * @param {Told} told
 * @param {Told["events"]} before
 * @returns {Flaw | null}
 */
function flawSince({ events }, before) {
  const at = before.findIndex(({ entry }, seq) => events[seq]?.entry !== entry);
  return at === -1 ? null : { seq: at + 1, fault: "rewritten" };
}

/**
 * @param {Opened[]} texts
 * @returns {Opened[]} as they came; what no event names stands last
 */
function inOrder(texts) {
  /** @param {Opened} text */
  const rank = ({ event, kind, id }) => {
    if (!event) return [Infinity, 0];
    return [Number(event.seq), event.objects.findIndex((ref) => ref.kind === kind && ref.id === id)];
  };
  return texts.sort((one, other) => {
    const [[seq, place], [otherSeq, otherPlace]] = [rank(one), rank(other)];
    return seq === otherSeq ? place - otherPlace : seq < otherSeq ? -1 : 1;
  });
}

/**
 * @param {string} text base64
 * @returns {Bytes}
 * @throws {Unreadable}
 */
function bytesOf(text) {
  try {
    return fromBase64(text);
  } catch {
    throw new Unreadable();
  }
}

/**
 * @param {unknown} error
 * @returns {null}
 */
function ignoreUnreadable(error) {
  // Of a desk's key there may be no copy: then it is not vouched for.
  if (error instanceof Unreadable || error instanceof NotVouched) return null;
  throw error;
}
