"""Whether leaves, tiles, head and what was published are one log: everything computed anew, from the entries alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from kernel.vault import Malformed
from ledger.checkpoints import open_checkpoint
from ledger.integrating import tiles_in
from ledger.models import Head, Leaf, PublicEntry, Published
from ledger.notes import Verifier
from ledger.public import MARK, Kind, public_entry
from ledger.tiles import WIDTH, Tile, grown, nodes_in, tiles_of
from ledger.tree import leaf_hash, root_of

Advance = Callable[[int], None]

# Whatever happened to a case either waits or is in the log; what says that it is public has a body to read.
_LOST = text("""
    SELECT case_id, seq FROM case_events AS event
    WHERE NOT EXISTS (SELECT 1 FROM log_leaf WHERE entry = event.entry)
        AND NOT EXISTS (SELECT 1 FROM log_pending WHERE entry = event.entry)
    ORDER BY case_id, seq
""")
_UNSEEN = text("""
    SELECT kind FROM log_public AS public
    WHERE NOT EXISTS (SELECT 1 FROM log_leaf WHERE entry = public.entry)
        AND NOT EXISTS (SELECT 1 FROM log_pending WHERE entry = public.entry)
""")


def faults(session: Session, log: Verifier, advance: Advance) -> Iterator[str]:
    """Yield whatever does not hold, a line each; ``advance`` is told of entries as they are looked at."""
    size, root = session.execute(select(Head.size, Head.root)).one()
    wrong = list(_tile_faults(session, size, advance))
    yield from wrong
    # Of tiles that are made of their entries every root follows; of others none is worth telling.
    yield from [] if wrong else _root_faults(session, size, root, log)
    yield from (f"event {row.seq} of case {row.case_id} is not in the log" for row in session.execute(_LOST))
    yield from (f"a public entry ({kind}) is not in the log" for kind in session.scalars(_UNSEEN))
    yield from _public_faults(session)


def _tile_faults(session: Session, size: int, advance: Advance) -> Iterator[str]:
    """Make every tile anew and compare it."""
    made: dict[tuple[int | None, int], bytes] = {}
    for first in range(0, size, WIDTH):
        query = select(Leaf.entry).where(Leaf.idx >= first, Leaf.idx < min(first + WIDTH, size)).order_by(Leaf.idx)
        hashes = [leaf_hash(entry) for entry in session.scalars(query)]
        tiles = grown(lambda tile: made[tile.level, tile.index], first, hashes)
        made |= {(tile.level, tile.index): content for tile, content in tiles.items()}
        advance(len(hashes))
    stored = tiles_in(session)
    for tile in tiles_of(size):
        if made.get((tile.level, tile.index)) != _read(stored, tile):
            yield f"{tile.path} is not made of its entries"


def _read(stored: Callable[[Tile], bytes], tile: Tile) -> bytes:
    try:
        return stored(tile)
    except KeyError:
        return b""


def _root_faults(session: Session, size: int, root: bytes, log: Verifier) -> Iterator[str]:
    if session.scalar(select(Leaf.idx).where(Leaf.idx >= size).limit(1)) is not None:
        yield f"the head says {size} entries, and there are more"
    stored = tiles_in(session)
    if root_of(nodes_in(stored, size), size) != root:
        yield f"the head's root is not that of its {size} entries"
    for published in session.scalars(select(Published).order_by(Published.size)):
        at = min(published.size, size)
        if _stated(published, log) != (published.size, root_of(nodes_in(stored, at), at)):
            yield f"the checkpoint of {published.size} entries is not of this log"


def _stated(published: Published, log: Verifier) -> tuple[int, bytes] | None:
    """Return what a checkpoint's note states, if the log signed it and the row says the same."""
    try:
        found = open_checkpoint(published.note, log)
    except Malformed:
        return None
    return (found.size, found.root) if found.root == published.root else None


def _public_faults(session: Session) -> Iterator[str]:
    kept = {row.entry: row for row in session.scalars(select(PublicEntry))}
    said = session.execute(select(Leaf.idx, Leaf.entry).where(Leaf.entry.between(MARK, MARK + b"\xff" * 48)))
    for idx, entry in said:
        public = kept.get(entry)
        if public is None or public_entry(Kind(public.kind), public.body) != entry:
            yield f"entry {idx} says that it is public, and its body is not here"
