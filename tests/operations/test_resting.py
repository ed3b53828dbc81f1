"""Connections that rest between two requests: who asks gunicorn by them again, and who ends them before it does."""

from __future__ import annotations

import re
import runpy
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER

from tests.demo.browsing import LIMITS, Browser
from tests.operations.front import HERE, Front, in_front_of
from tests.server import ROOT

# One for each way that nginx.conf goes; of a form for /lapor nginx waits for the end where it is small.
WAYS = [
    ("/bantuan", 1),
    ("/lapor", 1),
    ("/lapor", 2_000_000),
    ("/api/v1/files/ab/chunks/1", 1),
    ("/petugas/perkara/ab/bukti/periksa", 1),
    ("/api/v1/threads/acts", 1),
    ("/api/v1/complaints", 1),
    ("/petugas/masuk", 1),
]


class Telling(BaseHTTPRequestHandler):
    """Tells whoever asks from which port he does, and never ends a connection."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer once all of it is here."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        told = str(self.client_address[1]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of answers that go well."""


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    """Stand in gunicorn's place; return the port."""
    with ThreadingHTTPServer((HERE, 0), Telling) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(scope="module")
def front(upstream: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """nginx in front of it."""
    with in_front_of(upstream, tmp_path_factory.mktemp("front")) as standing:
        yield standing


@pytest.mark.parametrize(("path", "size"), WAYS)
def test_nginx_asks_again_by_a_connection_that_rests(front: Front, path: str, size: int) -> None:
    def asked_again() -> bool:
        with front.client() as browser:
            first, second = (browser.post(path, content=bytes(size)).raise_for_status().text for _ in range(2))
        return first == second

    # On a crowded machine nginx may have ended it between the two.
    assert any(asked_again() for _ in range(10))


def test_the_demos_client_asks_by_no_connection_that_has_rested_for_long(upstream: int) -> None:
    browser = Browser(f"http://{HERE}:{upstream}")
    first = browser.page("/").text
    time.sleep(rested_by_the_demo() + 0.2)
    assert browser.page("/").text != first


def rested_by_the_demo() -> float:
    """Return for how many seconds the demo's client rests a connection."""
    return LIMITS.keepalive_expiry or 0


def rested_at_most() -> float:
    """Return for how many seconds whoever asks gunicorn rests a connection."""
    [nginx] = re.findall(r"keepalive_timeout (\d+)s;", (ROOT / "deploy/nginx/nginx.conf").read_text())
    return max(int(nginx), rested_by_the_demo())


def test_whoever_asks_gunicorn_rests_a_connection_for_far_less_than_it_does() -> None:
    """The end of an answer may still be on its way to him when gunicorn has begun to count."""
    assert rested_at_most() + 3 <= runpy.run_path(str(ROOT / "gunicorn.conf.py"))["keepalive"]


def test_he_rests_it_for_less_than_a_process_does_that_is_to_end() -> None:
    """Whatever ``keepalive`` says, such a process ends it after these seconds; a form that meets that end is lost."""
    assert rested_at_most() + 1 <= STOP_KEEPALIVE_LINGER
