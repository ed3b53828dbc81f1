"""What strangers run (ledger/verify.py) on files that were made to mislead it: it says what is wrong, and no more."""

import io
import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from kernel.vault import SigningKey
from ledger import verify
from ledger.checkpoints import Checkpoint, sign_checkpoint
from ledger.entries import entry_of
from ledger.notes import COSIGNATURE, Verifier, cosign, read_note, write_note
from ledger.promises import Promise, write_promise
from ledger.public import Kind, public_entry, refilled_body
from tests.ledger import test_broken_promises as own
from tests.ledger.shown import KEY, NAME, VKEY, lay_out, padding, write
from tests.ledger.test_verify import K, SIZES, _download, history, policy
from tests.vectors.inputs import drawn

Told = Callable[..., tuple[int, str]]
FAR = 2**63


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """Runs it; a traceback is an error of the test."""

    def run(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["verify.py", *map(str, arguments)])
        return verify.main(), capsys.readouterr().out

    return run


def shown(folder: Path, entries: list[bytes], *bodies: str) -> None:
    """Lay out a log of these entries, and bodies of its public ones."""
    lay_out(folder, entries, (len(entries),))
    for body in bodies:
        write(folder, f"public/{sha256(body.encode()).hexdigest()}", body.encode())


# A loss that the log states itself


def refilled(folder: Path, *, anew: bool) -> int:
    """Lay out a log that says that its first 64 entries were lost, and where one of them happened anew or not."""
    entries, body = padding(192), refilled_body(date(2026, 11, 26), 0, 64)
    entries[70] = public_entry(Kind.REFILLED, body)
    if anew:
        entries[150] = entries[3][:32] + os.urandom(32)
    shown(folder, entries, body)
    return 70


def test_a_second_history_is_not_excused_by_what_the_log_says_of_itself(told: Told, tmp_path: Path) -> None:
    at = refilled(tmp_path, anew=True)
    status, text = told("log", tmp_path, "--vkey", VKEY)
    assert status == 1, text
    assert "Entries 3 and 150 have one tag" in text and f"--refilled {at}" in text
    assert told("log", tmp_path, "--vkey", VKEY, "--refilled", at + 1)[0] == 1


def test_a_loss_that_one_knows_of_is_told_and_passes(told: Told, tmp_path: Path) -> None:
    at = refilled(tmp_path, anew=True)
    status, text = told("log", tmp_path, "--vkey", VKEY, "--refilled", at)
    assert status == 0 and "no tag stands twice but where an entry says why" in text
    assert f"LOST: Entry {at} says that on 2026-11-26 an older database was put back" in text


def test_a_loss_of_which_nothing_happened_anew_excuses_nothing_and_is_told(told: Told, tmp_path: Path) -> None:
    at = refilled(tmp_path, anew=False)
    status, text = told("log", tmp_path, "--vkey", VKEY)
    assert status == 0 and f"LOST: Entry {at} says" in text


# A case's files


def in_case(folder: Path, body: str) -> Path:
    """Lay out a log that has this as the first event of a case, and the case's files."""
    entries = padding(SIZES[-1])
    entries[3] = entry_of(K, 1, body)
    held = lay_out(folder, entries, SIZES)
    _download(folder, held, "case/1", (K, 1, 3, body))
    return folder / "case"


FORMS: dict[str, Callable[[str], str]] = {
    "a line twice": lambda body: body.replace("action lodge\n", "action lodge\naction close\n"),
    "a line more": lambda body: body + "verdict proven\n",
    "another order": lambda body: body.replace("seq 1\n", "").replace("previous -\n", "previous -\nseq 1\n"),
    "no end": lambda body: body.rstrip("\n"),
    "another type": lambda body: body.replace("kentongan/v1/event", "kentongan/v9/event"),
    "a number below nought": lambda body: body.replace("seq 1\n", "seq -1\n"),
}


@pytest.mark.parametrize("how", FORMS)
def test_what_is_no_events_body_is_no_event_though_the_log_has_it(told: Told, tmp_path: Path, how: str) -> None:
    status, text = told("case", in_case(tmp_path, FORMS[how](history()[0])), "--vkey", VKEY)
    assert (status, "1.opening is no opening" in text) == (1, True), text


