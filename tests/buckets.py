"""S3 servers for the tests, on 127.0.0.1: nanio checks signatures, moto knows conditions, and one can be full."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

import pytest

from kernel.config import Bucket
from tests.server import ROOT, SECONDS_TO_START, free_port

ACCESS, SECRET = "kunci-uji", "rahasia-uji-saja"
# What a client asks for of an object (RFC 9110, section 14.2).
RANGE = re.compile(r"bytes=(\d+)-(\d+)")


class Server:
    """nanio on a port and a folder of its own, started and killed as often as a test likes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        (folder / "berkas").mkdir(parents=True)
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start it and wait until it listens."""
        command = [sys.executable, "-m", "nanio", "serve", "--host", "127.0.0.1", "--port", str(self.port)]
        known = {"NANIO_ACCESS_KEY": ACCESS, "NANIO_SECRET_KEY": SECRET, "NANIO_DATA_DIR": str(self.folder)}
        self.process = subprocess.Popen([*command, "--log-level", "error"], env=os.environ | known, cwd=ROOT)
        until = time.monotonic() + SECONDS_TO_START
        while socket.socket().connect_ex(("127.0.0.1", self.port)):
            assert self.process.poll() is None and time.monotonic() < until, "nanio did not start"
            time.sleep(0.02)
        return self.process

    def kill(self) -> None:
        """Kill it in the middle of whatever it does."""
        self.process.kill()
        self.process.wait()

    @property
    def bucket(self) -> Bucket:
        """What its one user needs to reach its one bucket."""
        return Bucket("berkas", "uji/satu", f"http://127.0.0.1:{self.port}", "us-east-1", ACCESS, SECRET)


def environment_of(bucket: Bucket) -> dict[str, str]:
    """Return the settings of an installation whose files are in ``bucket``."""
    return {
        "KENTONGAN_STORE": f"s3://{bucket.name}/{bucket.prefix}", "KENTONGAN_STORE_ENDPOINT": bucket.endpoint or "",
        "KENTONGAN_STORE_ACCESS_KEY": bucket.access_key, "KENTONGAN_STORE_SECRET_KEY": bucket.secret_key,
    }  # fmt: skip


@pytest.fixture
def nanio(tmp_path: Path) -> Iterator[Server]:
    """A real S3 server that checks signatures."""
    server = Server(tmp_path / "nanio")
    yield server
    server.kill()


@pytest.fixture(scope="session")
def moto() -> Iterator[Bucket]:
    """A real S3 server that knows conditions."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    _make_bucket(port)
    yield Bucket("berkas", "", f"http://{host}:{port}", "us-east-1", ACCESS, SECRET)
    server.stop()


def _make_bucket(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"PUT /berkas HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        assert b" 200 " in connection.recv(1024)


# What services say to whoever has filled his bucket, or may not write there any more: the status, and a name for it.
REFUSALS = {
    "no room left": (507, "XMinioStorageFull"), "its quota used up": (403, "QuotaExceeded"),
    "its quota used up, as a bad request": (400, "XMinioAdminBucketQuotaExceeded"),
    "no leave to write": (403, "AccessDenied"), "too much just now": (503, "SlowDown"),
    "no room and no word": (507, ""),
}  # fmt: skip


class Filling(ThreadingHTTPServer):
    """A service with one bucket that takes what it is given, until ``refusal`` says what it answers instead."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _FillingHandler)
        self.kept: dict[str, bytes] = {}
        self.refusal: tuple[int, str] | None = None
        self.room = 0
        # How many seconds it takes for an object.
        self.slow = 0.0
        self._lock = Lock()

    @property
    def bucket(self) -> Bucket:
        """What whoever uses it needs; it checks nothing."""
        return Bucket("berkas", "", f"http://127.0.0.1:{self.server_address[1]}", "us-east-1", ACCESS, SECRET)

    def fill(self, refusal: tuple[int, str], room: int = 0) -> None:
        """Take no more objects, or ``room`` more at the most."""
        self.refusal, self.room = refusal, room

    def take(self, path: str, content: bytes) -> tuple[int, str] | None:
        """Keep an object, or return why not; of those that come at once no more than there is room for."""
        with self._lock:
            if self.refusal and self.room <= 0:
                return self.refusal
            self.room -= 1
            self.kept[path] = content
            return None


class _FillingHandler(BaseHTTPRequestHandler):
    server: Filling
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        """Keep an object, or refuse it; either once all of it is here."""
        content = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self.server.slow)
        refusal = self.server.take(self.path, content)
        return self._refuse(*refusal) if refusal else self._answer(200)

    def do_GET(self) -> None:
        """Give an object back, or a part of it; of a list there is only that it may be asked for."""
        if "list-type=2" in self.path:
            return self._answer(200, b"<ListBucketResult></ListBucketResult>")
        content = self.server.kept.get(self.path)
        if content is None:
            return self._answer(404)
        if asked := RANGE.fullmatch(self.headers.get("Range", "")):
            first, last = int(asked[1]), min(int(asked[2]), len(content) - 1)
            return self._answer(206, content[first : last + 1], f"bytes {first}-{last}/{len(content)}")
        self._answer(200, content)

    def do_DELETE(self) -> None:
        """Forget an object."""
        self.server.kept.pop(self.path, None)
        self._answer(204)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _refuse(self, status: int, code: str) -> None:
        told = f"<Error><Code>{code}</Code><Message>{self.path}</Message></Error>" if code else ""
        self._answer(status, told.encode())

    def _answer(self, status: int, content: bytes = b"", part: str = "") -> None:
        self.send_response(status)
        if part:
            self.send_header("Content-Range", part)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Last-Modified", "Thu, 26 Nov 2026 00:00:00 GMT")
        self.send_header("ETag", '"1"')
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def filling() -> Iterator[Filling]:
    """A service whose bucket can be full."""
    with Filling() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
