"""What is to be done later: jobs, enqueued in the transaction that causes them, leased by whichever worker is free.

A job is done and forgotten in one transaction. A worker that dies in the middle leaves nothing half done: its lease
runs out, and another begins anew. A slow worker may be overtaken so, hence what a job does must be harmless when it
is done twice. Its time may be set anew while it is at work; then it stands again when that work is done.

An errand may take long: it is done outside any transaction. Standing work is one that comes again by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement, DateTime, Executable, Index, String, bindparam, delete, func, or_, select, text, update,
)  # fmt: skip
from sqlalchemy.orm import Mapped, Session, mapped_column

from kernel import clock
from kernel.database import Base, db, execute, table_of, transaction

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=1)
LONG_LEASE = timedelta(hours=1)
LONGEST_PAUSE = timedelta(hours=1)
# After so many failures in a row a job is stuck: it goes on trying, and an operator is told.
STUCK = 5

ENQUEUE = text("""
    INSERT INTO jobs (kind, subject, due_at, turn, attempts) VALUES (:kind, :subject, :due_at, 1, 0)
    ON CONFLICT (kind, subject) DO UPDATE
    SET due_at = excluded.due_at, turn = jobs.turn + 1, attempts = 0, leased_until = NULL, failure = NULL
""").bindparams(bindparam("due_at", type_=DateTime(timezone=True)))

# There is one standing job of a kind. What is due later than ever was set while the clock was wrong.
STAND = text("""
    INSERT INTO jobs (kind, subject, due_at, turn, attempts) VALUES (:kind, '', :due_at, 1, 0)
    ON CONFLICT (kind, subject) DO UPDATE SET due_at = excluded.due_at WHERE jobs.due_at > :latest
""").bindparams(*(bindparam(name, type_=DateTime(timezone=True)) for name in ("due_at", "latest")))


@dataclass(frozen=True)
class Errand:
    """Work that opens its own transactions.

    ``lease`` is how long a worker may take before another begins: so long nobody does it where that worker was killed.
    """

    work: Callable[[], None]
    lease: timedelta = LONG_LEASE


@dataclass(frozen=True)
class Standing(Errand):
    """Work that is due again when ``every`` has passed since it was done."""

    every: timedelta = field(kw_only=True)


Handler = Callable[[Session, str], None] | Errand


class Job(Base):
    """One thing to do, once, from ``due_at`` on. ``turn`` goes up whenever it is leased or its time is set anew;
    ``failure`` is the kind of the error it failed with last."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_due_at", "due_at"),)

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    subject: Mapped[str] = mapped_column(String(48), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    turn: Mapped[int]
    attempts: Mapped[int]
    leased_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    failure: Mapped[str | None] = mapped_column(String(80))


_CANCEL = delete(table_of(Job)).where(Job.kind == bindparam("kind"), Job.subject == bindparam("subject"))


@dataclass(frozen=True)
class Lease:
    """A job that this worker may do until the lease runs out; ``turn`` tells whether it still is the same job."""

    kind: str
    subject: str
    turn: int
    attempts: int


def enqueue(session: Session, kind: str, subject: str, due_at: datetime) -> None:
    """Have a job done from ``due_at`` on, as part of ``session``; where there is one already, its time is set anew."""
    execute(session, ENQUEUE, kind=kind, subject=subject, due_at=due_at)


def cancel(session: Session, kind: str, subject: str) -> None:
    """Forget a job, as part of ``session``."""
    execute(session, _CANCEL, kind=kind, subject=subject)


def arrange(handlers: Mapping[str, Handler]) -> None:
    """Have all standing work done from now on, where it is not yet; what stands already keeps a time that can be."""
    standing = {kind: handler.every for kind, handler in handlers.items() if isinstance(handler, Standing)}
    now = clock.now()
    with transaction() as session:
        for kind, every in standing.items():
            execute(session, STAND, kind=kind, due_at=now, latest=now + every)


def work(handlers: Mapping[str, Handler]) -> bool:
    """Do one job that is due, if there is one; tell whether there was. A failure puts the job off."""
    lease = _lease(handlers)
    if lease is None:
        return False
    try:
        _do(handlers[lease.kind], lease)
    except Exception as error:
        # Whatever it was, the other jobs go on; what and where it was is told, of whom it was about nothing.
        log.exception("A job of kind %s failed", lease.kind)
        _put_off(lease, type(error).__name__)
    return True


def _do(handler: Handler, lease: Lease) -> None:
    if isinstance(handler, Errand):
        handler.work()
    with transaction() as session:
        if not isinstance(handler, Errand):
            handler(session, lease.subject)
        session.execute(_ended(handler, lease))


def _ended(handler: Handler, lease: Lease) -> Executable:
    """Return what ends a job that is done, unless its time was set anew meanwhile."""
    if not isinstance(handler, Standing):
        return delete(Job).where(*_is(lease))
    again = {"due_at": clock.now() + handler.every, "attempts": 0, "leased_until": None, "failure": None}
    return update(Job).where(*_is(lease)).values(again)


def stuck() -> int:
    """Return how many jobs have failed ``STUCK`` times or more in a row."""
    return db.session.scalar(select(func.count()).select_from(Job).where(Job.attempts >= STUCK)) or 0


def _lease(handlers: Mapping[str, Handler]) -> Lease | None:
    now = clock.now()
    free = (Job.due_at <= now, Job.kind.in_(handlers), or_(Job.leased_until.is_(None), Job.leased_until <= now))
    # Most of the time there is nothing to do: who only looks keeps nobody from writing.
    if _is_idle(*free):
        return None
    with transaction() as session:
        first = select(Job).where(*free).order_by(Job.due_at).limit(1).with_for_update(skip_locked=True)
        job = session.scalars(first).first()
        if job is None:
            return None
        handler = handlers[job.kind]
        lease = handler.lease if isinstance(handler, Errand) else LEASE
        job.turn, job.attempts, job.leased_until = job.turn + 1, job.attempts + 1, now + lease
        return Lease(job.kind, job.subject, job.turn, job.attempts)


def _is_idle(*free: ColumnElement[bool]) -> bool:
    with Session(db.engine) as session:
        return session.scalars(select(Job.kind).where(*free).limit(1)).first() is None


def _put_off(lease: Lease, failure: str) -> None:
    pause = min(timedelta(seconds=2**lease.attempts), LONGEST_PAUSE)
    later = {"due_at": clock.now() + pause, "leased_until": None, "failure": failure}
    with transaction() as session:
        session.execute(update(Job).where(*_is(lease)).values(later))


def _is(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return Job.kind == lease.kind, Job.subject == lease.subject, Job.turn == lease.turn
