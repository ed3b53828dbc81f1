"""Which keys a lead should have been told of: of his desk and its people, and of the desks below and their leads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from kernel.database import db
from kernel.directory.epochs import EPOCH
from kernel.directory.queries import OFFICER, current_directory, statement_bodies
from kernel.directory.statements import LEAD, Statement, parse
from ledger.proving import places_of
from ledger.public import Kind, public_entry


@dataclass(frozen=True)
class Stated:
    """The newest statement on a key, verbatim, and its index in the published log, ``None`` until it is there."""

    body: str
    place: int | None


def keys_to_know(desk: str) -> list[Stated]:
    """Return the newest statement on each of these keys, whether it counts or not, revocations included."""
    below = frozenset(current_directory().children(desk))
    entries = {body: public_entry(Kind.STATEMENT, body) for body in _newest(tuple(statement_bodies()), desk, below)}
    places = places_of(db.session, list(entries.values()))
    return [Stated(body, places.get(entry)) for body, entry in entries.items()]


@lru_cache(maxsize=64)
def _newest(bodies: tuple[str, ...], desk: str, below: frozenset[str]) -> tuple[str, ...]:
    """Return the bodies in question; they are read once for as long as no statement is added."""
    read = sorted(((parse(body), body) for body in bodies), key=lambda each: each[0].version)
    newest = {(statement.kind, statement.subject): (statement, body) for statement, body in read}
    return tuple(body for statement, body in newest.values() if _concerns(statement, desk, below))


def _concerns(statement: Statement, desk: str, below: frozenset[str]) -> bool:
    if statement.kind == EPOCH:
        return statement.subject in {desk, *below}
    led_below = statement.remit == LEAD and statement.desk in below
    return statement.kind == OFFICER and (statement.desk == desk or led_below)
