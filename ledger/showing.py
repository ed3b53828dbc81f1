"""What of the published log is shown: the same bytes, served below ``/log/`` or exported as files."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import bindparam, select

from kernel.database import Reader, execute
from ledger.integrating import tiles_in
from ledger.models import Leaf, PublicEntry, Published
from ledger.tiles import WIDTH, Tile, bundle_under, partial_tiles_of, tiles_of, write_bundle

HASH_AT = 32
_ENTRIES = select(Leaf.entry).where(Leaf.idx >= bindparam("first"), Leaf.idx < bindparam("end")).order_by(Leaf.idx)
_SIZES = select(Published.size).where(Published.size < bindparam("size")).order_by(Published.size)
_BODIES = (
    select(PublicEntry.entry, PublicEntry.body)
    .join(Leaf, Leaf.entry == PublicEntry.entry)
    .where(Leaf.idx < bindparam("size"))
    .order_by(Leaf.idx)
)


def content_of(session: Reader, tile: Tile) -> bytes:
    """Return what a tile holds that was published: hashes, or entries; raises ``KeyError`` where it is not there."""
    if tile.level is not None:
        return tiles_in(session)(tile)
    first = tile.index * WIDTH
    entries = list(execute(session, _ENTRIES, first=first, end=first + tile.width).scalars())
    if len(entries) != tile.width:
        raise KeyError(tile)
    return write_bundle(entries)


def tiles_shown(session: Reader, size: int) -> list[Tile]:
    """Return every tile that is shown since ``size`` entries are published, each once: also of every smaller tree."""
    smaller = (tile for each in execute(session, _SIZES, size=size).scalars() for tile in partial_tiles_of(each))
    found = dict.fromkeys([*tiles_of(size), *smaller])
    return [*found, *(bundle_under(tile) for tile in found if tile.level == 0)]


def bodies_shown(session: Reader, size: int) -> Iterator[tuple[str, bytes]]:
    """Yield the bodies of the public ones among the first ``size`` entries, each with its path."""
    for entry, body in execute(session, _BODIES, size=size):
        yield f"public/{entry[HASH_AT:].hex()}", body.encode()
