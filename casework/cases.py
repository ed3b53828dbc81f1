"""A case in its transaction: read whole from its events, and carried on by one more.

``append`` is the only place that writes an event; ``services.fire`` and the receivers of the reporter's acts call it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import String, bindparam, select, update
from sqlalchemy.orm import Session

from casework.clocks import ClockDays, Shown, dated, shown_of
from casework.erasing import follow_closing
from casework.history import Step, after, fold, step_of
from casework.models import Case, CaseEvent
from casework.requirements import fits
from casework.rules import Actor, CaseView, OfficerView, is_raised, must_wait, next_state, refusals
from casework.terms import Action, Role, State
from complaints.envelopes import Malformed
from complaints.models import PublishedStatus
from complaints.services import publish
from kernel import clock, jobs
from kernel.calendar import WorkingDays
from kernel.database import Reader, execute, put, table_of
from kernel.decrees import calendar_in
from kernel.directory.directory import Directory, NotVouched
from kernel.i18n import gettext as _
from kernel.refusal import Forbidden, Refused
from kernel.web import current_settings
from ledger.body import Event, read_event
from ledger.services import entry_for

DAYS = ClockDays()
# The kind of the job that looks at a case when its clock has run out.
CLOCK = "clock"

# Made once: to build a statement anew costs several times what it costs to send.
_ID = bindparam("case", type_=String)
_LOCK = select(Case.id).where(Case.id == _ID).with_for_update()
_EVENTS = select(CaseEvent.body, CaseEvent.entry).where(CaseEvent.case_id == _ID).order_by(CaseEvent.seq)
_SHOWN = select(PublishedStatus.state, PublishedStatus.next_due, PublishedStatus.objection_until).where(
    PublishedStatus.complaint_id == _ID
)
_PROJECT = update(table_of(Case)).where(Case.id == _ID)


@dataclass(frozen=True)
class OpenCase:
    """One case as it stands: its steps so far, what the rules see of it, and by which calendar.

    ``entries`` are its events' ledger entries (64 bytes each); ``access`` is the hash of the reading (32 bytes) that
    the newest of its officers' acts names, ``None`` where none does.
    """

    steps: tuple[Step, ...]
    view: CaseView
    calendar: WorkingDays
    entries: tuple[bytes, ...] = ()
    access: bytes | None = None

    @property
    def head(self) -> bytes | None:
        """The newest entry, which the next event names; ``None`` before the first."""
        return self.entries[-1] if self.entries else None

    def is_continued_by(self, event: Event) -> bool:
        """Tell whether whoever wrote ``event`` has seen the case as it stands."""
        return (event.seq - 1, event.previous) == (self.view.version, self.head)


def read_case(session: Reader, case_id: str, directory: Directory) -> OpenCase:
    """Read a case whole: from its events, the dates its reporter was shown, and the signed tree."""
    rows = execute(session, _EVENTS, case=case_id).all()
    events = [read_event(row.body) for row in rows]
    steps, calendar = tuple(map(step_of, events)), calendar_in(session)
    view = dated(fold(steps), steps, calendar, DAYS, clock.today(), _shown(session, case_id))
    accesses = [event.access for event in events if event.access]
    return OpenCase(
        steps,
        in_tree(view, directory),
        calendar,
        entries=tuple(row.entry for row in rows),
        access=accesses[-1] if accesses else None,
    )


def _shown(session: Reader, case_id: str) -> Shown | None:
    row = execute(session, _SHOWN, case=case_id).one_or_none()
    return Shown(State(row.state), row.next_due, row.objection_until) if row else None


def in_tree(view: CaseView, directory: Directory) -> CaseView:
    """Return ``view`` with what the signed tree says of its desk: the desk above, their officers, the desk's key."""
    desk = directory.desks().get(view.desk)
    parent = desk.parent if desk else None
    officers = [officer for name in (view.desk, parent) if name for officer in directory.officers(name)]
    return replace(
        view,
        parent=parent,
        officers=tuple(OfficerView(officer.id, officer.desk, Role(officer.role)) for officer in officers),
        desk_recipient=desk_recipient(directory, view.desk),
    )


