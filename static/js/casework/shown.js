/** The case this page shows: opened, brought up to date, and drawn. */

import { element, notice, one, perhaps } from "../element.js";
import { _ } from "../i18n.js";
import { harmless } from "../text.js";
import { adopt, adoptReadings, freshPage } from "./fresh.js";
import { openKeyring } from "./keyring.js";
import { OpenedCase } from "./opened.js";
import { post, Refusal } from "./post.js";
import { showProof } from "./proof.js";
import { allegationsOf, proposalParts, showStory } from "./story.js";
import { openTrust } from "./trust.js";
import { askToUnlock } from "./unlock.js";

/** @import { Keyring } from "./keyring.js" */
/** @import { Told } from "./opened.js" */
/** @import { Trust } from "./trust.js" */

const LOCKED = 423;
const EXCERPT = 60;
const ATTEMPTS = 3;

/**
 * Ask the server; where the login has been locked meanwhile, ask for the password and ask again.
 *
 * @template Answer
 * @param {() => Promise<Answer>} ask
 * @returns {Promise<Answer>}
 */
export async function attended(ask) {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== LOCKED) throw error;
    await askToUnlock();
    return ask();
  }
}

/** @returns {Promise<{ keyring: Keyring, trust: Trust }>} the officer's keys, and whose keys count now */
export async function keys() {
  const keyring = await openKeyring();
  return { keyring, trust: await attended(() => openTrust(keyring)) };
}

export class ShownCase {
  /** @type {OpenedCase | undefined} */
  opened;
  /** Told each time that the case has been drawn. */
  onShown = () => undefined;
  /** @type {Told["events"]} the last history that held: whatever comes later goes on from it */
  #sound = [];

  /** @param {HTMLElement} page `#case`, which carries the addresses */
  constructor(page) {
    this.page = page;
  }

  /** The version that is shown. */
  get version() {
    return Number(this.page.dataset.version);
  }

  /** Forget the keys and texts of the case, in memory and on the page; what the officer has written himself stays. */
  close() {
    this.opened = undefined;
    document.querySelectorAll("#proof, #story [data-fill], [data-proposal]").forEach((part) => part.replaceChildren());
    // In the list of allegations, all but the first stand for one.
    document.querySelectorAll("#finding-allegation option + option").forEach((named) => (named.textContent = "…"));
    one(document, "#story", HTMLElement).hidden = true;
    one(document, "#opening", HTMLElement).hidden = false;
    this.#offer(false);
  }

  /** Take the case off the page, and say why: the officer gave it away, and may not see it any longer. */
  leave() {
    this.opened = undefined;
    const why = _("Isi perkara ini tidak dapat Anda buka lagi, dan sudah dihapus dari layar ini.");
    const back = element("a", { class: "button", href: String(this.page.dataset.queue) }, _("Ke antrean"));
    const said = notice("ok", _("Tersimpan"), element("p", {}, why), element("p", {}, back));
    said.tabIndex = -1;
    this.page.replaceChildren(said);
    said.focus();
  }

  /** Open the case, or open it again, and show it as it stands now. The server puts the reading on record first. */
  async refresh() {
    const { keyring, trust } = await keys();
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const told = await attended(() => post(String(this.page.dataset.open)));
      const fresh = await attended(freshPage);
      this.opened = await OpenedCase.from(told, keyring, trust.directory, this.#sound);
      if (this.opened.flaw === null) this.#sound = told.events;
      adopt(fresh);
      // Between the two answers somebody may have acted.
      if (this.version === told.version) break;
    }
    this.#show();
  }

  /** Show who has read what by now, this officer's own readings included. */
  async renewReadings() {
    adoptReadings(await attended(freshPage));
  }

  /**
   * @param {number} seen a version
   * @returns {HTMLElement[]} what happened since: what, who, when
   */
  changesSince(seen) {
    const lines = [...this.page.querySelectorAll("#history [data-seq]")].filter((line) => line instanceof HTMLElement);
    const since = lines.filter(({ dataset }) => Number(dataset.seq) > seen);
    return since.map((line) => {
      const parts = [...line.children].map((child) => child.textContent?.trim().replace(/\s+/g, " "));
      return element("li", {}, parts.filter(Boolean).join(" · "));
    });
  }

  #show() {
    if (!this.opened) return;
    showProof(this.opened);
    showStory(this.opened);
    one(document, "#opening", HTMLElement).hidden = true;
    const sound = this.opened.flaw === null;
    this.#offer(sound);
    const closed = _("Tindakan ditutup, karena riwayat perkara ini tidak cocok.");
    if (!sound) perhaps(document, "#acts-wait", HTMLElement)?.replaceChildren(closed);
    nameAllegations(this.opened);
    perhaps(document, "[data-proposal]", HTMLElement)?.replaceChildren(...proposalParts(this.opened));
    this.onShown();
  }

  /** @param {boolean} open whether the case is, and its history holds, so that something may be signed on it */
  #offer(open) {
    const [offers, wait] = ["#offers", "#acts-wait"].map((id) => perhaps(document, id, HTMLElement));
    if (!offers || !wait) return;
    offers.hidden = !open;
    wait.hidden = open;
  }
}

/**
 * Write into the list of allegations what they say, which only this browser knows.
 *
 * @param {OpenedCase} opened
 */
function nameAllegations(opened) {
  const select = perhaps(document, "#finding-allegation", HTMLSelectElement);
  if (!select) return;
  const { value } = select;
  for (const { id, number, opened: said } of allegationsOf(opened)) {
    const option = [...select.options].find((each) => each.value === id);
    if (!option) continue;
    option.textContent = `${number}. ${excerpt(said.text ?? "")}`;
    // In the order of the plan: each goes to the end in its turn.
    select.append(option);
  }
  // An option that is moved is chosen no longer.
  select.value = value;
}

/**
 * @param {string} text
 * @returns {string} its beginning, on one line
 */
function excerpt(text) {
  const letters = [...harmless(text).replace(/\s+/g, " ")];
  return letters.length > EXCERPT ? `${letters.slice(0, EXCERPT).join("")} …` : letters.join("");
}
