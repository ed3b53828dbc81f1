"""What strangers run (ledger/verify.py): it accepts our log, proofs and cosignatures, and nothing that was changed."""

import ast
import io
import os
import shutil
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from kernel.vault import SigningKey, derive, keyed_hash, sign_body
from ledger import verify
from ledger.body import Event, write_event
from ledger.checkpoints import Checkpoint, sign_checkpoint
from ledger.entries import entry_of, tag
from ledger.notes import COSIGNATURE, Verifier, cosign, read_note, sign_note, write_note
from ledger.proving import write_proof
from ledger.tiles import Tile, nodes_in, write_bundle
from ledger.tree import leaf_hash, nodes_of, prove_inclusion
from tests.ledger.shown import KEY, NAME, VKEY, lay_out, padding, write
from tests.vectors.inputs import drawn

FILE = Path(verify.__file__)
# tests/vectors/phrase-keys.json, "drawn".
PHRASE, SALT = "arloji sosis cenil rawit ruwet gotong rumus kuno", "b53d0037cd31fd96db47d820dbe4fc45"
K = bytes.fromhex("99854d2c3ebf12b482c77fe2a8323f39e55f36f9420cb5142fb4d8ca1a1f4b41")
SIZES = (64, 320, 576)
# The events' places in the log, and that of the public entry.
PLACES, STATED, STRAY = (3, 70, 319), 100, 200
STATEMENT = b"type kentongan/v1/statement\nkind desk\n"
KIND = b"kentongan.public" + b"statement".ljust(16, b"\0")
WITNESSES = {name: SigningKey.from_seed(drawn(f"witness {name}")) for name in ("ngo", "ombudsman", "campus")}
AT = 1_790_000_000


