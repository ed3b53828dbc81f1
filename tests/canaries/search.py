"""Thousands of secrets looked for at once, byte by byte, in files and in values."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select

from kernel.database import Base

WINDOW = 8
# Whatever is as long as this has, wherever it stands, a whole window that begins at a multiple of eight.
SHORTEST = 2 * WINDOW - 1


@dataclass(frozen=True, order=True)
class Finding:
    """A secret of some ``kind`` that stands in some ``place``."""

    kind: str
    place: str


class Searcher:
    """Looks for many byte strings in one pass.

    Python compares one string at a time, which would take hours. So contents are read as a row of eight-byte numbers,
    and only where one of those is known are strings compared: every string has eight windows, one of which must fall
    on such a number.
    """

    def __init__(self, wanted: Mapping[bytes, str]) -> None:
        """Take the strings, each with the kind of secret it is; raises ``ValueError`` on one that is too short."""
        self._kinds = dict(wanted)
        self._windows: dict[int, set[bytes]] = defaultdict(set)
        for form in wanted:
            if len(form) < SHORTEST:
                raise ValueError(f"{form!r} is too short to be told from a chance")
            for start in range(WINDOW):
                self._windows[int.from_bytes(form[start : start + WINDOW], sys.byteorder)].add(form)
        self._known = frozenset(self._windows)

    def kinds_in(self, content: bytes) -> set[str]:
        """Return the kinds of the secrets that stand in ``content``."""
        row = memoryview(content.ljust(-(-len(content) // WINDOW) * WINDOW, b"\0")).cast("Q")
        suspects = {form for window in self._known.intersection(row) for form in self._windows[window]}
        return {self._kinds[form] for form in suspects if form in content}

    def search(self, contents: Iterable[tuple[str, bytes]]) -> set[Finding]:
        """Return what stands where."""
        return {Finding(kind, place) for place, content in contents for kind in self.kinds_in(content)}


def files(*folders: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file below ``folders``, hidden ones too, with its path."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            with suppress(FileNotFoundError):  # a server's own files come and go
                if path.is_file() and not path.is_symlink():
                    yield str(path), path.read_bytes()


def values(engine: Engine) -> Iterator[tuple[str, bytes]]:
    """Yield every value of every table, which a database may keep compressed in its files."""
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                for column, value in row.items():
                    content = value if isinstance(value, bytes) else str(value).encode()
                    yield f"{table.name}.{column}", content
