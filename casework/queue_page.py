"""The queue's page in words: who sees which heading, how near each deadline is, what an empty queue means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for

from casework.places import DAY, FLAG, IDENTIFIER, Order
from casework.queries import QueueFilter, QueuePage, QueueRow, Reminders, Urgency
from casework.terms import Role, State
from casework.wording import DUE_KINDS, OUTCOMES, STATES, due_words
from kernel.i18n import gettext as _
from kernel.i18n import ngettext, spoken
from kernel.province import Province

FILTERS = frozenset({"meja", "tahap", "mendesak", "terlambat", "dinaikkan", "milik-saya"})
# What is due first, of one day what is urgent; the queue's cases are told apart by their ids.
QUEUE = Order(DAY, FLAG, IDENTIFIER)
# Where somebody has to be named before the work goes on.
NEEDS_SOMEBODY = frozenset({State.INVESTIGATION, State.OBJECTION})
Choice = tuple[str, Any]
Flag = tuple[str, Any]


@dataclass(frozen=True)
class Row:
    """One case in the queue; ``flags`` as (kind, words)."""

    number: str
    due: date | None
    due_kind: str
    due_words: str
    flags: list[Flag]
    sector: str
    region: str
    state: Any
    outcome: Any
    opened_on: date
    assignee: str | None
    desk: str


@dataclass(frozen=True)
class Empty:
    """What is said where no case is shown."""

    title: str
    text: str


@dataclass(frozen=True)
class Board:
    """Everything the queue's page shows; ``first``, ``next`` and the first of ``again`` are addresses."""

    title: str
    lead: str
    reminders: list[Flag]
    again: Choice | None
    desks: list[Choice]
    states: list[Choice]
    has_own: bool
    filter: QueueFilter
    filtered: bool
    continued: bool
    rows: list[Row]
    empty: Empty
    first: str | None
    next: str | None


def board_of(
    role: Role,
    desks: Iterable[str],
    province: Province,
    asked: Mapping[str, str],
    chosen: QueueFilter,
    page: QueuePage,
    reminders: Reminders,
) -> Board:
    """Put one page of the queue into words, for a ``role`` who may choose among ``desks``."""
    kept: dict[str, Any] = {name: value for name, value in asked.items() if value and name in FILTERS}
    continued, filtered = "setelah" in asked, bool(kept)
    return Board(
        title=_title(role),
        lead=_lead(role),
        reminders=reminder_flags(reminders),
        again=_again(reminders),
        desks=[(desk, province.desks[desk].name) for desk in desks if desk in province.desks],
        states=list(STATES.items()),
        has_own=role is Role.LEAD,
        filter=chosen,
        filtered=filtered,
        continued=continued,
        rows=[_row(row, province) for row in page.rows],
        empty=_empty(role, filtered, continued),
        first=url_for("casework.queue", **kept) if continued else None,
        next=url_for("casework.queue", **kept, setelah=QUEUE.write(page.next_after)) if page.next_after else None,
    )


def flags_of(row: QueueRow) -> list[Flag]:
    """Return what stands out about a case, as (kind, words); a threat makes it urgent and says so itself."""
    flags = _pressing(row)
    if row.state in NEEDS_SOMEBODY and row.assignee_name is None:
        flags.append(("warn", _("Petugas belum ditunjuk")))
    if row.raised:
        flags.append(("warn", _("Dinaikkan")))
    if row.withdrawal_asked:
        flags.append(("warn", _("Minta dicabut")))
    return flags


def _pressing(row: QueueRow) -> list[Flag]:
    threat = [("danger", _("Pelapor terancam"))] if row.threatened else []
    if row.urgent and row.urgency is Urgency.CLOSED:
        return [*threat, ("danger", _("Perlu dilihat lagi"))]
    return threat or ([("danger", _("Mendesak"))] if row.urgent else [])


