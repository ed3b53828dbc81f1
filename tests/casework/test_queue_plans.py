"""How the databases look for what officers ask: along an index in the queue's order, never through all cases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, insert, select

from casework import queries
from casework.logins import CurrentOfficer
from casework.models import CaseEvent, Officer
from casework.queries import Cursor, QueueFilter
from casework.terms import State
from kernel import clock
from kernel.database import db
from kernel.directory.models import Statement
from ledger.models import Published
from ledger.proving import places_of
from ledger.tree import EMPTY_ROOT
from tests.bench.crowd import as_logged_in, crowd, staff_of
from tests.database import Database
from tests.province import Province
from wsgi import create_app

CASES = 3000
DESKS = ["33.08", "33.74", *(f"33.{number:02}" for number in range(1, 8))]
EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}
THROUGH_ALL = ("SCAN cases", "Seq Scan on cases", "SCAN case_events", "SCAN sealed_keys", "Seq Scan on sealed_keys")


@dataclass
class Crowded:
    """An installation with thousands of cases; ``sent`` is what its database has been asked."""

    app: Flask
    kind: str
    sent: list[tuple[str, Any]] = field(default_factory=list)

    def note(self, _connection: Any, _cursor: Any, sql: str, values: Any, *_more: Any) -> None:
        """Note what the database is asked."""
        self.sent.append((sql, values))

    def plan(self, ask: Callable[[], object], of: str = "cases") -> str:
        """Return how the database goes about what ``ask`` wants to know of a table."""
        self.sent.clear()
        ask()
        asked = [(sql, values) for sql, values in self.sent if f"FROM {of}" in sql]
        assert asked
        with db.engine.connect() as connection:
            if self.kind == "postgresql":
                # A few thousand rows it would rather read through: only what no index helps with is left to that now.
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plans = [connection.exec_driver_sql(EXPLAIN[self.kind] + sql, values).all() for sql, values in asked]
        return "\n".join(str(row[-1]) for plan in plans for row in plan)


@pytest.fixture(scope="module")
def crowded(province: Province, request: pytest.FixtureRequest) -> Iterator[Crowded]:
    """The people of the demo over a database of their own, with a crowd of cases, inside the application."""
    with province.app.app_context():
        kind, people = db.engine.dialect.name, _rows(db.engine)
    makers = {"sqlite": "sqlite_files", "postgresql": "postgresql_server"}
    database, remove = request.getfixturevalue(makers[kind]).make()
    _fill(database, people)
    app = create_app({"KENTONGAN_INSTANCE": str(province.instance), "DATABASE_URL": database.url})
    with app.app_context():
        made = Crowded(app, kind)
        event.listen(db.engine, "before_cursor_execute", made.note)
        yield made
        db.session.remove()
        db.engine.dispose()
    remove()


Rows = list[tuple[Any, list[dict[str, Any]]]]


def _rows(engine: Engine) -> Rows:
    tables = (Officer.__table__, Statement.__table__)
    with engine.connect() as connection:
        return [
            (table, [dict(row) for row in connection.execute(select(table).order_by(table.c.id)).mappings()])
            for table in tables
        ]


def _fill(database: Database, people: Rows) -> None:
    engine = database.engine(database.owner_url)
    with engine.begin() as connection:
        for table, rows in people:
            # The database numbers them itself.
            kept = [{name: row[name] for name in row if (table.name, name) != ("statements", "id")} for row in rows]
            connection.execute(insert(table), kept)
    crowd(engine, staff_of(engine, DESKS, DESKS[0]), CASES, clock.today())
    engine.dispose()


# What is read from its index alone, no case being fetched for it, and how each database says so.
ALONE = {"ix_cases_due", "ix_cases_desk", "ix_cases_state", "ix_cases_ended", "ix_cases_ended_desk"}
READING = {"sqlite": "USING COVERING INDEX", "postgresql": "Index Only Scan using"}
# Who asks, what he asks, and along which index it is found.
QUESTIONS = [
    ("lead", "33.08", QueueFilter(), "ix_cases_desk"),
    ("lead", "33.08", QueueFilter(urgent=True), "ix_cases_desk"),
    ("lead", "33.08", QueueFilter(state=State.REVIEW), "ix_cases_state"),
    ("lead", "33.08", QueueFilter(ended=True), "ix_cases_ended_desk"),
    ("lead", "33", QueueFilter(), "ix_cases_desk"),
    ("lead", "33", QueueFilter(desk="33.01"), "ix_cases_desk"),
    ("lead", "33", QueueFilter(state=State.TRIAGE), "ix_cases_state"),
    ("lead", "33", QueueFilter(ended=True), "ix_cases_ended_desk"),
    ("overseer", None, QueueFilter(), "ix_cases_due"),
    ("overseer", None, QueueFilter(desk="33.74"), "ix_cases_desk"),
    ("overseer", None, QueueFilter(ended=True), "ix_cases_ended"),
    ("investigator", "33.08", QueueFilter(), "ix_sealed_keys_recipient"),
    ("reviewer", "33.08", QueueFilter(), "ix_sealed_keys_recipient"),
]


@pytest.mark.parametrize(("role", "desk", "asked", "index"), QUESTIONS)
def test_a_queue_is_read_along_its_index(
    crowded: Crowded, role: str, desk: str | None, asked: QueueFilter, index: str
) -> None:
    officer = as_logged_in(role, desk)
    first = queries.queue(officer, asked, None)
    for after in [None, *([first.next_after] if first.next_after else [])]:
        plan = crowded.plan(lambda: queries.queue(officer, asked, after))
        assert re.search(f"{READING[crowded.kind]} {index}\\b" if index in ALONE else rf"\b{index}\b", plan), plan
        unled = [line for line in plan.splitlines() if "USING" not in line]
        assert not [line for line in unled if any(map(line.__contains__, THROUGH_ALL))]


def pages(officer: CurrentOfficer, asked: QueueFilter) -> Iterator[list[queries.QueueRow]]:
    """Yield every page of a queue."""
    after: Cursor | None = None
    while True:
        page = queries.queue(officer, asked, after)
        yield page.rows
        after = page.next_after
        if after is None:
            return


@pytest.mark.parametrize("ended", [False, True])
def test_the_lead_above_turns_the_pages_of_all_desks_in_one_order(crowded: Crowded, ended: bool) -> None:
    above, overseer = as_logged_in("lead", "33"), as_logged_in("overseer", None)
    asked = QueueFilter(ended=ended, state=State.CLOSED if ended else State.RECEIVED)
    seen, expected = ([row for page in islice(pages(each, asked), 3) for row in page] for each in (above, overseer))
    assert [row.number for row in seen] == [row.number for row in expected]
    assert len(seen) == 3 * queries.PAGE and len({row.desk_id for row in seen}) > 5


REMINDERS = [
    ("lead", "33.08", ("ix_cases_desk", "ix_cases_ended_desk")),
    ("lead", "33", ("ix_cases_desk", "ix_cases_ended_desk")),
    ("overseer", None, ("ix_cases_due", "ix_cases_ended")),
]


@pytest.mark.parametrize(("role", "desk", "indexes"), REMINDERS)
def test_reminders_are_counted_from_indexes_alone(
    crowded: Crowded, role: str, desk: str | None, indexes: tuple[str, str]
) -> None:
    plan = crowded.plan(lambda: queries.reminders(as_logged_in(role, desk)))
    for index in indexes:
        assert re.search(rf"{READING[crowded.kind]} {index}\b", plan), plan


def test_an_events_place_in_the_log_is_looked_up_and_not_searched_for(crowded: Crowded) -> None:
    entries = db.session.scalars(select(CaseEvent.entry).limit(3)).all()
    db.session.remove()
    with db.engine.begin() as connection:
        connection.execute(insert(Published).values(size=0, root=EMPTY_ROOT, note=""))
    plan = crowded.plan(lambda: places_of(db.session, entries), "log_leaf")
    by_entry = {"sqlite": r"log_leaf USING INDEX \w+ \(entry=", "postgresql": "uq_log_leaf_entry"}[crowded.kind]
    assert re.search(by_entry, plan), plan
