"""Files that an older version has kept, a chunk to an object, are read and guarded by one that keeps several in it."""

from __future__ import annotations

import secrets
import shutil
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from complaints.files import extents_of, sealed_size
from kernel.migrating import migrate, revision_of
from kernel.schema import differences
from kernel.store import Extent, open_store
from migrations import scripts
from tests.casework.stage import BEGUN, BROUGHT, RUNNING, WHOLE, chunk_row, picture, set_stage
from tests.database import Database
from tests.upgrade.installation import migrate_to

CHUNKS = "SELECT file_id, number, digest, key FROM file_chunks ORDER BY file_id, number"
BRING = f"UPDATE files SET seq = 4, manifest_box = :box WHERE id = '{WHOLE}'"
INSERT = """
    INSERT INTO file_chunks (file_id, number, digest, key, begins)
    VALUES (:file_id, :number, :digest, :key, :begins)
"""


@pytest.fixture
def older(database: Database) -> Database:
    """A database of the version before, in which a file was brought, one is whole and one is begun."""
    with database.engine(database.owner_url).connect() as connection:
        migrate_to(connection, "0006")
        with connection.begin():
            set_stage(connection)
    return database


def all_of(connection: Connection) -> list[tuple[Any, ...]]:
    """Return every chunk, by what any version knows of it."""
    return [tuple(row) for row in connection.execute(text(CHUNKS))]


def guards(connection: Connection) -> list[tuple[Any, ...]]:
    """Return every trigger with what it does, and the table's columns and constraints."""
    triggers = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
        "postgresql": "SELECT tgname, pg_get_functiondef(tgfoid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2",
    }
    found = [tuple(row) for row in connection.execute(text(triggers[connection.dialect.name]))]
    looked = inspect(connection)
    columns = [(column["name"], str(column["type"])) for column in looked.get_columns("file_chunks")]
    return [*found, *columns, tuple(map(str, looked.get_unique_constraints("file_chunks")))]


def serving(database: Database) -> str:
    """Return the role that serves, where there are roles."""
    return make_url(database.url).username or ""


def refused(connection: Connection, why: str, change: str, **given: object) -> None:
    with pytest.raises(DBAPIError, match=why), connection.begin():
        connection.execute(text(change), given)


def test_every_chunk_is_there_once_and_is_all_of_its_object(older: Database, tmp_path: Path) -> None:
    store, kept = open_store(tmp_path), list[bytes]()
    with older.engine(older.owner_url).connect() as connection:
        before = all_of(connection)
    for number in (1, 2):
        kept.append(secrets.token_bytes(sealed_size(2 * 1024 * 1024, number)))
        store.keep(chunk_row(BROUGHT, number)["key"], kept[-1])
    migrate(older.owner_url, older.url)
    with older.engine().connect() as connection:
        assert all_of(connection) == before and len(before) == 5
        assert set(connection.scalars(text("SELECT begins FROM file_chunks"))) == {0}
    with Session(older.engine()) as session:
        extents = extents_of(session, RUNNING, BROUGHT, range(1, 3))
    assert extents == [Extent(chunk_row(BROUGHT, n)["key"], 0, len(kept[n - 1])) for n in (1, 2)]
    assert [store.read(each.key, each.begins, each.size) for each in extents] == kept


def test_the_schema_is_the_declared_one_and_nothing_is_left_of_the_way_there(older: Database) -> None:
    migrate(older.owner_url, older.url)
    with older.engine(older.owner_url).connect() as connection:
        assert list(differences(connection, serving(older))) == []
        assert "chunks_before" not in inspect(connection).get_table_names()
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_what_was_brought_stays_and_what_was_begun_goes_on(older: Database) -> None:
    migrate(older.owner_url, older.url)
    first, beside_it = chunk_row(BEGUN, 1), chunk_row(BEGUN, 2) | {"begins": 1_048_605}
    with older.engine(older.owner_url).connect() as connection:
        refused(connection, "never changes|is refused", "UPDATE file_chunks SET begins = 1")
        refused(connection, "never goes", "DELETE FROM file_chunks WHERE file_id = :file", file=BROUGHT)
        refused(connection, "no open file", INSERT, **chunk_row(BROUGHT, 2) | {"key": "0" * 32})
        refused(connection, "another file", INSERT, **beside_it | {"key": chunk_row(WHOLE, 1)["key"]})
        # As a program of the version before would write it.
        nowhere = INSERT.replace(", begins", "").replace(", :begins", "")
        refused(connection, "begins", nowhere, **chunk_row(BEGUN, 2))
        # Of a file that is on its way the next chunk comes into the same object as into another.
        with connection.begin():
            connection.execute(text(INSERT), beside_it | {"key": first["key"]})
        with connection.begin():
            connection.execute(text("DELETE FROM file_chunks WHERE file_id = :file"), {"file": BEGUN})


def test_two_files_that_name_one_object_at_once_do_not_both_get_it(older: Database) -> None:
    """On SQLite one of them writes at a time anyhow; on PostgreSQL neither sees the other's row before it is there."""
    migrate(older.owner_url, older.url)
    engine = older.engine(older.owner_url)
    here, there = (chunk_row(file, 2) | {"key": "0" * 32, "begins": at} for file, at in ((BEGUN, 0), (WHOLE, 9)))
    with engine.connect() as first, engine.connect() as second, ThreadPoolExecutor(1) as threads:
        with first.begin():
            first.execute(text("DELETE FROM file_chunks WHERE file_id = :file_id AND number = 2"), there)
        with first.begin():
            first.execute(text(INSERT), here)
            waiting = threads.submit(refused, second, "another file|is locked", INSERT, **there)
            # It has not got it, be it that it waits or that it has been refused.
            wait([waiting], 0.2)
        waiting.result()
        assert first.scalars(text("SELECT file_id FROM file_chunks WHERE key = :key"), here).all() == [BEGUN]


def test_a_file_is_brought_only_whole_as_before(older: Database) -> None:
    migrate(older.owner_url, older.url)
    with older.engine(older.owner_url).connect() as connection:
        with connection.begin():
            connection.execute(text(f"DELETE FROM file_chunks WHERE file_id = '{WHOLE}' AND number = 2"))
        refused(connection, "not whole", BRING, box=b"m")
        with connection.begin():
            connection.execute(text(INSERT), chunk_row(WHOLE, 2))
            assert connection.execute(text(BRING), {"box": b"m"}).rowcount == 1


def test_a_migration_that_fails_when_all_is_done_leaves_the_version_before(
    older: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with older.engine(older.owner_url).connect() as connection:
        before = (picture(connection), guards(connection))
    shutil.copytree(scripts.SQL, tmp_path / "sql")
    script = tmp_path / "sql" / f"0007_{older.kind}.sql"
    script.write_text(f"{script.read_text()}\nINSERT INTO nowhere VALUES (1);\n")
    with monkeypatch.context() as patched:
        patched.setattr(scripts, "SQL", tmp_path / "sql")
        with pytest.raises(DBAPIError, match="nowhere"):
            migrate(older.owner_url, older.url)
    with older.engine(older.owner_url).connect() as connection:
        assert (picture(connection), guards(connection)) == before and revision_of(connection) == "0006"
    migrate(older.owner_url, older.url)
    with older.engine(older.owner_url).connect() as connection:
        assert revision_of(connection) != "0006" and guards(connection) != before[1]
