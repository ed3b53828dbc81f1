"""A case's history as its reporter is told it: every event, whole, and where in the log each stands.

He checks it himself, by what he holds: his phrase, the root that vouches for officers, checkpoints of the log.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from complaints import signals
from complaints.files import FILE, REPORTER
from complaints.models import Complaint
from complaints.queries import UnknownPhrase
from complaints.services import receipt_of
from kernel.database import db, execute, table_of
from kernel.directory.queries import bodies_vouching_for, current_directory
from ledger.body import Event, read_event
from ledger.proving import Proof, proofs_of

_COMPLAINTS = table_of(Complaint)
_CASE = select(_COMPLAINTS.c.id).where(_COMPLAINTS.c.lookup_hash == bindparam("lookup_hash"))


@dataclass(frozen=True)
class ToldEvent:
    """One event: its body, verbatim, and its 64-byte entry.

    ``proof`` shows which of the log's entries it is; ``None`` until that is published. ``promise`` is what its reporter
    was promised of an event of his own.
    """

    body: str
    entry: bytes
    proof: Proof | None
    promise: str | None


@dataclass(frozen=True)
class History:
    """All events of a case, in order, and the statements by which their officers' signatures are checked."""

    events: tuple[ToldEvent, ...]
    statements: list[str]


def history_of(lookup_hash: bytes) -> History:
    """Return the history found by the SHA-256 of a lookup token; raises ``UnknownPhrase``."""
    case_id = execute(db.session, _CASE, lookup_hash=lookup_hash).scalar()
    if case_id is None:
        raise UnknownPhrase
    logged = _logged(case_id)
    events = [read_event(body) for body, _entry in logged]
    promises = _promises(events, [entry for _body, entry in logged])
    proofs = proofs_of(db.session, [entry for _body, entry in logged])
    told = tuple(ToldEvent(body, entry, proofs.get(entry), promises.get(entry)) for body, entry in logged)
    return History(told, _statements(events))


def files_in_order(complaint: str) -> list[str]:
    """Return the ids of all files of a complaint that events have named, in the order in which they did."""
    events = [read_event(body) for body, _entry in _logged(complaint)]
    return [each.id for event in events for each in event.objects if each.kind == FILE]


def _logged(case_id: str) -> list[tuple[str, bytes]]:
    # One listener, casework, whose events they are.
    [(_receiver, logged)] = signals.retold.send(case_id, session=db.session)
    return list(logged)


def _promises(events: list[Event], entries: list[bytes]) -> dict[bytes, str | None]:
    directory = current_directory()
    own = [(event, entry) for event, entry in zip(events, entries, strict=True) if event.actor == REPORTER]
    return {entry: receipt_of(entry, event.day, directory).promise for event, entry in own}


def _statements(events: list[Event]) -> list[str]:
    """Return what vouches for whoever has signed, at the desk that the lodging names."""
    kinds = (event.actor.partition(":") for event in events)
    signers = frozenset(officer for _kind, _colon, officer in kinds if officer)
    return bodies_vouching_for(signers, frozenset({events[0].clear["desk"]}))
