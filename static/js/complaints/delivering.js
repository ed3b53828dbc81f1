/** The chosen files on their way to the case: one after the other, then named together in one signed act. */

import { element } from "../element.js";
import { _ } from "../i18n.js";
import { Pausing } from "../pausing.js";
import { Refusal } from "./posting.js";

/** @import { Choice } from "./choosing.js" */
/** @import { Chosen } from "./chosen.js" */
/** @import { Correspondence, ToldAll } from "./correspondence.js" */
/** @import { Course } from "./course.js" */
/** @import { BroughtFile, Thread } from "./thread.js" */
/** @import { Upload } from "./uploading.js" */

const CONFLICT = 409;
const MOST_TRIES = 3;

/** An officer waits for an answer, and whatever comes now would be taken for one. */
export class Asked extends Error {
  name = "Asked";
}

export class Delivery {
  #said = element("p", { role: "status", class: "visually-hidden" });
  #pausing;

  /**
   * @param {Choice} choice
   * @param {Correspondence} server
   * @param {(others: Chosen[]) => string} waits says what waits for files that are held, and what can be done; `others` have arrived
   */
  constructor(choice, server, waits) {
    this.choice = choice;
    this.server = server;
    const others = () => choice.chosen.filter(({ arrived, settled }) => arrived || settled);
    this.#pausing = new Pausing(() => choice.chosen.filter(({ left }) => left).map(({ pause }) => pause), () => waits(others()));
    this.panel = element("div", { class: "delivery" }, choice.list, this.#said, this.#pausing.part);
  }

  /** @returns {Upload[]} those that are whole, and no part of the complaint yet */
  get arrived() {
    return this.choice.chosen.flatMap(({ arrived, upload }) => (arrived && upload ? [upload] : []));
  }

  /**
   * Send every file; ends once none is left that is held, either.
   *
   * @param {string} complaint
   */
  async upload(complaint) {
    this.begin();
    do await this.send(complaint);
    while (await this.resumed());
  }

  /** Begin, once the panel stands on the page; also with those that were refused before. */
  begin() {
    this.choice.onChange = () => this.#look();
    for (const { upload } of this.choice.chosen) upload?.again();
    this.#look();
  }

  /**
   * Rest after something went wrong. Whoever lets a file go on wants it sent.
   *
   * @param {() => void} again begins anew
   */
  rest(again) {
    this.choice.onChange = () => {
      this.#look();
      if (this.#next()) again();
    };
  }

  /**
   * Send every file that is not held, one after the other; what is added or goes on meanwhile, too.
   *
   * @param {string} complaint
   */
  async send(complaint) {
    await this.keep(this.#sendAll(complaint));
  }

  /**
   * Wait while all that is left is held.
   *
   * @returns {Promise<boolean>} whether something is left to be sent
   */
  resumed() {
    return this.keep(this.#pausing.resumed());
  }

  /** Say of whatever has arrived that it is part of the complaint now. */
  settle() {
    for (const chosen of this.choice.chosen) if (chosen.arrived) chosen.settle();
  }

  /**
   * Hold the page while something of this is under way.
   *
   * @template Answer
   * @param {Promise<Answer>} work
   * @returns {Promise<Answer>}
   */
  async keep(work) {
    const stay = (/** @type {BeforeUnloadEvent} */ event) => {
      // "Keluar cepat" empties the page first and must not be held up.
      if (this.panel.isConnected) event.preventDefault();
    };
    addEventListener("beforeunload", stay);
    try {
      return await work;
    } finally {
      removeEventListener("beforeunload", stay);
    }
  }

  /** @param {string} words */
  say(words) {
    this.#said.textContent = words;
  }

  /** @param {string} complaint */
  async #sendAll(complaint) {
    for (let next = this.#next(); next; next = this.#next()) {
      this.say(_("Mengirim {name} …", { name: next.name }));
      await next.send(this.server, complaint);
      this.#look();
    }
  }

  /** @returns {Chosen | undefined} */
  #next() {
    return this.choice.chosen.find(({ left, pause }) => left && !pause.held);
  }

  #look() {
    // The list may stand in a form again, and whatever is chosen there waits for nothing.
    if (!this.panel.contains(this.choice.list)) return;
    for (const chosen of this.choice.chosen) {
      chosen.onNews = (words) => this.say(words);
      if (!chosen.upload) chosen.wait();
    }
    this.#pausing.look();
  }
}

/**
 * @param {string} text that the act brings besides its files, if any
 * @returns {(others: Chosen[]) => string}
 */
export function actWaits(text) {
  return (others) => {
    if (others.length === 0) {
      if (text) return _("Tulisan Anda menunggunya. Lanjutkan, atau hapus dari daftar supaya tulisan dikirim tanpa itu.");
      return _("Pesan ini menunggunya. Tekan “Lanjutkan” supaya dikirim.");
    }
    if (text) return _("Tulisan dan berkas lain menunggunya. Lanjutkan, atau hapus dari daftar supaya yang lain dikirim tanpa itu.");
    return _("Berkas lain menunggunya. Lanjutkan, atau hapus dari daftar supaya yang lain dikirim tanpa itu.");
  };
}

/**
 * Bring files by a message without a text; where the case has moved on meanwhile, by one that follows it.
 *
 * @param {Upload[]} uploads whole ones
 * @param {Correspondence} server
 * @param {Course} course
 * @param {(lost: import("./posting.js").Unanswered) => void} onLost told each time that no answer has come
 * @throws {Refusal}
 */
export async function bring(uploads, server, course, onLost) {
  for (let tries = 1; ; tries += 1) {
    const told = await course.insist(() => server.told(), onLost);
    // It had arrived, and only its answer was lost.
    if (areBrought(uploads, told)) return;
    // Here the question has not been read: the files go with its answer.
    if (told.resumes) throw new Asked();
    const thread = server.thread(told);
    const files = await course.insist(() => brought(uploads, thread), onLost);
    const act = await thread.act("message", { text: "", threatened: false, files });
    try {
      return await course.insist(() => server.post(act), onLost);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== CONFLICT || tries === MOST_TRIES) throw error;
    }
  }
}

/**
 * @param {Upload[]} uploads
 * @param {ToldAll} told
 * @returns {boolean} whether all are part of the case
 */
export function areBrought(uploads, { files }) {
  const there = new Set(files.filter(({ seq }) => seq !== null).map(({ id }) => id));
  return uploads.every(({ sealed }) => there.has(sealed.file));
}

/**
 * @param {Upload[]} uploads whole ones
 * @param {Thread} thread
 * @returns {Promise<BroughtFile[]>}
 */
export async function brought(uploads, thread) {
  const files = [];
  for (const upload of uploads) files.push(await upload.broughtTo(thread));
  return files;
}
