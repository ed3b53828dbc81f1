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
from kernel.web import current_settings


def kept(how_old: timedelta = timedelta()) -> str:
    """Keep an object, ``how_old`` ago; return its key."""
    key = secrets.token_hex(16)
    current_store().keep(key, key.encode())
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
    """Open a file ``days`` ago with a chunk for each of ``keys``; return its id."""
    with transaction() as session:
        complaint = session.scalars(select(Complaint.id).limit(1)).one()
        file = secrets.token_hex(16)
        size = max(len(keys), 1) * 1024 * 1024
        put(session, File, {
            "id": file, "complaint_id": complaint, "side": "thread", "epoch": 1, "key_box": bytes(61), "size": size,
            "progress_box": bytes(61), "chunks": size // (1024 * 1024), "author": "reporter",
            "opened_on": clock.today() - timedelta(days=days),
        })  # fmt: skip
        if keys:
            rows = [chunk_row(file, number, bytes(32), Extent(key, 0, 32)) for number, key in enumerate(keys, 1)]
            put(session, FileChunk, *rows)
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
