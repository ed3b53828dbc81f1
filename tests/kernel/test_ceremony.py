"""The custodians' program: what the room sees, what is written, what is refused; it needs no server and makes none."""

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import Result

from kernel import clock
from kernel.ceremony import commands
from kernel.ceremony.carried import (
    Answer, Requests, SealedCopy, UnreadableFile, read_answer, read_requests, write_answer, write_requests,
)  # fmt: skip
from kernel.ceremony.root import Newcomer, Root
from kernel.config import USUAL_PROVINCE, province_file
from kernel.directory import statements
from kernel.directory.directory import Directory
from kernel.directory.statements import Statement, parse
from kernel.province import Desk
from kernel.province_file import load_province
from kernel.vault import Identity, context, fingerprint, officer_keys, seal, unseal
from kernel.vault.shares import WrongShares, join, part
from offline import create_app

SECRET = bytes(range(32))
ROOT = Root.from_secret(SECRET)
SHARES = part(SECRET)
DAY, NEXT_DAY = date(2026, 11, 24), date(2026, 11, 25)
WIB, WIT = ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Jayapura")
DESKS = [
    Desk("33", "Provinsi", "province", None), Desk("33.08", "Magelang", "33.08", "33"),
    Desk("luar", "Luar", "outside", None),
]  # fmt: skip
SEEDS = {1: bytes([7]) * 32, 2: bytes([8]) * 32}
FILES = [option for number in "123" for option in ("--share-file", f"share{number}")]
PROJECT = Path(__file__).parents[2]
Room = Callable[..., Result]
Carried = Callable[[Requests], list[object]]


def of_another_ceremony(secret: bytes) -> list[str]:
    """Part a secret in a ceremony whose number, one of 32,768, is not by chance that of ``SHARES``."""
    shares = part(secret)
    return of_another_ceremony(secret) if shares[0].split()[:2] == SHARES[0].split()[:2] else shares


def person(number: int, desk: str = "33", remit: str = "lead", name: str = "Retno") -> Newcomer:
    """Return somebody with keys, the same for the same number."""
    kem, sign = officer_keys(bytes([number]) * 32)
    return Newcomer(f"{number:032x}", name, desk, remit, kem.recipient.raw, sign.public)


OLD, HEIR, BELOW = person(1), person(2, name="Bagus\x1b[2J\u202e"), person(3, "33.08", name="Teguh")


def stated(epoch: int, seed: bytes) -> str:
    """Return the old lead's statement of one epoch of his desk."""
    said = Statement(
        kind="epoch", subject="33", version=epoch, status="active", desk=None, parent=None, remit=None,
        kem=Identity.from_seed(seed).recipient.digest, sign=None, issued=DAY, issuer=f"officer:{OLD.id}",
    )  # fmt: skip
    return statements.sign(said, officer_keys(bytes([1]) * 32)[1])


def kept(epoch: int, seed: bytes) -> SealedCopy:
    """Return a desk's seed as the recovery key holds it."""
    where = context("desk-key", object_="33", epoch=epoch, recipient="recovery")
    return SealedCopy("33", epoch, "recovery", seal(seed, ROOT.recovery.recipient, where))


def requests(**other: Any) -> Requests:
    """Return what a server asks whose top desk has lost its lead, in its second epoch."""
    below = statements.sign(BELOW.statement(f"officer:{OLD.id}", 1, DAY), officer_keys(bytes([1]) * 32)[1])
    bodies = [*ROOT.first_statements(DESKS, DAY), ROOT.vouch(OLD, 1, DAY), below]
    bodies += [stated(epoch, seed) for epoch, seed in SEEDS.items()]
    asked = {
        "root": ROOT.sign.public, "zone": WIB, "statements": bodies, "newcomers": [HEIR], "colleagues": [OLD, BELOW],
        "copies": [kept(epoch, seed) for epoch, seed in SEEDS.items()],
    }  # fmt: skip
    return Requests(**(asked | other))


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    """Runs a command of the custodians in a folder of its own, with what is typed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KENTONGAN_INSTANCE", "never")
    # Its limit would stay with the tests' own process.
    monkeypatch.setattr("resource.setrlimit", lambda *_: None)
    return lambda *args, typed="": create_app().test_cli_runner().invoke(args=list(map(str, args)), input=typed)


@pytest.fixture
def carried(tmp_path: Path) -> Carried:
    """Writes a file of requests; returns where it is, where the answer goes, and two files with shares."""

    def write(asked: Requests) -> list[object]:
        (tmp_path / "requests.json").write_text(write_requests(asked))
        options: list[object] = []
        for number, share in enumerate(SHARES[:2]):
            (tmp_path / f"share{number}").write_text(share)
            options += ["--share-file", f"share{number}"]
        return ["requests.json", "answer.json", *options]

    return write


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the ceremony draw what the test knows."""
    monkeypatch.setattr(commands, "drawn_secret", lambda: bytearray(SECRET))
    monkeypatch.setattr(commands, "part", lambda _secret: SHARES)


