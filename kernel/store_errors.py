"""What a store could not do, told to whoever asked for it and to the operator, neither with paths nor with keys."""

from __future__ import annotations

import errno
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from blinker import Namespace

from kernel.i18n import gettext as _
from kernel.refusal import Overloaded

log = logging.getLogger(__name__)

# A store has not kept an object; sent with its ``reason``.
refused = Namespace().signal("refused")

# What went wrong, in the words of the library, of Python, and of S3.
OS_ERROR = re.compile(r"\(os error (\d+)\)")
OS_ERROR_OF_PYTHON = re.compile(r"\[Errno (\d+)\]")
# What a disk and services call it when there is no room for more.
FULL = re.compile("ENOSPC|EDQUOT|Quota|StorageFull|InsufficientStorage")
# And when an object ends before what was asked for of it does: RFC 9110, 15.5.17, or the service's own way.
SHORT = re.compile("InvalidRange|InvalidArgument")
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


def not_kept() -> str:
    """Return the sentence for what could not be kept."""
    return _("Berkas belum bisa disimpan. Coba lagi sebentar lagi.")


def _full() -> str:
    return _("Tempat penyimpanan berkas di server ini sedang penuh, jadi berkas belum bisa disimpan. Coba lagi nanti.")


def not_read() -> str:
    """Return the sentence for what could not be read."""
    return _("Berkas belum bisa dibaca. Coba lagi sebentar lagi.")


def not_forgotten() -> str:
    """Return the sentence for what could not be forgotten."""
    return _("Berkas belum bisa dihapus. Coba lagi sebentar lagi.")


def _lost() -> str:
    return _("Berkas ini tidak ada lagi di tempat penyimpanan. Beri tahu pengelola server.")


@contextmanager
def told(
    what: str, sentence: Callable[[], str], *errors: type[Exception], lost: Callable[[], bool] | None = None
) -> Iterator[None]:
    """Raise ``StoreFailed`` with ``sentence`` for what goes wrong, ``Lost`` for a missing object where ``lost`` agrees.

    ``errors`` are the library's where none are named. Tell the operator what kind of error it was; the library's own
    words hold paths and keys.
    """
    try:
        yield
    except errors or _librarys_errors() as error:
        reason = kind_of(error)
        if isinstance(error, FileNotFoundError) and lost is not None and lost():
            raise Lost(_lost(), reason) from None
        log.error("The store could not %s (%s)", what, reason)
        raise StoreFailed(_full() if FULL.search(reason) else sentence(), reason) from None


@contextmanager
def keeping(store: object) -> Iterator[None]:
    """Tell whoever listens for it that ``store`` has not kept what it was given; in whatever thread that was."""
    try:
        with told("keep an object", not_kept):
            yield
    except StoreFailed as failed:
        refused.send(store, reason=failed.reason)
        raise


def _librarys_errors() -> tuple[type[Exception], ...]:
    from obstore.exceptions import BaseError

    return OSError, BaseError


def kind_of(error: Exception) -> str:
    """Return what may be told of an error: its class, and the system's or the service's name for what was wrong."""
    words, name = str(error), type(error).__name__
    number = OS_ERROR.search(words) or OS_ERROR_OF_PYTHON.match(words)
    if number:
        return f"{name}, {errno.errorcode.get(int(number[1]), number[1])}"
    code = SERVICE_ERROR.search(words)
    return f"{name}, {code[1]}" if code else name