def told_by(*arguments: object) -> tuple[int, str]:
    """Run it as a stranger does, by itself and apart from all of ours."""
    command = [sys.executable, "-I", FILE, *map(str, arguments)]
    done = subprocess.run(command, input=f"1. {PHRASE}\n", capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run it here, which is faster."""

    def run(*arguments: object, phrase: str = PHRASE) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["verify.py", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{phrase}\n"))
        return verify.main(), capsys.readouterr().out

    return run


def event(case: str, seq: int, previous: bytes | None, action: str) -> str:
    """Return the signed body of an event."""
    start = "RECEIVED" if previous else "NEW"
    made = Event(case, seq, previous, action, start, "RECEIVED", date(2026, 11, 26), "reporter", None, {}, ())
    return sign_body(write_event(made), KEY)


def history() -> list[str]:
    """Return the bodies of a complaint's three events."""
    bodies: list[str] = []
    for seq, action in enumerate(("lodge", "message", "withdraw"), 1):
        previous = entry_of(K, seq - 1, bodies[-1]) if bodies else None
        bodies.append(event("a" * 32, seq, previous, action))
    return bodies


def strays() -> dict[str, str]:
    """Return second events that the log has, too, and that do not follow on the first."""
    first = entry_of(K, 1, history()[0])
    return {
        "of another complaint": event("b" * 32, 2, first, "message"),
        "on another event": event("a" * 32, 2, bytes(64), "message"),
    }


def entries() -> list[bytes]:
    """Return the log's entries: padding, one complaint, one public entry."""
    found = padding(SIZES[-1])
    # Two of one kind begin alike, and are no two of one tag.
    found[STATED], found[STATED + 1] = (KIND + sha256(body).digest() for body in (STATEMENT, STATEMENT * 2))
    for seq, (place, body) in enumerate(zip(PLACES, history(), strict=True), 1):
        found[place] = entry_of(K, seq, body)
    for at, body in enumerate(strays().values()):
        found[STRAY + at] = entry_of(bytes([at]) * 32, 2, body)
    return found


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log, and in ``case`` what its complaint's reporter has downloaded."""
    folder = tmp_path_factory.mktemp("log")
    held = lay_out(folder, entries(), SIZES)
    for body in (STATEMENT, STATEMENT * 2):
        write(folder, f"public/{sha256(body).hexdigest()}", body)
    seen(folder, "ngo", "campus")
    for seq, (place, body) in enumerate(zip(PLACES, history(), strict=True), 1):
        _download(folder, held, f"case/{seq}", (K, seq, place, body))
    for at, (name, body) in enumerate(strays().items()):
        _download(folder, held, f"{name}/2", (bytes([at]) * 32, 2, STRAY + at, body))
    write(folder, "policy", policy("2").encode())
    return folder


def _download(folder: Path, held: dict[Tile, bytes], name: str, event: tuple[bytes, int, int, str]) -> None:
    key, seq, place, body = event
    proof = prove_inclusion(nodes_in(held.__getitem__, SIZES[-1]), place, SIZES[-1])
    note = (folder / "checkpoint").read_text()
    write(folder, f"{name}.tlog-proof", write_proof(place, proof, note).encode())
    blind = keyed_hash(derive(key, "blind"), seq.to_bytes(8, "big")).hex()
    opening = f"kentongan/v1/opening\ntag {tag(key, seq).hex()}\nblind {blind}\n\n{body}"
    write(folder, f"{name}.opening", opening.encode())


@pytest.fixture
def log(written: Path, tmp_path: Path) -> Path:
    """The log, to be spoilt."""
    return Path(shutil.copytree(written, tmp_path / "log"))


def seen(folder: Path, *witnesses: str) -> None:
    """Have witnesses sign the newest checkpoint."""
    note = read_note((folder / "checkpoint").read_text())
    lines = [cosign(note.text, AT, f"{each}.example", WITNESSES[each]) for each in witnesses]
    write(folder, "checkpoint", write_note(note.text, [*note.signatures, *lines]).encode())


def policy(needed: str) -> str:
    """Return a policy that asks for so many of the three witnesses."""
    keys = {name: Verifier(f"{name}.example", key.public, COSIGNATURE).vkey for name, key in WITNESSES.items()}
    lines = "".join(f"witness {name} {vkey} https://{name}.example\n" for name, vkey in keys.items())
    return f"# whom we trust\n\nlog {VKEY}\n{lines}group three {needed} {' '.join(keys)}\nquorum three\n"


def test_it_is_one_file_that_needs_the_standard_library_and_cryptography_alone(written: Path, tmp_path: Path) -> None:
    tree = ast.walk(ast.parse(FILE.read_text()))
    names = [each.name for node in tree if isinstance(node, ast.Import) for each in node.names]
    tree = ast.walk(ast.parse(FILE.read_text()))
    names += [str(node.module) for node in tree if isinstance(node, ast.ImportFrom)]
    assert {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) == {"cryptography"}
    status, text = told_by("phrase", written, "--policy", written / "policy", "--salt", SALT)
    assert (status, text.splitlines()) == (
        0,
        [
            "The log's 576 entries are what was signed; no tag stands twice; every public body is there.",
            "Seen by ngo at 2026-09-21 14:13:20+00:00.",
            "Seen by campus at 2026-09-21 14:13:20+00:00.",
            "No earlier checkpoint was kept.",
            *(f"Event {seq} is entry {place}." for seq, place in enumerate(PLACES, 1)),
        ],
    )


def test_a_checkpoint_that_was_kept_is_continued_and_kept_anew(
    told: Callable[..., tuple[int, str]], written: Path, tmp_path: Path
) -> None:
    for size in (*SIZES, 0):
        kept = tmp_path / "kept"
        kept.write_text(sign_checkpoint(Checkpoint(NAME, 0, sha256().digest()), KEY))
        if size:
            shutil.copy(written / f"checkpoint.{size}", kept)
        status, text = told("log", written, "--vkey", VKEY, "--kept", kept)
        assert (status, f"It continues the {size} entries" in text) == (0, True)
        assert kept.read_text() == (written / "checkpoint").read_text()


def test_a_case_is_checked_without_a_network(told: Callable[..., tuple[int, str]], written: Path) -> None:
    status, text = told("case", written / "case", "--policy", written / "policy")
    assert (status, text.splitlines()) == (
        0,
        [
            f"Event {seq}, {action} on 2026-11-26, is entry {place} of the log at 576."
            for seq, (action, place) in enumerate(zip(("lodge", "message", "withdraw"), PLACES, strict=True), 1)
        ],
    )


def test_two_logs_of_one_size_are_the_proof_of_a_fork(
    told: Callable[..., tuple[int, str]], log: Path, tmp_path: Path
) -> None:
    other = entries()
    other[0] = bytes(64)
    held = lay_out(tmp_path / "other", other, SIZES)
    _download(tmp_path / "other", held, "case/3", (K, 3, PLACES[2], history()[2]))
    for path in (tmp_path / "other/case").iterdir():
        shutil.copy(path, log / "case" / path.name)
    status, text = told("case", log / "case", "--vkey", VKEY)
    assert (status, "has signed two histories of 576 entries" in text) == (1, True), text


def test_a_vkey_that_is_given_is_the_only_one(told: Callable[..., tuple[int, str]], log: Path) -> None:
    another = Verifier(NAME, SigningKey.from_seed(bytes(32)).public).vkey
    (log / "own").write_text(f"log {VKEY}\nquorum none\n")
    assert told("log", log, "--policy", log / "own")[0] == 0
    assert told("log", log, "--vkey", another, "--policy", log / "own")[0] == 1


def test_what_an_opening_says_moves_no_cursor(told: Callable[..., tuple[int, str]], log: Path, tmp_path: Path) -> None:
    found, body = entries(), history()[0].replace("action lodge\n", "action \x1b[2K\rlodge\n")
    found[3] = entry_of(K, 1, body)
    held = lay_out(tmp_path / "other", found, SIZES)
    _download(tmp_path / "other", held, "case/1", (K, 1, 3, body))
    status, text = told("case", tmp_path / "other/case", "--vkey", VKEY)
    assert (status, "\x1b" in text, "?[2K?lodge" in text) == (0, False, True)


def test_a_log_that_says_it_has_no_end_is_not_read_into_memory(log: Path) -> None:
    endless = sign_checkpoint(Checkpoint(NAME, 2**62, bytes(32)), KEY)
    (log / "checkpoint").write_text(endless)
    begun = verify.Log(str(log)).bundles(2**62)
    assert len(next(begun)) == 256


@pytest.mark.parametrize("answer", [b"HTTP/1.0 200 OK\r\nContent-Length: 16384\r\n\r\nxx", b"no HTTP\r\n\r\n"])
def test_what_was_cut_off_on_its_way_accuses_nobody(told: Callable[..., tuple[int, str]], answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with server.accept()[0] as connection:
                connection.recv(4096)
                connection.sendall(answer)

        Thread(target=serve, daemon=True).start()
        status, text = told("log", f"http://127.0.0.1:{server.getsockname()[1]}", "--vkey", VKEY)
    assert (status, text.startswith("Not checked: ")) == (2, True), text


def _flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def _rewritten(folder: Path, change: Callable[[list[bytes]], object], size: int = SIZES[-1]) -> None:
    """Write the whole log anew, signed by its own key, as only its operator can."""
    found = entries()
    change(found)
    lay_out(folder, found, (size,))
    seen(folder, "ngo", "campus")


def _signed_by_another(folder: Path) -> None:
    stated = read_note((folder / "checkpoint").read_text()).text
    key = SigningKey.from_seed(drawn("another key"))
    signature = cosign(stated, AT, NAME, key)
    write(folder, "checkpoint", write_note(stated, [signature]).encode())


def _with_a_wrong_signature(folder: Path, name: str, key_id: bytes) -> None:
    line = f"— {name} {b64encode(key_id + bytes(72)).decode()}\n"
    write(folder, "checkpoint", (folder / "checkpoint").read_bytes() + line.encode())


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def _written_otherwise(note: Path) -> None:
    """Set a bit of the last signature's base64 that stands for nothing."""
    text = note.read_text().rstrip("\n=")
    note.write_text(f"{text[:-1]}{chr(ord(text[-1]) + 1)}=\n")


NGO = Verifier("ngo.example", WITNESSES["ngo"].public, COSIGNATURE)
OTHER = Verifier("other.example", SigningKey.from_seed(drawn("another witness")).public, COSIGNATURE)
SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "an entry": (lambda log: _flip(log / "tile/entries/002.p/64", 40), "are not those whose root it has signed"),
    "the length of an entry": (lambda log: _flip(log / "tile/entries/001", 1), "entries/001 does not hold 256 entries"),
    "the end of a bundle": (
        lambda log: (log / "tile/entries/002.p/64").write_bytes((log / "tile/entries/002.p/64").read_bytes()[:-66]),
        "tile/entries/002.p/64 does not hold 64 entries",
    ),
    "a bundle away": (lambda log: (log / "tile/entries/000").unlink(), "tile/entries/000 is not in"),
    "the order": (
        lambda log: _rewritten(log, lambda found: found.reverse()),
        "rewritten: its first 320 entries are not those that it had signed",
    ),
    "the past": (
        lambda log: _rewritten(log, lambda found: found.__setitem__(0, bytes(64))),
        "rewritten: its first 320 entries",
    ),
    "the size": (lambda log: _rewritten(log, lambda _found: None, 256), "taken entries back: it had 320, and has 256"),
    "two entries of one tag": (
        lambda log: _rewritten(log, lambda found: found.__setitem__(500, found[3][:32] + bytes(32))),
        "Entries 3 and 500 have one tag",
    ),
    "a public entry": (
        lambda log: _rewritten(log, lambda found: found.__setitem__(500, KIND + bytes(32))),
        f"Entry 500 says that it is public, and its body is not at public/{'0' * 64}",
    ),
    "a body": (
        lambda log: _flip(log / f"public/{sha256(STATEMENT).hexdigest()}", 3),
        "Entry 100 says that it is public, and its body is not",
    ),
    "the signer": (_signed_by_another, f"is not signed by {NAME}"),
    "another log by the same key": (
        lambda log: write(log, "checkpoint", sign_note(f"other\n576\n{'A' * 43}=\n", NAME, KEY).encode()),
        f"is not signed by {NAME}",
    ),
    "the checkpoint's root": (lambda log: _replace(log / "checkpoint", "\n576\n", "\n577\n"), "does not hold"),
    "the checkpoint's form": (lambda log: _replace(log / "checkpoint", "\n576\n", "\n0576\n"), "is no checkpoint"),
    "the checkpoint's end": (
        lambda log: write(log, "checkpoint", (log / "checkpoint").read_bytes()[:-1]), "is no checkpoint",
    ),
    "a line that is no signature": (
        lambda log: write(log, "checkpoint", (log / "checkpoint").read_bytes() + b"x\n"), "is no checkpoint",
    ),
    "how a signature is written": (
        lambda log: _written_otherwise(log / "checkpoint"), "seen by too few witnesses for your policy: ngo.",
    ),
    "one witness away": (
        lambda log: write(log, "checkpoint", (log / "checkpoint").read_bytes().rsplit("—".encode(), 1)[0]),
        "seen by too few witnesses for your policy: ngo.",
    ),
    "a witness's signature": (
        lambda log: _with_a_wrong_signature(log, NGO.name, NGO.key_id),
        "bears a signature by ngo.example that does not hold",
    ),
}  # fmt: skip


def _keep(log: Path, size: int) -> None:
    shutil.copy(log / f"checkpoint.{size}", log / "kept")


@pytest.mark.parametrize("what", SPOILT)
def test_whatever_was_changed_is_said_with_its_place(
    told: Callable[..., tuple[int, str]], log: Path, what: str
) -> None:
    spoil, sentence = SPOILT[what]
    _keep(log, 320)
    before = (log / "kept").read_text()
    spoil(log)
    status, text = told("log", log, "--policy", log / "policy", "--kept", log / "kept")
    assert sentence in text
    assert status == 1
    # What was not found right is not kept in the place of what was.
    assert (log / "kept").read_text() == before


@pytest.mark.parametrize(
    ("lost", "sentence"),
    [((1,), "has event 3 of this complaint, and lacks event 2."), ((0, 1, 2), "Nothing in the log is of this phrase.")],
)
def test_a_complaint_that_is_missing_in_the_log_is_missed(
    told: Callable[..., tuple[int, str]], log: Path, lost: tuple[int, ...], sentence: str
) -> None:
    _rewritten(log, lambda found: [found.__setitem__(PLACES[at], os.urandom(64)) for at in lost])
    status, text = told("phrase", log, "--vkey", VKEY, "--salt", SALT)
    assert (status, sentence in text) == (1, True)


@pytest.mark.parametrize(("passed", "status"), [(0, 0), (24, 0), (25, 1), (-25, 1)])
def test_a_checkpoint_that_no_witness_has_signed_lately_is_old(
    told: Callable[..., tuple[int, str]], written: Path, monkeypatch: pytest.MonkeyPatch, passed: int, status: int
) -> None:
    """Also where one of two that are needed has, or a clock goes wrong."""
    monkeypatch.setattr(verify.time, "time", lambda: float(AT + 3600 * passed))
    found = told("log", written, "--policy", written / "policy", "--fresh", 24)
    assert (found[0], "too few witnesses have signed it within 24 hours" in found[1]) == (status, status == 1)
    found = told("log", written, "--vkey", VKEY, "--fresh", 24)
    assert (found[0], "--fresh goes with a policy that needs some" in found[1]) == (2, True)


def test_of_those_whom_a_policy_needs_each_must_have_signed_lately() -> None:
    trusted = verify.read_policy(policy("2"))
    for late, fits in ((3600, True), (3602, False)):
        now = int(time.time())
        stated = verify.Checkpoint(64, bytes(32), "", {"ngo": now, "campus": now - late + 1})
        with nullcontext() if fits else pytest.raises(verify.Wrong):
            verify.check_fresh(stated, trusted, 1)


def _beside(kept: Path, other: Path) -> None:
    for end in (".tlog-proof", ".opening"):
        shutil.copy(kept.with_suffix(end), other.with_suffix(end))


def _another_tag(opening: Path) -> None:
    _replace(opening, tag(K, 2).hex(), tag(K, 1).hex())


CASES: dict[str, tuple[Callable[[Path], object], str]] = {
    "the text": (lambda case: _replace(case / "2.opening", "message", "massage"), "does not show that the log has"),
    "the tag": (lambda case: _replace(case / "2.opening", "\ntag ", "\ntag 0"), "2.opening is no opening"),
    "another tag": (lambda case: _another_tag(case / "2.opening"), "2.tlog-proof does not show"),
    "the blind": (lambda case: _replace(case / "2.opening", "\nblind ", "\nblind 0"), "2.opening is no opening"),
    "the index": (lambda case: _replace(case / "2.tlog-proof", "index 70", "index 71"), "2.tlog-proof does not show"),
    "an index beyond": (lambda case: _replace(case / "2.tlog-proof", "index 70", "index 576"), "does not show"),
    "the form": (lambda case: _replace(case / "2.tlog-proof", "index 70", "index 070"), "2.tlog-proof is no proof"),
    "the checkpoint": (lambda case: _replace(case / "2.tlog-proof", "\n576\n", "\n577\n"), "that does not hold"),
    "a line of the event": (lambda case: _replace(case / "2.opening", "\ndate 2026-11-26", ""), "is no opening"),
    "the event's number": (lambda case: _replace(case / "2.opening", "\nseq 2\n", "\nseq x\n"), "is no opening"),
    "an event for one of another complaint": (
        lambda case: shutil.copytree(case.parent / "of another complaint", case, dirs_exist_ok=True), "2 does not",
    ),
    "an event for one that follows on another": (
        lambda case: shutil.copytree(case.parent / "on another event", case, dirs_exist_ok=True), "2 does not follow",
    ),
    "two events for one": (
        lambda case: _beside(case.parent / "of another complaint/2", case / "0"), "Of event 2 there are two histories",
    ),
    "an event away": (lambda case: (case / "2.tlog-proof").unlink(), "Event 3 does not follow on an event 2"),
    "the first away": (lambda case: (case / "1.tlog-proof").unlink(), "Event 2 does not follow on an event 1"),
}


@pytest.mark.parametrize("what", CASES)
def test_whatever_was_changed_of_a_case_is_said(
    told: Callable[..., tuple[int, str]], log: Path, what: str
) -> None:
    spoil, sentence = CASES[what]
    spoil(log / "case")
    status, text = told("case", log / "case", "--policy", log / "policy")
    assert (status, sentence in text) == (1, True), text


@pytest.mark.parametrize("size", [*range(1, 10), 64, 65])
def test_every_inclusion_proof_leads_to_the_root_and_no_other_does(size: int) -> None:
    found = padding(size)
    tree = verify.Tree()
    tree.add(found)
    held = nodes_of([leaf_hash(entry) for entry in found])
    for index in range(size):
        proof = prove_inclusion(held, index, size)
        assert verify.root_by(proof, index, size, found[index]) == tree.root()
        for wrong in ([*proof, bytes(32)], proof[:-1], proof[::-1]):
            assert wrong == proof or verify.root_by(wrong, index, size, found[index]) != tree.root()
        others = [at for at in range(size) if at != index]
        assert all(verify.root_by(proof, at, size, found[index]) != tree.root() for at in others)


def test_an_index_beyond_the_log_is_none() -> None:
    """The only entry of a log is its root by itself, whatever index a proof names."""
    (entry,) = padding(1)
    note = sign_checkpoint(Checkpoint(NAME, 1, leaf_hash(entry)), KEY)
    trusted = verify.read_policy(f"log {VKEY}\nquorum none\n")
    index, log = verify.check_proof(f"c2sp.org/tlog-proof@v1\nindex 0\n\n{note}", entry, trusted, "it")
    assert (index, log.size) == (0, 1)
    with pytest.raises(verify.Wrong):
        verify.check_proof(f"c2sp.org/tlog-proof@v1\nindex 1\n\n{note}", entry, trusted, "it")


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("quorum three", ""), ("quorum three", "quorum four"), ("quorum three", "quorum three\nquorum three"),
        ("group three 2", "group three 4"), ("group three 2", "group three 0"), ("group three 2", "group three some"),
        ("group three 2", "group none 2"), ("group three 2 ngo", "group three 2 none"),
        ("three 2 ngo", "three 2 ngo ngo"),
        ("witness campus", "witness ngo"), ("quorum three", "group four 1 ngo\nquorum four"), ("log", "logs"),
        ("log ", "log a b "), ("witness ngo ", "witness ngo x"), ("campus.example+", "campus.example+0"),
        ("quorum three", f"witness ngo {OTHER.vkey}\nquorum three"),
        ("quorum three", f"witness four {NGO.vkey}\nquorum three"),
        ("quorum three", f"witness three {OTHER.vkey}\nquorum three"),
        ("quorum three", f"witness none {OTHER.vkey}\nquorum three"),
        ("quorum three", f"witness four {OTHER.vkey}\ngroup three any four\nquorum three"),
        (f"log {VKEY}", f"log {VKEY}\nlog {VKEY}"), ("group three 2", "group three 2 three"),
    ],
)  # fmt: skip
def test_a_policy_that_is_not_understood_is_none(line: str, instead: str) -> None:
    assert line in policy("2")
    with pytest.raises(verify.Unchecked):
        verify.read_policy(policy("2").replace(line, instead, 1))