def written_by_hand(share: str) -> str:
    """Type a share as it stands on paper, in three columns, and end it with an empty line."""
    words = [f"{place}. {word}" for place, word in enumerate(share.split(), start=1)]
    return "".join(" ".join(words[at : at + 3]) + "\n" for at in range(0, 33, 3))


def test_each_custodian_sees_his_share_and_types_it_back(known: None, room: Room, tmp_path: Path) -> None:
    # The second first types the share of the first, then a word wrong, then what he was shown.
    # By its place: three shares in a hundred have their tenth word somewhere else, too.
    words = SHARES[1].split()
    slip = " ".join([*words[:9], "kentongan", *words[10:]])
    second = SHARES[0] + "\n" + slip + "\n" + written_by_hand(SHARES[1])
    result = room("ceremony", "first", typed=f"y\n\n\n{SHARES[0]}\n\n\n{second}\n\n{SHARES[2]}\n")
    assert result.exit_code == 0, result.output
    assert "a share, but not the one you were shown" in result.output
    assert "Not a word of the list: number 10." in result.output
    shown = re.findall(r"^ ?\d+\. [a-z]+ .*$", result.output.split("Custodian 2:")[0], re.M)
    assert re.findall(r"\d+\. ([a-z]+)", " ".join(shown))[:33] == SHARES[0].split()
    assert (tmp_path / "first" / "root.pub").read_text() == f"{ROOT.sign.public.hex()}\n"
    # Neither the secret nor a word of a share is on the disk.
    assert {path.name for path in tmp_path.rglob("*")} == {"first", "root.pub", "first.json"}
    left = b"".join(path.read_bytes() for path in (tmp_path / "first").iterdir())
    assert SECRET not in left and SECRET.hex().encode() not in left
    assert not any(" ".join(share.split()[:3]).encode() in left for share in SHARES)


def test_a_ceremony_that_is_broken_off_leaves_nothing(known: None, room: Room, tmp_path: Path) -> None:
    broken_off = room("ceremony", "first", typed=f"y\n\n\n{SHARES[0]}\n")
    assert broken_off.exit_code == 1 and not list(tmp_path.iterdir())


def test_shares_that_do_not_give_the_secret_back_reach_nobody(
    known: None, room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "part", lambda _secret: [*SHARES[:2], part(bytes(32))[2]])
    result = room("ceremony", "first", *FILES, typed="y\n")
    assert result.exit_code == 1 and not list(tmp_path.iterdir())
    # Two of them fit, and the third is of the same parting but false.
    monkeypatch.setattr(commands, "join", lambda two: SECRET if SHARES[0] in two else bytes(32))
    monkeypatch.setattr(commands, "part", lambda _secret: SHARES)
    assert "Nothing is written: begin again" in room("ceremony", "first", *FILES, typed="y\n").output
    assert not list(tmp_path.iterdir())


def test_no_crash_writes_memory_to_the_disk(room: Room, carried: Carried, monkeypatch: pytest.MonkeyPatch) -> None:
    set_to: list[object] = []
    monkeypatch.setattr("resource.setrlimit", lambda *limits: set_to.append(limits))
    for arguments in (["ceremony", "first"], ["vouch", *carried(requests())], ["reshare"]):
        room(*arguments, typed="y\ny\n")
    assert set_to == [(resource.RLIMIT_CORE, (0, 0))] * 3


