"""A light client: a few threads over plain connections, so that what is measured is the server."""

import http.client
import json
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.client import Ask, Json

Connection = http.client.HTTPConnection
Once = Callable[[Connection, int], None]


class Failed(Exception):
    """An answer that is no success."""


@dataclass(frozen=True)
class Load:
    """What a run of ``count`` operations came to: ``rate`` a second, times in milliseconds."""

    count: int
    failed: int
    rate: float
    median_ms: float
    p95_ms: float


def get(connection: Connection, path: str, headers: dict[str, str] | None = None) -> bytes:
    """Get a page; raises ``Failed`` unless it is a success."""
    return _send(connection, "GET", path, None, headers or {})


def post_json(connection: Connection, path: str, posted: Any) -> bytes:
    """Post JSON; raises ``Failed`` unless the answer is a success."""
    return _send(connection, "POST", path, json.dumps(posted).encode(), {"Content-Type": "application/json"})


def put_bytes(connection: Connection, path: str, parts: Sequence[bytes], token: str) -> bytes:
    """Put bytes, part by part, as who has ``token``; raises ``Failed`` unless the answer is a success."""
    length = str(sum(map(len, parts)))
    headers = {"Content-Type": "application/octet-stream", "Content-Length": length, "Authorization": f"Bearer {token}"}
    return _send(connection, "PUT", path, parts, headers)


def post_form(connection: Connection, path: str, body: bytes) -> bytes:
    """Post an encoded form; raises ``Failed`` unless the answer is a success."""
    return _send(connection, "POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})


def _send(
    connection: Connection, method: str, path: str, body: bytes | Sequence[bytes] | None, headers: dict[str, str]
) -> bytes:
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status >= 400:
        raise Failed(f"{method} {path}: {answer.status} {content[:200]!r}")
    return content


def at_once(threads: int, count: int, once: Once, url: str) -> Load:
    """Do ``once`` ``count`` times in all, ``threads`` at a time; each thread keeps its connection."""
    crowd = Crowd(urlsplit(url).netloc, count, once)
    begun = time.perf_counter()
    workers = [threading.Thread(target=crowd.work) for _thread in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    took = time.perf_counter() - begun
    if crowd.failures:
        print(f"  first of {len(crowd.failures)} failures: {crowd.failures[0]!r}")
    return _load(crowd.times, len(crowd.failures), took)


class Crowd:
    """What several clients do together: each takes the next turn until none is left."""

    def __init__(self, address: str, count: int, once: Once) -> None:
        self._address, self._once = address, once
        self._turns, self._lock = iter(range(count)), threading.Lock()
        self.times: list[float] = []
        self.failures: list[Exception] = []

    def work(self) -> None:
        """Be one of the clients."""
        connection = Connection(self._address, timeout=120)
        while (turn := self._next()) is not None:
            self._try(connection, turn)
        connection.close()

    def _next(self) -> int | None:
        with self._lock:
            return next(self._turns, None)

    def _try(self, connection: Connection, turn: int) -> None:
        begun = time.perf_counter()
        try:
            self._once(connection, turn)
            self.times.append(time.perf_counter() - begun)
        except (Failed, OSError, http.client.HTTPException) as failure:
            self.failures.append(failure)
            connection.close()


def _load(times: list[float], failed: int, took: float) -> Load:
    ordered = sorted(times) or [float("nan")]
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return Load(len(times) + failed, failed, len(times) / took, statistics.median(ordered) * 1000, p95 * 1000)


def remembering(ask: Ask) -> Ask:
    """Ask for each address once: a desk's key does not change while we seal."""
    answers: dict[str, tuple[int, Json]] = {}

    def remembered(path: str, posted: Json | None = None) -> tuple[int, Json]:
        if path not in answers:
            answers[path] = ask(path, posted)
        return answers[path]

    return remembered
