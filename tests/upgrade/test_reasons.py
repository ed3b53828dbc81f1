"""What was opened before reasons were asked stays as it was chained; from then on no file is opened without one."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import DBAPIError

from casework.access import access_body
from casework.models import AccessEvent
from kernel.migrating import migrate, revision_of
from kernel.schema import differences
from migrations import scripts
from tests.casework.stage import ASKED, BROUGHT, LEAD, picture, set_stage
from tests.database import Database
from tests.upgrade.installation import migrate_to
from tests.upgrade.test_extents import guards, refused, serving

FILE = f"file:{BROUGHT[:16]}"
OPENED = ("open", FILE, "export", FILE, "reseal")
READINGS = f"""
    SELECT seq, officer_id, what, at, previous, hash FROM access_events WHERE case_id = '{ASKED}' ORDER BY seq
"""
ADD = """
    INSERT INTO access_events (case_id, seq, officer_id, what, at, previous, hash, reason)
    VALUES (:case_id, :seq, :officer_id, :what, :at, :previous, :hash, :reason)
"""


def readings_before() -> list[dict[str, Any]]:
    """Write readings as the version before wrote and chained them."""
    rows: list[dict[str, Any]] = []
    for seq, what in enumerate(OPENED, 1):
        at, previous = datetime(2026, 11, 26, 3, 4, seq, tzinfo=timezone.utc), rows[-1]["hash"] if rows else None
        body = (
            f"type kentongan/v1/access\ncase {ASKED}\nseq {seq}\nprevious {previous.hex() if previous else '-'}\n"
            f"officer {LEAD}\nwhat {what}\nat 2026-11-26T03:04:0{seq}Z\n"
        )
        told = {"case_id": ASKED, "seq": seq, "officer_id": LEAD, "what": what, "at": at, "previous": previous}
        rows.append(told | {"hash": hashlib.sha256(body.encode()).digest()})
    return rows


@pytest.fixture
def older(database: Database) -> Database:
    """A database of the version before, in which a case was opened, and files of it for no reason."""
    with database.engine(database.owner_url).connect() as connection:
        migrate_to(connection, "0007")
        with connection.begin():
            set_stage(connection)
            for row in readings_before():
                connection.execute(insert(AccessEvent).values(row))
    return database


def next_reading(what: str, reason: str | None, after: int = len(OPENED)) -> dict[str, Any]:
    """Return the reading after the last one there is, as a row."""
    last = readings_before()[-1]
    told = {"seq": after + 1, "previous": last["hash"], "hash": bytes([after]) * 32}
    return last | told | {"what": what, "reason": reason}


def test_every_reading_stays_and_its_hash_is_still_its_own(older: Database) -> None:
    with older.engine(older.owner_url).connect() as connection:
        before = [tuple(row) for row in connection.execute(text(READINGS))]
    assert len(before) == len(OPENED)
    migrate(older.owner_url, older.url)
    with older.engine().connect() as connection:
        assert [tuple(row) for row in connection.execute(text(READINGS))] == before
        assert set(connection.scalars(text("SELECT reason FROM access_events"))) == {None}
    for row in readings_before():
        body = access_body(ASKED, row["seq"], row["previous"], LEAD, row["what"], None, row["at"])
        assert hashlib.sha256(body.encode()).digest() == row["hash"]


def test_the_schema_is_the_declared_one(older: Database) -> None:
    migrate(older.owner_url, older.url)
    with older.engine(older.owner_url).connect() as connection:
        assert list(differences(connection, serving(older))) == []
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_readings_go_on_and_a_file_is_opened_for_a_known_reason_alone(older: Database) -> None:
    migrate(older.owner_url, older.url)
    with older.engine().connect() as connection:
        for what, reason in ((FILE, None), (FILE, ""), (FILE, "curiosity"), ("open", "examine"), ("export", "export")):
            refused(connection, "opened for a reason", ADD, **next_reading(what, reason))
        with connection.begin():
            connection.execute(text(ADD), next_reading(FILE, "examine"))
        with connection.begin():
            row = next_reading("open", None, len(OPENED) + 1) | {"previous": bytes([len(OPENED)]) * 32}
            connection.execute(text(ADD), row)
        assert len(connection.execute(text(READINGS)).all()) == len(OPENED) + 2


def test_what_was_opened_before_gets_no_reason_afterwards(older: Database) -> None:
    migrate(older.owner_url, older.url)
    with older.engine(older.owner_url).connect() as connection:
        change = "UPDATE access_events SET reason = 'examine' WHERE what LIKE 'file:%'"
        refused(connection, "never change|is refused", change)


def failing(database: Database, folder: Path) -> Path:
    """Return the scripts of the migrations, of which the newest fails once it has done everything."""
    made = shutil.copytree(scripts.SQL, folder / "sql")
    script = made / f"0008_{database.kind}.sql"
    script.write_text(f"{script.read_text()}\nINSERT INTO nowhere VALUES (1);\n")
    return made


def as_it_stands(database: Database, look: Callable[[Connection], Any]) -> Any:
    with database.engine(database.owner_url).connect() as connection:
        return look(connection)


def test_a_migration_that_fails_when_all_is_done_leaves_the_version_before(
    older: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = [as_it_stands(older, look) for look in (picture, guards, revision_of)]
    with monkeypatch.context() as patched:
        patched.setattr(scripts, "SQL", failing(older, tmp_path))
        with pytest.raises(DBAPIError, match="nowhere"):
            migrate(older.owner_url, older.url)
    assert [as_it_stands(older, look) for look in (picture, guards, revision_of)] == before
    migrate(older.owner_url, older.url)
    assert as_it_stands(older, revision_of) != before[2] and as_it_stands(older, guards) != before[1]