def test_two_old_shares_become_three_new_ones_of_the_same_root(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = part(SECRET)
    monkeypatch.setattr(commands, "part", lambda secret: new if secret == SECRET else [])
    typed = f"{SHARES[0]}\n{SHARES[2]}\n" + "".join(f"\n\n{share}\n" for share in new)
    result = room("reshare", typed=typed)
    assert result.exit_code == 0 and ROOT.sign.public.hex() in result.output and not list(tmp_path.iterdir())
    with pytest.raises(WrongShares):
        join([SHARES[1], new[0]])
    assert "2 different shares" in room("reshare", typed=f"{SHARES[0]}\n{SHARES[0]}\n").output


def test_a_ceremony_writes_the_root_the_tree_and_three_shares(room: Room, tmp_path: Path) -> None:
    result = room("ceremony", "first", *FILES, typed="y\n")
    assert result.exit_code == 0, result.output
    shares = [(tmp_path / f"share{number}").read_text().strip() for number in "123"]
    root = Root.from_secret(join(shares[1:]))
    first = read_answer(tmp_path / "first" / "first.json")
    assert bytes.fromhex((tmp_path / "first" / "root.pub").read_text()) == root.sign.public == first.root
    assert root.sign.public.hex() in result.output and not any(share in result.output for share in shares)
    judged = Directory(root.sign.public, first.statements)
    assert len(judged.desks()) == 37 and judged.recovery_digest == root.recovery.recipient.digest
    assert [kem.digest for kem in first.kems] == [judged.recovery_digest]
    # The private folder that the environment names was not made: nothing here is a server's.
    assert {path.name for path in tmp_path.iterdir()} == {"first", "share1", "share2", "share3"}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()} == {0o600}


def test_nothing_is_written_over(room: Room, tmp_path: Path) -> None:
    (tmp_path / "share2").write_text("a custodian's")
    assert "share2 exists already" in room("ceremony", "first", *FILES, typed="y\n").output
    (tmp_path / "share2").unlink()
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "root.pub").write_text("another root")
    assert "not an empty folder" in room("ceremony", "first", *FILES, typed="y\n").output
    assert "3 different files" in room("ceremony", "second", *FILES[:4], typed="y\n").output
    assert "3 different files" in room("ceremony", "second", *FILES[:4], *FILES[:2], typed="y\n").output
    assert (tmp_path / "first" / "root.pub").read_text() == "another root"
    assert [path.name for path in tmp_path.rglob("*")] == ["first", "root.pub"]


def test_a_wrong_day_and_a_province_that_is_none_stop_it(room: Room, tmp_path: Path) -> None:
    assert "Set this machine's clock" in room("ceremony", "first", *FILES, typed="n\n").output
    (tmp_path / "nowhere.toml").write_text("code = 1")
    wrong = room("ceremony", "first", "--province", "nowhere.toml", *FILES, typed="y\n")
    assert "not a whole province" in wrong.output
    assert "not a file" in room("ceremony", "first", "--province", "none.toml", *FILES, typed="y\n").output
    assert [path.name for path in tmp_path.iterdir()] == ["nowhere.toml"]


def test_it_starts_where_there_is_nothing_but_a_folder(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "offline", "ceremony", "first", *FILES],
        cwd=tmp_path, input="y\n", text=True, capture_output=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"first", "share1", "share2", "share3"}


def test_who_has_read_out_his_words_is_vouched_for_and_given_every_key_of_his_desk(
    room: Room, carried: Carried, tmp_path: Path
) -> None:
    result = room("vouch", *carried(requests()), typed="y\ny\n")
    assert result.exit_code == 0, result.output
    assert HEIR.words in result.output and "Retno" in result.output
    # A name from a file, which a liar may have written, neither clears the screen nor turns the line around.
    assert "Bagus?[2J?" in result.output and "\x1b" not in result.output
    told = read_answer(tmp_path / "answer.json")
    [vouched] = told.statements
    assert vouched == ROOT.vouch(HEIR, 1, date.fromisoformat(parse(vouched).issued.isoformat()))
    identity = officer_keys(bytes([2]) * 32)[0]
    opened = {
        copy.epoch: unseal(copy.sealed, identity, context("desk-key", object_="33", epoch=copy.epoch,
                                                          recipient=f"officer:{HEIR.id}"))
        for copy in told.copies
    }  # fmt: skip
    assert opened == SEEDS and [kem.raw for kem in told.kems] == [HEIR.kem]


