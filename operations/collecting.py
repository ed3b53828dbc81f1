"""The process that measures: takes the web processes' notes, and answers whoever may open its socket."""

from __future__ import annotations

import os
import selectors
import socket
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from kernel import clock
from kernel.config import Settings
from kernel.database import db
from operations.measuring import LONGEST_NOTE, NOTES, Note
from operations.metrics import Counts, page
from operations.watching import alarms, free_share, last_backup

METRICS = "metrics.sock"
PATIENCE = 5.0


class Collector:
    """Two sockets in the private folder, both mode 0600: notes come in by one, by the other Prometheus asks."""

    def __init__(self, settings: Settings, counts: Counts) -> None:
        self._settings, self._counts = settings, counts
        self._notes = _bound(settings.instance / NOTES, socket.SOCK_DGRAM)
        self._asked = _bound(settings.instance / METRICS, socket.SOCK_STREAM)
        self._asked.listen()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._notes, selectors.EVENT_READ, self._take_notes)
        self._selector.register(self._asked, selectors.EVENT_READ, self._answer)

    def collect(self) -> None:
        """Wait for whatever comes next, and see to it."""
        for key, _events in self._selector.select():
            key.data()

    def page(self) -> str:
        """Return what Prometheus is answered now."""
        made_at = last_backup(self._settings)
        age = (clock.now() - made_at) // timedelta(seconds=1) if made_at else None
        try:
            return page(self._counts, alarms(self._settings), free_share(self._settings), age)
        finally:
            db.session.remove()

    def close(self) -> None:
        """Give both sockets back."""
        for each in (self._notes, self._asked):
            each.close()
        for name in (NOTES, METRICS):
            (self._settings.instance / name).unlink(missing_ok=True)

    def _take_notes(self) -> None:
        with suppress(BlockingIOError):
            while True:
                written = self._notes.recv(LONGEST_NOTE)
                with suppress(ValueError):
                    self._counts.add(Note.read(written))

    def _answer(self) -> None:
        asking, _address = self._asked.accept()
        with asking, suppress(OSError):
            asking.settimeout(PATIENCE)
            self._take_notes()
            Answer(asking, self)


class Answer(BaseHTTPRequestHandler):
    """One request for the metrics, over a socket that has no address to log."""

    def __init__(self, asking: socket.socket, collector: Collector) -> None:
        self._collector = collector
        super().__init__(asking, ("", 0), None)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer with the page."""
        content = self._collector.page().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _bound(path: Path, kind: socket.SocketKind) -> socket.socket:
    """Return a socket at ``path``, made anew; nobody else can open it, not even for a moment."""
    path.unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX, kind)
    made.setblocking(False)
    before = os.umask(0o177)
    try:
        made.bind(str(path))
    finally:
        os.umask(before)
    return made
