"""What this machine can do with nothing of ours in the way: the floors beside which our figures are read."""

import os
import secrets
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from io import FileIO
from pathlib import Path

from flask import Flask
from gunicorn.app.base import BaseApplication

from complaints.rules import MOST_TOGETHER
from kernel.store import Store, open_store
from kernel.vault import BOXED_BYTES, CHUNK_BYTES, box_into, stretch
from tests.bench.load import at_once, get
from tests.server import free_port

Content = bytes | memoryview

# About as many as the largest file has that is taken by default, and the first eight, which are not timed.
CHUNKS = 112


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


def sealing() -> float:
    """Return how many MB a second AES-256-GCM alone seals, a chunk at a time."""
    content, seal = os.urandom(CHUNK_BYTES), _sealed()
    begun = time.perf_counter()
    for _turn in range(CHUNKS):
        seal(content)
    return _megabytes(CHUNKS, begun)


def source(folder: Path) -> Path:
    """Write a file to be copied, of which no two chunks are alike; return where it is."""
    file = folder / "source"
    file.write_bytes(os.urandom(CHUNKS * CHUNK_BYTES))
    return file


def copying(file: Path, objects: Path) -> float:
    """Return how many MB a second a bare copy of ``file`` brings into the store in ``objects``: read and kept, a chunk
    at a time, and as the store keeps those that come together: eight in an object, settled once.

    Each settled alone, it would be no floor: sending beats that.
    """
    return _copied(file, objects, lambda content: content)


def sealing_and_copying(file: Path, objects: Path) -> float:
    """Return the same where each chunk is sealed with AES-256-GCM in between."""
    return _copied(file, objects, _sealed())


def _sealed() -> Callable[[bytes], Content]:
    key, room = secrets.token_bytes(32), bytearray(CHUNK_BYTES + BOXED_BYTES)
    return lambda content: box_into(room, content, key, b"floor")


def _copied(file: Path, objects: Path, made: Callable[[bytes], Content]) -> float:
    """Copy ``file`` as what is ``made`` of its chunks.

    The copies stay, as a file's chunks do that is sent. What has just been deleted would be in the way of whoever
    writes next: ext4 looks at every number of a file that was free less than a few seconds ago. And the memory that it
    gave back would be had at once, where a virtual machine waits for its host to have more: four times as long for each
    chunk.
    """
    store, turns = open_store(objects), CHUNKS // MOST_TOGETHER - 1
    with file.open("rb", buffering=0) as reading:
        # What a process does once is no part of it.
        _keep_together(store, reading, made)
        begun = time.perf_counter()
        for _turn in range(turns):
            _keep_together(store, reading, made)
        return _megabytes(turns * MOST_TOGETHER, begun)


def _keep_together(store: Store, reading: FileIO, made: Callable[[bytes], Content]) -> None:
    with closing(store.writing()) as writing:
        for _chunk in range(MOST_TOGETHER):
            kept = made(reading.read(CHUNK_BYTES))
            writing.write(writing.place(len(kept)), kept)
        writing.settle()


def _megabytes(chunks: int, begun: float) -> float:
    return chunks * CHUNK_BYTES / 1e6 / (time.perf_counter() - begun)


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
