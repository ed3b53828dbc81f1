"""`flask check`: silent about what is sound, and each thing it looks at is found out when it is broken."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, make_url, text

from kernel.config import Bucket, Settings, read_settings
from kernel.database import db
from kernel.store import open_store
from kernel.web import current_settings
from operations import inspecting
from operations.backup import RESTORED
from operations.checks import Finding, Weight, folder, stored
from operations.checks.cleaning import look_at_cleaning
from operations.checks.files import look_at_store
from operations.checks.folder import look_at_database_file, look_at_folder
from operations.checks.machine import look_at_machine
from operations.checks.proxy import look_at_nginx
from operations.checks.stored import look_at_database
from operations.watching import Alarm
from tests.database import Database, PostgreSQLServer
from tests.operations.conftest import Place, told
from tests.places import RUMBIA
from tests.province import Province
from tests.remains import owners_engine
from tests.server import ROOT

NGINX = ROOT / "deploy/nginx/nginx.conf"


# The private folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A private folder as a ceremony leaves it."""
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o700)
    (instance / "root.pub").write_text("00" * 32)
    (instance / "root.pub").chmod(0o600)
    return read_settings({"KENTONGAN_INSTANCE": str(instance)})


def test_a_sound_folder_is_not_spoken_of(settings: Settings) -> None:
    assert list(look_at_folder(settings)) == []


SPOILT_FOLDERS: dict[str, Callable[[Path], object]] = {
    "instance can be read": lambda folder: folder.chmod(0o750),
    "secret can be read": lambda folder: (folder / "secret").chmod(0o640),
    "demo-people.tsv holds passwords": lambda folder: (folder / "demo-people.tsv").touch(mode=0o600),
}


@pytest.mark.parametrize("sentence", SPOILT_FOLDERS)
def test_a_folder_that_tells_is_found_out(settings: Settings, sentence: str) -> None:
    SPOILT_FOLDERS[sentence](settings.instance)
    assert sentence in told(look_at_folder(settings), Weight.BROKEN)


def test_a_demo_and_a_missing_root_are_thought_about(settings: Settings) -> None:
    changed = replace(settings, demo=True, root_key=None)
    warned = told(look_at_folder(changed), Weight.WARNING)
    assert "This is a DEMO" in warned and "no root key yet" in warned


