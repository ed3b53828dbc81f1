/** What is wrong with a case's history, so that whoever has never heard of a log knows what it means and what to do. */

import { longDay, todayHere } from "../day.js";
import { element, notice } from "../element.js";
import { _ } from "../i18n.js";

/** @import { Finding, Kind } from "./judging.js" */

/** @typedef {{ title: string, sentence: string }} Words */

/** @type {Record<Kind, (steps: string) => Words>} */
const WORDS = {
  missing: (steps) => ({
    title: _("Ada langkah yang tidak ditunjukkan"),
    sentence: _("Langkah ke-{steps} laporan ini pernah tercatat, tetapi sekarang tidak ditunjukkan kepada Anda.", { steps }),
  }),
  changed: (steps) => ({
    title: _("Ada langkah yang diubah"),
    sentence: _("Langkah ke-{steps} tidak sama dengan yang dulu dicatat.", { steps }),
  }),
  forged: (steps) => ({
    title: _("Ada langkah yang tidak sah"),
    sentence: _("Langkah ke-{steps} tidak ditandatangani oleh orang yang berhak.", { steps }),
  }),
  unproved: (steps) => ({
    title: _("Ada bukti yang tidak cocok"),
    sentence: _("Server menyebut langkah ke-{steps} sudah ada di buku catatan umum, tetapi buktinya tidak cocok.", { steps }),
  }),
  log: () => ({
    title: _("Ini bukan buku catatan umum yang asli"),
    sentence: _("Yang ditunjukkan kepada Anda tidak ditandatangani dengan kunci buku catatan umum situs ini."),
  }),
  split: () => ({
    title: _("Buku catatan umum ini ada dua"),
    sentence: _("Kepada Anda ditunjukkan dua isi yang berbeda dari buku yang seharusnya satu."),
  }),
  late: (steps) => ({
    title: _("Janji tidak ditepati"),
    sentence: _("Langkah ke-{steps} seharusnya sudah ada di buku catatan umum paling lambat dua hari sesudah terjadi. Menurut HP Anda, hari ini {today}.", { steps, today: longDay(todayHere()) }),
  }),
  ahead: (steps) => ({
    title: _("Ada langkah yang tanggalnya belum tiba"),
    sentence: _("Langkah ke-{steps} belum ada di buku catatan umum, dan tanggalnya sesudah hari ini. Menurut HP Anda, hari ini {today}; periksa dahulu tanggal HP Anda.", { steps, today: longDay(todayHere()) }),
  }),
  witnesses: () => ({
    title: _("Saksi belum cukup"),
    sentence: _("Belum cukup pihak luar yang ikut menandatangani buku catatan umum ini dalam dua hari terakhir. Mungkin mereka sedang tidak tersambung, mungkin yang terbaru tidak ditunjukkan kepada Anda. Periksa lagi besok; kalau tetap begini, beri tahu lembaga pengawas."),
  }),
  promise: (steps) => ({
    title: _("Ada janji yang tidak sah"),
    sentence: _("Janji tertulis server untuk langkah ke-{steps} tidak sah, jadi tidak mengikat siapa pun.", { steps }),
  }),
  unpromised: (steps) => ({
    title: _("Bukti janji tidak ada"),
    sentence: _("Langkah ke-{steps} belum ada di buku catatan umum, dan server tidak memberi janji tertulis bahwa langkah itu akan dicatat. Catat tanggal hari ini, lalu periksa lagi dua hari lagi. Kalau tetap begini, beri tahu lembaga pengawas di luar kantor ini.", { steps }),
  }),
  lost: (steps) => ({
    title: _("Ada langkah yang hilang"),
    sentence: _("Langkah ke-{steps} hilang ketika server dipulihkan dari cadangan. Itu diumumkan di buku catatan umum. Kirim lagi kalau itu tulisan Anda, dan tanyakan kepada lembaga pengawas apakah memang ada yang hilang: yang menulis ulang riwayat pun akan berkata begitu.", { steps }),
  }),
  rewritten: () => ({
    title: _("Isi buku catatan umum tidak cocok"),
    sentence: _("Isi buku yang diunduh bukan yang ditandatangani, atau ada bagian yang tidak ditunjukkan."),
  }),
  double: (steps) => ({
    title: _("Satu langkah dicatat dua kali"),
    sentence: _("Untuk langkah ke-{steps} ada dua catatan yang berbeda. Itu hanya terjadi kalau riwayat ditulis ulang.", { steps }),
  }),
  hidden: (steps) => ({
    title: _("Ada langkah yang disembunyikan"),
    sentence: _("Di buku catatan umum ada langkah ke-{steps} laporan ini, tetapi server tidak menunjukkannya.", { steps }),
  }),
};
/** What may as well be a bad day. */
const MILD = new Set(["witnesses", "unpromised", "lost"]);

/**
 * @param {Finding[]} findings
 * @returns {HTMLElement[]} each kind once, what is worst first, and then what to do
 */
export function inWords(findings) {
  const kinds = [...new Set(findings.map(({ kind }) => kind))];
  const [grave, mild] = [kinds.filter((kind) => !MILD.has(kind)), kinds.filter((kind) => MILD.has(kind))];
  const said = [...grave.map((kind) => noticeOf(kind, findings)), ...mild.map((kind) => noticeOf(kind, findings))];
  return grave.length > 0 ? [...said, whatToDo()] : said;
}

/**
 * @param {Finding[]} findings
 * @returns {boolean} whether somebody must be told
 */
export function isGrave(findings) {
  return findings.some(({ kind }) => !MILD.has(kind));
}

/**
 * @param {Kind} kind
 * @param {Finding[]} findings
 * @returns {HTMLElement}
 */
function noticeOf(kind, findings) {
  const steps = findings.flatMap((finding) => (finding.kind === kind && finding.seq !== null ? [finding.seq] : []));
  const { title, sentence } = WORDS[kind](steps.join(", "));
  const said = notice(MILD.has(kind) ? "warn" : "danger", title, element("p", {}, sentence));
  said.dataset.finding = kind;
  return said;
}

/** @returns {HTMLElement} */
export function whatToDo() {
  const acts = [
    _("Buka laporan ini sekali lagi dan periksa lagi. Gangguan sambungan pun bisa membuat jawaban rusak."),
    _("Kalau tetap sama, simpan gambar layar ini dan catat tanggalnya. Kalau di bawah ada tombol unduh, simpan juga berkas buktinya."),
    _("Beri tahu lembaga di luar kantor ini, misalnya perwakilan Ombudsman atau lembaga antikorupsi. Jangan lewat situs ini."),
    _("Jangan berikan frasa laporan kepada siapa pun. Berkas bukti sudah cukup untuk memeriksa."),
  ];
  const list = element("ol", {}, ...acts.map((act) => element("li", {}, act)));
  return element("div", {}, element("h3", {}, _("Yang sebaiknya Anda lakukan")), list);
}
