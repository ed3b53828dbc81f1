"""The integrator: takes over what waits into the leaves and tiles, and advances the head. Any number may run.

Who integrates holds the head, and only then reads what waits: indices come from the head, never from a sequence, and
what is written meanwhile waits for the next turn. All of a turn stands, or none of it does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Select, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from kernel import clock
from kernel.database import Reader, db, execute, put, table_of, transaction
from kernel.directory.models import Statement
from ledger.models import ENTRY_BYTES, Head, Leaf, Pending, PublicEntry, StoredTile
from ledger.public import MARK, Kind, is_public, kind_of, public_entry, refilled_body
from ledger.tiles import Tile, grown, nodes_in
from ledger.tree import HASH_BYTES, leaf_hash, root_of

# Entries come in such batches, filled up with random ones: how many come tells nobody how much happened.
BATCH = 64
# So many a turn, that nobody who writes waits long for the integrator.
MOST = 8 * BATCH

_HEAD = table_of(Head)
_HOLD = select(Head.size).with_for_update()
_WAITING = select(Pending.entry).limit(MOST)
# All that begin with the mark, and nothing else, lies between it and itself with a larger last byte.
_PUBLIC_WAITING = _WAITING.where(Pending.entry >= MARK, Pending.entry < MARK[:-1] + bytes([MARK[-1] + 1]))
_UNSTATED = select(Statement.id, Statement.body).where(~exists().where(PublicEntry.statement_id == Statement.id))
_PUBLIC = select(PublicEntry.kind).where(PublicEntry.entry == bindparam("entry"))
_TILES = table_of(StoredTile)
_IS_TILE = _TILES.c.level == bindparam("at_level"), _TILES.c.number == bindparam("at_number")
_TILE = select(_TILES.c.content).where(*_IS_TILE)
_GROW = update(_TILES).where(*_IS_TILE).values(content=bindparam("grown"))
_TAKEN = delete(table_of(Pending)).where(exists().where(Leaf.entry == table_of(Pending).c.entry))
# That it goes on from where it stood, by as many leaves as there are, the database sees to.
_ADVANCE = update(_HEAD).values(size=bindparam("now"), root=bindparam("top"))


class OtherLog(Exception):
    """Entries that do not continue the log here; nothing of them was kept."""


def integrate() -> None:
    """Take over everything that waits now; what is written meanwhile waits for the next time."""
    _take_over(_WAITING)


def integrate_public() -> None:
    """Take over what is public, and nothing of any case: when an event came, its batch would tell."""
    _take_over(_PUBLIC_WAITING)


def _take_over(which: Select[bytes]) -> None:
    while True:
        with transaction() as session:
            size = execute(session, _HOLD).scalar_one()
            _state(session)
            waiting = list(execute(session, which).scalars())
            if waiting:
                _enter(session, size, waiting)
        if len(waiting) < MOST:
            return


def state(kind: Kind, body: str) -> None:
    """Have a public entry wait, with its body to read, unless it was made before."""
    entry = public_entry(kind, body)
    with Session(db.engine) as looking:
        if _is_public(looking, entry):
            return
    with transaction() as session:
        execute(session, _HOLD)  # so that two who state the same do it one after the other
        _make_public(session, entry, body)


def refill(entries: Sequence[bytes], bodies: Callable[[bytes], str | None], root: bytes) -> None:
    """Put back behind what there is the entries that an older database lacks; raises ``OtherLog``.

    ``entries`` are all of the log's, in its order, of which ``root`` is published; ``bodies`` returns that of a public
    entry, ``None`` where nobody has it. What waits and was entered already waits no longer. That it was done is stated
    for everybody: of the events that are lost another of the same number may happen, with the same tag.
    """
    with transaction() as session:
        size = execute(session, _HOLD).scalar_one()
        _state(session)
        lacking = list(entries[size:])
        if not lacking:
            raise OtherLog("Nothing is lacking: the log here is as long.")
        for entry in filter(is_public, lacking):
            _make_public(session, entry, bodies(entry))
        if _append(session, size, lacking) != root:
            raise OtherLog("These entries do not continue the log here to what was published.")
        stated = refilled_body(clock.now().date(), size, size + len(lacking))
        _make_public(session, public_entry(Kind.REFILLED, stated), stated)


def tiles_in(session: Reader) -> Callable[[Tile], bytes]:
    """Return what reads tiles of hashes, each as wide as it is asked for; it raises ``KeyError`` where one is not."""

    def read(tile: Tile) -> bytes:
        found = execute(session, _TILE, at_level=tile.level, at_number=tile.index).scalar()
        if found is None or len(found) < tile.width * HASH_BYTES:
            raise KeyError(tile)
        return bytes(found[: tile.width * HASH_BYTES])

    return read


def _state(session: Session) -> None:
    """Make a public entry of every statement that has none: it waits from now on."""
    found = [(number, body, public_entry(Kind.STATEMENT, body)) for number, body in execute(session, _UNSTATED).all()]
    rows = [
        {"entry": entry, "kind": Kind.STATEMENT, "body": body, "statement_id": number}
        for number, body, entry in found
        if not _is_public(session, entry)  # as one is that was had back from a mirror, and then stated again
    ]
    if rows:
        put(session, PublicEntry, *rows)


def _enter(session: Session, size: int, waiting: list[bytes]) -> None:
    """Append a whole number of batches, in the order of their bytes, which is nobody's order."""
    _append(session, size, sorted([*waiting, *(os.urandom(ENTRY_BYTES) for _entry in range(-len(waiting) % BATCH))]))


def _append(session: Session, size: int, entries: list[bytes]) -> bytes:
    """Put entries behind the log's last, as they come; return its root."""
    put(session, Leaf, *({"idx": size + at, "entry": entry} for at, entry in enumerate(entries)))
    stored = tiles_in(session)
    changed = grown(stored, size, [leaf_hash(entry) for entry in entries])
    _keep(session, changed, size)
    execute(session, _TAKEN)
    now = size + len(entries)
    top = root_of(nodes_in(lambda tile: changed.get(tile) or stored(tile), now), now)
    execute(session, _ADVANCE, now=now, top=top)
    return top


def _is_public(session: Reader, entry: bytes) -> bool:
    return execute(session, _PUBLIC, entry=entry).scalar() is not None


def _make_public(session: Session, entry: bytes, body: str | None) -> None:
    if not _is_public(session, entry) and body is not None:
        put(session, PublicEntry, {"entry": entry, "kind": kind_of(entry), "body": body, "statement_id": None})


def _keep(session: Session, changed: Mapping[Tile, bytes], size: int) -> None:
    for tile, content in changed.items():
        if tile.is_begun_by(size):
            execute(session, _GROW, at_level=tile.level, at_number=tile.index, grown=content)
        else:
            put(session, StoredTile, {"level": tile.level, "number": tile.index, "content": content})
