"""Whoever sends slowly, through Tor or not: a crowd of them takes no thread from those who lodge or read."""

from __future__ import annotations

import re
import select
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Lock, Thread
from urllib.parse import urlsplit

import httpx
import pytest

from tests import client
from tests.client import Json
from tests.operations.front import HERE, NAME, Front, in_front_of
from tests.province import ANSWERS
from tests.server import ROOT, SECONDS_TO_START, Installation, found, running

ONION = "kentongan.onion"
BOUNDARY = "batas"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
FIRST_PART = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="text"\r\n\r\n'
# What a crowd announces and does not send: forms with files, and whatever else has a body.
FILES = [("POST", path, FORM, 5_000_000) for path in ("/lapor", "/lacak/kirim")]
OTHERS = [
    ("POST", "/lapor", FORM, 5_000), ("POST", "/lacak", "application/x-www-form-urlencoded", 5_000),
    ("POST", "/api/v1/complaints", "application/json", 5_000),
    ("PUT", f"/api/v1/files/{'0' * 32}/chunks/1", "application/octet-stream", 1_000_000),
]  # fmt: skip
CROWD = 24
# Of forms with files: how many are let in together, and of these at most from Tor.
LET_IN, HIDDEN = 9, 4
TORRC = (ROOT / "deploy/tor/torrc").read_text()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A demo province behind one process of gunicorn: of several, any may be the one that all come to."""
    instance = tmp_path_factory.mktemp("served") / "instance"
    found(instance)
    with running(instance, GUNICORN_CMD_ARGS="--workers=1") as installation:
        yield installation


@pytest.fixture
def front(served: Installation, tmp_path: Path) -> Iterator[Front]:
    """nginx in front of it."""
    with in_front_of(int(urlsplit(served.url).port or 0), tmp_path) as standing:
        yield standing


@pytest.fixture
def behind_tor(front: Front, served: Installation) -> int:
    """The port to which Tor passes on what comes to the onion service."""
    [told] = re.findall(r"HiddenServicePort 80 127\.0\.0\.1:(\d+)", TORRC)
    return {"8080": front.hidden, "8000": int(urlsplit(served.url).port or 0)}[told]


class Crowd:
    """Senders who announce a body and then send a byte of it now and then."""

    def __init__(self, lines: ExitStack) -> None:
        self._lines, self._turn, self._senders = lines, Lock(), list[socket.socket]()

    def come(self, port: int, host: str, sorts: list[tuple[str, str, str, int]]) -> list[socket.socket]:
        """Have ``CROWD`` more begin, of each of the sorts in turn; return them."""
        come = []
        for turn in range(CROWD):
            method, path, kind, size = sorts[turn % len(sorts)]
            line = self._connected(port, host)
            head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n"
            line.sendall((head + FIRST_PART).encode())
            come.append(line)
        self._senders += come
        return come

    def _connected(self, port: int, host: str) -> socket.socket:
        line = self._lines.enter_context(socket.create_connection((HERE, port), timeout=SECONDS_TO_START))
        if host == ONION:
            return line
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        # In 1.3 something comes that is no answer.
        trusting.maximum_version = ssl.TLSVersion.TLSv1_2
        return self._lines.enter_context(trusting.wrap_socket(line, server_hostname=host))

    def trickle(self, enough: Event) -> None:
        """Send a byte for each, and again, until it is enough."""
        while not enough.wait(0.5):
            with self._turn:
                for line in self._senders:
                    with suppress(OSError):
                        line.send(b"x")

    def told_to_wait(self, senders: list[socket.socket], count: int) -> None:
        """Wait until ``count`` of these have been told to come again."""
        left = list(senders)
        while len(left) > len(senders) - count:
            answered, _, _ = select.select(left, [], [], SECONDS_TO_START)
            assert answered, f"{len(left)} of {len(senders)} were let in"
            for line in answered:
                # Of what is encrypted nobody else may send at the same time.
                with self._turn:
                    assert line.recv(12) == b"HTTP/1.1 429"
                left.remove(line)


@contextmanager
def crowd() -> Iterator[Crowd]:
    """Have slow senders come; they are gone when the block ends."""
    enough = Event()
    with ExitStack() as lines:
        coming = Crowd(lines)
        trickling = Thread(target=coming.trickle, args=(enough,))
        trickling.start()
        try:
            yield coming
        finally:
            enough.set()
            trickling.join()


def hidden(front: Front, port: int) -> httpx.Client:
    """Return a client that comes through Tor."""
    address = f"http://{ONION}"
    told = {"Host": ONION, "Origin": address}
    return httpx.Client(base_url=f"http://{HERE}:{port}", headers=told, timeout=SECONDS_TO_START)


def lodges(browser: httpx.Client, served: Installation) -> str:
    """Lodge, look, and return in which state the case stands."""

    def ask(path: str, posted: Json | None = None) -> tuple[int, Json]:
        answer = browser.get(path) if posted is None else browser.post(path, json=posted)
        return answer.status_code, answer.json()

    known = client.installation(ask, bytes.fromhex((served.instance / "root.pub").read_text().strip()))
    phrase, _receipt = client.lodge(ANSWERS, known, ask)
    return str(client.visit(client.phrase_keys(phrase, known.salt), ask).thread["state"])


def visited(front: Front, served: Installation, behind_tor: int) -> None:
    """Lodge, look and read, through Tor and not, several at once."""
    with hidden(front, behind_tor) as visitor, front.client() as other, ThreadPoolExecutor(4) as visits:
        for browser in (visitor, other):
            assert lodges(browser, served) == "RECEIVED"
            pages = [visits.submit(browser.get, path) for path in ("/lapor", "/lacak", "/bantuan") * 8]
            assert {page.result().status_code for page in pages} == {200}


def test_a_crowd_that_sends_slowly_stops_no_visitor(front: Front, served: Installation, behind_tor: int) -> None:
    with crowd() as slow:
        slow.come(behind_tor, ONION, OTHERS)
        from_tor = slow.come(behind_tor, ONION, FILES)
        visited(front, served, behind_tor)
        slow.told_to_wait(from_tor, CROWD - HIDDEN)
        slow.told_to_wait(slow.come(front.secure, NAME, FILES), CROWD - (LET_IN - HIDDEN))
        visited(front, served, behind_tor)


def test_who_comes_through_tor_is_served_as_others_are_and_by_no_other_name(front: Front) -> None:
    with hidden(front, front.hidden) as browser:
        nonce = re.findall(r'name="nonce"[^>]*value="([0-9a-f]{32})"', browser.get("/lapor").text)[0]
        sent = {"berkas": ("catatan.txt", b"Rp50.000")}
        lodged = browser.post("/lapor", data=ANSWERS | {"nonce": nonce, "seen_traces": "1"}, files=sent)
        foreign = browser.post("/lapor", data={"nonce": nonce}, headers={"Origin": "https://lain.example"})
        assert (lodged.status_code, "1 berkas terkirim" in lodged.text, foreign.status_code) == (201, True, 403)
        # There is no address to count by: nobody is told to wait for what others do.
        assert {browser.post("/api/v1/complaints", json={}).status_code for _turn in range(60)} == {400}
        with pytest.raises(httpx.RemoteProtocolError):
            browser.get("/", headers={"Host": "lain.example"})
    assert [content for _name, content in front.written() if ONION.encode() in content] == []
