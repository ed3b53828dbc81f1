"""What strangers see of the log does not tell when something happened, nor, once its keys are gone, to whom."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.models import CaseEvent
from casework.timers import look_at_retention
from complaints.models import Complaint
from kernel import clock
from kernel.database import db, transaction
from kernel.directory.models import SealedKey
from kernel.web import current_settings
from ledger.integrating import BATCH, integrate
from ledger.models import Leaf, LedgerKey
from ledger.publishing import publish
from ledger.verifying import faults
from tests.casework.office import stop_clock
from tests.casework.test_acts import closed
from tests.ledger.test_integrating import await_entries, some
from tests.ledger.test_publishing import log_here, newest, public_rows, publish_more, served
from tests.ledger.test_refilling import mirrored
from tests.ledger.test_verify import told_by
from tests.province import Province, own_province
from tests.remains import traces_of

# Of the log as it is, as it will be after the next batch, and of widths that no tree has.
WIDTHS = (1, 63, 64, 65, 127, 128, 129, 192)
PATHS = ("checkpoint", "vkey", "policy", *(f"tile/{level}/000.p/{w}" for level in ("0", "entries") for w in WIDTHS))
# What would say when something was written. (``Date`` is when it was asked for.)
TELLING = {"Last-Modified", "ETag", "Expires", "Age", "Server-Timing"}


@pytest.fixture(params=["sqlite", "postgresql"])
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province of its own, of which a first batch is published."""
    yield from own_province(request, tmp_path_factory)


def seen(province: Province) -> dict[str, tuple[int, bytes, str]]:
    """Return all that a stranger sees, a public body that waits included."""
    with province.app.app_context():
        bodies = [f"public/{row.entry[32:].hex()}" for row in public_rows()]
        answers = {path: served(province, path) for path in (*PATHS, *bodies)}
    return {path: (each.status_code, each.data, str(each.headers)) for path, each in answers.items()}


def test_between_two_publications_nothing_changes_for_anybody(province: Province) -> None:
    """Neither when something is written, nor when it is taken over: all of it is seen with the whole batch."""
    with province.app.app_context():
        publish_more(0)
    before = seen(province)
    assert not any(name in headers for _status, _data, headers in before.values() for name in TELLING)
    province.lodge()
    assert seen(province) == before
    with province.app.app_context():
        integrate()
    assert seen(province) == before
    with province.app.app_context():
        publish()
    assert {path for path, found in seen(province).items() if found != before[path]} == {
        "checkpoint", "tile/0/000.p/128", "tile/entries/000.p/128",
    }  # fmt: skip


@pytest.mark.parametrize("count", [1, BATCH - 1, BATCH])
def test_one_event_makes_the_log_longer_by_as_much_as_many(province: Province, count: int) -> None:
    with province.app.app_context():
        size = publish_more(0)
        await_entries(*some(count))
        integrate()
        publish()
        assert newest(province, log_here(province).verifier).size == size + BATCH


def test_a_complaint_whose_keys_were_shredded_leaves_a_log_that_verifies(
    province: Province, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody who has the database and the installation's secret can compute its entries any more."""
    phrase, case, _number = closed(province)
    key = province.keys(phrase).ledger_key
    _other, kept = province.lodge()
    with province.app.app_context():
        publish_more(0)
        db.session.remove()
        # On its day or the next, however many of the years are leap years: what is later is put off.
        stop_clock(monkeypatch).moment = clock.now() + timedelta(days=5 * 365 + 2)
        with transaction() as session:
            look_at_retention(session, case)
        integrate()
        publish()
        with Session(db.engine) as session:
            assert list(session.scalars(select(LedgerKey.complaint_id))) == [kept]
            assert list(session.scalars(select(SealedKey).where(SealedKey.object == case))) == []
            assert session.get(Complaint, case)
            log, secret = log_here(province).verifier, current_settings().secret
            assert list(faults(session, log, secret, [], lambda _more: None)) == []
            gone = set(session.scalars(select(CaseEvent.entry).where(CaseEvent.case_id == case)))
            assert gone and gone <= set(session.scalars(select(Leaf.entry)))
        publish_more(1)
        mirrored(province, tmp_path)
        vkey = served(province, "vkey").text.strip()
    assert told_by("log", tmp_path, "--vkey", vkey)[0] == 0
    assert traces_of(province.app, [key]) == []