@pytest.mark.parametrize(("command", "typed"), [("vouch", "y\ny\n"), ("recover", "y\n" * 4)])
@pytest.mark.parametrize(("zone", "asked", "day"), [(WIB, "Tuesday, 24", DAY), (WIT, "Wednesday, 25", NEXT_DAY)])
def test_the_day_is_the_one_it_is_in_the_province(
    room: Room, carried: Carried, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    command: str, typed: str, zone: ZoneInfo, asked: str, day: date,
) -> None:  # fmt: skip
    # An evening in Jawa; far enough east of it the next day has begun.
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 24, 16, tzinfo=timezone.utc))
    told = room(command, *carried(requests(zone=zone)), typed=typed).output
    assert f"Is today {asked} November 2026?" in told
    assert {parse(body).issued for body in read_answer(tmp_path / "answer.json").statements} == {day}


def test_who_has_not_read_them_out_is_not(room: Room, carried: Carried, tmp_path: Path) -> None:
    arguments = carried(requests(newcomers=[HEIR, person(4)]))
    assert "Nobody was vouched for" in room("vouch", *arguments, typed="y\nn\nn\n").output
    assert not (tmp_path / "answer.json").exists()
    assert room("vouch", *arguments, typed="y\nn\ny\n").exit_code == 0
    [vouched] = read_answer(tmp_path / "answer.json").statements
    assert parse(vouched).subject == person(4).id


def test_shares_may_be_typed(room: Room, carried: Carried, tmp_path: Path) -> None:
    typed = f"y\ny\n{SHARES[2]}\n{written_by_hand(SHARES[0])}"
    assert room("vouch", *carried(requests())[:2], typed=typed).exit_code == 0
    assert read_answer(tmp_path / "answer.json").root == ROOT.sign.public


def test_recovery_revokes_the_lost_lead_and_keeps_whom_the_custodians_name(
    room: Room, carried: Carried, tmp_path: Path
) -> None:
    asked = requests()
    for keep, vouched in (("y", [HEIR.id, BELOW.id]), ("n", [HEIR.id])):
        result = room("recover", *carried(asked), typed=f"y\ny\ny\n{keep}\n")
        assert result.exit_code == 0 and BELOW.words in result.output
        told = read_answer(tmp_path / "answer.json")
        (tmp_path / "answer.json").unlink()
        judged = Directory(ROOT.sign.public, [*asked.statements, *told.statements])
        assert judged.reason("officer", OLD.id) == "revoked"
        assert [officer.id for desk in ("33", "33.08") for officer in judged.officers(desk)] == vouched


def test_a_lead_who_has_left_is_revoked_though_nobody_comes_in_his_place(
    room: Room, carried: Carried, tmp_path: Path
) -> None:
    asked = requests(newcomers=[])
    assert "nobody revoked: nothing is written" in room("recover", *carried(asked), typed="y\nn\n").output
    assert room("recover", *carried(asked), typed="y\ny\ny\n").exit_code == 0
    told = read_answer(tmp_path / "answer.json")
    judged = Directory(ROOT.sign.public, [*asked.statements, *told.statements])
    assert (judged.reason("officer", OLD.id), judged.officer(BELOW.id).role, told.copies) == ("revoked", "lead", [])


def test_recovery_leaves_a_lead_who_is_not_lost(room: Room, carried: Carried, tmp_path: Path) -> None:
    assert room("recover", *carried(requests()), typed="y\ny\nn\n").exit_code == 0
    assert [parse(body).subject for body in read_answer(tmp_path / "answer.json").statements] == [HEIR.id]


