"""Casework follows complaints: what a reporter does becomes an event of his case, in the same transaction.

And it tells what has become of it, when he asks: to him alone, for it is told by his phrase.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from casework.cases import OpenCase, append, lock_case, read_case, refuse_unless_allowed
from casework.history import fold
from casework.models import Case, CaseEvent
from casework.terms import ActorKind, State
from complaints import signals
from complaints.services import CHANNEL
from kernel.database import Reader, execute, put, table_of
from kernel.decrees import calendar_in
from kernel.directory.queries import directory_in
from kernel.i18n import gettext as _
from kernel.refusal import Conflict
from ledger.body import Event

DIGITS = "0123456789"
_OF_CASES = table_of(CaseEvent)
_EVENTS = (
    select(_OF_CASES.c.body, _OF_CASES.c.entry)
    .where(_OF_CASES.c.case_id == bindparam("case"))
    .order_by(_OF_CASES.c.seq)
)


def connect() -> None:
    """Listen to what reporters do."""
    signals.lodged.connect(open_case)
    signals.acted.connect(carry_on)
    signals.retold.connect(retell)


def open_case(complaint_id: str, *, session: Session, event: Event, body: str) -> bytes:
    """Open a lodged complaint's case with its first event; return that event's ledger entry."""
    clear = event.clear
    row: dict[str, Any] = {name: clear[name] for name in ("region", "sector", "level", "excluded")}
    row |= {"id": complaint_id, "number": draw_number(session), "desk_id": clear["desk"], "opened_on": event.day}
    row["channel_id"] = clear.get(CHANNEL)
    put(session, Case, row | {"version": 0, "state": State.NEW, "threatened": clear["threatened"] == "yes"})
    return append(session, OpenCase((), fold(()), calendar_in(session)), event, body).entry


def draw_number(session: Session) -> str:
    """Draw a case's number, nine digits that neither count cases nor order them: ``482-193-557``.

    Of a hundred thousand cases one in ten thousand would draw a number that another has: it draws again.
    """
    digits = [secrets.choice(DIGITS) for _position in range(9)]
    number = "-".join("".join(digits[start : start + 3]) for start in (0, 3, 6))
    taken = session.scalar(select(Case.id).where(Case.number == number))
    return draw_number(session) if taken else number


def carry_on(complaint_id: str, *, session: Session, event: Event, body: str) -> bytes:
    """Carry a case on by an act of its reporter's; raises ``Conflict`` where it has moved on since he signed."""
    lock_case(session, complaint_id)
    case = read_case(session, complaint_id, directory_in(session))
    if not case.is_continued_by(event):
        raise Conflict(_("Laporan ini baru saja berubah. Muat ulang halaman, lalu kirim lagi; tulisan Anda masih ada."))
    refuse_unless_allowed(event, case, ActorKind.REPORTER)
    return append(session, case, event, body).entry


def retell(complaint_id: str, *, session: Reader) -> list[tuple[str, bytes]]:
    """Return every event of a case, in order: its body, verbatim, and its 64-byte entry."""
    return [(event.body, event.entry) for event in execute(session, _EVENTS, case=complaint_id)]
