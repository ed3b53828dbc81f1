"""What must hold of an installation's database whatever became of its processes: whole, chained and signed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, text

from casework.access import access_body
from casework.history import fold, step_of
from casework.models import AccessEvent, Allegation, Case, CaseEvent, SealedNote
from casework.terms import KeyKind, State
from complaints.files import sealed_size
from complaints.models import Complaint, File, FileChunk, Message, PublishedStatus, PublishedStep
from kernel.directory.directory import Directory
from kernel.directory.models import SealedKey, Statement
from kernel.jobs import Job
from kernel.schema import differences
from kernel.store import Store
from kernel.store_errors import Lost
from kernel.vault import bodies, context, derive, file_digest, unbox
from ledger.body import Event, read_event
from ledger.entries import entry_of
from ledger.models import Head, Leaf, LedgerKey, Pending

SYSTEM_ACTS = {"escalate", "purge", "resume"}


@dataclass(frozen=True)
class Logged:
    """One event as it is kept: its body, verbatim, and its ledger entry (64 bytes)."""

    body: str
    entry: bytes

    @cached_property
    def event(self) -> Event:
        """Return the event the body tells of."""
        return read_event(self.body)


def faults_of(engine: Engine, root: bytes, secret: bytes) -> list[str]:
    """Return everything that is not as it must be, a line each.

    ``engine`` connects as the application, ``root`` is the root's public key, ``secret`` the installation's. All is
    seen as it stood at one moment: meanwhile a server may be at work.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        directory = Directory(root, connection.scalars(select(Statement.body).order_by(Statement.id)))
        parts = _parts(connection)
        whole = set.intersection(*parts.values())
        found = [
            *differences(connection), *_file_faults(connection), *_halves(parts, whole), *_log_faults(connection),
            *_remains(connection),
        ]  # fmt: skip
        for case_id, ledger_key in ledger_keys(connection, secret).items():
            if case_id in whole:
                found += [f"{case_id}: {fault}" for fault in _case_faults(connection, case_id, ledger_key, directory)]
    return found


def ledger_keys(connection: Connection, secret: bytes) -> dict[str, bytes]:
    """Return K of every complaint, as the server opens it to compute an entry."""
    key = derive(secret, "kentongan/v1/instance/ledger-key")
    return {
        row.complaint_id: unbox(row.box, key, context("ledger-key", row.complaint_id, recipient="instance"))
        for row in connection.execute(select(LedgerKey.complaint_id, LedgerKey.box))
    }


def _file_faults(connection: Connection) -> list[str]:
    """Ask SQLite whether its file is whole."""
    if connection.dialect.name != "sqlite":
        return []
    checked = connection.execute(text("PRAGMA integrity_check")).scalars().all()
    dangling = connection.execute(text("PRAGMA foreign_key_check")).all()
    return [f"integrity: {line}" for line in checked if line != "ok"] + [f"dangling: {tuple(row)}" for row in dangling]


def _log_faults(connection: Connection) -> Iterator[str]:
    """Check that every event waits for the log or is in it, and that the log is as long as its head says."""
    waiting, logged = set(connection.scalars(select(Pending.entry))), list(connection.scalars(select(Leaf.entry)))
    events = set(connection.scalars(select(CaseEvent.entry)))
    if lost := events - waiting - set(logged):
        yield f"log: {len(lost)} events neither wait for it nor are in it"
    if waiting & set(logged):
        yield "log: what is in it still waits"
    if connection.scalar(select(Head.size)) != len(logged):
        yield "log: its head is not where its leaves end"


def _remains(connection: Connection) -> Iterator[str]:
    """Say what is left of erased cases that their event should have taken with it."""
    erased = select(Case.id).where(Case.state == State.PURGED)
    sealed = {
        "ledger key": select(LedgerKey.complaint_id).where(LedgerKey.complaint_id.in_(erased)),
        "sealed key": select(SealedKey.object).where(SealedKey.object.in_(erased)),
        "account": select(Complaint.id).where(Complaint.id.in_(erased), func.length(Complaint.account) > 0),
        "message": select(Message.complaint_id).where(Message.complaint_id.in_(erased)),
        "note": select(SealedNote.case_id).where(SealedNote.case_id.in_(erased), func.length(SealedNote.box) > 0),
        "file": select(File.complaint_id).where(File.complaint_id.in_(erased)),
        "job": select(Job.subject).where(Job.subject.in_(erased)),
    }
    for name, query in sealed.items():
        yield from (f"{each}: erased, and its {name} is here" for each in sorted(set(connection.scalars(query))))


