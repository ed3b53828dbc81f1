/** A case while it is open on this page: shown, read, answered, and forgotten. Keys and texts live in this page alone. */

import { element, notice, one, perhaps } from "../element.js";
import { _ } from "../i18n.js";
import { showText } from "../text.js";
import { hex } from "../vault/bytes.js";
import { Unreadable } from "../vault/errors.js";
import { Attaching, Undelivered, addressesIn } from "./attaching.js";
import { faultsIn, showFaults, showProblem } from "./checking.js";
import { Correspondence } from "./correspondence.js";
import { Refusal, Unanswered, ask, insist } from "./posting.js";
import { fill, rowsIn, showRows } from "./review.js";
import { toldBy } from "./thread.js";
import { waitIn } from "./waiting.js";

/** @import { Bytes } from "../vault/bytes.js" */
/** @import { PhraseKeys } from "../vault/phrase.js" */
/** @import { Act, Thread } from "./thread.js" */
/** @import { Upload } from "./uploading.js" */

const CONFLICT = 409;
const UNKNOWN = 404;

export class Visit {
  /** @type {Thread | undefined} */
  #thread;
  /** @type {Map<string, Attaching>} the files chosen in each form, by its id */
  #attached = new Map();
  #acting = false;
  /** @type {{ form: HTMLFormElement, holder: HTMLElement } | undefined} the form whose files are under way, and where that is shown */
  #underWay;
  #left = false;

  /**
   * @param {PhraseKeys} keys
   * @param {Bytes} root the installation's public key
   * @param {string} address of the status page
   */
  constructor(keys, root, address) {
    this.keys = keys;
    this.root = root;
    this.address = address;
    this.main = one(document, "main", HTMLElement);
  }

