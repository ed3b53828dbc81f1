"""A log as it is shown to everybody, laid out in a folder at each of its sizes; and what its tests are made of."""

from hashlib import sha256
from pathlib import Path

from kernel.vault import SigningKey
from ledger.checkpoints import Checkpoint, sign_checkpoint
from ledger.notes import Verifier
from ledger.tiles import WIDTH, Tile, grown, nodes_in, tiles_of, write_bundle
from ledger.tree import leaf_hash, root_of
from tests.vectors.inputs import drawn

NAME = "kentongan.example/log"
KEY = SigningKey.from_seed(drawn("a log's key"))
VKEY = Verifier(NAME, KEY.public).vkey


def padding(count: int) -> list[bytes]:
    """Return entries of 64 bytes, none like another."""
    return [sha256(at.to_bytes(4, "big")).digest() + sha256(at.to_bytes(5, "big")).digest() for at in range(count)]


def lay_out(folder: Path, entries: list[bytes], sizes: tuple[int, ...], name: str = NAME) -> dict[Tile, bytes]:
    """Write tiles, bundles and a checkpoint of each size, the last one also as the newest; return all tiles."""
    held: dict[Tile, bytes] = {}
    for before, size in zip((0, *sizes), sizes, strict=False):
        held |= grown(held.__getitem__, before, [leaf_hash(entry) for entry in entries[before:size]])
        _publish(folder, held, entries[:size], name)
    write(folder, "checkpoint", (folder / f"checkpoint.{sizes[-1]}").read_bytes())
    return held


def _publish(folder: Path, held: dict[Tile, bytes], entries: list[bytes], name: str) -> None:
    size = len(entries)
    for tile in tiles_of(size):
        write(folder, tile.path, held[tile])
        if tile.level == 0:
            first = tile.index * WIDTH
            bundle = write_bundle(entries[first : first + tile.width])
            write(folder, Tile(None, tile.index, tile.width).path, bundle)
    root = root_of(nodes_in(held.__getitem__, size), size)
    write(folder, f"checkpoint.{size}", sign_checkpoint(Checkpoint(name, size, root), KEY).encode())


def write(folder: Path, path: str, content: bytes) -> None:
    """Write a file of the log's."""
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content)
