"""A desk's next key: whether one is due, and what was sealed to the former ones on its way to the newest.

A lead's browser takes copies in batches, each of which is logged as a reading of its cases before it is handed over;
it opens them, seals them anew and posts them back. The first copy posted stays, so that two leads may work at once, and
whatever was interrupted goes on where it stopped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, not_, select, text
from sqlalchemy.orm import Session

from casework import resealing
from casework.access import known_to, log_access, not_of_his_writing
from casework.cases import lock_case
from casework.logins import CurrentOfficer
from casework.models import Case
from casework.resealing import Reseal
from casework.retiring import (
    DESK, former, is_waiting, newest_epoch, recipient_of, retire, sealed_to_former, waiting,
)  # fmt: skip
from casework.terms import KeyKind, State
from complaints.envelopes import Malformed
from kernel import clock
from kernel.database import Reader, db, transaction
from kernel.directory.directory import Directory, Reason
from kernel.directory.epochs import EPOCH, grace_until
from kernel.directory.models import SealedKey
from kernel.directory.queries import OFFICER, current_directory, directory_in, statement_bodies
from kernel.directory.statements import ACTIVE, LEAD, Statement, parse
from kernel.i18n import gettext as _
from kernel.refusal import Conflict
from kernel.vault import bodies

# So many copies a lead's browser opens and seals in a second or two; what is interrupted costs no more than that.
BATCH = 40
# What the readings of cases call it.
READING = "reseal"

KEEP = text("""
    INSERT INTO sealed_keys (kind, object, epoch, recipient, sealed, brought)
    VALUES (:kind, :object, :epoch, :recipient, :sealed, :brought)
    ON CONFLICT DO NOTHING
