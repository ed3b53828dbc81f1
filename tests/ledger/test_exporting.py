"""The log as files: what is served, byte for byte, and all of it; written once, whole, and never over anything else."""

import os
import shutil
import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from kernel.database import db
from kernel.vault import SigningKey
from ledger import exporting, keeping
from ledger.checkpoints import Checkpoint, sign_checkpoint
from ledger.integrating import integrate
from ledger.models import PublicEntry, Published
from ledger.notes import Verifier
from ledger.publishing import announce
from ledger.tiles import bundle_under, tiles_of
from tests.ledger.owners import as_owner, unguarded
from tests.ledger.test_integrating import await_entries, some
from tests.ledger.test_publishing import log_here, publish_more, served
from tests.ledger.test_refilling import go_back_to_the_first_batch
from tests.ledger.test_verify import told_by
from tests.province import Province, own_province

OWN = {"lock"}


@pytest.fixture(params=["sqlite", "postgresql"])
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province that has published at four sizes, and has more that is not published."""
    for made in own_province(request, tmp_path_factory):
        with made.app.app_context():
            publish_more(0)
            announce()
            for count in (1, 130, 200):
                publish_more(count)
            await_entries(*some(1))
            integrate()
            yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that is not there yet."""
    return tmp_path / "srv" / "log"


def exported(province: Province, folder: Path) -> tuple[int, str]:
    db.session.remove()
    found = province.app.test_cli_runner().invoke(args=["ledger", "export", str(folder)])
    return found.exit_code, found.output


def files(folder: Path) -> dict[str, bytes]:
    """Return what is below a folder, by its path there."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found if path.name not in OWN}


def published_paths() -> set[str]:
    """Return every path below the log's address at which there is something that was published."""
    sizes = list(db.session.scalars(select(Published.size)))
    tiles = {tile for size in sizes for tile in tiles_of(size)}
    bodies = {f"public/{entry[32:].hex()}" for entry in db.session.scalars(select(PublicEntry.entry))}
    bundles = {bundle_under(tile) for tile in tiles if tile.level == 0}
    return {"checkpoint", "vkey", "policy"} | {tile.path for tile in tiles | bundles} | bodies


def test_what_is_exported_is_what_is_served_at_every_published_path(province: Province, folder: Path) -> None:
    status, told = exported(province, folder)
    assert status == 0, told
    found = files(folder)
    assert found.keys() == published_paths()
    assert {path: served(province, path).data for path in found} == found
    assert "tile/0/000.p/64" in found and "tile/entries/001.p/64" in found and "tile/1/000.p/1" in found
    assert f"{folder} has the log's 576 entries" in told


def test_a_strangers_program_checks_the_folder(province: Province, folder: Path) -> None:
    assert exported(province, folder)[0] == 0
    status, told = told_by("log", folder, "--vkey", log_here(province).verifier.vkey, "--policy", folder / "policy")
    assert (status, told.splitlines()[0].startswith("The log's 576 entries are")) == (0, True), told


def test_a_second_time_only_what_is_new_is_written(province: Province, folder: Path) -> None:
    assert exported(province, folder)[0] == 0
    before = {path: (folder / path).stat().st_ino for path in files(folder)}
    assert "0 files are new" in exported(province, folder)[1]
    assert {path: (folder / path).stat().st_ino for path in files(folder)} == before
    publish_more(60)
    status, told = exported(province, folder)
    assert status == 0, told
    after = {path: (folder / path).stat().st_ino for path in files(folder)}
    assert {path for path in before if after[path] != before[path]} == {"checkpoint"}
    assert after.keys() - before.keys() == {"tile/0/002.p/192", "tile/entries/002.p/192"}
    assert files(folder).keys() == published_paths()


def test_a_file_that_holds_anything_else_is_named_and_left_as_it_is(province: Province, folder: Path) -> None:
    assert exported(province, folder)[0] == 0
    publish_more(1)
    for path in ("tile/0/000", "tile/entries/000.p/64", next(path for path in files(folder) if "public/" in path)):
        right = (folder / path).read_bytes()
        checkpoint = (folder / "checkpoint").read_bytes()
        (folder / path).write_bytes(right[:-1])
        status, told = exported(province, folder)
        assert (status, f"{folder / path} is not what is published" in told) == (1, True), told
        assert (folder / path).read_bytes() == right[:-1]
        assert (folder / "checkpoint").read_bytes() == checkpoint
        (folder / path).write_bytes(right)


def test_another_logs_folder_and_one_that_knows_more_are_refused(province: Province, folder: Path) -> None:
    assert exported(province, folder)[0] == 0
    before = files(folder)
    go_back_to_the_first_batch()
    status, told = exported(province, folder)
    assert (status, "states 576 entries that this database has not published" in told) == (1, True), told
    assert files(folder) == before
    log = log_here(province)
    (folder / "checkpoint").write_text(sign_checkpoint(Checkpoint(log.origin, 64, bytes(32)), log.key))
    assert "states 64 entries" in exported(province, folder)[1]
    other = SigningKey.from_seed(bytes(32))
    (folder / "checkpoint").write_text(sign_checkpoint(Checkpoint(log.origin, 64, bytes(32)), other))
    assert Verifier(log.origin, other.public).vkey != log.verifier.vkey
    assert "is not signed by this log" in exported(province, folder)[1]


@pytest.mark.parametrize("at", [1, 9, 20])
def test_whoever_is_killed_leaves_only_whole_files_and_goes_on_the_next_time(
    province: Province, folder: Path, at: int
) -> None:
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        _killed_while_writing(province, folder, at)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    begun = files(folder)
    assert "checkpoint" not in begun
    whole = {path: content for path, content in begun.items() if not Path(path).name.startswith(".")}
    assert len(whole) == at - 1
    assert {path: served(province, path).data for path in whole} == whole
    assert exported(province, folder)[0] == 0
    assert files(folder).keys() == published_paths()


def _killed_while_writing(province: Province, folder: Path, at: int) -> None:
    """Export, and be killed when half of the file number ``at`` is written."""
    written, fdopen = iter(range(1, sys.maxsize)), os.fdopen

    def opened(*given: object) -> object:
        file = fdopen(*given)  # type: ignore[call-overload]
        if next(written) == at:
            file.write(b"half")
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        return file

    keeping.os.fdopen = opened  # type: ignore[assignment]
    exported(province, folder)


def test_everybody_may_read_it_whatever_the_umask(province: Province, folder: Path) -> None:
    before = os.umask(0o077)
    try:
        assert exported(province, folder)[0] == 0
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.name not in OWN}
    assert modes == {exporting.FILE_MODE, exporting.FOLDER_MODE}


def test_who_has_nothing_to_export_or_no_place_for_it_is_told(province: Province, folder: Path) -> None:
    taken = folder.parent
    taken.mkdir()
    (taken / "public").write_text("a file")
    assert exported(province, taken)[0] == 1
    as_owner(*unguarded("UPDATE log_leaf "), "DELETE FROM log_leaf WHERE idx = 300")
    status, told = exported(province, folder)
    assert status == 1 and "tile/entries/001" in told and "is not in the database" in told
    (province.instance / "log-policy").write_text("x")
    assert "is no policy" in exported(province, folder)[1]
    tables = ("log_cosignature", "log_checkpoint")
    as_owner(*(each for table in tables for each in [*unguarded(f"UPDATE {table} "), f"DELETE FROM {table}"]))
    shutil.rmtree(folder, ignore_errors=True)
    assert "Nothing is published yet" in exported(province, folder)[1]
    assert not folder.exists()
