"""Backups that open again, on both databases: what was lodged is read by its phrase, and nothing half is served."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text

from casework.models import OfficerSession
from complaints.models import Visit
from kernel.config import Bucket
from kernel.database import db
from kernel.schema import WrongSchema
from kernel.store import BucketStore, current_store
from kernel.store_errors import StoreFailed
from kernel.web import current_settings
from ledger.models import PublicEntry
from operations import sweeping
from operations.restoring import MARK, UnfinishedRestore, _put_objects_back
from tests import client
from tests.buckets import Filling, environment_of
from tests.casework.test_acts import taken
from tests.casework.test_evidence import OCTETS, bukti, messaged
from tests.complaints.test_files import TWO_CHUNKS
from tests.officer import EXAMINE
from tests.operations import stored
from tests.operations.conftest import Place
from tests.province import Province
from tests.remains import owners_engine

Nowhere = Callable[[], Place]


@pytest.fixture
def kept(lived_in: tuple[Place, str], nowhere: Nowhere, tmp_path: Path) -> Path:
    """A backup of the installation that is lived in."""
    folder = tmp_path / "kept"
    outcome = lived_in[0].run("backup", folder)
    assert outcome.exit_code == 0, outcome.output
    return folder


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def test_what_was_lodged_is_read_by_its_phrase_from_the_restored_backup(
    kept: Path, lived_in: tuple[Place, str], nowhere: Nowhere, province: Province
) -> None:
    before = client.visit(province.keys(lived_in[1]), province.visitor().ask)
    there = nowhere()
    outcome = there.run("restore", kept)
    assert outcome.exit_code == 0, outcome.output
    restored = Province(there.serving(), there.instance, province.people)
    seen = client.visit(restored.keys(lived_in[1]), restored.visitor().ask)
    # Midnight may pass meanwhile.
    assert (seen.thread | {"today": before.thread["today"]}, seen.account()) == (before.thread, before.account())
    assert seen.text(seen.thread["messages"][-1]).startswith("Terbukti")
    # The log says that it was put back.
    with restored.app.app_context():
        assert "restored" in set(db.session.scalars(select(PublicEntry.kind)))
        db.session.remove()
    # It is used again like any other: an officer enters, a villager lodges.
    _phrase, complaint = restored.lodge(text="Sesudah pemulihan.", region="33.74")
    assert restored.opened(restored.number_of(complaint), "lead", "33.74").account()["text"] == "Sesudah pemulihan."
    assert not (there.instance / MARK).exists()
    dispose(restored)


def dispose(province: Province) -> None:
    with province.app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_a_backup_is_its_owners_alone_and_is_told_whole_by_its_list(kept: Path) -> None:
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(kept)} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (kept, *kept.rglob("*")) if path.is_dir()} == {0o700}
    checked = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=kept, capture_output=True)
    assert checked.returncode == 0 and len(checked.stdout.splitlines()) == len(list(files(kept))) - 1
    names = {path.name for path in files(kept / "instance")}
    assert {"secret", "salt", "root.pub"} <= names and not any("sqlite" in name for name in names)
    assert not (kept / "instance" / "static").exists()


def test_nobody_who_was_logged_in_or_reading_is_in_it(
    province: Province, lived_in: tuple[Place, str], nowhere: Nowhere, tmp_path: Path
) -> None:
    province.visitor().post("/lacak", data={"phrase": lived_in[1]})
    province.log_in("lead")
    assert all(rows(province.app, model) for model in (OfficerSession, Visit))
    assert lived_in[0].run("backup", tmp_path / "kept").exit_code == 0
    there = nowhere()
    assert there.run("restore", tmp_path / "kept").exit_code == 0
    app = there.serving()
    assert [rows(app, model) for model in (OfficerSession, Visit)] == [0, 0]
    with app.app_context():
        db.engine.dispose()


def rows(app: object, model: type) -> int:
    with app.app_context():  # type: ignore[attr-defined]
        found = db.session.query(model).count()
        db.session.remove()
    return found


def test_a_backup_goes_into_no_folder_that_holds_something_and_a_failed_one_leaves_none(
    lived_in: tuple[Place, str], kept: Path, nowhere: Nowhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = lived_in[0].run("backup", kept)
    assert again.exit_code == 1 and "holds something already" in again.output
    monkeypatch.setattr("operations.backup.digest_of", _failing)
    failed = lived_in[0].run("backup", tmp_path / "failed")
    assert failed.exit_code == 1 and "no space" in failed.output
    nothing = nowhere().run("backup", tmp_path / "failed")
    assert nothing.exit_code == 1 and "nothing in the database" in nothing.output
    assert [path.name for path in tmp_path.iterdir() if "failed" in path.name] == []


def _failing(_path: Path) -> str:
    raise OSError("no space")


def test_a_backup_that_is_not_as_it_was_is_not_restored_and_leaves_the_place_as_it_was(
    kept: Path, nowhere: Nowhere, tmp_path: Path
) -> None:
    there = nowhere()
    for what, spoil in SPOILT.items():
        spoilt = shutil.copytree(kept, tmp_path / what)
        spoil(spoilt)
        outcome = there.run("restore", spoilt)
        assert outcome.exit_code == 1 and SENTENCES.get(what, "is not as SHA256SUMS says") in outcome.output, what
        assert not (there.instance / "root.pub").exists() and not (there.instance / MARK).exists()
    with pytest.raises(WrongSchema, match="has no tables"):
        there.serving()
    assert there.run("restore", kept).exit_code == 0


SENTENCES = {"no list": "is no backup", "another version": "is of another version", "a newer schema": "a newer version"}


def _flip(kept: Path) -> None:
    path = next(kept.glob("database.*"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _add_object(kept: Path) -> None:
    (kept / "objects" / "ab").mkdir(parents=True, exist_ok=True)
    (kept / "objects" / "ab" / f"ab{'0' * 30}").write_bytes(b"slipped in")


def _rename_version(kept: Path) -> None:
    (kept / "BACKUP").write_text("kentongan backup 9\n")
    sum_anew(kept, "BACKUP")


def sum_anew(kept: Path, name: str) -> None:
    """Have the list tell of a changed file as if it had always been so."""
    lines = (kept / "SHA256SUMS").read_text().splitlines()
    changed = f"{hashlib.sha256((kept / name).read_bytes()).hexdigest()}  {name}"
    lines = [changed if line.endswith(f"  {name}") else line for line in lines]
    (kept / "SHA256SUMS").write_text("".join(f"{line}\n" for line in lines))


def _renew_schema(kept: Path) -> None:
    about = (kept / "BACKUP").read_text()
    (kept / "BACKUP").write_text(re.sub(r"revision \w+", "revision 9999", about))
    sum_anew(kept, "BACKUP")


SPOILT: dict[str, Callable[[Path], object]] = {
    "a newer schema": _renew_schema,
    "a byte changed": _flip,
    "an object more": _add_object,
    "a file missing": lambda kept: (kept / "instance" / "salt").unlink(),
    "a file more": lambda kept: (kept / "instance" / "more").write_text("more"),
    "no list": lambda kept: (kept / "SHA256SUMS").unlink(),
    "another version": _rename_version,
}


# Files


@pytest.fixture
def with_files(lived_in: tuple[Place, str]) -> Iterator[list[str]]:
    """Two chunks of a file on its way, as rows and objects of the installation that is lived in; their keys."""
    app = lived_in[0].app()
    with app.app_context():
        keys = [stored.kept(), stored.kept()]
        stored.opened(1, *keys)
    # A command would find itself inside whatever application is entered.
    yield keys
    with app.app_context():
        stored.remove_all()
        db.session.remove()
        db.engine.dispose()


def test_a_local_stores_objects_are_in_the_backup_and_are_there_again_when_it_is_restored(
    with_files: list[str], kept: Path, nowhere: Nowhere, tmp_path: Path
) -> None:
    listed = (kept / "SHA256SUMS").read_text()
    assert all(f"  objects/{key[:2]}/{key}\n" in listed for key in with_files) and "instance/objects" not in listed
    there = nowhere()
    sound = there.run("restore", kept).output
    assert "Restored into" in sound and "not in the store" not in sound
    there_were = {path.name for path in files(kept / "objects")}
    assert {path.name for path in files(there.instance / "objects")} == there_were >= set(with_files)
    # An older backup, whose objects have gone since: it is restored, and what is missing is told and rings.
    lost = kept / "objects" / with_files[0][:2] / with_files[0]
    lost.unlink()
    (kept / "SHA256SUMS").write_text("".join(line for line in listed.splitlines(True) if lost.name not in line))
    older, elsewhere = nowhere(), tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    outcome = older.run("restore", kept, KENTONGAN_STORE=f"file://{elsewhere}")
    assert outcome.exit_code == 0 and "1 objects of files are not in the store" in outcome.output
    assert {path.name for path in files(elsewhere)} == there_were - {lost.name}
    assert "files: 1 objects of files are missing" in older.run("alarms", KENTONGAN_STORE=f"file://{elsewhere}").output
    over = nowhere().run("restore", kept, KENTONGAN_STORE=f"file://{elsewhere}")
    assert over.exit_code == 1 and "objects in" in over.output and "name an empty folder" in over.output


def test_evidence_is_opened_from_the_restored_backup(
    lived_in: tuple[Place, str], nowhere: Nowhere, province: Province, tmp_path: Path
) -> None:
    phrase, _complaint, number = taken(province)
    [file] = messaged(province, phrase, TWO_CHUNKS)
    there = nowhere()
    assert lived_in[0].run("backup", tmp_path / "kept").exit_code == 0
    assert there.run("restore", tmp_path / "kept").exit_code == 0
    restored = Province(there.serving(), there.instance, province.people)
    # The lead of the desk itself has used his code of this half minute.
    case, browser = restored.opened(number, "lead", "33"), restored.browser_of("lead", "33")
    assert browser.ask(bukti(case, file.id, "buka"), EXAMINE)[0] == 200
    read = browser.get(bukti(case, file.id, "1-2"), headers=OCTETS)
    assert (read.status_code, read.data) == (200, b"".join(file.chunks))
    assert browser.ask(bukti(case, "periksa"), {})[1]["wrong"] == []
    dispose(restored)


def test_a_bucket_outlives_the_server_and_nothing_in_it_is_taken_after_a_restore_until_somebody_says_so(
    lived_in: tuple[Place, str], nowhere: Nowhere, moto: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = environment_of(replace(moto, prefix=secrets.token_hex(4)))
    place = lived_in[0]
    with place.app(**bucket).app_context():
        later = stored.kept()
    outcome = place.run("backup", tmp_path / "kept", **bucket)
    assert "Files are in their bucket" in outcome.output and not (tmp_path / "kept" / "objects").exists()
    there = nowhere()
    unreachable = there.run("restore", tmp_path / "kept", **bucket | {"KENTONGAN_STORE_ENDPOINT": "http://127.0.0.1:9"})
    assert unreachable.exit_code == 1 and "the store for files cannot be reached" in unreachable.output
    assert there.run("restore", tmp_path / "kept", **bucket).exit_code == 0
    assert (there.instance / "RESTORED").exists()
    app = there.app(**bucket)
    with app.app_context():
        # Every object is old enough by then.
        monkeypatch.setattr(sweeping, "ROWLESS", -timedelta(days=1))
        sweeping.sweep()
        assert [found.key for found in current_store().keys()] == [later]
        (there.instance / "RESTORED").unlink()
        sweeping.sweep()
        assert list(current_store().keys()) == []
        (there.instance / "RESTORED").touch()
        db.session.remove()
        db.engine.dispose()
    assert "warning: Since the restore, objects without a row" in there.run("check", **bucket).output


def test_a_bucket_may_take_its_time_for_what_a_folder_had_in_one_object(
    lived_in: tuple[Place, str], filling: Filling, tmp_path: Path
) -> None:
    app, key = lived_in[0].app(), "ab" * 16
    (tmp_path / key[:2]).mkdir()
    (tmp_path / key[:2] / key).write_bytes(b"x")
    filling.slow = 2
    # Somebody who waits for an answer would have given up by then.
    hasty = BucketStore(filling.bucket, patience=timedelta(seconds=0.5))
    app.extensions["kentongan.store"] = hasty
    with app.app_context():
        with pytest.raises(StoreFailed):
            hasty.keep(key, b"x")
        filling.kept.clear()
        _put_objects_back(current_settings(), tmp_path)
    assert list(filling.kept.values()) == [b"x"]


def test_nothing_is_restored_over_an_installation(kept: Path, lived_in: tuple[Place, str], nowhere: Nowhere) -> None:
    over = lived_in[0].run("restore", kept)
    assert over.exit_code == 1 and "There are tables in the database already" in over.output
    there = nowhere()
    (there.instance / "root.pub").write_text("00" * 32)
    beside = there.run("restore", kept)
    assert beside.exit_code == 1 and "is an installation's already" in beside.output
    assert (there.instance / "root.pub").read_text() == "00" * 32


def test_a_history_changed_before_the_backup_is_found_out_and_never_served(
    lived_in: tuple[Place, str], nowhere: Nowhere, kept: Path
) -> None:
    """Somebody with all rights restores, changes a history past the triggers, and backs that up as if it were sound."""
    changed, there = nowhere(), nowhere()
    assert changed.run("restore", kept).exit_code == 0
    app = changed.app()
    with owners_engine(app).begin() as connection:
        for table in CHANGES:
            past_the_triggers(connection, table)
    with app.app_context():
        db.engine.dispose()
    forged = kept.with_name("forged")
    assert changed.run("backup", forged).exit_code == 0
    outcome = there.run("restore", forged)
    assert outcome.exit_code == 1 and "not sound" in outcome.output
    for sentence in ("has another entry", "is not signed by whom it names", "reading 1 does not follow"):
        assert sentence in outcome.output
    with pytest.raises(UnfinishedRestore, match="has another entry"):
        there.serving()


# One case's alone, whatever else has been lived there: of what is not sound, five lines are told.
ONE = "case_id = (SELECT min(case_id) FROM case_events WHERE action = 'close')"
YEARS = "body = replace(body, 'date 20', 'date 19')"
CHANGES = {
    "case_events": f"UPDATE case_events SET {YEARS} WHERE action = 'close' AND {ONE}",
    "access_events": f"UPDATE access_events SET what = 'nothing' WHERE seq = 1 AND {ONE}",
}


def past_the_triggers(connection: Connection, table: str) -> None:
    """Change rows as only the owner can, who takes the triggers away and puts them back as they were."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(text(CHANGES[table]))
        connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        return
    query = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
    kept = connection.execute(query, {"table": table}).all()
    for name, _statement in kept:
        connection.execute(text(f"DROP TRIGGER {name}"))
    connection.execute(text(CHANGES[table]))
    for _name, statement in kept:
        connection.exec_driver_sql(statement)