  /**
   * Show the case for the first time, and see to it that it goes with the page.
   *
   * @throws {Refusal}
   * @throws {Unanswered}
   */
  async begin() {
    // Before all of it is there: texts are read and written while the files are still on their way.
    addEventListener("beforeunload", (event) => this.#hold(event));
    addEventListener("pagehide", () => this.#forget());
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
    await this.show();
  }

  /**
   * Show the case as it stands, in the place of this page; what is being written stays.
   *
   * @param {{ account?: string }} [asked] what to show beside the thread
   * @param {HTMLElement} [news] what has just happened
   * @throws {Refusal}
   * @throws {Unanswered}
   */
  async show(asked = {}, news) {
    const page = await this.#page(asked);
    // Until then the page's one box holds the phrase, which must not stay on the screen.
    const written = this.#thread ? this.#written() : [];
    this.main.replaceChildren(...one(page, "main", HTMLElement).children);
    this.#keepUnderWay();
    document.title = page.title;
    for (const [id, text] of written) this.#rewrite(id, text);
    const here = one(this.main, "#thread", HTMLElement);
    this.#thread = this.#server(here).thread(toldBy(here));
    this.#attend();
    const focused = one(this.main, asked.account ? "#account-title" : "#thread-title", HTMLElement);
    if (news) focused.after(element("div", { role: "status" }, news));
    focused.focus();
    // Whoever writes on meanwhile is not kept from it; what does not open or come says so in its place.
    this.#openTexts();
    this.#showFiles(here);
  }

  /**
   * @param {Record<string, string>} asked
   * @returns {Promise<Document>}
   */
  async #page(asked) {
    const body = new URLSearchParams({ token: hex(this.keys.lookupToken), ...asked });
    const { status, text } = await insist(() => ask(this.address, { method: "POST", body }));
    // One sentence for every phrase that leads nowhere.
    if (status === UNKNOWN) throw new Refusal(status, _("Tidak ada laporan dengan frasa itu. Periksa lagi kata-katanya."));
    const page = new DOMParser().parseFromString(text, "text/html");
    if (!page.querySelector("#thread")) throw new Unanswered(status);
    return page;
  }

  /** Have what is under way where it was, with its buttons: nobody else would wait for it, or let it go on. */
  #keepUnderWay() {
    if (!this.#underWay) return;
    const { form, holder } = this.#underWay;
    perhaps(this.main, `#${form.id} + .sending`, HTMLElement)?.remove();
    const anew = perhaps(this.main, `#${form.id}`, HTMLFormElement);
    if (anew) anew.replaceWith(form, holder);
    else this.main.prepend(form, holder);
  }

  #attend() {
    const before = this.#attached;
    this.#attached = new Map();
    for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (this.main.querySelectorAll("form[data-action]"))) {
      const attached = before.get(form.id) ?? new Attaching();
      this.#attached.set(form.id, attached);
      // That one is attended to already.
      if (form === this.#underWay?.form) continue;
      onSubmit(form, () => this.#act(form));
      attached.comeTo(form);
    }
    onSubmit(perhaps(this.main, "#account-form", HTMLFormElement), (form) => this.#showAccount(form));
    onSubmit(perhaps(this.main, "#done-form", HTMLFormElement), () => this.#leave());
    one(this.main, "#proof-button", HTMLButtonElement).addEventListener("click", () => this.#prove());
  }

  /**
   * @param {HTMLElement} here `#thread`
   * @returns {Correspondence}
   */
  #server(here) {
    return new Correspondence(this.keys, this.root, addressesIn(here));
  }

  /** @param {HTMLElement} here `#thread` */
  async #showFiles(here) {
    if (!Number(here.dataset.files)) return;
    // The page may have been shown anew when they come; then they go into the page they were asked for.
    const talk = one(this.main, "section[aria-labelledby=talk-title]", HTMLElement);
    try {
      const { showFiles } = await import("./shelf.js");
      await showFiles(talk, this.#server(here), String(here.dataset.historyUrl), this.#attached.get("message-form"));
    } catch {
      // All else is there; that there are files must not look like there being none.
      talk.after(notice("warn", _("Berkas Anda belum bisa ditampilkan, mungkin karena sambungan. Yang sudah sampai tidak hilang. Buka laporan ini lagi nanti.")));
    }
  }

  #openTexts() {
    const texts = /** @type {NodeListOf<HTMLElement>} */ (this.main.querySelectorAll("[data-box]"));
    texts.forEach((text) => (text.id === "account" ? this.#openAccount(text) : this.#openText(text)));
  }

  /** @param {HTMLElement} text */
  async #openText(text) {
    try {
      // A withdrawal needs no reason.
      showText(text, (await this.#opened(text)) || _("(tanpa alasan)"));
    } catch {
      // One damaged text must not hide the others.
      text.replaceWith(notice("warn", _("Tulisan ini tidak dapat dibuka: isinya rusak atau diganti.")));
    }
  }

  /** @param {HTMLElement} list */
  async #openAccount(list) {
    try {
      const answers = JSON.parse(await this.#opened(list));
      const { text } = await ask(String(list.dataset.questionsUrl));
      const form = one(new DOMParser().parseFromString(text, "text/html"), "form#lapor", HTMLFormElement);
      fill(form, answers);
      showRows(list, rowsIn(form));
    } catch {
      list.replaceWith(notice("warn", _("Isi laporan tidak dapat dibuka. Coba lagi nanti.")));
    }
  }

  /**
   * @param {HTMLElement} holder
   * @returns {Promise<string>}
   */
  #opened({ dataset: { kind, id, epoch, box } }) {
    const text = { kind: String(kind), id: String(id), epoch: Number(epoch), box: String(box) };
    return /** @type {Thread} */ (this.#thread).open(text);
  }

  async #prove() {
    const [holder, here] = [one(this.main, "#proof", HTMLElement), one(this.main, "#thread", HTMLElement)];
    try {
      const { showProof } = await import("./proof.js");
      await showProof(holder, { keys: this.keys, root: this.root, token: hex(this.keys.lookupToken), here });
    } catch {
      holder.replaceChildren(notice("warn", _("Belum bisa diperiksa, mungkin karena sambungan. Coba lagi. Kalau berhari-hari tetap tidak bisa, beri tahu lembaga pengawas di luar kantor ini.")));
    }
  }

  /** @param {HTMLFormElement} form */
  async #showAccount(form) {
    try {
      await this.show({ account: "1" });
    } catch (error) {
      explain(error, form);
    }
  }

  /** @param {HTMLFormElement} form */
  async #act(form) {
    const faults = this.#mayBeEmpty(form) ? [] : faultsIn(form);
    showFaults(form, faults, _("Belum bisa dikirim"));
    // Another form of the page is not inert meanwhile.
    if (this.#acting || faults.length > 0) return;
    [this.#acting, form.inert] = [true, true];
    const holder = one(this.main, `#${form.id} + .sending`, HTMLElement);
    this.#underWay = { form, holder };
    try {
      await this.#actWithFiles(form, holder);
    } catch (error) {
      explain(error, form);
    } finally {
      [this.#acting, this.#underWay, form.inert] = [false, undefined, false];
      holder.replaceChildren();
    }
  }

  /**
   * @param {HTMLFormElement} form
   * @returns {boolean} whether its files say enough
   */
  #mayBeEmpty(form) {
    const blank = one(form, "textarea", HTMLTextAreaElement).value.trim() === "";
    return blank && form.dataset.action === "message" && Boolean(this.#attached.get(form.id)?.any);
  }

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} holder
   */
  async #actWithFiles(form, holder) {
    const { complaint } = /** @type {Thread} */ (this.#thread);
    const server = this.#server(one(this.main, "#thread", HTMLElement));
    const said = saidIn(form);
    const uploads = (await this.#attached.get(form.id)?.deliver(server, complaint, holder, said.text)) ?? [];
    // All of them may have been taken away again.
    if (faultsIn(form).length > 0 && uploads.length === 0) return backTo(form);
    const wait = waitIn(holder);
    wait.say(_("Menyegel di HP Anda, lalu mengirim …"));
    const sent = await this.#send(form, said, uploads);
    if (sent) this.#attached.delete(form.id);
    if (sent) form.reset();
    this.#underWay = undefined;
    await this.show({}, sent ? notice("ok", _("Terkirim.")) : movedOn());
  }

  /**
   * Seal, sign and post; where the case has moved on meanwhile, look at it again and sign the same again, once.
   *
   * @param {HTMLFormElement} form
   * @param {{ text: string, threatened: boolean }} said
   * @param {Upload[]} uploads
   * @returns {Promise<boolean>} whether it was sent; it is not where it would have become another act
   */
  async #send(form, said, uploads) {
    const act = await this.#signed(form, said, uploads);
    try {
      await this.#post(act);
      return true;
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== CONFLICT) throw error;
    }
    const page = await this.#page({});
    // It had arrived, and only its answer was lost.
    if (await this.#hasArrived(page, act, uploads)) return true;
    // A message would be the answer to a question that nobody here has read yet.
    if (perhaps(page, `#${form.id}`, HTMLFormElement)?.dataset.action !== form.dataset.action) return false;
    const here = one(page, "#thread", HTMLElement);
    this.#thread = this.#server(here).thread(toldBy(here));
    await this.#post(await this.#signed(form, said, uploads));
    return true;
  }

  /**
   * @param {Document} page the status page as it is now
   * @param {Act} act
   * @param {Upload[]} uploads
   * @returns {Promise<boolean>}
   */
  async #hasArrived(page, { objects: [{ id }] }, uploads) {
    if (page.querySelector(`[data-id="${id}"]`)) return true;
    if (uploads.length === 0) return false;
    const { areBrought } = await import("./delivering.js");
    return areBrought(uploads, await insist(() => this.#server(one(page, "#thread", HTMLElement)).told()));
  }

  /**
   * @param {HTMLFormElement} form
   * @param {{ text: string, threatened: boolean }} said
   * @param {Upload[]} uploads
   * @returns {Promise<Act>}
   */
  async #signed(form, said, uploads) {
    const thread = /** @type {Thread} */ (this.#thread);
    const files = uploads.length > 0 ? await (await import("./delivering.js")).brought(uploads, thread) : [];
    return thread.act(String(form.dataset.action), { ...said, files });
  }

  /** @param {Act} act */
  async #post(act) {
    const server = this.#server(one(this.main, "#thread", HTMLElement));
    await insist(() => server.post(act));
  }

  /** @returns {[string, string][]} what stands in the boxes, by their ids */
  #written() {
    const boxes = this.main.querySelectorAll("textarea");
    return [...boxes].map(({ id, value }) => /** @type {[string, string]} */ ([id, value])).filter(([, text]) => text !== "");
  }

  /**
   * @param {string} id
   * @param {string} text
   */
  #rewrite(id, text) {
    const control = perhaps(this.main, `#${id}`, HTMLTextAreaElement);
    if (control) control.value = text;
    else this.main.prepend(keptText(id, text));
  }

  /** @param {BeforeUnloadEvent} event */
  #hold(event) {
    // "Keluar cepat" empties the page first and must not be held up.
    const begun = this.#thread && (this.#written().length > 0 || [...this.#attached.values()].some(({ any }) => any));
    if (!this.#left && this.main.isConnected && begun) event.preventDefault();
  }

  #leave() {
    this.#forget();
    location.replace(one(document, ".brand", HTMLAnchorElement).href);
  }

  #forget() {
    this.#left = true;
    this.#thread = undefined;
    this.#attached.clear();
    this.main.replaceChildren();
  }
}

