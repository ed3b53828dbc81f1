/** The proof, on the status page: what this phone has checked of the case's history, and what it cannot see from here. */

import { longDay, todayHere } from "../day.js";
import { buttonTo, element, notice } from "../element.js";
import { _, ngettext } from "../i18n.js";
import { writeOpening } from "../ledger/openings.js";
import { save } from "../saving.js";
import { fromHex } from "../vault/bytes.js";
import { compare } from "./comparing.js";
import { deedInWords, outcomeInWords } from "./deeds.js";
import { inWords, isGrave } from "./findings.js";
import { judge } from "./judging.js";
import { askJson, insist } from "./posting.js";
import { LOG } from "./reading.js";
import { Search, counted, unlessOld } from "./searching.js";
import { waitIn } from "./waiting.js";

/** @import { PhraseKeys } from "../vault/phrase.js" */
/** @import { Bytes } from "../vault/bytes.js" */
/** @import { Judgement, Known, Step } from "./judging.js" */

/** So many events beyond those shown are looked for in the whole log. */
const MORE = 256;

/** @typedef {{ keys: PhraseKeys, root: Bytes, token: string, here: HTMLElement }} Visited `here` is `#thread` of the page */

/**
 * Check the case's history, and show in `holder` what came of it.
 *
 * @param {HTMLElement} holder
 * @param {Visited} visited
 */
export async function showProof(holder, { keys, root, token, here }) {
  const { complaint, version, head, historyUrl } = here.dataset;
  const wait = waitIn(holder);
  wait.say(_("Memeriksa riwayat di HP Anda …"));
  /** @type {Known} */
  const known = {
    complaint: String(complaint), root, ledgerKey: keys.ledgerKey, own: keys.sign.public,
    head: { seq: BigInt(String(version)), entry: fromHex(String(head)) }, today: todayHere(),
  };
  const judgement = await judge(await insist(() => askJson(String(historyUrl), { token })), known);
  const search = searchIn(judgement, known.ledgerKey);
  holder.replaceChildren(
    ...verdict(judgement), history(judgement.steps), ...downloads(judgement.steps, known.ledgerKey), limits(judgement),
    ...(search ? [element("h3", {}, _("Periksa lengkap")), search.part] : []),
  );
  holder.focus();
  await search?.offer();
}

/**
 * @param {Judgement} judgement
 * @param {Bytes} ledgerKey
 * @returns {Search | null} nothing where the log is not the one to look in
 */
function searchIn(judgement, ledgerKey) {
  const { log, shown, stated } = judgement;
  if (log === null) return null;
  return new Search(log, { ledgerKey, last: shown + MORE, before: stated }, (outcome) => {
    const { found, refills, size, wrong } = outcome;
    const findings = [...wrong, ...compare(judgement, found, refills)];
    const values = { count: counted(size) };
    const words = _("Semua {count} catatan diperiksa. Tidak ada langkah laporan ini yang disembunyikan atau dicatat dua kali.", values);
    const whole = !isGrave(findings) && findings.every(({ kind }) => kind !== "lost");
    return [...inWords(findings), ...(whole ? [notice("ok", _("Lengkap"), element("p", {}, words), ...unlessOld(outcome))] : [])];
  });
}

/**
 * @param {Judgement} judgement
 * @returns {HTMLElement[]}
 */
function verdict({ steps, findings }) {
  const said = inWords(findings);
  if (isGrave(findings)) return said;
  const checked = ngettext("{n} langkah diperiksa: tidak ada yang diubah, dan tanda tangannya sah.", "{n} langkah diperiksa: tidak ada yang diubah, dan tanda tangannya sah.", steps.length);
  const waiting = steps.filter(({ place }) => place === null).length;
  const also = waiting > 0 ? [element("p", {}, ngettext("{n} langkah masih menunggu masuk buku catatan umum.", "{n} langkah masih menunggu masuk buku catatan umum.", waiting))] : [];
  return [notice("ok", _("Riwayat cocok"), element("p", {}, checked), ...also), ...said];
}

/**
 * @param {Step[]} steps
 * @returns {HTMLElement}
 */
