"""Whether database, log and what was published are one: everything computed anew, from the entries alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

from sqlalchemy import Date, bindparam, exists, func, or_, select, text
from sqlalchemy.orm import Session

from kernel import clock
from kernel.database import execute
from kernel.vault import Malformed, Unreadable
from ledger.checkpoints import Checkpoint, open_checkpoint
from ledger.entries import entry_of, tag
from ledger.integrating import tiles_in
from ledger.models import Head, Leaf, LedgerKey, Pending, PublicEntry, Published
from ledger.notes import Verifier
from ledger.promises import MERGED_WITHIN
from ledger.public import MARK, Kind, Refill, kind_of, read_erased, read_refill
from ledger.services import open_key
from ledger.tiles import WIDTH, Tile, grown, hashes_in, nodes_in, tiles_of
from ledger.tree import leaf_hash, root_of

HALF = 32
Advance = Callable[[int], None]
Tiles = Mapping[tuple[int | None, int], bytes]

_KEYS = select(LedgerKey.complaint_id, LedgerKey.box).order_by(LedgerKey.complaint_id)
_BETWEEN = [exists().where(each.entry.between(bindparam("least"), bindparam("most"))) for each in (Leaf, Pending)]
_THERE = select(or_(*_BETWEEN))
_EVENTS = text("SELECT seq, body, entry FROM case_events WHERE case_id = :case ORDER BY seq")
_KEYLESS = text("""
    SELECT case_id, seq FROM case_events AS event
    WHERE NOT EXISTS (SELECT 1 FROM ledger_keys WHERE complaint_id = event.case_id)
        AND NOT EXISTS (SELECT 1 FROM log_leaf WHERE entry = event.entry)
        AND NOT EXISTS (SELECT 1 FROM log_pending WHERE entry = event.entry)
    ORDER BY case_id, seq
""")
# Without its key an entry of an erased case is nobody's to compute; of no other may that be so.
_UNERASED = text("""
    SELECT id FROM cases
    WHERE state <> 'PURGED' AND NOT EXISTS (SELECT 1 FROM ledger_keys WHERE complaint_id = cases.id) ORDER BY id
""")
# Whatever was erased is stated, once: on the day of its event, for its desk.
_ERASED = text("""
    SELECT event.day AS day, cases.desk_id AS desk, count(*) AS count FROM case_events AS event
    JOIN cases ON cases.id = event.case_id WHERE event.action = 'purge' GROUP BY event.day, cases.desk_id
""").columns(day=Date)
# What still waits has no place yet.
_STATED_ERASED = (
    select(func.coalesce(Leaf.idx, -1), PublicEntry.body)
    .outerjoin(Leaf, Leaf.entry == PublicEntry.entry)
    .where(PublicEntry.kind == Kind.ERASED)
)
# Nothing of a case's waits for longer than its reporters are promised, whoever acted.
_OVERDUE = text("""
    SELECT case_id, seq, day FROM case_events AS event
    WHERE day < :due AND NOT EXISTS (
        SELECT 1 FROM log_leaf WHERE entry = event.entry AND idx < (SELECT coalesce(max(size), 0) FROM log_checkpoint))
    ORDER BY case_id, seq
""").bindparams(bindparam("due", type_=Date)).columns(day=Date)
_UNSEEN = text("""
    SELECT kind FROM log_public AS public
    WHERE NOT EXISTS (SELECT 1 FROM log_leaf WHERE entry = public.entry)
        AND NOT EXISTS (SELECT 1 FROM log_pending WHERE entry = public.entry)
""")
_TWICE = text("""
    SELECT idx, substr(entry, 1, 32) AS tag FROM log_leaf WHERE substr(entry, 1, 32) IN (
        SELECT substr(entry, 1, 32) FROM log_leaf WHERE substr(entry, 1, 16) <> :mark
        GROUP BY substr(entry, 1, 32) HAVING count(*) > 1
    ) ORDER BY tag, idx
""")
_REFILLED = select(Leaf.idx, PublicEntry.body).join(PublicEntry, PublicEntry.entry == Leaf.entry).where(
    PublicEntry.kind == Kind.REFILLED
)
_PLACES = select(Leaf.idx).where(Leaf.entry.between(bindparam("least"), bindparam("most")))


@dataclass(frozen=True)
class Kept:
    """A checkpoint's note that somebody has, and what it is called where it is spoken of; ``ours`` lies here."""

    name: str
    note: str
    ours: bool = False


