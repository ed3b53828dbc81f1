"""What an operator must hear of without asking: each alarm has a name, and rings or is quiet."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from casework.models import AccessEvent, OfficerSession
from kernel import clock, jobs
from kernel.config import Settings
from kernel.database import db
from kernel.jobs import Job
from operations.backup import LAST_BACKUP
from operations.restoring import MARK

# A night, and the hours a backup takes.
OLDEST_BACKUP = timedelta(hours=26)
# A worker looks every few seconds; a job that is due for so long waits for one that does not run.
LONGEST_WAIT = timedelta(minutes=15)
# Codes of authenticators are good for half a minute.
MOST_SKEW = timedelta(seconds=10)
LEAST_FREE = 0.10
NAMES = ("database", "jobs_stuck", "jobs_late", "clock", "disk", "backup", "restore")


@dataclass(frozen=True)
class Alarm:
    """One of ``NAMES``, and the sentence that says why it rings; empty while it is quiet."""

    name: str
    sentence: str

    @property
    def rings(self) -> bool:
        """Tell whether somebody has to do something."""
        return bool(self.sentence)


def alarms(settings: Settings) -> list[Alarm]:
    """Return every alarm, those that ring and those that do not; where the database is away, its own stay quiet."""
    try:
        found = {"database": "", **{name: look() for name, look in _IN_THE_DATABASE.items()}}
    except SQLAlchemyError:
        found = {"database": "The database does not answer."}
        db.session.rollback()
    found |= {name: look(settings) for name, look in _ON_THE_MACHINE.items()}
    return [Alarm(name, found.get(name, "")) for name in NAMES]


def _stuck() -> str:
    count = jobs.stuck()
    return f"{count} jobs have failed {jobs.STUCK} times or more: see the log of `flask work`." if count else ""


def _late() -> str:
    late = Job.due_at <= clock.now() - LONGEST_WAIT
    count = db.session.scalar(select(func.count()).select_from(Job).where(late, Job.attempts == 0))
    minutes = LONGEST_WAIT // timedelta(minutes=1)
    return f"{count} jobs are due for more than {minutes} minutes: does `flask work` run?" if count else ""


def skew() -> timedelta:
    """Return how far this machine's clock is from the database server's, or, on SQLite, behind what it has written."""
    now = clock.now()
    if db.engine.dialect.name == "postgresql":
        theirs = db.session.scalar(text("SELECT clock_timestamp()"))
        return abs(clock.utc(theirs) - now)
    newest = [db.session.scalar(select(func.max(each))) for each in (AccessEvent.at, OfficerSession.seen_at)]
    return max([clock.utc(moment) - now for moment in newest if moment is not None], default=timedelta())


def _clock() -> str:
    found = skew()
    seconds = int(found.total_seconds())
    return f"The clock is {seconds} seconds from what the database says: set it by NTP." if found > MOST_SKEW else ""


def free_share(settings: Settings) -> float:
    """Return which part of the private folder's disk is free, in whole hundredths.

    Finer, it would tell whoever notes it every few seconds when a report came in, and how long that is.
    """
    usage = shutil.disk_usage(settings.instance)
    return int(100 * usage.free / usage.total) / 100


def _disk(settings: Settings) -> str:
    share = free_share(settings)
    return f"Only {share:.0%} of the disk of {settings.instance} is free." if share < LEAST_FREE else ""


def last_backup(settings: Settings) -> datetime | None:
    """Return when the newest backup was made, ``None`` where none ever was."""
    try:
        return datetime.fromisoformat((settings.instance / LAST_BACKUP).read_text().strip())
    except OSError:
        return None


def _backup(settings: Settings) -> str:
    made_at = last_backup(settings)
    if made_at is None:
        return "No backup was ever made: run `flask backup`."
    hours = (clock.now() - made_at) // timedelta(hours=1)
    return f"The newest backup is {hours} hours old." if clock.now() - made_at > OLDEST_BACKUP else ""


def _restore(settings: Settings) -> str:
    mark = settings.instance / MARK
    return f"A restore did not come to its end: {mark.read_text().strip()}" if mark.exists() else ""


_IN_THE_DATABASE: dict[str, Callable[[], str]] = {"jobs_stuck": _stuck, "jobs_late": _late, "clock": _clock}
_ON_THE_MACHINE: dict[str, Callable[[Settings], str]] = {"disk": _disk, "backup": _backup, "restore": _restore}
