/** The register of a case's evidence: what each piece is, whence and since when, and who has had it in hands. */

import { buttonTo, element, icon, one } from "../element.js";
import { kindInWords } from "../file-kinds.js";
import { _, ngettext } from "../i18n.js";
import { REPORTER } from "../ledger/body.js";
import { save } from "../saving.js";
import { sized } from "../size.js";
import { harmless, showText } from "../text.js";
import { fileName } from "./naming.js";
import { post } from "./post.js";
import { clearMarks, markField } from "./problems.js";
import { announce, busily, sentenceOf } from "./saying.js";
import { attended } from "./shown.js";
import { digestOf, isReadable, openEvidence } from "./unsealing.js";
import { showFile } from "./viewing.js";
import { lineOf, longDate, rowOf } from "./words.js";

/** @import { Event } from "../ledger/body.js" */
/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Manifest } from "../vault/file-boxes.js" */
/** @import { Damage, OpenedCase } from "./opened.js" */
/** @import { Brought } from "./brought.js" */
/** @import { ShownCase } from "./shown.js" */
/** @import { Readable } from "./unsealing.js" */

/** As many digits of a file's id as a reading names, and what stands before them. */
const NAMED_DIGITS = 16;
const READ = "file:";
const HANDED_ON = ["export", "transfer"];

export class Register {
  #shown;

