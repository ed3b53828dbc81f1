"""``make fuzz N=100000``: that many requests to the application, half over each database; every promise must hold."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings

from kernel.database import db
from tests.database import Database, PostgreSQLServer, SQLiteFiles
from tests.fuzz.asking import addresses
from tests.fuzz.described import ask_as_described, modes, operations
from tests.fuzz.judging import Bench, ask_in_every_way
from tests.house.people import Town, settle
from tests.province import found_province
from tests.soundness import faults_of

# Few at a time: what is rightly posted is made anew for each run, since an act that was taken cannot be done again.
OFTEN = settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)  # fmt: skip
LONGEST_STORY = 6000
# Asks at one address, in the way that a decorator of hypothesis says.
Attempt = Callable[[Callable[[Any], Any]], None]


@dataclass
class Run:
    """One run over one kind of database: what was answered, and what was wrong."""

    kind: str
    people: Town
    requests: int
    bench: Bench = field(init=False)
    failures: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bench = Bench(self.people)

    @property
    def asked(self) -> int:
        """Return how many requests there have been."""
        return self.bench.told.total()

    def go(self, chance: random.Random) -> None:
        """Ask at every address, over and over, until enough has been asked."""
        while self.asked < self.requests:
            for name, attempt in self._attempts():
                if name not in self.failures and self.asked < self.requests:
                    self._try(name, attempt, chance.getrandbits(64))
            self._say(f"{self.asked} requests, {len(self.failures)} failures")
            self.people.take_another_case()
        self._look_whether_all_is_sound()

    def _attempts(self) -> Iterator[tuple[str, Attempt]]:
        for address in addresses(self.people):
            yield f"{address.method} {address.rule}", partial(ask_in_every_way, self.bench, address)
        for operation in operations(self.people):
            for mode in modes(operation):
                yield f"{operation.label} ({mode.value})", partial(ask_as_described, self.bench, operation, mode)

    def _try(self, name: str, attempt: Attempt, number: int) -> None:
        try:
            attempt(lambda test: seed(number)(OFTEN(test)))
        except (Exception, BaseExceptionGroup) as failure:
            self.failures[name] = story_of(failure)
            self._say(f"FAILED {name}\n{self.failures[name]}")

    def _look_whether_all_is_sound(self) -> None:
        app = self.people.province.app
        secret = app.extensions["kentongan.settings"].secret
        with app.app_context():
            faults = faults_of(db.engine, self.people.province.root, secret)
        if faults:
            self.failures["soundness"] = "\n".join(faults)

    def _say(self, what: str) -> None:
        print(f"  {self.kind}: {what}", flush=True)


def story_of(failure: BaseException) -> str:
    """Return where an error arose, of what kind it is, and the least request that brings it about."""
    told = "".join(traceback.format_exception(failure))
    return told if len(told) < LONGEST_STORY else f"{told[:LONGEST_STORY // 4]}\n…\n{told[-LONGEST_STORY:]}"


@contextmanager
def _made(kind: str, folder: Path) -> Iterator[Database]:
    if kind == "sqlite":
        yield SQLiteFiles(folder).make()[0]
        return
    server = PostgreSQLServer()
    try:
        yield server.make()[0]
    finally:
        server.stop()


@contextmanager
def town_over(kind: str) -> Iterator[Town]:
    """Found a demo province over a fresh database; errors of the application come through to whoever asks."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kentongan-fuzz-")))
        database = stack.enter_context(_made(kind, folder))
        province = found_province(database, folder / "instance")
        province.app.config["PROPAGATE_EXCEPTIONS"] = True
        yield settle(province)
        with province.app.app_context():
            db.session.remove()
            db.engine.dispose()


def report(run: Run, seconds: float) -> None:
    """Print what was answered, a line for each address, and every failure with its least example."""
    print(f"{run.kind}: {run.asked} requests in {seconds:.0f} s, {len(run.failures)} failures")
    by_address: dict[str, Counter[int]] = {}
    for (name, status), times in run.bench.told.items():
        by_address.setdefault(name, Counter())[status] += times
    for name, statuses in sorted(by_address.items()):
        by_status = " ".join(f"{status}:{times}" for status, times in sorted(statuses.items()))
        print(f"  {name:<56} {statuses.total():>6}  {by_status}")
    for name, story in run.failures.items():
        print(f"FAILED {run.kind} {name}\n{story}\n")


def main() -> int:
    """Ask, and fail where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requests", type=int)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    asked = parser.parse_args()
    print(f"{asked.requests} requests, seed {asked.seed}", flush=True)
    runs = []
    for kind in asked.database:
        with town_over(kind) as people:
            run, began = Run(kind, people, asked.requests // len(asked.database)), time.monotonic()
            # Other nonsense over each: the same drawn twice would be half as much.
            run.go(random.Random(f"{asked.seed} {kind}"))
            report(run, time.monotonic() - began)
            runs.append(run)
    return int(any(run.failures for run in runs))


if __name__ == "__main__":
    sys.exit(main())
