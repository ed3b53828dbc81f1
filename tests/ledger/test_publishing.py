"""What is published is served byte for byte and nothing else is; what contradicts it is never signed, and is found."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool
from werkzeug.test import TestResponse

from kernel.database import db
from kernel.schema import TRIGGERS
from ledger import publishing
from ledger.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.integrating import BATCH, integrate
from ledger.models import Published
from ledger.notes import Verifier
from ledger.publishing import Log, NotPublished, log_of, publish, resume
from ledger.tiles import Tile, read_bundle, tiles_of
from ledger.tree import leaf_hash, nodes_of, root_of
from tests.database import OWNER
from tests.ledger.test_integrating import await_entries, some
from tests.province import Province, own_province


@pytest.fixture(params=["sqlite", "postgresql"])
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province of which a first batch, its statements, is published."""
    for made in own_province(request, tmp_path_factory):
        with made.app.app_context():
            publish_more(0)
            yield made


def publish_more(count: int) -> int:
    """Have so many more entries integrated and published; return the log's size."""
    if count:
        await_entries(*some(count))
    integrate()
    publish()
    with Session(db.engine) as session:
        return session.scalars(select(Published.size).order_by(Published.size.desc())).first() or 0


def log_here(province: Province) -> Log:
    return log_of(province.app.extensions["kentongan.settings"])


def served(province: Province, path: str) -> TestResponse:
    """Ask for something of the log's, by a session that has seen nothing yet."""
    db.session.remove()
    return province.visitor().get(f"/log/{path}")


def newest(province: Province, log: Verifier) -> Checkpoint:
    return open_checkpoint(served(province, "checkpoint").text, log)


def test_a_stranger_reads_the_whole_log_from_what_is_served(province: Province) -> None:
    log = Verifier.read(served(province, "vkey").text.removesuffix("\n"))
    sizes = [newest(province, log).size, publish_more(1), publish_more(3 * BATCH)]
    for size in sizes:
        assert all(served(province, tile.path).status_code == 200 for tile in tiles_of(size))
    stated = newest(province, log)
    assert stated.size == sizes[-1] > 256
    entries: list[bytes] = []
    for tile in tiles_of(stated.size):
        if tile.level == 0:
            bundle = read_bundle(served(province, Tile(None, tile.index, tile.width).path).data)
            assert served(province, tile.path).data == b"".join(map(leaf_hash, bundle))
            entries += bundle
    assert root_of(nodes_of([leaf_hash(entry) for entry in entries]), stated.size) == stated.root


def test_what_never_changes_may_be_kept_for_ever_and_what_does_for_seconds(province: Province) -> None:
    tile, bundle = served(province, "tile/0/000.p/64"), served(province, "tile/entries/000.p/64")
    checkpoint = served(province, "checkpoint")
    for answer in (tile, bundle):
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (checkpoint.content_type, checkpoint.headers["Cache-Control"]) == (
        "text/plain; charset=utf-8", "public, max-age=5",
    )  # fmt: skip
    for answer in (tile, bundle, checkpoint):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in answer.headers


def test_what_was_not_published_is_nowhere(province: Province) -> None:
    await_entries(*some(BATCH))
    integrate()
    paths = [
        "tile/0/000.p/128", "tile/entries/000.p/128", "tile/0/000.p/63", "tile/0/000.p/65", "tile/0/000",
        "tile/0/001.p/1", "tile/1/000.p/1", "tile/0/0", "tile/63/000", "tile/x", "tile/",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/999", "tile/entries/x999/x999/x999/x999/999.p/1",
    ]  # fmt: skip
    assert [path for path in paths if served(province, path).status_code != 404] == []
    publish()
    assert served(province, "tile/0/000.p/128").status_code == 200
    assert served(province, "tile/0/000.p/64").status_code == 200


def test_publishing_again_changes_nothing_and_many_at_once_publish_once(province: Province) -> None:
    before = served(province, "checkpoint").data
    publish()
    assert served(province, "checkpoint").data == before
    await_entries(*some(3))
    integrate()

    def again(_turn: int) -> None:
        with province.app.app_context():
            publish()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(again, range(4)))
    assert newest(province, log_here(province).verifier).size == 2 * BATCH