function history(steps) {
  const events = steps.map(({ event }) => event);
  const lines = steps.map(({ event, place, due }, at) => {
    const where = place === null
      ? _("Belum masuk buku catatan umum; paling lambat {day}", { day: longDay(due) })
      : _("Buku catatan umum nomor {number}", { number: counted(place) });
    const day = element("time", { datetime: event.day }, longDay(event.day));
    const outcome = outcomeInWords(event, events.slice(0, at));
    const found = outcome === null ? [] : [element("span", {}, _("Hasil"), ": ", outcome), " "];
    return element("li", {}, element("b", {}, deedInWords(event.action)), " ", ...found, day, " ", element("span", { class: "quiet" }, where));
  });
  return element("ol", { class: "timeline", role: "list" }, ...lines);
}

/**
 * @param {Step[]} steps
 * @param {Bytes} ledgerKey
 * @returns {HTMLElement[]}
 */
function downloads(steps, ledgerKey) {
  const kept = steps.filter(({ proof, promise }) => proof !== null || promise !== null);
  if (kept.length === 0) return [];
  const warning = element("p", {}, _("Berkas ini tersimpan di HP dan menyebut apa yang terjadi dan kapan, tanpa isi laporan. Dengan bukti dan isi suatu langkah orang lain dapat memeriksanya, tanpa frasa Anda. Hapus kalau HP ini dipakai orang lain."));
  const list = element("ol", {}, ...kept.map((step) => downloadsOf(step, ledgerKey)));
  return [element("details", {}, element("summary", {}, _("Simpan berkas bukti")), element("div", {}, warning, list))];
}

/**
 * @param {Step} step
 * @param {Bytes} ledgerKey
 * @returns {HTMLElement}
 */
function downloadsOf({ event: { seq, action }, body, proof, promise }, ledgerKey) {
  const name = String(seq);
  const keepProof = () => save([String(proof)], `${name}.tlog-proof`);
  const keepOpening = async () => save([await writeOpening(ledgerKey, seq, body)], `${name}.opening`);
  const keepPromise = () => save([String(promise)], `${name}.promise`);
  const buttons = [
    ...(proof === null ? [] : [buttonTo(_("Bukti langkah {seq} (.tlog-proof)", { seq: name }), "button-text", keepProof)]),
    buttonTo(_("Isi langkah {seq} (.opening)", { seq: name }), "button-text", keepOpening),
    ...(promise === null ? [] : [buttonTo(_("Janji untuk langkah {seq} (.promise)", { seq: name }), "button-text", keepPromise)]),
  ];
  return element("li", { value: name }, deedInWords(action), element("div", {}, ...buttons));
}

/**
 * @param {Judgement} judgement
 * @returns {HTMLElement}
 */
function limits({ stated }) {
  const newest = stated.at(-1);
  const known = newest ? [_("Buku catatan umum sekarang berisi {count} catatan. Kelak tidak boleh kurang.", { count: counted(newest.size) })] : [];
  const words = [
    _("Yang diperiksa adalah daftar langkah ini. Keadaan dan hasil yang tertulis di tempat lain di halaman ini ditulis oleh server: bandingkan."),
    _("Langkah yang disembunyikan seluruhnya tidak terlihat di sini. Itu terlihat dengan “Periksa lengkap”."),
    _("Berapa saksi yang harus ikut menandatangani dikatakan oleh server sendiri. Bandingkan dengan yang dilihat orang lain."),
    _("HP ini sengaja tidak menyimpan apa-apa, jadi tidak bisa membandingkan dengan kunjungan Anda yang lalu. Berkas bukti yang Anda simpan bisa."),
    ...known,
  ];
  const program = _("Program pemeriksa ini pun dikirim oleh server. Yang tidak bergantung padanya adalah program terpisah di komputer lain:");
  const way = element("li", {}, program, " ", element("a", { href: `${LOG}/bukti` }, _("Cara memeriksa log")));
  const list = element("ul", {}, ...words.map((each) => element("li", {}, each)), way);
  return element("details", {}, element("summary", {}, _("Apa yang tidak terlihat dari pemeriksaan ini")), element("div", {}, list));
}
