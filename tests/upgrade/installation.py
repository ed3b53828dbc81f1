"""An installation of an older version, put back row by row into a database that is migrated as far as that."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

from kernel.migrating import MIGRATIONS
from tests.database import Database, PostgreSQLServer

Row = dict[str, Any]
# A case begins before its first event; the events bring it where it stood.
AT_THE_BEGINNING = {"version": 0, "state": "NEW"}


class Older:
    """What was written down of one."""

    def __init__(self, revision: str) -> None:
        self.revision = revision
        told = json.loads((Path(__file__).parent / f"{revision}.json").read_text())
        self.phrases: dict[str, str] = told["phrases"]
        self.files: dict[str, str] = told["files"]
        self.rows: dict[str, list[Row]] = {
            table: [dict(zip(kept["columns"], map(_value, row), strict=True)) for row in kept["rows"]]
            for table, kept in told["tables"].items()
        }

    def settle(self, instance: Path, engine: Engine) -> None:
        """Make the private folder and the database as they were; ``engine`` is the owner's, on an empty one."""
        instance.mkdir(mode=0o700)
        for name, content in self.files.items():
            (instance / name).write_text(content)
        with engine.connect() as connection:
            migrate_to(connection, self.revision)
            with connection.begin():
                for table, rows in self.rows.items():
                    self._put(connection, table, rows)

    def _put(self, connection: Connection, table: str, rows: list[Row]) -> None:
        if table == "cases":
            rows = [row | AT_THE_BEGINNING for row in rows]
        for row in rows:
            columns = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)


def rows_now(connection: Connection, older: Older) -> dict[str, list[Row]]:
    """Return the rows that the older version knew, by the columns it knew."""
    return {
        table: [dict(row) for row in connection.execute(text(f"SELECT {', '.join(rows[0])} FROM {table}")).mappings()]
        for table, rows in older.rows.items()
    }


def _value(written: Any) -> Any:
    if isinstance(written, str) and written.startswith("base64:"):
        return base64.b64decode(written.removeprefix("base64:"))
    return written


def migrate_to(connection: Connection, revision: str) -> None:
    """Bring a database to ``revision``, be it not the newest."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def empty_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[Database]:
    """Make an empty database of the kind a fixture is asked for, in ``folder`` or on the server; then remove it."""
    url = f"sqlite:///{folder}/older.sqlite3"
    if request.param == "sqlite":
        yield Database("sqlite", url, url)
        return
    server: PostgreSQLServer = request.getfixturevalue("postgresql_server")
    assert server.template  # the roles are made with it
    made, remove = server.make("template0")
    yield made
    remove()
