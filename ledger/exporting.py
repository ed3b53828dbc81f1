"""The published log as files: byte for byte what is served below ``/log/``, for web servers and for watchdogs.

What never changes is written once and compared from then on; the checkpoint comes last, so that whoever reads it finds
all that it states. Whatever is read of the folder is whole: a file has its name only once all of it is on the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from kernel.config import Settings
from kernel.vault import Malformed
from ledger.checkpoints import open_checkpoint
from ledger.keeping import alone, kept, place
from ledger.known import known_log
from ledger.models import Published
from ledger.notes import Verifier
from ledger.proving import Signed, newest_checkpoint
from ledger.showing import bodies_shown, content_of, tiles_shown
from ledger.tiles import Tile
from ledger.witnesses import WrongPolicy, policy_of

# For everybody, whatever the umask of whoever exports: it is public already, and a web server runs as somebody else.
FILE_MODE, FOLDER_MODE = 0o644, 0o755
CHECKPOINT = "checkpoint"
Advance = Callable[[int], None]


class NotExported(Exception):
    """The log was not exported, or not all of it; the message says why, and which file was met."""


@dataclass(frozen=True)
class Export:
    """What is exported: all that was published when it began."""

    session: Session
    log: Verifier
    policy: str
    newest: Signed
    tiles: list[Tile]
    bodies: dict[str, bytes]

    @property
    def work(self) -> int:
        """How many files there are that never change."""
        return 1 + len(self.tiles) + len(self.bodies)


def export_of(settings: Settings, session: Session) -> Export:
    """Look at what there is to export; raises ``NotExported`` where nothing is published or the policy is broken."""
    newest, log = newest_checkpoint(session), known_log(settings)
    if newest is None or log is None:
        raise NotExported("Nothing is published yet: `flask ledger publish` does that.")
    try:
        policy = policy_of(settings, log).text
    except WrongPolicy as wrong:
        raise NotExported(str(wrong)) from wrong
    tiles = tiles_shown(session, newest.size)
    return Export(session, log, policy, newest, tiles, dict(bodies_shown(session, newest.size)))


def write_export(export: Export, folder: Path, advance: Advance) -> int:
    """Bring ``folder`` up to date, and return how many files are new of those that never change.

    Raises ``NotExported`` on a file there that is not this log's; ``advance`` is told how much more was looked at.
    """
    _make(folder)
    with alone(folder):
        _refuse_another(export, folder)
        new = 0
        for path, content in _lasting(export):
            new += _write_once(folder / path, content)
            advance(1)
        for path, text in (("policy", export.policy), (CHECKPOINT, export.newest.note)):
            if kept(folder / path) != text:
                place(folder / path, text.encode(), FILE_MODE)
    return new


def _lasting(export: Export) -> Iterator[tuple[str, bytes]]:
    """Yield what never changes, each with its path."""
    yield "vkey", f"{export.log.vkey}\n".encode()
    try:
        yield from ((tile.path, content_of(export.session, tile)) for tile in export.tiles)
    except KeyError as missing:
        raise NotExported(f"{missing.args[0].path} is not in the database: run `flask ledger verify`.") from None
    yield from export.bodies.items()


def _write_once(path: Path, content: bytes) -> bool:
    """Write a file unless it is there; tell whether it is new. Raises ``NotExported`` where it holds anything else."""
    if path.exists():
        if path.read_bytes() != content:
            raise NotExported(f"{path} is not what is published; nothing was written over it.")
        return False
    _make(path.parent)
    place(path, content, FILE_MODE)
    return True


def _make(folder: Path) -> None:
    """Make a folder, and those above it, unless they are there."""
    if not folder.exists():
        _make(folder.parent)
        folder.mkdir()
        folder.chmod(FOLDER_MODE)


def _refuse_another(export: Export, folder: Path) -> None:
    """Refuse a folder whose checkpoint is another log's, or states what was never published here."""
    note = kept(folder / CHECKPOINT)
    if note is None:
        return
    try:
        found = open_checkpoint(note, export.log)
    except Malformed:
        raise NotExported(f"{folder / CHECKPOINT} is not signed by this log: choose another folder.") from None
    published = export.session.get(Published, found.size)
    if found.size > export.newest.size or published is None or published.root != found.root:
        raise NotExported(
            f"{folder / CHECKPOINT} states {found.size} entries that this database has not published: it is older, or "
            "was rewritten. Run `flask ledger verify` with that checkpoint."
        )
