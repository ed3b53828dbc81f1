"""A machine within this one: its own systemd, network, users and files, on which deploy/ stands as it is shipped."""

from __future__ import annotations

import ctypes
import functools
import os
import re
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.journeys.secure import certified
from tests.machine import PATH, UNTRIED, program
from tests.operations.front import NAME
from tests.server import ROOT, SECONDS_TO_END, SECONDS_TO_START

APART = ("--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup")
CLONE_NEWNET = 0x40000000
# Folders in memory (box.sh), and what is written anywhere else.
WRITTEN = (
    "/mnt/written", "/run", "/tmp", "/dev/shm", "/root", "/home", "/var/tmp", "/var/log", "/var/lib/tor",
    "/var/lib/kentongan", "/var/backups",
)  # fmt: skip


class Box:
    """A running one, by the number that its process 1 has outside."""

    def __init__(self, first: int) -> None:
        self._first = first

    def path(self, path: str) -> Path:
        """Return where a path of the box is found from outside."""
        return Path(f"/proc/{self._first}/root{path}")

    def ask(self, *command: object, check: bool = True, given: str = "") -> str:
        """Run a command there as root; return what it said, complaints too."""
        entering = ["nsenter", "--target", str(self._first), "--all", "env", "-i", f"PATH={PATH}"]
        outcome = subprocess.run(
            [*entering, "LD_LIBRARY_PATH=/opt/python/lib", *map(str, command)],
            input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
        )  # fmt: skip
        assert not check or outcome.returncode == 0, outcome.stdout
        return outcome.stdout

    def kentongan(self, *command: object, check: bool = True) -> str:
        """Give a command of Kentongan's as docs/operations.md says."""
        giving = _documented()[1].removesuffix("migrate\n")
        return self.ask("sh", "-c", giving + " ".join(map(str, command)), check=check)

    def told(self, unit: str, *what: str) -> list[str]:
        """Return properties of a unit."""
        return [self.ask("systemctl", "show", "--value", f"--property={name}", unit).strip() for name in what]

    def written(self) -> Iterator[Path]:
        """Yield every file that was written there since it began, that its users might have written at least."""
        for place in WRITTEN:
            folder = self.path(place)
            yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())

    def processes(self, unit: str) -> list[int]:
        """Return the numbers, outside, of a unit's processes, its main one first; none between two lives."""
        group, main = self.told(unit, "ControlGroup", "MainPID")
        try:
            numbers = self.path(f"/sys/fs/cgroup{group}/cgroup.procs").read_text().split()
        except FileNotFoundError:  # with the last of them their group goes, too
            return []
        return sorted(map(int, numbers), key=lambda number: _number_within(number) != int(main))

    @contextmanager
    def network(self) -> Iterator[None]:
        """Have what this thread connects to, until the block ends, be in the box."""
        with open("/proc/thread-self/ns/net") as outside, open(f"/proc/{self._first}/ns/net") as within:
            _enter(within.fileno())
            try:
                yield
            finally:
                _enter(outside.fileno())


def _number_within(process: int) -> int:
    """Return the number that a process has in the innermost box (proc_pid_status(5)); 0 where it has just ended."""
    with suppress(OSError):
        [numbers] = re.findall(r"(?m)^NSpid:(.*)$", Path(f"/proc/{process}/status").read_text())
        return int(numbers.split()[-1])
    return 0


def _enter(namespace: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


@functools.cache
def refusal() -> str:
    """Say why there can be none here; nothing where there can."""
    if os.geteuid():
        return "only root may begin a machine within this one"
    try:
        group = _group()
    except (OSError, StopIteration):
        return "no group of processes can be made here (cgroup v2)"
    trying = ["unshare", *APART, "--fork", "mount", "--make-rprivate", "/"]
    tried = subprocess.run(trying, capture_output=True, check=False)
    group.rmdir()
    return tried.stderr.decode().strip()


def _group() -> Path:
    """Make a group of processes below that of this one."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    mounted = next(Path(mount[1]) for mount in mounts if mount[2] == "cgroup2")
    own = next(line[3:] for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::"))
    group = mounted / own.strip("/") / f"kentongan-box-{os.getpid()}"
    group.mkdir()
    return group


@contextmanager
def begun(folder: Path) -> Iterator[Box]:
    """Have one run until the block ends; ``folder`` is empty, and stays so."""
    for name in ("nginx", "tor", "systemd-analyze", "ip"):
        program(name)
    if refusal():
        pytest.skip(f"{refusal()}: {UNTRIED} a systemd of its own")
    group, log = _group(), folder.with_suffix(".log")
    beginning = ["sh", ROOT / "tests/operations/box.sh", ROOT, folder, sys.base_prefix, sysconfig.get_path("purelib")]
    apart = ["setpriv", "--pdeathsig", "KILL", "unshare", *APART, "--fork", "--kill-child", *beginning]
    with log.open("wb") as said:
        process = subprocess.Popen(
            ["sh", "-c", 'echo $$ > "$0/cgroup.procs"; exec "$@"', group, *apart],
            stdin=subprocess.DEVNULL, stdout=said, stderr=said,
        )  # fmt: skip
        try:
            yield _running(process, log)
        finally:
            process.kill()
            process.wait(SECONDS_TO_END)
            _remove(group)


def _running(process: subprocess.Popen[bytes], log: Path) -> Box:
    """Wait until its systemd says that it runs."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        for first in children.read_text().split():
            box = Box(int(first))
            if box.ask("systemctl", "is-system-running", check=False).strip() in {"running", "degraded"}:
                return box
        time.sleep(0.05)
    raise RuntimeError(log.read_text())


def _remove(group: Path) -> None:
    """Remove a group and those within it, once the kernel has done with its processes."""
    deadline = time.monotonic() + SECONDS_TO_END
    while group.exists() and time.monotonic() < deadline:
        for each in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
            with suppress(OSError):
                each.rmdir()
        with suppress(OSError):
            group.rmdir()
        time.sleep(0.02)


@functools.cache
def _documented() -> list[str]:
    """Return the commands of docs/operations.md: what puts all in place, what gives a command, and what starts all."""
    text = (ROOT / "docs/operations.md").read_text()
    said = text.split("**Putting it in place**", 1)[1].split("Another proxy", 1)[0]
    blocks: list[str] = re.findall(r"(?ms)^```\n(.*?)^```$", said)
    assert len(blocks) == 3
    return blocks


# What that starts, of which Debian has made some.
SERVICES = ("kentongan-web", "kentongan-work", "kentongan-metrics", "nginx", "tor@default")


def deploy(box: Box) -> None:
    """Put all of deploy/ in place there as docs/operations.md says, and have a demo served, which needs no ceremony."""
    placing, _command, starting = _documented()
    for name, path in zip(("certificate.pem", "key.pem"), certified(box.path("/srv"), NAME), strict=True):
        box.ask("install", "-D", f"/srv/{path.name}", f"/etc/ssl/kentongan/{name}")
    box.ask("sh", "-eux", given=placing)
    for command in ("migrate", "found-demo"):
        box.kentongan(command)
    box.ask("sh", "-eux", given=starting)
