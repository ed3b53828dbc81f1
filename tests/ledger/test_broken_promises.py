"""A promise that was not kept is caught by whoever holds it: with the log, the root's key and one file of ours."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from kernel import clock
from kernel.database import db
from kernel.vault import SigningKey
from kernel.web import current_settings
from ledger import verify
from ledger.integrating import integrate
from ledger.notes import Verifier
from ledger.promises import Promise, read_promise, write_promise
from ledger.public import Kind, public_entry
from ledger.publishing import log_of, tend
from ledger.verifying import faults
from tests import client
from tests.casework.office import stop_clock
from tests.client import Json
from tests.ledger.owners import as_owner, unguarded
from tests.ledger.shown import KEY, lay_out, padding, write
from tests.province import HOST, Province, own_province
from tests.vectors.directories import key_of, log_keys
from tests.vectors.inputs import drawn

Told = Callable[..., tuple[int, str]]
ROOT = key_of("root").public
NAME = f"kentongan/{sha256(ROOT).hexdigest()[:32]}"
VKEY = Verifier(NAME, KEY.public).vkey
NOW_KEY, FORMER_KEY = (SigningKey.from_seed(drawn(f"the key for promises, {which}")) for which in ("now", "before"))
SIZE = 128
ENTRIES = padding(SIZE)
# The key was followed long ago, and what is promised was due the day before yesterday.
NEXT = date(2026, 11, 1)
PAST = datetime.now(UTC).date() - timedelta(days=2)
FUTURE = datetime.now(UTC).date() + timedelta(days=2)
THERE, NOWHERE = ENTRIES[70], bytes(range(64))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """Runs what a stranger runs, for a promise in a file."""

    def run(where: object, promise: Path, root: bytes, *more: str) -> tuple[int, str]:
        options = ["--promise", str(promise), "--root", root.hex(), *more]
        monkeypatch.setattr(sys, "argv", ["verify.py", "promise", str(where), *options])
        return verify.main(), capsys.readouterr().out

    return run


def statement(held: SigningKey, version: int, **given: object) -> str:
    """Return what the root says of the key for promises."""
    return log_keys("promise", version, sign=held.public.hex(), **given)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log in a folder, which has two statements on the key for promises and one that the root has not signed."""
    folder = tmp_path_factory.mktemp("log")
    forged = statement(SigningKey.from_seed(drawn("a forged key")), 3, key="administrator", issued=NEXT)
    bodies = [statement(FORMER_KEY, 1), statement(NOW_KEY, 2, issued=NEXT), forged]
    for at, body in enumerate(bodies):
        ENTRIES[at] = public_entry(Kind.STATEMENT, body)
        write(folder, f"public/{sha256(body.encode()).hexdigest()}", body.encode())
    lay_out(folder, ENTRIES, (64, SIZE), NAME)
    return folder


def written(folder: Path, entry: bytes, until: date, key: SigningKey = NOW_KEY) -> Path:
    path = folder / "promise"
    path.write_text(write_promise(Promise(entry, until), key))
    return path


def test_what_was_promised_and_is_there_was_kept_whenever_it_was_due(told: Told, log: Path, tmp_path: Path) -> None:
    for until in (PAST, FUTURE):
        status, said = told(log, written(tmp_path, THERE, until), ROOT, "--vkey", VKEY)
        assert status == 0 and "The promise was kept: what it is of is entry 70." in said


def test_what_is_not_there_yet_has_time_until_its_day(told: Told, log: Path, tmp_path: Path) -> None:
    for until in (FUTURE, datetime.now(UTC).date()):
        status, said = told(log, written(tmp_path, NOWHERE, until), ROOT, "--vkey", VKEY)
        assert status == 0 and f"not yet: until {until}" in said


def test_what_is_not_there_when_its_day_has_passed_ends_with_a_status_of_its_own(
    told: Told, log: Path, tmp_path: Path
) -> None:
    status, said = told(log, written(tmp_path, NOWHERE, PAST), ROOT, "--vkey", VKEY)
    assert status == 3 and f"PROMISE NOT KEPT: until {PAST} was promised, and the log's {SIZE} entries" in said


def test_a_file_that_an_editor_has_saved_is_read_all_the_same(told: Told, log: Path, tmp_path: Path) -> None:
    path = written(tmp_path, THERE, PAST)
    path.write_bytes(path.read_bytes().rstrip().replace(b"\n", b"\r\n"))
    assert told(log, path, ROOT, "--vkey", VKEY)[0] == 0


def test_a_former_key_binds_for_what_was_due_in_its_time(told: Told, log: Path, tmp_path: Path) -> None:
    due = NEXT + timedelta(days=2)
    assert told(log, written(tmp_path, NOWHERE, due, FORMER_KEY), ROOT, "--vkey", VKEY)[0] == 3


def _flipped(path: Path) -> None:
    text = path.read_text()
    path.write_text(text.replace(NOWHERE.hex(), THERE.hex()))


