/**
 * Evidence that an officer adds: files sealed in his browser and sent chunk by chunk, then named together in one signed act.
 * What has arrived is not sent again as long as the page stays.
 */

import { buttonTo, element, one, perhaps } from "../element.js";
import { _ } from "../i18n.js";
import { typeOf } from "../complaints/kinds.js";
import { inLanes } from "../lanes.js";
import { Pause, Pausing } from "../pausing.js";
import { sized } from "../size.js";
import { harmless } from "../text.js";
import { base64, fromHex, hex, random } from "../vault/bytes.js";
import { KEY_BYTES, sha256 } from "../vault/derive.js";
import { boxFileKey, boxManifest, boxProgress, fileDigest, LONGEST_NAME } from "../vault/file-boxes.js";
import { readThrough } from "../vault/file-hashes.js";
import { CHUNK_BYTES, chunkNumbers, paddedSize, plainChunk, sealChunk } from "../vault/files.js";
import { newId } from "./composing.js";
import { FILE } from "./brought.js";
import { post, putChunks, Refusal, unanswered } from "./post.js";
import { said } from "./problems.js";
import { attended } from "./shown.js";

/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Read } from "../vault/file-hashes.js" */
/** @import { SealedFile } from "../vault/files.js" */
/** @import { Sealed } from "./composing.js" */
/** @import { OpenedCase } from "./opened.js" */
/** @import { Kept } from "./post.js" */
/** @import { Problem } from "./problems.js" */

const FORM = "#act-evidence form";
const LONE_SURROGATES = /\p{Surrogate}/gu;
const UNFIT = 422;

/** @typedef {{ epoch: number, key: Bytes, place: string }} Way under which key of the case, and where to */

/** A file is not what it was when it was chosen, or not there any more; the message is a sentence for whoever chose it. */
export class Changed extends Error {
  name = "Changed";

  /** @param {string} name of the file */
  constructor(name) {
    super(_("{name} berubah sejak dipilih, atau tidak bisa dibaca lagi. Hapus dari daftar, lalu pilih lagi.", { name: harmless(name) }));
  }
}

/** It was held or taken off the list, and nothing more of it is sent now. */
class Stopped extends Error {
  name = "Stopped";
}

/** One file on its way. */
class Sending {
  /** Whether it is still to be sent, now or once it is not held any more. */
  left = true;
  #going = false;
  #dropped = false;
  /** @type {Read | undefined} */
  #known;
  /** @type {Map<number, string>} the SHA-256 (hex) of each sealed chunk that has arrived */
  #arrived = new Map();
  /** @type {{ epoch: number, box: Bytes, progress: string } | undefined} the file's key, boxed, and what was read of it */
  #opening;
  /** @type {Map<number, { box: Bytes, digest: string }>} chunks on their way, sealed once: another box for the same place would be refused */
  #leaving = new Map();
  #bar = element("progress", { max: "1", value: "0" });
  #words = element("p", { class: "hint" });