def work_in(session: Session) -> int:
    """Return how much there is to look at: leaves and cases; from now on all is seen as it stood at one moment."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    cases = session.scalar(select(func.count()).select_from(LedgerKey)) or 0
    return session.scalars(select(Head.size)).one() + cases


def faults(session: Session, log: Verifier, secret: bytes, kept: Sequence[Kept], advance: Advance) -> Iterator[str]:
    """Yield whatever does not hold, a line each; ``advance`` is told how much more was looked at.

    ``secret`` is the installation's, under which each case's K is; ``kept`` are checkpoints that others have.
    """
    size, root = session.execute(select(Head.size, Head.root)).one()
    made = _tiles_made(session, size, advance)
    yield from _tile_faults(session, size, made)
    yield from _head_faults(session, size, root, made)
    yield from _checkpoint_faults(session, size, made, log, kept)
    refills = _refills(session)
    yield from _twice(session, refills)
    for case_id, boxed in session.execute(_KEYS):
        yield from (f"case {case_id}: {fault}" for fault in _case_faults(session, case_id, boxed, secret, refills))
        advance(1)
    yield from (f"case {row.case_id}: event {row.seq} is not in the log" for row in session.execute(_KEYLESS))
    unerased = session.scalars(_UNERASED)
    yield from (f"case {case_id}: its ledger key is gone, and it was not erased" for case_id in unerased)
    yield from _unstated_erasures(session, refills)
    yield from _broken_promises(session)
    yield from (f"a public entry ({kind}) is not in the log" for kind in session.scalars(_UNSEEN))
    yield from _public_faults(session)


def _tiles_made(session: Session, size: int, advance: Advance) -> Tiles:
    """Make every tile anew."""
    made: dict[tuple[int | None, int], bytes] = {}
    for first in range(0, size, WIDTH):
        query = select(Leaf.entry).where(Leaf.idx >= first, Leaf.idx < min(first + WIDTH, size)).order_by(Leaf.idx)
        hashes = [leaf_hash(entry) for entry in session.scalars(query)]
        tiles = grown(lambda tile: made[tile.level, tile.index], first, hashes)
        made |= {(tile.level, tile.index): content for tile, content in tiles.items()}
        advance(len(hashes))
        if first + len(hashes) < min(first + WIDTH, size):  # one is missing: behind it nothing has its place
            break
    return made


def _tile_faults(session: Session, size: int, made: Tiles) -> Iterator[str]:
    stored = tiles_in(session)
    for tile in tiles_of(size):
        ours, theirs = made.get((tile.level, tile.index), b""), _read(stored, tile)
        if ours != theirs:
            first = tile.index * WIDTH + _first_difference(hashes_in(ours), hashes_in(theirs))
            yield f"{tile.path} is not made of its entries, from hash {first} of level {tile.level} on"


def _first_difference(ours: list[bytes], theirs: list[bytes]) -> int:
    pairs = zip(ours, theirs, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(ours), len(theirs)))


def _read(stored: Callable[[Tile], bytes], tile: Tile) -> bytes:
    try:
        return stored(tile)
    except KeyError:
        return b""


def _root_at(made: Tiles, size: int) -> bytes | None:
    """Return the root over the first ``size`` entries there are; ``None`` where there are not so many."""

    def read(tile: Tile) -> bytes:
        found = made[tile.level, tile.index][: tile.width * HALF]
        if len(found) < tile.width * HALF:
            raise KeyError(tile)
        return found

    try:
        return root_of(nodes_in(read, size), size)
    except KeyError:
        return None


def _head_faults(session: Session, size: int, root: bytes, made: Tiles) -> Iterator[str]:
    count, last = session.execute(select(func.count(Leaf.idx), func.coalesce(func.max(Leaf.idx), -1))).one()
    if (count, last) != (size, size - 1):
        yield f"the head says {size} entries, and there are {count}, the last of them number {last}"
    if _root_at(made, size) != root:
        yield f"the head's root is not that of its {size} entries"


def _checkpoint_faults(
    session: Session, size: int, made: Tiles, log: Verifier, kept: Sequence[Kept]
) -> Iterator[str]:
    rows = session.scalars(select(Published).order_by(Published.size)).all()
    for row in rows:
        found = _opened(row.note, log)
        if found is None or (found.size, found.root) != (row.size, row.root):
            yield f"the checkpoint of {row.size} entries does not say what its signed note says"
    yield from (f"{each.name} is not signed by this log" for each in kept if _opened(each.note, log) is None)
    # Who rewrites the log signs his own anew: how far others' agree, no checkpoint that lies here says.
    here = [Kept(f"the checkpoint of {row.size} entries", row.note, ours=True) for row in rows]
    for group in ([*here, *(each for each in kept if each.ours)], [each for each in kept if not each.ours]):
        yield from _contradictions(group, size, made, log)


def _contradictions(group: Sequence[Kept], size: int, made: Tiles, log: Verifier) -> Iterator[str]:
    """Compare checkpoints with the entries, and say between which two sizes what contradicts them lies."""
    signed = [(found, each.name) for each in group if (found := _opened(each.note, log)) is not None]
    agreed = [0, *(found.size for found, _name in signed if _root_at(made, found.size) == found.root)]
    for stated, name in sorted(signed, key=lambda one: one[0].size):
        if stated.size > size:
            yield f"{name} is of {stated.size} entries: {stated.size - size} of them are gone"
        elif _root_at(made, stated.size) != stated.root:
            first = max(end for end in agreed if end < stated.size or not end)
            yield f"{name} is not of this log: what was rewritten lies from entry {first} to {stated.size - 1}"


def _opened(note: str, log: Verifier) -> Checkpoint | None:
    try:
        return open_checkpoint(note, log)
    except Malformed:
        return None


def _refills(session: Session) -> list[Refill]:
    """Return what the log states of itself that it was brought back from, and what was lost then."""
    stated = (read_refill(idx, body) for idx, body in session.execute(_REFILLED))
    return [refill for refill in stated if refill is not None]


def _twice(session: Session, refills: Sequence[Refill]) -> Iterator[str]:
    for (first, tag_of), (second, other) in pairwise(session.execute(_TWICE, {"mark": MARK})):
        if tag_of == other and not any(refill.explains(first, second) for refill in refills):
            yield f"entries {first} and {second} have one tag"


def _case_faults(
    session: Session, case_id: str, boxed: bytes, secret: bytes, refills: Sequence[Refill]
) -> Iterator[str]:
    """Compute each event's entry anew, and look for it; then for entries of the case's that no event explains."""
    try:
        key = open_key(case_id, boxed, secret)
    except Unreadable:
        yield "its ledger key is of another secret"
        return
    last = 0
    for seq, body, entry in session.execute(_EVENTS, {"case": case_id}):
        yield from (f"event {lost} is gone" for lost in range(last + 1, seq))
        yield from _event_faults(session, seq, entry, entry_of(key, seq, body))
        last = seq
    start = tag(key, last + 1)
    if _is_entered(session, start, start + b"\xff" * HALF) and not _was_lost(session, start, refills):
        yield f"event {last + 1} is in the log, and gone from here"


def _event_faults(session: Session, seq: int, entry: bytes, computed: bytes) -> Iterator[str]:
    if entry != computed:
        yield f"event {seq} was edited: its entry is of another body"
    if not _is_entered(session, computed, computed):
        yield f"event {seq}, as it is here, is not in the log"


def _is_entered(session: Session, least: bytes, most: bytes) -> bool:
    """Tell whether an entry from ``least`` to ``most`` is in the log or waits for it."""
    return bool(execute(session, _THERE, least=least, most=most).scalar())


def _was_lost(session: Session, start: bytes, refills: Sequence[Refill]) -> bool:
    """Tell whether every entry of a tag is one whose event the log states to be lost."""
    places = list(execute(session, _PLACES, least=start, most=start + b"\xff" * HALF).scalars())
    return bool(places) and all(any(refill.lost(idx) for refill in refills) for idx in places)


def _unstated_erasures(session: Session, refills: Sequence[Refill]) -> Iterator[str]:
    """Compare how many cases of each desk were erased on each day with how many the log states.

    What it states of an erasure that was lost, with the database it was in, counts no more: the case is erased anew.
    """
    bodies = (body for idx, body in session.execute(_STATED_ERASED) if not any(refill.lost(idx) for refill in refills))
    stated = Counter(found for found in map(read_erased, bodies) if found)
    done = Counter({(row.day.isoformat(), row.desk): row.count for row in session.execute(_ERASED)})
    for day, desk in sorted(stated.keys() | done.keys()):
        if stated[day, desk] != done[day, desk]:
            yield f"{done[day, desk]} cases of desk {desk} were erased on {day}, and {stated[day, desk]} are stated"


def _broken_promises(session: Session) -> Iterator[str]:
    for case_id, seq, day in session.execute(_OVERDUE, {"due": clock.today() - MERGED_WITHIN}):
        until = day + MERGED_WITHIN
        yield f"case {case_id}: until {until} it was promised that event {seq} is published, and it is not"


def _public_faults(session: Session) -> Iterator[str]:
    kept = {row.entry: row for row in session.scalars(select(PublicEntry))}
    said = session.execute(select(Leaf.idx, Leaf.entry).where(Leaf.entry.between(MARK, MARK + b"\xff" * 48)))
    for idx, entry in said:
        public = kept.get(entry)
        if public is None or (public.kind, sha256(public.body.encode()).digest()) != (kind_of(entry), entry[HALF:]):
            yield f"entry {idx} says that it is public, and its body is not here"