OTHERS = {
    "secret": ("ab" * 32, "its ledger key is of another secret"),
    "root.pub": ("00" * 32, "the statements are not this root key's"),
}


def test_a_database_of_another_secret_or_another_root_is_found_out(
    kept: Path, nowhere: Nowhere, tmp_path: Path
) -> None:
    for name, (value, sentence) in OTHERS.items():
        mixed = shutil.copytree(kept, tmp_path / name)
        (mixed / "instance" / name).write_text(value)
        sum_anew(mixed, f"instance/{name}")
        there = nowhere()
        outcome = there.run("restore", mixed)
        assert outcome.exit_code == 1 and sentence in outcome.output
        # Nor will the log say of it that something was restored.
        with there.database.engine(there.database.owner_url).connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM log_public WHERE kind = 'restored'")) == 0


def test_an_operator_is_told_what_is_missing(
    lived_in: tuple[Place, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if lived_in[0].database.kind == "sqlite":
        return
    without = lived_in[0].run("backup", tmp_path / "kept", KENTONGAN_OWNER_URL="")
    assert without.exit_code == 1 and "KENTONGAN_OWNER_URL" in without.output
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    missing = lived_in[0].run("backup", tmp_path / "kept")
    assert missing.exit_code == 1 and "pg_dump is not here" in missing.output