/**
 * Show what was written in a box that is not offered any more, to be copied.
 *
 * @param {string} id the box's
 * @param {string} text
 * @returns {HTMLElement}
 */
function keptText(id, text) {
  const said = _("Bagian ini tidak lagi menerima kiriman. Salin dahulu kalau masih diperlukan.");
  const hint = element("p", { class: "hint", id: `${id}-hint` }, said);
  const secret = { autocomplete: "off", spellcheck: "false", translate: "no" };
  const shown = element("textarea", { id, rows: "5", readonly: "", "aria-describedby": hint.id, ...secret });
  shown.value = text;
  const label = element("label", { for: id }, _("Tulisan Anda yang belum terkirim"));
  return element("div", { class: "field" }, label, hint, shown);
}

/**
 * @param {HTMLFormElement} form
 * @returns {{ text: string, threatened: boolean }}
 */
function saidIn(form) {
  const text = one(form, "textarea", HTMLTextAreaElement).value.trim();
  return { text, threatened: one(form, "input[name$=threatened]", HTMLInputElement).checked };
}

/**
 * Have the focus, which stood in the list of files, in the form, which goes on being filled in.
 *
 * @param {HTMLFormElement} form
 */
function backTo(form) {
  form.inert = false;
  one(form, "textarea", HTMLTextAreaElement).focus();
}

