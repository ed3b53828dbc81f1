"""The integrator: what waits comes into the log once, in nobody's order, whoever else integrates or is killed."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256

import pytest
from flask import Flask
from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from casework.models import CaseEvent
from kernel.database import db, put, transaction
from kernel.directory.models import Statement
from ledger import integrating
from ledger.integrating import BATCH, integrate, tiles_in
from ledger.models import Head, Leaf, Pending, PublicEntry
from ledger.public import Kind, public_entry
from ledger.tiles import Tile, tiles_of
from ledger.tree import EMPTY_ROOT, leaf_hash, nodes_of, root_of
from tests.casework.stage import INVESTIGATOR, RUNNING, event_row, set_stage
from tests.database import Database, bare_app

WRITERS, EACH = 4, 40


def await_entries(*entries: bytes) -> None:
    """Have entries wait, as the events they are of would."""
    with transaction() as session:
        put(session, Pending, *({"entry": entry} for entry in entries))


def some(count: int) -> list[bytes]:
    return [os.urandom(64) for _ in range(count)]


def leaves() -> list[bytes]:
    """Return every entry the log has, in its order; the head, the tiles and the leaves must agree."""
    with Session(db.engine) as session:
        entries = list(session.scalars(select(Leaf.entry).order_by(Leaf.idx)))
        hashes = [leaf_hash(entry) for entry in entries]
        head = session.scalars(select(Head)).one()
        assert (head.size, head.root) == (len(entries), root_of(nodes_of(hashes), len(hashes)))
        read = tiles_in(session)
        for tile in tiles_of(head.size):
            if tile.level == 0:
                assert read(tile) == b"".join(hashes[tile.index * 256 :][: tile.width])
    return entries


def waiting() -> set[bytes]:
    with Session(db.engine) as session:
        return set(session.scalars(select(Pending.entry)))


def test_an_event_waits_from_its_own_transaction_on(app: Flask) -> None:
    with db.engine.begin() as connection:
        set_stage(connection)
        written = set(connection.scalars(select(CaseEvent.entry))) | {public_entry(Kind.STATEMENT, "v1")}
    assert waiting() == written
    row = event_row(RUNNING, 5, "note", "INVESTIGATION", "INVESTIGATION", INVESTIGATOR)
    with db.engine.connect() as connection, connection.begin() as undone:
        connection.execute(insert(CaseEvent).values(row))
        assert set(connection.scalars(select(Pending.entry))) == written | {row["entry"]}
        undone.rollback()
    assert waiting() == written


def test_a_batch_is_filled_up_sorted_and_in_the_tree(app: Flask) -> None:
    entries = some(5)
    await_entries(*entries)
    integrate()
    logged = leaves()
    assert len(logged) == BATCH
    assert logged == sorted(logged)
    assert set(entries) < set(logged)
    assert waiting() == set()


def test_where_nothing_waits_nothing_is_added(app: Flask) -> None:
    integrate()
    assert leaves() == []
    with Session(db.engine) as session:
        assert session.scalars(select(Head.root)).one() == EMPTY_ROOT


def test_what_comes_while_it_is_integrated_waits_for_the_next_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the size would tell, to the moment, that something happened."""
    late = some(1)

    @contextmanager
    def and_then() -> Iterator[Session]:
        with transaction() as session:
            yield session
        monkeypatch.undo()
        await_entries(*late)

    monkeypatch.setattr(integrating, "transaction", and_then)
    await_entries(*some(3))
    integrate()
    assert len(leaves()) == BATCH
    assert waiting() == set(late)


def test_a_log_grows_over_tiles_and_levels_and_keeps_what_it_had(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    before: list[bytes] = []
    for count in (1, 64, 129, 300, 63):
        await_entries(*some(count))
        integrate()
        now = leaves()
        assert now[: len(before)] == before
        assert len(now) == len(before) + -(-count // BATCH) * BATCH
        before = now
    with Session(db.engine) as session, pytest.raises(KeyError):
        tiles_in(session)(Tile(0, 2, 255))
    # More than a turn takes is taken in whole batches, without anything filled up between.
    monkeypatch.setattr(integrating, "MOST", 2 * BATCH)
    monkeypatch.setattr(integrating, "_WAITING", select(Pending.entry).limit(2 * BATCH))
    await_entries(*some(5 * BATCH - 1))
    integrate()
    assert len(leaves()) == len(before) + 5 * BATCH


def test_a_statement_is_entered_once_with_its_body_to_read(app: Flask) -> None:
    bodies = ["type kentongan/v1/statement\n", "another\n"]
    with transaction() as session:
        for version, body in enumerate(bodies, start=1):
            session.add(Statement(kind="desk", subject="33.08", version=version, body=body))
    integrate()
    with transaction() as session:
        session.add(Statement(kind="desk", subject="33.08", version=3, body="a third\n"))
    integrate()
    integrate()
    logged = leaves()
    assert len(logged) == 2 * BATCH
    public = [entry for entry in logged if entry.startswith(b"kentongan.public")]
    assert [entry[16:32] for entry in public] == [b"statement\0\0\0\0\0\0\0"] * 3
    with Session(db.engine) as session:
        kept = {row.entry: row.body for row in session.scalars(select(PublicEntry))}
    assert {entry[32:]: kept[entry] for entry in public} == {
        sha256(body.encode()).digest(): body for body in [*bodies, "a third\n"]
    }


def test_whoever_writes_and_whoever_integrates_lose_and_double_nothing(app: Flask) -> None:
    def write(_writer: int) -> list[bytes]:
        entries = some(EACH)
        with app.app_context():
            for entry in entries:
                await_entries(entry)
        return entries

    def take(_integrator: int) -> None:
        with app.app_context():
            for _turn in range(EACH // 8):
                integrate()

    with ThreadPoolExecutor(2 * WRITERS) as pool:
        taking = [pool.submit(take, number) for number in range(WRITERS)]
        written = [entry for entries in pool.map(write, range(WRITERS)) for entry in entries]
        for done in taking:
            done.result()
    integrate()
    logged = leaves()
    assert waiting() == set()
    assert set(written) <= set(logged)
    assert len(set(logged)) == len(logged)


PHASES = ("_state", "_enter", "grown", "_keep", "root_of")


@pytest.mark.parametrize("phase", [*PHASES, "commit"])
def test_an_integrator_that_is_killed_leaves_all_or_nothing(database: Database, phase: str) -> None:
    app = bare_app(database)
    with app.app_context():
        await_entries(*some(70))
        integrate()
        before, coming = leaves(), some(70)
        await_entries(*coming)
        db.engine.dispose()
        child = os.fork()
        if child == 0:
            _integrate_until_killed(phase)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        assert leaves() == before
        assert waiting() == set(coming)
        integrate()
        assert set(coming) < set(leaves())
        assert leaves()[: len(before)] == before
        db.engine.dispose()


def _integrate_until_killed(phase: str) -> None:
    try:
        if phase == "commit":
            event.listen(Session, "before_commit", _die)
        else:
            setattr(integrating, phase, _die)
        integrate()
    finally:
        os._exit(1)


def _die(*_given: object, **_named: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
