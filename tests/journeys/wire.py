"""Everything that leaves a browser: a proxy it must pass with every request, and what it says itself that it sends."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from playwright.sync_api import Page

# Of a proxy's own: what is said between it and the browser alone.
HOP = frozenset({"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"})
NOWHERE = 502


@dataclass(frozen=True)
class Sent:
    """One request: where to (``address`` with its host), and every byte of it as it came."""

    method: str
    address: str
    whole: bytes

    @property
    def path(self) -> str:
        """Return the address without host and query."""
        return urlsplit(self.address).path

    @property
    def body(self) -> bytes:
        """Return what was posted."""
        return self.whole.partition(b"\r\n\r\n")[2]


@dataclass(frozen=True)
class Fault:
    """What becomes of a request: an answer of the proxy's own, or, without a ``status``, a connection that breaks."""

    name: str
    status: int | None = None
    content_type: str = "text/html; charset=utf-8"
    body: bytes = b""


BROKEN = Fault("the connection breaks")
FAILED = Fault("500", 500, body=b"<h1>Internal Server Error</h1>")
GARBAGE = Fault("a page of the network's own", 200, body=b"<h1>Masuk ke Wi-Fi</h1>")
Meddling = Callable[[str], Fault | None]


class _Reading:
    """A connection being read, which remembers what was read."""

    def __init__(self, connection: BinaryIO) -> None:
        self._connection = connection
        self.taken = b""

    def read(self, size: int) -> bytes:
        """Read so many bytes."""
        return self._taking(self._connection.read(size))

    def readline(self, size: int) -> bytes:
        """Read a line."""
        return self._taking(self._connection.readline(size))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _taking(self, read: bytes) -> bytes:
        self.taken += read
        return read


class _Passage(BaseHTTPRequestHandler):
    """One browser's connection to the proxy."""

    protocol_version = "HTTP/1.1"
    server: _Proxy

    def setup(self) -> None:
        """Begin with a memory of what is read."""
        super().setup()
        self.reading = _Reading(self.rfile)
        self.rfile: Any = self.reading

    def _pass(self) -> None:
        """Keep the request, and hand it on where it goes to the server of the journeys."""
        sent = self._kept()
        fault = self.server.fault_of(sent.path)
        if urlsplit(sent.address).netloc != self.server.host:
            self._answer(NOWHERE, [], b"")
        elif fault is not None:
            self._fail(fault)
        else:
            self._hand_on(sent)

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = _pass

    def do_CONNECT(self) -> None:
        """Keep what somebody begins to say through a tunnel (HTTPS, a WebSocket), and break it off."""
        self.send_response_only(200)
        self.end_headers()
        while self.rfile.readline(65537) not in (b"", b"\r\n"):
            pass
        self._kept()
        self.close_connection = True

    def _kept(self) -> Sent:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        sent = Sent(self.command, self.path if "/" in self.path else f"//{self.path}", self.reading.taken)
        self.reading.taken = b""
        self.server.keep(sent)
        return sent

    def _fail(self, fault: Fault) -> None:
        if fault.status is None:
            self.close_connection = True
        else:
            self._answer(fault.status, [("Content-Type", fault.content_type)], fault.body)

    def _hand_on(self, sent: Sent) -> None:
        upstream = http.client.HTTPConnection(self.server.host, timeout=60)
        target = sent.address.partition(self.server.host)[2]
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        upstream.request(sent.method, target, sent.body or None, headers)
        answer = upstream.getresponse()
        self._answer(answer.status, answer.getheaders(), answer.read())
        upstream.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of answers that go well."""


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, host: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passage)
        self.host = host
        self.meddling: Meddling = _leave_alone
        self.logs: list[list[Sent]] = []

    def keep(self, sent: Sent) -> None:
        """Add a request to every log that is open."""
        for log in self.logs:
            log.append(sent)

    def fault_of(self, path: str) -> Fault | None:
        """Return what is to go wrong with a request."""
        return self.meddling(path)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of browsers that close a connection."""


def _leave_alone(_path: str) -> Fault | None:
    return None


@dataclass
class Wire:
    """A running proxy in front of one server; a context made with ``passing`` reaches nothing but through it."""

    _proxy: _Proxy

    @property
    def passing(self) -> Mapping[str, Any]:
        """Return what a browser's context has to be made with."""
        return {"proxy": {"server": f"http://127.0.0.1:{self._proxy.server_port}"}}

    @contextmanager
    def recorded(self) -> Iterator[list[Sent]]:
        """Record into a list what passes until the block ends."""
        log: list[Sent] = []
        self._proxy.logs.append(log)
        try:
            yield log
        finally:
            self._proxy.logs.remove(log)

    @contextmanager
    def meddled_with(self, meddling: Meddling) -> Iterator[None]:
        """Let requests fail until the block ends: ``meddling`` says of each path how, if at all."""
        self._proxy.meddling = meddling
        try:
            yield
        finally:
            self._proxy.meddling = _leave_alone


@contextmanager
def strung(url: str) -> Iterator[Wire]:
    """Run a proxy in front of the server at ``url`` until the block ends."""
    with _Proxy(urlsplit(url).netloc) as proxy:
        Thread(target=proxy.serve_forever, daemon=True).start()
        yield Wire(proxy)
        proxy.shutdown()


@dataclass
class Overheard:
    """What a browser says that it sends, also where nothing reaches the network: DevTools' own record, in bytes."""

    said: list[bytes] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Take down from now on what ``page`` sends: requests, beacons, the frames of WebSockets."""
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._request)
        session.on("Network.requestWillBeSentExtraInfo", self._note)
        session.on("Network.webSocketCreated", self._note)
        session.on("Network.webSocketFrameSent", self._note)
        session.send("Network.enable", {"maxPostDataSize": 2**24})

    def _request(self, event: dict[str, Any]) -> None:
        self._note(event)
        for part in event["request"].get("postDataEntries", ()):
            self.said.append(base64.b64decode(part.get("bytes", "")))

    def _note(self, event: dict[str, Any]) -> None:
        self.said.append(repr(event).encode())
