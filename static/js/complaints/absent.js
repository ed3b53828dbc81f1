/** A complaint that the server says it does not have, looked for in the public log by its phrase alone. */

import { Directory } from "../directory/directory.js";
import { element, notice } from "../element.js";
import { _, ngettext } from "../i18n.js";
import { inWords, whatToDo } from "./findings.js";
import { logIn } from "./judging.js";
import { askJson, insist } from "./posting.js";
import { textAt } from "./reading.js";
import { Search, counted, unlessOld } from "./searching.js";

/** @import { Found } from "../ledger/scanning.js" */
/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Outcome } from "./searching.js" */

/** More events than any complaint has had. */
const LAST = 1_024;

/** @typedef {{ ledgerKey: Bytes, root: Bytes, desksUrl: string }} Sought */

/**
 * Offer in `holder` to look through the log for a case's entries.
 *
 * @param {HTMLElement} holder
 * @param {Sought} sought
 * @throws {import("./posting.js").Unanswered}
 */
export async function searchLog(holder, { ledgerKey, root, desksUrl }) {
  const { statements } = await insist(() => askJson(desksUrl));
  const said = { vkey: (await textAt("vkey")).trimEnd(), policy: await textAt("policy") };
  const { log, wrong } = await logIn(said, root, await Directory.judge(root, statements));
  if (log === null) return holder.replaceChildren(...inWords(wrong));
  const search = new Search(log, { ledgerKey, last: LAST, before: [] }, tell);
  holder.replaceChildren(element("h2", {}, _("Cari di buku catatan umum")), search.part);
  await search.offer();
  search.part.focus();
}

/**
 * @param {Outcome} outcome
 * @returns {HTMLElement[]}
 */
function tell(outcome) {
  const { found, size, wrong } = outcome;
  if (found.size > 0) return [...inWords(wrong), deleted(found), whatToDo()];
  if (wrong.length > 0) return inWords(wrong);
  const words = _("Semua {count} catatan diperiksa. Mungkin ada kata yang keliru, atau laporan itu dikirim kurang dari dua hari yang lalu.", { count: counted(size) });
  return [notice("info", _("Di buku catatan umum pun tidak ada"), element("p", {}, words), ...unlessOld(outcome))];
}

/**
 * @param {Map<string, Found[]>} found
 * @returns {HTMLElement}
 */
function deleted(found) {
  const places = [...found.values()].flat().map(({ index }) => index).sort((one, other) => one - other);
  const count = ngettext("Buku catatan umum memuat {n} langkah laporan ini:", "Buku catatan umum memuat {n} langkah laporan ini:", found.size);
  const words = [
    element("p", {}, count, " ", _("nomor {numbers}.", { numbers: places.map(counted).join("; ") })),
    element("p", {}, _("Artinya laporan ini pernah diterima, dan server menghapus atau menyembunyikannya. Catat nomor-nomor itu.")),
  ];
  const said = notice("danger", _("Laporan Anda pernah ada"), ...words);
  said.dataset.finding = "deleted";
  return said;
}
