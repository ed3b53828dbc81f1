"""``make storms N=100``: mixed work and ``kill -9`` in the middle, N times over each database; no promise is lost.

Between storms the whole database is proved sound: chained, signed, nothing half written. Who integrates and publishes
is killed as well, and in the end every two checkpoints there ever were are of one log.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path

from tests.canaries.ordeal import Ordeal, Outcome
from tests.canaries.planting import Unremembered
from tests.canaries.storm import kill_all
from tests.database import PostgreSQLServer, SQLiteFiles


@contextmanager
def _over_sqlite(folder: Path) -> Iterator[Ordeal]:
    kept, lived = folder / "database", folder / "ordeal"
    for made in (kept, lived):
        made.mkdir()
    database, _remove = SQLiteFiles(kept).make()
    yield Ordeal(database, lived, kept, flush=lambda: None, plant=Unremembered)


@contextmanager
def _over_postgresql(folder: Path) -> Iterator[Ordeal]:
    server = PostgreSQLServer()
    try:
        database, _remove = server.make()
        yield Ordeal(database, folder, server.folder, server.checkpoint, plant=Unremembered)
    finally:
        server.stop()


OVER = {"sqlite": _over_sqlite, "postgresql": _over_postgresql}


def weather(kind: str, kills: int) -> Outcome:
    """Go through ``kills`` storms over one kind of database."""
    with tempfile.TemporaryDirectory(prefix="kentongan-storms-") as folder:
        with OVER[kind](Path(folder)) as ordeal:
            return ordeal.weather(repeat(kill_all, kills), lambda said: print(f"  {kind}: {said}", flush=True))


def main() -> int:
    """Tell what became of every promise; fail where one was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", type=int)
    parser.add_argument("--database", choices=OVER, nargs="*", default=list(OVER))
    asked = parser.parse_args()
    outcomes = {kind: weather(kind, asked.kills) for kind in asked.database}
    for kind, outcome in outcomes.items():
        told = ", ".join(f"{count} {' '.join(what)}" for what, count in sorted(outcome.figures.items()))
        print(f"{kind}: {asked.kills} kills; {told}; lost {len(outcome.lost)}, faults {outcome.faults}")
        print(f"{kind}: promised were {', '.join(f'{count} {name}' for name, count in sorted(outcome.kinds.items()))}")
        for error in outcome.errors:
            print(repr(error))
    return int(any(outcome.lost or outcome.faults or outcome.errors for outcome in outcomes.values()))


if __name__ == "__main__":
    sys.exit(main())
