"""The tree cut into tiles, as c2sp.org/tlog-tiles says: of height 8, some partial; and bundles of entries. Pure.

The n-th tile of level L holds up to 256 hashes, each the root of a full tile of the level below (of a leaf at level 0).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, takewhile

from ledger.tree import HASH_BYTES, Nodes, whole

HEIGHT = 8
WIDTH = 1 << HEIGHT
HIGHEST = 63
ENTRIES = "entries"
LENGTH_BYTES = 2
PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class NoTile(ValueError):
    """A path that names no tile, or bytes that are no bundle of entries."""


@dataclass(frozen=True)
class Tile:
    """One tile: of hashes, or, where ``level`` is ``None``, the bundle of the entries under a tile of level 0."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The path below a log's address: ``tile/0/x001/x234/067.p/8``."""
        level = ENTRIES if self.level is None else self.level
        *above, last = _threes(self.index)
        name = "".join(f"x{digits}/" for digits in above) + last
        return f"tile/{level}/{name}" + (f".p/{self.width}" if self.width < WIDTH else "")

    @classmethod
    def read(cls, path: str) -> Tile:
        """Read a path; raises ``NoTile`` on any that ``path`` would not write."""
        found = PATH.fullmatch(path)
        if found is None:
            raise NoTile
        level, index, width = found.groups()
        digits = index.replace("x", "").replace("/", "")
        tile = cls(None if level == ENTRIES else int(level), int(digits), int(width or WIDTH))
        if tile.path != path or (tile.level or 0) > HIGHEST:
            raise NoTile
        return tile

    @property
    def sizes(self) -> range:
        """The sizes of the trees that have this tile: a full one stays, a partial one grows out of its width."""
        span = WIDTH ** (self.level or 0)
        least = (self.index * WIDTH + self.width) * span
        return range(least, least + span) if self.width < WIDTH else range(least, 1 << HIGHEST)

    def is_begun_by(self, size: int) -> bool:
        """Tell whether a tree of ``size`` entries has any of this tile, however wide."""
        return self.index * WIDTH < size >> (HEIGHT * (self.level or 0))


def tiles_of(size: int) -> Iterator[Tile]:
    """Return every tile of hashes of a tree, the partial ones at the right of each level included."""
    for level in takewhile(lambda level: size >> (HEIGHT * level), count()):
        yield from (Tile(level, index) for index in range(size >> (HEIGHT * level) >> HEIGHT))
    yield from partial_tiles_of(size)


def partial_tiles_of(size: int) -> Iterator[Tile]:
    """Return the tiles of hashes of a tree that are not full: at most one a level."""
    for level in takewhile(lambda level: size >> (HEIGHT * level), count()):
        full, width = divmod(size >> (HEIGHT * level), WIDTH)
        if width:
            yield Tile(level, full, width)


def bundle_under(tile: Tile) -> Tile:
    """Return the bundle of the entries whose hashes a tile of level 0 has."""
    return Tile(None, tile.index, tile.width)


def nodes_in(read: Callable[[Tile], bytes], size: int) -> Nodes:
    """Return the subtrees of the tree of ``size`` entries, from tiles that ``read`` brings, each asked for once."""
    kept: dict[Tile, bytes] = {}

    def node(level: int, index: int) -> bytes:
        row, height = divmod(level, HEIGHT)
        number, offset = divmod(index << height, WIDTH)
        tile = Tile(row, number, min(WIDTH, (size >> (HEIGHT * row)) - number * WIDTH))
        if tile not in kept:
            kept[tile] = read(tile)
        return whole(hashes_in(kept[tile])[offset : offset + (1 << height)])

    return node


def grown(read: Callable[[Tile], bytes], size: int, leaves: Sequence[bytes]) -> dict[Tile, bytes]:
    """Return the tiles that change when leaf hashes come after ``size`` entries, with all they hold then."""
    found: dict[Tile, bytes] = {}
    level = 0
    while leaves:
        first, width = divmod(size >> (HEIGHT * level), WIDTH)
        held = hashes_in(read(Tile(level, first, width))) if width else []
        rows = _rows([*held, *leaves])
        found |= {Tile(level, first + at, len(row)): b"".join(row) for at, row in enumerate(rows)}
        leaves = [whole(row) for row in rows if len(row) == WIDTH]
        level += 1
    return found


def hashes_in(content: bytes) -> list[bytes]:
    """Part a tile into its hashes."""
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]


def write_bundle(entries: Sequence[bytes]) -> bytes:
    """Write entries as a bundle: each after its length, u16be."""
    return b"".join(len(entry).to_bytes(LENGTH_BYTES, "big") + entry for entry in entries)


def read_bundle(content: bytes) -> list[bytes]:
    """Read a bundle's entries; raises ``NoTile`` where it ends within one."""
    entries, at = [], 0
    while at < len(content):
        start = at + LENGTH_BYTES
        at = start + int.from_bytes(content[at:start], "big")
        entries.append(content[start:at])
    if at != len(content):
        raise NoTile
    return entries


def _rows(hashes: Sequence[bytes]) -> list[Sequence[bytes]]:
    return [hashes[at : at + WIDTH] for at in range(0, len(hashes), WIDTH)]


def _threes(index: int) -> list[str]:
    digits = str(index)
    digits = digits.zfill(len(digits) + -len(digits) % 3)
    return [digits[at : at + 3] for at in range(0, len(digits), 3)]
