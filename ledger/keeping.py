"""A small folder in which a signer keeps what it must never contradict: one at a time writes, and durably."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kernel.disk import settle

LOCK = "lock"
OURS_ALONE = 0o600


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which ends with its holder's process (flock(2)); other processes and threads wait."""
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def keep(path: Path, text: str, mode: int = OURS_ALONE) -> None:
    """Have a text on the disk, whole, in the place of what was there, before anybody else sees it."""
    place(path, text.encode(), mode)


def place(path: Path, content: bytes, mode: int) -> None:
    """Have content on the disk as ``keep`` does, for whoever may read it by its ``mode``."""
    draft = path.with_name(f".{path.name}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OURS_ALONE), "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    draft.rename(path)
    settle(path.parent)


def kept(path: Path) -> str | None:
    """Return what is kept at a path; ``None`` where nothing is."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