def reminder_flags(counted: Reminders) -> list[Flag]:
    """Put into words what should not be missed, the most pressing first; nothing where there is nothing."""
    today = ngettext("%(num)d jatuh tempo hari ini", "%(num)d jatuh tempo hari ini", counted.today)
    soon = ngettext("%(num)d dalam dua hari kerja", "%(num)d dalam dua hari kerja", counted.soon)
    raised = ngettext("%(num)d dinaikkan ke meja atas", "%(num)d dinaikkan ke meja atas", counted.raised)
    said = [
        ("danger", counted.late, ngettext("%(num)d lewat tenggat", "%(num)d lewat tenggat", counted.late)),
        ("warn", counted.today, today),
        ("warn", counted.soon, soon),
        ("danger", counted.raised, raised),
    ]
    return [(kind, words) for kind, count, words in said if count]


def _again(counted: Reminders) -> Choice | None:
    """Return the way to closed cases that somebody should look at, and how many there are; a closed one has no deadline
    that would bring it back into the queue."""
    words = ngettext(
        "%(num)d perkara selesai perlu dilihat lagi", "%(num)d perkara selesai perlu dilihat lagi", counted.written
    )
    return (url_for("casework.queue", tahap=State.CLOSED, mendesak="ya"), words) if counted.written else None


def due_of(row: QueueRow) -> tuple[str, str]:
    """Return the kind and the words of a deadline; while a question waits the clock is the reporter's."""
    waits = row.state is State.NEEDS_INFO and row.urgency in {Urgency.SOON, Urgency.LATER}
    return "paused" if waits else DUE_KINDS[row.urgency], due_words(row.urgency, row.working_days_left or 0)


def _row(row: QueueRow, province: Province) -> Row:
    kind, words = due_of(row)
    return Row(
        number=row.number,
        due=row.due,
        due_kind=kind,
        due_words=words,
        flags=flags_of(row),
        sector=sector_name(province, row.sector),
        region=region_name(province, row.region),
        state=STATES[row.state],
        outcome=OUTCOMES[row.outcome] if row.outcome and row.due is None else None,
        opened_on=row.opened_on,
        assignee=row.assignee_name,
        desk=desk_name(province, row.desk_id),
    )


def sector_name(province: Province, code: str) -> str:
    """Return a sector's name; a code that has left the province's file stands for itself."""
    return spoken(province.sectors[code].name) if code in province.sectors else code


def region_name(province: Province, code: str) -> str:
    """Return a region's name; a code that has left the province's file stands for itself."""
    return province.regions[code].name if code in province.regions else code


def desk_name(province: Province, code: str) -> str:
    """Return a desk's name; a code that has left the province's file stands for itself."""
    return province.desks[code].name if code in province.desks else code


def _title(role: Role) -> str:
    titles = {
        Role.LEAD: _("Antrean meja"),
        Role.INVESTIGATOR: _("Perkara Anda"),
        Role.REVIEWER: _("Menunggu pemeriksaan Anda"),
        Role.OVERSEER: _("Semua perkara"),
    }
    return titles[role]


def _lead(role: Role) -> str:
    leads = {
        Role.LEAD: _("Yang paling dekat tenggatnya di atas. Tenggat dihitung dalam hari kerja."),
        Role.INVESTIGATOR: _("Perkara yang ditugaskan kepada Anda, yang paling dekat tenggatnya di atas."),
        Role.REVIEWER: _("Hasil dan keberatan menunggu Anda; perkara pada tahap lain hanya dapat Anda baca."),
        Role.OVERSEER: _("Tahap, tenggat, dan riwayat setiap perkara. Isi laporan tidak terbuka bagi pengawas."),
    }
    return leads[role]


def _empty(role: Role, filtered: bool, continued: bool) -> Empty:
    if filtered:
        return Empty(_("Tidak ada yang cocok"), _("Tidak ada perkara dengan saringan ini."))
    if continued:
        return Empty(_("Sampai di sini"), _("Tidak ada perkara lagi sesudah halaman sebelumnya."))
    texts = {
        Role.LEAD: _("Tidak ada perkara berjalan di meja Anda. Laporan baru muncul di sini saat halaman dimuat lagi."),
        Role.INVESTIGATOR: _("Tidak ada perkara yang sedang ditugaskan kepada Anda."),
        Role.REVIEWER: _("Tidak ada hasil yang menunggu Anda periksa."),
        Role.OVERSEER: _("Belum ada perkara berjalan di provinsi ini."),
    }
    return Empty(_("Semua sudah tertangani"), texts[role])
