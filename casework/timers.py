"""What happens by itself when its time has come: a question times out, a delay is raised, what is closed is erased."""

from __future__ import annotations

from sqlalchemy.orm import Session

from casework.cases import OpenCase, append, lock_case, read_case, refuse_unless_allowed, set_timer
from casework.erasing import is_missed, put_off, set_erasure
from casework.rules import next_state, refusals
from casework.terms import Action, ActorKind, State
from kernel import clock
from kernel.directory.queries import directory_in
from kernel.vault import bodies
from ledger.body import SYSTEM, Event, write_event


def look_at_clock(session: Session, case_id: str) -> None:
    """Carry a case on by the act that its clock asks for, if it has run out; else have it looked at again then.

    The calendar may have moved the deadline since, and another worker may have been here: the rules say what is due.
    """
    lock_case(session, case_id)
    case = read_case(session, case_id, directory_in(session))
    view = case.view
    action = Action.RESUME if view.state is State.NEEDS_INFO else Action.ESCALATE
    if refusals(action, view, ActorKind.SYSTEM):
        set_timer(session, case_id, view)
        return
    _carry_on(session, case_id, case, action)


def look_at_retention(session: Session, case_id: str) -> None:
    """Erase a closed case whose time is over; else have it looked at again when it is, if it still is to be.

    It may have been held, objected to or opened again since: what ends that sets its time anew. What should have been
    looked at days ago waits for one day more.
    """
    lock_case(session, case_id)
    case = read_case(session, case_id, directory_in(session))
    if refusals(Action.PURGE, case.view, ActorKind.SYSTEM):
        set_erasure(session, case_id, case.view)
    elif is_missed(session, case_id):
        put_off(session, case_id)
    else:
        _carry_on(session, case_id, case, Action.PURGE)


def _carry_on(session: Session, case_id: str, case: OpenCase, action: Action) -> None:
    view = case.view
    event = Event(
        case=case_id, seq=view.version + 1, previous=case.head, action=action, from_state=view.state,
        to_state=next_state(action, view), day=clock.today(), actor=SYSTEM, access=None, clear={}, objects=(),
    )  # fmt: skip
    refuse_unless_allowed(event, case, ActorKind.SYSTEM)
    append(session, case, event, bodies.leave_unsigned(write_event(event)))
