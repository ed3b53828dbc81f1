"""One case's page in words: its facts, its history, the forms of what may be done, and why the rest may not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from casework.account_forms import ROLE_LABELS
from casework.evidence import what_of
from casework.history import ALLEGATION
from casework.queries import Candidate, CasePage, Offer, Reading, TimelineLine
from casework.queue_page import Flag, desk_name, due_of, flags_of, region_name, sector_name
from casework.requirements import READER, DayBetween, why_not
from casework.rules import CaseView
from casework.terms import HANDING_ON, Action, AllegationStatus, Outcome, Role, State
from casework.wording import (
    ACTIONS, ACTORS, ALLEGATION_STATUSES, ANSWERS, AWAITED, CATEGORIES, NO_CONFLICT, OPENING_REASONS, OUTCOMES,
    SEVERITIES, STATES, TEXTS, URGENCY, deed, opening_reason, reading, title,
)  # fmt: skip
from complaints.forms import ComplaintForm, levels_of
from complaints.rules import MOST_FILES
from kernel import clock
from kernel.i18n import gettext as _
from kernel.i18n import decimal, long_date
from kernel.province import Province
from kernel.web import current_settings

CONCLUDING = frozenset({Action.PROPOSE, Action.DISMISS, Action.RECEIPT})
OTHER_STAGE = "state"
STRANGER = frozenset({"channel", "member", "recused"})
# What an archive of the form in which evidence is exported holds, and a browser's memory.
LARGEST_ARCHIVE = 2 * 1024**3


@dataclass(frozen=True)
class Line:
    """One event in the history. ``who`` is an officer by name, the reporter or the system; ``evidence``
    is what it brought or handed on, by number; ``place`` says where the public log has it."""

    seq: int
    action: str
    words: str
    who: Any
    details: list[str]
    evidence: list[str]
    day: date
    place: str


@dataclass(frozen=True)
class Choice:
    """Something to choose, in words; ``why_not`` says why it cannot be chosen now."""

    value: str
    words: Any
    why_not: str = ""


@dataclass(frozen=True)
class Act:
    """One act that may be done now, with what its form must know; ``plans``: it begins an investigation, ``days`` are
    the first and the last that it may name, ``agency`` is the authority a reviewer has consented to, ``readers`` to
    whom it may hand the keys."""

    action: str
    title: str
    to_state: str
    plans: bool
    outcomes: list[Choice]
    days: DayBetween | None
    agency: str | None
    readers: list[Choice]


@dataclass(frozen=True)
class Reason:
    """An act that may not be done now, and why."""

    title: str
    sentences: list[str]


@dataclass(frozen=True)
class Answer:
    """One question of the account: its name, its words, and the words of the answers that are codes."""

    name: str
    label: Any
    choices: list[tuple[str, Any]]


@dataclass(frozen=True)
class ReadingLine:
    """One reading of the case in words: whose, of what, when and why; ``file`` is how readings name what was opened."""

    who: str
    what: str
    when: str
    why: str
    file: str


@dataclass(frozen=True)
class Words:
    """What the forms and the opened texts are written with."""

    no_conflict: Any
    categories: list[Choice]
    severities: list[Choice]
    findings: list[Choice]
    urgency: list[Choice]
    agencies: list[Choice]
    candidates: list[Choice]
    allegations: list[Choice]
    texts: list[Choice]
    statuses: list[Choice]
    outcomes: list[Choice]
    files: list[Choice]
    opening_reasons: list[Choice]
    most_files: int
    largest_file: int
    largest_archive: int


@dataclass(frozen=True)
class Sheet:
    """Everything one case's page shows that is not sealed."""

    id: str
    number: str
    version: int
    state: str
    state_words: Any
    officer: str | None
    due: date | None
    due_kind: str
    due_words: str
    awaited: Any
    flags: list[Flag]
    facts: list[tuple[str, Any]]
    lines: list[Line]
    acts: list[Act]
    reasons: list[Reason]
    later: list[str]
    no_acts: str
    may_open: bool
    erased: bool
    sees_readings: bool


def sheet_of(page: CasePage, role: Role, province: Province) -> Sheet:
    """Put a case's page into words for an officer with ``role``."""
    row = page.row
    kind, words = due_of(row)
    # Whoever only watches is told so once, and not twelve times why.
    refused = [offer for offer in page.offers if offer.refusals and role is not Role.OVERSEER]
    return Sheet(
        id=page.id,
        number=row.number,
        version=page.version,
        state=row.state,
        state_words=STATES[row.state],
        officer=row.assignee_name,
        due=row.due,
        due_kind=kind,
        due_words=words,
        awaited=_awaited(page),
        flags=[*flags_of(row), *_case_flags(page)],
        facts=_facts(page, province),
        lines=[_line(line, page, province) for line in page.timeline],
        acts=[_act(offer, page, province) for offer in page.offers if not offer.refusals],
        reasons=[_reason(offer, page) for offer in refused if offer.refusals[0].code != OTHER_STAGE],
        later=[str(ACTIONS[offer.action]) for offer in refused if offer.refusals[0].code == OTHER_STAGE],
        no_acts=_no_acts(role),
        may_open=page.may_open,
        erased=row.state == State.PURGED,
        sees_readings=role in {Role.LEAD, Role.OVERSEER},
    )


