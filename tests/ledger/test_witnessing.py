"""Our own witness: every answer of the protocol, what it keeps before it answers, and what it never signs."""

import fcntl
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kernel.vault import SigningKey
from ledger import commands_cosign, keeping, verify, witnessing
from ledger.checkpoints import Checkpoint, sign_checkpoint
from ledger.notes import COSIGNATURE, Verifier, cosign, read_note, write_note
from ledger.submitting import Submission
from ledger.tree import leaf_hash, nodes_of, prove_consistency, root_of
from ledger.witnessing import Lost, Witness, learn, served
from tests.ledger.shown import KEY, NAME, VKEY, padding
from tests.server import ROOT, free_port
from tests.vectors.inputs import drawn
from witness import create_app

NODES = nodes_of([leaf_hash(entry) for entry in padding(200)])
ANOTHER = nodes_of([leaf_hash(entry) for entry in padding(201)[1:]])


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    """A witness of one log, that has signed nothing yet."""
    (tmp_path / "name").write_text("witness.example\n")
    learn(tmp_path, VKEY)
    return Witness.open(tmp_path)


@pytest.fixture
def client(witness: Witness) -> FlaskClient:
    """Whoever posts to it."""
    return served(witness).test_client()


def note_of(size: int, nodes: object = NODES, key: SigningKey = KEY, origin: str = NAME) -> str:
    root = root_of(nodes, size)  # type: ignore[arg-type]
    return sign_checkpoint(Checkpoint(origin, size, root), key)


def posted(old: int, new: int) -> str:
    """Return what the log posts: honestly."""
    return Submission(old, tuple(prove_consistency(NODES, old, new)), note_of(new)).text


def answer(client: FlaskClient, text: str) -> tuple[int, str]:
    found = client.post("/add-checkpoint", data=text.encode())
    return found.status_code, found.text


def test_what_continues_is_signed_and_the_strangers_file_accepts_that(witness: Witness, client: FlaskClient) -> None:
    for old, new in ((0, 1), (1, 64), (64, 64), (64, 200)):
        status, line = answer(client, posted(old, new))
        assert status == 200
        assert read_note(note_of(new) + line).is_signed_by(witness.verifier)
        policy = f"log {VKEY}\nwitness w {witness.verifier.vkey}\nquorum w\n"
        assert verify.open_checkpoint(note_of(new) + line, verify.read_policy(policy), "it").size == new
        assert witness.last(NAME).size == new
    # Kept under its own signature and the log's, that of no stranger.
    (kept,) = witness.folder.glob("*.checkpoint")
    assert kept.read_text() == note_of(200) + line


def test_what_does_not_continue_is_not_signed(witness: Witness, client: FlaskClient) -> None:
    assert answer(client, posted(0, 64))[0] == 200
    before = {path.name: path.read_text() for path in witness.folder.glob("*.checkpoint")}
    proof = tuple(prove_consistency(NODES, 64, 200))
    another = SigningKey.from_seed(drawn("another log's key"))
    unsigned = note_of(200).replace("\n200\n", "\n199\n")
    refused = {
        # of another size than it has signed
        posted(0, 200): (409, "64\n"),
        posted(32, 200): (409, "64\n"),
        posted(100, 200): (409, "64\n"),
        # another history
        Submission(64, (), note_of(64, ANOTHER)).text: (409, "64\n"),
        Submission(64, tuple(prove_consistency(ANOTHER, 64, 200)), note_of(200, ANOTHER)).text: (422, None),
        Submission(64, proof[:-1], note_of(200)).text: (422, None),
        Submission(64, (*proof, bytes(32)), note_of(200)).text: (422, None),
        Submission(64, (bytes(32),), note_of(64)).text: (422, None),
        # not by the log's key, or a log that is not known
        Submission(64, proof, note_of(200, key=another)).text: (403, None),
        Submission(64, proof, unsigned).text: (403, None),
        Submission(64, proof, note_of(200, origin="kentongan.example/other")).text: (404, None),
        # no request at all
        Submission(64, (), note_of(32)).text: (400, None),
        posted(64, 200).replace("old 64", "old 064"): (400, None),
        posted(64, 200).replace("old 64", "old -1"): (400, None),
        posted(64, 200).replace("old 64\n", "old 64\nAAAA*\n"): (400, None),
        Submission(64, (bytes(32),) * 64, note_of(200)).text: (400, None),
        posted(64, 200).replace("\n\n", "\n"): (400, None),
        posted(64, 200)[:-1]: (400, None),
        "": (400, None),
        "x" * 70_000: (413, None),
    }
    for text, (status, said) in refused.items():
        found = client.post("/add-checkpoint", data=text)
        assert (found.status_code, said in (None, found.text)) == (status, True), text
        assert found.content_type.startswith("text/x.tlog.size") is (status == 409)
    assert client.post("/add-checkpoint", data=b"\xff").status_code == 400
    assert client.get("/add-checkpoint").status_code == 405
    assert {path.name: path.read_text() for path in witness.folder.glob("*.checkpoint")} == before
    # Two histories that one log has signed are proof to everybody; of more, the first stays.
    third = sign_checkpoint(Checkpoint(NAME, 64, bytes(32)), KEY)
    assert answer(client, Submission(64, (), third).text) == (409, "64\n")
    (fork,) = witness.folder.glob("*.fork")
    assert fork.read_text() == f"{next(iter(before.values()))}\n{note_of(64, ANOTHER)}"


