/** Every entry of the public log, looked through on this phone for one case: how much it is, how far it is, what is there. */

import { todayHere } from "../day.js";
import { buttonTo, element, notice } from "../element.js";
import { _ } from "../i18n.js";
import { tagsUpTo } from "../ledger/entries.js";
import { Unproved } from "../ledger/proofs.js";
import { Refill } from "../ledger/refills.js";
import { Rewritten, scan, weightOf } from "../ledger/scanning.js";
import { sized } from "../size.js";
import { equal, hex, utf8 } from "../vault/bytes.js";
import { sha256 } from "../vault/derive.js";
import { wasSeenLately } from "./judging.js";
import { Stopped, bundleAt, textAt } from "./reading.js";
import { waitIn } from "./waiting.js";

/** @import { Log, Seen } from "../ledger/proofs.js" */
/** @import { Found } from "../ledger/scanning.js" */
/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Finding } from "./judging.js" */

/**
 * What is looked for: the tags of a case's events from the first to `last`; and what the log had signed before, if this
 * page has seen any of it.
 *
 * @typedef {{ ledgerKey: Bytes, last: number, before: Seen[] }} Sought
 */

/**
 * What there is to tell: the entries found, by the numbers of their events; what the log states to have been lost; of how
 * many entries; what is wrong with the log itself; and whether it may be an old one, as nobody outside has signed it lately.
 *
 * @typedef {{ found: Map<string, Found[]>, refills: Refill[], size: number, wrong: Finding[], old: boolean }} Outcome
 */

/** @typedef {(outcome: Outcome) => (Node | string)[]} Telling */

/** Behind the mark and the kind of a public entry. */
const DIGEST_AT = 32;
const NOTHING = { found: new Map(), refills: [] };

export class Search {
  /** @type {Seen | null} */
  #stated = null;
  /** @type {Finding[]} */
  #wrong = [];
  #stopping = new AbortController();

  /**
   * @param {Log} log
   * @param {Sought} sought
   * @param {Telling} telling
   */
  constructor(log, sought, telling) {
    this.log = log;
    this.sought = sought;
    this.telling = telling;
    this.part = element("div", { id: "search", tabindex: "-1" });
  }

  /** Ask how large the log is, and offer to look through it. */
  async offer() {
    try {
      await this.#begin();
      this.#show(...this.#offered());
    } catch {
      this.#show(...this.#lost(() => this.offer()));
    }
  }

  async #begin() {
    const note = await textAt("checkpoint");
    try {
      this.#stated = await this.log.open(note);
      this.#wrong = wasSeenLately(this.#stated, this.log, todayHere()) ? [] : [{ kind: "witnesses", seq: null }];
    } catch (error) {
      if (!(error instanceof Unproved)) throw error;
      this.#wrong = [{ kind: error.part === "witnesses" ? "witnesses" : "log", seq: null }];
      this.#stated = error.part === "witnesses" ? await this.log.withoutWitnesses().open(note) : null;
    }
  }

  /** @returns {(Node | string)[]} */
  #offered() {
    if (this.#stated === null) return this.#told(NOTHING, 0);
    const values = { count: counted(this.#size), weight: sized(weightOf(this.#size)) };
    const words = _("Seluruh buku catatan umum diunduh ke HP ini, lalu diperiksa: {count} catatan, {weight}. Tidak ada yang disimpan. Bisa dihentikan kapan saja.", values);
    const button = buttonTo(_("Periksa lengkap ({weight})", values), "button button-quiet", () => this.#run());
    return [element("p", {}, words), element("div", { class: "buttons" }, button)];
  }

  /** @returns {number} */
  get #size() {
    return Number(/** @type {Seen} */ (this.#stated).size);
  }

  async #run() {
    this.#stopping = new AbortController();
    const holder = element("div", {});
    const wait = waitIn(holder);
    wait.say(_("Memeriksa buku catatan umum …"));
    const stop = buttonTo(_("Berhenti"), "button button-quiet", () => this.#stopping.abort());
    this.#show(holder, element("div", { class: "buttons" }, stop));
    stop.focus();
    try {
      this.#show(...(await this.#looked(wait.reach)));
    } catch (error) {
      const stopped = error instanceof Stopped;
      this.#show(...(stopped ? [notice("info", _("Dihentikan. Belum ada kesimpulan.")), ...this.#offered()] : this.#lost(() => this.#run())));
    }
    this.part.focus();
  }

  /**
   * @param {(done: number) => void} onReach
   * @returns {Promise<(Node | string)[]>}
   */
  async #looked(onReach) {
    const { ledgerKey, last, before } = this.sought;
    const stated = [...before, /** @type {Seen} */ (this.#stated)];
    const read = (/** @type {string} */ path) => {
      // Whoever went on to something else on the page pays for nothing more.
      if (!this.part.isConnected) this.#stopping.abort();
      return bundleAt(path, this.#stopping.signal);
    };
    try {
      const { found, refilled } = await scan(stated, await tagsUpTo(ledgerKey, last), read, (done) => onReach(done / this.#size));
      return this.#told({ found, refills: await refillsIn(refilled) }, this.#size);
    } catch (error) {
      if (!(error instanceof Rewritten)) throw error;
      return this.#told(NOTHING, this.#size, [{ kind: "rewritten", seq: null }]);
    }
  }

  /**
   * @param {Pick<Outcome, "found" | "refills">} seen
   * @param {number} size
   * @param {Finding[]} more
   * @returns {(Node | string)[]}
   */
  #told(seen, size, more = []) {
    const wrong = [...this.#wrong, ...more];
    return this.telling({ ...seen, size, wrong, old: this.log.policy.needed === 0 || wrong.length > 0 });
  }

  /**
   * @param {() => void} again
   * @returns {HTMLElement[]}
   */
  #lost(again) {
    const button = buttonTo(_("Coba lagi"), "button button-quiet", again);
    const words = element("p", {}, _("Buku catatan umum belum bisa dibaca, mungkin karena sambungan. Kalau berhari-hari tetap tidak bisa, beri tahu lembaga pengawas di luar kantor ini."));
    return [notice("warn", _("Belum selesai diperiksa"), words, element("p", {}, button))];
  }

  /** @param {...(Node | string)} shown */
  #show(...shown) {
    this.part.replaceChildren(...shown);
  }
}

/**
 * @param {Found[]} refilled
 * @returns {Promise<Refill[]>} what these entries state; a body that is not theirs states nothing
 */
async function refillsIn(refilled) {
  const read = await Promise.all(refilled.map(async ({ index, entry }) => {
    const digest = entry.slice(DIGEST_AT);
    const body = await textAt(`public/${hex(digest)}`);
    return equal(await sha256(utf8(body)), digest) ? Refill.read(index, body) : null;
  }));
  return read.filter((refill) => refill !== null);
}

/**
 * @param {Outcome} outcome
 * @returns {HTMLElement[]} that what is not there may have come since
 */
export function unlessOld({ old }) {
  return old ? [element("p", {}, _("Dari HP ini tidak terlihat apakah itu isi buku yang terbaru: tidak ada cukup saksi luar yang ikut menandatanganinya, jadi yang sesudahnya bisa saja ditahan. Bandingkan jumlah catatannya dengan yang dilihat orang lain, atau periksa lagi beberapa hari lagi."))] : [];
}

/**
 * @param {number | bigint} count
 * @returns {string} such as "12.800"
 */
export function counted(count) {
  return count.toLocaleString(document.documentElement.lang);
}
