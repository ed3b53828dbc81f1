"""Real S3 servers for the tests, on 127.0.0.1: nanio, which checks signatures, and moto, which knows conditions."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.config import Bucket
from tests.server import ROOT, SECONDS_TO_START, free_port

ACCESS, SECRET = "kunci-uji", "rahasia-uji-saja"


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
