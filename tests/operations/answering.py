"""A server that answers with whatever headers a test gives it: what a stranger would be shown of an installation."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from kernel.web import POLICY

HERE = "127.0.0.1"
SOUND = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
}  # fmt: skip


class Served(BaseHTTPRequestHandler):
    """Answers every page alike, and ``/readyz`` as nginx does where strangers ask."""

    server_version, sys_version = "quiet", ""
    told: dict[str, str] = {}
    status, ready = 200, 404

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(self.ready if self.path == "/readyz" else self.status)
        for name, value in self.told.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def answering(certified: tuple[Path, Path] | None = None) -> Iterator[str]:
    """Answer until the block ends, over TLS where there are a certificate and its key; yield the address."""
    with ThreadingHTTPServer((HERE, 0), Served) as server:
        if certified:
            secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            secure.load_cert_chain(*certified)
            server.socket = secure.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http{'s' * bool(certified)}://{HERE}:{server.server_address[1]}"
        server.shutdown()
