"""The object store: sealed chunks under random keys, in a local folder or in a bucket of any S3-compatible service.

Nothing in it can be read without a file's key, and nothing in it is ever replaced. What is kept is durable when
``keep`` returns. What fails is told without the path: which complaint's chunk it was is nobody's to know.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol, cast

from flask import current_app

from kernel.config import Bucket
from kernel.disk import begin_to_settle, settle
from kernel.store_errors import SHORT, Lost, StoreFailed, keeping, kind_of, not_forgotten, not_read, told

if TYPE_CHECKING:
    from obstore.store import LocalStore, S3Config, S3Store

KEY_BYTES = 16
KEY = re.compile("[0-9a-f]{32}")
# What a writer that was killed in the middle leaves in a local folder: the object's name, and the library's number.
UNFINISHED = re.compile(r"[0-9a-f]{32}#[0-9]+")
# What files leave of their disk, in bytes: tens of thousands of reports.
LEFT_FREE = 512 * 1024 * 1024
# Together at most 20 seconds: one long attempt, begun just before no further one may be.
PATIENCE = timedelta(seconds=10)
# For one object of a folder, eight mebibytes, that goes into a bucket while nobody waits: half a megabit a second.
PATIENCE_ALONE = timedelta(minutes=2)
TO_CONNECT = timedelta(seconds=3)
ATTEMPTS = 3


@dataclass(frozen=True)
class Kept:
    """One object there is: its key, its size in bytes, and since when. What a killed writer left has no proper key."""

    key: str
    size: int
    at: datetime


@dataclass(frozen=True)
class Extent:
    """Where something lies: the key of its object, at which of that one's bytes it begins, and how many it has."""

    key: str
    begins: int
    size: int


class Writing(Protocol):
    """Contents that come one after another, kept in as few objects as the store makes of them.

    Several may be written at once, each where it was placed. They are durable when ``settle`` returns, which comes
    after all of them. Of those that failed, or were never settled, something may lie under ``keys``.
    """

    keys: list[str]

    def place(self, size: int) -> Extent:
        """Return where the next content, of ``size`` bytes, goes."""

    def write(self, extent: Extent, content: bytes | memoryview) -> None:
        """Put ``content`` where it was placed; raises ``StoreFailed``."""

    def settle(self) -> None:
        """Have all that was written on the disk, before returning; raises ``StoreFailed``."""

    def close(self) -> None:
        """Let go of it: nothing more is written."""


class Store(Protocol):
    """Where objects are: each under a key of 32 random hex digits, kept once and never replaced."""

    def keep(self, key: str, content: bytes | memoryview) -> None:
        """Keep ``content``, durably, before returning; raises ``StoreFailed``, also where the key is taken."""

    def writing(self) -> Writing:
        """Begin to keep what comes one after another."""

    def read(self, key: str, begins: int = 0, size: int | None = None) -> bytes:
        """Return an object, or ``size`` bytes of it; raises ``Lost`` where there is none, ``StoreFailed`` where that
        cannot be told."""

    def forget(self, key: str) -> None:
        """Take an object away, if it is there; raises ``StoreFailed``."""

    def keys(self) -> Iterator[Kept]:
        """Yield every object there is, in the order of their keys if the service keeps it; raises ``StoreFailed``."""

    def answer(self) -> None:
        """Answer whether objects can be reached at all; raises ``StoreFailed``."""


def current_store() -> Store:
    """Return the running installation's store."""
    return cast(Store, current_app.extensions["kentongan.store"])


def open_store(where: Path | Bucket) -> Store:
    """Return the store that the settings name; nothing is asked of it before its first use."""
    return FolderStore(where) if isinstance(where, Path) else BucketStore(where)