@pytest.mark.parametrize(
    ("needed", "has", "lacks"),
    [("any", {"ngo"}, set()), ("2", {"ngo", "campus"}, {"ngo"}), ("all", set(WITNESSES), {"ngo", "campus"})],
)
def test_a_quorum_is_so_many_of_its_members(needed: str, has: set[str], lacks: set[str]) -> None:
    read = verify.read_policy(policy(needed))
    assert read.holds(has)
    assert not read.holds(lacks)
    nested = policy(needed).replace("quorum three", "group both all three\nquorum both")
    assert verify.read_policy(nested).holds(has)
    assert not verify.read_policy(nested).holds(lacks)


def test_what_cannot_be_checked_is_told_apart_from_what_is_wrong(
    told: Callable[..., tuple[int, str]], written: Path, tmp_path: Path
) -> None:
    asked = [
        ("log", written),
        ("log", written, "--vkey", VKEY[:-4]),
        ("log", written, "--vkey", NGO.vkey),
        ("log", "http://127.0.0.1:1", "--vkey", VKEY),
        ("log", written, "--policy", tmp_path / "none"),
        ("case", tmp_path, "--vkey", VKEY),
        ("phrase", written, "--vkey", VKEY, "--salt", SALT[:-1]),
    ]
    for arguments in asked:
        status, text = told(*arguments)
        assert (status, text.startswith("Not checked: ")) == (2, True), text
    assert told("phrase", written, "--vkey", VKEY, "--salt", SALT, phrase="arloji sosis")[0] == 2


