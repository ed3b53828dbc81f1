"""Files as the database and the store have them, made without sealing anything."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from complaints.files import chunk_row
from complaints.models import Complaint, File, FileChunk
from kernel import clock
from kernel.database import put, transaction
from kernel.store import Extent, current_store
from kernel.vault import BOXED_BYTES, CHUNK_BYTES, chunk_count
from kernel.web import current_settings


SEALED = CHUNK_BYTES + BOXED_BYTES


def kept(how_old: timedelta = timedelta()) -> str:
    """Keep an object, ``how_old`` ago; return its key."""
    key = secrets.token_hex(16)
    current_store().keep(key, key.encode().ljust(SEALED, b"\0"))
    if how_old:
        age(key, how_old)
    return key


def age(name: str, how_old: timedelta) -> Path:
    """Have an object of a local store be as old as that; return where it lies."""
    path = Path(str(current_settings().store)) / name[:2] / name
    then = (clock.now() - how_old).timestamp()
    os.utime(path, (then, then))
    return path


def opened(days: int, *keys: str) -> str:
    """Open a file ``days`` ago with a whole chunk in each of the objects ``keys``; return its id."""
    size = max(len(keys), 1) * CHUNK_BYTES
    return opened_with(days, size, *(Extent(key, 0, SEALED) for key in keys))


def opened_with(days: int, size: int, *extents: Extent) -> str:
    """Open a file of ``size`` bytes ``days`` ago whose chunks lie there; return its id."""
    with transaction() as session:
        complaint = session.scalars(select(Complaint.id).limit(1)).one()
        file = secrets.token_hex(16)
        put(session, File, {
            "id": file, "complaint_id": complaint, "side": "thread", "epoch": 1, "key_box": bytes(61), "size": size,
            "progress_box": bytes(61), "chunks": chunk_count(size), "author": "reporter",
            "opened_on": clock.today() - timedelta(days=days),
        })  # fmt: skip
        if extents:
            put(session, FileChunk, *(chunk_row(file, at, bytes(32), extent) for at, extent in enumerate(extents, 1)))
    return file


def remove_all() -> None:
    """Leave the installation without any file but those that were brought, which nobody can take away."""
    with transaction() as session:
        unsent = select(File.id).where(File.seq.is_(None))
        session.query(FileChunk).where(FileChunk.file_id.in_(unsent)).delete()
        session.query(File).where(File.seq.is_(None)).delete()
        named = set(session.scalars(select(FileChunk.key)))
    for found in list(current_store().keys()):
        if found.key not in named:
            current_store().forget(found.key)
