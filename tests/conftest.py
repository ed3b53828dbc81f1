"""Fixtures every room may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from kernel.database import db
from tests.database import Database, PostgreSQLServer, SQLiteFiles, bare_app

pytest_plugins = ["tests.browser_fixtures", "tests.province", "tests.machine", "tests.buckets"]


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SQLiteFiles:
    """Migrated SQLite files."""
    return SQLiteFiles(Path(tmp_path_factory.mktemp("sqlite")))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQLServer]:
    """A PostgreSQL server of this session's (and this worker's) own."""
    server = PostgreSQLServer()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A fresh, migrated database of each kind."""
    kinds = {"sqlite": "sqlite_files", "postgresql": "postgresql_server"}
    made, remove = request.getfixturevalue(kinds[request.param]).make()
    yield made
    remove()


@pytest.fixture
def app(database: Database) -> Iterator[Flask]:
    """An app on a fresh database, with its context pushed."""
    made = bare_app(database)
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()
