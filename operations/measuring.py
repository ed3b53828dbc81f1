"""Web processes tell the process that measures, if there is one, how each request went: by endpoint, never by path.

A note is a few bytes on a socket in the private folder. Nobody waits for it to be read; where nobody measures, nothing
is kept anywhere.
"""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from flask import Flask, Response, g, request

NOTES = "counts.sock"
LONGEST_NOTE = 256
NOWHERE = "none"


@dataclass(frozen=True)
class Note:
    """How one request went: its endpoint (``none`` where the address is nobody's), status and seconds."""

    endpoint: str
    status: int
    seconds: float

    def written(self) -> bytes:
        """Write it for the way."""
        return json.dumps([self.endpoint, self.status, round(self.seconds, 6)]).encode()

    @classmethod
    def read(cls, written: bytes) -> Note:
        """Read it; raises ``ValueError`` on what is none."""
        try:
            endpoint, status, seconds = json.loads(written)
            return cls(str(endpoint), int(status), float(seconds))
        except TypeError:
            raise ValueError from None


def init_measuring(app: Flask, instance: Path) -> None:
    """Have every answer noted; called before any other hook is set, so that it begins first and ends last."""
    notes = str(instance / NOTES)

    def begin() -> None:
        g.begun = perf_counter()

    def note(response: Response) -> Response:
        seconds = perf_counter() - g.get("begun", perf_counter())
        _tell(notes, Note(request.endpoint or NOWHERE, response.status_code, seconds))
        return response

    app.before_request(begin)
    app.after_request(note)


def _tell(notes: str, note: Note) -> None:
    # Nobody measures, or he is slow: that is his loss.
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.setblocking(False)
        line.sendto(note.written(), notes)
