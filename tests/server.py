"""A whole installation in a folder of its own: gunicorn, a demo province, and the people's keys to it."""

import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
# Far more than it needs: on a crowded machine it has been seen to take most of a minute.
SECONDS_TO_START = 180
SECONDS_TO_END = 60
# Below 11,000 there is one that Chromium opens nothing on.
PORTS, WORKERS = range(11_000, 32_000), 16
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "GLIBC_TUNABLES")


@dataclass(frozen=True)
class Person:
    """One line of the demo's list of people."""

    name: str
    role: str
    desk: str
    password: str
    totp_secret: str


@dataclass
class Installation:
    """A running server: where it answers, its private folder, its people, its process."""

    url: str
    instance: Path
    people: dict[str, Person]
    process: subprocess.Popen[bytes]

    def of(self, role: str, desk: str) -> list[Person]:
        """Return the people with ``role`` at ``desk`` (a desk's code), in the order of the list."""
        return [person for person in self.people.values() if (person.role, person.desk) == (role, desk)]


def read_people(instance: Path) -> dict[str, Person]:
    """Read the demo's list of people, by name; a real installation has none."""
    path = instance / "demo-people.tsv"
    lines = path.read_text().splitlines() if path.exists() else []
    people = [Person(*line.split("\t")[:5]) for line in lines if line and not line.startswith("#")]
    return {person.name: person for person in people}


def free_port() -> int:
    """Return a port that is free: one of this worker's own, below those that systems hand out by themselves.

    What is found free by asking for any port may be handed to somebody else before a server has come to listen there.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    ports = range(PORTS.start + worker, PORTS.stop, WORKERS)
    return next(port for port in random.sample(ports, len(ports)) if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do, who pass over connections that have just ended there.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def environment(instance: Path, **more: str) -> dict[str, str]:
    """Return the environment of an installation in ``instance``."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return kept | {"KENTONGAN_INSTANCE": str(instance), "PYTHONDONTWRITEBYTECODE": "1"} | more


def found(instance: Path, **more: str) -> None:
    """Migrate the database and found the demo province."""
    for command in ("migrate", "found-demo"):
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", command],
            cwd=ROOT, env=environment(instance, **more), check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip


@contextmanager
def founded(**more: str) -> Iterator[Installation]:
    """Run a demo province of its own, in a folder that goes when the block ends; ``more`` joins its environment."""
    with tempfile.TemporaryDirectory(prefix="kentongan-journeys-") as folder:
        instance = Path(folder) / "instance"
        found(instance, **more)
        with running(instance, **more) as served:
            yield served


@contextmanager
def running(instance: Path, port: int | None = None, folder: Path = ROOT, **more: str) -> Iterator[Installation]:
    """Run gunicorn over ``instance`` until the block ends; ``more`` joins its environment.

    It listens on ``port``, or on one that is free, and works in ``folder``.
    """
    port = port or free_port()
    log = (instance.parent / f"{instance.name}.log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "gunicorn.conf.py"), "--bind", f"127.0.0.1:{port}",
         "wsgi:create_app()"],
        cwd=folder, env=environment(instance, PYTHONPATH=str(ROOT), **more), stdout=log, stderr=log,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, process)
        yield Installation(url, instance, read_people(instance), process)
    finally:
        process.terminate()
        process.wait(SECONDS_TO_END)
        log.close()


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds: for as long as a server may take to start."""
    end = time.monotonic() + SECONDS_TO_START
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("the server ended before it answered; its log stands beside its instance folder")
        try:
            urlopen(f"{url}/", timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not answer within {SECONDS_TO_START} seconds")