def _awaited(page: CasePage) -> Any:
    """Say what the deadline is for; an investigation that has no longer for news has to end by it."""
    if page.limit and page.row.due == page.limit:
        return _("untuk menyelesaikan pemeriksaan")
    return AWAITED.get(page.row.state)


def _case_flags(page: CasePage) -> list[Flag]:
    """Return what stands out about a case and has no place in the queue."""
    flags = [("wait", _("Ditahan untuk keperluan hukum"))] if page.legal_hold else []
    return [*flags, *([("wait", _("Pertanyaan belum dijawab"))] if page.unanswered else [])]


def _no_acts(role: Role) -> str:
    if role is Role.OVERSEER:
        return _("Pengawas melihat, dan tidak bertindak pada perkara.")
    return _("Tidak ada tindakan untuk Anda pada tahap ini.")


def words_of(page: CasePage, province: Province) -> Words:
    """Return the words of a case's page: those of every case, and whom and what its forms may name."""
    statuses = _choices_of(ALLEGATION_STATUSES)
    return Words(
        no_conflict=NO_CONFLICT,
        categories=_choices_of(CATEGORIES),
        severities=_choices_of(SEVERITIES),
        findings=[status for status in statuses if status.value != AllegationStatus.OPEN],
        urgency=_choices_of(URGENCY),
        agencies=[Choice(agency.code, agency.name) for agency in province.agencies.values()],
        candidates=[_candidate(each, page.row.desk_id, province) for each in page.assignees],
        # What an allegation says is sealed: the browser writes it in.
        allegations=[Choice(allegation, allegation) for allegation, _status in page.allegations],
        texts=_choices_of(TEXTS),
        statuses=statuses,
        outcomes=_choices_of(OUTCOMES),
        files=[Choice(file_id, number) for file_id, number in page.evidence.items()],
        opening_reasons=[choice for choice in _choices_of(OPENING_REASONS) if choice.value not in HANDING_ON],
        most_files=MOST_FILES,
        largest_file=current_settings().largest_file,
        largest_archive=LARGEST_ARCHIVE,
    )


def _choices_of(words: Mapping[str, Any]) -> list[Choice]:
    return [Choice(value, label) for value, label in words.items()]


def reading_lines(readings: Iterable[Reading], page: CasePage) -> list[ReadingLine]:
    """Put the list of who has opened a case into words; for officers' own acts the hour counts, too."""
    numbers = {what_of(file_id): number for file_id, number in page.evidence.items()}
    return [
        ReadingLine(
            each.officer_name, reading(each.what, numbers), moment_words(each.at), opening_reason(each.reason),
            each.what if each.what in numbers else "",
        )
        for each in readings
    ]


def moment_words(at: datetime) -> str:
    """Write a moment (UTC) as a day and an hour in the province."""
    local = clock.local(at)
    words = {"day": long_date(local.date()), "time": local.strftime("%H.%M"), "zone": local.tzname()}
    return _("%(day)s pukul %(time)s %(zone)s") % words


def answers(province: Province) -> list[Answer]:
    """Return the account's questions in the form's order, what happened first, and its words for coded answers."""
    form = ComplaintForm(province=province)
    return [Answer(name, label, [each for each in _choices(form[name]) if each[0]]) for name, label in ANSWERS.items()]


def _choices(field: Any) -> list[tuple[str, Any]]:
    return list(getattr(field, "choices", None) or [])


def _facts(page: CasePage, province: Province) -> list[tuple[str, Any]]:
    row = page.row
    levels: Mapping[str, Any] = dict(levels_of(province))
    facts = [
        (_("Layanan"), sector_name(province, row.sector)),
        (_("Kabupaten atau kota"), region_name(province, row.region)),
        (_("Kantor yang dilaporkan"), levels.get(row.level, row.level)),
        (_("Meja"), desk_name(province, row.desk_id)),
        (_("Dicatat untuk pelapor oleh"), page.channel),
        (_("Tidak boleh menangani"), ", ".join(desk_name(province, desk) for desk in page.excluded)),
        (_("Modus"), CATEGORIES[page.category] if page.category else None),
        (_("Bobot"), SEVERITIES[page.severity] if page.severity else None),
        (_("Hasil"), OUTCOMES[row.outcome] if row.outcome else None),
        (_("Laporan masuk"), long_date(row.opened_on)),
        (_("Pemeriksaan selesai paling lambat"), long_date(page.limit) if page.limit else None),
        (_("Keberatan sampai"), long_date(page.objection_until) if page.objection_until else None),
        (_("Isi dihapus mulai"), _erased_from(page)),
    ]
    return [(name, value) for name, value in facts if value]