def test_nothing_of_a_log_is_an_empty_tree(witness: Witness, client: FlaskClient) -> None:
    wrong = sign_checkpoint(Checkpoint(NAME, 0, bytes(32)), KEY)
    assert answer(client, Submission(0, (), wrong).text) == (409, "0\n")
    assert not list(witness.folder.glob("*.fork")), "of one checkpoint alone nothing is proved"
    assert answer(client, posted(0, 0))[0] == 200
    assert answer(client, posted(0, 200))[0] == 200


def test_strangers_signatures_are_not_kept(witness: Witness, client: FlaskClient) -> None:
    signed = read_note(note_of(64))
    stranger = cosign(signed.text, 1, "stranger", SigningKey.from_seed(drawn("a stranger")))
    status, line = answer(client, Submission(0, (), write_note(signed.text, [stranger, *signed.signatures])).text)
    (kept,) = witness.folder.glob("*.checkpoint")
    assert (status, kept.read_text()) == (200, note_of(64) + line)


@pytest.mark.parametrize("lost", [lambda kept: kept.write_text(""), lambda kept: kept.unlink()])
def test_a_witness_that_has_lost_what_it_signed_signs_nothing(
    witness: Witness, client: FlaskClient, lost: Callable[[Path], object]
) -> None:
    assert answer(client, posted(0, 64))[0] == 200
    [kept] = witness.folder.glob("*.checkpoint")
    lost(kept)
    with pytest.raises(Lost):
        witness.add(posted(0, 64))
    assert answer(client, posted(0, 64))[0] == 500
    for more in ([], ["--log", VKEY]):
        status, said = asked("cosign", witness.folder, *more)
        assert (status, "begin anew with another name and key" in said) == (1, True)
    assert not kept.exists() or kept.read_text() == ""


def test_a_log_of_which_nothing_was_signed_yet_is_begun_once(witness: Witness) -> None:
    assert asked("cosign", witness.folder, "--log", VKEY)[1].endswith("signed up to 0 entries\n")
    assert witness.add(posted(0, 64))
    assert asked("cosign", witness.folder, "--log", VKEY)[1].endswith("signed up to 64 entries\n")


def test_a_line_that_comes_many_times_is_one(witness: Witness, client: FlaskClient) -> None:
    head, line = note_of(64).rsplit("\n\n", 1)
    assert answer(client, Submission(0, (), f"{head}\n\n{line * 64}").text)[0] == 200
    [kept] = witness.folder.glob("*.checkpoint")
    assert kept.read_text().count(line) == 1


