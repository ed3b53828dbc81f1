/** From the words typed to the case they open. */

import { buttonTo, element, notice, one } from "../element.js";
import { _ } from "../i18n.js";
import { fromHex } from "../vault/bytes.js";
import { UnknownWord, WrongCount, canonical, keysOf, typedWords } from "../vault/phrase.js";
import { stretch } from "../vault/stretch.js";
import { faultsIn, showFaults, showProblem } from "./checking.js";
import { Refusal, Unanswered } from "./posting.js";
import { Visit } from "./visit.js";
import { waitIn } from "./waiting.js";

/** @import { Sought } from "./absent.js" */
/** @import { Installation } from "./preparing.js" */

const INSTALLATION = "/installation.js";
const FEWEST_CANDIDATES = 2;
const UNKNOWN = 404;

/** The server has no case of this phrase, or says so. */
class NoCase extends Error {
  name = "NoCase";

  /**
   * @param {string} sentence
   * @param {Sought} sought
   */
  constructor(sentence, sought) {
    super(sentence);
    this.sentence = sentence;
    this.sought = sought;
  }
}

/**
 * Open the case of the phrase typed into `form`, or say what is not right with it.
 *
 * @param {HTMLFormElement} form
 * @throws {Error} where a module or the worker did not load
 */
export async function open(form) {
  const holder = one(document, "form#lacak + .sending", HTMLElement);
  if (form.inert) return;
  holder.replaceChildren();
  const faults = faultsIn(form);
  showFaults(form, faults, _("Belum bisa dibuka"));
  if (faults.length > 0) return;
  form.inert = true;
  try {
    await openPhrase(form, holder);
  } catch (error) {
    explain(error, form, holder);
  } finally {
    form.inert = false;
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} holder
 */
async function openPhrase(form, holder) {
  const typed = one(form, "textarea", HTMLTextAreaElement).value;
  const phrase = canonical(typed);
  const wait = waitIn(holder);
  holder.prepend(...corrections(typed, phrase));
  try {
    wait.say(_("Membuka laporan di HP Anda …"));
    /** @type {Installation} */
    const { ROOT, SALT } = await import(INSTALLATION);
    const keys = await keysOf(await stretch(phrase, fromHex(SALT), wait.reach));
    wait.say(_("Mengambil laporan …"));
    await new Visit(keys, fromHex(ROOT), form.action).begin().catch((error) => {
      if (!(error instanceof Refusal) || error.status !== UNKNOWN) throw error;
      throw new NoCase(error.sentence, { ledgerKey: keys.ledgerKey, root: fromHex(ROOT), desksUrl: String(form.dataset.desksUrl) });
    });
  } finally {
    wait.end();
  }
}

/**
 * @param {unknown} error
 * @param {HTMLFormElement} form
 * @param {HTMLElement} holder
 */
function explain(error, form, holder) {
  const title = _("Belum bisa dibuka");
  if (error instanceof Unanswered && error.busy) return showProblem(form, title, _("Terlalu banyak kiriman sekaligus saat ini. Tunggu sebentar, lalu coba lagi."));
  if (error instanceof Unanswered) return showProblem(form, title, _("Server belum menjawab, mungkin karena sambungan. Coba lagi. Kalau berhari-hari tetap begini, beri tahu lembaga pengawas di luar kantor ini."));
  if (error instanceof NoCase) return offerSearch(error, form, holder);
  if (error instanceof Refusal) return showProblem(form, title, error.sentence);
  if (error instanceof WrongCount) return showFaults(form, [faultOf(form, countWords(error))], title);
  if (!(error instanceof UnknownWord)) throw error;
  if (error.candidates.length < FEWEST_CANDIDATES) return showFaults(form, [faultOf(form, unknownWords(error))], title);
  askWhich(error, form, holder);
}

/**
 * Say that there is no case, and offer to look for it where nobody can take it away.
 *
 * @param {NoCase} missing
 * @param {HTMLFormElement} form
 * @param {HTMLElement} holder
 */
function offerSearch({ sentence, sought }, form, holder) {
  const words = _("Yakin semua katanya benar? Laporan yang sampai dihapus dari server pun masih dapat ditemukan di buku catatan umum.");
  const button = buttonTo(_("Cari di buku catatan umum"), "button button-quiet", async () => {
    try {
      const { searchLog } = await import("./absent.js");
      await searchLog(holder, sought);
    } catch {
      holder.append(notice("warn", _("Belum bisa dicari, mungkin karena sambungan. Coba lagi. Kalau berhari-hari tetap tidak bisa, beri tahu lembaga pengawas di luar kantor ini.")));
    }
  });
  holder.replaceChildren(element("p", {}, words), element("div", { class: "buttons" }, button));
  showProblem(form, _("Belum bisa dibuka"), sentence);
}

/**
 * @param {HTMLFormElement} form
 * @param {string} sentence
 */
function faultOf(form, sentence) {
  return { question: one(form, "[data-question]", HTMLElement), sentence };
}

/** @param {WrongCount} error */
function countWords({ found }) {
  return _("Frasa laporan terdiri dari delapan kata; yang Anda tulis {found} kata.", { found });
}

/** @param {UnknownWord} error */
function unknownWords({ position, typed }) {
  return _("Kata ke-{position}, “{typed}”, tidak ada di daftar. Periksa lagi catatan Anda.", { position, typed });
}

/**
 * Where a word could be several, ask.
 *
 * @param {UnknownWord} error
 * @param {HTMLFormElement} form
 * @param {HTMLElement} holder
 */
function askWhich({ position, typed, candidates }, form, holder) {
  const choices = candidates.map((word) => buttonTo(word, "button button-quiet", () => choose(form, position, word)));
  const question = _("Kata ke-{position}, “{typed}”: yang mana yang Anda catat?", { position, typed });
  const asked = notice("info", question, element("div", { class: "buttons", translate: "no" }, ...choices));
  holder.replaceChildren(asked);
  choices[0].focus();
}

/**
 * @param {HTMLFormElement} form
 * @param {number} position
 * @param {string} word
 */
function choose(form, position, word) {
  const control = one(form, "textarea", HTMLTextAreaElement);
  const words = typedWords(control.value);
  words[position - 1] = word;
  control.value = words.join(" ");
  form.requestSubmit();
}

/**
 * @param {string} typed
 * @param {string} phrase
 * @returns {HTMLElement[]} which words were read otherwise than typed, if any
 */
function corrections(typed, phrase) {
  const words = phrase.split(" ");
  const corrected = typedWords(typed).flatMap((word, at) => (words[at].startsWith(word) ? [] : [[at + 1, word, words[at]]]));
  const said = corrected.map(([position, from, to]) =>
    element("p", {}, _("Kata ke-{position}, “{from}”, kami baca “{to}”.", { position, from, to })),
  );
  return said.length > 0 ? [notice("info", _("Ada yang kami betulkan"), ...said)] : [];
}