""")


class OtherCopies(Conflict):
    """What was posted is not what waits: the desk has another key by now, or the copies are none of its own."""


@dataclass(frozen=True)
class Progress:
    """How far a desk is: of ``total`` keys sealed to its former keys, ``done`` are sealed to the newest."""

    total: int
    done: int


@dataclass(frozen=True)
class DeskKeyStanding:
    """A desk's key as its lead sees it.

    ``epoch`` is 0 where none is vouched for; of what waits, ``for_others`` keys are of cases that this lead wrote down
    for whoever brought them, so that another seals them anew; ``damaged`` keys did not open; former keys lie here until
    ``until`` (UTC) at least, where ``has_former``. In ``unrenewed`` running cases that he knows of nobody has written
    since the key was made, so that what their reporters write still lies under keys from before it.
    """

    epoch: int
    is_due: bool
    progress: Progress
    for_others: int
    damaged: int
    has_former: bool
    until: datetime | None
    unrenewed: int


@dataclass(frozen=True)
class Resealed:
    """A key sealed anew, empty where the old copy did not open, and the signed body that says so."""

    body: str
    sealed: bytes


def is_key_due(desk: str) -> bool:
    """Tell whether a desk needs a new key: somebody who could open the present one leads no more, or it is void.

    That is whoever was a lead, here or at a desk above, since it was stated, and is none now or by other keys.
    """
    return is_due_by(current_directory(), tuple(statement_bodies()), desk)


@lru_cache(maxsize=64)
def is_due_by(directory: Directory, known: tuple[str, ...], desk: str) -> bool:
    """Tell the same by the statements in ``known``, in the order in which they came, which ``directory`` has judged."""
    reason = directory.reason(EPOCH, desk)
    if reason in {Reason.UNKNOWN, Reason.REVOKED}:
        return False
    return reason is not None or _is_known_to_others(directory, known, desk)


def _is_known_to_others(directory: Directory, known: tuple[str, ...], desk: str) -> bool:
    statements, lines = [parse(body) for body in known], _line(directory, desk)
    leads = {(lead.id, lead.kem_digest) for each in lines for lead in directory.officers(each) if lead.role == LEAD}
    own, *above = [openers - leads for openers in _openers(statements, lines)]
    # Sealed to the former key of the desk above, the next one here would be known to the same: that desk goes first.
    return bool(own) or any(above) and not is_due_by(directory, known, lines[1])


def _line(directory: Directory, desk: str) -> list[str]:
    """Return a desk and those above it, each below the next."""
    parent = directory.desks()[desk].parent
    return [desk, *(_line(directory, parent) if parent else [])]


def _openers(statements: Sequence[Statement], line: Iterable[str]) -> Iterator[set[tuple[str, str | None]]]:
    """Yield, desk by desk upward, which leads could open the first one's newest key, each with the key he had.

    It is sealed to the key that the desk above had then, that one to the one above it, and so on.
    """
    end = len(statements)
    for desk in line:
        keys = [at for at, each in enumerate(statements[:end]) if (each.kind, each.subject) == (EPOCH, desk)]
        end = keys[-1] if keys else 0
        yield _leads_since(statements, end, desk) if end else set()


def _leads_since(statements: Sequence[Statement], start: int, desk: str) -> set[tuple[str, str | None]]:
    """Return who was a lead of ``desk`` when the statement at ``start`` came, or has become one since."""
    then = {each.subject: each for each in statements[:start] if each.kind == OFFICER}
    told = [*then.values(), *(each for each in statements[start:] if each.kind == OFFICER)]
    return {(each.subject, each.kem) for each in told if (each.remit, each.desk, each.status) == (LEAD, desk, ACTIVE)}


def standing(lead: CurrentOfficer) -> DeskKeyStanding:
    """Return how the key of a lead's desk stands."""
    desk = str(lead.desk_id)
    newest = newest_epoch(db.session, desk)
    damaged = select(func.count()).where(
        SealedKey.recipient == recipient_of(desk, newest), func.length(SealedKey.sealed) == 0
    )
    former_seeds = select(SealedKey.epoch).where(
        SealedKey.kind == DESK, SealedKey.object == desk, SealedKey.epoch < newest
    )
    kept_from_him = _count(db.session, and_(waiting(desk, newest), not_(not_of_his_writing(lead))))
    return DeskKeyStanding(
        newest, is_key_due(desk), _progress(db.session, desk, newest), kept_from_him,
        db.session.scalar(damaged) or 0, db.session.scalar(former_seeds.limit(1)) is not None,
        grace_until(db.session, desk, newest), _count_unrenewed(lead, desk, newest),
    )  # fmt: skip


def _count_unrenewed(lead: CurrentOfficer, desk: str, newest: int) -> int:
    """Count the running cases a lead knows of whose keys no event has brought to the desk's newest key."""
    to_newest = (SealedKey.recipient == recipient_of(desk, newest), SealedKey.brought.is_(None))
    renewed = exists().where(SealedKey.kind == KeyKind.THREAD, SealedKey.object == Case.id, *to_newest)
    running = (Case.desk_id == desk, Case.state.not_in([State.CLOSED, State.PURGED]))
    known = known_to(lead)
    return db.session.scalar(select(func.count()).select_from(Case).where(*running, known, ~renewed)) or 0


def is_unfinished(desk: str) -> bool:
    """Tell whether copies wait to be sealed anew."""
    newest = newest_epoch(db.session, desk)
    return newest > 1 and is_waiting(db.session, desk, newest)


def _progress(session: Reader, desk: str, newest: int) -> Progress:
    total, left = (_count(session, each) for each in (sealed_to_former(desk, newest), waiting(desk, newest)))
    return Progress(total, total - left)


def _count(session: Reader, condition: ColumnElement[bool]) -> int:
    """Count keys, of whose copies one fits at least."""
    named = select(SealedKey.kind, SealedKey.object, SealedKey.epoch).where(condition).distinct()
    return session.scalar(select(func.count()).select_from(named.subquery())) or 0


