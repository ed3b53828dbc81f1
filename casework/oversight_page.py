"""The overseer's pages in words: the chain of statements, the readings, the clocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for

from casework.account_forms import ROLE_LABELS
from casework.case_page import moment_words
from casework.chain import Link, Vouched
from casework.oversight import DeskClocks, Kept, Opening, Openings
from casework.places import IDENTIFIER, MOMENT, NUMBER, Order
from casework.queue_page import desk_name
from casework.terms import Role, State
from casework.wording import opening_reason, reading
from kernel.directory.directory import Reason
from kernel.directory.statements import ROOT
from kernel.i18n import gettext as _
from kernel.i18n import lazy_gettext as _l
from kernel.province import Province

KINDS: Mapping[str, Any] = {
    "desk": _l("Meja"),
    "officer": _l("Petugas"),
    "epoch": _l("Kunci meja"),
    "recovery": _l("Kunci pemulihan"),
    "log": _l("Kunci catatan publik"),
    "promise": _l("Kunci janji"),
}
# Subjects that are no desk's, by their kind.
DESKLESS: Mapping[str, Any] = {"recovery": _l("Pemulihan"), "log": _l("Catatan publik"), "promise": _l("Janji")}
REASONS: Mapping[Reason, Any] = {
    Reason.REVOKED: _l("Dicabut"),
    Reason.DESK: _l("Tidak berlaku: mejanya tidak disahkan"),
    Reason.ISSUER: _l("Tidak berlaku: penandatangannya tidak berhak"),
    Reason.SIGNATURE: _l("Tidak berlaku: tanda tangannya salah"),
    Reason.DOUBLE: _l("Tidak berlaku: ada dua yang berbeda"),
}
STAGES: Mapping[State, Any] = {
    State.RECEIVED: _l("Dibuka tepat waktu"),
    State.TRIAGE: _l("Ditelaah tepat waktu"),
    State.INVESTIGATION: _l("Diperiksa tepat waktu"),
    State.REFERRED: _l("Pelimpahan dijawab tepat waktu"),
    State.REVIEW: _l("Petugas kedua tepat waktu"),
    State.OBJECTION: _l("Keberatan tepat waktu"),
}
# What was handed over at a reading, by its word in the chain of readings.
# Readings in the order of their making: when, of which case, the how many-th of it.
READ_LOG = Order(MOMENT, IDENTIFIER, NUMBER)


@dataclass(frozen=True)
class StatementLine:
    """One newest statement in words; ``wrong`` says why it does not count, if it does not."""

    kind: Any
    subject: Any
    serves: str
    version: int
    issued: date
    issuer: str
    wrong: Any


@dataclass(frozen=True)
class Branch:
    """One officer in the picture of the chain: his name, what he is where, and those he has signed for."""

    name: str
    serves: str
    wrong: Any
    below: list[Branch]


@dataclass(frozen=True)
class Words:
    """What names are made of: the officers' by id, and the province's."""

    names: Mapping[str, str]
    province: Province

    def officer(self, officer_id: str) -> str:
        """Return an officer's name; one without an account stands for himself."""
        return self.names.get(officer_id, officer_id)


def statement_lines(every: Iterable[Vouched], words: Words) -> list[StatementLine]:
    """Put the table of statements into words."""
    return [_statement_line(vouched, words) for vouched in every]


def _statement_line(vouched: Vouched, words: Words) -> StatementLine:
    said = vouched.statement
    return StatementLine(
        kind=KINDS[said.kind],
        subject=_subject(vouched, words),
        serves=_serves(vouched, words),
        version=said.version,
        issued=said.issued,
        issuer=_("Akar") if said.issuer == ROOT else words.officer(said.issuer.partition(":")[2]),
        wrong=_wrong(vouched),
    )


def _subject(vouched: Vouched, words: Words) -> Any:
    said = vouched.statement
    if said.kind == "officer":
        return words.officer(said.subject)
    return DESKLESS.get(said.kind) or desk_name(words.province, said.subject)


def _serves(vouched: Vouched, words: Words) -> str:
    said = vouched.statement
    if said.kind == "desk":
        return _("di bawah %(desk)s") % {"desk": desk_name(words.province, said.parent)} if said.parent else ""
    if said.kind != "officer":
        return ""
    return f"{ROLE_LABELS[Role(str(said.remit))]}, {desk_name(words.province, str(said.desk))}"


def _wrong(vouched: Vouched) -> Any:
    return REASONS.get(vouched.reason, _("Tidak berlaku")) if vouched.reason else None


def branches(chain: Iterable[Link], words: Words) -> list[Branch]:
    """Put the picture of the chain into words."""
    return [
        Branch(
            name=_subject(link.vouched, words),
            serves=_serves(link.vouched, words),
            wrong=_wrong(link.vouched),
            below=branches(link.below, words),
        )
        for link in chain
    ]


@dataclass(frozen=True)
class OpeningLine:
    """One reading in words."""

    when: str
    who: str
    what: Any
    why: str
    number: str


@dataclass(frozen=True)
class ReadLog:
    """Everything the page of readings shows; ``first`` and ``next`` are addresses."""

    rows: list[OpeningLine]
    readers: list[tuple[str, str]]
    number: str
    reader: str
    first: str | None
    next: str | None


def read_log(asked: Mapping[str, str], page: Openings, readers: list[tuple[str, str]]) -> ReadLog:
    """Put one page of readings into words."""
    kept: dict[str, Any] = {name: asked[name] for name in ("perkara", "petugas") if asked.get(name)}
    address = "oversight.openings"
    return ReadLog(
        rows=[_opening_line(opening) for opening in page.rows],
        readers=readers,
        number=asked.get("perkara", ""),
        reader=asked.get("petugas", ""),
        first=url_for(address, **kept) if "setelah" in asked else None,
        next=url_for(address, **kept, setelah=READ_LOG.write(page.next_after)) if page.next_after else None,
    )


def _opening_line(opening: Opening) -> OpeningLine:
    return OpeningLine(
        moment_words(opening.at), opening.officer_name, reading(opening.what), opening_reason(opening.reason),
        opening.case_number,
    )


@dataclass(frozen=True)
class ClockLine:
    """One desk's clocks in words; ``kept`` a text for each of ``STAGES``."""

    desk: str
    running: int
    late: int
    oldest: str
    kept: list[tuple[Any, str]]
    raised: int


def clock_lines(clocks: Iterable[DeskClocks], province: Province) -> list[ClockLine]:
    """Put the desks' clocks into words."""
    return [_clock_line(each, province) for each in clocks]


def _clock_line(clocks: DeskClocks, province: Province) -> ClockLine:
    return ClockLine(
        desk=desk_name(province, clocks.desk),
        running=clocks.running,
        late=clocks.late,
        oldest=_("%(count)d hari kerja") % {"count": clocks.oldest} if clocks.running else _("tidak ada"),
        kept=[(label, _share(clocks.kept[state])) for state, label in STAGES.items()],
        raised=clocks.raised,
    )


def _share(kept: Kept) -> str:
    return _("%(kept)d dari %(ended)d") % {"kept": kept.kept, "ended": kept.ended} if kept.ended else _("belum ada")
