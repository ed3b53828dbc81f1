"""The alarms in plain words: what each means for the people who are served, and what there is to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kernel.i18n import gettext as _
from kernel.i18n import lazy_gettext as _l
from kernel.i18n import ngettext
from operations.watching import Alarm


@dataclass(frozen=True)
class Said:
    """What there is to say of an alarm, however it stands: its name, why it matters, and what to do."""

    label: Any
    meaning: Any
    remedy: Any


SAID: Mapping[str, Said] = {
    "database": Said(
        _l("Basis data"),
        _l("Tanpa basis data tidak ada laporan yang dapat dikirim dan tidak ada perkara yang dapat dibuka."),
        _l("Minta pengelola server memeriksa apakah basis data berjalan dan apakah disknya penuh."),
    ),
    "jobs_stuck": Said(
        _l("Pekerjaan yang gagal terus"),
        _l(
            "Pekerjaan di belakang layar menaikkan tenggat yang lewat, menghentikan penantian jawaban, dan menghapus "
            "kunci lama. Yang gagal lima kali berturut-turut tetap dicoba, tetapi tidak akan berhasil sendiri."
        ),
        _l(
            "Minta pengelola server membaca log “flask work”: di sana tertulis apa yang salah. Sesudah diperbaiki, "
            "alarm ini tenang sendiri paling lama satu jam kemudian."
        ),
    ),
    "jobs_late": Said(
        _l("Pekerjaan yang menunggu"),
        _l(
            "Bila pekerjaan di belakang layar menunggu lebih dari 15 menit, yang mengerjakannya tampaknya berhenti. "
            "Tenggat yang lewat tidak dinaikkan selama itu; tidak ada yang hilang."
        ),
        _l("Minta pengelola server menjalankan lagi layanan kentongan-work."),
    ),
    "log": Said(
        _l("Catatan publik"),
        _l(
            "Basis data tidak cocok dengan catatan yang sudah diumumkan: isinya lebih lama, atau diubah. Catatan tidak "
            "diumumkan lagi sampai jelas sebabnya. Laporan tetap dapat dikirim dan dibuka."
        ),
        _l(
            "Minta pengelola server menjalankan “flask alarms” dan mengikuti bagian “The log” di docs/operations.md. "
            "Sampai itu selesai, jangan hapus basis data atau cadangan apa pun: itu bukti."
        ),
    ),
    "clock": Said(
        _l("Jam server"),
        _l("Jam yang salah membuat kode autentikator ditolak, dan tanggal dicatat keliru."),
        _l("Minta pengelola server menyetel jam lewat jaringan (NTP), lalu memeriksa bahwa penyetelnya tetap menyala."),
    ),
    "disk": Said(
        _l("Ruang disk"),
        _l("Bila disk penuh, laporan baru tidak dapat disimpan."),
        _l("Minta pengelola server memindahkan cadangan lama ke tempat lain, atau menambah ruang."),
    ),
    "store": Said(
        _l("Tempat penyimpanan berkas"),
        _l(
            "Tanpa tempat penyimpanan tidak ada foto atau berkas yang dapat dikirim atau dibuka. Laporan dan pesan "
            "tanpa berkas tetap sampai; tidak ada yang hilang."
        ),
        _l(
            "Minta pengelola server memeriksa folder atau layanan tempat berkas disimpan, ruangnya, dan kunci masuknya."
        ),
    ),
    "files": Said(
        _l("Berkas yang hilang"),
        _l("Perkara menyebut berkas yang tidak ada lagi di tempat penyimpanan. Bukti itu tidak dapat dibuka."),
        _l(
            "Minta pengelola server mengembalikannya dari cadangan atau dari versi lama di tempat penyimpanan. Sampai "
            "itu dilakukan, jangan hapus cadangan apa pun."
        ),
    ),
    "backup": Said(
        _l("Cadangan"),
        _l("Bila server rusak sekarang, semua yang masuk sesudah cadangan terakhir hilang."),
        _l("Minta pengelola server menjalankan “flask backup”, lalu memeriksa mengapa cadangan malam tidak dibuat."),
    ),
    "restore": Said(
        _l("Pemulihan dari cadangan"),
        _l(
            "Pemulihan yang tidak selesai meninggalkan isi yang belum diperiksa. Server tidak akan mau dinyalakan lagi."
        ),
        _l(
            "Minta pengelola server membaca berkas RESTORING di folder pribadi server: di sana tertulis apa yang "
            "kurang. Pulihkan lagi ke tempat yang kosong."
        ),
    ),
}


@dataclass(frozen=True)
class AlarmLine:
    """One alarm in words; ``figure`` is what was measured, ``meaning`` and ``remedy`` what to know and do."""

    name: str
    label: Any
    rings: bool
    figure: str
    meaning: Any
    remedy: Any


def alarm_lines(alarms: Iterable[Alarm]) -> list[AlarmLine]:
    """Put the alarms into words, those that ring first."""
    lines = [_line(alarm) for alarm in alarms]
    return sorted(lines, key=lambda line: not line.rings)


def _line(alarm: Alarm) -> AlarmLine:
    said = SAID[alarm.name]
    return AlarmLine(alarm.name, said.label, alarm.rings, _figure(alarm), said.meaning, said.remedy)


def _figure(alarm: Alarm) -> str:
    """Say what was measured."""
    if alarm.figure is None:
        return str(_NEVER.get(alarm.name, _l("tidak dapat dilihat")))
    return _FIGURES[alarm.name](alarm.figure)


def _jobs(count: int) -> str:
    return ngettext("%(num)s pekerjaan", "%(num)s pekerjaan", count) if count else _("tidak ada")


def _chunks(count: int) -> str:
    return ngettext("%(num)s potongan", "%(num)s potongan", count) if count else _("tidak ada")


def _hours_ago(hours: int) -> str:
    if not hours:
        return _("kurang dari satu jam lalu")
    return ngettext("terakhir %(num)s jam lalu", "terakhir %(num)s jam lalu", hours)


# What there is to say where there is no figure yet.
_NEVER: Mapping[str, Any] = {"backup": _l("belum pernah dibuat"), "files": _l("belum pernah dicocokkan")}
_FIGURES: Mapping[str, Callable[[int], str]] = {
    "database": lambda wrong: _("tidak menjawab") if wrong else _("menjawab"),
    "jobs_stuck": _jobs,
    "jobs_late": _jobs,
    "log": lambda wrong: _("tidak diumumkan") if wrong else _("cocok"),
    "clock": lambda seconds: ngettext("selisih %(num)s detik", "selisih %(num)s detik", seconds),
    "disk": lambda share: _("%(share)d%% kosong") % {"share": share},
    "store": lambda wrong: _("tidak menjawab, atau tidak menerima berkas") if wrong else _("menjawab"),
    "files": _chunks,
    "backup": _hours_ago,
    "restore": lambda wrong: _("tidak selesai") if wrong else _("tidak ada"),
}