@dataclass
class FolderStore:
    """Objects as files of a folder that its owner alone may enter, each in one of 256 folders by its first two digits.

    The library puts a file there whole or not at all, but leaves it to the system when it is on the disk.
    """

    folder: Path
    _is_settled: bool = False

    @cached_property
    def _library(self) -> LocalStore:
        from obstore.store import LocalStore

        return LocalStore(self.folder)

    def keep(self, key: str, content: bytes | memoryview) -> None:
        """Keep an object: its bytes, then its name, are on the disk when this returns."""
        path = self.path_of(key)
        with keeping(self):
            self.settle_folders(path.parent)
            self.leave_room(len(content))
            self._library.put(f"{path.parent.name}/{key}", content, mode="create")
            settle(path)
            settle(path.parent)

    def writing(self) -> Writing:
        """Begin an object to which one content after another is added."""
        return _Growing(self)

    def read(self, key: str, begins: int = 0, size: int | None = None) -> bytes:
        """Return an object, or a part of it: as much of that as there is."""
        path = self.path_of(key)
        with told("read an object", not_read, OSError, lost=self.folder.is_dir), path.open("rb") as file:
            file.seek(begins)
            return file.read(size)

    def forget(self, key: str) -> None:
        """Take an object away, or what a killed writer left of one."""
        with told("forget an object", not_forgotten, OSError):
            (self.folder / key[:2] / _known(key, KEY, UNFINISHED)).unlink(missing_ok=True)

    def keys(self) -> Iterator[Kept]:
        """Yield what is there, with what killed writers left; whatever else lies in the folder is not ours."""
        with told("list its objects", not_read, OSError):
            for part in sorted(path for path in self.folder.iterdir() if path.is_dir()):
                yield from sorted(_entries(part), key=attrgetter("key"))

    def answer(self) -> None:
        """Answer whether the folder is there, and ours to write into."""
        with told("reach its folder", not_read, OSError):
            os.listdir(self.folder)
            if not os.access(self.folder, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, "")

    def path_of(self, key: str) -> Path:
        """Return where an object is, or will be."""
        return self.folder / key[:2] / _known(key, KEY)

    def leave_room(self, size: int) -> None:
        """Leave the last of the disk to the database: whoever fills it with files stops no report."""
        disk = os.statvfs(self.folder)
        if disk.f_bavail * disk.f_frsize < LEFT_FREE + size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def settle_folders(self, needed: Path) -> None:
        """Have the 256 folders that objects go into on the disk, whoever made them: once a process is enough, unless
        somebody has cleared the ``needed`` one away because it was empty.
        """
        if self._is_settled and needed.is_dir():
            return
        for part in range(256):
            (self.folder / f"{part:02x}").mkdir(mode=0o700, exist_ok=True)
        settle(self.folder)
        settle(self.folder.parent)
        self._is_settled = True


@dataclass
class _Growing:
    """One object of a folder, to which one content after another is added; its file is made with the first.

    A file for each would cost an entry in some folder, too, and two commits of the disk's journal.
    """

    store: FolderStore
    keys: list[str] = field(default_factory=list)
    _key: str = field(default_factory=lambda: new_key())
    _size: int = 0
    _lock: Lock = field(default_factory=Lock)
    _file: int | None = None

    def place(self, size: int) -> Extent:
        """Return the extent behind the last one."""
        extent = Extent(self._key, self._size, size)
        self._size += size
        return extent

    def write(self, extent: Extent, content: bytes | memoryview) -> None:
        """Add ``content`` to the object."""
        with keeping(self.store):
            self.store.leave_room(len(content))
            file, left, at = self._opened(), memoryview(content), extent.begins
            while left:
                written = os.pwrite(file, left, at)
                left, at = left[written:], at + written
            begin_to_settle(file, extent.begins, extent.size)

    def settle(self) -> None:
        """Have the object's bytes, then its name, on the disk."""
        if self._file is not None:
            with keeping(self.store):
                os.fsync(self._file)
                settle(self.store.path_of(self._key).parent)

    def close(self) -> None:
        """Close the object's file, be there an error or not: of what was settled nothing is left to fail."""
        if self._file is not None:
            file, self._file = self._file, None
            with suppress(OSError):
                os.close(file)

    def _opened(self) -> int:
        with self._lock:
            if self._file is None:
                path = self.store.path_of(self._key)
                self.store.settle_folders(path.parent)
                self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                # Only now: under a taken key there is nothing of ours to forget.
                self.keys.append(self._key)
            return self._file


@dataclass
class _Separate:
    """Contents as objects of their own: a bucket takes no object bit by bit, and several at once would be in memory.

    What it has refused is none of ``keys``: whoever has waited for that does not wait again to have it forgotten.
    """

    store: BucketStore
    keys: list[str] = field(default_factory=list)

    def place(self, size: int) -> Extent:
        """Return all of another object."""
        return Extent(new_key(), 0, size)

    def write(self, extent: Extent, content: bytes | memoryview) -> None:
        """Keep ``content``, durably."""
        self.store.keep(extent.key, content)
        self.keys.append(extent.key)

    def settle(self) -> None:
        """Do nothing: what a service has it says that it has."""

    def close(self) -> None:
        """Do nothing."""


