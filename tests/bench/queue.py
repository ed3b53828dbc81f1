"""The officers' pages with 100,000 cases, on both databases: how long the server takes, asked without a network."""

from __future__ import annotations

import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from casework.sessions import ROOM
from kernel import clock
from kernel.web import current_province
from tests.bench.crowd import crowd, staff_of
from tests.casework.test_acts import investigated
from tests.database import Database, PostgreSQLServer, SQLiteFiles
from tests.demo.province import NEXT
from tests.province import Province, Visitor, found_province

CASES = int(os.environ.get("KENTONGAN_BENCH_CASES", "100000"))
MOST_MS = 50
ROUNDS = 15
DESK, ABOVE = "33.08", "33"
Measured = tuple[str, float]


@contextmanager
def databases() -> Iterator[dict[str, Database]]:
    """One empty database of each kind; both wait for their disk, as in life."""
    os.environ.setdefault("KENTONGAN_TEST_FSYNC", "on")
    server = PostgreSQLServer()
    try:
        with tempfile.TemporaryDirectory(prefix="kentongan-bench-") as folder:
            yield {"SQLite": SQLiteFiles(Path(folder)).make()[0], "PostgreSQL": server.make()[0]}
    finally:
        server.stop()


def measure_pages(database: Database, instance: Path) -> list[Measured]:
    """Return the median time (ms) of each page, with ``CASES`` cases beside the one that is opened."""
    province = found_province(database, instance)
    _phrase, _complaint, number, _allegation = investigated(province)
    with province.app.app_context():
        desks = [code for code in current_province().regions if code != DESK]
    engine = database.engine(database.owner_url)
    crowd(engine, staff_of(engine, [DESK, *desks], DESK), CASES, clock.today())
    engine.dispose()
    return [(what, _median(ask)) for what, ask in _asked(province, number)]


def _asked(province: Province, number: str) -> Iterator[tuple[str, Callable[[], None]]]:
    lead, above = province.browser_of("lead", DESK), province.browser_of("lead", ABOVE)
    reviewer, overseer = province.browser_of("reviewer", DESK), province.overseer()
    queue = f"{ROOM}/"
    yield "queue of a desk's lead", _opening(lead, queue)
    yield "queue of the lead above all desks", _opening(above, queue)
    yield "queue of an investigator", _opening(province.browser_of("investigator", DESK), queue)
    yield "queue of a reviewer", _opening(reviewer, queue)
    yield "queue of the overseer", _opening(overseer, queue)
    yield "the same, the 20th page of it", _opening(overseer, _deep(overseer, queue))
    yield "the lead above: in review", _opening(above, f"{queue}?tahap=REVIEW")
    yield "the lead above: urgent and late", _opening(above, f"{queue}?mendesak=ya&terlambat=ya")
    yield "the lead above: what has ended", _opening(above, f"{queue}?tahap=CLOSED")
    yield "one case's page", _opening(lead, f"{queue}perkara/{number}")


def _opening(browser: Visitor, path: str) -> Callable[[], None]:
    def once() -> None:
        answer = browser.get(path)
        assert answer.status_code == 200, (path, answer.status_code)

    return once


def _deep(browser: Visitor, path: str) -> str:
    for _page in range(19):
        found = NEXT.search(browser.get(path).get_data(as_text=True))
        assert found, "the queue ends before its 20th page"
        path = re.sub("&amp;", "&", found[1] or found[2])
    return path


def _median(ask: Callable[[], None]) -> float:
    ask()
    times = []
    for _round in range(ROUNDS):
        begun = time.perf_counter()
        ask()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)
