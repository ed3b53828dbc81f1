/**
 * Keys that somebody has announced to this lead: his browser keeps which statements he has said are right, and asks about
 * every other. A key that is new to it, and that nobody has told him of, may be that of a colleague who was bribed.
 */

import { ACTIVE, EPOCH, parse, ROOT } from "../directory/statements.js";
import { buttonTo, element, one, perhaps } from "../element.js";
import { _ } from "../i18n.js";
import { Malformed } from "../vault/bodies.js";
import { hex, utf8 } from "../vault/bytes.js";
import { sha256 } from "../vault/derive.js";
import { get } from "./post.js";
import { longDate } from "./words.js";

/** @import { Statement } from "../directory/statements.js" */
/** @import { Trust } from "./trust.js" */

/**
 * What `GET /petugas/orang/kunci` answers: statements, with where the public log has them in words; and the names that the
 * server has for officers, desks and roles.
 *
 * @typedef {{ statements: { body: string, place: string }[], names: Record<string, string>, desks: Record<string, string>, roles: Record<string, string> }} Told
 */

/**
 * A statement that this browser does not know: `said` is nothing where it is none, `counts` whether its issuer may say so
 * and has signed it.
 *
 * @typedef {{ body: string, place: string, digest: string, said: Statement | null, counts: boolean }} Strange
 */

const HASH = /^[0-9a-f]{64}$/;

/** @param {string} officer @returns {string} */
const itemOf = (officer) => `kentongan.announced.${officer}`;

/**
 * Keep that a statement is right: this officer says so, or has just signed it.
 *
 * @param {string} officer his id
 * @param {string} body
 */
export async function remember(officer, body) {
  keep(officer, [...known(officer), await digestOf(body)]);
}

/** @param {HTMLElement} section */
async function ask(section) {
  const { officer = "", keys = "" } = section.dataset;
  /** @type {Told} */
  const told = await get(keys);
  // Nothing of it is ever forgotten: a server that left a list out once could ask about all of them anew, one among many.
  const before = known(officer);
  const listed = await Promise.all(told.statements.map(async (each) => ({ ...each, digest: await digestOf(each.body) })));
  const strange = await judged(listed.filter(({ digest }) => !before.includes(digest)));
  const lines = strange.map((each) => lineOf(each, told, officer, () => confirm(each.digest)));
  one(section, "ul", HTMLElement).replaceChildren(...lines);
  one(section, "[data-first]", HTMLElement).hidden = before.length > 0;
  if (lines.length > 0) appear(section);

  /** @param {string} digest */
  function confirm(digest) {
    const at = strange.findIndex((each) => each.digest === digest);
    keep(officer, [...known(officer), digest]);
    lines[at].remove();
    section.hidden = one(section, "ul", HTMLElement).children.length === 0;
    if (!section.hidden) one(section, "ul button", HTMLElement).focus();
  }
}

/**
 * Anybody who writes to the server's tables may put a statement there in somebody's name.
 *
 * @param {{ body: string, place: string, digest: string }[]} unknown
 * @returns {Promise<Strange[]>} what counts first, however much else there is
 */
async function judged(unknown) {
  if (unknown.length === 0) return [];
  const { openDirectory } = await import("./trust.js");
  const trust = await openDirectory();
  const strange = unknown.map((each) => {
    const said = read(each.body);
    return { ...each, said, counts: said !== null && counts(said, each.body, trust) };
  });
  return strange.sort((one, other) => Number(other.counts) - Number(one.counts));
}

/**
 * @param {Statement} said
 * @param {string} body
 * @param {Trust} trust
 * @returns {boolean} whether it is the newest of its subject, and rightly issued
 */
function counts({ kind, subject, version }, body, { directory, statements }) {
  const rightly = [null, "revoked"].includes(directory.reason(kind, subject));
  return rightly && statements.includes(body) && directory.pins()[`${kind}/${subject}`] === String(version);
}

/**
 * @param {string} body
 * @returns {Statement | null}
 */
