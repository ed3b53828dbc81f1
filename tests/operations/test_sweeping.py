"""The sweep: what nobody refers to goes, what a case refers to never does, and what is missing is told."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from complaints.models import File, FileChunk
from kernel import clock, jobs
from kernel.database import db, transaction
from kernel.store import Extent, Kept, Store, current_store
from kernel.store_errors import StoreFailed
from kernel.vault import BOXED_BYTES, CHUNK_BYTES
from kernel.web import current_settings
from operations import sweeping
from operations.backup import RESTORED
from operations.sweeping import FILES_AT_ONCE, ROWLESS, SWEEP, SWEEPING, UNSENT, look, sweep
from operations.watching import alarms
from tests import client
from tests.operations.conftest import Place
from tests.operations.stored import SEALED, age, kept, opened, opened_with, remove_all
from tests.province import Province

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def place(lived_in: tuple[Place, str]) -> Iterator[Place]:
    """An installation with cases, looked at from inside, where no file is on its way."""
    app = lived_in[0].app()
    with app.app_context():
        remove_all()
        yield lived_in[0]
        remove_all()
        db.session.remove()
        db.engine.dispose()


def files() -> set[str]:
    """Return the files on their way."""
    db.session.rollback()
    return set(db.session.scalars(select(File.id).where(File.seq.is_(None))))


def _of_cases() -> set[str]:
    """Return the objects of files that were brought."""
    db.session.rollback()
    query = select(FileChunk.key).join(File, File.id == FileChunk.file_id).where(File.seq.is_not(None))
    return set(db.session.scalars(query))


def objects() -> set[str]:
    """Return what else is in the store."""
    return {found.key for found in current_store().keys()} - _of_cases()


def swept() -> str:
    """Sweep, and return what is noted of it, but for what other tests took from files that were brought."""
    lost = len(_of_cases() - {found.key for found in current_store().keys()})
    sweep()
    db.session.rollback()
    told = (current_settings().instance / "last-sweep").read_text().split()
    return " ".join([*told[1:-1], str(int(told[-1]) - lost)])


def test_what_was_never_sent_goes_after_a_week_with_its_objects(place: Place) -> None:
    old, young = [kept(), kept()], [kept(), kept()]
    gone, stays, empty = opened(7, *old), opened(6, *young), opened(8)
    assert swept() == "unsent 2 rowless 0 missing 0"
    assert files() == {stays} and objects() == set(young)
    assert {gone, empty} & files() == set() and UNSENT == 7 * DAY
    assert swept() == "unsent 0 rowless 0 missing 0"


def brought(province: Province, phrase: str) -> tuple[str, set[str]]:
    """Have a reporter send a file and bring it; return its id and its objects' keys."""
    visitor = province.visitor()
    seen = client.visit(province.keys(phrase), visitor.ask)
    file = client.send_file(seen, b"Kuitansi" * 200_000, visitor.ask, visitor.put)
    client.act(seen, "message", "", visitor.ask, files=[file])
    db.session.rollback()
    return file.id, set(db.session.scalars(select(FileChunk.key).where(FileChunk.file_id == file.id)))


