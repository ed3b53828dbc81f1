"""Whether all that was ever published is one log: each two checkpoints, by a proof that one continues the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from ledger.checkpoints import Checkpoint, open_checkpoint
from ledger.models import Leaf, Pending, Published, StoredTile
from ledger.notes import Verifier
from ledger.tiles import Tile, nodes_in
from ledger.tree import HASH_BYTES, Nodes, continues, prove_consistency
from ledger.verifying import Kept, faults


def published_by_now(engine: Engine, last: Path) -> set[str]:
    """Return every checkpoint that somebody may have: the published ones, and what the publisher has signed last."""
    with Session(engine) as session:
        notes = set(session.scalars(select(Published.note)))
    return notes | ({last.read_text()} if last.exists() else set())


def contradictions(engine: Engine, notes: Iterable[str], log: Verifier) -> list[str]:
    """Return which two of ``notes`` are not of one log: of one size with two roots, or without a proof."""
    stated = sorted({open_checkpoint(note, log) for note in notes}, key=lambda each: each.size)
    held = _tiles(engine)
    return [f"{old.size} and {new.size}" for old, new in combinations(stated, 2) if not _is_continued(old, new, held)]


def broken_promises(engine: Engine, promised: Iterable[bytes]) -> list[str]:
    """Return which entries of acknowledged events are neither in the log, once, nor wait for it."""
    with Session(engine) as session:
        logged = list(session.scalars(select(Leaf.entry)))
        waiting = set(session.scalars(select(Pending.entry)))
    found = set(logged) | waiting
    doubled = len(logged) - len(set(logged))
    return [entry.hex() for entry in promised if entry not in found] + [f"{doubled} doubled"] * bool(doubled)


def log_faults(engine: Engine, log: Verifier, secret: bytes, notes: Iterable[str]) -> Iterator[str]:
    """Yield what ``flask ledger verify`` would say, and which of all that was published contradicts another."""
    kept = [Kept(f"kept {at}", note) for at, note in enumerate(sorted(notes))]
    with Session(engine) as session:
        yield from faults(session, log, secret, kept, lambda _more: None)
    yield from (f"not one log: {each}" for each in contradictions(engine, notes, log))


def _is_continued(old: Checkpoint, new: Checkpoint, held: dict[tuple[int, int], bytes]) -> bool:
    try:
        proof = prove_consistency(_nodes(held, new.size), old.size, new.size)
    except KeyError:
        return False
    return continues(old.root, old.size, new.root, new.size, proof)


def _nodes(held: dict[tuple[int, int], bytes], size: int) -> Nodes:
    def read(tile: Tile) -> bytes:
        content = held[int(tile.level or 0), tile.index][: tile.width * HASH_BYTES]
        if len(content) < tile.width * HASH_BYTES:
            raise KeyError(tile)
        return content

    return nodes_in(read, size)


def _tiles(engine: Engine) -> dict[tuple[int, int], bytes]:
    with Session(engine) as session:
        return {(row.level, row.number): bytes(row.content) for row in session.scalars(select(StoredTile))}
