"""The object store: sealed chunks under random keys, in a local folder or in a bucket of any S3-compatible service.

Nothing in it can be read without a file's key, and nothing in it is ever replaced. What is kept is durable when
``keep`` returns. What fails is told without the path: which complaint's chunk it was is nobody's to know.
"""

from __future__ import annotations

import errno
import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from blinker import Namespace
from flask import current_app

from kernel.config import Bucket
from kernel.disk import settle
from kernel.i18n import gettext as _
from kernel.refusal import Overloaded

if TYPE_CHECKING:
    from obstore.store import LocalStore, S3Config, S3Store

log = logging.getLogger(__name__)

# A store has not kept an object; sent with its ``reason``.
refused = Namespace().signal("refused")

KEY = re.compile("[0-9a-f]{32}")
# What a writer that was killed in the middle leaves in a local folder: the object's name, and the library's number.
UNFINISHED = re.compile(r"[0-9a-f]{32}#[0-9]+")
# What files leave of their disk, in bytes: tens of thousands of reports.
LEFT_FREE = 512 * 1024 * 1024
# Together at most 20 seconds: one long attempt, begun just before no further one may be.
PATIENCE = timedelta(seconds=10)
TO_CONNECT = timedelta(seconds=3)
ATTEMPTS = 3
# What went wrong, in the words of the library, of Python, and of S3.
OS_ERROR = re.compile(r"\(os error (\d+)\)")
OS_ERROR_OF_PYTHON = re.compile(r"\[Errno (\d+)\]")
# What a disk and services call it when there is no room for more.
FULL = re.compile("ENOSPC|EDQUOT|Quota|StorageFull|InsufficientStorage")
SERVICE_ERROR = re.compile("<Code>([A-Za-z]{1,40})</Code>")


