"""Whether what the database holds hangs together: chains, entries and signatures, as a restored copy must."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access import access_body
from casework.models import AccessEvent, Case, CaseEvent
from casework.terms import State
from complaints.models import Complaint
from kernel import clock
from kernel.directory.directory import Directory
from kernel.directory.queries import directory_in, statement_bodies
from kernel.vault import Unreadable, bodies
from kernel.vault.bodies import Malformed
from ledger.body import NEW, SYSTEM, Event, read_event
from ledger.services import NoLedgerKey, entry_for


def faults(session: Session, secret: bytes) -> Iterator[str]:
    """Yield whatever does not hang together, a line each; ``secret`` is the installation's.

    Statements are judged from the root key; every event is read, its signature and its entry computed anew, and its
    case's row compared with the last; every reading's hash follows from the one before.
    """
    directory = directory_in(session)
    if statement_bodies(session) and not directory.desks():
        yield "the statements are not this root key's"
    for case_id, version, state in session.execute(select(Case.id, Case.version, Case.state).order_by(Case.id)):
        case = _Case(case_id, session, directory, secret, state == State.PURGED)
        for fault in (*_events(case, (version, state)), *_readings(session, case_id)):
            yield f"case {case_id}: {fault}"


@dataclass(frozen=True)
class _Case:
    """One case, and what its events are judged by."""

    id: str
    session: Session
    directory: Directory
    secret: bytes
    is_erased: bool


def _events(case: _Case, head: tuple[int, str]) -> Iterator[str]:
    seq, state, entry = 0, NEW, None
    query = select(CaseEvent.body, CaseEvent.entry).where(CaseEvent.case_id == case.id).order_by(CaseEvent.seq)
    for body, kept in case.session.execute(query):
        try:
            event = read_event(body)
        except Malformed:
            yield f"event {seq + 1} cannot be read"
            return
        if (event.case, event.seq, event.previous, event.from_state) != (case.id, seq + 1, entry, state):
            yield f"event {seq + 1} does not follow from the one before"
        yield from _event(case, event, body, kept)
        seq, state, entry = event.seq, event.to_state, kept
    if (seq, state) != head:
        yield "it does not stand where its events have brought it"


def _event(case: _Case, event: Event, body: str, entry: bytes) -> Iterator[str]:
    if found := _entry_fault(case, event, body, entry):
        yield found
    if not _is_signed(case, event, body):
        yield f"event {event.seq} is not signed by whom it names"


def _entry_fault(case: _Case, event: Event, body: str, entry: bytes) -> str:
    try:
        computed = entry_for(case.session, case.id, event.seq, body, case.secret)
    except NoLedgerKey:
        # Of what was erased the entries stay, and nobody can compute them.
        return "" if case.is_erased else f"event {event.seq} has no ledger key, and the case was not erased"
    except Unreadable:
        return "its ledger key is of another secret"
    return "" if computed == entry else f"event {event.seq} has another entry"


def _is_signed(case: _Case, event: Event, body: str) -> bool:
    if event.actor == SYSTEM:
        return True
    kind, _, officer = event.actor.partition(":")
    if kind == "officer":
        return any(bodies.signed_by(body, key) for key in case.directory.signing_keys(officer))
    return bodies.signed_by(body, case.session.get_one(Complaint, case.id).reporter_sign)


def _readings(session: Session, case_id: str) -> Iterator[str]:
    previous = None
    query = select(AccessEvent).where(AccessEvent.case_id == case_id).order_by(AccessEvent.seq)
    for reading in session.scalars(query):
        if not _follows(reading, previous):
            yield f"reading {reading.seq} does not follow from the one before"
        previous = reading.hash


def _follows(reading: AccessEvent, previous: bytes | None) -> bool:
    told = (reading.officer_id, reading.what, reading.reason, clock.utc(reading.at))
    try:
        body = access_body(reading.case_id, reading.seq, previous, *told)
    except Malformed:  # no body could say this, so none was hashed
        return False
    return reading.hash == hashlib.sha256(body.encode()).digest()
