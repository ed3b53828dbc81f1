"""What must be on the disk before anybody relies on it."""

from __future__ import annotations

import os
from pathlib import Path


def settle(path: Path) -> None:
    """Have a file's content on the disk (fsync(2)), or, of a folder, the names in it."""
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
