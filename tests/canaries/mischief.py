"""What strangers send, with canaries in it: no HTTP, broken bodies, uploads. Nothing of it may be kept or told."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import urlsplit


BOUNDARY = "batas"
SECONDS_TO_ANSWER = 60
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
FILES = f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
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
            f"{post}{FILES}Content-Length: 9999\r\n\r\n{_part(canary, canary)}",
            f"{post}{FILES}Content-Length: 9999\r\n\r\n{_part('berkas', canary, canary)}",
            f"{post}{FILES}Content-Length: {len(_part('x', canary))}\r\n\r\n{_part('x', canary)}",
            f"{post}Content-Type: multipart/form-data; boundary={canary}\r\nContent-Length: 3\r\n\r\n--{canary}",
        )
    )


def upload(canary: str, answers: Mapping[str, str], size: int) -> tuple[bytes, str]:
    """Return a form with answers and a large file in it, full of canaries, and its media type."""
    content = (canary + "\n") * (size // len(canary))
    parts = [*(_part(name, answer) for name, answer in answers.items()), _part("berkas", content, f"{canary}.txt")]
    return f"{''.join(parts)}--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"


def _part(name: str, content: str, filename: str | None = None) -> str:
    told = f'; filename="{filename}"' if filename else ""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{told}\r\n\r\n{content}\r\n'


def drop_upload(url: str, body: bytes, kind: str) -> socket.socket:
    """Send the first half of a form with files, and leave the server waiting for the rest."""
    address = urlsplit(url)
    connection = socket.create_connection((address.hostname or "", address.port or 80), SECONDS_TO_ANSWER)
    head = f"POST /lapor HTTP/1.1\r\nHost: {address.netloc}\r\nOrigin: {url}\r\nContent-Type: {kind}\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[: len(body) // 2])
    return connection


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
