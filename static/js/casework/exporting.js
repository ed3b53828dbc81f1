/** Evidence handed on: once the act is on record, one archive with the files, their hashes and who has had them in hands. */

import { buttonTo, element, notice, one } from "../element.js";
import { _ } from "../i18n.js";
import { REPORTER } from "../ledger/body.js";
import { save } from "../saving.js";
import { sized } from "../size.js";
import { harmless } from "../text.js";
import { hex, utf8 } from "../vault/bytes.js";
import { sha256 } from "../vault/derive.js";
import { fileName } from "./naming.js";
import { cleaningOf, openingsOf, typeInWords } from "./register.js";
import { announce, forget, sentenceOf } from "./saying.js";
import { digestOf, isReadable, openEvidence } from "./unsealing.js";
import { lineOf, longDate } from "./words.js";

/** @import { Event } from "../ledger/body.js" */
/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Draft } from "./composing.js" */
/** @import { OpenedCase } from "./opened.js" */
/** @import { Problem } from "./problems.js" */
/** @import { Register } from "./register.js" */
/** @import { ShownCase } from "./shown.js" */
/** @import { Readable } from "./unsealing.js" */

const HANDS_ON = ["export", "transfer"];
const SUMS = "SHA256SUMS";

export class Exporting {
  #shown;
  #register;

  /**
   * @param {ShownCase} shown
   * @param {Register} register
   */
  constructor(shown, register) {
    this.#shown = shown;
    this.#register = register;
  }

  /**
   * @param {HTMLFormElement} form
   * @param {Draft} draft
   * @returns {Problem[]}
   */
  problemsIn(form, { action, clear }) {
    if (!HANDS_ON.includes(action)) return [];
    const chosen = this.#chosen(clear.files);
    const field = `${action}-files-0`;
    const [damaged] = chosen.filter((evidence) => !isReadable(evidence));
    if (damaged) return [{ field, sentence: _("{number} tidak dapat dibuka, jadi tidak bisa diserahkan.", { number: damaged.number }) }];
    const size = chosen.reduce((sum, { manifest }) => sum + (manifest?.size ?? 0), 0);
    const room = Number(one(form, "[data-largest]", HTMLElement).dataset.largest);
    return size > room ? [{ field, sentence: _("Terlalu besar untuk satu arsip: pilih paling banyak {room} sekali ekspor.", { room: sized(room) }) }] : [];
  }

  /**
   * Make the archive of an act that is on record, and hand it over.
   *
   * @param {Draft} draft
   */
  async hand({ action, clear }) {
    if (!HANDS_ON.includes(action)) return;
    const same = this.#shown.opened?.events.filter((each) => each.action === action && each.clear.files === clear.files);
    const event = same?.at(-1);
    if (event) await this.#make(event);
  }

  /** @param {Event} event */
  async #make(event) {
    const place = one(document, "#handing", HTMLElement);
    const bar = element("progress", { max: "1", "aria-label": _("Arsip bukti") });
    place.replaceChildren(notice("info", _("Arsip sedang disiapkan"), bar));
    try {
      await this.#archive(event, bar);
      place.replaceChildren(notice("ok", _("Arsip sudah diserahkan ke peramban"), element("p", {}, _("Di dalamnya ada berkasnya, SHA256SUMS, dan riwayat setiap bukti. Simpan di tempat yang aman: di luar sini tidak ada segel."))));
    } catch (error) {
      this.#offerAgain(place, event, sentenceOf(error));
      await this.#register.recountIfReached();
    }
  }

  /**
   * Offer to make it again where the evidence is, and say so where it was said that the act is on record: far from there.
   *
   * @param {HTMLElement} place
   * @param {Event} event
   * @param {string} why
   */
  #offerAgain(place, event, why) {
    const again = buttonTo(_("Coba unduh lagi"), "button button-quiet", () => {
      forget();
      this.#make(event);
    });
    place.replaceChildren(notice("danger", _("Arsip belum jadi"), element("p", {}, why), element("p", {}, again)));
    const there = element("a", { href: `#${place.id}` }, _("Unduh lagi di bagian Bukti"));
    announce("danger", _("Arsip belum jadi"), _("Tindakan Anda tercatat."), " ", there);
  }

  /**
   * @param {Event} event
   * @param {HTMLProgressElement} bar
   */
  async #archive(event, bar) {
    const chosen = this.#chosen(event.clear.files).filter(isReadable);
    const { page } = this.#shown;
    const archive = await Archive.begin();
    for (const [at, evidence] of chosen.entries()) {
      const share = (/** @type {number} */ part) => (bar.value = (at + part) / chosen.length);
      await archive.add(fileName(evidence), await openEvidence(evidence, String(page.dataset.evidence), event.action, share));
    }
    // With this archive's own openings; and once it is handed over there is nothing left to wait for.
    await this.#register.recount();
    const opened = /** @type {OpenedCase} */ (this.#shown.opened);
    await archive.add(_("RIWAYAT-BUKTI.txt"), utf8(custody(opened, event, chosen, String(page.dataset.number))));
    save(archive.end(), `bukti-${page.dataset.number}.zip`);
  }

  /** @param {string} [files] their ids */
  #chosen(files = "") {
    const ids = files.split("+");
    return this.#shown.opened?.evidence.filter(({ id }) => ids.includes(id)) ?? [];
  }
}

/** A ZIP that is not compressed, written part by part; the browser may keep its parts wherever it keeps what is large. */
class Archive {
  /** @type {Blob[]} */
  #parts = [];
  #sums = "";

