"""The private folder: nobody else reads it, and nothing lies in it that must not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from kernel.config import Settings
from operations.checks.findings import Finding, broken, warning

OTHERS = 0o077
PEOPLE = "demo-people.tsv"


def look_at_folder(settings: Settings) -> Iterator[Finding]:
    """Yield what is wrong with the private folder and the files in it that are secret."""
    yield from look_at_private_folder(settings.instance)
    # The other files stand behind the folder's mode; this one would be the end of it all.
    yield from _readable(settings.instance / "secret", "chmod 600")
    if settings.root_key is None:
        yield warning("There is no root key yet: nobody can report before the ceremony.")
    yield from _demo(settings)


def look_at_private_folder(folder: Path) -> Iterator[Finding]:
    """Yield whether others can enter a folder that must be its owner's alone."""
    yield from _readable(folder, "chmod 700")


def look_at_database_file(path: Path) -> Iterator[Finding]:
    """Yield which of SQLite's files others can read, where they can enter the folder these lie in."""
    if path.parent.stat().st_mode & OTHERS:
        for file in sorted(path.parent.glob(f"{path.name}*")):
            yield from _readable(file, "chmod 600")


def _readable(path: Path, remedy: str) -> Iterator[Finding]:
    told = path.stat()
    if told.st_mode & OTHERS:
        yield broken(f"{path} can be read or written by others: {remedy} {path}")
    if told.st_uid != os.geteuid():
        yield warning(f"{path} belongs to another user than the one who checks: run this as the user who serves.")


def _demo(settings: Settings) -> Iterator[Finding]:
    if settings.demo:
        yield warning("This is a DEMO, all of its keys were made here: it must never take a real complaint.")
    elif (settings.instance / PEOPLE).exists():
        yield broken(f"{settings.instance / PEOPLE} holds passwords: remove it.")
