/** The chosen files on their way to the case: one after the other, then named together in one signed act. */

import { buttonTo, element } from "../element.js";
import { _ } from "../i18n.js";
import { Course } from "./course.js";
import { Refusal } from "./posting.js";

/** @import { Choice } from "./choosing.js" */
/** @import { Chosen } from "./chosen.js" */
/** @import { Correspondence, ToldAll } from "./correspondence.js" */
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
  #course = new Course();
  #hold = buttonTo(_("Jeda"), "button button-quiet", () => this.#toggle());

  /**
   * @param {Choice} choice
   * @param {Correspondence} server
   */
  constructor(choice, server) {
    this.choice = choice;
    this.server = server;
    this.panel = element("div", { class: "delivery" }, choice.list, this.#said, element("div", { class: "buttons" }, this.#hold));
  }

  /**
   * Send every file, one after the other; what was added or tried again meanwhile, too.
   *
   * @param {string} complaint
   * @returns {Promise<Upload[]>} those that are whole
   */
  async upload(complaint) {
    this.#hold.hidden = false;
    await this.keep(this.#sendAll(complaint));
    this.#hold.hidden = true;
    return this.choice.chosen.flatMap(({ upload }) => (upload?.state === "whole" ? [upload] : []));
  }

  /**
   * Take off the list whatever is part of the complaint now.
   *
   * @returns {number} how many files are left
   */
  settle() {
    for (const chosen of this.choice.chosen) if (chosen.upload?.state === "whole") chosen.settle();
    return this.choice.chosen.filter(({ upload }) => upload?.state !== "whole").length;
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
    for (const { upload } of this.choice.chosen) upload?.again();
    for (const chosen of this.choice.chosen) if (!chosen.upload) chosen.wait();
    for (let next = this.#next(); next; next = this.#next()) {
      await this.#course.turn();
      await this.#send(next, complaint);
    }
  }

  /** @returns {Chosen | undefined} */
  #next() {
    return this.choice.chosen.find(({ upload }) => !upload || upload.pending);
  }

  /**
   * @param {Chosen} chosen
   * @param {string} complaint
   */
  async #send(chosen, complaint) {
    chosen.onNews = (words) => this.say(words);
    this.say(_("Mengirim {name} …", { name: chosen.name }));
    await chosen.send(this.server, complaint);
  }

  #toggle() {
    const held = !this.#course.held;
    const uploads = this.choice.chosen.map(({ upload }) => upload);
    for (const going of [this.#course, ...uploads]) if (held) going?.hold(); else going?.goOn();
    this.#hold.textContent = held ? _("Lanjutkan") : _("Jeda");
    this.say(held ? _("Pengiriman dijeda.") : _("Pengiriman dilanjutkan."));
  }
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
