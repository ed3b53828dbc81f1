"""Sealed copies of keys of officers whose own keys count no more: lost, leaked, revoked, or gone with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from casework.logins import LEFT, standing_role
from casework.models import Officer
from casework.retiring import DESK
from kernel.database import put
from kernel.directory.directory import Directory
from kernel.directory.models import SealedKey
from kernel.directory.queries import directory_in

EMPTY = b""
OFFICER = "officer:"
Row = Mapping[str, Any]


def keep_copies(session: Session, rows: Sequence[Row], *, touched: Iterable[str] = ()) -> None:
    """Keep sealed copies as their recipients' accounts stand now, and hold these accounts until the transaction ends.

    Whether an account ends just before or just after somebody seals to it, the same remains: of a case's key an empty
    place where he may come back with new keys, nothing where he has left. ``touched`` are recipients whose copies the
    caller goes on to delete: the accounts are held first, in one order, as by whoever ends one.
    """
    held = _hold(session, {row["recipient"] for row in rows} | set(touched))
    theirs = [row for row in rows if row["recipient"] in held]
    fitting = [row for row in rows if row["recipient"] not in held]
    if theirs:
        # Only now: what was said of them until they were held counts.
        directory = directory_in(session)
        fitting += filter(None, (_as_it_stands(directory, row, held[row["recipient"]]) for row in theirs))
    if fitting:
        put(session, SealedKey, *fitting)


def _hold(session: Session, recipients: Iterable[str]) -> dict[str, Officer]:
    ids = [name.removeprefix(OFFICER) for name in recipients if name.startswith(OFFICER)]
    if not ids:
        return {}
    query = select(Officer).where(Officer.id.in_(ids)).order_by(Officer.id).with_for_update(read=True)
    found = session.scalars(query.execution_options(populate_existing=True))
    return {f"{OFFICER}{officer.id}": officer for officer in found}


def _as_it_stands(directory: Directory, row: Row, officer: Officer) -> Row | None:
    if officer.status == LEFT:
        return None
    if standing_role(directory, officer) is not None:
        return row
    # What it was sealed to is not, or no longer, what is vouched for.
    return None if row["kind"] == DESK else {**row, "sealed": EMPTY}


def empty_copies(session: Session, officer_id: str) -> None:
    """Destroy what is sealed to an officer's former keys, and keep the places of his cases' keys (an empty copy each).

    By these a lead of the desk later seals to his new ones what he is to go on with (``handing``); a desk's seeds come
    to a lead with the statement on his new keys.
    """
    mine = SealedKey.recipient == f"officer:{officer_id}"
    session.execute(delete(SealedKey).where(mine, SealedKey.kind == DESK))
    session.execute(update(SealedKey).where(mine).values(sealed=EMPTY, brought=None))


def delete_copies(session: Session, officer_id: str) -> None:
    """Delete every copy sealed to an officer who has left."""
    session.execute(delete(SealedKey).where(SealedKey.recipient == f"officer:{officer_id}"))
