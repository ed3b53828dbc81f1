"""What an operator must hear of without asking: each alarm has a name, and rings or is quiet."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from casework.models import AccessEvent, OfficerSession
from kernel import clock, jobs
from kernel.config import Settings
from kernel.database import db
from kernel.jobs import Job
from kernel.store import Store, current_store
from kernel.store_errors import StoreFailed, refused
from kernel.vault.files import CHUNK_BYTES
from ledger import publishing
from operations.backup import LAST_BACKUP, LAST_LOOK, LAST_SWEEP, REFUSED, write_privately
from operations.restoring import MARK

# A night, and the hours a backup takes.
OLDEST_BACKUP = timedelta(hours=26)
# A worker looks every few seconds; a job that is due for so long waits for one that does not run.
LONGEST_WAIT = timedelta(minutes=15)
# Codes of authenticators are good for half a minute.
MOST_SKEW = timedelta(seconds=10)
LEAST_FREE = 0.10
NAMES = ("database", "jobs_stuck", "jobs_late", "log", "clock", "disk", "store", "files", "backup", "restore")


@dataclass(frozen=True)
class Alarm:
    """One of ``NAMES``, and the sentence that says to an operator why it rings; empty while it is quiet.

    ``figure`` is what was measured: jobs, seconds, hundredths of the disk, chunks, hours since the backup, or 1 where
    something is wrong; ``None`` where there is nothing to measure. It tells nothing of who reads or reports when.
    """

    name: str
    sentence: str = ""
    figure: int | None = None

    @property
    def rings(self) -> bool:
        """Tell whether somebody has to do something."""
        return bool(self.sentence)


Look = tuple[str, int | None]


def alarms(settings: Settings) -> list[Alarm]:
    """Return every alarm, those that ring and those that do not; where the database is away, its own stay quiet."""
    try:
        found: dict[str, Look] = {"database": ("", 0), **{name: look() for name, look in _IN_THE_DATABASE.items()}}
    except SQLAlchemyError:
        found = {"database": ("The database does not answer.", 1)}
        db.session.rollback()
    found |= {name: look(settings) for name, look in _ON_THE_MACHINE.items()}
    return [Alarm(name, *found.get(name, ("", None))) for name in NAMES]


def note_look(settings: Settings) -> None:
    """Note that whoever watches this machine by itself has looked now."""
    write_privately(settings.instance / LAST_LOOK, f"{clock.now().isoformat(timespec='seconds')}\n")


def last_look(settings: Settings) -> datetime | None:
    """Return when the alarms were last looked at by themselves, ``None`` where they never were."""
    return _moment_in(settings.instance / LAST_LOOK)


def _stuck() -> Look:
    count = jobs.stuck()
    said = f"{count} jobs have failed {jobs.STUCK} times or more: see the log of `flask work`."
    return said if count else "", count


def _late() -> Look:
    late = Job.due_at <= clock.now() - LONGEST_WAIT
    count = db.session.scalar(select(func.count()).select_from(Job).where(late, Job.attempts == 0)) or 0
    minutes = LONGEST_WAIT // timedelta(minutes=1)
    return f"{count} jobs are due for more than {minutes} minutes: does `flask work` run?" if count else "", count


def _log() -> Look:
    """Tell at once, not when the hour of publishing comes, that the database contradicts what was signed."""
    refusal = publishing.refusal()
    return f"The log is not published. {refusal}" if refusal else "", int(bool(refusal))


def skew() -> timedelta:
    """Return how far this machine's clock is from the database server's, or, on SQLite, behind what it has written."""
    now = clock.now()
    if db.engine.dialect.name == "postgresql":
        theirs = db.session.scalar(text("SELECT clock_timestamp()"))
        return abs(clock.utc(theirs) - now)
    newest = [db.session.scalar(select(func.max(each))) for each in (AccessEvent.at, OfficerSession.seen_at)]
    return max([clock.utc(moment) - now for moment in newest if moment is not None], default=timedelta())


def _clock() -> Look:
    found = skew()
    # What was written is usually older: how much, would tell when an officer last read something.
    seconds = max(0, int(found.total_seconds()))
    said = f"The clock is {seconds} seconds from what the database says: set it by NTP."
    return said if found > MOST_SKEW else "", seconds


def free_share(settings: Settings) -> float:
    """Return which part of the private folder's disk is free, or of the files' if that is fuller, in whole hundredths.

    Finer, it would tell whoever notes it every few seconds when a report came in, and how long that is.
    """
    return _fullest(settings)[0]


def _fullest(settings: Settings) -> tuple[float, Path]:
    folders = [settings.instance, *([settings.store] if isinstance(settings.store, Path) else [])]
    return min((_free_share(folder), folder) for folder in folders if folder.exists())


def _free_share(folder: Path) -> float:
    usage = shutil.disk_usage(folder)
    return int(100 * usage.free / usage.total) / 100


def _disk(settings: Settings) -> Look:
    share, folder = _fullest(settings)
    said = f"Only {share:.0%} of the disk of {folder} is free."
    return said if share < LEAST_FREE else "", round(100 * share)


def note_refusals(store: Store, instance: Path) -> None:
    """Have it noted on this machine whenever ``store`` does not keep what it is given."""

    def note(_store: Store, reason: str) -> None:
        # Where there is no room for the note either, whoever sends a file is answered all the same.
        with suppress(OSError):
            write_privately(instance / REFUSED, f"{reason}\n")

    refused.connect(note, sender=store, weak=False)


def _store(settings: Settings) -> Look:
    try:
        current_store().answer()
    except StoreFailed as failed:
        return f"The store for files does not answer ({failed.reason}).", 1
    try:
        _try_again(settings.instance / REFUSED)
    except StoreFailed as failed:
        return f"The store for files answers, but takes nothing ({failed.reason}).", 1
    return "", 0


def _try_again(note: Path) -> None:
    """Try with an object as large as a chunk, where one was refused, and only there: buckets keep versions of each."""
    if not note.exists():
        return
    key = secrets.token_hex(16)
    current_store().keep(key, secrets.token_bytes(CHUNK_BYTES))
    current_store().forget(key)
    note.unlink(missing_ok=True)


def _files(settings: Settings) -> Look:
    """Tell what the last sweep missed; where another machine sweeps, its own alarm does."""
    try:
        told = (settings.instance / LAST_SWEEP).read_text()
    except OSError:
        return "", None
    missing = int(told.split()[-1])
    said = f"{missing} objects of files are missing from the store, or too short, although the database names them."
    return said if missing else "", missing


def last_backup(settings: Settings) -> datetime | None:
    """Return when the newest backup was made, ``None`` where none ever was."""
    return _moment_in(settings.instance / LAST_BACKUP)


def _moment_in(path: Path) -> datetime | None:
    try:
        return datetime.fromisoformat(path.read_text().strip())
    except OSError:
        return None


def _backup(settings: Settings) -> Look:
    made_at = last_backup(settings)
    if made_at is None:
        return "No backup was ever made: run `flask backup`.", None
    hours = (clock.now() - made_at) // timedelta(hours=1)
    return f"The newest backup is {hours} hours old." if clock.now() - made_at > OLDEST_BACKUP else "", hours


def _restore(settings: Settings) -> Look:
    mark = settings.instance / MARK
    return (f"A restore did not come to its end: {mark.read_text().strip()}", 1) if mark.exists() else ("", 0)


_IN_THE_DATABASE: dict[str, Callable[[], Look]] = {
    "jobs_stuck": _stuck, "jobs_late": _late, "log": _log, "clock": _clock,
}  # fmt: skip
_ON_THE_MACHINE: dict[str, Callable[[Settings], Look]] = {
    "disk": _disk, "store": _store, "files": _files, "backup": _backup, "restore": _restore,
}  # fmt: skip
