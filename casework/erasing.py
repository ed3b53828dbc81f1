"""The end of a closed case: when its time is over nothing of it can be opened any more, by anybody.

What erases is the event that says so: whoever writes it, the keys go in the same transaction. What was coded of the
case stays for statistics, the history of its events for whoever holds its phrase.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import String, bindparam, delete, update
from sqlalchemy.orm import Session

from casework.models import SealedNote
from casework.rules import CaseView
from casework.terms import KeyKind, State
from complaints.erasing import erase_complaint
from kernel import clock, jobs
from kernel.database import empty_wal, execute, table_of
from kernel.directory.models import SealedKey
from kernel.jobs import Errand, Job
from ledger.services import forget_key, state_erased

# The kinds of the jobs: one for each closed case, and one, of all, for what the database's own log still has.
ERASE, RINSE = "erase", "rinse"
# A clock that is years ahead would have everything erased, at once and for good. Whatever was missed, where no worker
# ran or by a clock, waits for another day in which somebody may see it: what is due today still is tomorrow.
LATEST, RESPITE = timedelta(days=2), timedelta(days=1)

_CASE = bindparam("case", type_=String)
_KEYS = delete(table_of(SealedKey)).where(SealedKey.object == _CASE, SealedKey.kind.in_(list(KeyKind)))
# An allegation's note keeps its row: its status, which is coded, refers to it.
_NOTES = update(table_of(SealedNote)).where(SealedNote.case_id == _CASE).values(box=b"")


def follow_closing(session: Session, case_id: str, view: CaseView, today: date) -> None:
    """Do what follows from the event that has just closed a case, or happened to a closed one."""
    if view.state is State.PURGED:
        _erase(session, case_id, view, today)
    else:
        set_erasure(session, case_id, view)


def set_erasure(session: Session, case_id: str, view: CaseView) -> None:
    """Have a closed case looked at on the first day on which it may be erased; where it is held, when that ends."""
    first = first_day(view)
    if first is None or view.hold:
        jobs.cancel(session, ERASE, case_id)
    else:
        jobs.enqueue(session, ERASE, case_id, clock.end_of(first - timedelta(days=1)))


def first_day(view: CaseView) -> date | None:
    """Return the first day on which a closed case may be erased, unless it is held; ``None`` where it is not closed."""
    if view.purge_from is None or view.objection_until is None:
        return None
    return max(view.purge_from, view.objection_until + timedelta(days=1))


def is_missed(session: Session, case_id: str) -> bool:
    """Tell whether a case was to be looked at days ago: nobody was here, or the clock was set."""
    job = session.get(Job, (ERASE, case_id))
    return job is not None and clock.now() - clock.utc(job.due_at) > LATEST


def put_off(session: Session, case_id: str) -> None:
    """Have a case looked at again tomorrow, whatever its day was."""
    jobs.enqueue(session, ERASE, case_id, clock.now() + RESPITE)


def _erase(session: Session, case_id: str, view: CaseView, today: date) -> None:
    jobs.cancel(session, ERASE, case_id)
    execute(session, _KEYS, case=case_id)
    execute(session, _NOTES, case=case_id)
    erase_complaint(session, case_id)
    forget_key(session, case_id)
    state_erased(session, today, view.desk)
    jobs.enqueue(session, RINSE, "", clock.now())


# Who was killed keeps others from it no longer than needed: it is harmless where two do it at once.
RINSING = Errand(empty_wal, lease=timedelta(minutes=5))
