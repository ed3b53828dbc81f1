"""Every alarm rings when it has to, and is quiet where nothing is wrong."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import NoReturn

import pytest
from sqlalchemy import delete, insert
from sqlalchemy.exc import OperationalError

from kernel import clock, jobs
from kernel.database import db, transaction
from kernel.jobs import Job
from kernel.web import current_settings
from operations import inspecting, watching
from operations.backup import LAST_BACKUP
from operations.restoring import MARK
from operations.watching import alarms
from tests.operations.conftest import Place


def ringing(place: Place) -> dict[str, str]:
    app = place.app()
    with app.app_context():
        found = {alarm.name: alarm.sentence for alarm in alarms(current_settings()) if alarm.rings}
        db.session.remove()
        db.engine.dispose()
    return found


def test_every_alarm_is_quiet_where_nothing_is_wrong(quiet: Place) -> None:
    assert ringing(quiet) == {}
    assert quiet.run("alarms").exit_code == 0


def test_an_old_backup_a_full_disk_and_a_failed_restore_ring(quiet: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching.shutil, "disk_usage", lambda _path: SimpleNamespace(total=1000, free=99))
    mark, last = quiet.instance / MARK, quiet.instance / LAST_BACKUP
    kept = last.read_text()
    last.write_text((clock.now() - timedelta(hours=27)).isoformat())
    mark.write_text("The disk was full.\n")
    rings = ringing(quiet)
    outcome = quiet.run("alarms")
    mark.unlink()
    last.unlink()
    never = ringing(quiet)
    last.write_text(kept)
    assert rings.keys() == {"disk", "backup", "restore"}
    assert "27 hours old" in rings["backup"] and "9%" in rings["disk"] and "The disk was full." in rings["restore"]
    assert (outcome.exit_code, outcome.output.splitlines()[0][:5]) == (1, "disk:")
    assert "No backup was ever made" in never["backup"]


def test_jobs_that_fail_or_wait_too_long_ring(quiet: Place) -> None:
    waiting = {"kind": "nothing", "subject": "late", "due_at": clock.now() - timedelta(minutes=16), "turn": 1}
    failing = waiting | {"subject": "stuck", "due_at": clock.now(), "attempts": jobs.STUCK}
    app = quiet.app()
    with app.app_context():
        with transaction() as session:
            session.execute(insert(Job), [waiting | {"attempts": 0}, failing])
        rings = ringing(quiet)
        with transaction() as session:
            session.execute(delete(Job).where(Job.kind == "nothing"))
        db.engine.dispose()
    assert rings.keys() == {"jobs_stuck", "jobs_late"}
    assert "1 jobs have failed" in rings["jobs_stuck"] and "1 jobs are due" in rings["jobs_late"]


def test_a_clock_that_is_not_the_databases_rings(quiet: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    behind = clock.now() - timedelta(minutes=5)
    monkeypatch.setattr(clock, "now", lambda: behind)
    assert "clock" in ringing(quiet)


def test_a_database_that_is_away_rings_and_is_found_out(quiet: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching.jobs, "stuck", away)
    monkeypatch.setattr(inspecting, "look_at_database", away)
    assert ringing(quiet) == {"database": "The database does not answer."}
    assert "BROKEN: The database cannot be looked at (OperationalError)." in quiet.run("check").output


def away(*_asked: object) -> NoReturn:
    raise OperationalError("SELECT", None, OSError())
