"""Many cases, put into the database by rows through its own guards: enough for the queue, whose texts nobody reads."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, text

from casework.logins import CurrentOfficer, desks_known
from casework.models import Case, CaseEvent, Officer
from casework.terms import Role
from kernel.database import db
from kernel.directory.models import SealedKey
from kernel.directory.queries import current_directory

AT_ONCE = 5000
SEALED_BYTES = 1169
# Of a hundred cases sixty have ended; the rest stand at the stages of their work, by these stories.
LODGED = [("lodge", "NEW", "RECEIVED")]
TAKEN = [*LODGED, ("open", "RECEIVED", "TRIAGE")]
INVESTIGATED = [*TAKEN, ("investigate", "TRIAGE", "INVESTIGATION")]
PROPOSED = [*TAKEN, ("propose", "TRIAGE", "REVIEW")]
CLOSED = [*PROPOSED, ("close", "REVIEW", "CLOSED")]
STORIES = [(LODGED, 8), (TAKEN, 8), (INVESTIGATED, 18), (PROPOSED, 6), (CLOSED, 60)]


@dataclass(frozen=True)
class Staff:
    """Whose cases they are: the desks that have them, and the officers of one desk, by role."""

    desks: list[str]
    lead: str
    investigator: str
    reviewer: str


def staff_of(engine: Engine, desks: list[str], at: str) -> Staff:
    """Return the officers of the desk ``at``."""
    with engine.connect() as connection:
        rows = connection.execute(select(Officer.role, Officer.id).where(Officer.desk_id == at).order_by(Officer.name))
        people = {role: officer for role, officer in rows}
    return Staff(desks, people["lead"], people["investigator"], people["reviewer"])


def as_logged_in(role: str, desk: str | None) -> CurrentOfficer:
    """Return the first officer with ``role`` of a desk as if he had logged in; asked inside the application."""
    found = select(Officer).where(Officer.role == role, Officer.desk_id == desk).order_by(Officer.name)
    row = db.session.scalars(found.limit(1)).one()
    desks = desks_known(current_directory(), Role(role), desk)
    return CurrentOfficer(
        row.id, row.name, row.full_name, Role(role), desk, desks, token=b"", seed_key=None, unseen=False
    )  # fmt: skip


def crowd(engine: Engine, staff: Staff, count: int, today: date) -> None:
    """Insert ``count`` cases with their events and, for whom they are assigned or proposed to, their sealed keys."""
    chance = random.Random(count)
    for begin in range(0, count, AT_ONCE):
        cases = [_case(turn, staff, chance, today) for turn in range(begin, min(begin + AT_ONCE, count))]
        with engine.begin() as connection:
            _hasten(connection)
            _insert(connection, cases)
    _settle(engine)


def _settle(engine: Engine) -> None:
    """Do what PostgreSQL's autovacuum does by itself in time, which its tables' owner may. SQLite never counts rows."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


@dataclass(frozen=True)
class _Crowded:
    row: dict[str, Any]
    events: list[dict[str, Any]]
    copies: list[dict[str, Any]]


def _case(turn: int, staff: Staff, chance: random.Random, today: date) -> _Crowded:
    [(story, _share)] = chance.choices(STORIES, [share for _story, share in STORIES])
    opened_on = today - timedelta(days=chance.randrange(360))
    case_id = hashlib.sha256(f"case {turn}".encode()).hexdigest()[:32]
    desk = chance.choice(staff.desks)
    assignee = staff.investigator if story is INVESTIGATED and desk == staff.desks[0] else None
    row = {
        "id": case_id, "version": 0, "state": "NEW", "number": f"c{turn:09}", "desk_id": desk, "region": desk,
        "sector": "desa", "level": "desa", "excluded": "none", "threatened": False, "opened_on": opened_on,
        "due": None if story is CLOSED else today + timedelta(days=chance.randrange(-5, 90)),
        "assignee_id": assignee, "urgent": chance.random() < 0.1, "withdrawal_asked": False, "legal_hold": False,
    }  # fmt: skip
    holder = {"INVESTIGATION": assignee, "REVIEW": staff.reviewer if desk == staff.desks[0] else None}.get(story[-1][2])
    return _Crowded(row, list(_events(case_id, story, staff, opened_on)), _copies(case_id, holder))


def _events(case_id: str, story: list[tuple[str, str, str]], staff: Staff, day: date) -> Iterator[dict[str, Any]]:
    actors = {"lodge": None, "close": staff.reviewer}
    for seq, (action, before, after) in enumerate(story, start=1):
        actor = actors.get(action, staff.lead)
        yield {
            "case_id": case_id, "seq": seq, "prev_seq": seq - 1 or None, "from_state": before, "to_state": after,
            "action": action, "actor_kind": "officer" if actor else "reporter", "actor_id": actor, "day": day,
            "body": f"{action} {seq}", "entry": hashlib.sha512(f"{case_id} {seq}".encode()).digest(),
        }  # fmt: skip


def _copies(case_id: str, holder: str | None) -> list[dict[str, Any]]:
    copy = {"kind": "case", "object": case_id, "epoch": 1, "sealed": bytes(SEALED_BYTES)}
    return [copy | {"recipient": f"officer:{holder}"}] if holder else []


def _hasten(connection: Connection) -> None:
    """Let SQLite keep in memory what it writes: of these cases nothing must outlive a power cut."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_size=-262144")
        connection.exec_driver_sql("PRAGMA wal_autocheckpoint=100000")


def _insert(connection: Connection, cases: list[_Crowded]) -> None:
    connection.execute(insert(Case.__table__), [case.row for case in cases])
    # Each event after the one before it, as it was in life.
    connection.execute(insert(CaseEvent.__table__), [event for case in cases for event in case.events])
    copies = [copy for case in cases for copy in case.copies]
    if copies:
        connection.execute(insert(SealedKey.__table__), copies)