def test_what_a_case_refers_to_is_never_taken_away(
    lived_in: tuple[Place, str], province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = lived_in[0].app()
    with app.app_context():
        file, keys = brought(province, province.lodge()[0])
        for key in keys:
            age(key, 400 * DAY)
        unsent = opened(7, kept())
        found = sweeping._unsent()
        late, late_keys = brought(province, province.lodge()[0])
        # It was found unsent, and is brought before the sweep takes it.
        monkeypatch.setattr(sweeping, "_unsent", iter([[*found, late, file], []]).__next__)
        assert swept() == "unsent 1 rowless 0 missing 0"
        assert unsent not in files() and keys | late_keys <= _of_cases() & {each.key for each in current_store().keys()}
        assert {file, late} <= set(db.session.scalars(select(File.id).where(File.seq.is_not(None))))
        db.session.remove()
        db.engine.dispose()


def test_many_files_that_were_never_sent_go_in_batches(place: Place) -> None:
    for _turn in range(FILES_AT_ONCE + 1):
        opened(30)
    assert swept() == f"unsent {FILES_AT_ONCE + 1} rowless 0 missing 0" and files() == set()


def test_an_object_without_a_row_goes_after_two_days_and_with_it_what_a_killed_writer_left(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    named, young = kept(30 * DAY), kept(47 * HOUR)
    opened(1, named)
    old = [kept(49 * HOUR) for _turn in range(3)]
    half = age(old[0], 49 * HOUR).with_name(f"{old[0]}#1")
    half.write_bytes(b"half")
    age(half.name, 49 * HOUR)
    assert ROWLESS == 48 * HOUR and swept() == "unsent 0 rowless 4 missing 0"
    assert objects() == {named, young}
    [record] = caplog.records
    assert record.getMessage().startswith("The store was swept: unsent 0 rowless 4 missing ")


def test_a_row_whose_object_is_missing_stays_and_rings_until_it_is_back(place: Place) -> None:
    keys = sorted(kept() for _turn in range(5))
    file = opened(1, *keys)
    # The first, the last and one between: the walk meets each in another place.
    lost = {key: current_store().read(key) for key in (keys[0], keys[2], keys[4])}
    for key in lost:
        current_store().forget(key)
    assert swept() == "unsent 0 rowless 0 missing 3"
    assert files() == {file} and _chunks() == 5
    assert "objects of files are missing" in _ringing()["files"]
    for key, content in lost.items():
        current_store().keep(key, content)
    assert swept() == "unsent 0 rowless 0 missing 0"


def test_an_object_that_is_too_short_for_a_row_rings_and_one_that_is_longer_does_not(place: Place) -> None:
    short, longer = kept(), kept()
    file = opened(1, short, longer)
    for key, bytes_more in ((short, -1), (longer, 1)):
        path = age(key, HOUR)
        os.truncate(path, path.stat().st_size + bytes_more)
    assert swept() == "unsent 0 rowless 0 missing 1" and "or too short" in _ringing()["files"]
    assert files() == {file} and objects() == {short, longer}


def test_an_object_with_several_chunks_is_as_long_as_where_the_last_of_them_ends(place: Place) -> None:
    key, last = kept(), 4096 + BOXED_BYTES
    opened_with(1, CHUNK_BYTES + 4096, Extent(key, 0, SEALED), Extent(key, SEALED, last))
    for missing, size in enumerate((SEALED + last, SEALED + last - 1)):
        os.truncate(age(key, HOUR), size)
        assert swept() == f"unsent 0 rowless 0 missing {missing}"


def test_what_the_last_sweep_missed_rings_until_it_is_back(place: Place) -> None:
    noted = current_settings().instance / "last-sweep"
    noted.write_text("2026-11-26T10:00:00+07:00 unsent 2 rowless 1 missing 3\n")
    assert "3 objects of files are missing" in _ringing()["files"]
    noted.write_text("2026-11-26T10:00:00+07:00 unsent 2 rowless 1 missing 0\n")
    assert "files" not in _ringing()
    noted.unlink()
    [alarm] = [alarm for alarm in alarms(current_settings()) if alarm.name == "files"]
    assert (alarm.rings, alarm.figure) == (False, None)


def _chunks() -> int:
    db.session.rollback()
    query = select(func.count()).select_from(FileChunk).join(File, File.id == FileChunk.file_id)
    return db.session.scalar(query.where(File.seq.is_(None))) or 0


def _ringing() -> dict[str, str]:
    found = {alarm.name: alarm.sentence for alarm in alarms(current_settings()) if alarm.rings}
    db.session.rollback()
    return found


class Reversed:
    """A store that lists its objects in another order than by their keys; the rest is another's."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.keep, self.read, self.forget, self.answer = store.keep, store.read, store.forget, store.answer

    def keys(self) -> Iterator[Kept]:
        """Yield them backwards."""
        return iter(sorted(self._store.keys(), key=lambda found: found.key, reverse=True))


@contextmanager
def instead(store: Store) -> Iterator[None]:
    """Have the application use another store."""
    from flask import current_app

    usual = current_app.extensions["kentongan.store"]
    current_app.extensions["kentongan.store"] = store
    yield
    current_app.extensions["kentongan.store"] = usual


@pytest.mark.parametrize("order", [lambda store: store, Reversed], ids=["in order", "backwards"])
def test_batch_by_batch_it_comes_to_the_same_in_whatever_order_a_service_lists(
    place: Place, order: Callable[[Store], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "OBJECTS_AT_ONCE", 3)
    keys = [kept(3 * DAY) for _turn in range(20)]
    opened(1, *keys[:14])
    for key in keys[12:14]:
        current_store().forget(key)
    for key in keys[:12]:
        os.truncate(age(key, 3 * DAY), SEALED - 1)
    with instead(order(current_store())):
        assert swept() == "unsent 0 rowless 6 missing 14"
    assert objects() == set(keys[:12])


def test_what_changes_meanwhile_is_neither_missing_nor_taken(place: Place) -> None:
    store = current_store()
    removed = kept()
    opened(1, removed)

    class Meanwhile(Reversed):
        def keys(self) -> Iterator[Kept]:
            listed = sorted(store.keys(), key=lambda found: found.key)
            with instead(store):
                remove_all()
            opened(0, kept(), kept())
            return iter(listed)

    with instead(Meanwhile(store)):
        assert swept() == "unsent 0 rowless 0 missing 0"
    assert len(objects()) == 2 == _chunks()


def test_what_is_taken_away_while_it_is_looked_for_is_not_missing(place: Place) -> None:
    store, gone = current_store(), kept()
    opened(1, gone)
    store.forget(gone)

    class Going(Reversed):
        def __init__(self) -> None:
            super().__init__(store)
            self.read = self._read

        def _read(self, *asked: Any) -> bytes:
            with instead(store):
                remove_all()
            return store.read(*asked)

    with instead(Going()):
        assert swept() == "unsent 0 rowless 0 missing 0"


def test_a_store_that_is_away_fails_the_sweep_and_rings_and_nothing_is_taken(place: Place) -> None:
    key = kept(3 * DAY)
    folder = Path(str(current_settings().store))
    folder.rename(folder.with_name("away"))
    try:
        with pytest.raises(StoreFailed):
            sweep()
        assert "does not answer (FileNotFoundError, ENOENT)" in _ringing()["store"]
    finally:
        folder.with_name("away").rename(folder)
    assert objects() == {key} and "store" not in _ringing()


def test_while_another_installation_may_use_the_store_nothing_is_taken_that_no_row_names(place: Place) -> None:
    key, unsent = kept(3 * DAY), kept()
    opened(7, unsent)
    mark = current_settings().instance / RESTORED
    mark.touch()
    try:
        assert swept() == "unsent 1 rowless 0 missing 0" and objects() == {key}
    finally:
        mark.unlink()
    assert swept() == "unsent 0 rowless 1 missing 0"


@pytest.mark.parametrize("passed", [3 * DAY, 365 * DAY, -HOUR])
def test_a_sweep_that_does_not_follow_the_last_one_takes_nothing_until_the_next(
    place: Place, monkeypatch: pytest.MonkeyPatch, passed: timedelta
) -> None:
    late, rowless = opened(9, kept()), kept(ROWLESS + DAY)
    look()
    now = clock.now() + passed
    monkeypatch.setattr(clock, "now", lambda: now)
    assert swept() == "unsent 0 rowless 0 missing 0"
    assert late in files() and rowless in objects()
    assert swept() == "unsent 1 rowless 1 missing 0"


def test_looking_takes_nothing(place: Place) -> None:
    key, unsent = kept(3 * DAY), kept()
    opened(7, unsent)
    assert (look().unsent, look().rowless) == (0, 0) and objects() == {key, unsent} and len(files()) == 1


def test_it_is_due_every_day_and_one_worker_does_it(place: Place) -> None:
    handlers = {SWEEP: SWEEPING}
    jobs.arrange(handlers)
    kept(3 * DAY)
    assert SWEEPING.every == DAY
    assert jobs.work(handlers) and not jobs.work(handlers) and objects() == set()
    with transaction() as session:
        jobs.cancel(session, SWEEP, "")
