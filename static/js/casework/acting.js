/** What an officer does on a case: read from its form, sealed, signed and sent; refused, kept, and sent again. */

import { element, notice, one, perhaps } from "../element.js";
import { _ } from "../i18n.js";
import { harmless } from "../text.js";
import { TooLong } from "../vault/padding.js";
import { compose } from "./composing.js";
import { readDraft, wordsIn } from "./forms.js";
import { formsIn } from "./fresh.js";
import { get, post, Refusal } from "./post.js";
import { clearProblems, showProblems } from "./problems.js";
import { announce, busily, sentenceOf } from "./saying.js";
import { attended, keys } from "./shown.js";
import { lineOf } from "./words.js";

/** @import { Draft, Posted } from "./composing.js" */
/** @import { Adding } from "./adding.js" */
/** @import { Exporting } from "./exporting.js" */
/** @import { OpenedCase } from "./opened.js" */
/** @import { Register } from "./register.js" */
/** @import { ShownCase } from "./shown.js" */

/** To whom the case is closed by now, or who may not even know of it. */
const SHUT_OUT = [403, 404];
const CONFLICT = 409;
const UNFIT = 422;
const EVIDENCE = "evidence";
const PROPOSE = "propose";
const UNREACHED = 0;

/** The case has moved on since it was opened. */
class Stale extends Error {
  name = "Stale";
}

export class Acting {
  /** @type {{ body: string, words: string } | undefined} the last act posted whose answer never came */
  #unanswered;
  #shown;
  #adding;
  #exporting;
  #register;

  /**
   * @param {ShownCase} shown
   * @param {Adding} adding what sends the files that an act brings
   * @param {Exporting} exporting what hands over the files that an act is about
   * @param {Register} register what has the files read again that an act rests on
   */
  constructor(shown, adding, exporting, register) {
    this.#shown = shown;
    this.#adding = adding;
    this.#exporting = exporting;
    this.#register = register;
  }

