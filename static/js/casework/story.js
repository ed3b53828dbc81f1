/** The story of an opened case: its account, the thread, allegations with their findings, and the officers' notes. */

import { element, icon, one } from "../element.js";
import { _ } from "../i18n.js";
import { REPORTER } from "../ledger/body.js";
import { harmless, showText } from "../text.js";
import { answersIn, CASE_TEXTS } from "./opened.js";
import { lineOf, longDate, rowOf, wordsFor } from "./words.js";

/** @import { Event } from "../ledger/body.js" */
/** @import { Damage, Opened, OpenedCase } from "./opened.js" */

const ALLEGATION = "allegation";
const MESSAGE = "message";
const FINDING = "finding";
const OPEN = "open";
const DECISION = "decision";
const CLOSE = "close";
const FATES = [CLOSE, "send_back"];
const STATUS = /^allegation\.(.+)$/;
const HIDDEN_ANSWERS = ["ledger_key", "text"];
/** Characters; a longer account scrolls by itself, so that the rest of the case stays within reach. */
const LONG = 3000;
/** @type {Record<string, string>} what stands beside an allegation's status, where that is not the sign of something found */
const SIGNS = { [OPEN]: "wait", not_proven: "none" };

/** @typedef {{ id: string, number: number, opened: Opened, status: string }} Allegation numbered in the order of the plan */

/**
 * Fill the page's story.
 *
 * @param {OpenedCase} opened
 */
export function showStory(opened) {
  fill("account", accountParts(opened.account));
  fill("thread", threadParts(opened));
  fill("allegations", allegationsOf(opened).map((allegation) => allegationPart(allegation, opened)));
  fill("notes", opened.texts.filter(isNote).map(notePart));
  one(document, "#story", HTMLElement).hidden = false;
}

/**
 * @param {OpenedCase} opened
 * @returns {Allegation[]} with the status the signed events give them
 */
export function allegationsOf({ texts, events }) {
  const statuses = new Map(events.flatMap(({ clear }) => statusesIn(clear)));
  const found = texts.filter(({ kind }) => kind === ALLEGATION);
  return found.map((opened, at) => ({ id: opened.id, number: at + 1, opened, status: statuses.get(opened.id) ?? OPEN }));
}

/**
 * What the second officer reads before he closes: how the case is to end, why, and what the reporter will be told.
 *
 * @param {OpenedCase} opened
 * @returns {HTMLElement[]}
 */
export function proposalParts({ events, texts }) {
  const proposed = events.filter(({ clear }) => "outcome" in clear).at(-1);
  if (!proposed) return [];
  const carried = texts.filter(({ event }) => event === proposed);
  const outcome = element("p", { class: "outcome" }, _("Hasil"), ": ", element("b", {}, wordsFor("outcome", proposed.clear.outcome)));
  return [outcome, ...carried.map((text) => headed("h3", titleOf(text.kind, proposed), written(text)))];
}

/**
 * Show what a section has; one that has nothing is not there.
 *
 * @param {string} id
 * @param {HTMLElement[]} parts
 */
function fill(id, parts) {
  const section = one(document, `#${id}`, HTMLElement);
  one(section, "[data-fill]", HTMLElement).replaceChildren(...parts);
  section.hidden = parts.length === 0;
}

/**
 * @param {Opened} account
 * @returns {HTMLElement[]}
 */
function accountParts(account) {
  if (account.damage) return [damaged(account)];
  const answers = answersIn(account.text);
  const told = element("div", { class: "told" });
  showText(told, answers.text ?? "");
  if ((answers.text ?? "").length > LONG) letScroll(told);
  const rows = answerRows(Object.entries(answers).filter(([name]) => !HIDDEN_ANSWERS.includes(name)));
  return rows.length > 0 ? [told, element("dl", { class: "answers" }, ...rows)] : [told];
}

/**
 * @param {HTMLElement} told
 */
function letScroll(told) {
  told.classList.add("told-long");
  told.tabIndex = 0;
  told.setAttribute("role", "group");
  told.setAttribute("aria-labelledby", "account-title");
}

/**
 * @param {[string, string][]} answers
 * @returns {HTMLElement[]} in the order of the form; what nobody asked stands last
 */