/** @returns {HTMLElement} why nothing was sent, though nothing is wrong */
function movedOn() {
  const then = _("Baca dulu yang baru. Tulisan Anda masih ada; kirim lagi kalau masih sesuai.");
  return notice("warn", _("Laporan ini berubah selagi Anda menulis"), element("p", {}, then));
}

/**
 * @param {HTMLFormElement | null} form
 * @param {(form: HTMLFormElement) => void} act
 */
function onSubmit(form, act) {
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    act(form);
  });
}

/**
 * Say before `form` why nothing came of it; what was typed stays.
 *
 * @param {unknown} error
 * @param {HTMLFormElement} form
 */
function explain(error, form) {
  const title = _("Belum terkirim");
  if (error instanceof Refusal) return showProblem(form, title, error.sentence);
  if (error instanceof Undelivered) {
    return showProblem(form, title, _("Ada berkas yang belum bisa dikirim. Sebabnya ada di daftar. Hapus berkas itu, atau kirim lagi."));
  }
  if (error instanceof Unreadable) {
    return showProblem(form, title, _("Kunci percakapan ini rusak atau diganti. Tulisan Anda belum terkirim."));
  }
  if (error instanceof Error && error.name === "TooLong") {
    return showProblem(form, title, _("Tulisan ini terlalu panjang. Pendekkan, lalu kirim lagi."));
  }
  showProblem(form, title, _("Jawaban server belum sampai, mungkin karena sambungan. Tulisan Anda masih di sini. Coba lagi."));
}
