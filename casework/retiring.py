"""The end of a desk's former keys: when nobody may seal to them and nothing waits for a new seal, they are deleted."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, select
from sqlalchemy.orm import Session, aliased

from kernel import clock, jobs
from kernel.database import Reader
from kernel.directory.directory import NotVouched
from kernel.directory.epochs import GRACE, grace_until
from kernel.directory.models import SealedKey
from kernel.directory.queries import directory_in

# The kind of the job that deletes a desk's former keys when their time is over.
RETIRE = "desk-key"
DESK = "desk"
# A complaint that was taken in the last second of grace has been written long before this is over.
MARGIN = timedelta(hours=1)


def set_retirement(session: Session, desk: str) -> None:
    """Have a desk's former keys looked at when nobody may seal to them any more, as part of ``session``."""
    jobs.enqueue(session, RETIRE, desk, clock.now() + GRACE + MARGIN)


def retire(session: Session, desk: str) -> None:
    """Delete a desk's former keys, unless they may still be sealed to or something still waits to be sealed anew.

    What goes are the copies of the former seeds, whoever held them, and whatever was sealed to the former keys.
    """
    newest = newest_epoch(session, desk)
    until = grace_until(session, desk, newest) if newest else None
    if until is None or clock.now() < until + MARGIN or is_waiting(session, desk, newest):
        return
    seeds = and_(SealedKey.kind == DESK, SealedKey.object == desk, SealedKey.epoch < newest)
    session.execute(delete(SealedKey).where(seeds))
    session.execute(delete(SealedKey).where(SealedKey.recipient.in_(former(desk, newest))))


def newest_epoch(session: Reader, desk: str) -> int:
    """Return a desk's newest vouched epoch; 0 where it has none."""
    try:
        return directory_in(session).desk_key(desk)[0]
    except NotVouched:
        return 0


def former(desk: str, newest: int) -> list[str]:
    """Return how a desk's former keys are named as recipients."""
    return [recipient_of(desk, epoch) for epoch in range(1, newest)]


def recipient_of(desk: str, epoch: int) -> str:
    """Return how a desk is named as a recipient under one of its epochs."""
    return f"desk:{desk}:{epoch}"


def is_waiting(session: Reader, desk: str, newest: int) -> bool:
    """Tell whether there are copies that only a desk's former keys open."""
    return session.scalar(select(exists().where(waiting(desk, newest)))) or False


def waiting(desk: str, newest: int) -> ColumnElement[bool]:
    """Return the condition that a copy is sealed to a former key of a desk's, and not yet to the newest."""
    anew = aliased(SealedKey)
    same = and_(anew.kind == SealedKey.kind, anew.object == SealedKey.object, anew.epoch == SealedKey.epoch)
    done = exists().where(same, anew.recipient == recipient_of(desk, newest)).correlate(SealedKey)
    return and_(sealed_to_former(desk, newest), ~done)


def sealed_to_former(desk: str, newest: int) -> ColumnElement[bool]:
    """Return the condition that a copy is sealed to a former key of a desk's; an empty one says that it was damaged."""
    return and_(SealedKey.recipient.in_(former(desk, newest)), func.length(SealedKey.sealed) > 0)
