"""How gunicorn runs Kentongan: two processes, a few threads each, and no line about anybody's request."""

import ctypes
import os
import resource
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http.body import Body, LengthReader
from gunicorn.http.errors import ParseException

workers = 2
# More than may wait for Argon2id (``kernel.vault.stretching``), 40 ms each: the rest answer everybody else.
threads = 10
worker_class = "gthread"
# Seconds for which a connection may rest between two requests: longer than nginx rests one (``keepalive_timeout`` in
# its file). A request that meets the end of its connection is lost, and nginx sends no form twice. No longer than that:
# for as long a process that is to end waits for whoever has connected and says nothing, as browsers do in advance.
keepalive = 5
accesslog = None
errorlog = "-"
# A warning of gunicorn's names the address of whoever sent what is no HTTP.
loglevel = "error"
# Its errors are told as ours are; the root logger is left to the application.
logconfig_dict = {
    "formatters": {
        "discreet": {
            "class": "kernel.log.Discreet",
            "format": "[%(asctime)s] [%(process)d] [%(levelname)s] %(message)s",
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "discreet"}},
    "loggers": {"gunicorn.error": {"level": "ERROR", "handlers": ["stderr"], "propagate": False}},
    "root": {},
}
preload_app = False
worker_tmp_dir = "/dev/shm"
# Its default is a socket in the home folder, by which whoever finds it commands the workers.
control_socket_disable = True


class WithoutRequests(Logger):  # type: ignore[misc]
    """gunicorn's log of errors alone: what it would say of each request it makes up, and throws away."""

    access_log_enabled = False


logger_class = WithoutRequests

PR_SET_DUMPABLE = 4
# Of a body that was answered before it was here, so much is taken in and thrown away, and for so long.
MOST_UNREAD_BYTES = 64 * 1024 * 1024
SECONDS_UNREAD = 5
PIECE_BYTES = 1024 * 1024
# From the first on, a piece of a body is taken straight from its connection, and up to the other in one call.
LARGE_BYTES, MOST_AT_ONCE_BYTES = 64 * 1024, 2 * 1024 * 1024


def leave_no_core() -> None:
    """Have this process die without a trace of its memory, in which reports and phrases lie while they are sealed.

    The limit keeps the kernel from writing a file; a program that collects crashes ignores it, and gets nothing from a
    process that is not dumpable (prctl(2), core(5)); nor can anybody but root trace it.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux" and ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_DUMPABLE)")


def post_fork(_server: Any, _worker: Any) -> None:
    """Begin every worker so, before it reads the installation's secret."""
    leave_no_core()


def post_worker_init(worker: Any) -> None:
    """Do it again: a worker that has changed its user in between is dumpable once more. Then have it work, too.

    Where ``flask work`` runs in processes of its own, ``KENTONGAN_WORK=apart`` says so.
    """
    leave_no_core()
    if os.environ.get("KENTONGAN_WORK") != "apart":
        # Imported here: the process that only watches over the others needs none of it.
        from kernel.working import work_beside

        work_beside(worker.wsgi)


class Bounded:
    """A connection of which ``most`` bytes are read, and what comes within ``seconds``: then ``TimeoutError``.

    A timeout of the socket would not do: it begins anew with every byte.
    """

    def __init__(self, line: socket.socket, most: int, seconds: float) -> None:
        self._line, self._left, self._end = line, most, time.monotonic() + seconds

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Read what has come, at most ``size`` bytes (recv(2))."""
        patience = self._end - time.monotonic()
        if patience <= 0 or self._left <= 0:
            raise TimeoutError
        self._line.settimeout(patience)
        read = self._line.recv(size, flags)
        self._left -= len(read)
        return read


class StraightBody(Body):  # type: ignore[misc]
    """A body of known length of which a large piece comes from the connection as it is, in as few calls as can be.

    gunicorn's own takes what has come, waits each time for its turn in Python, and copies every byte more than once:
    for a file's chunks that is a tenth of all that the server does.
    """

    def read(self, size: int | None = None) -> bytes:
        """Read ``size`` bytes: fewer only where the body or its connection ends."""
        wanted = self.reader.length if size is None else min(size, self.reader.length)
        if wanted < LARGE_BYTES or self.buf.tell():
            return bytes(super().read(size))
        ahead = self.reader.unreader.take_buffered()
        if len(ahead) > wanted:
            self.reader.unreader.unread(ahead)
            return bytes(super().read(size))
        read = b"".join([ahead, *self._received(wanted - len(ahead))] if ahead else self._received(wanted))
        self.reader.length -= len(read)
        return read

    def _received(self, left: int) -> Iterator[bytes]:
        while left:
            try:
                piece = self.reader.unreader.sock.recv(min(left, MOST_AT_ONCE_BYTES), socket.MSG_WAITALL)
            except Exception:  # whatever it was, as in gunicorn's own: where the next request begins is not known now
                self.failed = True
                raise
            if not piece:
                return
            left -= len(piece)
            yield piece


def pre_request(_worker: Any, asked: Any) -> None:
    """Read large bodies straight, where they do not come encrypted: there is no waiting for all of it in TLS."""
    if isinstance(asked.unreader.sock, ssl.SSLSocket):
        return
    if isinstance(asked.body.reader, LengthReader) and asked.body.reader.length >= LARGE_BYTES:
        asked.body = StraightBody(asked.body.reader)


def post_request(_worker: Any, asked: Any, _environ: Any, _answer: Any) -> None:
    """Read on after an answer that did not wait for the body, as every early refusal is, and throw away what comes.

    A connection that is closed over unread bytes is reset: who still sends meets that before he reads the answer, and
    nginx says 502 in our place (RFC 9112, section 9.6). gunicorn by itself reads 128 KiB more. Of a body that has been
    read nothing is left to read here.
    """
    line = asked.unreader.sock
    asked.unreader.sock = Bounded(line, MOST_UNREAD_BYTES, SECONDS_UNREAD)
    try:
        while asked.body.read(PIECE_BYTES):
            pass
    except TimeoutError:
        # gunicorn would wait once more for the sender's end, in the one thread that all connections pass through.
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
    except (OSError, ParseException):  # gone, or broken: gunicorn keeps no connection of which reading failed
        pass
    finally:
        asked.unreader.sock = line