function read(body) {
  try {
    return parse(body);
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

/**
 * @param {Strange} strange
 * @param {Told} told
 * @param {string} officer who is asked
 * @param {() => void} confirm
 * @returns {HTMLElement}
 */
function lineOf({ said, place, counts }, { names, desks, roles }, officer, confirm) {
  if (said === null) return element("li", {}, element("b", {}, _("Di daftar kunci ada yang bukan pernyataan tentang kunci.")), " ", _("Beri tahu pengawas."));
  const { issuer, issued } = said;
  const by = issuer === ROOT ? _("para pemegang akar") : issuer === `officer:${officer}` ? _("Anda sendiri, di peramban lain") : nameIn(names, issuer.slice("officer:".length));
  const what = element("b", {}, said.kind === EPOCH ? keyOf(said, desks) : holderOf(said, names, desks, roles));
  const values = { day: longDate(issued), by };
  const when = counts
    ? _("{day}, ditandatangani {by}.", values)
    : _("{day}, atas nama {by}, tetapi tidak berlaku: penandatangannya tidak atau tidak lagi berhak, atau tanda tangannya palsu. Kuncinya tidak dipakai. Kalau tidak ada yang memberi tahu Anda, beri tahu pengawas: mungkin bukan dia yang menaruhnya di server.", values);
  const yes = element("div", { class: "buttons" }, buttonTo(_("Ya, saya diberi tahu"), "button button-quiet", confirm));
  return element("li", {}, what, ` ${when} `, element("span", { class: "quiet" }, `${place}. `), yes);
}

/**
 * @param {Statement} said
 * @param {Record<string, string>} desks
 * @returns {string}
 */
function keyOf({ subject, version, status }, desks) {
  const values = { desk: nameIn(desks, subject), epoch: String(version) };
  return status === ACTIVE ? _("Kunci baru {desk} (ke-{epoch}).", values) : _("Kunci {desk} dicabut.", values);
}

/**
 * @param {Statement} said
 * @param {Record<string, string>} names
 * @param {Record<string, string>} desks
 * @param {Record<string, string>} roles
 * @returns {string}
 */
function holderOf({ subject, status, remit, desk }, names, desks, roles) {
  const values = { name: nameIn(names, subject), role: nameIn(roles, String(remit)), desk: nameIn(desks, String(desk)) };
  return status === ACTIVE ? _("Kunci {name} sebagai {role}, {desk}.", values) : _("Kunci {name} dicabut ({role}, {desk}).", values);
}

/**
 * @param {Record<string, string>} names
 * @param {string} id
 * @returns {string} what has no name stands for itself
 */
function nameIn(names, id) {
  return Object.hasOwn(names, id) ? names[id] : id;
}

/**
 * @param {string} body
 * @returns {Promise<string>}
 */
async function digestOf(body) {
  return hex(await sha256(utf8(body)));
}

/**
 * @param {string} officer
 * @returns {string[]} the hashes of what he has said is right
 */
function known(officer) {
  return (localStorage.getItem(itemOf(officer)) ?? "").split(" ").filter((digest) => HASH.test(digest));
}

/**
 * @param {string} officer
 * @param {string[]} digests
 */
function keep(officer, digests) {
  localStorage.setItem(itemOf(officer), [...new Set(digests)].join(" "));
}

/**
 * Show a part that stands above the queue. Who has gone there by keyboard meanwhile still sees where he is: browsers hold a
 * page still for him only once it has been scrolled.
 *
 * @param {HTMLElement} part
 */
function appear(part) {
  const focused = document.activeElement ?? document.body;
  const seen = isWhole(focused);
  part.hidden = false;
  if (seen) focused.scrollIntoView({ block: "nearest" });
}

/**
 * @param {Element} element
 * @returns {boolean} whether the window shows it from its top to its bottom
 */
function isWhole(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}

const section = perhaps(document, "#new-keys", HTMLElement);
// A page without it is asked nothing. That nothing could be asked must not look like nothing to ask.
if (section) {
  ask(section).catch(() => {
    appear(one(document, "#keys-unasked", HTMLElement));
  });
}
