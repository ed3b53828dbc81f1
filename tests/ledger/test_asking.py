"""The log's side: its policy of witnesses, and asking them for signatures, whatever they answer."""

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from threading import enumerate as enumerate_threads

import pytest
from werkzeug.serving import make_server

from kernel.vault import Malformed, SigningKey
from ledger import asking, verify
from ledger.asking import Question, collected
from ledger.checkpoints import Checkpoint
from ledger.notes import COSIGNATURE, Verifier, cosign, read_note
from ledger.policies import Known, Policy
from ledger.tree import prove_consistency, root_of
from ledger.witnessing import Witness, learn, served
from tests.ledger.shown import KEY, NAME, VKEY
from tests.ledger.test_witnessing import ANOTHER, NODES, note_of
from tests.vectors.inputs import drawn

LOG = Verifier(NAME, KEY.public)
KEYS = {name: SigningKey.from_seed(drawn(f"witness {name}")) for name in ("ngo", "campus", "press")}


def known(name: str, url: str = "https://w.example/") -> Known:
    return Known.read(name, Verifier(f"{name}.example", KEYS[name].public, COSIGNATURE).vkey, url)


def question(size: int = 200) -> Question:
    stated = Checkpoint(NAME, size, root_of(NODES, size))
    return Question(note_of(size), stated, lambda old: prove_consistency(NODES, old, size))


def test_a_policy_is_read_as_it_was_written_and_by_strangers_too() -> None:
    policy = Policy(LOG)
    for count, name in enumerate(KEYS):
        policy = policy.adding(known(name)).needing(count)
        assert Policy.read(policy.text) == policy
        strangers = verify.read_policy(policy.text)
        assert list(strangers.witnesses) == [each.name for each in policy.witnesses]
        assert strangers.holds(set(list(KEYS)[:count]))
        assert not count or not strangers.holds(set(list(KEYS)[: count - 1]))
    changes = (lambda: policy.without("ngo").without("press"), lambda: policy.needing(4), lambda: policy.needing(-1))
    for wrong in changes:
        with pytest.raises(Malformed):  # there are three, and two are needed
            wrong()
    assert policy.without("ngo").needing(0).without("press").witnesses == (known("campus"),)
    too_many = policy.text.replace("group witnesses 2", "group witnesses 4")
    by_witness = Policy(Verifier(NAME, KEY.public, COSIGNATURE)).text
    for changed in (policy.text[:-1], policy.text * 2, too_many, policy.text.replace(VKEY, "a"), by_witness, ""):
        with pytest.raises(Malformed):
            Policy.read(changed)


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("ngo", "https://a"), ("a b", "https://a"), ("none", "https://a"), ("witnesses", "https://a"),
        ("x", "ftp://a"), ("x", "https://a b"), ("x", ""),
    ],
)  # fmt: skip
def test_a_witness_is_added_once_and_rightly(name: str, url: str) -> None:
    policy = Policy(LOG).adding(known("ngo"))
    with pytest.raises(Malformed):
        policy.adding(Known.read(name, Verifier("other", KEYS["press"].public, COSIGNATURE).vkey, url))
    for key, kind in ((KEYS["ngo"], COSIGNATURE), (KEY, COSIGNATURE), (KEYS["press"], b"\x01")):
        with pytest.raises(Malformed):
            policy.adding(Known.read("other", Verifier("other", key.public, kind).vkey, "https://a"))


def test_no_more_witnesses_than_a_note_has_room_for() -> None:
    policy = Policy(LOG)
    keys = [SigningKey.from_seed(drawn(f"witness {number}")) for number in range(33)]
    vkeys = [Verifier("w", key.public, COSIGNATURE).vkey for key in keys]
    many = [Known.read(f"w{at}", vkey, "https://a") for at, vkey in enumerate(vkeys)]
    for each in many[:-1]:
        policy = policy.adding(each)
    with pytest.raises(Malformed):
        policy.adding(many[-1])


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[tuple[Witness, Known]]:
    """Our own witness, listening, and as the log knows it."""
    (tmp_path / "name").write_text("ngo.example\n")
    learn(tmp_path, VKEY)
    found = Witness.open(tmp_path)
    server = make_server("127.0.0.1", 0, served(found))
    Thread(target=server.serve_forever, daemon=True).start()
    yield found, Known.read("ngo", found.verifier.vkey, f"http://127.0.0.1:{server.port}")
    server.shutdown()


