"""What somebody reaches with every key he ever held: every sealed row tried, and whatever opens tried as a key in turn.

He may have the whole database and be forbidden nothing: only the seals stand in his way.
"""

import base64
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Flask
from sqlalchemy import select

from kernel.database import db
from kernel.directory.models import SealedKey
from kernel.vault import Identity, Unreadable, context, unbox, unseal
from tests.client import Json
from tests.officer import OpenedCase

# A key as it is named: its kind, its complaint or desk, its epoch.
Key = tuple[str, str, int]


def sealed_rows(app: Flask, *conditions: Any) -> list[SealedKey]:
    """Return the sealed copies that lie in the database and fit."""
    with app.app_context():
        query = select(SealedKey).where(*conditions)
        found = list(db.session.scalars(query.order_by(SealedKey.object, SealedKey.kind, SealedKey.epoch)))
        db.session.expunge_all()
        db.session.remove()
    return found


def opened(row: SealedKey, identity: Identity) -> bytes | None:
    """Return the key in a sealed copy, if this identity opens it."""
    complaint, object_ = ("-", row.object) if row.kind == "desk" else (row.object, "-")
    try:
        return unseal(row.sealed, identity, context(f"{row.kind}-key", complaint, object_, row.epoch, row.recipient))
    except Unreadable:
        return None


def reached(rows: Sequence[SealedKey], identities: Iterable[Identity]) -> set[Key]:
    """Return every key that these identities open, and those which a desk's seed opens that was opened so."""
    found: set[Key] = set()
    waiting = list(identities)
    while waiting:
        identity = waiting.pop()
        for row in rows:
            key, name = opened(row, identity), (row.kind, row.object, row.epoch)
            if key is not None and name not in found and row.kind == "desk":
                waiting.append(Identity.from_seed(key))
            if key is not None:
                found.add(name)
    return found


def shut_to(case: OpenedCase, known: Iterable[bytes]) -> list[str]:
    """Return the texts of a case that none of these keys opens, whatever their epoch is said to be."""
    told = [*case.told["messages"], *case.told["notes"]]
    return [case.text(entry) for entry in told if not any(_is_opened(case, entry, key) for key in known)]


def _is_opened(case: OpenedCase, entry: Json, key: bytes) -> bool:
    where = context(entry["kind"], case.told["case"], entry["id"], entry["epoch"])
    try:
        unbox(base64.b64decode(entry["box"]), key, where)
    except Unreadable:
        return False
    return True
