"""Bursts of people at work, and a server killed in the middle of each."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx
import psutil

from tests.canaries.attempts import Attempt

SECONDS_OF_PATIENCE = 60
SHORTLY = 0.05
# Yields what somebody does next, ``None`` while there is nothing to do.
Crew = Callable[[], Iterator[Attempt | None]]
Kill = Callable[[psutil.Process], None]


@dataclass
class Burst:
    """What came of one burst: every attempt, and what went wrong beyond the server's death."""

    attempts: list[Attempt] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def acknowledged(self) -> list[Attempt]:
        """Return the attempts the server has said yes to."""
        return [attempt for attempt in self.attempts if attempt.acknowledged]

    def work(self, crew: Crew) -> None:
        """Make one attempt after the other until the server is gone."""
        try:
            for attempt in crew():
                if self.over.is_set():
                    return
                self._make(attempt)
        except httpx.TransportError:
            pass
        except BaseException as error:
            self.errors.append(error)

    def _make(self, attempt: Attempt | None) -> None:
        if attempt is None:
            time.sleep(SHORTLY)
        else:
            self.attempts.append(attempt)
            attempt.make()


def burst(crews: list[Crew], master: psutil.Process, chance: random.Random, kill: Kill) -> Burst:
    """Let every crew work at once, and kill the server in the middle of it, when ``chance`` has it."""
    enough, delay = chance.randint(4, 12), chance.uniform(0, 0.2)
    made = Burst()
    threads = [threading.Thread(target=made.work, args=(crew,)) for crew in crews]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + SECONDS_OF_PATIENCE
    while len(made.acknowledged) < enough and not made.errors and time.monotonic() < deadline:
        time.sleep(0.01)
    if len(made.acknowledged) < enough and not made.errors:
        made.errors.append(TimeoutError(f"{len(made.acknowledged)} acts of {enough} in {SECONDS_OF_PATIENCE} seconds"))
    time.sleep(delay)
    kill(master)
    made.over.set()
    for thread in threads:
        thread.join()
    return made


def kill_all(master: psutil.Process) -> None:
    """Kill gunicorn's master and then its workers, who have no time to finish anything."""
    workers = master.children()
    for process in (master, *workers):
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(workers, timeout=20)


def crash_workers(master: psutil.Process) -> None:
    """Let the workers crash, as on a bug in a library, and kill the master before it can replace them."""
    workers = master.children()
    master.send_signal(signal.SIGSTOP)
    for worker in workers:
        worker.send_signal(signal.SIGSEGV)
    master.send_signal(signal.SIGKILL)
    psutil.wait_procs(workers, timeout=20)
