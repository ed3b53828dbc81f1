"""Eight officers at once on one case: nothing is lost, nothing forks, whoever comes second is told."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from casework.models import Case, CaseEvent
from kernel.database import Collision, db, transaction
from tests.casework.stage import INVESTIGATOR, RUNNING, event_row, set_stage

THREADS, EACH, BEFORE = 8, 25, 4


def write_note(mark: str) -> int:
    """Write one more event as a service would: read where the case stands, then write; return its number."""
    with transaction() as session:
        version = session.scalar(select(Case.version).where(Case.id == RUNNING))
        assert version is not None
        row = event_row(RUNNING, version + 1, "note", "INVESTIGATION", "INVESTIGATION", INVESTIGATOR, body=mark)
        session.execute(insert(CaseEvent).values(row))
        return version + 1


def write_until_written(mark: str) -> int:
    """Write an event, coming back as often as somebody else was first; return its number."""
    while True:
        with suppress(Collision):
            return write_note(mark)


def test_eight_threads_lose_and_fork_nothing(staged_app: Flask) -> None:
    def work(thread: int) -> list[int]:
        with staged_app.app_context():
            return [write_until_written(f"{thread} {turn}") for turn in range(EACH)]

    with ThreadPoolExecutor(THREADS) as pool:
        written = [seq for seqs in pool.map(work, range(THREADS)) for seq in seqs]

    assert sorted(written) == list(range(BEFORE + 1, BEFORE + 1 + THREADS * EACH))
    query = select(CaseEvent.body).where(CaseEvent.case_id == RUNNING, CaseEvent.seq > BEFORE)
    assert sorted(db.session.scalars(query)) == sorted(f"{t} {n}" for t in range(THREADS) for n in range(EACH))
    chained = select(func.count(CaseEvent.prev_seq)).where(CaseEvent.case_id == RUNNING)
    assert db.session.scalar(chained) == BEFORE + THREADS * EACH - 1
    assert db.session.scalar(select(Case.version).where(Case.id == RUNNING)) == BEFORE + THREADS * EACH


@pytest.fixture
def staged_app(app: Flask) -> Flask:
    """The app on a database with the stage set."""
    with db.engine.begin() as connection:
        set_stage(connection)
    return app
