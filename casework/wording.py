"""The workflow in officers' words: states, acts, choices, deadlines, and what an act carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.terms import Action, AllegationStatus, Category, OpeningReason, Outcome, Severity, State
from kernel.i18n import gettext as _
from kernel.i18n import lazy_gettext as _l
from kernel.i18n import ngettext

STATES: Mapping[str, Any] = {
    State.RECEIVED: _l("Belum dibuka"),
    State.TRIAGE: _l("Ditelaah"),
    State.NEEDS_INFO: _l("Menunggu jawaban pelapor"),
    State.INVESTIGATION: _l("Diperiksa"),
    State.REFERRED: _l("Dilimpahkan"),
    State.REVIEW: _l("Menunggu petugas kedua"),
    State.CLOSED: _l("Selesai"),
    State.OBJECTION: _l("Keberatan ditinjau"),
    State.PURGED: _l("Isi dihapus"),
}
# What the deadline of a state is for.
AWAITED: Mapping[str, Any] = {
    State.RECEIVED: _l("untuk mulai menelaah"),
    State.TRIAGE: _l("untuk memutuskan langkahnya"),
    State.NEEDS_INFO: _l("untuk jawaban pelapor"),
    State.INVESTIGATION: _l("untuk kabar kepada pelapor"),
    State.REFERRED: _l("untuk jawaban instansi"),
    State.REVIEW: _l("untuk putusan petugas kedua"),
    State.OBJECTION: _l("untuk putusan atas keberatan"),
}
# What an officer can do, as it stands over its form.
ACTIONS: Mapping[str, Any] = {
    Action.OPEN: _l("Mulai menelaah"),
    Action.INVESTIGATE: _l("Mulai pemeriksaan"),
    Action.ASK: _l("Bertanya kepada pelapor"),
    Action.REPLY: _l("Menulis kepada pelapor"),
    Action.NOTE: _l("Menambah catatan"),
    Action.FINDING: _l("Mencatat temuan"),
    Action.EVIDENCE: _l("Menambah bukti"),
    Action.EXPORT: _l("Mengekspor bukti"),
    Action.TRANSFER: _l("Menyerahkan bukti"),
    Action.PROPOSE: _l("Mengusulkan hasil"),
    Action.CLOSE: _l("Menutup perkara"),
    Action.SEND_BACK: _l("Mengembalikan usulan"),
    Action.ASSIGN: _l("Menunjuk petugas"),
    Action.UPHOLD: _l("Menerima keberatan"),
    Action.DISMISS: _l("Menolak keberatan"),
    Action.CONSENT: _l("Menyetujui pelimpahan"),
    Action.REFER: _l("Melimpahkan ke instansi lain"),
    Action.RECEIPT: _l("Mencatat hasil dari instansi"),
    Action.RETURNED: _l("Mencatat pelimpahan yang kembali"),
    Action.REOPEN: _l("Membuka kembali perkara"),
    Action.EXTEND: _l("Memperpanjang batas waktu"),
    Action.FLAG: _l("Mengubah tanda mendesak"),
    Action.HOLD: _l("Menahan isi untuk keperluan hukum"),
    Action.RELEASE: _l("Melepas penahanan"),
    Action.RECUSE: _l("Mengundurkan diri dari perkara"),
    Action.PURGE: _l("Menghapus isi perkara"),
}
# What happened, as it stands in the history.
DEEDS: Mapping[str, Any] = {
    Action.LODGE: _l("Laporan dikirim"),
    Action.OPEN: _l("Laporan mulai ditelaah"),
    Action.INVESTIGATE: _l("Pemeriksaan dimulai"),
    Action.ASK: _l("Pelapor ditanya"),
    Action.ANSWER: _l("Pelapor menjawab"),
    Action.RESUME: _l("Pelapor belum menjawab; pekerjaan dilanjutkan"),
    Action.CONSENT: _l("Pelimpahan disetujui"),
    Action.REFER: _l("Dilimpahkan ke instansi lain"),
    Action.RECEIPT: _l("Tanda terima instansi dicatat"),
    Action.RETURNED: _l("Pelimpahan kembali"),
    Action.PROPOSE: _l("Hasil diusulkan"),
    Action.CLOSE: _l("Perkara ditutup"),
    Action.SEND_BACK: _l("Usulan dikembalikan"),
    Action.OBJECT: _l("Pelapor menyatakan keberatan"),
    Action.ASSIGN: _l("Petugas ditunjuk"),
    Action.UPHOLD: _l("Keberatan diterima"),
    Action.DISMISS: _l("Keberatan ditolak"),
    Action.REOPEN: _l("Perkara dibuka kembali"),
    Action.PURGE: _l("Isi laporan dihapus"),
    Action.MESSAGE: _l("Pelapor menulis"),
    Action.REPLY: _l("Pesan kepada pelapor"),
    Action.NOTE: _l("Catatan ditambah"),
    Action.FINDING: _l("Temuan dicatat"),
    Action.EVIDENCE: _l("Bukti ditambah"),
    Action.EXPORT: _l("Bukti diekspor"),
    Action.TRANSFER: _l("Bukti diserahkan"),
    Action.WITHDRAW: _l("Pelapor meminta laporannya dicabut"),
    Action.RECUSE: _l("Petugas mengundurkan diri"),
    Action.EXTEND: _l("Batas waktu diperpanjang"),
    Action.HOLD: _l("Perkara ditahan untuk keperluan hukum"),
    Action.RELEASE: _l("Penahanan perkara dilepas"),
    Action.FLAG: _l("Tanda mendesak diubah"),
    Action.ESCALATE: _l("Keterlambatan dinaikkan ke meja atas"),
}
CATEGORIES: Mapping[str, Any] = {
    Category.OVERCHARGED: _l("Tarif di atas ketentuan"),
    Category.FREE_SERVICE: _l("Memungut layanan gratis"),
    Category.NO_RECEIPT: _l("Tanpa kuitansi"),
    Category.GREASE_MONEY: _l("Uang pelicin"),
    Category.FORCED_DONATION: _l("Sumbangan paksa"),
    Category.FORCED_PURCHASE: _l("Wajib beli barang"),
    Category.CUT: _l("Potongan"),
    Category.TRIBUTE: _l("Setoran"),
    Category.BROKER: _l("Calo"),
    Category.OBSTRUCTION: _l("Sengaja dipersulit"),
    Category.ROADSIDE_PEACE: _l("Damai di tempat"),
    Category.GOODS: _l("Minta barang atau jasa"),
    Category.THREAT: _l("Ancaman"),
    Category.PRIVATE_ACCOUNT: _l("Transfer ke rekening pribadi"),
    Category.OTHER: _l("Lainnya"),
}
SEVERITIES: Mapping[str, Any] = {
    Severity.LIGHT: _l("Ringan"),
    Severity.MODERATE: _l("Sedang"),
    Severity.GRAVE: _l("Berat"),
}
OUTCOMES: Mapping[str, Any] = {
    Outcome.PROVEN: _l("Terbukti"),
    Outcome.PARTLY_PROVEN: _l("Terbukti sebagian"),
    Outcome.NOT_PROVEN: _l("Tidak terbukti"),
    Outcome.CANNOT_BE_PROCESSED: _l("Tidak dapat diproses"),
    Outcome.DUPLICATE: _l("Sudah pernah dilaporkan"),
    Outcome.WITHDRAWN: _l("Dicabut oleh pelapor"),
}
ALLEGATION_STATUSES: Mapping[str, Any] = {
    AllegationStatus.OPEN: _l("Belum ada temuan"),
    AllegationStatus.PROVEN: _l("Terbukti"),
    AllegationStatus.PARTLY_PROVEN: _l("Terbukti sebagian"),
    AllegationStatus.NOT_PROVEN: _l("Tidak terbukti"),
}
URGENCY: Mapping[str, Any] = {
    "yes": _l("Mendesak"),
    "no": _l("Tidak mendesak"),
}
ACTORS: Mapping[str, Any] = {
    "reporter": _l("Pelapor"),
    "system": _l("Sistem"),
}
# What is sealed, by the kind of its box.
TEXTS: Mapping[str, Any] = {
    "account": _l("Laporan"),
    "question": _l("Pertanyaan"),
    "answer": _l("Jawaban"),
    "message": _l("Pesan"),
    "decision": _l("Keputusan"),
    "objection": _l("Keberatan"),
    "withdrawal": _l("Permintaan cabut laporan"),
    "declaration": _l("Pernyataan tanpa benturan kepentingan"),
    "plan": _l("Rencana pemeriksaan"),
    "allegation": _l("Dugaan"),
    "finding": _l("Temuan"),
    "reason": _l("Alasan"),
    "note": _l("Catatan"),
}
# The account's answers; the reporter was asked in other words.
ANSWERS: Mapping[str, Any] = {
    "text": _l("Kejadian"),
    "region": _l("Kabupaten atau kota"),
    "place": _l("Tempat"),
    "sector": _l("Layanan"),
    "level": _l("Kantor yang dilaporkan"),
    "office": _l("Nama kantor"),
    "role": _l("Jabatan peminta"),
    "when": _l("Waktu"),
    "times": _l("Berapa kali"),
    "asked": _l("Diminta"),
    "paid": _l("Sudah dibayar"),
    "method": _l("Cara bayar"),
    "receipt": _l("Diberi kuitansi"),
    "threatened": _l("Merasa terancam"),
    "ongoing": _l("Masih berlangsung"),
    "fixed_amount": _l("Besarnya ditentukan"),
    "due_date": _l("Ada batas waktu"),
    "avoid": _l("Tidak boleh menangani"),
    "excluded": _l("Juga tidak boleh tahu"),
}
# How near a deadline is, as templates/macros/due.html draws it.
DUE_KINDS: Mapping[str, str] = {
    "overdue": "late",
    "today": "today",
    "soon": "soon",
    "later": "fine",
    "closed": "ended",
}
NO_CONFLICT = _l(
    "Saya menyatakan tidak mempunyai benturan kepentingan dalam perkara ini: saya bukan keluarga, atasan, atau bawahan "
    "pihak yang dilaporkan, dan tidak memperoleh apa pun dari hasilnya. Bila kemudian ada, saya mengundurkan diri."
)


def due_words(urgency: str, days_left: int) -> str:
    """Say how near a deadline is; ``days_left`` counts working days and is negative once it has passed."""
    if urgency == "closed":
        return _("Selesai")
    if urgency == "overdue":
        late = max(-days_left, 1)
        return ngettext("Terlambat %(num)d hari kerja", "Terlambat %(num)d hari kerja", late)
    if urgency == "today":
        return _("Hari ini")
    return ngettext("%(num)d hari kerja lagi", "%(num)d hari kerja lagi", days_left)


READINGS: Mapping[str, Any] = {
    "open": _l("Membuka isi perkara"),
    "reseal": _l("Menyegel kunci lama kembali"),
    "export": _l("Mengekspor bukti"),
}
FILE = "file:"
OPENING_REASONS: Mapping[str, Any] = {
    OpeningReason.EXAMINE: _l("Menelaah atau memeriksa perkara"),
    OpeningReason.COMPARE: _l("Mencocokkan dengan keterangan"),
    OpeningReason.CONCLUDE: _l("Menyiapkan temuan atau usulan"),
    OpeningReason.REVIEW: _l("Meninjau usulan atau keberatan"),
    OpeningReason.REQUEST: _l("Permintaan resmi atau audit"),
    OpeningReason.EXPORT: ACTIONS[Action.EXPORT],
    OpeningReason.TRANSFER: ACTIONS[Action.TRANSFER],
}


def reading(what: str, numbers: Mapping[str, str] | None = None) -> str:
    """Say what was handed over; ``numbers`` are those of the case's evidence, by how readings name it, where known."""
    if numbers and what in numbers:
        return _("Membuka bukti %(number)s") % {"number": numbers[what]}
    return _("Membuka bukti") if what.startswith(FILE) else str(READINGS.get(what, what))


def opening_reason(reason: str | None) -> str:
    """Say why a file was opened; nothing where that is not on record."""
    return _("Alasan: %(reason)s") % {"reason": OPENING_REASONS.get(reason, reason)} if reason else ""


def deed(action: str, from_state: str) -> str:
    """Say what an event did; the same act has another name where it means another thing."""
    if action == Action.ASSIGN and from_state == State.OBJECTION:
        return _("Petugas untuk keberatan ditunjuk")
    return str(DEEDS[action])


def title(action: str, state: str) -> str:
    """Say what an act is called while the case is in ``state``."""
    if action == Action.FLAG and state == State.REVIEW:
        return _("Mengubah tanda mendesak, memberi kunci")
    if action == Action.ASSIGN and state == State.OBJECTION:
        return _("Menunjuk petugas untuk keberatan")
    if action == Action.ASSIGN:
        return _("Mengganti pemeriksa")
    return str(ACTIONS[action])