# How somebody would have what was promised look kept, or not due; none of it may pass for a promise.
FORGED: dict[str, Callable[[Path], object]] = {
    "by another key": lambda folder: written(folder, NOWHERE, FUTURE, SigningKey.from_seed(drawn("nobody's"))),
    "by a key in the root's name": lambda folder: written(
        folder, NOWHERE, FUTURE, SigningKey.from_seed(drawn("a forged key"))
    ),
    "by the log's own key": lambda folder: written(folder, NOWHERE, FUTURE, KEY),
    "of another entry under the old signature": lambda folder: _flipped(written(folder, NOWHERE, PAST)),
    "a later day, by a former key": lambda folder: written(folder, NOWHERE, FUTURE, FORMER_KEY),
    "one day too many, by a former key": lambda folder: written(
        folder, NOWHERE, NEXT + timedelta(days=3), FORMER_KEY
    ),
}


@pytest.mark.parametrize("how", FORGED)
def test_what_nobody_promised_is_no_promise(told: Told, log: Path, tmp_path: Path, how: str) -> None:
    FORGED[how](tmp_path)
    status, said = told(log, tmp_path / "promise", ROOT, "--vkey", VKEY)
    assert status == 1 and "WRONG: The promise is not signed by a key that the root has named for it" in said


@pytest.mark.parametrize("text", ["", "type kentongan/v1/promise\n", "x" * 400])
def test_what_cannot_be_checked_is_told_apart(told: Told, log: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "promise").write_text(text)
    assert told(log, tmp_path / "promise", ROOT, "--vkey", VKEY)[0] == 2
    assert told(log, written(tmp_path, THERE, PAST), bytes(32), "--vkey", VKEY)[0] == 2


# Our own server, that does not keep it


@pytest.fixture(params=["sqlite", "postgresql"])
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province on each database."""
    yield from own_province(request, tmp_path_factory)


@pytest.fixture
def served(province: Province, monkeypatch: pytest.MonkeyPatch) -> str:
    """The log's address, at which the province answers without a network."""

    def fetched(where: str) -> bytes:
        answer = province.visitor().get(where.removeprefix(HOST))
        if answer.status_code != 200:
            raise FileNotFoundError(where)
        return answer.data

    monkeypatch.setattr(verify, "fetched", fetched)
    return f"{HOST}/log"


def lodged(province: Province, folder: Path) -> Path:
    """Lodge a complaint; return the file in which its reporter keeps what he was promised."""
    visitor = province.visitor()
    receipt: Json = client.lodge(province.answers, province.installation(), visitor.ask)[1]
    (folder / "promise").write_text(receipt["promise"])
    return folder / "promise"


def kept_back(promise: Path) -> None:
    """Do what an operator does who would rather not have a complaint in the log."""
    entry = read_promise(promise.read_text()).entry
    taking = "DELETE FROM log_pending WHERE entry = :entry"
    as_owner(*unguarded(taking), taking, entry=entry)


def found_by_the_operator(province: Province) -> list[str]:
    settings = current_settings()
    with Session(db.engine) as session:
        return list(faults(session, log_of(settings).verifier, settings.secret, (), lambda _more: None))


def test_a_promise_not_kept_is_caught(
    province: Province, served: str, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    today, watch = clock.now(), stop_clock(monkeypatch)
    watch.moment = today - timedelta(days=5)
    promise = lodged(province, tmp_path)
    with province.app.app_context():
        vkey = log_of(current_settings()).verifier.vkey
        kept_back(promise)
        tend()
        until = read_promise(promise.read_text()).until
        watch.moment = today
        overdue = [line for line in found_by_the_operator(province) if "promised" in line]
    status, said = told(served, promise, province.root, "--vkey", vkey)
    assert status == 3 and f"PROMISE NOT KEPT: until {until} was promised" in said
    assert len(overdue) == 1 and "event 1" in overdue[0] and str(until) in overdue[0]


def test_what_was_taken_over_and_not_published_in_time_is_named_to_the_operator(
    province: Province, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = stop_clock(monkeypatch)
    with province.app.app_context():
        tend()
    lodged(province, tmp_path)
    with province.app.app_context():
        integrate()
        before = found_by_the_operator(province)
        watch.moment += timedelta(days=3)
        after = found_by_the_operator(province)
        tend()
        assert (before, [line.partition(": ")[2][:5] for line in after]) == ([], ["until"])
        assert found_by_the_operator(province) == []


def test_a_promise_kept_is_seen_to_be(province: Province, served: str, told: Told, tmp_path: Path) -> None:
    promise = lodged(province, tmp_path)
    with province.app.app_context():
        vkey = log_of(current_settings()).verifier.vkey
        tend()
        assert found_by_the_operator(province) == []
    status, said = told(served, promise, province.root, "--vkey", vkey)
    assert status == 0 and "The promise was kept" in said
