"""What this machine can do with nothing of ours in the way: the floors beside which our figures are read."""

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from gunicorn.app.base import BaseApplication

from kernel.vault import stretch
from tests.bench.load import at_once, get
from tests.server import free_port


def durable_inserts(seconds: float = 3.0) -> float:
    """Return how many one-row transactions a second SQLite makes durable (WAL, synchronous=FULL)."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "floor.sqlite3", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE row (content BLOB)")
        content = os.urandom(8192)
        return _rate(lambda: connection.execute("INSERT INTO row VALUES (?)", (content,)), seconds)


def stretches(threads: int, seconds: float = 3.0) -> float:
    """Return how many Argon2id derivations a second ``threads`` threads make with our parameters."""
    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(lambda _: _rate(lambda: stretch("satu dua tiga", bytes(16)), seconds), range(threads)))


def _rate(once: Callable[[], object], seconds: float) -> float:
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        once()
        count += 1
    return count / (time.perf_counter() - begun)


def bare_answers(workers: int) -> float:
    """Return how many empty Flask answers a second gunicorn gives to four clients, with as many workers as ours."""
    with _bare_server(workers) as url:
        return at_once(4, 2000, lambda connection, _turn: get(connection, "/"), url).rate


class _Bare(BaseApplication):  # type: ignore[misc]
    def __init__(self, options: dict[str, object]) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        app = Flask("bare")
        app.add_url_rule("/", "bare", lambda: "ok")
        return app


@contextmanager
def _bare_server(workers: int) -> Iterator[str]:
    port = free_port()
    process = os.fork()
    if process == 0:
        options = {"bind": f"127.0.0.1:{port}", "workers": workers, "threads": 4, "loglevel": "critical"}
        try:
            _Bare(options).run()
        finally:
            os._exit(0)
    time.sleep(2)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        os.kill(process, 15)
        os.waitpid(process, 0)
