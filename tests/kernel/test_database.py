"""Writers of one database wait for one another."""

import os
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import Connection, event, text
from sqlalchemy.pool import QueuePool

from kernel.database import db, transaction
from tests.database import SQLiteFiles, bare_app
from tests.server import ROOT

PATIENCE = 60
# More rows by one statement than SQLite keeps the pages of, as they were, in memory of itself (SQLITE_STMTJRNL_SPILL,
# 64 KiB). How many pages it changes is a matter of where random keys fall: three rows may be enough, or not.
MANY_AT_ONCE = """
import secrets, sys
from sqlalchemy import create_engine
from kernel.database import prepare_sqlite
engine = create_engine(sys.argv[1])
prepare_sqlite(engine)
with engine.begin() as connection:
    connection.exec_driver_sql("CREATE TABLE copies (id TEXT PRIMARY KEY, sealed BLOB) WITHOUT ROWID")
for turn in range(6):
    rows = [(secrets.token_hex(16), secrets.token_bytes(1200)) for row in range(200)]
    with engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO copies VALUES {', '.join(['(?, ?)'] * len(rows))}", sum(rows, ()))
"""


def never_wait(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA busy_timeout=0")


@pytest.fixture
def impatient(sqlite_files: SQLiteFiles) -> Flask:
    """An app whose SQLite refuses at once what it would have to wait for."""
    made, _remove = sqlite_files.make()
    app = bare_app(made)
    with app.app_context():
        event.listen(db.engine, "begin", never_wait, insert=True)
    return app


def test_a_second_writer_is_held_before_sqlite_would_have_to_let_it_sleep(impatient: Flask) -> None:
    holding, outcome = Event(), []

    def second() -> None:
        with impatient.app_context():
            holding.wait(PATIENCE)
            with transaction() as session:
                outcome.append(session.scalar(text("SELECT 1")))

    other = Thread(target=second)
    with impatient.app_context():
        other.start()
        with transaction():
            holding.set()
            other.join(0.3)
            assert outcome == [] and cast(QueuePool, db.engine.pool).checkedout() == 1
        other.join(PATIENCE)
        db.engine.dispose()
    assert outcome == [1]


def test_whoever_writes_keeps_sqlite_from_putting_away_nothing_by_what_he_read_before(impatient: Flask) -> None:
    enter = text("INSERT INTO jobs (kind, subject, due_at, turn, attempts) VALUES ('k', 's', '2026-01-01', 1, 0)")
    with impatient.app_context():
        assert db.session.scalar(text("SELECT count(*) FROM jobs")) == 0
        with transaction() as session:
            session.execute(enter)
        # Of the log so many pages were there, and so many stand in the file now; (busy, there, put away).
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            _busy, there, away = connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").one()
        db.session.remove()
        db.engine.dispose()
    assert there == away > 0


def test_a_statement_that_may_yet_fail_leaves_what_it_changes_in_no_temporary_file(tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    untouched = temporary.stat().st_mtime_ns
    # SQLite asks for its folder once, when it is loaded.
    environment = os.environ | {"SQLITE_TMPDIR": str(temporary)}
    subprocess.run(
        [sys.executable, "-c", MANY_AT_ONCE, f"sqlite:///{tmp_path}/one.sqlite3"],
        cwd=ROOT, env=environment, check=True, timeout=PATIENCE,
    )  # fmt: skip
    # A file that came and went leaves the time at which its folder last changed.
    assert temporary.stat().st_mtime_ns == untouched