def test_a_lost_lead_who_comes_back_with_new_keys_is_vouched_for_anew(
    room: Room, carried: Carried, tmp_path: Path
) -> None:
    kem, sign = officer_keys(bytes([9]) * 32)
    again = Newcomer(OLD.id, "Retno", "33", "lead", kem.recipient.raw, sign.public)
    assert room("recover", *carried(requests(newcomers=[again])), typed="y\ny\ny\ny\n").exit_code == 0
    first, second = map(parse, read_answer(tmp_path / "answer.json").statements)
    assert (first.subject, first.version, first.status, first.sign) == (OLD.id, 2, "active", sign.public.hex())
    assert (second.subject, second.issuer) == (BELOW.id, "root")


def test_only_leads_are_shown_as_such_and_a_key_taken_back_is_not_asked_for(
    room: Room, carried: Carried, tmp_path: Path
) -> None:
    other = person(6, "33", "investigator", "Wahyu")
    sign = officer_keys(bytes([1]) * 32)[1]
    revoked = replace(parse(stated(2, SEEDS[2])), version=3, status="revoked")
    bodies = [statements.sign(other.statement(f"officer:{OLD.id}", 1, DAY), sign), statements.sign(revoked, sign)]
    asked = requests(statements=[*requests().statements, *bodies])
    told = room("recover", *carried(asked), typed="y\ny\nn\n")
    assert told.exit_code == 0 and f"Its leads now: Retno (account {OLD.id}).\n" in told.output
    assert [copy.epoch for copy in read_answer(tmp_path / "answer.json").copies] == [1, 2]


def test_one_for_whom_the_lost_lead_did_not_vouch_is_not_asked_about(room: Room, carried: Carried) -> None:
    colleagues = [OLD, person(5, "33.08"), Newcomer(BELOW.id, "Teguh", "33.08", "lead", OLD.kem, OLD.sign)]
    result = room("recover", *carried(requests(colleagues=colleagues)), typed="y\ny\ny\n")
    assert result.exit_code == 0 and "counts by his word" not in result.output


TOWN = """
[[region]]
code = "33.77"
kind = "kota"
name = "Baru"

[[desk]]
id = "33.77"
name = "Inspektorat Kota Baru"
remit = "33.77"
"""


def usual_desks() -> Iterable[Desk]:
    """Return the desks the ceremony named."""
    return load_province(province_file(USUAL_PROVINCE)).desks.values()


@pytest.fixture
def larger(tmp_path: Path) -> Path:
    """A province's data file with one town more than the ceremony knew."""
    file = tmp_path / "larger.toml"
    file.write_text(province_file(USUAL_PROVINCE).read_text() + TOWN)
    return file


def test_a_desk_that_the_province_has_more_is_named_where_the_custodians_want_it(
    room: Room, carried: Carried, tmp_path: Path, larger: Path
) -> None:
    asked = Requests(ROOT.sign.public, WIB, ROOT.first_statements(usual_desks(), DAY))
    arguments = ["name-desks", *carried(asked), "--province"]
    assert "No desk was named" in room(*arguments, USUAL_PROVINCE, typed="y\n").output
    assert "No desk was named" in room(*arguments, larger, typed="y\nn\n").output
    assert not (tmp_path / "answer.json").exists()
    result = room(*arguments, larger, typed="y\ny\n")
    assert result.exit_code == 0, result.output
    assert "desk 33.77 (Inspektorat Kota Baru, for 33.77), below 33," in result.output
    told = read_answer(tmp_path / "answer.json")
    assert (len(told.statements), told.kems, told.copies) == (1, [], [])
    judged = Directory(ROOT.sign.public, [*asked.statements, *told.statements])
    assert (judged.desks()["33.77"].parent, len(judged.desks())) == ("33", 38)
    assert "exists already" in room(*arguments, larger, typed="y\ny\n").output


