"""PostgreSQL is stopped at once, at every step of who writes and publishes: what was acknowledged stands after it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.publishing import tend
from tests.database import PostgreSQLServer
from tests.ledger.killing import Child, Write, stopped_at, untouched
from tests.ledger.test_killed import Watch, writing
from tests.province import Foundings, Province, close

STEPS = (
    "write: after case_events", "write: before commit", "write: after commit",
    "integrate: after log_leaf", "integrate: before commit", "integrate: after commit",
    "publish: before rename", "publish: after rename", "publish: before commit", "publish: after commit",
)  # fmt: skip
# Where no transaction is open, or nothing depends on one any more.
BETWEEN = (
    "write: after commit", "integrate: after commit",
    "publish: before rename", "publish: after rename", "publish: after commit",
)  # fmt: skip
AT_WORK = 3
SECONDS_AT_WORK = 0.4


@pytest.fixture
def server() -> Iterator[PostgreSQLServer]:
    """A server that nobody else is at."""
    made = PostgreSQLServer()
    yield made
    made.stop()


@pytest.fixture
def province(server: PostgreSQLServer, tmp_path: Path) -> Iterator[Province]:
    """A province on that server, whose statements are in the log."""
    (tmp_path / "founded").mkdir()
    made, remove = Foundings(tmp_path / "founded").copy(server, tmp_path / "instance")
    with made.app.app_context():
        tend()
    yield made
    close(made, remove)


def test_a_database_that_stops_at_whichever_step_leaves_one_log_that_keeps_its_promises(
    server: PostgreSQLServer, province: Province
) -> None:
    write, watch = writing(province), Watch(province)
    for step in STEPS:
        child = stopped_at(province, write, step)
        _hear_until(child, watch, f"at {step}")
        server.crash()
        child.let_go()
        # Whoever waited for his commit hears that it failed; who has his goes on by another connection.
        assert (watch.hear(child) == 0) == (step in BETWEEN), step
        assert watch.faults() == [], step
    assert watch.final_faults() == []


def test_a_database_that_stops_in_the_middle_of_mixed_work_loses_nothing(
    server: PostgreSQLServer, province: Province
) -> None:
    """Twice in a row."""
    write, watch = writing(province), Watch(province)
    for _turn in range(2):
        children = _at_work(province, write, watch)
        time.sleep(SECONDS_AT_WORK)
        server.crash()
        assert 0 not in [watch.hear(child) for child in children]
        assert watch.faults() == []
    assert watch.final_faults() == []
    assert watch.promised


def test_whoever_asks_after_the_restart_is_answered(server: PostgreSQLServer, province: Province) -> None:
    """By connections that were open before."""
    assert province.visitor().get("/log/checkpoint").status_code == 200
    server.crash()
    assert province.visitor().get("/log/checkpoint").status_code == 200


def _at_work(province: Province, write: Write, watch: Watch) -> list[Child]:
    """Start some who go on and on, and wait until each has begun."""
    children = [untouched(province, write, cycles=1000) for _child in range(AT_WORK)]
    for child in children:
        watch.take_down(child.line())
    return children


def _hear_until(child: Child, watch: Watch, awaited: str) -> None:
    while (line := child.line()) != awaited:
        assert line, f"it ended and was never {awaited}"
        watch.take_down(line)