  /** @param {ShownCase} shown */
  constructor(shown) {
    this.#shown = shown;
    this.section = one(document, "#evidence", HTMLElement);
    this.reason = one(this.section, "#opening-reason", HTMLSelectElement);
    this.reason.addEventListener("change", () => clearMarks(this.section));
    one(this.section, "#verify", HTMLButtonElement).addEventListener("click", () => this.#verify());
  }

  /** Draw what the opened case has. */
  show() {
    const { opened } = this.#shown;
    const rows = opened?.evidence.map((evidence) => this.#row(evidence, opened)) ?? [];
    this.section.hidden = rows.length === 0;
    one(this.section, "[data-fill]", HTMLElement).replaceChildren(...(rows.length > 0 ? [table(rows)] : []));
    nameInForms(opened?.evidence ?? []);
  }

  /**
   * @param {Brought} evidence
   * @param {OpenedCase} opened
   * @returns {HTMLTableRowElement}
   */
  #row(evidence, opened) {
    const { number, damage } = evidence;
    const head = element("th", { scope: "row" }, element("b", {}, number));
    if (isReadable(evidence)) head.append(...named(evidence.manifest), this.#buttons(evidence));
    else head.append(element("span", { class: "damaged" }, icon("danger"), " ", SENTENCES[damage ?? "unreadable"]()));
    const cells = [
      cell(_("Asal"), ...originOf(evidence)),
      cell(_("Berkas"), ...(isReadable(evidence) ? fileParts(evidence) : [])),
      cell(_("Jejak"), ...traces(evidence, opened)),
    ];
    return element("tr", { id: rowOf(number), tabindex: "-1" }, head, ...cells);
  }

  /**
   * @param {Readable} evidence
   * @returns {HTMLElement}
   */
  #buttons(evidence) {
    const { number } = evidence;
    const look = buttonTo(_("Lihat"), "button-text", () => this.#open(evidence, (bytes) => showFile(evidence, bytes)));
    const keep = buttonTo(_("Simpan"), "button-text", () => this.#open(evidence, (bytes) => save([bytes], fileName(evidence))));
    for (const button of [look, keep]) button.append(element("span", { class: "visually-hidden" }, ` ${number}`));
    return element("span", { class: "does" }, look, keep);
  }

  /**
   * @param {Readable} evidence
   * @param {(bytes: Bytes) => void} use
   */
  async #open(evidence, use) {
    const { number } = evidence;
    const { value: reason } = this.reason;
    if (!reason) return this.#askWhy();
    const progress = one(this.section, "progress", HTMLProgressElement);
    await busily(this.section, _("{number} dicatat sebagai dibuka, lalu dibuka segelnya di peramban ini …", { number }), async () => {
      progress.hidden = false;
      try {
        use(await openEvidence(evidence, this.#place, reason, (share) => (progress.value = share)));
      } catch (error) {
        announce("danger", _("{number} belum bisa dibuka", { number }), sentenceOf(error));
      } finally {
        progress.hidden = true;
      }
      await this.recountIfReached();
    });
  }

  /** Ask why evidence is opened, which holds for all that is opened on this page afterwards. */
  #askWhy() {
    clearMarks(this.section);
    markField(this.reason.id, String(this.reason.dataset.said));
    this.reason.focus();
  }

  /** Say how often each piece has been opened by now; where the server does not tell, that is said with the next. */
  async recountIfReached() {
    await this.recount().catch(() => undefined);
  }

  /**
   * Say how often each piece has been opened by now.
   *
   * @throws {import("./post.js").Refusal}
   */
  async recount() {
    await this.#shown.renewReadings();
    for (const { number, id } of this.#shown.opened?.evidence ?? []) {
      const count = document.querySelector(`#${rowOf(number)} [href="#openings"]`);
      if (count) count.textContent = timesOpened(id);
    }
  }

  async #verify() {
    await busily(this.section, _("Setiap berkas dibaca ulang dan dicocokkan dengan sidiknya …"), async () => {
      try {
        const { checked, wrong } = await this.check();
        tell(checked, wrong);
      } catch (error) {
        announce("danger", _("Belum bisa diperiksa"), sentenceOf(error));
      }
    });
  }

  /**
   * Have the server read all evidence again, some of it in each request, and show how far it has come.
   *
   * @returns {Promise<{ checked: number, part: number, of: number, wrong: string[], mark: string }>} what came of it, and what vouches for that
   */
  async check() {
    const progress = one(this.section, "progress", HTMLProgressElement);
    progress.hidden = false;
    try {
      for (let said = {}; ; ) {
        const asked = said;
        const told = await attended(() => post(`${this.#place}/periksa`, asked));
        if (told.checked >= told.of) return told;
        progress.value = (told.checked + this.#share(told)) / told.of;
        announce("info", _("Bukti sedang dibaca ulang"), _("{checked} dari {of} berkas sudah dibaca ulang.", told));
        said = { mark: told.mark };
      }
    } finally {
      progress.hidden = true;
      one(document, "#announcement", HTMLElement).replaceChildren();
    }
  }

  /**
   * @param {{ checked: number, part: number }} told
   * @returns {number} how much of the file that is being read has been read, of 1
   */
  #share({ checked, part }) {
    return part / Math.max(part + 1, this.#shown.opened?.evidence[checked]?.told?.chunks ?? 0);
  }

  get #place() {
    return String(this.#shown.page.dataset.evidence);
  }
}

/**
 * @param {number} checked
 * @param {string[]} wrong
 */
function tell(checked, wrong) {
  const list = wrong.map(harmless).join(", ");
  if (wrong.length === 0) {
    return announce("ok", _("Semua bukti utuh"), ngettext("{n} berkas diperiksa; isinya sama seperti saat dikirim.", "{n} berkas diperiksa; isinya sama seperti saat dikirim.", checked));
  }
  const sentence = _("Tidak lagi sama seperti saat dikirim: {list}. Beri tahu pengelola; cadangan mungkin masih menyimpannya.", { list });
  announce("danger", _("Ada bukti yang berubah atau hilang"), sentence);
}

/**
 * @param {HTMLTableRowElement[]} rows
 * @returns {HTMLTableElement}
 */
function table(rows) {
  const heads = [_("Bukti"), _("Asal"), _("Berkas"), _("Jejak")].map((words) => element("th", { scope: "col" }, words));
  return element("table", { class: "queue register" }, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows));
}

/**
 * @param {string} label
 * @param {...Node} parts
 * @returns {HTMLTableCellElement}
 */
function cell(label, ...parts) {
  return parts.length > 0 ? element("td", { "data-label": label }, element("div", {}, ...parts)) : element("td", {});
}

/**
 * @param {Manifest} manifest
 * @returns {HTMLElement[]}
 */
function named({ name, description }) {
  return [name, description ?? ""].filter(Boolean).map((text) => {
    const shown = element("span", {});
    showText(shown, text);
    return shown;
  });
}

/**
 * @param {Brought} evidence
 * @returns {HTMLElement[]} whence it is
 */
function originOf({ event, manifest }) {
  if (event.actor === REPORTER) return [element("p", {}, _("Dari pelapor")), ...(manifest ? [element("p", { class: "quiet" }, cleaningOf(event, manifest))] : [])];
  if (!manifest) return [];
  const { source, obtained_by: by, obtained_on: on, how } = manifest;
  const told = [[_("Sumber"), source], [_("Diperoleh oleh"), by], [_("Tanggal"), on && longDate(on)], [_("Cara"), how]];
  return told.flatMap(([label, text]) => (text ? [fact(String(label), text)] : []));
}

/**
 * @param {Event} event that brought it
 * @param {Manifest} manifest
 * @returns {string} whether what is hidden in the file has been removed
 */
export function cleaningOf({ actor }, { cleaned }) {
  // Officers' own is never cleaned.
  return actor === REPORTER ? CLEANED[cleaned]() : _("Ditambahkan petugas apa adanya: keterangan tersembunyi di dalamnya tidak dibuang.");
}

/**
 * @param {string} label
 * @param {string} text
 * @returns {HTMLElement}
 */
function fact(label, text) {
  const shown = element("span", {});
  showText(shown, text);
  return element("p", {}, element("span", { class: "quiet" }, `${label}: `), shown);
}

/**
 * @param {Readable} evidence
 * @returns {HTMLElement[]}
 */
function fileParts(evidence) {
  const { manifest } = evidence;
  const kind = element("p", {}, [typeInWords(manifest), sized(manifest.size)].join(", "));
  const prints = [[_("Isi"), manifest.sha256], [_("Bentuk tersegel, tercatat dalam riwayat"), digestOf(evidence)]];
  const lines = prints.map(([label, print]) => element("p", {}, element("span", { class: "quiet" }, `${label}: `), element("code", { translate: "no" }, print)));
  return [kind, element("details", {}, element("summary", {}, _("Sidik SHA-256")), ...lines)];
}

/**
 * @param {Manifest} manifest
 * @returns {string} what it is in plain words, with the media type it was sent as
 */
export function typeInWords(manifest) {
  return `${kindInWords(manifest)} (${harmless(manifest.type)})`;
}

/**
 * @param {Brought} evidence
 * @param {OpenedCase} opened
 * @returns {HTMLElement[]} since when it is here, and who has opened it and handed it on, and why
 */
function traces({ event, id }, { events, texts }) {
  const handed = events.filter(({ action, clear }) => HANDED_ON.includes(action) && clear.files?.split("+").includes(id));
  const list = element("a", { href: "#openings" }, timesOpened(id));
  const reasons = (/** @type {Event} */ each) => texts.flatMap((said) => (said.event === each && said.text ? [reasonIn(said.text)] : []));
  return [traceOf(event), element("p", {}, list), ...handed.flatMap((each) => [traceOf(each), ...reasons(each)])];
}

/**
 * @param {string} reason
 * @returns {HTMLElement}
 */
function reasonIn(reason) {
  const shown = element("p", { class: "quiet" });
  showText(shown, _("Alasan: {reason}", { reason }));
  return shown;
}

/**
 * @param {string} id of a file
 * @returns {HTMLElement[]} the lines of the list of its openings
 */
export function openingsOf(id) {
  const lines = document.querySelectorAll(`#openings [data-file="${READ}${id.slice(0, NAMED_DIGITS)}"]`);
  return [...lines].filter((line) => line instanceof HTMLElement);
}

/**
 * @param {string} id of a file
 * @returns {string}
 */
function timesOpened(id) {
  return ngettext("Dibuka {n} kali", "Dibuka {n} kali", openingsOf(id).length);
}

/**
 * @param {Event} event
 * @returns {HTMLElement}
 */
function traceOf({ seq, day, actor }) {
  const { deed, who } = lineOf(seq);
  // What the reporter does says itself that it is he.
  const doer = actor === REPORTER ? "" : `${who} · `;
  return element("p", {}, element("a", { href: `#event-${seq}` }, deed), ` · ${doer}`, element("time", { datetime: day }, longDate(day)));
}

/**
 * Write into the forms what each piece of evidence is, which only this browser knows.
 *
 * @param {Brought[]} all
 */
function nameInForms(all) {
  for (const { id, manifest } of all) {
    document.querySelectorAll(`[data-names-evidence="${id}"]`).forEach((place) => {
      if (place instanceof HTMLElement) showText(place, manifest?.name ?? "");
    });
  }
}

/** @type {Record<Manifest["cleaned"], () => string>} */
const CLEANED = {
  cleaned: () => _("Keterangan tersembunyi sudah dibuang."),
  original: () => _("Dikirim apa adanya atas pilihan pelapor: bisa memuat tempat, waktu, alat, atau nama pembuatnya."),
  impossible: () => _("Berkas ini tidak dapat dibersihkan: bisa memuat tempat, waktu, alat, atau nama pembuatnya."),
};

/** @type {Record<Damage, () => string>} */
const SENTENCES = {
  missing: () => _("tidak diserahkan server, padahal tercatat dalam riwayat."),
  unreadable: () => _("tidak dapat dibuka: isinya rusak, atau kuncinya tidak ada pada Anda."),
  unlogged: () => _("tidak ditampilkan: bukan berkas yang ditandatangani dalam riwayat."),
};
