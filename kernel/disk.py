"""What must be on the disk before anybody relies on it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path


def settle(path: Path) -> None:
    """Have a file's content on the disk (fsync(2)), or, of a folder, the names in it."""
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def begin_to_settle(opened: int, begins: int, size: int) -> None:
    """Have what was just written to an open file brought to the disk meanwhile: settling it has less to wait for.

    Linux begins to write what it hears that nobody needs in memory (posix_fadvise(2)); others do it in their own time.
    """
    if sys.platform == "linux":
        # No more than a hint: some file systems take none.
        with suppress(OSError):
            os.posix_fadvise(opened, begins, size, os.POSIX_FADV_DONTNEED)
