"""Handing an officer with new keys what he held before: a lead's browser seals the keys of his cases to him anew.

The places stand since his former copies were destroyed (``lost_keys``). Each case counts as read by the lead before its
keys are handed to his browser, and each new copy comes with his signed words (docs/formats.md §5).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from casework.access import log_access, may_open
from casework.cases import lock_case, read_case
from casework.logins import CurrentOfficer, standing_role
from casework.models import Case, Officer
from casework.opening import Json, keys_and_history
from casework.resealing import Reseal
from casework.rotation import BATCH, READING, OtherCopies, Resealed, read_reseal
from casework.rules import gone
from casework.terms import KeyKind
from kernel import clock
from kernel.database import Reader, db, transaction
from kernel.directory.models import SealedKey
from kernel.directory.queries import directory_in
from kernel.i18n import gettext as _
from kernel.vault import bodies


@dataclass(frozen=True)
class Waiting:
    """An officer to whom ``count`` keys of cases are to be sealed anew."""

    officer: Officer
    count: int


def who_waits(desk: str) -> list[Waiting]:
    """Return the officers with new keys that are vouched for, who are to get keys of this desk's cases again."""
    counts = Counter(row.recipient for row in db.session.scalars(_places(desk)))
    found = [(db.session.get(Officer, name.partition(":")[2]), count) for name, count in sorted(counts.items())]
    return [Waiting(officer, count) for officer, count in found if officer and _stands(db.session, officer.id)]


def _stands(session: Reader, officer_id: str) -> bool:
    """Tell whether what is vouched for are his new keys: until a lead's next statement it is still the former ones."""
    officer = session.get(Officer, officer_id)
    return officer is not None and standing_role(directory_in(session), officer) is not None


def _places(desk: str, officer_id: str | None = None) -> Select[SealedKey]:
    whose = SealedKey.recipient == f"officer:{officer_id}" if officer_id else SealedKey.recipient.startswith("officer:")
    cases = select(Case.id).where(Case.desk_id == desk)
    query = select(SealedKey).where(whose, _is_empty(), SealedKey.kind.in_(list(KeyKind)), SealedKey.object.in_(cases))
    return query.order_by(SealedKey.object, SealedKey.kind, SealedKey.epoch)


def _is_empty() -> ColumnElement[bool]:
    return func.length(SealedKey.sealed) == 0


@dataclass(frozen=True)
class Taken:
    """The desk's copies of keys an officer is to get, and their cases: a lead's browser judges by these."""

    copies: list[SealedKey]
    cases: list[Json]


def take(lead: CurrentOfficer, officer_id: str) -> Taken:
    """Log that a lead reads the next cases, then hand him the desk's copies of the keys an officer is to get."""
    desk = str(lead.desk_id)
    with transaction() as session:
        places = [row for row in session.scalars(_places(desk, officer_id)) if _may_hand(session, lead, row)][:BATCH]
        copies = [copy for copy in (_of_desk(session, desk, place) for place in places) if copy]
        # In one order, so that two leads do not wait for one another.
        case_ids = sorted({copy.object for copy in copies})
        for case_id in case_ids:
            lock_case(session, case_id)
            log_access(session, case_id, lead.id, READING)
    # Committed: from here on the readings are on record, whatever becomes of the answer.
    with Session(db.engine) as session:
        return Taken(copies, [keys_and_history(session, session.get_one(Case, each), lead) for each in case_ids])


def _may_hand(session: Reader, lead: CurrentOfficer, place: SealedKey) -> bool:
    """Tell whether this lead reads the case, and the officer is among those who hold its present keys, rightly."""
    view = read_case(session, place.object, directory_in(session)).view
    holds = place.recipient in view.holders.get(KeyKind(place.kind), frozenset()) - gone(view)
    return view.desk == lead.desk_id and may_open(view, lead) and holds


def _of_desk(session: Reader, desk: str, place: SealedKey) -> SealedKey | None:
    copy = aliased(SealedKey)
    same = (copy.kind == place.kind, copy.object == place.object, copy.epoch == place.epoch)
    to_desk = copy.recipient.startswith(f"desk:{desk}:", autoescape=True)
    query = select(copy).where(*same, to_desk, func.length(copy.sealed) > 0)
    return session.scalars(query.order_by(func.length(copy.recipient).desc(), copy.recipient.desc()).limit(1)).first()


def keep(lead: CurrentOfficer, posted: Sequence[Resealed]) -> int:
    """Keep the keys a lead has sealed to an officer anew, where nobody was faster; return how many he kept.

    Raises ``Malformed``, or ``OtherCopies`` where they do not fit what waits; nothing is kept then.
    """
    with transaction() as session:
        # In one order, so that two who post the same do not wait for one another.
        return sum(_keep(session, lead, each) for each in sorted(posted, key=lambda each: each.body))


def _keep(session: Session, lead: CurrentOfficer, posted: Resealed) -> int:
    said = read_reseal(posted.body)
    place = session.get(SealedKey, (said.kind, said.object, said.epoch, said.after), with_for_update=True)
    if place is None or not _fits(session, lead, posted, said) or not _may_hand(session, lead, place):
        raise OtherCopies(_("Kunci perkara yang menunggu berubah sejak halaman ini dibuka. Muat ulang halaman."))
    if place.sealed:
        return 0
    place.sealed, place.brought = posted.sealed, posted.body
    return 1


def _fits(session: Session, lead: CurrentOfficer, posted: Resealed, said: Reseal) -> bool:
    digest = hashlib.sha256(posted.sealed).hexdigest()
    if not _stands(session, said.after.partition(":")[2]):
        return False
    sign = directory_in(session).officer(lead.id).sign
    told = (said.officer, said.sealed, said.day, said.before.startswith(f"desk:{lead.desk_id}:"))
    return told == (lead.id, digest, clock.today(), True) and bodies.signed_by(posted.body, sign)