function answerRows(answers) {
  const asked = new Map(questions().map((question) => [String(question.dataset.answer), question]));
  const places = new Map([...asked.keys()].map((name, at) => [name, at]));
  /** @param {string} name */
  const placeOf = (name) => places.get(name) ?? Infinity;
  const sorted = answers.sort(([one], [other]) => placeOf(one) - placeOf(other) || 0);
  return sorted.map(([name, answer]) => answerRow(name, answer, asked.get(name)));
}

/** @returns {HTMLElement[]} the questions in the form's order, with the words of their answers */
function questions() {
  const { content } = one(document, "template#answers", HTMLTemplateElement);
  return [...content.querySelectorAll("[data-answer]")].filter((each) => each instanceof HTMLElement);
}

/**
 * @param {string} name
 * @param {string} value
 * @param {HTMLElement} [question]
 * @returns {HTMLElement}
 */
function answerRow(name, value, question) {
  const choices = new Map([...(question?.querySelectorAll("data") ?? [])].map((choice) => [choice.value, choice.textContent]));
  const parts = choices.size > 0 ? value.split("+") : [value];
  const [term, answer] = [element("dt", {}), element("dd", {})];
  showText(term, question?.querySelector("dt")?.textContent ?? name);
  showText(answer, parts.map((part) => choices.get(part) ?? part).join(", "));
  return element("div", {}, term, answer);
}

/**
 * @param {OpenedCase} opened
 * @returns {HTMLElement[]}
 */
function threadParts(opened) {
  const messages = [...opened.texts.filter(({ kind }) => !CASE_TEXTS.includes(kind)), ...wordless(opened)];
  if (messages.length === 0) return [];
  // What no event carries stands last, as it does among all texts.
  const inTurn = messages.sort((one, other) => Number(one.event?.seq ?? Infinity) - Number(other.event?.seq ?? Infinity) || 0);
  return [element("ol", { class: "thread", role: "list" }, ...inTurn.map((message) => messagePart(message, opened)))];
}

/**
 * @param {OpenedCase} opened
 * @returns {Opened[]} a message for every event by which the reporter sent files and no words
 */
function wordless({ texts, evidence }) {
  const spoken = texts.map(({ event }) => event);
  const silent = new Set(evidence.map(({ event }) => event).filter(({ actor }) => actor === REPORTER));
  return [...silent].filter((event) => !spoken.includes(event)).map((event) => ({ kind: MESSAGE, id: "", event, text: "", damage: null }));
}

/**
 * @param {Opened} message
 * @param {OpenedCase} opened
 * @returns {HTMLElement}
 */
function messagePart(message, { events, evidence }) {
  const own = message.event?.actor === REPORTER ? "" : " message-own";
  const kind = element("span", { class: "kind" }, kindOf(message, events));
  const who = element("b", {}, message.event ? lineOf(message.event.seq).who : _("Tidak diketahui"));
  const words = message.text === "" ? [] : [written(message)];
  return element("li", { class: `message${own}` }, element("header", {}, who, kind, ...dayOf(message)), ...words, ...filesOf(message, evidence));
}

/**
 * @param {Opened} message
 * @param {OpenedCase["evidence"]} evidence
 * @returns {HTMLElement[]} where the files are that came with it
 */
function filesOf({ event }, evidence) {
  const links = evidence.filter((each) => each.event === event).map(({ number, manifest }) => {
    const name = manifest ? ` ${harmless(manifest.name)}` : "";
    return element("a", { href: `#${rowOf(number)}`, translate: "no", dir: "auto" }, `${number}${name}`);
  });
  return links.length > 0 ? [element("p", { class: "brought" }, ...links)] : [];
}

/**
 * Say what a message is. A decision is the reporter's to read only once a second officer has closed the case with it.
 *
 * @param {Opened} message
 * @param {Event[]} events
 * @returns {string}
 */
function kindOf({ kind, event }, events) {
  if (kind !== DECISION || !event || !("outcome" in event.clear)) return wordsFor("text", kind);
  const fates = events.filter(({ seq, action, clear }) => seq > event.seq && (FATES.includes(action) || "outcome" in clear));
  if (fates[0]?.action === CLOSE) return wordsFor("text", kind);
  return fates[0] ? _("Keputusan yang dikembalikan: tidak dibaca pelapor") : _("Keputusan yang diusulkan: belum dibaca pelapor");
}