def test_a_step_without_its_proof_is_missed(told: Told, tmp_path: Path) -> None:
    case = in_case(tmp_path, history()[0])
    write(case, "2.opening", b"kentongan/v1/opening\n")
    status, text = told("case", case, "--vkey", VKEY)
    assert (status, text.splitlines()[-1]) == (2, "Not checked: Of 2.opening there is no proof here.")
    assert text.startswith("Event 1, lodge on 2026-11-26, is entry 3")


@pytest.mark.parametrize("option", [("--fresh", 24), ("--kept", "kept")])
def test_what_cannot_be_asked_of_files_is_not_passed_over(
    told: Told, tmp_path: Path, option: tuple[str, object]
) -> None:
    status, text = told("case", in_case(tmp_path, history()[0]), "--vkey", VKEY, *option)
    assert (status, "are for a log" in text) == (2, True)


NAMES = {"a line": "1\nEvent 9", "a cursor": "1\x1b[2K\rEvent 9", "no text": os.fsdecode(b"1\xff")}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_the_name_of_a_file_moves_no_cursor_and_begins_no_line(told: Told, tmp_path: Path, name: str) -> None:
    case = in_case(tmp_path, history()[0])
    shutil.copy(case / "1.tlog-proof", case / f"{name}.tlog-proof")
    status, text = told("case", case, "--vkey", VKEY)
    text = text.encode(errors="replace").decode()
    assert (status, len(text.splitlines()), "\x1b" in text) == (2, 1, False), text


@pytest.mark.parametrize("kind", ["tlog-proof", "opening"])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_neither_does_that_of_a_file_which_is_wrong(told: Told, tmp_path: Path, name: str, kind: str) -> None:
    case = in_case(tmp_path, history()[0])
    for each in ("tlog-proof", "opening"):
        shutil.copy(case / f"1.{each}", case / f"{name}.{each}")
    (case / f"{name}.{kind}").write_bytes(b"x")
    status, text = told("case", case, "--vkey", VKEY)
    text = text.encode(errors="replace").decode()
    assert (status, len(text.splitlines()), "\x1b" in text) == (1, 1, False), text


def test_what_is_no_file_is_not_waited_for(told: Told, tmp_path: Path) -> None:
    case = in_case(tmp_path, history()[0])
    os.mkfifo(case / "2.tlog-proof")
    write(case, "2.opening", (case / "1.opening").read_bytes())
    assert told("case", case, "--vkey", VKEY)[0] == 2
    os.remove(tmp_path / "checkpoint")
    os.mkfifo(tmp_path / "checkpoint")
    assert told("log", tmp_path, "--vkey", VKEY)[0] == 2


def test_a_file_without_end_is_not_read_into_memory(told: Told, tmp_path: Path) -> None:
    case = in_case(tmp_path, history()[0])
    with (case / "1.opening").open("r+b") as file:
        file.truncate(1 << 40)
    status, text = told("case", case, "--vkey", VKEY)
    assert (status, "more than" in text) == (2, True), text


# Logs, policies, promises


@pytest.mark.parametrize("scheme", ["file", "ftp", "data"])
def test_a_log_is_read_from_a_folder_or_the_web_alone(told: Told, tmp_path: Path, scheme: str) -> None:
    shown(tmp_path, padding(64))
    status, text = told("log", f"{scheme}://{tmp_path}", "--vkey", VKEY)
    assert (status, "is neither a folder nor on the web" in text) == (2, True), text


@pytest.mark.parametrize("at", [FAR, 2**64 - 1, 253_402_300_800])
def test_a_witness_that_signs_no_time_on_a_calendar_is_told_all_the_same(told: Told, tmp_path: Path, at: int) -> None:
    witness = SigningKey.from_seed(drawn("witness ngo"))
    shown(tmp_path, padding(64))
    note = read_note((tmp_path / "checkpoint").read_text())
    signed = [*note.signatures, cosign(note.text, at, "ngo.example", witness)]
    write(tmp_path, "checkpoint", write_note(note.text, signed).encode())
    vkey = Verifier("ngo.example", witness.public, COSIGNATURE).vkey
    (tmp_path / "policy").write_text(f"log {VKEY}\nwitness ngo {vkey}\nquorum ngo\n")
    status, text = told("log", tmp_path, "--policy", tmp_path / "policy")
    assert (status, f"Seen by ngo at second {at}." in text) == (0, True), text


