"""What an administrator sees of the alarms: calm where all is well, else what it means and what to do."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, insert, select

from casework import logins
from casework.models import Officer, OfficerSession
from casework.sessions import COOKIE
from kernel import clock, jobs
from kernel.database import db, transaction
from kernel.jobs import Job
from kernel.web import current_settings
from operations import watching
from operations.alarm_page import SAID
from operations.backup import LAST_LOOK
from operations.restoring import MARK
from operations.watching import NAMES, alarms
from tests.casework.test_timers import inside
from tests.operations.conftest import Place
from tests.page import Page, page_of
from tests.province import Province, Visitor


@pytest.fixture
def administrator(province: Province) -> Iterator[Visitor]:
    """The administrator's browser, in a login that has just begun."""
    visitor = province.visitor()
    with inside(province), transaction() as session:
        found = session.scalars(select(Officer.id).where(Officer.name == "administrator")).one()
        token = logins.begin(session, found).token
    visitor.client.set_cookie(COOKIE, token.hex(), domain="localhost", secure=True)
    yield visitor
    with inside(province):
        logins.end(token)


def page(administrator: Visitor, address: str = "/petugas/alarm") -> Page:
    """Open a page."""
    answer = administrator.get(address)
    assert answer.status_code == 200
    return page_of(answer)


def text_of(page: Page) -> str:
    """Return what stands in the page's main part, its white space as one space."""
    return " ".join(" ".join(element.text for element in page.all("main")).split())


def test_where_all_is_well_the_administrator_is_told_so_at_home_and_when_it_was_looked_at(
    quiet: Place, administrator: Visitor
) -> None:
    (quiet.instance / LAST_LOOK).unlink(missing_ok=True)
    alone = text_of(page(administrator))
    assert "Semua alarm tenang" in alone and "Berbunyi" not in alone and "menyalakan kentongan-alarms.timer" in alone
    assert quiet.run("alarms").exit_code == 0
    watched = text_of(page(administrator))
    assert "Server sendiri terakhir melihatnya" in watched and "kentongan-alarms.timer" not in watched
    assert (quiet.instance / LAST_LOOK).stat().st_mode & 0o777 == 0o600
    assert "Semua alarm tenang." in text_of(page(administrator, "/petugas/akun"))


def test_what_rings_is_first_and_says_what_it_means_and_what_to_do(
    quiet: Place, administrator: Visitor, province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching.shutil, "disk_usage", lambda _path: SimpleNamespace(total=1000, free=99))
    waiting = {"kind": "nothing", "subject": "f" * 32, "due_at": clock.now(), "turn": 1, "attempts": jobs.STUCK}
    with inside(province), transaction() as session:
        session.execute(insert(Job), [waiting])
    (quiet.instance / MARK).write_text(f"The disk of {quiet.instance} was full.\n")
    try:
        shown, home = page(administrator), text_of(page(administrator, "/petugas/akun"))
    finally:
        (quiet.instance / MARK).unlink()
        with inside(province), transaction() as session:
            session.execute(delete(Job).where(Job.kind == "nothing"))
    assert "3 alarm berbunyi" in home
    said = text_of(shown)
    for name in ("jobs_stuck", "disk", "restore"):
        assert shown.by_id(f"alarm-{name}") and str(SAID[name].remedy) in said and str(SAID[name].meaning) in said
    assert shown.by_id("alarm-backup") is None
    assert "9% kosong" in said and "1 pekerjaan" in said
    # Neither whom a job is about, nor where the private folder is.
    assert "f" * 32 not in said and str(quiet.instance) not in said


def test_there_are_words_for_every_alarm() -> None:
    assert SAID.keys() == set(NAMES)


def test_no_measure_tells_when_an_officer_last_read_something(
    administrator: Visitor, province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = clock.now() + timedelta(hours=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    with inside(province):
        assert db.session.scalars(select(OfficerSession.seen_at).limit(1)).first(), "somebody has been here"
        # PostgreSQL has a clock of its own to ask; on SQLite only what was written can tell that ours is behind.
        hours = 3 if db.engine.dialect.name == "postgresql" else 0
        [figure] = [alarm.figure for alarm in alarms(current_settings()) if alarm.name == "clock"]
        assert figure is not None and round(figure / 3600) == hours and (hours or figure == 0)