  /**
   * @param {File} file
   * @param {string} complaint
   * @param {(gone: Sending) => void} drop
   */
  constructor(file, complaint, drop) {
    this.file = file;
    /** @type {SealedFile} */
    this.sealed = { complaint, file: newId(), key: random(KEY_BYTES) };
    const name = harmless(file.name);
    this.pause = new Pause(name);
    this.#bar.setAttribute("aria-label", name);
    this.#bar.hidden = true;
    const gone = buttonTo(_("Hapus"), "button-text", () => drop(this));
    gone.append(element("span", { class: "visually-hidden" }, ` ${name}`));
    const words = element("span", { translate: "no", dir: "auto" }, name);
    const head = element("p", { class: "chosen-head" }, words, " ", element("span", { class: "quiet" }, sized(file.size)));
    this.item = element("li", { tabindex: "-1" }, head, this.#words, this.#bar, element("div", { class: "chosen-does" }, this.pause.button, gone));
  }

  /** Wait for its turn; what has arrived is looked at again, too: the case's key may have been renewed meanwhile. */
  wait() {
    this.left = true;
    this.show();
  }

  /** Show how it stands, while files are on their way. */
  show() {
    if (this.left) this.pause.offer();
    else this.pause.withdraw(this.item);
    this.#words.textContent = this.#standing();
  }

  /** Nothing is under way any more, and so nothing can be held. */
  rest() {
    this.pause.withdraw(this.item);
    if (this.left && !this.pause.held) this.#words.textContent = "";
  }

  /** Send nothing more of it: it is taken off the list. */
  drop() {
    this.#dropped = true;
    this.left = false;
  }

  /**
   * Send what is missing; what is under way arrives, also where it is held meanwhile or taken off the list.
   *
   * @param {Way} way
   */
  async send(way) {
    this.#going = true;
    try {
      await this.#send(way);
      this.left = false;
      // Held when nothing more of it was to be sent: another turn must not wait for that.
      if (this.pause.held) this.pause.goOn();
    } catch (error) {
      // Whatever becomes of it, what was taken off the list is no failure of the others'.
      if (!(error instanceof Stopped) && !this.#dropped) throw error;
    } finally {
      this.#going = false;
    }
  }

  /** @param {Way} way */
  async #send(way) {
    this.#bar.hidden = false;
    this.show();
    this.#known ??= await readThrough(this.file, () => this.#turn()).catch((error) => this.#fail(error));
    await this.#open(way, this.#known.hashes);
    const numbers = chunkNumbers(this.file.size);
    const missing = numbers.filter((number) => !this.#arrived.has(number));
    await inLanes(missing, async (together) => {
      this.#turn();
      await this.#put(way.place, together);
      this.#bar.value = this.#arrived.size / numbers.length;
      this.show();
    });
  }

  /**
   * Go on only where it may.
   *
   * @throws {Stopped}
   */
  #turn() {
    if (this.pause.held || this.#dropped) throw new Stopped();
  }

  /** @returns {string} */
  #standing() {
    if (!this.left) return _("Semuanya sudah sampai.");
    const sent = Math.min(this.file.size, this.#arrived.size * CHUNK_BYTES);
    const amounts = { sent: sized(sent), all: sized(this.file.size) };
    if (this.pause.held) return _("Dijeda: {sent} dari {all} sudah sampai.", amounts);
    return this.#going ? _("{sent} dari {all} terkirim.", amounts) : _("Menunggu giliran.");
  }

  /**
   * Return what an act names to bring this file.
   *
   * @param {Record<string, string>} details
   * @returns {Promise<Sealed>}
   */
  async brought(details) {
    const { epoch, box } = /** @type {{ epoch: number, box: Bytes }} */ (this.#opening);
    const { file, sealed } = this;
    const name = [...file.name.replace(LONE_SURROGATES, "\ufffd")].slice(0, LONGEST_NAME).join("");
    const type = await typeOf(file);
    const chunks = chunkNumbers(file.size).map((number) => String(this.#arrived.get(number)));
    const { whole } = /** @type {Read} */ (this.#known);
    const about = { chunks, cleaned: /** @type {const} */ ("original"), name, sha256: whole, size: file.size, type };
    const manifest = await boxManifest({ ...about, ...details }, sealed);
    const digest = await fileDigest(box, manifest, chunks.map(fromHex));
    const posted = { kind: FILE, id: sealed.file, epoch, box: base64(manifest) };
    return { ref: { kind: FILE, id: sealed.file, digest }, posted };
  }

  /**
   * Begin the file on the server; again where the case's key has been renewed meanwhile.
   *
   * @param {Way} way
   * @param {Bytes[]} hashes
   */
  async #open({ epoch, key, place }, hashes) {
    if (this.#opening?.epoch === epoch) return;
    const box = await boxFileKey(this.sealed, key, epoch, "case");
    const progress = this.#opening?.progress ?? base64(await boxProgress(hashes, this.sealed));
    await attended(() => post(place, { file: this.sealed.file, epoch, key: base64(box), progress, size: paddedSize(this.file.size) }));
    this.#opening = { epoch, box, progress };
  }

  /**
   * @param {string} place
   * @param {number[]} together chunks that follow one another, or one of those that failed together
   */
  async #put(place, together) {
    const missing = together.filter((number) => !this.#arrived.has(number));
    if (missing.length === 0) return;
    /** @type {Bytes[]} */
    const boxes = [];
    for (const number of missing) boxes.push(await this.#box(number));
    try {
      this.#keep(await attended(() => putChunks(`${place}/${this.sealed.file}/${missing[0]}`, new Blob(boxes))));
    } catch (error) {
      if (error instanceof Refusal) this.#keep(error.kept);
      throw error;
    }
    if (!missing.every((number) => this.#arrived.has(number))) throw unanswered();
  }

  /**
   * Believe that chunks are there, if they are those that were sent.
   *
   * @param {Kept[]} kept
   */
  #keep(kept) {
    for (const { number, digest } of kept) {
      if (this.#leaving.get(number)?.digest !== digest) continue;
      this.#arrived.set(number, digest);
      this.#leaving.delete(number);
    }
  }

  /**
   * @param {number} number
   * @returns {Promise<Bytes>}
   */
  async #box(number) {
    const leaving = this.#leaving.get(number) ?? (await this.#seal(number));
    this.#leaving.set(number, leaving);
    return leaving.box;
  }

  /** @param {number} number */
  async #seal(number) {
    const plain = await plainChunk(this.file, number).catch((error) => this.#fail(error));
    const { marks } = /** @type {Read} */ (this.#known);
    // Brought with a hash that is not its own, it would never be opened again.
    if (!(await marks.fit(plain, number))) throw new Changed(this.file.name);
    const box = await sealChunk(plain, this.sealed, number, this.file.size);
    return { box, digest: hex(await sha256(box)) };
  }

  /**
   * @param {unknown} error
   * @returns {never}
   */
  #fail(error) {
    throw error instanceof DOMException ? new Changed(this.file.name) : error;
  }

  /** Have the server forget what it has; what stays behind goes by itself within days. */
  async forget(/** @type {string} */ place) {
    if (this.#opening) await post(`${place}/${this.sealed.file}/hapus`).catch(() => undefined);
  }
}

export class Adding {
  /** @type {Sending[]} */
  #chosen = [];
  #list = element("ul", { class: "chosen", role: "list", "aria-label": _("Berkas yang dipilih") });
  #pausing = new Pausing(
    () => this.#chosen.filter(({ left }) => left).map(({ pause }) => pause),
    () => waits(this.#chosen.filter(({ left }) => !left)),
  );
  /** @type {HTMLElement | undefined} where the form says that something is going on, while files are on their way */
  #doing;
  #page;

  /** @param {HTMLElement} page `#case`, which carries the addresses */
  constructor(page) {
    this.#page = page;
    page.addEventListener("change", ({ target }) => {
      if (target instanceof HTMLInputElement && target.type === "file") this.#take(target);
    });
  }

  /** Whether anything has been chosen that is not part of the case yet. */
  get waiting() {
    return this.#chosen.length > 0;
  }

  /** Stand in the form as the page has it now, with whatever has been chosen. */
  settle() {
    const input = perhaps(document, `${FORM} input[type=file]`, HTMLInputElement);
    input?.after(this.#list, this.#pausing.part);
  }

  /** Let go of what has become part of the case. */
  clear() {
    this.#chosen = [];
    this.#list.replaceChildren();
  }

  /**
   * @param {HTMLFormElement} form
   * @returns {Problem[]}
   */
  problemsIn(form) {
    const input = perhaps(form, "input[type=file]", HTMLInputElement);
    if (!input) return [];
    const { most, largest, missing } = input.dataset;
    if (this.#chosen.length === 0) return [{ field: input.id, sentence: String(missing) }];
    const files = this.#chosen.map(({ file }) => file);
    return unfit(files, Number(most), Number(largest)).map((sentence) => ({ field: input.id, sentence }));
  }

  /**
   * Send what a form brings.
   *
   * @param {HTMLFormElement} form
   * @param {OpenedCase} opened
   * @returns {Promise<Sealed[]>} what its act names
   * @throws {Refusal} also where files have been added meanwhile that must not be, or all of them taken off the list
   */
  async bring(form, opened) {
    const input = perhaps(form, "input[type=file]", HTMLInputElement);
    if (!input) return [];
    // As they stood when they were found to be whole; sending may take long, and nobody looks at them again.
    const details = detailsIn(form);
    const epoch = opened.newestEpoch("case");
    const way = { epoch, key: /** @type {Bytes} */ (opened.keys.get(`case/${epoch}`)), place: String(this.#page.dataset.evidence) };
    await this.#sendAll(way, one(form, ".doing", HTMLElement));
    const problems = this.problemsIn(form);
    if (problems.length > 0) throw new Refusal(said(problems), UNFIT);
    return Promise.all(this.#chosen.map((sending) => sending.brought(details)));
  }

  /**
   * Send every file, one after the other; those that are held, once they go on.
   *
   * @param {Way} way
   * @param {HTMLElement} doing says that something is going on
   */
  async #sendAll(way, doing) {
    this.#doing = doing;
    for (const sending of this.#chosen) sending.wait();
    try {
      do {
        for (let next = this.#next(); next; next = this.#next()) await next.send(way);
      } while (await this.#pausing.resumed());
    } finally {
      this.#doing = undefined;
      doing.hidden = false;
      this.#pausing.part.hidden = true;
      for (const sending of this.#chosen) sending.rest();
    }
  }

  /** @returns {Sending | undefined} */
  #next() {
    this.#look();
    return this.#chosen.find(({ left, pause }) => left && !pause.held);
  }

  #look() {
    // What is chosen before anything is sent waits for nothing.
    if (!this.#doing) return;
    this.#pausing.part.hidden = false;
    this.#chosen.forEach((sending) => sending.show());
    this.#pausing.look();
    // Nothing goes on then, and what is held is told of above.
    this.#doing.hidden = this.#pausing.waiting;
  }

  /** @param {HTMLInputElement} input */
  #take(input) {
    const { case: complaint } = this.#page.dataset;
    for (const file of input.files ?? []) {
      const sending = new Sending(file, String(complaint), (gone) => this.#drop(gone));
      sending.pause.onTurned = () => this.#look();
      this.#chosen.push(sending);
      this.#list.append(sending.item);
    }
    // The list says what is chosen; and the same file may be chosen again.
    input.value = "";
    this.#look();
  }

  /** @param {Sending} gone */
  #drop(gone) {
    this.#chosen = this.#chosen.filter((sending) => sending !== gone);
    gone.drop();
    gone.item.remove();
    one(document, `${FORM} input[type=file]`, HTMLInputElement).focus();
    gone.forget(String(this.#page.dataset.evidence));
    this.#look();
  }
}

/**
 * @param {File[]} files
 * @param {number} most
 * @param {number} largest in bytes
 * @returns {string[]} why they cannot be added so: a sentence for each kind of reason, with all files it holds for
 */
function unfit(files, most, largest) {
  const counts = { chosen: String(files.length), most: String(most), over: String(files.length - most) };
  const empty = namesOf(files.filter(({ size }) => size === 0));
  const large = namesOf(files.filter(({ size }) => size > largest));
  return [
    files.length > most ? _("Berkas yang dipilih: {chosen}. Paling banyak {most} berkas sekali tambah; hapus {over} dari daftar.", counts) : "",
    empty && _("{name} kosong. Hapus dari daftar, atau pilih yang berisi.", { name: empty }),
    large && _("{name} terlalu besar: paling besar {room}.", { name: large, room: sized(largest) }),
  ].filter(Boolean);
}

/**
 * @param {File[]} files
 * @returns {string}
 */
function namesOf(files) {
  return files.map(({ name }) => harmless(name)).join(", ");
}

/**
 * @param {Sending[]} others that have arrived
 * @returns {string}
 */
function waits(others) {
  if (others.length === 0) return _("Penambahan bukti menunggunya. Tekan “Lanjutkan” supaya bukti ditambahkan.");
  return _("Berkas lain menunggunya. Lanjutkan, atau hapus dari daftar supaya yang lain ditambahkan tanpa itu.");
}

/**
 * @param {HTMLFormElement} form
 * @returns {Record<string, string>} what is said of the files, by its name in the manifest
 */
function detailsIn(form) {
  const fields = [...form.querySelectorAll("[data-manifest]")];
  return Object.fromEntries(
    fields.map((field) => {
      const { dataset, value } = /** @type {HTMLInputElement} */ (field);
      return [dataset.manifest, value.trim().replace(LONE_SURROGATES, "\ufffd")];
    }),
  );
}
