/**
 * Where files are chosen in a form. This much is loaded with it; whatever files take is loaded once one is chosen.
 */

import { element, notice, one, perhaps } from "../element.js";
import { _ } from "../i18n.js";

/** @import { Bytes } from "../vault/bytes.js" */
/** @import { PhraseKeys } from "../vault/phrase.js" */
/** @import { Choice } from "./choosing.js" */
/** @import { Addresses, Correspondence } from "./correspondence.js" */
/** @import { Ready, Upload } from "./uploading.js" */

/** @typedef {{ keys: PhraseKeys, root: Bytes, addresses: Addresses }} To the case that files are brought to */

/** One of the files could not be sent; its reason stands in the list. */
export class Undelivered extends Error {
  name = "Undelivered";
}

/**
 * @param {HTMLElement} element
 * @returns {Addresses} what its data- attributes name
 */
export function addressesIn({ dataset: { openUrl, filesUrl, actsUrl } }) {
  return { openUrl: String(openUrl), filesUrl: String(filesUrl), actsUrl: String(actsUrl) };
}

export class Attaching {
  /** @type {Choice | undefined} what has been chosen, once something has */
  choice;
  /** @type {HTMLFieldSetElement | null} */
  #fieldset = null;

  /** @returns {boolean} */
  get any() {
    return (this.choice?.chosen.length ?? 0) > 0;
  }

  /** @returns {boolean} whether the form has a place for files */
  get takes() {
    return this.#fieldset !== null;
  }

  /**
   * Take a form's place for files, if it has one, with whatever has been chosen in another that stood there before.
   *
   * @param {HTMLFormElement} form
   * @returns {this}
   */
  comeTo(form) {
    this.#fieldset = perhaps(form, "fieldset.files", HTMLFieldSetElement);
    if (!this.#fieldset) return this;
    // Without JavaScript the server cleans, and one answer is for all files; here each has its own.
    perhaps(this.#fieldset, ".choices", HTMLElement)?.remove();
    const cleaning = perhaps(this.#fieldset, ".cleaning", HTMLElement);
    if (cleaning) cleaning.textContent = _("Foto dibersihkan di HP Anda: tempat, waktu, dan jenis HP yang tersimpan di dalamnya dibuang. Berkas lain dikirim seperti adanya.");
    const input = one(this.#fieldset, "input[type=file]", HTMLInputElement);
    input.addEventListener("change", () => this.#take(input));
    this.choice?.settle(this.#fieldset);
    return this;
  }

  /**
   * Load what files take, if that has not been done.
   *
   * @returns {Promise<Choice>}
   * @throws {Error} where a module did not load
   */
  async chosen() {
    const { Choice } = await import("./choosing.js");
    if (!this.choice && this.#fieldset) this.choice = new Choice(this.#fieldset);
    return /** @type {Choice} */ (this.choice);
  }

  /**
   * Load what sends the files after the complaint.
   *
   * @returns {Promise<(to: To) => void>} what does it
   * @throws {Error} where a module did not load
   */
  async following() {
    const { choice } = this;
    if (!choice || !this.any) return () => undefined;
    const { follow } = await import("./following.js");
    return (to) => follow(choice, to);
  }

  /**
   * Send the files, whose way is shown in `holder` meanwhile.
   *
   * @param {Correspondence} server
   * @param {string} complaint
   * @param {HTMLElement} holder
   * @param {string} text that goes with them, if any
   * @returns {Promise<Upload[]>} what an act may bring now
   * @throws {Undelivered} where one of them could not be sent
   */
  async deliver(server, complaint, holder, text) {
    const { choice } = this;
    if (!choice || !this.any) return [];
    const { Delivery, actWaits } = await import("./delivering.js");
    const delivery = new Delivery(choice, server, actWaits(text));
    holder.replaceChildren(delivery.panel);
    await delivery.upload(complaint).finally(() => this.#settle());
    const { arrived } = delivery;
    if (arrived.length < choice.chosen.length) throw new Undelivered();
    return arrived;
  }

  /**
   * Put the files into a form that is posted as it is.
   *
   * @param {FormData} filled
   */
  async addTo(filled) {
    const ready = await Promise.all((this.choice?.chosen ?? []).map((chosen) => chosen.ready()));
    // What has been cleaned here is cleaned there once more, unless one was to stay as it is, or is a picture that nobody can
    // clean: there it would be refused. That stands before the files: a form is read as it arrives.
    const stays = (/** @type {Ready} */ { how, type }) => how === "original" || (how === "impossible" && type.startsWith("image/"));
    if (ready.some(stays)) filled.set("unchanged", "y");
    for (const { blob, name } of ready) filled.append("berkas", blob, name);
  }

  #settle() {
    // It was shown elsewhere.
    if (this.#fieldset) this.choice?.settle(this.#fieldset);
  }

  /** @param {HTMLInputElement} input */
  async #take(input) {
    const files = [...(input.files ?? [])];
    // So that the same file may be chosen again, and none is ever posted as it is by mistake.
    input.value = "";
    try {
      (await this.chosen()).add(files);
    } catch {
      const said = _("Bagian untuk berkas belum termuat, mungkin karena sambungan. Pilih berkasnya sekali lagi.");
      input.before(element("div", { role: "alert" }, notice("danger", _("Belum bisa dilanjutkan"), element("p", {}, said))));
    }
  }
}
