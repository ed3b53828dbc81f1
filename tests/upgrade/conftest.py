"""Fixtures of the tests that bring an older version's database to the newest schema."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.database import Database, PostgreSQLServer


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind."""
    url = f"sqlite:///{tmp_path}/older.sqlite3"
    if request.param == "sqlite":
        yield Database("sqlite", url, url)
        return
    server: PostgreSQLServer = request.getfixturevalue("postgresql_server")
    assert server.template  # the roles are made with it
    made, remove = server.make("template0")
    yield made
    remove()