def test_a_log_is_read_from_the_web(told: Callable[..., tuple[int, str]], log: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(log))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert told("log", f"{address}/", "--policy", log / "policy")[0] == 0
        (log / "tile/entries/001").unlink()
        missed = "WRONG: tile/entries/001: the log answers 404.\n"
        assert told("log", address, "--vkey", VKEY) == (1, missed)
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder, and says nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_a_vkey_is_of_its_kind_and_length() -> None:
    name, given, key = VKEY.split("+", 2)
    other_kind = b64encode(b"\x05" + KEY.public).decode()
    for wrong in (f"{name}+{given}+{other_kind}", Verifier(NAME, bytes(33)).vkey, f"+{given}+{key}", name, ""):
        with pytest.raises(verify.Unchecked):
            verify.read_key(wrong, verify.LOG)
    assert verify.read_key(f" {VKEY}\n", verify.LOG).public == KEY.public


@pytest.mark.parametrize("index", [0, 7, 999, 1000, 1_234_067, 12_345_678])
@pytest.mark.parametrize("width", [1, 255, 256])
def test_bundles_lie_where_ours_do(index: int, width: int) -> None:
    assert verify.bundle_path(index, width) == Tile(None, index, width).path
    assert len(verify.entries_in(write_bundle(padding(width)), Tile(None, index, width).path)) == width
