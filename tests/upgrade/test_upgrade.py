"""An installation with cases in it is brought to the newest schema: every row stays, every guard stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timezone
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from kernel.database import db
from kernel.decrees import Decree
from kernel.migrating import migrate
from ledger.public import Kind, public_entry
from tests import client
from tests.casework.office import stop_clock
from tests.database import Database
from tests.officer import Text, act
from tests.province import Province
from tests.server import read_people
from tests.soundness import faults_of
from tests.upgrade.installation import Older, Row, empty_database, migrate_to, rows_now
from wsgi import create_app

OLDER = Older("0001")
# What came with the version between: a day decreed, by one of its people.
DECREED = {
    "day": date(2026, 12, 18), "seq": 1, "name": "Pilkada", "decided_by": OLDER.rows["officers"][0]["id"],
    "decided_at": datetime(2026, 11, 26, 3, tzinfo=timezone.utc),
}  # fmt: skip
# And a statement that the log has entered, which stands against any other in its place.
STATEMENT = OLDER.rows["statements"][0]["body"]
ENTERED = public_entry(Kind.STATEMENT, STATEMENT)
STATED = """
    INSERT INTO log_public (entry, kind, body, statement_id)
    SELECT :entry, 'statement', :body, id FROM statements WHERE body = :body
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """An empty database of each kind."""
    yield from empty_database(request, tmp_path_factory.mktemp("older"))


@pytest.fixture(scope="module")
def upgraded(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Province, Any]]:
    """The older installation after ``make migrate``, and its rows as the migration left them."""
    instance = tmp_path_factory.mktemp("upgraded") / "instance"
    OLDER.settle(instance, database.engine(database.owner_url))
    with database.engine(database.owner_url).connect() as connection:
        migrate_to(connection, "0002")
        with connection.begin():
            connection.execute(insert(Decree), DECREED)
        migrate_to(connection, "0004")
        with connection.begin():
            connection.execute(text(STATED), {"body": STATEMENT, "entry": ENTERED})
    migrate(database.owner_url, database.url)
    with database.engine().connect() as connection:
        rows = rows_now(connection, OLDER)
    app = create_app({"KENTONGAN_INSTANCE": str(instance), "DATABASE_URL": database.url})
    yield Province(app, instance, read_people(instance)), rows
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def told(rows: list[Row]) -> Counter[str]:
    """Return rows as text, dates and flags in one spelling, whichever database kept them."""
    return Counter(str(sorted((name, _plain(value)) for name, value in row.items())) for row in rows)


def _plain(value: Any) -> str:
    if isinstance(value, int):
        return str(int(value))
    return str(value).removesuffix(".000000").removesuffix("+00:00")


def test_every_row_is_as_it_was(upgraded: tuple[Province, Any]) -> None:
    for table, rows in OLDER.rows.items():
        assert told(upgraded[1][table]) == told(rows), table


def test_what_came_with_the_version_between_is_there_too(upgraded: tuple[Province, Any], database: Database) -> None:
    due = [row["id"] for row in OLDER.rows["cases"] if row["due"]]
    with database.engine().connect() as connection:
        assert connection.scalars(select(Decree.name)).all() == ["Pilkada"]
        clocks = connection.scalars(text("SELECT subject FROM jobs WHERE kind = 'clock'")).all()
    assert sorted(clocks) == sorted(due)


def test_a_statement_that_was_entered_stays_and_new_kinds_are_taken(
    upgraded: tuple[Province, Any], database: Database
) -> None:
    adding = "INSERT INTO statements (id, kind, subject, version, body) VALUES (1000, :kind, :kind, 1, 'x')"
    with database.engine(database.owner_url).connect() as connection:
        kept = "SELECT s.version FROM log_public p JOIN statements s ON s.id = p.statement_id AND s.body = p.body"
        assert connection.execute(text(f"{kept} WHERE p.entry = :entry"), {"entry": ENTERED}).scalars().all() == [1]
        connection.rollback()
        for kind in ("log", "promise", "rumour"):
            with connection.begin() as undone:
                if kind == "rumour":
                    with pytest.raises(DBAPIError, match="ck_statements_kind"):
                        connection.execute(text(adding), {"kind": kind})
                else:
                    connection.execute(text(adding), {"kind": kind})
                undone.rollback()


def test_what_it_holds_is_sound_and_the_schema_is_the_newest(
    upgraded: tuple[Province, Any], database: Database
) -> None:
    province, _rows = upgraded
    secret = bytes.fromhex((province.instance / "secret").read_text())
    assert faults_of(database.engine(), province.root, secret) == []
    assert province.visitor().get("/readyz").text == "ready\n"


def test_every_event_waits_for_the_log_that_came_later(upgraded: tuple[Province, Any], database: Database) -> None:
    _province, rows = upgraded
    with database.engine().connect() as connection:
        waiting = set(connection.execute(text("SELECT entry FROM log_pending")).scalars())
    assert waiting >= {row["entry"] for row in rows["case_events"]}


def test_every_guard_stands(upgraded: tuple[Province, Any], database: Database) -> None:
    for change in (
        "UPDATE case_events SET body = 'x'", "DELETE FROM case_events", "DELETE FROM cases",
        "UPDATE cases SET state = 'CLOSED', version = version + 1", "UPDATE access_events SET what = 'x'",
        "DELETE FROM statements", "INSERT INTO transitions VALUES ('NEW', 'CLOSED', 'close')",
    ):  # fmt: skip
        with database.engine(database.owner_url).connect() as connection, pytest.raises(DBAPIError):
            with connection.begin():
                connection.execute(text(change))


def test_reporters_read_on_by_their_phrases_and_their_cases_go_on(
    upgraded: tuple[Province, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    province, _rows = upgraded
    # The day after it was written down: its people's codes of that day are used up.
    stop_clock(monkeypatch).moment = datetime(2026, 11, 27, 3, tzinfo=timezone.utc)
    ask = province.visitor().ask
    for state, phrase in OLDER.phrases.items():
        seen = client.visit(province.keys(phrase), ask)
        assert seen.thread["state"] == state
        assert seen.account()["text"]
    seen = client.visit(province.keys(OLDER.phrases["NEEDS_INFO"]), ask)
    assert [seen.text(message) for message in seen.thread["messages"]] == ["Kapan kejadiannya?"]
    visitor = province.visitor()
    file = client.send_file(seen, b"Kuitansi", visitor.ask, visitor.put)
    client.act(seen, "answer", "Hari Senin.", ask, files=[file])
    number = province.number_of(seen.thread["complaint"])
    case = province.opened(number, "investigator")
    assert [case.text(message) for message in case.told["messages"]] == ["Kapan kejadiannya?", "Hari Senin."]
    assert [told["id"] for told in case.told["files"]] == [file.id]
    act(case, "note", "INVESTIGATION", [Text("note", "Dibaca sesudah pembaruan.")])
    act(case, "export", "INVESTIGATION", [Text("reason", "Untuk ahli.")], {"files": file.id})
    assert client.visit(province.keys(OLDER.phrases["NEEDS_INFO"]), ask).thread["state"] == "INVESTIGATION"