def test_nothing_is_answered_before_it_is_kept(
    witness: Witness, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answer(client, posted(0, 64))[0] == 200

    def full(_descriptor: int) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(keeping.os, "fsync", full)
        assert client.post("/add-checkpoint", data=posted(64, 200)).status_code == 500
    assert witness.last(NAME).size == 64
    assert answer(client, posted(64, 200))[0] == 200


def test_nobody_else_compares_while_one_is_signed(
    witness: Witness, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def signed(*given: object) -> object:
        lock = os.open(witness.folder / "lock", os.O_RDWR | os.O_CREAT)
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(lock)
        return cosign(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(witnessing, "cosign", signed)
    assert answer(client, posted(0, 64))[0] == 200


def test_of_many_at_once_each_continues_what_was_kept_before(witness: Witness) -> None:
    """All start from nothing: one of each turn is signed, and never one that is smaller than what was."""

    def post(size: int) -> tuple[int, str]:
        return answer(served(witness).test_client(), posted(0, size))

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(post, range(1, 65)))
    assert [status for status, _line in found].count(200) == 1
    assert {said for status, said in found if status == 409} == {f"{witness.last(NAME).size}\n"}


CHILD = """
import sys
from pathlib import Path
from ledger.witnessing import Witness
from tests.ledger.test_witnessing import posted
witness = Witness.open(Path(sys.argv[1]))
for size in range(200):
    witness.add(posted(size, size + 1))
    print(size + 1, flush=True)
"""


@pytest.mark.parametrize("told", [1, 40])
def test_whoever_is_killed_has_kept_what_was_answered(witness: Witness, told: int) -> None:
    with subprocess.Popen([sys.executable, "-c", CHILD, witness.folder], stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout
        answered = [int(child.stdout.readline()) for _turn in range(told)]
        child.send_signal(signal.SIGKILL)
        answered += [int(line) for line in child.stdout.read().split(b"\n")[:-1]]
    size = witness.last(NAME).size
    assert answered[-1] <= size <= answered[-1] + 1
    assert answer(served(witness).test_client(), posted(size, size + 1))[0] == 200


def test_a_process_of_its_own_serves_it(tmp_path: Path) -> None:
    """The command, as somebody types it: it makes its key, prints its vkey, and answers on this machine alone."""
    bind = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "flask", "--app", "witness", "ledger", "cosign", str(tmp_path / "state")]
    typed = [*command, "--name", "ngo.example", "--log", VKEY, "--bind", bind]
    with subprocess.Popen(typed, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            verifier = Verifier.read(process.stdout.readline().strip())
            assert (verifier.name, verifier.kind) == ("ngo.example", COSIGNATURE)
            assert process.stdout.readline() == f"{NAME}: signed up to 0 entries\n"
            line = posted_to(f"http://{bind}/add-checkpoint", posted(0, 200))
            assert read_note(note_of(200) + line).is_signed_by(verifier)
        finally:
            process.terminate()
    assert Witness.open(tmp_path / "state").last(NAME).size == 200


def asked(*arguments: object) -> tuple[int, str]:
    """Ask for the command here, where it is refused before it serves."""
    with pytest.MonkeyPatch.context() as ending:
        ending.setattr(commands_cosign._Server, "run", lambda _server: None)
        found = create_app().test_cli_runner().invoke(args=["ledger", *map(str, arguments)])
    return found.exit_code, found.output


def posted_to(url: str, text: str) -> str:
    """Post as soon as it listens."""
    while True:
        try:
            with urllib.request.urlopen(url, text.encode(), timeout=60) as found:
                return str(found.read().decode())
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "needs --name"), (["--name", "a b"], "neither spaces nor plus"), (["--name", ""], "neither spaces"),
        (["--name", "a", "--log", "b"], "This is no log's vkey: b"),
        (["--name", "a", "--log", Verifier("a", KEY.public, COSIGNATURE).vkey], "This is no log's vkey"),
    ],
)  # fmt: skip
def test_a_witness_is_not_begun_with_what_it_cannot_be(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    found = asked("cosign", tmp_path / "state", *arguments)
    assert (found[0], sentence in found[1]) == (1, True)
    assert not (tmp_path / "state/key").exists()


def test_a_witness_stays_who_it_is(witness: Witness) -> None:
    found = asked("cosign", witness.folder, "--name", "another")
    assert (found[0], "is called witness.example" in found[1]) == (1, True)
    witness.folder.chmod(0o755)
    found = asked("cosign", witness.folder)
    assert (found[0], "can be read by others" in found[1]) == (1, True)
    witness.folder.chmod(0o700)
    (witness.folder / "logs").write_text(f"{Verifier('a', KEY.public, COSIGNATURE).vkey}\n")
    found = asked("cosign", witness.folder)
    assert (found[0], "holds a line that is no log's vkey" in found[1]) == (1, True)
