"""What officers are shown of cases: the queue, one case's page, who has read it. No seal passes through here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal_column, not_, select, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from casework.access import as_actor, known_case, known_parts, known_to, may_open
from casework.cases import OpenCase, read_case
from casework.checking import numbers_of
from casework.erasing import first_day
from casework.history import Step
from casework.logins import CurrentOfficer
from casework.models import AccessEvent, Case, Officer
from casework.requirements import Requirement, readers, requirements
from casework.rules import CaseView, OfficerView, Refusal, assignable, eligible_reviewers, next_state, refusals
from casework.terms import Action, AllegationStatus, Role, State
from kernel import clock
from kernel.calendar import WorkingDays
from kernel.database import db
from kernel.decrees import calendar_in
from kernel.directory.queries import directory_in
from ledger.proving import places_of

PAGE = 50
SOON = 2
# The acts that have a page, in the order in which a case meets them.
OFFERED = (
    Action.OPEN, Action.INVESTIGATE, Action.ASK, Action.REPLY, Action.NOTE, Action.FINDING, Action.PROPOSE,
    Action.CONSENT, Action.REFER, Action.RECEIPT, Action.RETURNED, Action.CLOSE, Action.SEND_BACK, Action.ASSIGN,
    Action.UPHOLD, Action.DISMISS, Action.REOPEN, Action.EXTEND, Action.FLAG, Action.HOLD, Action.RELEASE,
    Action.RECUSE, Action.EVIDENCE, Action.EXPORT, Action.TRANSFER, Action.PURGE,
)  # fmt: skip
ENDED = (State.CLOSED, State.PURGED)


class Urgency(StrEnum):
    """How near a case's due day is, in working days."""

    OVERDUE = "overdue"
    TODAY = "today"
    SOON = "soon"
    LATER = "later"
    CLOSED = "closed"


@dataclass(frozen=True)
class QueueFilter:
    """Which cases are asked for, of those the officer may know of."""

    desk: str | None = None
    state: State | None = None
    mine: bool = False
    urgent: bool = False
    overdue: bool = False
    raised: bool = False
    ended: bool = False


@dataclass(frozen=True)
class QueueRow:
    """One case in the queue."""

    number: str
    state: State
    desk_id: str
    region: str
    sector: str
    level: str
    opened_on: date
    due: date | None
    assignee_name: str | None
    urgent: bool
    threatened: bool
    withdrawal_asked: bool
    raised: bool
    outcome: str | None
    working_days_left: int | None
    urgency: Urgency


Cursor = tuple[date, bool, str]
Place = tuple[InstrumentedAttribute[Any], ColumnElement[bool], InstrumentedAttribute[str]]


@dataclass(frozen=True)
class QueuePage:
    """At most ``PAGE`` rows, and where the next page begins."""

    rows: list[QueueRow]
    next_after: Cursor | None


def queue(officer: CurrentOfficer, asked: QueueFilter, after: Cursor | None) -> QueuePage:
    """Return one page of the cases ``officer`` may know of, what is due first on top; ended ones by their beginning.

    Of those due on one day what is urgent comes first: so the form promises whoever feels threatened.
    """
    place = (Case.opened_on if asked.ended else Case.due, not_(Case.urgent), Case.id)
    narrowed = [*_asked(officer, asked), *([place[0] >= after[0], tuple_(*place) > after] if after else [])]
    parts = known_parts(officer, asked.desk)
    query = select(Case, Officer.full_name).outerjoin(Officer, Officer.id == Case.assignee_id)
    query = query.where(Case.id.in_(_first([and_(part, *narrowed) for part in parts], place))).order_by(*place)
    found = db.session.execute(query).all()
    calendar = calendar_in(db.session)
    rows = [_row(case, name, calendar) for case, name in found[:PAGE]]
    return QueuePage(rows, _cursor(found[PAGE - 1][0]) if len(found) > PAGE else None)


def _first(conditions: list[ColumnElement[bool]], place: Place) -> Select[Any]:
    """Select the ids of the first cases, one more than a page has: the first of each part, and of these the first."""
    day, calm, name = place
    columns = (name.label("name"), day.label("day"), calm.label("calm"))
    parts = [select(*columns).where(each).order_by(*place).limit(PAGE + 1).subquery() for each in conditions]
    # Named by their text: proxies of the same three columns for each of forty desks would cost as much as the search.
    first = union_all(*(select(literal_column("*")).select_from(part) for part in parts)).subquery("first")
    found: ColumnElement[str] = literal_column("first.name")
    query = select(found).select_from(first).order_by(literal_column("first.day"), literal_column("first.calm"), found)
    return query.limit(PAGE + 1)