def _erased_from(page: CasePage) -> str | None:
    if page.erased_from is None:
        return None
    return _("menunggu penahanan dilepas") if page.legal_hold else long_date(page.erased_from)


def _line(line: TimelineLine, page: CasePage, province: Province) -> Line:
    return Line(
        seq=line.seq,
        action=line.action,
        words=deed(line.action, line.from_state),
        who=doer(line),
        details=_details(line, page, province),
        evidence=line.evidence,
        day=line.day,
        place=place_words(line.place),
    )


def place_words(place: int | None) -> str:
    """Say where the published log has something: its index (from 0), by which anybody finds it there."""
    if place is None:
        return _("Catatan umum: belum terbit")
    return _("Catatan umum no. %(number)s") % {"number": decimal(place)}


def doer(line: TimelineLine) -> Any:
    """Say who did something: an officer by his name, the reporter, the system."""
    return line.actor_name or ACTORS.get(line.actor_kind, _("Petugas"))


def _details(line: TimelineLine, page: CasePage, province: Province) -> list[str]:
    """Say whom an event named, what it found, and what else it set in the clear."""
    found = [OUTCOMES[line.clear["outcome"]]] if "outcome" in line.clear else []
    if line.action == Action.FINDING:
        found = [ALLEGATION_STATUSES[value] for name, value in line.clear.items() if name.startswith(ALLEGATION)]
    named = _name_of(line.clear.get("assignee"), page)
    found += [_("ditugaskan kepada %(name)s") % {"name": named}] if named else []
    return [*map(str, found), *(say(line.clear, province) for name, say in CLEAR_WORDS.items() if name in line.clear)]


CLEAR_WORDS: Mapping[str, Callable[[Mapping[str, str], Province], str]] = {
    "agency": lambda clear, province: agency_name(province, clear["agency"]),
    "reference": lambda clear, _province: _("nomor %(reference)s") % {"reference": clear["reference"]},
    "until": lambda clear, _province: _("sampai %(day)s") % {"day": long_date(date.fromisoformat(clear["until"]))},
    "urgent": lambda clear, _province: str(URGENCY[clear["urgent"]]),
    "reader": lambda _clear, _province: _("petugas kedua diberi kunci untuk membaca"),
}


def agency_name(province: Province, code: str) -> str:
    """Return an agency's name; a code that has left the province's file stands for itself."""
    return province.agencies[code].name if code in province.agencies else code


def _name_of(officer: str | None, page: CasePage) -> str | None:
    """Return the name of an officer the page knows; of one who has left its desks it says nothing."""
    if officer == page.assignee_id:
        return page.row.assignee_name
    return next((each.full_name for each in [*page.assignees, *page.reviewers] if each.id == officer), None)


def _act(offer: Offer, page: CasePage, province: Province) -> Act:
    needed = offer.requirement
    until = needed.clear.get("until") if needed else None
    gives_keys = bool(needed and READER in needed.optional)
    return Act(
        action=offer.action,
        title=title(offer.action, page.row.state),
        to_state=str(offer.to_state),
        plans=bool(needed and needed.plans),
        outcomes=_outcomes(offer.action, page) if offer.action in CONCLUDING else [],
        days=until if isinstance(until, DayBetween) else None,
        agency=agency_name(province, page.consent_agency) if page.consent_agency else None,
        readers=[_candidate(each, page.row.desk_id, province) for each in page.readers] if gives_keys else [],
    )


def _outcomes(action: Action, page: CasePage) -> list[Choice]:
    view = CaseView(
        state=page.row.state, allegations=dict(page.allegations), withdrawal_asked=page.row.withdrawal_asked
    )
    reasons = {outcome: why_not(outcome, action, view) for outcome in Outcome}
    return [
        Choice(outcome, OUTCOMES[outcome], _(reason.sentence) if reason else "")
        for outcome, reason in reasons.items()
    ]


def _reason(offer: Offer, page: CasePage) -> Reason:
    # To a stranger to the case nothing more needs to be said.
    said = offer.refusals[:1] if offer.refusals[0].code in STRANGER else offer.refusals
    return Reason(title(offer.action, page.row.state), [_(refusal.sentence) for refusal in said])


def _candidate(candidate: Candidate, desk: str, province: Province) -> Choice:
    role = str(ROLE_LABELS[candidate.role])
    if candidate.desk != desk:
        role = f"{role}, {desk_name(province, candidate.desk)}"
    return Choice(candidate.id, f"{candidate.full_name} ({role})")
