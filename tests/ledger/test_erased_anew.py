"""A database from before an erasure is put back and refilled: the case is erased anew, and the log holds."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.models import Case
from casework.timers import look_at_retention
from kernel import clock
from kernel.database import db, transaction
from ledger import publishing
from ledger.models import LedgerKey
from tests.casework.office import Watch
from tests.casework.test_acts import closed
from tests.ledger.test_publishing import publish_more
from tests.province import Province, own_province


@pytest.fixture
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province of its own, whose database is a file that can be put back."""
    request.param = "sqlite"
    yield from own_province(request, tmp_path_factory)


def erased(province: Province, case: str) -> bool:
    """Have a case looked at and the log published; tell whether it is erased, and its ledger key gone."""
    with province.app.app_context():
        with transaction() as session:
            look_at_retention(session, case)
        publish_more(0)
        db.session.remove()
        with Session(db.engine) as session:
            return session.get(LedgerKey, case) is None and session.get_one(Case, case).state == "PURGED"


def copy(source: str, target: str) -> None:
    """Copy a database as it stands, by SQLite's own backup."""
    with closing(sqlite3.connect(source)) as of, closing(sqlite3.connect(target)) as to:
        of.backup(to)


@pytest.mark.parametrize("days", [0, 1])
def test_what_was_erased_is_erased_anew_and_the_log_holds(
    province: Province, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    _phrase, case, _number = closed(province)
    watch, now = Watch(), clock.now()
    monkeypatch.setattr(clock, "now", watch.now)
    watch.moment = now
    run = province.app.test_cli_runner().invoke
    with province.app.app_context():
        publishing.announce()
        publish_more(0)
        database = str(db.engine.url.database)
        db.session.remove()
    copy(database, str(tmp_path / "before"))
    watch.move(days=5 * 365 + 2)
    assert erased(province, case)
    assert run(args=["ledger", "export", str(tmp_path / "mirror")]).exit_code == 0
    with province.app.app_context():
        db.engine.dispose()
    copy(str(tmp_path / "before"), database)
    watch.move(days=days)
    with province.app.app_context(), Session(db.engine) as session:
        assert session.scalars(select(Case.state).where(Case.id == case)).one() == "CLOSED"
    refilled = run(args=["ledger", "refill", str(tmp_path / "mirror")])
    assert refilled.exit_code == 0, refilled.output
    if not erased(province, case):  # what is days late is put off by one
        watch.move(days=1, hours=1)
        assert erased(province, case)
    told = run(args=["ledger", "verify", str(tmp_path / "mirror" / "checkpoint")])
    assert told.exit_code == 0, told.output