@dataclass(frozen=True)
class Reminders:
    """How many running cases are late, due today, due within ``SOON`` working days, and late and raised; and how many
    closed ones their reporters have written to since, or somebody has flagged."""

    late: int
    today: int
    soon: int
    raised: int
    written: int


def reminders(officer: CurrentOfficer) -> Reminders:
    """Count what should not be missed among the cases ``officer`` may know of."""
    today = clock.today()
    soon = calendar_in(db.session).add(today, SOON)
    kinds = (Case.due < today, Case.due == today, Case.due > today, Case.raised_on.is_not(None))
    counts = [func.count(case((kind, 1))) for kind in kinds]
    running = select(*counts).where(known_to(officer), Case.due <= soon)
    # SQLite tries the conditions in this order: what is urgent is found sooner than whom a reporter has excluded.
    ended = select(func.count()).where(Case.due.is_(None), Case.urgent.is_(True), known_to(officer))
    return Reminders(*map(int, (*db.session.execute(running).one(), db.session.scalars(ended).one())))


def _cursor(last: Case) -> Cursor:
    return last.due or last.opened_on, not last.urgent, last.id


def _asked(officer: CurrentOfficer, asked: QueueFilter) -> list[ColumnElement[bool]]:
    conditions = {
        "desk": Case.desk_id == asked.desk,
        "state": Case.state == asked.state,
        "mine": Case.assignee_id == officer.id,
        "urgent": Case.urgent.is_(True),
        "overdue": Case.due < clock.today(),
        "raised": Case.raised_on.is_not(None),
    }
    chosen = [condition for name, condition in conditions.items() if getattr(asked, name)]
    return [*chosen, Case.due.is_(None) if asked.ended else Case.due.is_not(None)]


def _row(case: Case, assignee_name: str | None, calendar: WorkingDays) -> QueueRow:
    left = days_left(case.due, calendar)
    return QueueRow(
        number=case.number,
        state=State(case.state),
        desk_id=case.desk_id,
        region=case.region,
        sector=case.sector,
        level=case.level,
        opened_on=case.opened_on,
        due=case.due,
        assignee_name=assignee_name,
        urgent=case.urgent,
        threatened=case.threatened or case.threatened_on is not None,
        withdrawal_asked=case.withdrawal_asked,
        raised=case.raised_on is not None,
        outcome=case.outcome,
        working_days_left=left,
        urgency=urgency_of(left),
    )


def days_left(due: date | None, calendar: WorkingDays) -> int | None:
    """Return the working days left until ``due``, negative when it has passed; ``None`` where no clock runs."""
    today = clock.today()
    if due is None:
        return None
    # A day missed on a Friday is missed on Saturday too, though no working day has passed.
    return calendar.between(today, due) if due >= today else -max(calendar.between(due, today), 1)


def urgency_of(left: int | None) -> Urgency:
    """Return how near the due day is."""
    if left is None:
        return Urgency.CLOSED
    if left <= 0:
        return Urgency.TODAY if left == 0 else Urgency.OVERDUE
    return Urgency.SOON if left <= SOON else Urgency.LATER


@dataclass(frozen=True)
class Offer:
    """One act that has a page: where it would lead, what it must carry, and why it is not offered, if it is not."""

    action: Action
    to_state: State | None
    requirement: Requirement | None
    refusals: list[Refusal]


@dataclass(frozen=True)
class Candidate:
    """An officer who can be named."""

    id: str
    full_name: str
    role: Role
    desk: str


@dataclass(frozen=True)
class TimelineLine:
    """One event in the case's story; ``actor_name`` is an officer's, for who the reporter is nobody knows; ``evidence``
    are the numbers of what it brought, handed out or handed over, ``place`` the index of its entry in the log (from 0),
    ``None`` until that is published."""

    seq: int
    action: Action
    from_state: State
    to_state: State
    day: date
    actor_kind: str
    actor_name: str | None
    clear: Mapping[str, str]
    evidence: list[str]
    place: int | None


@dataclass(frozen=True)
class CasePage:
    """Everything in the clear that one officer is shown of one case, and what he may do; ``evidence`` numbers its files
    by their ids."""

    id: str
    row: QueueRow
    version: int
    excluded: list[str]
    channel: str | None
    category: str | None
    severity: str | None
    assignee_id: str | None
    legal_hold: bool
    came_from: State | None
    unanswered: bool
    consent_agency: str | None
    limit: date | None
    objection_until: date | None
    erased_from: date | None
    timeline: list[TimelineLine]
    offers: list[Offer]
    assignees: list[Candidate]
    readers: list[Candidate]
    reviewers: list[Candidate]
    allegations: list[tuple[str, AllegationStatus]]
    evidence: Mapping[str, str]
    may_open: bool


