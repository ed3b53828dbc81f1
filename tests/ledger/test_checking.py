"""What journalists and watchdogs read of the log: the page's three commands are run as they stand there."""

import gzip
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from kernel.config import Settings
from kernel.database import db, put, transaction
from kernel.vault import SigningKey
from kernel.web import current_settings
from ledger import publishing
from ledger.checking import commands, standing_of
from ledger.models import Cosignature, Published
from ledger.notes import COSIGNATURE, Verifier, cosign, read_note
from ledger.policies import Known, Policy
from ledger.witnesses import FILE, keep_policy
from tests.ledger.owners import as_owner, unguarded
from tests.ledger.test_publishing import log_here, publish_more
from tests.ledger.test_refilling import go_back_to_the_first_batch
from tests.machine import program
from tests.page import Page, page_of
from tests.province import Province, own_province
from tests.server import Installation, running

VERIFY = Path(publishing.__file__).with_name("verify.py")
LIGHT = 15 * 1024
WITNESS = SigningKey.from_seed(bytes(32))
AT = 1_790_000_000  # 21 September 2026


@pytest.fixture(params=["sqlite", "postgresql"])
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province that has published several batches."""
    for made in own_province(request, tmp_path_factory):
        with made.app.app_context():
            publish_more(0)
            publishing.announce()
            publish_more(300)
            yield made


@pytest.fixture
def served(province: Province) -> Iterator[Installation]:
    """The province behind gunicorn, publishing nothing more."""
    url = db.engine.url.render_as_string(hide_password=False)
    with running(province.instance, DATABASE_URL=url, KENTONGAN_WORK="apart") as installation:
        yield installation


def page(province: Province) -> Page:
    """Read the page in this process, by a session that has seen nothing yet."""
    db.session.remove()
    return page_of(province.visitor().get("/log/bukti"))


def text_of(page: Page, name: str) -> str:
    found = page.by_id(name)
    assert found is not None, f"nothing has the id {name}"
    return " ".join(found.text.split())


def typed(command: str, folder: Path) -> tuple[int, str]:
    """Type a command into a shell that stands in a folder."""
    done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def copied(served: Installation, folder: Path) -> list[str]:
    """Copy the commands from the page, fetched as whoever stands in the folder would fetch it."""
    read = f"{program('curl')} -fsS {served.url}/log/bukti"
    status, source = typed(read, folder)
    assert status == 0, source
    return [text_of(Page(source), f"command-{number}") for number in (1, 2, 3)]


def made_ready(folder: Path) -> None:
    """Stand in for the second command: this machine may have no package index, and has what it would bring."""
    (folder / "venv").symlink_to(sys.prefix)


def test_the_three_commands_check_the_log_and_find_what_was_changed_since(
    province: Province, served: Installation, tmp_path: Path
) -> None:
    fetch, ready, check = copied(served, tmp_path)
    assert typed(fetch, tmp_path) == (0, "")
    assert ready == "python3 -m venv venv && venv/bin/pip install cryptography"
    made_ready(tmp_path)
    status, told = typed(check, tmp_path)
    assert status == 0, told
    assert "entries are what was signed; no tag stands twice; every public body is there.\n" in told
    status, told = typed(check, tmp_path)
    assert status == 0 and "of the checkpoint kept." in told, told
    as_owner(*unguarded("UPDATE log_leaf "), "UPDATE log_leaf SET entry = :entry WHERE idx = 70", entry=bytes(64))
    status, told = typed(check, tmp_path)
    assert status == 1 and "WRONG: The log was rewritten: its first" in told, told
    (tmp_path / "kept-checkpoint").unlink()
    status, told = typed(check, tmp_path)
    assert status == 1 and "are not those whose root it has signed" in told, told


def test_what_was_taken_back_with_all_that_is_signed_is_found_by_who_has_kept_a_checkpoint(
    province: Province, served: Installation, tmp_path: Path
) -> None:
    fetch, _ready, check = copied(served, tmp_path)
    made_ready(tmp_path)
    assert typed(fetch, tmp_path)[0] == typed(check, tmp_path)[0] == 0
    go_back_to_the_first_batch()
    status, told = typed(check, tmp_path)
    assert status == 1 and "WRONG: The log has taken entries back: it had" in told, told


def test_the_program_is_the_repositorys_own_and_the_page_says_its_digest(province: Province) -> None:
    answer = province.visitor().get("/log/verify.py")
    assert (answer.data, answer.content_type) == (VERIFY.read_bytes(), "text/plain; charset=utf-8")
    assert sha256(answer.data).hexdigest() in province.visitor().get("/log/bukti").text


def test_the_page_says_what_is_signed_and_that_nobody_else_has(province: Province) -> None:
    shown = page(province)
    size = publish_more(0)
    assert f"{size} baris. Ditandatangani" in text_of(shown, "newest")
    assert text_of(shown, "answer") == f"The log's {size} entries are what was signed; …"
    assert "Saksinya belum ada" in text_of(shown, "no-witness")
    assert log_here(province).verifier.vkey in text_of(shown, "command-3")
    assert "--policy" not in text_of(shown, "command-3")
    (province.instance / "log" / "last").unlink()
    assert text_of(page(province), "newest").endswith(f"{size} baris.")


def test_witnesses_are_named_with_the_day_they_signed_and_the_check_asks_for_them(province: Province) -> None:
    size, log = publish_more(0), log_here(province)
    names = {name: Verifier(f"{name}.example", key.public, COSIGNATURE)
             for name, key in (("ngo", WITNESS), ("kampus", SigningKey.from_seed(b"k" * 32)))}  # fmt: skip
    known = tuple(Known(name, each, f"https://{name}.example") for name, each in names.items())
    keep_policy(current_settings(), Policy(log.verifier, known, 1))
    with transaction() as session:
        signed = read_note(session.get_one(Published, size).note).text
        line = cosign(signed, AT, "ngo.example", WITNESS).line
        put(session, Cosignature, {"size": size, "witness": "ngo", "line": line})
    shown = page(province)
    told = text_of(shown, "witnesses")
    assert "ngo (https://ngo.example): menandatangani titik periksa terbaru, Senin, 21 September 2026." in told
    assert "kampus (https://kampus.example): belum menandatangani titik periksa terbaru." in told
    assert "/log/policy" in text_of(shown, "command-1")
    assert " --policy policy --fresh 24 " in text_of(shown, "command-3")
    (province.instance / FILE).write_text("x")
    broken = page(province)
    assert "Daftar saksi sedang tidak bisa dibaca" in broken.all("main")[0].text
    assert broken.by_id("no-witness") is None


def test_where_nothing_is_published_yet_there_is_nothing_to_type(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = ("log_cosignature", "log_checkpoint")
    as_owner(*(each for table in tables for each in [*unguarded(f"UPDATE {table} "), f"DELETE FROM {table}"]))
    unpublished = page(province)
    assert unpublished.by_id("nothing-yet") and not unpublished.by_id("command-1") and not unpublished.by_id("newest")
    unnamed = replace(current_settings(), root_key=None)
    monkeypatch.setitem(province.app.extensions, "kentongan.settings", unnamed)
    before = page(province)
    assert before.by_id("nothing-yet") and not before.by_id("sekarang")


def test_what_an_address_says_is_no_command(province: Province) -> None:
    with Session(db.engine) as session:
        standing = standing_of(settings_of(province), session)
    assert standing is not None
    fetch, _ready, check = commands("https://lapor.example/$(id)`id`;id'/log", standing)
    for command in (fetch, check):
        status, told = typed(command.replace("curl", "echo").replace("venv/bin/python", "echo"), province.instance)
        assert status == 0 and "$(id)`id`;id'/log" in told


def settings_of(province: Province) -> Settings:
    found: Settings = province.app.extensions["kentongan.settings"]
    return found


def test_the_page_is_light_apart_from_its_picture(province: Province) -> None:
    visitor = province.visitor()
    read = visitor.get("/log/bukti")
    sheets = [each.get("href") for each in page_of(read).all("link") if each.get("rel") == "stylesheet"]
    pictures = [each.get("src") for each in page_of(read).all("img")]
    bodies = [read.data, *(visitor.get(path).data for path in sheets)]
    assert sum(len(gzip.compress(body)) for body in bodies) <= LIGHT
    assert [len(visitor.get(path).data) < 8 * 1024 for path in pictures] == [True]