  /** @param {typeof import("../../vendor/zip.js")} library */
  constructor({ Zip, ZipPassThrough }) {
    this.zip = new Zip((error, part) => {
      if (error) throw error;
      this.#parts.push(new Blob([new Uint8Array(part)]));
    });
    this.Entry = ZipPassThrough;
  }

  static async begin() {
    return new Archive(await import("../../vendor/zip.js"));
  }

  /**
   * @param {string} name of plain letters, which `sha256sum` takes as they are
   * @param {Bytes} bytes
   */
  async add(name, bytes) {
    this.#sums += `${hex(await sha256(bytes))}  ${name}\n`;
    this.#write(name, bytes);
  }

  /** @returns {Blob[]} */
  end() {
    this.#write(SUMS, utf8(this.#sums));
    this.zip.end();
    return this.#parts;
  }

  /**
   * @param {string} name
   * @param {Bytes} bytes
   */
  #write(name, bytes) {
    const entry = new this.Entry(name);
    this.zip.add(entry);
    entry.push(bytes, true);
  }
}

/**
 * Write down what each piece is and who has had it in hands, as this officer's browser knows it.
 *
 * @param {OpenedCase} opened
 * @param {Event} event that hands it on
 * @param {Readable[]} chosen
 * @param {string} number of the case
 * @returns {string}
 */
function custody(opened, event, chosen, number) {
  const { deed, who } = lineOf(event.seq);
  const head = [
    _("RIWAYAT BUKTI"), "", _("Perkara: {number}", { number }), `${deed}: ${who}, ${longDate(event.day)} (${placeIn(event)})`,
    ...reasonOf(opened, event), "", _("Sidik SHA-256 setiap berkas ada di SHA256SUMS; periksa dengan: sha256sum -c SHA256SUMS"),
  ];
  return `${[...head, ...chosen.flatMap((evidence) => ["", ...aboutOne(opened, evidence)])].join("\n")}\n`;
}

/**
 * @param {OpenedCase} opened
 * @param {Readable} evidence
 * @returns {string[]}
 */
function aboutOne(opened, evidence) {
  const { number, manifest, event, id } = evidence;
  const { description, source, obtained_by: by, obtained_on: on, how } = manifest;
  const told = [
    [_("Nama asli"), manifest.name], [_("Nama di arsip ini"), fileName(evidence)], [_("Uraian"), description],
    [_("Asal"), event.actor === REPORTER ? _("Dari pelapor") : undefined],
    [_("Pembersihan"), cleaningOf(event, manifest)], [_("Sumber"), source], [_("Diperoleh oleh"), by],
    [_("Tanggal"), on && longDate(on)], [_("Cara"), how], [_("Jenis"), typeInWords(manifest)], [_("Ukuran"), `${manifest.size} byte`],
    [_("SHA-256 isi"), manifest.sha256], [_("SHA-256 bentuk tersegel"), digestOf(evidence)],
  ];
  const lines = told.flatMap(([label, text]) => (text ? [`  ${label}: ${indented(text)}`] : []));
  const handed = opened.events.filter(({ action, clear }) => HANDS_ON.includes(action) && clear.files?.split("+").includes(id));
  const trace = [event, ...handed].flatMap((each) => [`  - ${deedOf(each)}`, ...reasonOf(opened, each).map((line) => `    ${line}`)]);
  // The page has the newest on top.
  const openings = openingsOf(id).reverse().flatMap(openingIn);
  const opening = openings.length > 0 ? [heading(_("Dibuka oleh petugas:")), ...openings] : [];
  return [number, ...lines, heading(_("Riwayat:")), ...trace, ...opening];
}

/**
 * @param {string} words
 * @returns {string}
 */
function heading(words) {
  return `  ${words}`;
}

/**
 * @param {HTMLElement} line of the list of openings
 * @returns {string[]} the same as of an event: what, who and when, and why below it
 */
function openingIn({ children: [told, ...why] }) {
  const [who, what, when] = [...told.childNodes].map(shownIn);
  return [`  - ${what} · ${who} · ${when}`, ...why.map((reason) => `    ${shownIn(reason)}`)];
}

/**
 * @param {Node} part of the page
 * @returns {string} what it says, on one line
 */
function shownIn({ textContent }) {
  return String(textContent).trim().replace(/\s+/g, " ");
}

/**
 * @param {Event} event
 * @returns {string}
 */
function deedOf(event) {
  const { deed, who } = lineOf(event.seq);
  return `${deed} · ${who} · ${longDate(event.day)} (${placeIn(event)})`;
}

/**
 * @param {Event} event
 * @returns {string} where it stands in the case, and where in the public log
 */
function placeIn({ seq }) {
  return [_("peristiwa ke-{seq} dalam riwayat perkara", { seq: String(seq) }), lineOf(seq).place].filter(Boolean).join("; ");
}

/**
 * @param {OpenedCase} opened
 * @param {Event} event
 * @returns {string[]}
 */
function reasonOf({ texts }, event) {
  if (!HANDS_ON.includes(event.action)) return [];
  return texts.filter((text) => text.event === event && text.text).map(({ text }) => _("Alasan: {reason}", { reason: indented(String(text)) }));
}

/**
 * @param {string} text somebody's
 * @returns {string} which looks like none of our lines
 */
function indented(text) {
  return harmless(text).replaceAll("\n", "\n      ");
}
