"""Reading a case: who may, and the chain of readings that is written before any key is handed over."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, literal, not_, select, true
from sqlalchemy.orm import Session

from casework.logins import CurrentOfficer
from casework.models import AccessEvent, Case
from casework.rules import CaseView, OfficerView, desks_over
from casework.terms import OpeningReason, Role, State
from kernel import clock
from kernel.database import execute
from kernel.directory.models import SealedKey
from kernel.i18n import gettext as _
from kernel.refusal import Missing
from kernel.vault import bodies
from kernel.web import current_province

TYPE = "kentongan/v1/access"


class NoSuchCase(Missing):
    """There is no such case, or this officer may not know of it: both look alike."""

    def __init__(self) -> None:
        super().__init__(_("Perkara ini tidak ada, atau bukan wewenang Anda."))


def as_actor(officer: CurrentOfficer) -> OfficerView:
    """Return an officer as the rules see him."""
    return OfficerView(officer.id, officer.desk_id or "", officer.role or Role.OVERSEER)


def desks_shown(officer: CurrentOfficer) -> Sequence[str]:
    """Return the desks among which an officer may choose: all for the overseer, a lead's, for others none."""
    return list(current_province().desks) if officer.role is Role.OVERSEER else officer.desks


def known_to(officer: CurrentOfficer) -> ColumnElement[bool]:
    """Return the condition that an officer may know of a case: the overseer all, a lead his desks', others theirs.

    The lead of a desk that the reporter has excluded does not, though the desk below his has the case; and nobody
    does of what he wrote down for whoever brought it, whatever he has become since.
    """
    return _known_to(officer.role, officer.id, officer.desk_id, officer.desks)


def known_parts(officer: CurrentOfficer, desk: str | None) -> list[ColumnElement[bool]]:
    """Return ``known_to`` in parts, a lead's desk by desk: in that order, and in none across desks, they are indexed.

    With a ``desk`` only its part is returned, if it is one of his.
    """
    if officer.role is not Role.LEAD:
        return [known_to(officer)]
    desks = [each for each in officer.desks if desk in (None, each)]
    admitted = _not_shut_out(officer.role, officer.id, officer.desk_id)
    return [and_(Case.desk_id == each, admitted) for each in desks] or [false()]


def _known_to(role: Role | None, officer_id: str, desk: str | None, desks: Sequence[str]) -> ColumnElement[bool]:
    return and_(_in_reach(role, officer_id, desks), _not_shut_out(role, officer_id, desk))


def _in_reach(role: Role | None, officer_id: str, desks: Sequence[str]) -> ColumnElement[bool]:
    if role is Role.OVERSEER:
        return true()
    if role is Role.LEAD:
        return Case.desk_id.in_(desks)
    own = select(SealedKey.object).where(SealedKey.kind == "case", SealedKey.recipient == f"officer:{officer_id}")
    return Case.id.in_(own)


def not_of_his_writing(officer: CurrentOfficer) -> ColumnElement[bool]:
    """Return the condition that a sealed key is of no case that an officer wrote down for whoever brought it."""
    return SealedKey.object.not_in(select(Case.id).where(Case.channel_id == officer.id))


def _not_shut_out(role: Role | None, officer_id: str, desk: str | None) -> ColumnElement[bool]:
    not_written_down = Case.channel_id.is_distinct_from(officer_id)
    if role is not Role.LEAD:
        return not_written_down
    # The desks a reporter excludes stand joined by "+".
    excluded = (literal("+") + Case.excluded + "+").contains(f"+{desk}+", autoescape=True)
    return and_(not_(excluded), not_written_down)


def known_case(session: Session, number: str, officer: CurrentOfficer) -> Case:
    """Return the case with this number, if the officer may know of it; raises ``NoSuchCase``."""
    case = session.scalar(select(Case).where(Case.number == number, known_to(officer)))
    if case is None:
        raise NoSuchCase
    return case


def hold_known_case(session: Session, number: str, officer: CurrentOfficer) -> str:
    """Hold such a case until the transaction ends, and return its id: what is read of it after this stands."""
    query = _holding(officer.role, officer.id, officer.desk_id, officer.desks)
    case_id = execute(session, query, number=number).scalar()
    if case_id is None:
        raise NoSuchCase
    return str(case_id)


@lru_cache(maxsize=64)
def _holding(role: Role | None, officer_id: str, desk: str | None, desks: tuple[str, ...]) -> Select[str]:
    known = _known_to(role, officer_id, desk, desks)
    return select(Case.id).where(Case.number == bindparam("number"), known).with_for_update()


def may_open(view: CaseView, officer: CurrentOfficer) -> bool:
    """Tell whether an officer can be handed keys: the leads of the desks over the case, and their chosen.

    Of an erased case nobody can: there are none.
    """
    if view.state is State.PURGED:
        return False
    holds = any(f"officer:{officer.id}" in holders for holders in view.holders.values())
    at_its_desks = officer.desk_id in desks_over(view) and officer.id not in view.recused
    return at_its_desks and (officer.role is Role.LEAD or holds)


def newest_access(session: Session, case_id: str) -> AccessEvent | None:
    """Return the newest reading of a case."""
    query = select(AccessEvent).where(AccessEvent.case_id == case_id).order_by(AccessEvent.seq.desc())
    return session.scalars(query.limit(1)).first()


def log_access(
    session: Session, case_id: str, officer_id: str, what: str, reason: OpeningReason | None = None
) -> bytes:
    """Add one reading to the case's chain; return its hash (32 bytes). The caller commits before he hands out keys."""
    newest = newest_access(session, case_id)
    seq, previous = (newest.seq + 1, newest.hash) if newest else (1, None)
    at = clock.now().replace(microsecond=0)
    body = access_body(case_id, seq, previous, officer_id, what, reason, at)
    digest = hashlib.sha256(body.encode()).digest()
    session.add(
        AccessEvent(
            case_id=case_id, seq=seq, officer_id=officer_id, what=what, reason=reason, at=at, previous=previous,
            hash=digest,
        )
    )
    return digest


def access_body(
    case_id: str, seq: int, previous: bytes | None, officer_id: str, what: str, reason: str | None, at: datetime
) -> str:
    """Write the body of a reading, whose SHA-256 chains it (docs/formats.md §5)."""
    return bodies.write(
        [
            ("type", TYPE),
            ("case", case_id),
            ("seq", str(seq)),
            ("previous", previous.hex() if previous else bodies.ABSENT),
            ("officer", officer_id),
            ("what", what),
            # Absent, not empty, where there is none: so every hash from before there were reasons stays true.
            *([] if reason is None else [("reason", reason)]),
            ("at", at.strftime("%Y-%m-%dT%H:%M:%SZ")),
        ]
    )
