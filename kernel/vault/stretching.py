"""Words into keys, slowly: Argon2id (RFC 9106), 19 MiB, two passes (formats §1)."""

from __future__ import annotations

from concurrent.futures import Future
from queue import Full, Queue
from threading import Lock, Thread

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from kernel.vault.deriving import KEY_BYTES

MEMORY_KIB = 19_456
PASSES = 2
LANES = 1
SALT_BYTES = 16
MOST_WAITING = 6


class Busy(Exception):
    """More words wait to be stretched than the queue holds; the same may be asked again shortly."""


def stretch(words: str, salt: bytes) -> bytes:
    """Stretch canonical ``words`` (ASCII) under a 16-byte ``salt`` into a 32-byte key; takes about 40 ms."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"the salt is {SALT_BYTES} bytes")
    kdf = Argon2id(salt=salt, length=KEY_BYTES, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB)
    return kdf.derive(words.encode("ascii"))


class Stretcher:
    """The one thread of a process that runs Argon2id, behind a bounded queue.

    Eight threads leave 305 MB resident, one 39 MB. The thread starts with the first words, hence after a fork.
    Whoever asks waits in a thread of the web server's: the queue holds fewer than that has (``gunicorn.conf.py``), so
    that others are answered while many wait here.
    """

    def __init__(self, queue: int = MOST_WAITING) -> None:
        self._waiting: Queue[tuple[str, bytes, Future[bytes]]] = Queue(queue)
        self._starting = Lock()
        self._thread: Thread | None = None

    def stretch(self, words: str, salt: bytes) -> bytes:
        """Do as ``stretch`` and wait for the result; raises ``Busy`` at once when the queue is full."""
        result: Future[bytes] = Future()
        try:
            self._waiting.put_nowait((words, salt, result))
        except Full:
            raise Busy from None
        self._start()
        return result.result()

    @property
    def is_full(self) -> bool:
        """Tell whether the next words would be refused."""
        return self._waiting.full()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="stretcher", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            words, salt, result = self._waiting.get()
            try:
                result.set_result(stretch(words, salt))
            except Exception as error:
                # Whoever asked gets the error; the thread goes on.
                result.set_exception(error)