def take_batch(officer: CurrentOfficer) -> list[SealedKey]:
    """Log that a lead reads the keys of the next cases, then hand him at most ``BATCH`` copies to seal anew.

    Keys of cases that he wrote down for whoever brought them wait for another lead.
    """
    desk = str(officer.desk_id)
    with transaction() as session:
        copies = _next_copies(session, officer, newest_epoch(session, desk))
        # In one order, so that two leads do not wait for one another.
        for case_id in sorted({copy.object for copy in copies if copy.kind != DESK}):
            lock_case(session, case_id)
            log_access(session, case_id, officer.id, READING)
    # Committed: from here on the readings are on record, whatever becomes of the answer.
    return copies


def _next_copies(session: Session, lead: CurrentOfficer, newest: int) -> list[SealedKey]:
    """Return the next copies, one of each key: of several the first, which an event brought and no lead's word."""
    order = (SealedKey.kind, SealedKey.object, SealedKey.epoch, func.length(SealedKey.recipient), SealedKey.recipient)
    his = and_(waiting(str(lead.desk_id), newest), not_of_his_writing(lead))
    rows = session.scalars(select(SealedKey).where(his).order_by(*order).limit(BATCH)).all()
    return list({(row.kind, row.object, row.epoch): row for row in reversed(rows)}.values())


def keep_batch(officer: CurrentOfficer, posted: Sequence[Resealed]) -> Progress:
    """Keep what a lead has sealed anew, where nobody was faster; return how far the desk is.

    Raises ``Malformed``, or ``OtherCopies`` where it does not fit what lies here; nothing is kept then.
    """
    desk = str(officer.desk_id)
    with transaction() as session:
        newest = newest_epoch(session, desk)
        sign = directory_in(session).officer(officer.id).sign
        # By their cases, which the database holds, as ``take_batch`` does: so two leads do not wait for one another.
        rows = sorted((_row(each, officer.id, sign) for each in posted), key=lambda row: (row["object"], row["place"]))
        _check(session, officer, newest, rows)
        if rows:
            session.execute(KEEP, rows)
        progress = _progress(session, desk, newest)
        retire(session, desk)
    return progress


def _row(posted: Resealed, officer_id: str, sign: bytes) -> dict[str, Any]:
    reseal = read_reseal(posted.body)
    digest = hashlib.sha256(posted.sealed).hexdigest() if posted.sealed else None
    said = (reseal.officer, reseal.sealed, reseal.day)
    if said != (officer_id, digest, clock.today()) or not bodies.signed_by(posted.body, sign):
        raise OtherCopies(_("Salinan kunci ini tidak ditandatangani dengan kunci Anda hari ini. Mulai lagi."))
    return {
        "kind": reseal.kind, "object": reseal.object, "epoch": reseal.epoch, "recipient": reseal.after,
        "sealed": posted.sealed, "brought": posted.body,
        "place": (reseal.kind, reseal.object, reseal.epoch, reseal.before),
    }  # fmt: skip


def read_reseal(body: str) -> Reseal:
    """Read a lead's signed words; raises ``Malformed``."""
    try:
        return resealing.read(body)
    except bodies.Malformed:
        raise Malformed from None


def _check(session: Session, lead: CurrentOfficer, newest: int, rows: Iterable[dict[str, Any]]) -> None:
    """Refuse what is not sealed to the newest key, or of which he was handed no copy under a former one."""
    known = set(former(str(lead.desk_id), newest))
    for row in rows:
        kind, object_, epoch, before = row["place"]
        fits = row["recipient"] == recipient_of(str(lead.desk_id), newest) and before in known
        place = (SealedKey.kind == kind, SealedKey.object == object_, SealedKey.epoch == epoch)
        handed = select(SealedKey).where(*place, SealedKey.recipient == before, not_of_his_writing(lead))
        if not fits or session.scalar(handed) is None:
            raise OtherCopies(_("Kunci meja atau salinannya berubah sejak halaman ini dibuka. Muat ulang halaman."))
