"""Takes out of a file, in a process of its own and through pipes alone, what it may betray (ADR 0024)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from threading import BoundedSemaphore
from time import monotonic
from typing import IO

from complaints.kinds import ENDINGS, kind_of, named
from kernel.i18n import gettext as _
from kernel.refusal import Overloaded

ROOT = Path(__file__).parents[1]
PIECE = 64 * 1024
# Beyond it nothing is cleaned: the file, and what becomes of it, lie in the memory of both processes.
LARGEST_CLEANED = 25 * 1024 * 1024
LARGEST_ANSWER = 2 * LARGEST_CLEANED
PHOTOGRAPHS = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff", "image/bmp"})
CLEANABLE = PHOTOGRAPHS | {"application/pdf"}


class How(StrEnum):
    """What became of what a file may betray."""

    CLEANED = "cleaned"
    ORIGINAL = "original"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True)
class Cleaned:
    """A file as it may be sent, its media type as its content tells it, its name, and what became of it."""

    content: bytes
    type: str
    name: str
    how: How


class TooManyFiles(Overloaded):
    """As many files are being cleaned as may be, and as many wait."""


class NotCleaned(Exception):
    """The process ended without a cleaned file, or was ended: for the time, the size, or what it met."""


def may_be_cleaned(head: bytes) -> bool:
    """Tell by its first bytes whether a file is of a kind that is cleaned, and so worth being held in memory whole."""
    return kind_of(head) in CLEANABLE


class Cleaners:
    """The processes that clean, a few at once; whoever waits for one waits in a thread of the web server's.

    Each may take ``complaints.cleaner.confinement.ADDRESS_SPACE``. ``waiting`` more wait ``patience`` seconds; a
    process that has not ended after ``seconds`` is ended.
    """

    def __init__(self, at_once: int = 2, waiting: int = 2, patience: float = 20, seconds: float = 60) -> None:
        self._admitted = BoundedSemaphore(at_once + waiting)
        self._working = BoundedSemaphore(at_once)
        self._patience = patience
        self._seconds = seconds

    def clean(self, content: bytes, name: str) -> Cleaned:
        """Do as ``clean`` does."""
        given = Cleaned(content, kind_of(content), name, How.IMPOSSIBLE)
        if given.type not in CLEANABLE or len(content) > LARGEST_CLEANED:
            return given
        with self._place():
            try:
                kind, cleaned = _read(_ask(content, given.type, monotonic() + self._seconds))
            except NotCleaned:
                return given
        return replace(given, content=cleaned, type=kind, name=named(name, kind), how=How.CLEANED)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._admitted.acquire(blocking=False):
            raise _too_many()
        try:
            if not self._working.acquire(timeout=self._patience):
                raise _too_many()
            try:
                yield
            finally:
                self._working.release()
        finally:
            self._admitted.release()


CLEANERS = Cleaners()


def clean(content: bytes, name: str) -> Cleaned:
    """Return the file without what it may betray, or as it is where that is impossible; raises ``TooManyFiles``."""
    return CLEANERS.clean(content, name)


def _too_many() -> TooManyFiles:
    return TooManyFiles(_("Terlalu banyak berkas sedang dibersihkan. Coba lagi sebentar lagi."))


def _read(answer: bytes) -> tuple[str, bytes]:
    kind, end, content = answer.partition(b"\n")
    if not end or not content or kind.decode(errors="replace") not in ENDINGS:
        raise NotCleaned
    return kind.decode(), content


def _ask(content: bytes, kind: str, until: float) -> bytes:
    with _started(kind) as process:
        try:
            answer = _exchange(process, content, until)
            if process.wait(max(until - monotonic(), 0)):
                raise NotCleaned
            return answer
        except (BrokenPipeError, subprocess.TimeoutExpired):
            raise NotCleaned from None
        finally:
            _end(process)


def _started(kind: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-E", "-s", "-B", "-m", "complaints.cleaner", kind, str(os.getpid())]
    try:
        # Nothing of our environment: the address of the database is in it.
        return subprocess.Popen(
            command, cwd=ROOT, env={}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            bufsize=0, process_group=0,
        )  # fmt: skip
    except OSError:  # the machine has no process or no memory left for it
        raise _too_many() from None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and whatever it may have started; its number is nobody else's before it is waited for."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def _exchange(process: subprocess.Popen[bytes], content: bytes, until: float) -> bytes:
    """Give all of ``content``, then take the answer, neither for longer than ``until``."""
    assert process.stdin and process.stdout
    _give(process.stdin, content, until)
    answer = bytearray()
    with DefaultSelector() as ready:
        ready.register(process.stdout, EVENT_READ)
        while piece := _in_time(ready, until) and os.read(process.stdout.fileno(), PIECE):
            answer += piece
            if len(answer) > LARGEST_ANSWER:
                raise NotCleaned
    return bytes(answer)


def _give(pipe: IO[bytes], content: bytes, until: float) -> None:
    os.set_blocking(pipe.fileno(), False)
    left = memoryview(content)
    with DefaultSelector() as ready:
        ready.register(pipe, EVENT_WRITE)
        while left and _in_time(ready, until):
            left = left[os.write(pipe.fileno(), left[:PIECE]) :]
    pipe.close()


def _in_time(ready: DefaultSelector, until: float) -> bool:
    if not ready.select(max(until - monotonic(), 0)):
        raise NotCleaned
    return True