/**
 * @param {Allegation} allegation
 * @param {OpenedCase} opened
 * @returns {HTMLElement}
 */
function allegationPart(allegation, opened) {
  const { id, number, status } = allegation;
  const findings = opened.texts.filter(({ kind, event }) => kind === FINDING && event && `allegation.${id}` in event.clear);
  const flag = element("span", { class: "flag" }, icon(SIGNS[status] ?? "ok"), " ", wordsFor("status", status));
  const head = element("header", {}, element("h3", {}, `${wordsFor("text", ALLEGATION)} ${number}`), flag);
  const bases = findings.map((finding) => headed("h4", headingOf(finding), written(finding), ...dayOf(finding)));
  return element("article", { class: "allegation" }, head, written(allegation.opened), ...bases);
}

/**
 * @param {Opened} finding
 * @returns {string}
 */
function headingOf(finding) {
  const who = finding.event ? lineOf(finding.event.seq).who : "";
  const statuses = statusesIn(finding.event?.clear ?? {}).map(([, status]) => wordsFor("status", status));
  return [`${wordsFor("text", FINDING)}: ${statuses.join(", ")}`, who].join(" · ");
}

/**
 * @param {Opened} text
 * @returns {boolean} whether it stands among the notes; allegations and their findings have a place of their own
 */
function isNote({ kind, event }) {
  const placed = kind === ALLEGATION || (kind === FINDING && event !== null);
  return CASE_TEXTS.includes(kind) && !placed;
}

/**
 * @param {Opened} note
 * @returns {HTMLElement}
 */
function notePart(note) {
  const { deed, who } = note.event ? lineOf(note.event.seq) : { deed: "", who: "" };
  const about = [who, deed].filter(Boolean).join(" · ");
  const head = element("header", {}, element("h3", {}, wordsFor("text", note.kind)), element("span", {}, about), ...dayOf(note));
  return element("article", { class: "note" }, head, written(note));
}

/**
 * @param {"h3" | "h4"} level
 * @param {string} heading
 * @param {...HTMLElement} parts
 * @returns {HTMLElement}
 */
function headed(level, heading, ...parts) {
  return element("section", { class: "headed" }, element(level, {}, heading), ...parts);
}

/**
 * @param {string} kind
 * @param {Event} event
 * @returns {string}
 */
function titleOf(kind, { seq }) {
  const { who } = lineOf(seq);
  const titles = { reason: _("Alasan untuk petugas"), decision: _("Keputusan yang akan dibaca pelapor") };
  const title = Object.hasOwn(titles, kind) ? titles[/** @type {"reason"} */ (kind)] : wordsFor("text", kind);
  return `${title} · ${who}`;
}

/**
 * @param {Opened} text
 * @returns {HTMLElement[]}
 */
function dayOf({ event }) {
  return event ? [element("time", { datetime: event.day }, longDate(event.day))] : [];
}

/**
 * @param {Opened} text
 * @returns {HTMLElement} what it says, or why that is not shown
 */
function written(text) {
  if (text.text === null) return damaged(text);
  const shown = element("p", {});
  showText(shown, text.text);
  return shown;
}

/**
 * @param {Opened} text
 * @returns {HTMLElement}
 */
function damaged({ kind, damage }) {
  const name = wordsFor("text", kind);
  const sentence = SENTENCES[damage ?? "unreadable"]();
  return element("p", { class: "damaged" }, icon("danger"), " ", element("b", {}, name), ` ${sentence}`);
}

/** @type {Record<Damage, () => string>} */
const SENTENCES = {
  missing: () => _("tidak diserahkan server, padahal tercatat dalam riwayat."),
  unreadable: () => _("tidak dapat dibuka: isinya rusak, atau kuncinya tidak ada pada Anda."),
  unlogged: () => _("tidak ditampilkan: tidak ada peristiwa bertanda tangan yang membawanya."),
};

/**
 * @param {Record<string, string>} clear
 * @returns {[string, string][]} allegations with the status an event gives them
 */
function statusesIn(clear) {
  return Object.entries(clear).flatMap(([name, value]) => {
    const match = STATUS.exec(name);
    return match ? [/** @type {[string, string]} */ ([match[1], value])] : [];
  });
}
