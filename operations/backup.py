"""A backup: the private folder and the database together, in a folder that says of each file what it must be.

``SHA256SUMS`` is what ``sha256sum -c`` reads. A backup that is not whole has not got its name yet.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from kernel import clock
from kernel.config import Settings
from kernel.disk import settle
from kernel.migrating import revision_of
from kernel.store import KEY, open_store
from kernel.store_errors import StoreFailed
from ledger.publishing import FOLDER as PUBLISHER
from operations.dumps import FILES, DumpFailed, dump, is_empty, kind_of

ABOUT, SUMS, FOLDER, OBJECTS = "BACKUP", "SHA256SUMS", "instance", "objects"
FORMAT = "kentongan backup 1"
# What is made anew at a start, and what is about this machine alone.
LAST_BACKUP, LAST_LOOK, LAST_SWEEP = "last-backup", "last-look", "last-sweep"
# Says why the store has not kept an object, until it is seen to keep one (``operations.watching``).
REFUSED = "store-refused"
# Says that the store held objects when this installation was restored (``operations.restoring``).
RESTORED = "RESTORED"
LEFT_OUT = {"static", LAST_BACKUP, LAST_LOOK, LAST_SWEEP, REFUSED, RESTORED, PUBLISHER}


class BackupFailed(Exception):
    """No backup was made; the message says why."""


@dataclass(frozen=True)
class About:
    """What a backup is of: which kind of database, at which revision of its schema."""

    kind: str
    revision: str

    def lines(self) -> str:
        """Write it down."""
        return f"{FORMAT}\ndatabase {self.kind}\nrevision {self.revision}\n"


def back_up(settings: Settings, target: Path) -> None:
    """Write a backup into ``target``, which must not exist or be empty; raises ``BackupFailed``, and leaves nothing.

    Everything in it has mode 0600, and the installation notes when it was made.
    """
    owner_url = _sources(settings)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BackupFailed(f"{target} holds something already: name a folder that does not exist.")
    try:
        with _draft(target) as draft:
            _fill(draft, settings, owner_url)
    except StoreFailed as failed:
        raise BackupFailed(f"The store's objects cannot be read ({failed.reason}).") from failed
    except (DumpFailed, OSError) as error:
        raise BackupFailed(str(error)) from error
    write_privately(settings.instance / LAST_BACKUP, f"{clock.now().isoformat(timespec='seconds')}\n")


def _sources(settings: Settings) -> str:
    """Return by which URL all of the database can be read, if there is something in it."""
    if not settings.owner_url:
        raise BackupFailed("Set KENTONGAN_OWNER_URL to the role that owns the tables: it alone reads all of them.")
    if is_empty(settings.owner_url):
        raise BackupFailed("There is nothing in the database: is DATABASE_URL right?")
    return settings.owner_url


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    draft.mkdir(mode=0o700, parents=True)
    try:
        yield draft
        draft.rename(target)  # over an empty folder, if there is one
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _fill(draft: Path, settings: Settings, owner_url: str) -> None:
    kind = kind_of(owner_url)
    dump(owner_url, draft / FILES[kind])
    for path in private_files(settings):
        _copy(path, draft / FOLDER / path.relative_to(settings.instance))
    if isinstance(settings.store, Path):
        _copy_objects(settings.store, draft / OBJECTS)
    write_privately(draft / ABOUT, About(kind, _revision(owner_url)).lines())
    write_privately(draft / SUMS, "".join(f"{digest_of(draft / name)}  {name}\n" for name in names(draft)))
    _settle(draft)


def _copy_objects(folder: Path, target: Path) -> None:
    """Copy the store's objects; made after the dump, the copy has every one that a row of it names.

    Those that are swept meanwhile, no row names, or one that goes in the restored database, too.
    """
    target.mkdir(mode=0o700)
    for kept in open_store(folder).keys():
        if KEY.fullmatch(kept.key):
            with suppress(FileNotFoundError):
                _copy(folder / kept.key[:2] / kept.key, target / kept.key[:2] / kept.key)


def _copy(path: Path, copied: Path) -> None:
    with path.open("rb"):  # before a folder is made for it
        copied.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(path, copied, follow_symlinks=False)
    copied.chmod(0o600)


def private_files(settings: Settings) -> Iterator[Path]:
    """Yield the files of the private folder that a backup holds: not the database's own, sockets, nor what is made.

    Nor the store's objects, which are copied by themselves.
    """
    database = f"{settings.database_url.removeprefix('sqlite:///')}"
    for path in sorted(settings.instance.rglob("*")):
        first = path.relative_to(settings.instance).parts[0]
        made = first in LEFT_OUT or first.startswith(".") or str(path).startswith(database)
        made = made or settings.store in path.parents
        if stat.S_ISREG(path.lstat().st_mode) and not made:
            yield path


def names(folder: Path) -> list[str]:
    """Return the files of a backup that ``SHA256SUMS`` tells of, by their paths in it."""
    found = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()]
    return sorted(name for name in found if name != SUMS)


def digest_of(path: Path) -> str:
    """Return a file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_privately(path: Path, text: str) -> None:
    """Write a file that its owner alone can read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def _settle(folder: Path) -> None:
    """Have everything on the disk before the backup gets its name."""
    for path in [folder, *folder.rglob("*")]:
        settle(path)


def _revision(url: str) -> str:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return revision_of(connection)
