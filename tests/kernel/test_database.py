"""Writers of one database wait for one another."""

from threading import Event, Thread
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import Connection, event, text
from sqlalchemy.pool import QueuePool

from kernel.database import db, transaction
from tests.database import SQLiteFiles, bare_app

PATIENCE = 60


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


def test_what_sqlite_cannot_hold_in_its_pages_goes_into_no_temporary_file(impatient: Flask) -> None:
    in_memory = 2
    with impatient.app_context(), db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA temp_store").scalar() == in_memory
