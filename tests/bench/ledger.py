"""The ledger: what it costs a transition, and how long entering, proving and verifying take with a million entries."""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha512
from itertools import islice
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine, insert, text
from sqlalchemy.orm import Session

from kernel.database import db, put, table_of, transaction
from kernel.web import current_settings
from ledger import verify
from ledger.integrating import integrate
from ledger.models import ENTRY_BYTES, Leaf, Pending, StoredTile
from ledger.proving import newest_checkpoint, proofs_of
from ledger.publishing import FOLDER, LAST, log_of, publish
from ledger.tiles import WIDTH, Tile, grown, nodes_in, write_bundle
from ledger.tree import leaf_hash, root_of
from tests.bench.crowd import as_logged_in
from tests.bench.transition import DESK, FIRED, PROCESSES, ROUNDS, WARMING, lodging, prepare, take, together
from tests.database import Database, PostgreSQLServer, SQLiteFiles
from tests.ledger.owners import change, unguarded
from tests.ledger.shown import write
from tests.province import Province, found_province

# A million takes minutes to lay out; KENTONGAN_BENCH_ENTRIES makes a quick look possible, and the table says so.
ENTRIES = int(os.environ.get("KENTONGAN_BENCH_ENTRIES", "1000000"))
ENTERED, AT_ONCE = 4096, 20_000
PROOFS = 1000
ENTER = "case_events_enter"
EMPTIED = ("log_cosignature", "log_checkpoint", "log_leaf", "log_tile")


@dataclass(frozen=True)
class Times:
    """How long something took (ms): usually, and in one of a hundred cases."""

    median: float
    p99: float


@dataclass(frozen=True)
class Seconds:
    """How long something took by the clock, and of the processor."""

    passed: float
    processor: float


@contextmanager
def databases(count: int) -> Iterator[dict[str, list[Database]]]:
    """So many empty databases of each kind; both kinds wait for their disk, as in life."""
    os.environ.setdefault("KENTONGAN_TEST_FSYNC", "on")
    server = PostgreSQLServer()
    try:
        with tempfile.TemporaryDirectory(prefix="kentongan-bench-") as folder:
            files = SQLiteFiles(Path(folder))
            made = {"SQLite": files, "PostgreSQL": server}
            yield {name: [kind.make()[0] for _database in range(count)] for name, kind in made.items()}
    finally:
        server.stop()


def measure_shares(pair: list[Database], folder: Path) -> dict[int, float]:
    """Return by the number of processes how many transitions there are for a hundred without the ledger.

    Without it is a database whose events wait for no log: the trigger that has them wait is gone. Both sides of a round
    follow each other at once; of several rounds the middle one counts.
    """
    with_it, without = (found_province(each, folder / str(at)) for at, each in enumerate(pair))
    _forget(pair[1])
    sides = [_Side(province) for province in (with_it, without)]
    return {
        processes: statistics.median(_share(*(side.rate(processes) for side in sides)) for _round in range(ROUNDS))
        for processes in PROCESSES
    }


def _share(some: float, all_: float) -> float:
    return 100 * some / all_


class _Side:
    """One of the two: a province, and cases that are ready to be taken."""

    def __init__(self, province: Province) -> None:
        self._province = province
        count = ROUNDS * (WARMING + FIRED) * sum(PROCESSES)
        self._waiting = iter([prepare(province, case) for case in islice(lodging(province), count)])
        with province.app.app_context():
            self._lead = as_logged_in("lead", DESK)

    def rate(self, processes: int) -> float:
        """Return how many transitions a second so many processes make together."""
        acts = [list(islice(self._waiting, WARMING + FIRED)) for _process in range(processes)]
        return together(self._province, [partial(take, self._lead, each) for each in acts], FIRED).rate


def _forget(database: Database) -> None:
    on = "" if database.kind == "sqlite" else " ON case_events"
    with database.engine(database.owner_url).begin() as connection:
        connection.execute(text(f"DROP TRIGGER {ENTER}{on}"))


