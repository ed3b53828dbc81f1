"""Desk keys that follow one another: for how long complaints sealed to the one before are still taken."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from kernel import clock
from kernel.database import Reader, db
from kernel.directory.directory import Directory
from kernel.directory.models import Statement

EPOCH = "epoch"
# Whoever has the form open, or wrote while the network was away, has the old directory.
GRACE = timedelta(hours=72)


def epochs_taken(desk: str, directory: Directory, session: Reader | None = None) -> list[int]:
    """Return the epochs to which a complaint for ``desk`` may be sealed now, the newest first.

    These are its newest, and each whose successor was stated less than ``GRACE`` ago. Raises ``NotVouched``.
    """
    newest, _digest = directory.desk_key(desk)
    query = select(Statement.version).where(
        Statement.kind == EPOCH, Statement.subject == desk, Statement.kept_at > clock.now() - GRACE
    )
    followed = {version - 1 for version in (session or db.session).scalars(query)}
    return [newest, *sorted(followed & set(range(1, newest)), reverse=True)]


def grace_until(session: Reader, desk: str, epoch: int) -> datetime | None:
    """Return until when (UTC) complaints sealed to the epoch before ``epoch`` are taken; ``None``: nobody knows."""
    query = select(Statement.kept_at).where(
        Statement.kind == EPOCH, Statement.subject == desk, Statement.version == epoch
    )
    kept_at = session.scalar(query)
    return clock.utc(kept_at) + GRACE if kept_at else None