def test_a_policy_of_many_groups_within_one_another_is_read(told: Told, tmp_path: Path) -> None:
    groups = "".join(f"group g{at} 1 {f'g{at - 1}' if at else 'ngo'}\n" for at in range(2_000))
    lines = policy("2").partition("group three")[0]
    read = verify.read_policy(f"{lines}{groups}quorum g1999\n")
    assert read.holds({"ngo"}) and not read.holds({"campus"})


@pytest.mark.parametrize("count", ["\u0661", "1_0", "+1", "-1", "01"])
def test_a_count_is_written_in_one_way(count: str) -> None:
    with pytest.raises(verify.Unchecked):
        verify.read_policy(policy(count))


def promised(told: Told, folder: Path, until: str, *bodies: str) -> tuple[int, str]:
    """Check a promise for a day by a log that has these statements on the key for promises."""
    entries = padding(64)
    entries[: len(bodies)] = [public_entry(Kind.STATEMENT, body) for body in bodies]
    lay_out(folder, entries, (64,), own.NAME)
    for body in bodies:
        write(folder, f"public/{sha256(body.encode()).hexdigest()}", body.encode())
    text = write_promise(Promise(bytes(64), date(2026, 11, 26)), own.NOW_KEY).partition("signature")[0]
    unsigned = text.replace("2026-11-26", until)
    write(folder, "promise", f"{unsigned}signature {own.NOW_KEY.sign(unsigned.encode()).hex()}\n".encode())
    return told("promise", folder, "--promise", folder / "promise", "--root", own.ROOT.hex(), "--vkey", own.VKEY)


def test_a_promise_for_a_day_far_off_is_none(told: Told, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    for days, status in ((3, 0), (4, 1), (4000, 1)):
        found = promised(told, tmp_path, str(today + timedelta(days=days)), own.statement(own.NOW_KEY, 1))
        assert (found[0], "it puts off" in found[1]) == (status, status == 1), found
    assert promised(told, tmp_path, "9999-12-31", own.statement(own.NOW_KEY, 1))[0] == 1


@pytest.mark.parametrize("until", ["2026-W48-4", "\u0662026-11-2", "2026-13-45", "2026-11-3\u0660"])
def test_a_day_is_written_in_one_way(told: Told, tmp_path: Path, until: str) -> None:
    assert promised(told, tmp_path, until, own.statement(own.NOW_KEY, 1))[0] == 2


def test_statements_of_no_day_and_of_the_last_are_read(told: Told, tmp_path: Path) -> None:
    last, none = (own.statement(own.NOW_KEY, version, issued=date(9999, 12, 31)) for version in (2, 3))
    until = str(datetime.now(UTC).date())
    assert promised(told, tmp_path, until, own.statement(own.NOW_KEY, 1), last, none)[0] == 0


def test_what_cannot_be_kept_is_said(told: Told, tmp_path: Path) -> None:
    shown(tmp_path, padding(64))
    for kept in (tmp_path, tmp_path / "none" / "kept"):
        status, text = told("log", tmp_path, "--vkey", VKEY, "--kept", kept)
        assert (status, "Not checked: " in text) == (2, True), text


def test_a_checkpoint_is_kept_whole_or_not_at_all(told: Told, tmp_path: Path) -> None:
    shown(tmp_path / "log", padding(64))
    kept = tmp_path / "kept"
    kept.write_text(sign_checkpoint(Checkpoint(NAME, 0, sha256().digest()), KEY))
    before = kept.stat().st_ino
    assert told("log", tmp_path / "log", "--vkey", VKEY, "--kept", kept)[0] == 0
    # Another file has taken its place.
    assert kept.stat().st_ino != before
    assert {each.name for each in tmp_path.iterdir()} == {"log", "kept"}


@pytest.mark.parametrize("typed", [b"\xff\xfe\n", b""])
def test_a_phrase_that_is_no_text_is_not_looked_for(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: bytes
) -> None:
    shown(tmp_path, padding(64))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed), encoding="utf-8"))
    status, text = told("phrase", tmp_path, "--vkey", VKEY, "--salt", "0" * 32)
    assert (status, text.startswith("Not checked: ")) == (2, True), text