def _parts(connection: Connection) -> dict[str, set[str]]:
    """Return which complaints have a row in each of the tables where every complaint has one from its lodging on."""
    columns = {
        "complaint": Complaint.id,
        "case": Case.id,
        "event": CaseEvent.case_id,
        "status": PublishedStatus.complaint_id,
        "step": PublishedStep.complaint_id,
        "ledger key": LedgerKey.complaint_id,
    }
    erased = set(connection.scalars(select(Case.id).where(Case.state == State.PURGED)))
    return {name: set(connection.scalars(select(column).distinct())) - erased for name, column in columns.items()}


def _halves(parts: Mapping[str, set[str]], whole: set[str]) -> Iterator[str]:
    """Name every complaint that is there in some of its parts only."""
    for name, there in parts.items():
        yield from (f"{each}: there is its {name}, and not all the rest" for each in sorted(there - whole))


def _case_faults(connection: Connection, case_id: str, key: bytes, directory: Directory) -> Iterator[str]:
    query = select(CaseEvent.body, CaseEvent.entry).where(CaseEvent.case_id == case_id).order_by(CaseEvent.seq)
    logged = [Logged(row.body, row.entry) for row in connection.execute(query)]
    yield from history_faults(case_id, logged, key, directory)
    yield from _projection_faults(connection, case_id, logged)
    yield from _object_faults(connection, case_id, [each.event for each in logged])
    yield from _access_faults(connection, case_id, [each.event for each in logged])


def history_faults(case_id: str, logged: Sequence[Logged], key: bytes, directory: Directory) -> Iterator[str]:
    """Say what is wrong with a case's history: its chain, its entries from K (``key``), its signatures."""
    before: Logged | None = None
    reporter = bytes.fromhex(logged[0].event.clear["sign"])
    for seq, each in enumerate(logged, start=1):
        checks = {
            "order": (each.event.case, each.event.seq) == (case_id, seq),
            "chain": each.event.previous == (before.entry if before else None),
            "states": each.event.from_state == (before.event.to_state if before else "NEW"),
            "entry": each.entry == entry_of(key, seq, each.body),
            "signature": _is_signed(each, reporter, directory),
        }
        yield from (f"event {seq}: {what}" for what, holds in checks.items() if not holds)
        before = each


def _is_signed(logged: Logged, reporter: bytes, directory: Directory) -> bool:
    kind, _, officer = logged.event.actor.partition(":")
    if kind == "system":
        return logged.event.action in SYSTEM_ACTS
    keys = [reporter] if kind == "reporter" else directory.signing_keys(officer)
    return any(bodies.signed_by(logged.body, key) for key in keys)


def _projection_faults(connection: Connection, case_id: str, logged: Sequence[Logged]) -> Iterator[str]:
    """Compare what is derived from the events with what is kept of it."""
    case = connection.execute(select(Case.__table__).where(Case.id == case_id)).one()
    status = connection.execute(
        select(PublishedStatus.__table__).where(PublishedStatus.complaint_id == case_id)
    ).one()
    entry = connection.scalar(select(Complaint.entry).where(Complaint.id == case_id))
    epoch = connection.scalar(select(Complaint.epoch).where(Complaint.id == case_id))
    view = fold(step_of(each.event) for each in logged)
    statuses = select(Allegation.id, Allegation.status).where(Allegation.case_id == case_id)
    entered = [each.event.seq for each in logged if each.event.to_state != each.event.from_state]
    steps = select(PublishedStep.seq).where(PublishedStep.complaint_id == case_id).order_by(PublishedStep.seq)
    checks = {
        "case": (case.version, case.state) == (len(logged), view.state),
        "status": (status.version, status.state, status.head) == (len(logged), view.state, logged[-1].entry),
        "receipt": entry == logged[0].entry,
        "epoch": epoch == view.epochs[KeyKind.THREAD],
        "allegations": {row.id: row.status for row in connection.execute(statuses)} == view.allegations,
        "steps": list(connection.scalars(steps)) == entered,
    }
    yield from (what for what, holds in checks.items() if not holds)


