"""The publisher: signs the newest head, and never one that contradicts another it has signed. One runs, by a lock.

What it signed last it keeps outside the database, in the private folder: whoever rewrites the database, or restores an
old one, cannot have that signed. First it proves that the head continues what it signed last; then it keeps what it
signs, then publishes it. Killed between, it publishes that the next time.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel.config import Settings, kept_random
from kernel.database import db, put, transaction
from kernel.jobs import Standing
from kernel.vault import Malformed, SigningKey
from kernel.web import current_settings
from ledger.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.integrating import integrate, tiles_in
from ledger.models import Head, Published
from ledger.notes import Verifier
from ledger.tiles import nodes_in
from ledger.tree import continues, prove_consistency, root_of

# The publisher's folder is in no backup: put back with an old database it would not contradict it.
FOLDER, LAST, LOCK, KEY = "log", "last", "lock", "log-key"
SEED_BYTES = 32
# The kind of the job; and how often it is done, also where nothing happened.
TEND = "log"
EACH_HOUR, EACH_MINUTE = timedelta(hours=1), timedelta(minutes=1)
ORIGIN_DIGITS = 32


class NotPublished(Exception):
    """The log's head was not signed; the message says why, and what to do."""


@dataclass(frozen=True)
class Log:
    """Who signs: the log's key, and by which name it is known."""

    key: SigningKey
    origin: str

    @property
    def verifier(self) -> Verifier:
        """What others check with."""
        return Verifier(self.origin, self.key.public)


def log_of(settings: Settings) -> Log:
    """Return an installation's log. Its origin follows from the root key: no two have one, and it never changes."""
    root = sha256(settings.root_key or b"").hexdigest()[:ORIGIN_DIGITS]
    return Log(SigningKey.from_seed(kept_random(settings.instance / KEY, SEED_BYTES)), f"kentongan/{root}")


def tending(demo: bool) -> Standing:
    """Return the work that takes over what waits and publishes it, at times that tell of nothing that happened."""
    return Standing(tend, every=EACH_MINUTE if demo else EACH_HOUR)


def tend() -> None:
    """Take over what waits, and publish it."""
    integrate()
    publish()


def publish() -> None:
    """Sign the log's head and publish it; raises ``NotPublished`` where that contradicts what was signed before."""
    settings = current_settings()
    if settings.root_key is None:  # before the ceremony nobody can be known by anything
        return
    folder, log = settings.instance / FOLDER, log_of(settings)
    folder.mkdir(mode=0o700, exist_ok=True)
    with _alone(folder):
        last = _last(folder, log)
        found = _continuing(last, log.origin)
        if found == last and _published(found.size):
            return
        note = sign_checkpoint(found, log.key)
        _keep(folder, note)
        _put(found, note)


def resume(note: str) -> None:
    """Go on from a checkpoint that others hold, where what was signed last is lost; raises ``NotPublished``."""
    settings = current_settings()
    folder, log = settings.instance / FOLDER, log_of(settings)
    folder.mkdir(mode=0o700, exist_ok=True)
    with _alone(folder):
        if _last(folder, log) is not None:
            raise NotPublished("What was signed last is here: nothing has to be resumed.")
        try:
            found = open_checkpoint(note, log.verifier)
        except Malformed:
            raise NotPublished("This is no checkpoint that this log's key has signed.") from None
        _continuing(found, log.origin)
        _keep(folder, note)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock, which ends with the process that holds it (flock(2)); another waits."""
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _last(folder: Path, log: Log) -> Checkpoint | None:
    try:
        note = (folder / LAST).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return open_checkpoint(note, log.verifier)


def _continuing(last: Checkpoint | None, origin: str) -> Checkpoint:
    """Return the head, once it is proved to continue ``last``; raises ``NotPublished``."""
    with Session(db.engine) as session:
        size, root = session.execute(select(Head.size, Head.root)).one()
        newest = session.scalar(select(func.max(Published.size)))
        if last is None and newest is not None:
            raise NotPublished(
                f"A checkpoint of {newest} entries was published, and what was signed last is not in {FOLDER}/{LAST}: "
                "get the newest checkpoint anybody has, and run `flask ledger resume` with it."
            )
        if last is not None and last.size > size:
            raise NotPublished(
                f"The log has {size} entries, and {last.size} were published: restore a newer backup, which has them."
            )
        nodes = nodes_in(tiles_in(session), size)
        before = last or Checkpoint(origin, 0, root_of(nodes, 0))
        proof = prove_consistency(nodes, before.size, size)
        if root_of(nodes, size) != root or not continues(before.root, before.size, root, size, proof):
            raise NotPublished(
                f"The log of {size} entries does not continue what was published at {before.size}: it was rewritten. "
                "Run `flask ledger verify`, and restore a backup."
            )
    return Checkpoint(origin, size, root)


def _published(size: int) -> bool:
    with Session(db.engine) as session:
        return session.get(Published, size) is not None


def _keep(folder: Path, note: str) -> None:
    """Have a note on the disk, whole, before anybody else sees it."""
    draft = folder / f".{LAST}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / LAST)
    opened = os.open(folder, os.O_RDONLY)
    os.fsync(opened)
    os.close(opened)


def _put(found: Checkpoint, note: str) -> None:
    with transaction() as session:
        if session.get(Published, found.size) is None:
            put(session, Published, {"size": found.size, "root": found.root, "note": note})