@pytest.mark.parametrize("phase", ["keep", "ask_witnesses", "_put"])
def test_a_publisher_that_is_killed_publishes_the_same_the_next_time(province: Province, phase: str) -> None:
    await_entries(*some(3))
    integrate()
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        setattr(publishing, phase, lambda *_given: os.kill(os.getpid(), signal.SIGKILL))
        try:
            publish()
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert newest(province, log_here(province).verifier).size == BATCH
    publish()
    assert newest(province, log_here(province).verifier).size == 2 * BATCH


def test_an_older_database_is_not_published(province: Province) -> None:
    log, last = log_here(province), province.instance / "log" / "last"
    last.write_text(sign_checkpoint(Checkpoint(log.origin, 2 * BATCH, os.urandom(32)), log.key))
    with pytest.raises(NotPublished, match="newer backup"):
        publish_more(0)


def test_another_log_of_the_same_length_or_more_is_not_published(province: Province) -> None:
    log, last = log_here(province), province.instance / "log" / "last"
    last.write_text(sign_checkpoint(Checkpoint(log.origin, BATCH, os.urandom(32)), log.key))
    for more in (0, 1):
        with pytest.raises(NotPublished, match="rewritten"):
            publish_more(more)
    assert newest(province, log.verifier).size == BATCH


def test_what_was_signed_last_is_missed_and_can_be_had_from_anybody(province: Province, tmp_path: Path) -> None:
    log, last = log_here(province), province.instance / "log" / "last"
    kept = last.read_text()
    with pytest.raises(NotPublished, match="nothing has to be resumed"):
        resume(kept)
    last.unlink()
    with pytest.raises(NotPublished, match="ledger resume"):
        publish()
    forged = sign_checkpoint(Checkpoint(log.origin, BATCH, os.urandom(32)), log.key)
    for wrong in (forged, kept.replace("kentongan", "kentongan2"), ""):
        with pytest.raises(NotPublished):
            resume(wrong)
    note = tmp_path / "checkpoint"
    note.write_text(kept)
    assert province.app.test_cli_runner().invoke(args=["ledger", "resume", str(note)]).exit_code == 0
    assert publish_more(1) == 2 * BATCH


def test_a_restored_folder_brings_no_older_signature_back() -> None:
    from operations.backup import LEFT_OUT

    assert publishing.FOLDER in LEFT_OUT


TAMPERED = {
    "UPDATE log_leaf SET entry = :other WHERE idx = 9": "tile/0/000.p/64 is not made of its entries",
    "DELETE FROM log_leaf WHERE idx = 63": "tile/0/000.p/64 is not made of its entries",
    "INSERT INTO log_leaf (idx, entry) VALUES (64, :other)": "the head says 64 entries, and there are more",
    "UPDATE log_tile SET content = :other": "tile/0/000.p/64 is not made of its entries",
    "UPDATE log_head SET root = :half": "the head's root is not that of its 64 entries",
    "UPDATE log_checkpoint SET root = :half": "the checkpoint of 64 entries is not of this log",
    "UPDATE log_checkpoint SET note = 'x'": "the checkpoint of 64 entries is not of this log",
    "DELETE FROM log_public": "says that it is public, and its body is not here",
    "UPDATE log_public SET body = 'x'": "says that it is public, and its body is not here",
}


@pytest.mark.parametrize("statement", TAMPERED)
def test_what_was_rewritten_is_found(province: Province, statement: str) -> None:
    runner = province.app.test_cli_runner()
    assert runner.invoke(args=["ledger", "verify"]).exit_code == 0
    as_owner(*unguarded(statement))
    as_owner(statement, other=bytes(64), half=bytes(32))
    found = runner.invoke(args=["ledger", "verify"])
    assert found.exit_code == 1
    assert TAMPERED[statement] in found.output


def as_owner(*statements: str, **values: bytes) -> None:
    """Do what only who owns the tables can."""
    url = db.engine.url if db.engine.dialect.name == "sqlite" else db.engine.url.set(username=OWNER)
    with create_engine(url, poolclass=NullPool).begin() as connection:
        for statement in statements:
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), named)


def unguarded(statement: str) -> list[str]:
    """Return what takes every guard off the table that a statement is about."""
    kind = db.engine.dialect.name
    names = [name.split(".") for name in TRIGGERS[kind] if f" {name.split('.')[0]} " in f"{statement} "]
    return [f"DROP TRIGGER {name}" + ("" if kind == "sqlite" else f" ON {table}") for table, name in names]