# What events name, by kind and id: its digest (hex).
Kept = dict[tuple[str, str], str]


def _object_faults(connection: Connection, case_id: str, events: Sequence[Event]) -> Iterator[str]:
    """Compare the ciphertexts that events name with those that are kept: by hash, and none beyond."""
    kept = _kept(connection, case_id)
    named = {(ref.kind, ref.id): ref.digest for event in events for ref in event.objects}
    taken = _taken(events)
    for place, digest in named.items():
        if place not in kept and place[1].partition(".")[2] in taken:
            continue  # a copy of somebody who has lost his assignment
        if kept.get(place) != digest:
            yield f"{place} is not what was signed"
    yield from (f"{place} is named by no event" for place in kept.keys() - named.keys())


def _kept(connection: Connection, case_id: str) -> Kept:
    messages = connection.execute(select(Message.__table__).where(Message.complaint_id == case_id))
    notes = connection.execute(select(SealedNote.__table__).where(SealedNote.case_id == case_id))
    keys = connection.execute(select(SealedKey.__table__).where(SealedKey.object == case_id))
    boxes = {
        ("account", case_id): connection.scalar(select(Complaint.account).where(Complaint.id == case_id)) or b"",
        **{(row.purpose, row.id): row.box for row in messages},
        **{(row.kind, row.id): row.box for row in notes},
        **{(f"{row.kind}-key", f"{row.epoch}.{row.recipient}"): row.sealed for row in keys},
    }
    return {place: hashlib.sha256(box).hexdigest() for place, box in boxes.items()} | _kept_files(connection, case_id)


def _kept_files(connection: Connection, case_id: str) -> Kept:
    """Return what was brought as evidence, as its rows have it: what lies in the store is for others to look at."""
    brought = connection.execute(select(File.__table__).where(File.complaint_id == case_id, File.seq.is_not(None)))
    chunks = select(FileChunk.digest).order_by(FileChunk.number)
    return {
        ("file", row.id): file_digest(
            row.key_box, row.manifest_box, list(connection.scalars(chunks.where(FileChunk.file_id == row.id)))
        )
        for row in brought.all()
    }


def store_faults(engine: Engine, store: Store) -> list[str]:
    """Return which chunks that the database names are not in the store as they were kept, a line each."""
    with engine.connect() as connection:
        rows = connection.execute(select(FileChunk.__table__, File.size).join(File)).all()
    return [f"chunk {row.number} of {row.file_id} is not what was kept" for row in rows if not _is_as_kept(store, row)]


def _is_as_kept(store: Store, row: Row[Any]) -> bool:
    try:
        chunk = store.read(row.key, row.begins, sealed_size(row.size, row.number))
        return hashlib.sha256(chunk).digest() == row.digest
    except Lost:
        return False


def _taken(events: Iterable[Event]) -> set[str]:
    """Return the officers who have ever lost an assignment or been left out of a renewal, and with it their copies."""
    steps = accumulate(([step_of(event)] for event in events), lambda before, last: before + last)
    held = [frozenset[str]().union(*fold(some).holders.values()) for some in steps]
    lost = (recipient for before, after in pairwise(held) for recipient in before - after)
    return {recipient for recipient in lost if recipient.startswith("officer:")}


def _access_faults(connection: Connection, case_id: str, events: Sequence[Event]) -> Iterator[str]:
    """Check the chain of readings, and that each officer's act names one of them."""
    query = select(AccessEvent.__table__).where(AccessEvent.case_id == case_id).order_by(AccessEvent.seq)
    hashes: list[bytes] = []
    for seq, row in enumerate(connection.execute(query), start=1):
        previous = hashes[-1] if hashes else None
        body = access_body(case_id, seq, previous, row.officer_id, row.what, row.reason, _utc(row.at))
        hashes.append(hashlib.sha256(body.encode()).digest())
        if (row.seq, row.previous, row.hash) != (seq, previous, hashes[-1]):
            yield f"reading {seq}"
    for event in events:
        if event.access is not None and event.access not in hashes:
            yield f"event {event.seq}: names no reading"


def _utc(at: datetime) -> datetime:
    """Return a moment as it was written: SQLite gives it back without its zone, PostgreSQL in the server's."""
    return at if at.tzinfo is None else at.astimezone(timezone.utc)
