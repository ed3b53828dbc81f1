"""Go's own reader of transparency logs (golang.org/x/mod/sumdb) accepts ours, and nothing that was tampered with."""

import json
import os
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from kernel.vault import SigningKey
from ledger.checkpoints import Checkpoint, sign_checkpoint
from ledger.notes import COSIGNATURE, Verifier, cosign, read_note, write_note
from ledger.tiles import Tile, nodes_in
from ledger.tree import prove_consistency, prove_inclusion
from tests.ledger.shown import KEY, NAME, VKEY, lay_out, write
from tests.machine import GOPATH, program
from tests.vectors.inputs import drawn

SOURCE = Path(__file__).parent / "stranger"
WITNESS_KEY = SigningKey.from_seed(drawn("a witness's key"))
WITNESS = Verifier("witness.example/w1", WITNESS_KEY.public, COSIGNATURE)
# One that ends a tile, one a level, one with a tile of a third level.
SIZES = (1, 64, 256, 320, 66_112)
PLACES = [Tile(0, 0), Tile(1, 999, 255), Tile(2, 1000), Tile(0, 1234067, 1), Tile(None, 1_000_000, 64), Tile(63, 7)]


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, built from its source and Debian's library alone."""
    built = tmp_path_factory.mktemp("go") / "stranger"
    settings = {"GO111MODULE": "off", "GOPATH": str(GOPATH), "GOCACHE": str(built.parent / "cache"), "GOPROXY": "off"}
    subprocess.run([program("go"), "build", "-o", built, "."], cwd=SOURCE, env=os.environ | settings, check=True)
    return built


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log as it is served, each size with its tiles, bundles and checkpoint; and what we claim of it."""
    folder = tmp_path_factory.mktemp("log")
    entries = [at.to_bytes(4, "big") * 16 for at in range(SIZES[-1])]
    held = lay_out(folder, entries, SIZES)
    _claim(folder, held, entries)
    return folder


def _claim(folder: Path, held: dict[Tile, bytes], entries: list[bytes]) -> None:
    inclusions, continued = [], []
    for size in SIZES:
        nodes = nodes_in(held.__getitem__, size)
        for index in {0, size // 3, size - 1}:
            proof = _texts(prove_inclusion(nodes, index, size))
            inclusions.append({"size": size, "index": index, "entry": _text(entries[index]), "proof": proof})
        for old in (old for old in SIZES if old <= size):
            continued.append({"old": old, "new": size, "proof": _texts(prove_consistency(nodes, old, size))})
    # Go calls entries level -1.
    paths = [
        {"level": -1 if tile.level is None else tile.level, "index": tile.index, "width": tile.width, "path": tile.path}
        for tile in PLACES
    ]
    note = read_note((folder / "checkpoint").read_text())
    signature = cosign(note.text, 1_790_000_000, WITNESS.name, WITNESS_KEY)
    said = {
        "vkey": VKEY, "witness": WITNESS.vkey, "cosigned": write_note(note.text, [*note.signatures, signature]),
        "paths": paths, "inclusions": inclusions, "continued": continued,
    }  # fmt: skip
    write(folder, "claims.json", json.dumps(said).encode())


def _text(content: bytes) -> str:
    return b64encode(content).decode()


def _texts(proof: list[bytes]) -> list[str]:
    return [_text(part) for part in proof]


def asked(stranger: Path, folder: Path) -> tuple[int, str]:
    done = subprocess.run([stranger, folder], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_strangers_program_accepts_checkpoints_tiles_entries_and_proofs(stranger: Path, written: Path) -> None:
    assert asked(stranger, written) == (0, "all of it holds\n")


def _changed_tile(folder: Path) -> None:
    _flip(folder / "tile/0/000.p/64", 40)


def _changed_entry(folder: Path) -> None:
    _flip(folder / "tile/entries/000", 5)


def _another_root(folder: Path) -> None:
    stated = Checkpoint(NAME, 320, sha256().digest())
    (folder / "checkpoint.320").write_text(sign_checkpoint(stated, KEY))


def _another_signer(folder: Path) -> None:
    note = folder / "checkpoint.256"
    note.write_text(note.read_text().replace("256\n", "257\n"))


def _another_proof(folder: Path) -> None:
    said = json.loads((folder / "claims.json").read_text())
    said["continued"][-2]["proof"].reverse()
    (folder / "claims.json").write_text(json.dumps(said))


def _another_time(folder: Path) -> None:
    said = json.loads((folder / "claims.json").read_text())
    signed = read_note(said["cosigned"])
    *others, last = signed.signatures
    later = replace(last, signature=(1_790_000_001).to_bytes(8, "big") + last.signature[8:])
    (folder / "claims.json").write_text(json.dumps(said | {"cosigned": write_note(signed.text, [*others, later])}))


def _flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


SPOILT: dict[Callable[[Path], None], str] = {
    _changed_tile: "inconsistent tile",
    _changed_entry: "is another",
    _another_root: "inconsistent tile",
    _another_signer: "invalid signature",
    _another_proof: "another proof",
    _another_time: "invalid signature",
}


@pytest.mark.parametrize("spoil", SPOILT)
def test_a_strangers_program_accepts_nothing_that_was_changed(
    stranger: Path, written: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    folder = tmp_path / "log"
    shutil.copytree(written, folder)
    spoil(folder)
    status, told = asked(stranger, folder)
    assert status == 1
    assert SPOILT[spoil] in told