def case_page(number: str, officer: CurrentOfficer) -> CasePage:
    """Return one case's page as ``officer`` sees it; raises ``NoSuchCase``."""
    with Session(db.engine) as session:
        row = known_case(session, number, officer)
        case = read_case(session, row.id, directory_in(session))
        names = _names(session, case)
        shown = _row(row, names.get(row.assignee_id or ""), case.calendar)
        return _page(row.id, shown, case, officer, names, places_of(session, case.entries))


def _page(
    case_id: str,
    row: QueueRow,
    case: OpenCase,
    officer: CurrentOfficer,
    names: Mapping[str, str],
    places: Mapping[bytes, int],
) -> CasePage:
    view, numbers = case.view, numbers_of(case.view.files)
    return CasePage(
        id=case_id,
        row=row,
        version=view.version,
        excluded=sorted(view.excluded),
        channel=names.get(view.channel, view.channel) if view.channel else None,
        category=view.category,
        severity=view.severity,
        assignee_id=view.keeper,
        legal_hold=view.hold,
        came_from=view.came_from,
        unanswered=view.unanswered,
        consent_agency=view.consent.agency if view.consent else None,
        limit=view.limit,
        objection_until=view.objection_until,
        erased_from=first_day(view),
        timeline=[_line(step, names, numbers, places.get(entry)) for step, entry in zip(case.steps, case.entries)],
        offers=[_offer(action, view, officer) for action in OFFERED],
        assignees=_candidates(assignable(view), names),
        readers=_candidates(readers(view), names),
        reviewers=_candidates(eligible_reviewers(view), names),
        allegations=list(view.allegations.items()),
        evidence=numbers,
        may_open=may_open(view, officer),
    )


def _offer(action: Action, view: CaseView, officer: CurrentOfficer) -> Offer:
    actor = as_actor(officer)
    refused = refusals(action, view, actor)
    if refused:
        return Offer(action, None, None, refused)
    return Offer(action, next_state(action, view), requirements(action, view, actor), [])


def _candidates(officers: Sequence[OfficerView], names: Mapping[str, str]) -> list[Candidate]:
    return [Candidate(each.id, names.get(each.id, each.id), each.role, each.desk) for each in officers]


def _names(session: Session, case: OpenCase) -> dict[str, str]:
    wanted = {officer.id for officer in case.view.officers} | {step.officer for step in case.steps if step.officer}
    wanted |= {case.view.channel} if case.view.channel else set()
    found = session.execute(select(Officer.id, Officer.full_name).where(Officer.id.in_(wanted)))
    return {officer_id: name for officer_id, name in found}


def _line(step: Step, names: Mapping[str, str], numbers: Mapping[str, str], place: int | None) -> TimelineLine:
    files = [file_id for file_id, _digest in step.files] or step.clear.get("files", "").split("+")
    return TimelineLine(
        seq=step.seq,
        action=step.action,
        from_state=step.from_state,
        to_state=step.to_state,
        day=step.day,
        actor_kind=step.actor,
        actor_name=names.get(step.officer) if step.officer else None,
        clear=step.clear,
        evidence=[numbers[file_id] for file_id in files if file_id in numbers],
        place=place,
    )


def lines_since(number: str, officer: CurrentOfficer, seen: int) -> list[TimelineLine]:
    """Return what has happened to a case after version ``seen``; raises ``NoSuchCase``."""
    return [line for line in case_page(number, officer).timeline if line.seq > seen]


@dataclass(frozen=True)
class Reading:
    """One reading of a case: who, what, when (UTC), and of a file why (``OpeningReason``)."""

    officer_name: str
    what: str
    at: datetime
    reason: str | None


def readings(number: str, officer: CurrentOfficer) -> list[Reading]:
    """Return who has read a case, newest first; raises ``NoSuchCase``."""
    with Session(db.engine) as session:
        case = known_case(session, number, officer)
        query = select(Officer.full_name, AccessEvent.what, AccessEvent.at, AccessEvent.reason).join(Officer)
        rows = session.execute(query.where(AccessEvent.case_id == case.id).order_by(AccessEvent.seq.desc()))
        return [Reading(*row) for row in rows]