  /**
   * Send what an officer wants to do, or say what is missing.
   *
   * @param {HTMLFormElement} form
   */
  async submit(form) {
    formsIn(document).forEach(clearProblems);
    const { draft, problems } = readDraft(form);
    problems.unshift(...this.#adding.problemsIn(form));
    if (problems.length === 0) problems.push(...this.#exporting.problemsIn(form, draft));
    if (problems.length > 0) return showProblems(form, problems);
    await busily(form, _("Sedang disegel dan ditandatangani di peramban ini …"), () => this.#attempt(form, draft));
  }

  /**
   * @param {HTMLFormElement} form
   * @param {Draft} draft
   */
  async #attempt(form, draft) {
    try {
      await this.#send(await this.#composed(form, draft), writtenIn(form));
    } catch (error) {
      if (error instanceof Stale) return this.#catchUp(form, error.message);
      const about = error instanceof TooLong ? perhaps(form, "textarea", HTMLTextAreaElement)?.id : "";
      return showProblems(form, [{ field: about ?? "", sentence: sentenceOf(error) }]);
    }
    await this.#finish(form);
    await this.#exporting.hand(draft);
  }

  /**
   * @param {HTMLFormElement} form
   * @param {Draft} draft
   * @returns {Promise<Posted>}
   */
  async #composed(form, draft) {
    const { keyring, trust } = await keys();
    const opened = /** @type {OpenedCase} */ (this.#shown.opened);
    const needs = await attended(() => get(this.#situation(draft)));
    // What was read is what is signed; a newer state is looked at first.
    if (needs.version !== opened.told.version || needs.head !== opened.told.head) throw new Stale();
    const files = await this.#adding.bring(form, opened);
    const posted = await compose(opened, { ...draft, files }, needs, keyring, trust);
    return draft.action === PROPOSE && opened.evidence.length > 0 ? { ...posted, check: await this.#checked() } : posted;
  }

  /**
   * Have the evidence read again on which an outcome rests; the server reads whatever nobody vouches for itself.
   *
   * @returns {Promise<string>} what vouches for it
   */
  async #checked() {
    const { wrong, mark } = await this.#register.check();
    if (wrong.length === 0) return mark;
    const numbers = wrong.map(harmless).join(", ");
    throw new Refusal(_("Bukti {numbers} tidak cocok lagi dengan yang diterima. Beri tahu pengelola server dahulu.", { numbers }), UNFIT);
  }

  /**
   * @param {Draft} draft
   * @returns {string} the address that says what this act must carry
   */
  #situation({ action, clear }) {
    const { situation, actionKey, officerKey } = this.#shown.page.dataset;
    const asked = new URLSearchParams({ [String(actionKey)]: action });
    const named = clear.assignee ?? clear.reader;
    if (named) asked.set(String(officerKey), named);
    return `${situation}?${asked}`;
  }

  /**
   * @param {Posted} posted
   * @param {string} words from which it was made
   */
  async #send(posted, words) {
    this.#unanswered = { body: posted.body, words };
    try {
      await attended(() => post(String(this.#shown.page.dataset.act), posted));
    } catch (error) {
      if (!(error instanceof Refusal) || error.status === UNREACHED) throw error;
      this.#unanswered = undefined;
      throw error.status === CONFLICT ? new Stale(error.message) : error;
    }
    this.#unanswered = undefined;
  }

  /**
   * Show that an act is done, and where it stands in the history.
   *
   * @param {HTMLFormElement} form
   */
  async #finish(form) {
    empty(form);
    if (form.dataset.action === EVIDENCE) this.#adding.clear();
    try {
      await this.#shown.refresh();
    } catch (error) {
      if (error instanceof Refusal && SHUT_OUT.includes(error.status)) return this.#shown.leave();
      // It is done, whatever became of the page.
      return announce("ok", _("Tersimpan"), _("Tindakan Anda tercatat. {then}", { then: sentenceOf(error) }));
    }
    this.#point(_("Tersimpan"), _("{deed}.", { deed: lineOf(this.#shown.version).deed }));
  }

  /**
   * Tell the officer what happened before his act, with every word he wrote where it was.
   *
   * @param {HTMLFormElement} form
   * @param {string} sentence the server's
   */
  async #catchUp(form, sentence) {
    const seen = /** @type {OpenedCase} */ (this.#shown.opened).told.version;
    try {
      await this.#shown.refresh();
    } catch (error) {
      return showProblems(form, [{ field: "", sentence: sentenceOf(error) }]);
    }
    const same = formsIn(document).find(({ dataset }) => dataset.action === form.dataset.action);
    if (this.#wentThrough(writtenIn(form))) return this.#afterAll(same);
    const changes = this.#shown.changesSince(seen);
    const what = changes.length > 0 ? element("ul", {}, ...changes) : element("p", {}, sentence);
    const said = notice("warn", _("Perkara ini berubah sejak Anda membukanya"), what, element("p", {}, whatNow(same)));
    say(said, same ?? one(document, "#announcement", HTMLElement));
  }

  /**
   * @param {string} words what is written now
   * @returns {boolean} whether the act whose answer was lost is on record with these words, and must not be sent twice
   */
  #wentThrough(words) {
    const { body, words: sent } = this.#unanswered ?? {};
    return sent === words && (this.#shown.opened?.told.events.some((event) => event.body === body) ?? false);
  }

  /** @param {HTMLFormElement | undefined} form */
  #afterAll(form) {
    this.#unanswered = undefined;
    if (form?.dataset.action === EVIDENCE) this.#adding.clear();
    if (form) empty(form);
    this.#point(_("Sudah tersimpan"), _("Kiriman tadi ternyata sampai; hanya jawabannya yang hilang di jalan."));
  }

  /**
   * @param {string} title
   * @param {string} sentence
   */
  #point(title, sentence) {
    announce("ok", title, sentence);
    document.getElementById(`event-${this.#shown.version}`)?.focus();
  }
}

/**
 * @param {HTMLFormElement} form
 * @returns {string} everything that is written and chosen in it
 */
function writtenIn(form) {
  return JSON.stringify([...wordsIn(form)]);
}

/** @param {HTMLFormElement} form what was written in it is on record now */
function empty(form) {
  form.reset();
  form.closest("details")?.removeAttribute("open");
}

/**
 * @param {HTMLFormElement | undefined} form the form, if its act is still offered
 * @returns {string}
 */
function whatNow(form) {
  if (form) return _("Tulisan Anda masih lengkap di bawah ini. Periksa dahulu, lalu kirim lagi bila masih sesuai.");
  return _("Tindakan Anda tidak lagi bisa dilakukan pada tahap ini. Tulisan Anda disimpan di bawah daftar tindakan.");
}

/**
 * @param {HTMLElement} said
 * @param {HTMLElement} where
 */
function say(said, where) {
  said.classList.add("changed");
  said.setAttribute("role", "alert");
  said.tabIndex = -1;
  where.prepend(said);
  said.focus();
}
