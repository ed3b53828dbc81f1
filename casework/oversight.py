"""What stands for the overseer beside the queue: who has opened what, and how desks keep their clocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, case, func, select, tuple_

from casework.cases import DAYS
from casework.models import AccessEvent, Case, CaseEvent, Officer
from casework.terms import Action, State
from kernel import clock
from kernel.database import db
from kernel.decrees import calendar_in

PAGE = 50
# How far back the kept clocks look: a quarter, long enough for a small desk to have had cases.
LOOKS_BACK = timedelta(days=90)
# The acts by which a stay begins whose clock starts anew and runs without a pause, and the state it is in.
BEGINNINGS = {
    Action.LODGE: State.RECEIVED, Action.REFER: State.REFERRED, Action.PROPOSE: State.REVIEW,
    Action.OBJECT: State.OBJECTION,
}  # fmt: skip
# Whose clock a question to the reporter, or a review, only stops.
PAUSING = (State.TRIAGE, State.INVESTIGATION)

Place = tuple[datetime, str, int]


@dataclass(frozen=True)
class Opening:
    """One reading: when (UTC), who, what of which case, and of a file why (``OpeningReason``)."""

    at: datetime
    officer_name: str
    case_number: str
    what: str
    reason: str | None


@dataclass(frozen=True)
class Openings:
    """At most ``PAGE`` readings, newest first, and where the next page begins."""

    rows: list[Opening]
    next_after: Place | None


def openings(number: str | None, officer_id: str | None, after: Place | None) -> Openings:
    """Return one page of the readings of all cases, or of one case, or by one officer, or both."""
    place = (AccessEvent.at, AccessEvent.case_id, AccessEvent.seq)
    query = select(AccessEvent, Officer.full_name, Case.number).join_from(AccessEvent, Officer)
    query = query.join(Case, Case.id == AccessEvent.case_id)
    if number:
        query = query.where(Case.number == number)
    if officer_id:
        query = query.where(AccessEvent.officer_id == officer_id)
    if after:
        query = query.where(tuple_(*place) < after)
    found = db.session.execute(query.order_by(*(each.desc() for each in place)).limit(PAGE + 1)).all()
    rows = [
        Opening(clock.utc(event.at), name, number, event.what, event.reason) for event, name, number in found[:PAGE]
    ]
    return Openings(rows, _place(found[PAGE - 1][0]) if len(found) > PAGE else None)


def officer_names() -> dict[str, str]:
    """Return the names of all who have ever had an account, by id."""
    return {officer_id: name for officer_id, name in db.session.execute(select(Officer.id, Officer.full_name))}


def readers() -> list[tuple[str, str]]:
    """Return the id and name of everybody who has ever opened a case, by name."""
    query = select(Officer.id, Officer.full_name).where(Officer.id.in_(select(AccessEvent.officer_id)))
    return [(officer_id, name) for officer_id, name in db.session.execute(query.order_by(Officer.full_name))]


def _place(event: AccessEvent) -> Place:
    return clock.utc(event.at), event.case_id, event.seq


@dataclass
class Kept:
    """Of ``ended`` stays in a state, or of cases that went through one whose clock pauses, how many kept its clock."""

    kept: int = 0
    ended: int = 0


@dataclass
class DeskClocks:
    """How a desk stands: cases running and late now, the age of the oldest in working days, and of the cases of the
    last ``LOOKS_BACK`` how many clocks were kept, by state, and how often one was missed and raised."""

    desk: str
    running: int = 0
    late: int = 0
    oldest: int = 0
    kept: dict[State, Kept] = field(
        default_factory=lambda: {state: Kept() for state in (*BEGINNINGS.values(), *PAUSING)}
    )
    raised: int = 0


def desk_clocks(desks: Iterable[str], reader: str) -> list[DeskClocks]:
    """Return how each of ``desks`` stands, in their order, without the cases that ``reader`` wrote down for a visitor.

    At a small desk a count that changes tells him how they go on.
    """
    clocks = {desk: DeskClocks(desk) for desk in desks}
    counted = Case.desk_id.in_(clocks) & Case.channel_id.is_distinct_from(reader)
    _count_running(clocks, counted)
    _count_kept(clocks, counted)
    _count_gone_through(clocks, counted)
    _count_raised(clocks, counted)
    return list(clocks.values())


def _count_running(clocks: dict[str, DeskClocks], which: ColumnElement[bool]) -> None:
    today, calendar = clock.today(), calendar_in(db.session)
    late = func.sum(case((Case.due < today, 1), else_=0))
    query = select(Case.desk_id, Case.opened_on, func.count(), late).where(Case.due.is_not(None), which)
    for desk, opened_on, running, overdue in db.session.execute(query.group_by(Case.desk_id, Case.opened_on)):
        counted = clocks[desk]
        counted.running += running
        counted.late += overdue
        counted.oldest = max(counted.oldest, calendar.between(opened_on, today))


def _count_kept(clocks: dict[str, DeskClocks], which: ColumnElement[bool]) -> None:
    calendar = calendar_in(db.session)
    for desk, action, begun, left, count in db.session.execute(_stays(which)):
        state = BEGINNINGS[Action(action)]
        counted = clocks[desk].kept[state]
        counted.ended += count
        counted.kept += count * (calendar.between(begun, left) <= DAYS.of(state))


def _stays(which: ColumnElement[bool]) -> Any:
    """Count the ended stays by desk, how they began, and their two days: few rows, however many cases there are."""
    moves = (
        select(
            Case.desk_id,
            CaseEvent.action,
            CaseEvent.day.label("begun"),
            func.lead(CaseEvent.day, type_=Date)
            .over(partition_by=CaseEvent.case_id, order_by=CaseEvent.seq)
            .label("left"),
        )
        .join_from(Case, CaseEvent, CaseEvent.case_id == Case.id)
        .where(_recent(), which, CaseEvent.from_state != CaseEvent.to_state)
        .subquery()
    )
    columns = (moves.c.desk_id, moves.c.action, moves.c.begun, moves.c.left)
    ended = moves.c.action.in_(BEGINNINGS) & moves.c.left.is_not(None)
    return select(*columns, func.count()).where(ended).group_by(*columns)


def _count_gone_through(clocks: dict[str, DeskClocks], which: ColumnElement[bool]) -> None:
    """Count the cases that have left a state whose clock pauses, and of how many that clock was never raised."""
    raised = func.max(case((CaseEvent.action == Action.ESCALATE, 1), else_=0)).label("raised")
    left = (Case.state != CaseEvent.from_state) & (Case.state != State.NEEDS_INFO)
    each = (
        select(Case.desk_id, CaseEvent.from_state, raised)
        .join_from(Case, CaseEvent, CaseEvent.case_id == Case.id)
        .where(_recent(), which, left, CaseEvent.from_state.in_(PAUSING))
        .group_by(Case.id, Case.desk_id, CaseEvent.from_state)
        .subquery()
    )
    query = select(each.c.desk_id, each.c.from_state, func.count(), func.sum(each.c.raised))
    for desk, state, ended, missed in db.session.execute(query.group_by(each.c.desk_id, each.c.from_state)):
        clocks[desk].kept[State(state)] = Kept(ended - missed, ended)


def _count_raised(clocks: dict[str, DeskClocks], which: ColumnElement[bool]) -> None:
    query = select(Case.desk_id, func.count()).join(CaseEvent, CaseEvent.case_id == Case.id)
    query = query.where(_recent(), which, CaseEvent.action == Action.ESCALATE).group_by(Case.desk_id)
    for desk, count in db.session.execute(query):
        clocks[desk].raised = count


def _recent() -> Any:
    return Case.opened_on >= clock.today() - LOOKS_BACK
