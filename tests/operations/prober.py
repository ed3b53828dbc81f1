"""Tries what a service of ours has no use for, and prints as JSON what came of it: started in a unit's own place."""

from __future__ import annotations

import ctypes
import errno
import json
import mmap
import os
import resource
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PER_LINUX32 = 0x0008
LIBC = ctypes.CDLL(None, use_errno=True)


def writable() -> list[str]:
    """Return where this user may write: all that is mounted so (proc_pid_mountinfo(5)), and two folders deep."""
    mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    # What was mounted last on a place hides what was there before.
    last = {Path(mount[4]): mount[5].split(",") for mount in mounts}
    places = [place for place, options in last.items() if "rw" in options and place != Path("/proc")]
    return sorted({str(place) for found in places for place in _folders(found, 2) if os.access(place, os.W_OK)})


def _folders(place: Path, depth: int) -> Iterator[Path]:
    yield place
    if depth and os.access(place, os.R_OK | os.X_OK):
        for each in place.iterdir():
            if each.is_dir() and not each.is_symlink() and not each.is_mount():
                yield from _folders(each, depth - 1)


def strangers() -> list[str]:
    """Return the processes of others that are to be seen."""
    seen = [path for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [path.name for path in seen if path.stat().st_uid != os.getuid()]


def call(name: str, *arguments: int | bytes | None) -> None:
    """Call a function of the C library that returns -1 where it fails."""
    if getattr(LIBC, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)


def connect(host: str) -> None:
    """Connect to nginx, which listens on every address of this machine."""
    with socket.create_connection((host, 80), timeout=0.5):
        pass


def run_what_was_written() -> None:
    """Have memory that can be written and run."""
    mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def lend_its_user() -> None:
    """Make a file that whoever starts it is this user in."""
    path = Path(os.environ["KENTONGAN_INSTANCE"]) / "prober"
    path.touch()
    try:
        path.chmod(0o4755)
    finally:
        path.unlink()


def realtime() -> None:
    """Have the processor before all others."""
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


def keep_a_core() -> None:
    """Have a core file left."""
    resource.setrlimit(resource.RLIMIT_CORE, (1, 1))


def attempts(elsewhere: str) -> dict[str, Callable[[], object]]:
    """Return what is tried, by what it is; ``elsewhere`` is an address of this machine that is not loopback."""
    return {
        "this machine": lambda: connect("127.0.0.1"),
        "another machine": lambda: connect(elsewhere),
        "packets": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close(),
        "the kernel's sockets": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
        "homes": lambda: os.listdir("/home"),
        "others' temporary files": lambda: os.stat("/tmp/somebody's"),
        "a disk": lambda: os.stat("/dev/somebody's"),
        "the kernel's settings": lambda: os.stat("/proc/sys"),
        "mounting": lambda: call("mount", b"tmpfs", b"/tmp", b"tmpfs", 0, None),
        "namespaces": lambda: call("unshare", CLONE_NEWUSER),
        "another personality": lambda: call("personality", PER_LINUX32),
        "another root": lambda: call("chroot", b"/tmp"),
        "memory that is written and run": run_what_was_written,
        "lending its user": lend_its_user,
        "realtime": realtime,
        "a core file": keep_a_core,
    }


def outcome(attempt: Callable[[], object]) -> str:
    """Return ``done``, or the error's name."""
    try:
        attempt()
    except OSError as refused:
        return errno.errorcode.get(refused.errno or 0, type(refused).__name__)
    except ValueError as refused:  # of setrlimit: more than the bound
        return type(refused).__name__
    return "done"


def status() -> dict[str, int]:
    """Return what the kernel says of this process: its rights, the most it could have, and how it is bounded."""
    lines = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    return {name: int(lines[name], 16) for name in ("CapPrm", "CapBnd", "NoNewPrivs", "Seccomp")}


if __name__ == "__main__":
    came = {name: outcome(attempt) for name, attempt in attempts(sys.argv[1]).items()}
    users = Path("/proc/self/uid_map").read_text()
    told = {"writable": writable(), "strangers": strangers(), "status": status(), "users": users}
    print(json.dumps(told | {"came": came}))
