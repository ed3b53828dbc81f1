"""gunicorn.conf.py: a large body is read straight from its connection, and nothing but the body."""

from __future__ import annotations

import os
import runpy
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import accumulate, cycle, pairwise
from pathlib import Path
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.journeys.secure import certified
from tests.server import ROOT

HOOKS = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
LARGE = HOOKS["LARGE_BYTES"]
MEBIBYTE = 1024 * 1024
NEXT = b"GET /berikutnya HTTP/1.1\r\nHost: localhost\r\n\r\n"
SIZES = st.integers(1, 2000) | st.integers(1, 3 * LARGE)


class Counted:
    """A connection that counts how often it is read from."""

    def __init__(self, line: socket.socket) -> None:
        self._line, self.calls = line, 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        self.calls += 1
        return self._line.recv(size, flags)


class Full:
    """A connection of which nothing can be held."""

    def recv(self, _size: int, _flags: int = 0) -> bytes:
        raise MemoryError


def put(size: int) -> bytes:
    return f"PUT /berkas HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n".encode()


@contextmanager
def arriving(*pieces: bytes) -> Iterator[socket.socket]:
    """Yield a connection on which pieces arrive one after the other, and then no more."""
    here, there = socket.socketpair()

    def send() -> None:
        with there, suppress(BrokenPipeError):  # who reads may leave before all has come
            for piece in pieces:
                there.sendall(piece)

    sender = threading.Thread(target=send)
    with here:
        sender.start()
        yield here
    sender.join()


@contextmanager
def arriving_encrypted(folder: Path, whole: bytes) -> Iterator[ssl.SSLSocket]:
    """Yield a connection on which ``whole`` arrives by TLS, and then no more."""
    here, there = socket.socketpair()
    ours, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ours.load_cert_chain(*certified(folder))
    theirs.check_hostname, theirs.verify_mode = False, ssl.CERT_NONE

    def send() -> None:
        with theirs.wrap_socket(there) as line:
            line.sendall(whole)

    sender = threading.Thread(target=send)
    sender.start()
    with ours.wrap_socket(here, server_side=True) as line:
        yield line
    sender.join()


def next_of(parser: RequestParser) -> Any:
    """Return the next request, as gunicorn gives it to the application."""
    asked = next(parser)
    HOOKS["pre_request"](None, asked)
    return asked


def parser_of(line: Any) -> RequestParser:
    return RequestParser(Config(), line, ("127.0.0.1", 1))


# What a small piece leaves behind: in gunicorn's hands, and in those of its reader, which has read far ahead.
@example(size=2 * LARGE, sent=[3 * LARGE], read=[10, LARGE])
@example(size=3 * LARGE, sent=[4 * LARGE], read=[10, 1014, LARGE])
@settings(max_examples=150, deadline=None)
@given(size=st.integers(0, 6 * LARGE), sent=st.lists(SIZES, min_size=1), read=st.lists(SIZES, min_size=1))
def test_it_comes_as_it_was_sent_however_it_is_cut_and_the_next_request_after_it(
    size: int, sent: list[int], read: list[int]
) -> None:
    body = os.urandom(size)
    whole = put(size) + body + NEXT
    cuts = [0, *(end for end in accumulate(sent) if end < len(whole)), len(whole)]
    with arriving(*(whole[begin:end] for begin, end in pairwise(cuts))) as line:
        parser = parser_of(line)
        asked = next_of(parser)
        came = []
        for most in cycle(read):
            came.append(asked.body.read(most))
            if len(came[-1]) < most:
                break
        assert b"".join(came) == body
        assert asked.body.read(1) == b""
        assert next_of(parser).path == "/berikutnya"


def test_a_body_of_which_nobody_knows_the_length_is_read_as_ever() -> None:
    head = b"PUT /berkas HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with arriving(head, b"4\r\nsatu", b"\r\n0\r\n\r\n", NEXT) as line:
        parser = parser_of(line)
        assert next_of(parser).body.read() == b"satu"
        assert next_of(parser).path == "/berikutnya"


def test_what_comes_encrypted_is_read_as_ever(tmp_path: Path) -> None:
    body = os.urandom(MEBIBYTE)
    with arriving_encrypted(tmp_path, put(len(body)) + body + NEXT) as line:
        parser = parser_of(line)
        assert next_of(parser).body.read(len(body)) == body
        assert next_of(parser).path == "/berikutnya"


def test_all_of_it_is_read_where_nobody_says_how_much() -> None:
    body = os.urandom(MEBIBYTE)
    with arriving(put(len(body)), body, NEXT) as line:
        parser = parser_of(line)
        assert next_of(parser).body.read() == body
        assert next_of(parser).path == "/berikutnya"


def test_a_chunk_that_comes_in_pieces_is_taken_in_one_call() -> None:
    body = os.urandom(MEBIBYTE)
    with arriving(put(len(body)), *(body[at : at + LARGE] for at in range(0, len(body), LARGE))) as line:
        counted = Counted(line)
        asked = next_of(parser_of(counted))
        before = counted.calls
        assert asked.body.read(len(body)) == body
        assert counted.calls - before == 1


def test_of_a_connection_that_ends_what_came_is_read() -> None:
    body = os.urandom(3 * LARGE)
    with arriving(put(5 * LARGE), body) as line:
        asked = next_of(parser_of(line))
        assert asked.body.read(5 * LARGE) == body
        assert asked.body.read(5 * LARGE) == b""


def test_a_connection_of_which_reading_failed_is_known_as_such() -> None:
    with arriving(put(5 * LARGE), bytes(LARGE)) as line:
        asked = next_of(parser_of(line))
        asked.body.reader.unreader.sock = HOOKS["Bounded"](line, 0, 5)
        with pytest.raises(TimeoutError):
            asked.body.read(5 * LARGE)
        assert asked.body.failed


def test_so_is_one_for_which_there_was_no_memory() -> None:
    with arriving(put(5 * LARGE), bytes(LARGE)) as line:
        asked = next_of(parser_of(line))
        asked.body.reader.unreader.sock = Full()
        with pytest.raises(MemoryError):
            asked.body.read(5 * LARGE)
        assert asked.body.failed


def test_of_a_length_that_nobody_can_hold_what_came_is_read() -> None:
    body = os.urandom(LARGE)
    with arriving(put(2**63), body) as line:
        assert next_of(parser_of(line)).body.read() == body


def test_nothing_is_made_up_about_a_request_for_a_log_that_is_not_written() -> None:
    config = Config()
    config.set("logconfig_dict", HOOKS["logconfig_dict"])
    # There is no request here to tell of.
    HOOKS["logger_class"](config).access(None, None, None, None)