def measure_entering(app: Flask) -> float:
    """Return how long (ms) the integrator takes for one entry of many that wait."""
    with app.app_context():
        integrate()
        with transaction() as session:
            put(session, Pending, *({"entry": os.urandom(ENTRY_BYTES)} for _entry in range(ENTERED)))
        begun = time.perf_counter()
        integrate()
        return 1000 * (time.perf_counter() - begun) / ENTERED


@dataclass(frozen=True)
class Large:
    """A log of so many entries, and its tiles."""

    entries: list[bytes]
    tiles: dict[Tile, bytes]

    @classmethod
    def of(cls, size: int) -> Large:
        """Make one."""
        entries = [sha512(at.to_bytes(8, "big")).digest() for at in range(size)]
        tiles: dict[Tile, bytes] = {}
        # Whole tiles at a time: what is kept of a level is then what ``grown`` asks for.
        for first in range(0, size, WIDTH * WIDTH):
            hashes = [leaf_hash(each) for each in entries[first : first + WIDTH * WIDTH]]
            tiles |= grown(tiles.__getitem__, first, hashes)
        return cls(entries, tiles)

    @property
    def root(self) -> bytes:
        """The root over all."""
        return root_of(nodes_in(self.tiles.__getitem__, len(self.entries)), len(self.entries))

    def put_into(self, engine: Engine) -> None:
        """Have it in a database instead of the log there, past the guards, which is for who owns the tables."""
        widest = {(tile.level, tile.index): held for tile, held in sorted(self.tiles.items(), key=_width)}
        leaves = [{"idx": idx, "entry": entry} for idx, entry in enumerate(self.entries)]
        tiles = [{"level": level, "number": number, "content": held} for (level, number), held in widest.items()]
        with engine.begin() as connection:
            for table in EMPTIED:
                change(connection, *unguarded(f"UPDATE {table} "), f"DELETE FROM {table}")
            change(connection, *unguarded("UPDATE log_head "))
            for first in range(0, len(leaves), AT_ONCE):
                connection.execute(insert(table_of(Leaf)), leaves[first : first + AT_ONCE])
            connection.execute(insert(table_of(StoredTile)), tiles)
            head = {"size": len(leaves), "root": self.root}
            change(connection, "UPDATE log_head SET size = :size, root = :root", **head)

    def lay_out(self, folder: Path, note: str) -> None:
        """Write what a stranger reads: every bundle of entries, and the checkpoint."""
        for number, first in enumerate(range(0, len(self.entries), WIDTH)):
            bundle = self.entries[first : first + WIDTH]
            write(folder, Tile(None, number, len(bundle)).path, write_bundle(bundle))
        write(folder, "checkpoint", note.encode())


def _width(tile_and_content: tuple[Tile, bytes]) -> int:
    return tile_and_content[0].width


def measure_proving(province: Province, database: Database, large: Large) -> Times:
    """Return how long it takes to prove an entry of a large log, its place looked up by the entry."""
    engine, chance = database.engine(database.owner_url), random.Random(ENTRIES)
    with province.app.app_context():
        large.put_into(engine)
        (province.instance / FOLDER / LAST).unlink(missing_ok=True)
        publish()
        took = [_proving(chance.choice(large.entries)) for _proof in range(PROOFS)]
        db.session.remove()
    took.sort()
    return Times(statistics.median(took), took[PROOFS * 99 // 100])


def _proving(entry: bytes) -> float:
    begun = time.perf_counter()
    with Session(db.engine) as session:
        assert proofs_of(session, [entry])
    return 1000 * (time.perf_counter() - begun)


def measure_verifying(province: Province, large: Large) -> Seconds:
    """Return how long the strangers' file takes for a whole large log that lies in a folder."""
    with tempfile.TemporaryDirectory(prefix="kentongan-bench-") as folder:
        with province.app.app_context(), Session(db.engine) as session:
            signed = newest_checkpoint(session)
            assert signed is not None
            large.lay_out(Path(folder), signed.note)
            vkey = log_of(current_settings()).verifier.vkey
        command = [sys.executable, "-I", str(verify.__file__), "log", folder, "--vkey", vkey]
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        passed, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Seconds(passed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
