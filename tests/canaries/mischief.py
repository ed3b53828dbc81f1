"""What strangers send, with canaries in it: no HTTP, broken bodies, uploads. Nothing of it may be kept or told."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit


# Above what Werkzeug keeps of a file in memory (500 KB), below what we take at all (1 MiB).
UPLOAD_BYTES = 700_000
BOUNDARY = "batas"
SECONDS_TO_ANSWER = 60
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
JSON = "Content-Type: application/json\r\n"


def broken_requests(canary: str, host: str) -> Iterator[bytes]:
    """Yield requests that are not as HTTP, or the application, wants them, each with ``canary`` in it."""
    post = f"POST /lapor HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
    api = f"POST /api/v1/complaints HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
    yield from (
        request.encode()
        for request in (
            f"GET /{canary} HTTP/1.1 and more\r\n\r\n",
            f"{canary} / HTTP/1.1\r\n\r\n",
            f"GET /lacak HTTP/1.1\r\n{canary} no: header\r\n\r\n",
            f"GET /lacak?phrase={canary} HTTP/1.1\r\nHost: {host}\r\nCookie: __Host-kunjungan={canary}\r\n\r\n",
            f"GET /lacak HTTP/1.1\r\nHost: {canary}[\r\n\r\n",
            f"{post}Content-Length: {canary}\r\n\r\n",
            f"{post}Transfer-Encoding: {canary}\r\n\r\n",
            f"{post}{FORM}Transfer-Encoding: chunked\r\n\r\n{canary}\r\ntext\r\n0\r\n\r\n",
            f"{api}{JSON}Transfer-Encoding: chunked\r\n\r\n{canary}\r\ntext\r\n0\r\n\r\n",
            f"{post}{FORM}Content-Length: 9999\r\n\r\ntext={canary}",
            f"{post}{FORM}Content-Length: {len(canary) + 5}\r\n\r\ntext={canary}",
            f'{api}{JSON}Content-Length: {len(canary) + 11}\r\n\r\n{{"body": "{canary}',
            f'{api}{JSON}Content-Length: {len(canary) + 13}\r\n\r\n{{"body": "{canary}"}}',
            f"{post}Content-Type: {canary}\r\nContent-Length: {len(canary)}\r\n\r\n{canary}",
            f"{post}Content-Length: 2000000\r\n\r\ntext={canary}",
        )
    )


def upload(canary: str) -> tuple[bytes, str]:
    """Return a form with a large file in it, and its media type."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="text"; filename="{canary}"\r\n\r\n{canary}'
    return f"{head}{'x' * UPLOAD_BYTES}\r\n--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"


def send(url: str, request: bytes) -> int | None:
    """Send bytes and hang up; return the status answered, ``None`` where there was no answer."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname or "", address.port or 80), SECONDS_TO_ANSWER) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        with suppress(TimeoutError, ConnectionError):
            answer = connection.recv(64).split(b" ")
            return int(answer[1]) if len(answer) > 1 else None
    return None