def test_a_folder_of_somebody_else_than_who_checks_is_thought_about(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody_else = settings.instance.stat().st_uid + 1
    monkeypatch.setattr(folder.os, "geteuid", lambda: somebody_else)
    assert "belongs to another user" in told(look_at_folder(settings), Weight.WARNING)


# The store for files


def test_a_sound_store_is_not_spoken_of_and_nothing_is_left_in_it(settings: Settings, moto: Bucket) -> None:
    here = open_store(settings.store)
    assert list(look_at_store(settings, here)) == [] and list(here.keys()) == []
    bucket = replace(moto, prefix="check")
    assert list(look_at_store(replace(settings, store=bucket), open_store(bucket))) == []
    assert list(open_store(bucket).keys()) == []


def test_a_store_that_others_reach_or_that_does_not_keep_is_found_out(settings: Settings, moto: Bucket) -> None:
    folder = Path(str(settings.store))
    folder.chmod(0o750)
    assert f"{folder} can be read" in told(look_at_store(settings, open_store(folder)), Weight.BROKEN)
    away = replace(settings, store=replace(moto, name="tidak-ada"))
    assert "(FileNotFoundError, NoSuchBucket)" in told(look_at_store(away, open_store(away.store)), Weight.BROKEN)


def test_a_bucket_reached_in_the_clear_is_thought_about(settings: Settings, moto: Bucket) -> None:
    far = replace(settings, store=replace(moto, endpoint="http://s3.contoh.id"))
    assert "not encrypted" in told(look_at_store(far, open_store(replace(moto, prefix="check"))), Weight.WARNING)


def test_a_store_that_gives_back_something_else_is_found_out(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = open_store(settings.store)
    monkeypatch.setattr(type(here), "read", lambda _store, _key: b"")
    assert "gives back something else" in told(look_at_store(settings, here), Weight.BROKEN)


def test_that_a_restored_store_is_not_swept_of_what_no_row_names_is_said(settings: Settings) -> None:
    (settings.instance / RESTORED).touch()
    assert "remove" in told(look_at_store(settings, open_store(settings.store)), Weight.WARNING)


# The machine


def machine(folder: Path, swap: str = "", core: str = "0    0") -> Path:
    """Make a /proc on which gunicorn runs with one worker, within a program that puts a bound to its time."""
    (folder / "swaps").write_text(f"Filename Type Size Used Priority\n{swap}")
    for process, parent, program in (("99", "1", b"timeout\0"), ("100", "99", b""), ("101", "100", b"")):
        (folder / process).mkdir()
        (folder / process / "cmdline").write_bytes(program + b"python\0-m\0gunicorn\0wsgi:create_app()\0")
        (folder / process / "status").write_text(f"Name:\tpython\nPPid:\t{parent}\n")
        (folder / process / "limits").write_text(f"Limit  Soft  Hard\nMax core file size        {core}  bytes\n")
    return folder


def test_a_machine_that_writes_no_memory_down_is_not_spoken_of(tmp_path: Path) -> None:
    assert list(look_at_machine(machine(tmp_path, swap="/dev/zram0 partition 1 0 -2\n"))) == []


def test_swap_is_warned_of(tmp_path: Path) -> None:
    found = look_at_machine(machine(tmp_path, swap="/dev/sda2 partition 2097148 0 -2\n"))
    assert "Swap is on (/dev/sda2)" in told(found, Weight.WARNING)


def test_a_worker_that_may_leave_a_core_file_is_found_out_and_its_parent_may(tmp_path: Path) -> None:
    found = list(look_at_machine(machine(tmp_path, core="0    unlimited")))
    assert re.findall(r"Web process (\d+)", told(found, Weight.BROKEN)) == ["101"]


def test_that_nothing_runs_is_said(tmp_path: Path) -> None:
    assert "No web process" in told(look_at_machine(tmp_path), Weight.WARNING)


@pytest.mark.parametrize("program", ["/bin/false", "/nowhere"])
def test_files_that_are_never_cleaned_are_found_out(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(look_at_cleaning()) == []
    monkeypatch.setattr("sys.executable", program)
    assert re.findall(r"No (\w+) can be cleaned", told(look_at_cleaning(), Weight.BROKEN)) == ["photograph", "PDF"]


# The database


def looked_at(province: Province) -> str:
    with province.app.app_context(), db.engine.connect() as connection:
        found = told(look_at_database(connection), Weight.BROKEN)
    return found.replace(TESTS_OWN, "").strip()


# The tests' own PostgreSQL does not wait for its disk.
TESTS_OWN = "PostgreSQL's fsync is off: a failing machine may lose everything."


def test_a_sound_database_is_not_spoken_of(province: Province) -> None:
    assert looked_at(province) == ""


def test_a_changed_schema_is_found_out(province: Province) -> None:
    with owners_engine(province.app).begin() as connection:
        connection.execute(text("DROP INDEX ix_cases_assignee"))
    try:
        assert "lacks cases: CREATE INDEX ix_cases_assignee" in looked_at(province)
    finally:
        with owners_engine(province.app).begin() as connection:
            index = "ix_cases_assignee ON cases (assignee_id, due, id) WHERE due IS NOT NULL"
            connection.execute(text(f"CREATE INDEX {index}"))


def on_sqlite(place: Place, *pragmas: str) -> str:
    engine = place.database.engine()

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    with engine.connect() as connection:
        return told(look_at_database(connection), Weight.BROKEN)


def on_postgresql(place: Place, *statements: str) -> str:
    with place.database.engine().connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
        return told(look_at_database(connection), Weight.BROKEN)


def as_server(server: PostgreSQLServer, place: Place, statement: str) -> None:
    url = make_url(place.database.owner_url).set(username="postgres")
    with Database("postgresql", "", "").engine(url.render_as_string(False)).begin() as connection:
        connection.execute(text(statement))
    assert server


def test_a_database_that_may_lose_or_keep_what_it_must_not_is_found_out(
    lived_in: tuple[Place, str], request: pytest.FixtureRequest
) -> None:
    place = lived_in[0]
    if place.database.kind == "sqlite":
        found = on_sqlite(place, "synchronous = NORMAL", "foreign_keys = OFF", "secure_delete = OFF")
        assert re.findall(r"SQLite's (\w+) is", found) == ["foreign_keys", "synchronous", "secure_delete"]
        assert "lacks foreign_keys are enforced" in found
        return
    assert "synchronous_commit is off" in on_postgresql(place, "SET synchronous_commit = off")
    server: PostgreSQLServer = request.getfixturevalue("postgresql_server")
    wrong = ("log_statement = 'all'", "log_min_duration_statement = 0", "log_duration = on")
    for setting in wrong:
        as_server(server, place, f"ALTER ROLE kentongan SET {setting}")
    as_server(server, place, "ALTER ROLE kentongan CREATEROLE")
    found = on_postgresql(place)
    as_server(server, place, "ALTER ROLE kentongan NOCREATEROLE")
    as_server(server, place, "ALTER ROLE kentongan RESET ALL")
    assert [setting for setting in wrong if f"PostgreSQL's {setting.split()[0]} is" not in found] == []
    assert "may do more than serve" in found


def test_a_role_that_owns_the_tables_is_found_out(lived_in: tuple[Place, str]) -> None:
    place = lived_in[0]
    if place.database.kind == "postgresql":
        with place.database.engine(place.database.owner_url).connect() as connection:
            assert "the application may do as the owner" in told(look_at_database(connection), Weight.BROKEN)


def test_a_database_elsewhere_without_tls_is_thought_about(
    lived_in: tuple[Place, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = lived_in[0]
    monkeypatch.setattr(stored, "LOCAL", ())
    if place.database.kind == "postgresql":
        with place.database.engine().connect() as connection:
            # The tests' own comes by a socket, which leaves no machine.
            assert told(look_at_database(connection), Weight.WARNING) == ""
            monkeypatch.setattr(stored, "ENCRYPTED", text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
            assert "without TLS" in told(look_at_database(connection), Weight.WARNING)


def test_a_database_file_that_others_can_reach_is_found_out(tmp_path: Path) -> None:
    file = tmp_path / "open" / "kentongan.sqlite3"
    file.parent.mkdir(mode=0o755)
    file.touch(mode=0o644)
    assert f"{file} can be read" in told(look_at_database_file(file), Weight.BROKEN)
    file.parent.chmod(0o700)
    assert list(look_at_database_file(file)) == []


# nginx


def test_our_own_nginx_is_not_spoken_of() -> None:
    assert list(look_at_nginx(NGINX.read_text(), LARGEST_FILE)) == []


LARGEST_FILE = 100 * 1024 * 1024
# What follows where nothing is passed on while it comes.
UNSEEN = (
    "nginx refuses forms with files that are not too large: where it has proxy_request_buffering off; "
    "client_max_body_size 1001m;"
)
SPOILT_NGINX = {
    "keeps an access log (/var/log": ("access_log off;", "access_log /var/log/nginx/access.log;"),
    "keeps an access log (written by default)": ("access_log off;", ""),
    "would name addresses and paths (stderr error)": ("error_log stderr emerg;", "error_log stderr error;"),
    "would name addresses and paths (written by default)": ("error_log stderr emerg;", ""),
    "puts large reports on the disk": ("client_body_buffer_size 1m;", ""),
    "client_body_buffer_size as large": ("client_body_buffer_size 2m;", ""),
    "as large as client_max_body_size": ("proxy_request_buffering off;", "# proxy_request_buffering off;"),
    "refuses forms with files": ("client_max_body_size 1001m;", "client_max_body_size 1000m;"),
    "puts large answers on the disk": ("proxy_max_temp_file_size 0;", ""),
    "nginx compresses": ("gzip off;", "gzip on;"),
    "tells its version": ("server_tokens off;", "# server_tokens off;"),
    "passes addresses on": ('X-Real-IP "";', "X-Real-IP $remote_addr;"),
}


@pytest.mark.parametrize("sentence", SPOILT_NGINX)
def test_an_nginx_that_tells_is_found_out(sentence: str) -> None:
    before, after = SPOILT_NGINX[sentence]
    assert before in NGINX.read_text()
    found = list(look_at_nginx(NGINX.read_text().replace(before, after), LARGEST_FILE))
    assert sentence in found[0].sentence and {finding.sentence for finding in found[1:]} <= {UNSEEN}


# The whole


def test_keys_that_the_root_has_not_named_are_said(province: Province, monkeypatch: pytest.MonkeyPatch) -> None:
    with province.app.app_context():
        settings = current_settings()
        named = "".join(finding.sentence for finding in inspecting.look_at_keys())
        # As after somebody has put another secret in the place of the founded one.
        swapped = replace(settings, secret=bytes(32))
        monkeypatch.setitem(province.app.extensions, "kentongan.settings", swapped)
        assert named == "" and "export-keys" in told(inspecting.look_at_keys(), Weight.BROKEN)


def test_a_promise_that_is_broken_is_said_and_the_command_fails(
    lived_in: tuple[Place, str], live_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, spoilt = lived_in[0], []
    monkeypatch.setattr(inspecting, "look_at_database", lambda _connection: spoilt)
    sound = place.run("check", "--url", live_url, "--nginx", NGINX)
    assert sound.exit_code == 0, sound.output
    assert "Nothing that was looked at breaks a promise." in sound.output and "warning: This is a DEMO" in sound.output
    spoilt.append(Finding(Weight.BROKEN, "spoilt"))
    broken = place.run("check", "--url", live_url, "--nginx", NGINX)
    assert broken.exit_code == 1 and broken.output.startswith("BROKEN: spoilt\n")


def test_what_was_not_looked_at_is_said(lived_in: tuple[Place, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspecting.shutil, "which", lambda _name, path=None: None)
    told_of = lived_in[0].run("check").output
    assert "nginx's configuration was not looked at" in told_of and "The address people are given was not" in told_of


# What `flask check` goes through, by the names under which it calls them.
PARTS = (
    "look_at_folder", "look_at_store", "look_at_machine", "look_at_cleaning", "look_at_database", "look_at_keys",
    "look_at_nginx", "look_at",
)  # fmt: skip


def finding(part: str) -> Callable[..., list[Finding]]:
    """Return a look that finds one thing, whatever it is shown."""
    return lambda *_shown: [Finding(Weight.BROKEN, f"{part} was asked")]


def test_everything_there_is_to_look_at_is_looked_at(
    lived_in: tuple[Place, str], live_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in PARTS:
        monkeypatch.setattr(inspecting, part, finding(part))
    monkeypatch.setattr(inspecting, "alarms", lambda _settings: [Alarm("disk", "The disk is full."), Alarm("log")])
    monkeypatch.setattr(inspecting, "current_province", lambda: RUMBIA.province)
    said = lived_in[0].run("check", "--url", live_url, "--nginx", NGINX).output.splitlines()
    assert {f"BROKEN: {part} was asked" for part in PARTS} <= set(said) and "warning: The disk is full." in said
    assert [line for line in said if line.startswith("BROKEN: The province's file is not the one")]
    assert f"warning: The province's file has a desk {RUMBIA.desk}, which the root has not named" in "\n".join(said)