class StoreFailed(Overloaded):
    """The store did not do what it was asked to; the same may be asked again shortly.

    ``reason`` is for an operator: what kind of error it was, without paths and keys.
    """

    def __init__(self, sentence: str, reason: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class Lost(StoreFailed):
    """There is no object under this key."""


@dataclass(frozen=True)
class Kept:
    """One object there is: its key, its size in bytes, and since when. What a killed writer left has no proper key."""

    key: str
    size: int
    at: datetime


class Store(Protocol):
    """Where objects are: each under a key of 32 random hex digits, kept once and never replaced."""

    def keep(self, key: str, content: bytes) -> None:
        """Keep ``content``, durably, before returning; raises ``StoreFailed``, also where the key is taken."""

    def read(self, key: str) -> bytes:
        """Return an object; raises ``Lost`` where there is none, ``StoreFailed`` where that cannot be told."""

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

    def keep(self, key: str, content: bytes) -> None:
        """Keep an object: its bytes, then its name, are on the disk when this returns."""
        path = self._path(key)
        with _keeping(self):
            self._settle()
            self._leave_room(len(content))
            self._library.put(f"{path.parent.name}/{key}", content, mode="create")
            settle(path)
            settle(path.parent)

    def read(self, key: str) -> bytes:
        """Return an object."""
        path = self._path(key)
        with _told("read an object", _not_read, lost=self.folder.is_dir):
            return bytes(self._library.get(f"{path.parent.name}/{key}").bytes())

    def forget(self, key: str) -> None:
        """Take an object away, or what a killed writer left of one."""
        with _told("forget an object", _not_forgotten, OSError):
            (self.folder / key[:2] / _known(key, KEY, UNFINISHED)).unlink(missing_ok=True)

    def keys(self) -> Iterator[Kept]:
        """Yield what is there, with what killed writers left; whatever else lies in the folder is not ours."""
        with _told("list its objects", _not_read, OSError):
            for part in sorted(path for path in self.folder.iterdir() if path.is_dir()):
                yield from sorted(_entries(part), key=attrgetter("key"))

    def answer(self) -> None:
        """Answer whether the folder is there, and ours to write into."""
        with _told("reach its folder", _not_read, OSError):
            os.listdir(self.folder)
            if not os.access(self.folder, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, "")

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / _known(key, KEY)

    def _leave_room(self, size: int) -> None:
        """Leave the last of the disk to the database: whoever fills it with files stops no report."""
        disk = os.statvfs(self.folder)
        if disk.f_bavail * disk.f_frsize < LEFT_FREE + size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _settle(self) -> None:
        """Have the 256 folders that objects go into on the disk, whoever made them: once a process is enough."""
        if self._is_settled:
            return
        for part in range(256):
            (self.folder / f"{part:02x}").mkdir(mode=0o700, exist_ok=True)
        settle(self.folder)
        settle(self.folder.parent)
        self._is_settled = True


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

    def keep(self, key: str, content: bytes) -> None:
        """Keep an object: a service that says so has it durably. Some do not know the condition: keys are random."""
        from obstore.exceptions import AlreadyExistsError

        with _keeping(self):
            try:
                self._library.put(_known(key, KEY), content, mode="create", use_multipart=False)
            except AlreadyExistsError:
                # An earlier attempt of the same call, whose answer was lost on the way.
                if bytes(self._library.get(key).bytes()) != content:
                    raise

    def read(self, key: str) -> bytes:
        """Return an object."""
        with _told("read an object", _not_read, lost=self._is_there):
            return bytes(self._library.get(_known(key, KEY)).bytes())

    def forget(self, key: str) -> None:
        """Take an object away."""
        with suppress(Lost), _told("forget an object", _not_forgotten, lost=self._is_there):
            self._library.delete(_known(key, KEY))

    def keys(self) -> Iterator[Kept]:
        """Yield what is there."""
        with _told("list its objects", _not_read):
            for listed in self._library.list():
                for found in listed:
                    if KEY.fullmatch(found["path"]):
                        yield Kept(found["path"], found["size"], found["last_modified"])

    def answer(self) -> None:
        """Answer whether the bucket can be listed."""
        with _told("reach its bucket", _not_read):
            next(iter(self._library.list(chunk_size=1)), None)

    def _is_there(self) -> bool:
        """Tell whether the bucket is: services say the same of an object that is missing and of a bucket that is."""
        try:
            self.answer()
        except StoreFailed:
            return False
        return True


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


def _not_kept() -> str:
    return _("Berkas belum bisa disimpan. Coba lagi sebentar lagi.")


def _full() -> str:
    return _("Tempat penyimpanan berkas di server ini sedang penuh, jadi berkas belum bisa disimpan. Coba lagi nanti.")


def _not_read() -> str:
    return _("Berkas belum bisa dibaca. Coba lagi sebentar lagi.")


def _not_forgotten() -> str:
    return _("Berkas belum bisa dihapus. Coba lagi sebentar lagi.")


def _lost() -> str:
    return _("Berkas ini tidak ada lagi di tempat penyimpanan. Beri tahu pengelola server.")


@contextmanager
def _told(
    what: str, sentence: Callable[[], str], *errors: type[Exception], lost: Callable[[], bool] | None = None
) -> Iterator[None]:
    """Raise ``StoreFailed`` with ``sentence`` for what goes wrong, ``Lost`` for a missing object where ``lost`` agrees.

    ``errors`` are the library's where none are named. Tell the operator what kind of error it was; the library's own
    words hold paths and keys.
    """
    try:
        yield
    except errors or _librarys_errors() as error:
        reason = _kind(error)
        if isinstance(error, FileNotFoundError) and lost is not None and lost():
            raise Lost(_lost(), reason) from None
        log.error("The store could not %s (%s)", what, reason)
        raise StoreFailed(_full() if FULL.search(reason) else sentence(), reason) from None


@contextmanager
def _keeping(store: Store) -> Iterator[None]:
    """Tell whoever listens for it that ``store`` has not kept what it was given; in whatever thread that was."""
    try:
        with _told("keep an object", _not_kept):
            yield
    except StoreFailed as failed:
        refused.send(store, reason=failed.reason)
        raise


def _librarys_errors() -> tuple[type[Exception], ...]:
    from obstore.exceptions import BaseError

    return OSError, BaseError


def _kind(error: Exception) -> str:
    """Return what may be told of an error: its class, and the system's or the service's name for what was wrong."""
    told, name = str(error), type(error).__name__
    number = OS_ERROR.search(told) or OS_ERROR_OF_PYTHON.match(told)
    if number:
        return f"{name}, {errno.errorcode.get(int(number[1]), number[1])}"
    code = SERVICE_ERROR.search(told)
    return f"{name}, {code[1]}" if code else name
