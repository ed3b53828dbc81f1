"""The sweep: what was begun and never sent goes, and store and database are compared, once a day.

An upload that broke off, a writer that was killed, a restored backup leave objects without a row or, worst, a row
without its object. Nothing that a case refers to is ever taken away: the database lets no file go that was brought,
and an object goes only where no row names it, long after it was kept.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import ColumnElement, case, delete, func, select
from sqlalchemy.orm import Session

from complaints.models import File, FileChunk
from kernel import clock
from kernel.config import Settings
from kernel.database import db, transaction
from kernel.jobs import Standing
from kernel.store import KEY, Kept, Store, current_store
from kernel.store_errors import Lost
from kernel.vault import BOXED_BYTES, CHUNK_BYTES
from kernel.web import current_settings
from operations.backup import LAST_SWEEP, RESTORED, write_privately

log = logging.getLogger(__name__)

# The kind of the job.
SWEEP = "sweep"
# A reporter who was interrupted may go on for so long.
UNSENT = timedelta(days=7)
# An object has its row seconds after it was kept.
ROWLESS = timedelta(hours=48)
# Between two sweeps, once a day. Where more has passed, nobody was here, or the clock was set: a year too far it would
# have everything gone that is on its way. What is too old today still is tomorrow.
LONGEST_BETWEEN = timedelta(days=2)
FILES_AT_ONCE, OBJECTS_AT_ONCE = 50, 500
# A row's chunk in bytes: all of a file's are whole but the last.
_LAST = File.size - (File.chunks - 1) * CHUNK_BYTES
_SEALED = BOXED_BYTES + case((FileChunk.number < File.chunks, CHUNK_BYTES), else_=_LAST)


@dataclass
class Swept:
    """What a sweep did and found: files never sent and objects without a row taken away, and how many objects that rows
    name are missing, or too short for what rows say is in them."""

    unsent: int = 0
    rowless: int = 0
    missing: int = 0

    def line(self) -> str:
        """Say it in one line."""
        return f"unsent {self.unsent} rowless {self.rowless} missing {self.missing}"


def sweep() -> None:
    """Take away what nobody refers to, compare the rest, and note what was found where the alarms look for it."""
    settings, store, swept = current_settings(), current_store(), Swept()
    takes = _comes_in_its_turn(settings)
    if takes:
        swept.unsent = _forget_unsent(store)
    _compare(store, swept, _take if takes and not (settings.instance / RESTORED).exists() else _leave)
    _note(settings, swept)


def _comes_in_its_turn(settings: Settings) -> bool:
    """Tell whether the time since the last sweep, if there was one, may have passed."""
    note = settings.instance / LAST_SWEEP
    if not note.exists():
        return True
    if timedelta() <= clock.now() - datetime.fromisoformat(note.read_text().split()[0]) <= LONGEST_BETWEEN:
        return True
    log.warning("The last sweep is not of yesterday: this one takes nothing. Is the clock right?")
    return False


def look() -> Swept:
    """Compare store and database, take nothing away, and note what is missing."""
    swept = Swept()
    _compare(current_store(), swept, _leave)
    _note(current_settings(), swept)
    return swept


SWEEPING = Standing(sweep, every=timedelta(days=1))


def _note(settings: Settings, swept: Swept) -> None:
    write_privately(settings.instance / LAST_SWEEP, f"{clock.now().isoformat(timespec='seconds')} {swept.line()}\n")
    if swept != Swept():
        log.warning("The store was swept: %s", swept.line())


def _forget_unsent(store: Store) -> int:
    """Forget the files that were opened and never brought: their rows, then their objects; return how many."""
    count = 0
    while ids := _unsent():
        with transaction() as session:
            count += len(gone := _lock(session, ids))
            keys = list(session.scalars(select(FileChunk.key).where(FileChunk.file_id.in_(gone)).distinct()))
            session.execute(delete(FileChunk).where(FileChunk.file_id.in_(gone)))
            session.execute(delete(File).where(File.id.in_(gone)))
        for key in keys:
            store.forget(key)
    return count


def _unsent() -> list[str]:
    oldest = clock.today() - UNSENT
    query = select(File.id).where(File.seq.is_(None), File.opened_on <= oldest).limit(FILES_AT_ONCE)
    with Session(db.engine) as session:
        return list(session.scalars(query))


def _lock(session: Session, ids: list[str]) -> list[str]:
    """Return which of the files are still unsent, and keep it so: whoever brings one waits, and finds it gone."""
    query = select(File.id).where(File.id.in_(ids), File.seq.is_(None)).order_by(File.id).with_for_update()
    return list(session.scalars(query))


def _take(store: Store, kept: Kept) -> int:
    store.forget(kept.key)
    return 1


def _leave(_store: Store, _kept: Kept) -> int:
    return 0


def _compare(store: Store, swept: Swept, rid: Callable[[Store, Kept], int]) -> None:
    """Walk through the objects and the rows together, both by their keys.

    Where a service lists in another order, a row only seems to lack its object, and is asked for.
    """
    before, oldest = "", clock.now() - ROWLESS
    for listed in _batches(store.keys()):
        last = max(filter(KEY.fullmatch, (kept.key for kept in listed)), default=before)
        rows, sizes = _rows_between(before, last), _sizes_of([kept.key for kept in listed])
        swept.rowless += sum(rid(store, kept) for kept in listed if kept.key not in sizes and kept.at < oldest)
        # They were settled before any row named them: none of these is still growing.
        swept.missing += sum(kept.size < sizes.get(kept.key, 0) for kept in listed)
        swept.missing += _missing(store, rows - {kept.key for kept in listed})
        before = max(before, last)
    while rows := _rows_after(before):
        swept.missing += _missing(store, rows)
        before = max(rows)


def _batches(objects: Iterable[Kept]) -> Iterator[list[Kept]]:
    left = iter(objects)
    return iter(lambda: list(islice(left, OBJECTS_AT_ONCE)), [])


def _rows_between(before: str, last: str) -> set[str]:
    return _keys(FileChunk.key > before, FileChunk.key <= last)


def _rows_after(before: str) -> set[str]:
    query = select(FileChunk.key).where(FileChunk.key > before).distinct()
    query = query.order_by(FileChunk.key).limit(OBJECTS_AT_ONCE)
    with Session(db.engine) as session:
        return set(session.scalars(query))


def _sizes_of(keys: list[str]) -> dict[str, int]:
    """Return how many bytes each of these objects that rows name has at least, by what they say."""
    query = select(FileChunk.key, func.max(FileChunk.begins + _SEALED)).join(File, File.id == FileChunk.file_id)
    with Session(db.engine) as session:
        found = session.execute(query.where(FileChunk.key.in_(keys)).group_by(FileChunk.key))
        return {key: int(size) for key, size in found}


def _keys(*which: ColumnElement[bool]) -> set[str]:
    with Session(db.engine) as session:
        return set(session.scalars(select(FileChunk.key).where(*which).distinct()))


def _missing(store: Store, keys: set[str]) -> int:
    """Return how many objects are not there although a row, still, names them."""
    return sum(_is_lost(store, key) and key in _keys(FileChunk.key == key) for key in sorted(keys))


def _is_lost(store: Store, key: str) -> bool:
    try:
        store.read(key, 0, 1)
    except Lost:
        return True
    return False