def desk_recipient(directory: Directory, desk: str) -> str:
    """Return how a desk is named as a recipient under its present epoch; empty where it has no key."""
    try:
        epoch, _digest = directory.desk_key(desk)
    except NotVouched:
        return ""
    return f"desk:{desk}:{epoch}"


class ForbiddenAct(Forbidden):
    """An act the rules refuse; the sentence is the first guard's that does not hold."""


class UnfitAct(Refused):
    """An act that does not carry exactly what it must."""


def lock_case(session: Session, case_id: str) -> None:
    """Hold the case until the transaction ends: what is read of it after this stands."""
    execute(session, _LOCK, case=case_id)


def refuse_unless_allowed(event: Event, case: OpenCase, actor: Actor) -> None:
    """Raise ``ForbiddenAct`` where the rules refuse the act, ``UnfitAct`` where it does not carry what it must."""
    try:
        step = step_of(event)
    except ValueError:
        raise Malformed from None
    for refusal in refusals(step.action, case.view, actor):
        raise ForbiddenAct(_(refusal.sentence))
    for refusal in fits(step, case.view, actor):
        raise UnfitAct(_(refusal.sentence))


@dataclass(frozen=True)
class Appended:
    """An event just written: its ledger entry (64 bytes), and the case as it stands after it."""

    entry: bytes
    view: CaseView


def append(session: Session, case: OpenCase, event: Event, body: str) -> Appended:
    """Write one event and what follows from it: the case's row, and what the reporter sees.

    The database projects state and version itself and refuses what the workflow does not have.
    """
    entry = entry_for(session, event.case, event.seq, body, current_settings().secret)
    put(session, CaseEvent, _row(event, body, entry))
    step = step_of(event)
    steps = (*case.steps, step)
    view = dated(after(case.view, step), steps, case.calendar, DAYS, event.day, shown_of(case.view))
    _project(session, event.case, view)
    _publish(session, event, view, steps, entry)
    set_timer(session, event.case, view)
    if State.CLOSED in (case.view.state, view.state):
        follow_closing(session, event.case, view, event.day)
    return Appended(entry, view)


def set_timer(session: Session, case_id: str, view: CaseView) -> None:
    """Have the case looked at when its clock has run out, unless it has none, or that has been raised already."""
    if view.due is None or is_raised(view):
        jobs.cancel(session, CLOCK, case_id)
    else:
        jobs.enqueue(session, CLOCK, case_id, clock.end_of(view.due))


def _row(event: Event, body: str, entry: bytes) -> dict[str, Any]:
    kind, _, officer = event.actor.partition(":")
    return {
        "case_id": event.case,
        "seq": event.seq,
        "prev_seq": event.seq - 1 or None,
        "from_state": event.from_state,
        "to_state": event.to_state,
        "action": event.action,
        "actor_kind": kind,
        "actor_id": officer or None,
        "day": event.day,
        "body": body,
        "entry": entry,
    }


def _project(session: Session, case_id: str, view: CaseView) -> None:
    projected = {
        "due": view.due,
        "category": view.category,
        "severity": view.severity,
        "outcome": view.outcome,
        "assignee_id": view.keeper,
        "urgent": view.goes_first,
        "withdrawal_asked": view.withdrawal_asked,
        "legal_hold": view.hold,
        "threatened_on": view.threatened_on,
        "raised_on": view.escalated_on if is_raised(view) else None,
    }
    execute(session, _PROJECT, case=case_id, **projected)


def _publish(session: Session, event: Event, view: CaseView, steps: Sequence[Step], entry: bytes) -> None:
    entered = [step for step in steps if step.to_state is not step.from_state]
    status = {
        "complaint_id": event.case,
        "version": view.version,
        "state": view.state,
        "resumes": next_state(Action.ANSWER, view) if view.state is State.NEEDS_INFO else None,
        "since": entered[-1].day,
        "next_due": view.due,
        "outcome": view.outcome if view.state is State.CLOSED else None,
        "agency": view.agency if view.state is State.REFERRED else None,
        "objection_until": view.objection_until,
        "withdrawal_asked": view.withdrawal_asked,
        "must_wait": must_wait(view),
        "head": entry,
    }
    publish(session, status, entered=event.from_state != event.to_state)
