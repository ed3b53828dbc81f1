"""The machine: whether the memory of a process could come to lie on a disk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from operations.checks.findings import Finding, broken, warning

PROC = Path("/proc")
CORE_LIMIT = "Max core file size"
OURS = ("gunicorn", "wsgi:create_app")


def look_at_machine(proc: Path = PROC) -> Iterator[Finding]:
    """Yield what could put a report that is being sealed on a disk; ``proc`` is where Linux tells of itself."""
    yield from _swap(proc)
    yield from _cores(proc)


def _swap(proc: Path) -> Iterator[Finding]:
    with suppress(OSError):
        for line in (proc / "swaps").read_text().splitlines()[1:]:
            device = line.split()[0]
            if not device.startswith("/dev/zram"):  # which is memory
                yield warning(f"Swap is on ({device}): turn it off, encrypt it, or serve from deploy/systemd's units.")


def _cores(proc: Path) -> Iterator[Finding]:
    workers = list(_workers(proc))
    if not workers:
        yield warning("No web process of this user runs here: their limits were not looked at.")
    for worker in workers:
        limit = re.search(rf"^{CORE_LIMIT}\s+(\S+)\s+(\S+)", (worker / "limits").read_text(), re.MULTILINE)
        if limit is None or limit.groups() != ("0", "0"):
            yield broken(f"Web process {worker.name} may leave a core file: start it with gunicorn.conf.py.")


def _workers(proc: Path) -> Iterator[Path]:
    """Yield gunicorn's workers; their parent, which never loads the application, has nothing to hide."""
    ours = {path for path in proc.glob("[0-9]*") if _is_ours(path)}
    names = {path.name for path in ours}
    return (path for path in sorted(ours) if _parent(path) in names)


def _is_ours(process: Path) -> bool:
    with suppress(OSError):
        program, _, arguments = (process / "cmdline").read_bytes().decode(errors="replace").partition("\0")
        # A shell or a `timeout` around it has the same words among its arguments.
        return "python" in program and all(word in arguments for word in OURS)
    return False


def _parent(process: Path) -> str:
    with suppress(OSError):
        found = re.search(r"^PPid:\s+(\d+)", (process / "status").read_text(), re.MULTILINE)
        return found[1] if found else ""
    return ""