def test_a_witness_is_asked_from_whatever_size_it_knows(witness: tuple[Witness, Known]) -> None:
    state, asked = witness
    for size, thought in ((64, 0), (200, 0), (200, 64), (200, 200)):
        found = collected(question(size), {asked: thought})
        assert read_note(note_of(size) + found["ngo"].line).is_signed_by(state.verifier)
        assert state.last(NAME).size == size


def test_a_witness_that_saw_more_or_else_is_told_of(
    witness: tuple[Witness, Known], caplog: pytest.LogCaptureFixture
) -> None:
    _state, asked = witness
    assert collected(question(200), {asked: 0})
    assert collected(question(64), {asked: 0}) == {}
    assert "it has seen 200 entries, and this log has 64: entries are lost" in caplog.text
    rewritten = Checkpoint(NAME, 200, root_of(ANOTHER, 200))
    other = Question(note_of(200, ANOTHER), rewritten, lambda old: prove_consistency(ANOTHER, old, 200))
    assert collected(other, {asked: 200}) == {}
    assert "it has seen another log of 200 entries" in caplog.text


class Answering(BaseHTTPRequestHandler):
    """Answers whatever it was told to."""

    answer: tuple[int, bytes]

    def do_POST(self) -> None:
        """Answer."""
        status, body = self.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def line(key: SigningKey, name: str = "ngo.example", size: int = 200) -> bytes:
    return cosign(read_note(note_of(size)).text, 1_790_000_000, name, key).line.encode()


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (404, b"", "it answers 404"), (422, b"", "it answers 422"), (403, b"", "answers 403"), (500, b"", "500"),
        (409, b"", "409 without a size"), (409, b"x\n", "409 without a size"), (409, b"64\n", "another log of 64"),
        (200, b"", "not its own"), (200, b"yes\n", "no signature"), (200, line(KEYS["press"]), "not its own"),
        (200, line(KEYS["ngo"], "press.example"), "not its own"), (200, line(KEYS["ngo"], size=64), "not its own"),
        (200, line(KEYS["ngo"])[:-1], "no signature"), (200, b"\xff" * 9, "cannot be reached"),
        (200, b"\n" + line(KEYS["ngo"]), "not its own"),
    ],
)  # fmt: skip
def test_nothing_else_is_taken_for_a_signature(
    status: int, body: bytes, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    handler = type("Told", (Answering,), {"answer": (status, body)})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        asked = known("ngo", f"http://127.0.0.1:{server.server_port}")
        assert collected(question(), {asked: 0}) == {}
        server.shutdown()
    assert sentence in caplog.text


def test_a_dead_witness_holds_up_nobody(
    witness: tuple[Witness, Known], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _state, alive = witness
    away = known("campus", "http://127.0.0.1:1")
    # The time is up after two of three have answered, or after none.
    times = iter([0, 0, 0, asking.SECONDS, 0, asking.SECONDS])
    monkeypatch.setattr(asking, "monotonic", lambda: next(times))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dead = known("press", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert set(collected(question(), {dead: 0, away: 0, alive: 0})) == {"ngo"}
        assert collected(question(), {dead: 0}) == {}
        # Nor does it hold up the end of the process.
        assert {each.daemon for each in enumerate_threads() if each.name == "press"} == {True}
    assert caplog.text.count("a witness was too late") == 2
    assert "witness campus has not signed: it cannot be reached" in caplog.text


def test_others_lines_beside_its_own_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def answered(_url: str, _text: str) -> tuple[int, str]:
        return 200, (line(KEYS["press"], "press.example") + line(KEYS["ngo"])).decode()

    monkeypatch.setattr(asking, "_post", answered)
    assert question().to(known("ngo"), 0).line.encode() == line(KEYS["ngo"])
