/** The case this page shows: opened, brought up to date, and drawn. */

import { element, one, perhaps } from "../element.js";
import { _ } from "../i18n.js";
import { harmless } from "../text.js";
import { adopt, freshPage } from "./fresh.js";
import { openKeyring } from "./keyring.js";
import { OpenedCase } from "./opened.js";
import { post, Refusal } from "./post.js";
import { showProof } from "./proof.js";
import { allegationsOf, proposalParts, showStory } from "./story.js";
import { openTrust } from "./trust.js";
import { askToUnlock } from "./unlock.js";

/** @import { Keyring } from "./keyring.js" */
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
  /** @type {OpenedCase | undefined} the last whose history held: whatever comes later goes on from it */
  #sound;

  /** @param {HTMLElement} page `#case`, which carries the addresses */
  constructor(page) {
    this.page = page;
  }

  /** The version that is shown. */
  get version() {
    return Number(this.page.dataset.version);
  }

  /** Open the case, or open it again, and show it as it stands now. The server puts the reading on record first. */
  async refresh() {
    const { keyring, trust } = await keys();
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const told = await attended(() => post(String(this.page.dataset.open)));
      const fresh = await attended(freshPage);
      this.opened = await OpenedCase.from(told, keyring, trust.directory, this.#sound);
      if (this.opened.flaw === null) this.#sound = this.opened;
      adopt(fresh);
      // Between the two answers somebody may have acted.
      if (this.version === told.version) break;
    }
    this.#show();
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
    this.#offer(this.opened.flaw === null);
    nameAllegations(this.opened);
    perhaps(document, "[data-proposal]", HTMLElement)?.replaceChildren(...proposalParts(this.opened));
  }

  /** @param {boolean} sound whether the history holds, so that something may be signed on it */
  #offer(sound) {
    const [offers, wait] = ["#offers", "#acts-wait"].map((id) => perhaps(document, id, HTMLElement));
    if (!offers || !wait) return;
    offers.hidden = !sound;
    wait.hidden = sound;
    wait.textContent = _("Tindakan ditutup, karena riwayat perkara ini tidak cocok.");
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
