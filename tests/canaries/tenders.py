"""Others who integrate and publish the whole time, beside the server, and are killed in the middle of it."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from ledger.publishing import tend
from tests.canaries.storm import Kill
from tests.server import ROOT, environment
from wsgi import create_app

COUNT = 2
PAUSE = 0.1
BEGUN = b"begun\n"


@contextmanager
def tending(instance: Path, **more: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Have some at work until the block ends, or they are killed; ``more`` joins their environment."""
    with (instance.parent / "tenders.log").open("ab") as log:
        tenders = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.canaries.tenders"], cwd=ROOT, env=environment(instance, **more),
                stdout=subprocess.PIPE, stderr=log,
            )
            for _tender in range(COUNT)
        ]  # fmt: skip
    try:
        for tender in tenders:
            assert tender.stdout and tender.stdout.readline() == BEGUN, "see tenders.log"
        yield tenders
    finally:
        for tender in tenders:
            tender.kill()
            tender.communicate()


def killing(tenders: list[subprocess.Popen[bytes]], kill: Kill, chance: random.Random) -> Kill:
    """Return what kills one after the other, when ``chance`` has it, and then the server by ``kill``."""

    def kill_them_all(master: psutil.Process) -> None:
        for tender in tenders:
            time.sleep(chance.uniform(0, 3 * PAUSE))
            assert tender.poll() is None, "somebody who tends the log has failed: see tenders.log"
            tender.kill()
        kill(master)

    return kill_them_all


def main() -> None:
    """Be one of them."""
    app = create_app()
    for turn in range(sys.maxsize):
        with app.app_context():
            tend()
        if not turn:
            sys.stdout.buffer.write(BEGUN)
            sys.stdout.buffer.flush()
        time.sleep(PAUSE)


if __name__ == "__main__":
    main()
