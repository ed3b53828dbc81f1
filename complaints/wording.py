"""The case in the villager's words: what each state means, what happens next, who speaks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from kernel.i18n import lazy_gettext as _l


@dataclass(frozen=True)
class StateWords:
    """A state's headline, what it means, and what happens next; ``due`` stands in ``upcoming`` where a date does."""

    headline: Any
    meaning: Any
    upcoming: Any


STATES = {
    "RECEIVED": StateWords(
        _l("Diterima. Belum dibuka petugas."),
        _l("Laporan Anda tersimpan dan tersegel."),
        _l("Petugas membukanya paling lambat %(due)s."),
    ),
    "TRIAGE": StateWords(
        _l("Sedang ditelaah."),
        _l("Petugas membaca laporan Anda dan menentukan langkah pemeriksaan."),
        _l("Keputusan berikutnya paling lambat %(due)s."),
    ),
    "NEEDS_INFO": StateWords(
        _l("Kami punya pertanyaan untuk Anda."),
        _l("Jawablah di bawah ini, semampu Anda."),
        _l("Kami menunggu jawaban Anda sampai %(due)s. Tanpa jawaban pun pemeriksaan berjalan lagi."),
    ),
    "INVESTIGATION": StateWords(
        _l("Sedang diperiksa."),
        _l("Petugas memeriksa apa yang Anda laporkan."),
        _l("Kabar berikutnya paling lambat %(due)s."),
    ),
    "REFERRED": StateWords(
        _l("Diteruskan ke instansi berwenang; tetap kami pantau."),
        _l("Instansi lain yang berwenang menangani laporan Anda."),
        _l("Tanda terima dari instansi itu paling lambat %(due)s."),
    ),
    "REVIEW": StateWords(
        _l("Hasil sedang diperiksa petugas kedua."),
        _l("Tidak ada laporan yang ditutup oleh satu orang saja."),
        _l("Keputusan petugas kedua paling lambat %(due)s."),
    ),
    "CLOSED": StateWords(
        _l("Selesai."),
        _l("Hasil dan alasannya dapat Anda baca di bawah ini."),
        _l("Bila tidak setuju, sampaikan paling lambat %(due)s."),
    ),
    "OBJECTION": StateWords(
        _l("Keberatan Anda ditinjau petugas lain."),
        _l("Petugas yang belum pernah menangani laporan ini membacanya dari awal."),
        _l("Keputusannya paling lambat %(due)s."),
    ),
    "PURGED": StateWords(
        _l("Isi laporan telah dihapus sesuai masa simpan."),
        _l("Tidak ada lagi yang dapat dibaca siapa pun. Salinan cadangan menyusul sesudah masa simpannya lewat."),
        "",
    ),
}
OUTCOMES = {
    "proven": _l("Terbukti"),
    "partly_proven": _l("Terbukti sebagian"),
    "not_proven": _l("Tidak terbukti"),
    "cannot_be_processed": _l("Tidak dapat diproses"),
    "duplicate": _l("Sudah pernah dilaporkan dan sedang atau sudah diperiksa"),
    "withdrawn": _l("Dicabut oleh pelapor"),
}
KINDS = {
    "question": _l("Pertanyaan petugas"),
    "answer": _l("Jawaban Anda"),
    "message": _l("Pesan"),
    "decision": _l("Keputusan"),
    "objection": _l("Keberatan Anda"),
    "withdrawal": _l("Permintaan mencabut laporan"),
}
# By the media type, or where that tells nothing, by the end of the name: the browser has the same in file-kinds.js.
FILE_KINDS = tuple(
    (re.compile(pattern, re.IGNORECASE), label)
    for pattern, label in (
        (r"^image/|\.(?:jpe?g|png|webp|heic|gif)\Z", _l("Gambar")),
        (r"^application/pdf|\.pdf\Z", _l("Dokumen PDF")),
        (r"^audio/|\.(?:mp3|m4a|ogg|opus|wav|amr)\Z", _l("Rekaman suara")),
        (r"^video/|\.(?:mp4|mov|3gp|webm|mkv)\Z", _l("Video")),
        (r"^text/|\.(?:txt|csv)\Z", _l("Tulisan")),
        (r"officedocument|opendocument|msword|ms-excel|\.(?:docx?|xlsx?|pptx?|odt|ods)\Z", _l("Dokumen")),
    )
)
OTHER_FILE = _l("Berkas jenis lain")
CLEANED = {
    "cleaned": _l("sudah dibersihkan"),
    "original": _l("dikirim apa adanya"),
    "impossible": _l("dikirim apa adanya"),
}
AUTHORS = {"reporter": _l("Anda"), "desk": _l("Petugas")}
TRACES = {
    "nik": _l("Ada yang seperti NIK (16 angka)."),
    "telepon": _l("Ada yang seperti nomor telepon."),
    "surel": _l("Ada yang seperti alamat e-mail."),
    "nama": _l("Anda tampaknya menulis nama Anda."),
    "rekening": _l("Ada yang seperti nomor rekening."),
}


def file_kind(type: str, name: str) -> Any:
    """Return what a file of this media type and name is called."""
    told = (label for said in (type, name) for pattern, label in FILE_KINDS if pattern.search(said))
    return next(told, OTHER_FILE)
