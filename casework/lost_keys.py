"""Sealed copies of keys of officers whose own keys count no more: lost, leaked, revoked, or gone with them."""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from casework.retiring import DESK
from kernel.directory.models import SealedKey

EMPTY = b""


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
