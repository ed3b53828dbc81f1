"""Canaries in every text, every key known, mischief, storms and kill -9: nothing is found, and nothing is lost.

All of it happens once over each kind of database, before the first test; each test looks at what came of it.
"""

from __future__ import annotations

import os
import re
import resource
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert

from complaints.models import Visit
from kernel.vault import draw
from tests.canaries.life import KINDS
from tests.canaries.ordeal import KILLS, SHARED_MEMORY, TAKEN_AWAY, Ordeal
from tests.canaries.search import Searcher, values
from tests.canaries.spelling import phrase_spellings, spellings
from tests.database import PostgreSQLServer, SQLiteFiles

# The demo's list of people is there to be read, and the secret's own file must hold the secret.
ALLOWED = {("password", "demo-people.tsv"), ("authenticator", "demo-people.tsv"), ("instance secret", "secret")}
# What the database holds readable on purpose: a hash, and a random key of no use without the browser it is for.
READABLE = {"lookup hash", "session key"}
CREATED, UNSUPPORTED_MEDIA, NOT_IMPLEMENTED = 201, 415, 501
# In PostgreSQL's WAL a page's head may part a row; what stands there stands in the table's file as well.
PARTS = {"sqlite": ("sqlite3-wal", "visits.box"), "postgresql": ("/base/", "visits.box")}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def survivor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ordeal]:
    """An installation that has gone through everything, its processes having been free to leave core files."""
    over = {"sqlite": _over_sqlite, "postgresql": _over_postgresql}
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    with over[request.param](tmp_path_factory.mktemp("ordeal")) as ordeal:
        ordeal.endure()
        yield ordeal
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


@contextmanager
def _over_sqlite(folder: Path) -> Iterator[Ordeal]:
    kept = folder.with_name("ordeals-database")
    kept.mkdir()
    database, _remove = SQLiteFiles(kept).make()
    yield Ordeal(database, folder, kept, flush=lambda: None)


@contextmanager
def _over_postgresql(folder: Path) -> Iterator[Ordeal]:
    # A server of its own, all of whose files can be looked through.
    server = PostgreSQLServer()
    try:
        database, _remove = server.make()
        yield Ordeal(database, folder, server.folder, server.checkpoint)
    finally:
        server.stop()


def test_every_kind_of_text_was_planted(survivor: Ordeal) -> None:
    assert survivor.aviary.planted == KINDS


def test_nothing_that_is_sealed_or_secret_stands_anywhere(survivor: Ordeal) -> None:
    found = {(finding.kind, Path(finding.place).name) for finding in survivor.outcome.findings}
    assert {(kind, place) for kind, place in found if kind not in READABLE} == ALLOWED


def test_what_is_readable_on_purpose_was_found_where_it_is_and_nowhere_else(survivor: Ordeal) -> None:
    found = {(finding.kind, survivor.part_of(finding.place)) for finding in survivor.outcome.findings}
    assert {(kind, part) for kind, part in found if kind in READABLE} == {
        ("lookup hash", "complaints.lookup_hash"),
        ("session key", "officer_sessions.seed_key"),
        *((kind, "database's files") for kind in READABLE),
    }


def test_no_temporary_file_was_ever_made(survivor: Ordeal) -> None:
    assert not survivor.outcome.touched


def test_no_web_process_may_write_a_core(survivor: Ordeal) -> None:
    assert survivor.outcome.core_limits == {"0 0"}


def test_nothing_was_left_where_the_server_worked_nor_in_its_home(survivor: Ordeal) -> None:
    assert survivor.outcome.left == []


def test_what_was_promised_before_a_kill_stands_after_it(survivor: Ordeal) -> None:
    assert survivor.outcome.lost == []
    assert survivor.outcome.figures["promised", "stands"] >= 4 * len(KILLS)


def test_the_kills_came_in_the_middle(survivor: Ordeal) -> None:
    figures = survivor.outcome.figures
    assert figures["cut off", "stands"] + figures["cut off", "is not there"] >= len(KILLS)


def test_nothing_was_left_half_written(survivor: Ordeal) -> None:
    assert survivor.outcome.faults == []


def test_nothing_else_went_wrong_in_the_storms(survivor: Ordeal) -> None:
    assert survivor.outcome.errors == []


def test_what_is_no_http_or_no_form_is_refused(survivor: Ordeal) -> None:
    answered = [status for status in survivor.outcome.answers if status is not None]
    assert len(answered) >= 12
    assert set(answered) <= {*range(200, 500), NOT_IMPLEMENTED}


def test_a_file_is_taken_where_files_are_and_refused_elsewhere(survivor: Ordeal) -> None:
    assert survivor.outcome.uploads == {"/lapor": CREATED, "/lacak": UNSUPPORTED_MEDIA}


def test_errors_are_told_without_what_was_sent_and_by_whom(survivor: Ordeal) -> None:
    assert survivor.outcome.failed == len(survivor.people.crews())
    assert len(re.findall(r"(?:Operational|Programming)Error$", survivor.log, re.M)) >= survivor.outcome.failed
    assert TAKEN_AWAY not in survivor.log
    assert "127.0.0.1" not in survivor.log


def test_in_a_file_of_any_place_every_spelling_would_have_been_found(survivor: Ordeal) -> None:
    spelt = _spelt()
    content = b"".join(os.urandom(turn % 8) + form for turn, form in enumerate(spelt))
    folders = (survivor.instance, survivor.instance / "static", survivor.temporary, survivor.work, SHARED_MEMORY)
    places = [folder / f"kenari-{secrets.token_hex(8)}" for folder in folders]
    for place in places:
        place.write_bytes(content)
    with (survivor.folder / "instance.log").open("ab") as log:
        log.write(content)
    found = Searcher(spelt).search(survivor.contents())
    for place in places:
        place.unlink()
    for path in (*places, survivor.folder / "instance.log"):
        assert {finding.kind for finding in found if finding.place == str(path)} == set(spelt.values()), path


def test_in_the_database_every_spelling_would_have_been_found(survivor: Ordeal) -> None:
    spelt = _spelt()
    boxes = [os.urandom(turn % 8) + form for turn, form in enumerate(spelt)]
    rows = [{"id": secrets.token_bytes(32), "box": box, "expires_at": datetime.now(timezone.utc)} for box in boxes]
    with survivor.database.engine().connect() as connection:
        connection.execute(insert(Visit), rows)
        connection.commit()
        # Still open: with its last connection SQLite puts its WAL away.
        found = Searcher(spelt).search(survivor.contents())
        found |= Searcher(spelt).search(values(survivor.database.engine()))
    for part in PARTS[survivor.database.kind]:
        assert {finding.kind for finding in found if part in finding.place} == set(spelt.values()), part


def _spelt() -> dict[bytes, str]:
    """Return every spelling of a text, a key and a phrase that nothing else knows, each as a kind of its own."""
    text, key, phrase = f"Kenari ☂ “baru” & {secrets.token_hex(12)}", secrets.token_bytes(32), draw(8)
    forms = spellings(text) | spellings(key) | phrase_spellings(phrase)
    return {form: f"spelling {turn}" for turn, form in enumerate(sorted(forms))}