@dataclass
class BucketStore:
    """Objects in a bucket; what else lies there, or under another prefix, is not ours."""

    bucket: Bucket
    patience: timedelta = PATIENCE

    @cached_property
    def _library(self) -> S3Store:
        from obstore.store import S3Store

        where = self.bucket
        config: S3Config = {
            "access_key_id": where.access_key, "secret_access_key": where.secret_key, "region": where.region,
            "disable_bulk_delete": True,  # not every service can delete many at once
        }  # fmt: skip
        if where.endpoint:
            config["endpoint"] = where.endpoint
        unprotected = bool(where.endpoint and where.endpoint.startswith("http://"))
        return S3Store(
            where.name, prefix=where.prefix or None, config=config,
            client_options={"timeout": self.patience, "connect_timeout": TO_CONNECT, "allow_http": unprotected},
            retry_config={"max_retries": ATTEMPTS - 1, "retry_timeout": self.patience},
        )  # fmt: skip

    def keep(self, key: str, content: bytes | memoryview) -> None:
        """Keep an object: a service that says so has it durably. Some do not know the condition: keys are random."""
        from obstore.exceptions import AlreadyExistsError

        with keeping(self):
            try:
                self._library.put(_known(key, KEY), content, mode="create", use_multipart=False)
            except AlreadyExistsError:
                # An earlier attempt of the same call, whose answer was lost on the way.
                if bytes(self._library.get(key).bytes()) != content:
                    raise

    def writing(self) -> Writing:
        """Keep each content as an object of its own."""
        return _Separate(self)

    def read(self, key: str, begins: int = 0, size: int | None = None) -> bytes:
        """Return an object, or a part of it: as much of that as there is."""
        with told("read an object", not_read, lost=self._is_there):
            if size is None:
                return bytes(self._library.get(_known(key, KEY)).bytes())
            return self._part(_known(key, KEY), begins, size)

    def forget(self, key: str) -> None:
        """Take an object away."""
        with suppress(Lost), told("forget an object", not_forgotten, lost=self._is_there):
            self._library.delete(_known(key, KEY))

    def keys(self) -> Iterator[Kept]:
        """Yield what is there."""
        with told("list its objects", not_read):
            for listed in self._library.list():
                for found in listed:
                    if KEY.fullmatch(found["path"]):
                        yield Kept(found["path"], found["size"], found["last_modified"])

    def answer(self) -> None:
        """Answer whether the bucket can be listed."""
        with told("reach its bucket", not_read):
            next(iter(self._library.list(chunk_size=1)), None)

    def _part(self, key: str, begins: int, size: int) -> bytes:
        from obstore.exceptions import BaseError

        try:
            return bytes(self._library.get_range(key, start=begins, length=size))
        except BaseError as error:
            if not SHORT.search(kind_of(error)):
                raise
            return bytes(self._library.get(key).bytes())[begins : begins + size]

    def _is_there(self) -> bool:
        """Tell whether the bucket is: services say the same of an object that is missing and of a bucket that is."""
        try:
            self.answer()
        except StoreFailed:
            return False
        return True


def new_key() -> str:
    """Return a key that no object has: 32 random hex digits."""
    return secrets.token_hex(KEY_BYTES)


def patient(store: Store) -> Store:
    """Return the same store for who puts whole objects into it, one after another, and has nobody wait for them."""
    return replace(store, patience=PATIENCE_ALONE) if isinstance(store, BucketStore) else store


def _known(key: str, *kinds: re.Pattern[str]) -> str:
    """Return a key that is one: any other would be a path of somebody's choice."""
    if not any(kind.fullmatch(key) for kind in kinds):
        raise ValueError("this is no key of an object")
    return key


def _entries(part: Path) -> Iterator[Kept]:
    with os.scandir(part) as entries:
        for entry in entries:
            if KEY.fullmatch(entry.name) or UNFINISHED.fullmatch(entry.name):
                yield from _about(entry)


def _about(entry: os.DirEntry[str]) -> Iterator[Kept]:
    """Tell about an object, unless it has gone since its folder was read: a finished one has got its name meanwhile."""
    with suppress(FileNotFoundError):
        about = entry.stat(follow_symlinks=False)
        yield Kept(entry.name, about.st_size, datetime.fromtimestamp(about.st_mtime, UTC))