def test_a_desk_is_named_under_its_next_version_and_by_its_own_root_alone(
    room: Room, carried: Carried, tmp_path: Path, larger: Path
) -> None:
    new = load_province(larger).desks["33.77"]
    once = replace(parse(ROOT.name_desk(new, 1, DAY)), version=2, status="revoked")
    bodies = ROOT.first_statements(usual_desks(), DAY)
    bodies += [ROOT.name_desk(new, 1, DAY), statements.sign(once, ROOT.sign)]
    arguments = ["name-desks", *carried(Requests(ROOT.sign.public, WIB, bodies)), "--province", larger]
    assert room(*arguments, typed="y\ny\n").exit_code == 0
    [body] = read_answer(tmp_path / "answer.json").statements
    assert parse(body).version == 3
    (tmp_path / "answer.json").unlink()
    for number, share in enumerate(part(bytes(32))[:2]):
        (tmp_path / f"share{number}").write_text(share)
    assert "another root" in room(*arguments, typed="y\ny\n").output
    assert not (tmp_path / "answer.json").exists()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (requests(root=Root.from_secret(bytes(32)).sign.public), "The root knows no desk 33"),
        (requests(copies=[]), "does not hold the newest key of desk 33"),
        (requests(copies=[kept(1, SEEDS[1])]), "does not hold the newest key of desk 33"),
        (requests(copies=[kept(1, SEEDS[1]), kept(2, SEEDS[1])]), "epoch 2, is not that desk's"),
        (requests(copies=[SealedCopy("33", 2, "recovery", kept(1, SEEDS[1]).sealed)]), "epoch 2, is not that desk's"),
    ],
)
def test_a_file_that_lies_is_not_answered(
    asked: Requests, sentence: str, room: Room, carried: Carried, tmp_path: Path
) -> None:
    result = room("recover", *carried(asked), typed="y\ny\nn\n")
    assert result.exit_code == 1 and sentence in result.output, result.output
    assert not (tmp_path / "answer.json").exists()


def test_shares_of_another_root_answer_nothing(room: Room, carried: Carried, tmp_path: Path) -> None:
    arguments = carried(requests())
    for number, share in enumerate(of_another_ceremony(bytes(32))[:2]):
        (tmp_path / f"share{number}").write_text(share)
    assert "of another root" in room("vouch", *arguments, typed="y\ny\n").output
    (tmp_path / "share0").write_text(SHARES[0])
    assert "two ceremonies" in room("vouch", *arguments, typed="y\ny\n").output
    (tmp_path / "share1").write_text(SHARES[0])
    assert "2 different shares are needed; here are 1." in room("vouch", *arguments, typed="y\ny\n").output
    (tmp_path / "share1").unlink()
    assert "share1 cannot be read" in room("vouch", *arguments, typed="y\ny\n").output
    assert not (tmp_path / "answer.json").exists()


def test_an_answer_is_not_written_over_another(room: Room, carried: Carried, tmp_path: Path) -> None:
    (tmp_path / "answer.json").write_text("an earlier one")
    told = room("vouch", *carried(requests()), typed="y\ny\n").output
    # That is said before anybody compares words or types a share.
    assert "exists already" in told and "Is today" not in told
    assert (tmp_path / "answer.json").read_text() == "an earlier one"


def test_what_is_carried_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for asked in (requests(), requests(keys=KEYS)):
        path.write_text(write_requests(asked))
        assert write_requests(read_requests(path)) == path.read_text() and read_requests(path).keys == asked.keys
    answer = Answer(ROOT.sign.public, ["a body"], [ROOT.recovery.recipient], [kept(1, SEEDS[1])])
    path.write_text(write_answer(answer))
    assert read_answer(path) == answer


@pytest.mark.parametrize(
    "change",
    [
        {"type": "kentongan/v1/answer"}, {"root": "aa"}, {"root": None}, {"statements": "body"}, {"statements": [1]},
        {"newcomers": [{}]}, {"newcomers": {}}, {"copies": [{"desk": "33"}]}, {"more": 1},
        {"newcomers": [{"id": "x"}]}, {"colleagues": [None]}, {"time_zone": "Asia/Tokyo"}, {"log": "aa"},
        {"promise": 7},
    ],
)  # fmt: skip
def test_a_file_in_another_form_is_refused(change: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(json.dumps(json.loads(write_requests(requests())) | change))
    with pytest.raises(UnreadableFile, match="is no file of kentongan/v1/requests"):
        read_requests(path)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("id", "../x"), ("name", 1), ("desk", "33/08"), ("remit", "reviewer"), ("kem", "AAAA"), ("kem", "%"),
        ("sign", "00"),
    ],
)  # fmt: skip
def test_a_newcomer_in_another_form_is_refused(member: str, value: object, tmp_path: Path) -> None:
    told = json.loads(write_requests(requests()))
    told["newcomers"][0][member] = value
    (tmp_path / "file").write_text(json.dumps(told))
    with pytest.raises(UnreadableFile):
        read_requests(tmp_path / "file")


