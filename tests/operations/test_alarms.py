"""Every alarm rings when it has to, and is quiet where nothing is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest
from sqlalchemy import delete, insert, text
from sqlalchemy.exc import OperationalError

from kernel import clock, jobs
from kernel.database import db, transaction
from kernel.jobs import Job
from kernel.store import current_store
from kernel.store_errors import StoreFailed
from kernel.web import current_settings
from operations import inspecting, watching
from operations.backup import LAST_BACKUP, REFUSED
from operations.restoring import MARK
from operations.watching import alarms
from tests.buckets import Filling, environment_of
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


def test_a_full_disk_rings_where_files_are_too(quiet: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        watching.shutil, "disk_usage", lambda path: SimpleNamespace(total=1000, free=99 if path == tmp_path else 500)
    )
    app = quiet.app()
    with app.app_context():
        settings = current_settings()
        told = [alarm.sentence for alarm in alarms(replace(settings, store=tmp_path)) if alarm.name == "disk"]
        here = [alarm.sentence for alarm in alarms(settings) if alarm.name == "disk"]
        db.session.remove()
        db.engine.dispose()
    assert (told, here) == ([f"Only 9% of the disk of {tmp_path} is free."], [""])


def test_a_bucket_that_took_nothing_rings_until_it_takes_a_chunk_again(quiet: Place, filling: Filling) -> None:
    app, note = quiet.app(**environment_of(filling.bucket)), quiet.instance / REFUSED
    with app.app_context():
        current_store().keep("ab" * 16, b"x")
        filling.fill((507, "XMinioStorageFull"))
        # Nobody was refused yet, and nobody tries it out: buckets keep versions of what is deleted.
        assert stores_alarm() == "" and len(filling.kept) == 1 and not note.exists()
        with pytest.raises(StoreFailed):
            current_store().keep("cd" * 16, b"x")
        said = "The store for files answers, but takes nothing (GenericError, XMinioStorageFull)."
        assert (stores_alarm(), stores_alarm()) == (said, said)
        filling.refusal = None
        assert stores_alarm() == "" and len(filling.kept) == 1 and not note.exists()
        # Where there is no room for the note, whoever sends a file is told no more and no less.
        filling.fill((507, "XMinioStorageFull"))
        note.mkdir()
        with pytest.raises(StoreFailed):
            current_store().keep("cd" * 16, b"x")
        note.rmdir()
        db.session.remove()
        db.engine.dispose()


def stores_alarm() -> str:
    """Return what the store's alarm says now."""
    [said] = [alarm.sentence for alarm in alarms(current_settings()) if alarm.name == "store"]
    return said


def test_what_the_database_refused_is_over_once_the_alarms_were_looked_at(
    quiet: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching.jobs, "stuck", lambda: db.session.scalar(text("SELECT 1 FROM nowhere")))
    app = quiet.app()
    with app.app_context():
        assert [alarm.name for alarm in alarms(current_settings()) if alarm.rings] == ["database"]
        # The page that shows them goes on asking in the same session.
        assert db.session.scalar(text("SELECT 1")) == 1
        db.session.remove()
        db.engine.dispose()


def test_jobs_that_fail_or_wait_too_long_ring(quiet: Place) -> None:
    waiting = {"kind": "nothing", "subject": "late", "due_at": clock.now() - timedelta(minutes=16), "turn": 1}
    # Due for as long, but somebody has tried it: nobody needs to be told that `flask work` does not run.
    failing = waiting | {"subject": "stuck", "attempts": jobs.STUCK}
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