@pytest.mark.parametrize(("member", "value"), [("epoch", 0), ("epoch", True), ("recipient", "reporter"), ("sealed", 1)])
def test_a_sealed_copy_in_another_form_is_refused(member: str, value: object, tmp_path: Path) -> None:
    told = json.loads(write_requests(requests()))
    told["copies"][0][member] = value
    (tmp_path / "file").write_text(json.dumps(told))
    with pytest.raises(UnreadableFile):
        read_requests(tmp_path / "file")


def test_what_is_no_file_at_all_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_answer(tmp_path / "none")
    for content in (b"\xff", b"[" * 100_000, b"[]", b""):
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(UnreadableFile, match="is no file of"):
            read_answer(tmp_path / "file")
    (tmp_path / "file").write_text(write_answer(Answer(ROOT.sign.public, [])))
    assert read_answer(tmp_path / "file").statements == []
    monkeypatch.setattr("kernel.ceremony.carried.LARGEST_FILE", 10)
    with pytest.raises(UnreadableFile, match="is no file of"):
        read_answer(tmp_path / "file")


# The server's own keys

KEYS = {"log": bytes([21]) * 32, "promise": bytes([22]) * 32}
WORDS = {kind: fingerprint(b"", key) for kind, key in KEYS.items()}


def test_the_servers_keys_are_named_where_its_operator_has_read_out_their_words(
    room: Room, carried: Carried, tmp_path: Path
) -> None:
    asked = requests(newcomers=[], colleagues=[], copies=[], keys=KEYS)
    result = room("vouch", *carried(asked), typed="y\ny\ny\n")
    assert result.exit_code == 0, result.output
    assert "it signs the public log" in result.output and "it promises reporters" in result.output
    assert all(words in result.output for words in WORDS.values())
    told = read_answer(tmp_path / "answer.json")
    judged = Directory(ROOT.sign.public, [*asked.statements, *told.statements])
    assert (judged.log_key, judged.promise_key, len(told.statements)) == (KEYS["log"], KEYS["promise"], 2)


def test_a_key_whose_words_were_others_is_not_named(room: Room, carried: Carried, tmp_path: Path) -> None:
    result = room("vouch", *carried(requests(newcomers=[], copies=[], keys=KEYS)), typed="y\ny\nn\n")
    assert result.exit_code == 0, result.output
    assert [parse(body).kind for body in read_answer(tmp_path / "answer.json").statements] == ["log"]


def test_a_key_that_the_root_has_named_is_not_asked_about_and_another_comes_as_the_next_version(
    room: Room, carried: Carried, tmp_path: Path
) -> None:
    said = [ROOT.name_key("log", KEYS["log"], 1, DAY), ROOT.name_key("promise", bytes([23]) * 32, 1, DAY)]
    asked = requests(newcomers=[], copies=[], keys=KEYS)
    result = room("vouch", *carried(replace(asked, statements=[*asked.statements, *said])), typed="y\ny\n")
    assert WORDS["log"] not in result.output and WORDS["promise"] in result.output
    [body] = read_answer(tmp_path / "answer.json").statements
    assert (parse(body).kind, parse(body).version) == ("promise", 2)


def test_where_no_key_is_vouched_for_nothing_is_written(room: Room, carried: Carried, tmp_path: Path) -> None:
    told = room("vouch", *carried(requests(newcomers=[], copies=[], keys=KEYS)), typed="y\nn\nn\n").output
    assert "nothing is written" in told and not (tmp_path / "answer.json").exists()
