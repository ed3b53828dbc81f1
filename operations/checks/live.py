"""The installation as a stranger meets it: what its answers carry at the address people are given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from kernel.web import POLICY
from operations.checks.findings import Finding, broken, warning

SECONDS = 20
PAGES = ("/", "/lapor", "/lacak", "/petugas/masuk")
# Answers to these may hold a secret, whoever asks; they must not be compressed on the way.
SECRET = "/lacak"
EXPECTED = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
TALKATIVE = ("Via", "X-Powered-By", "X-Cache", "CF-RAY", "Set-Cookie", "Server-Timing", "NEL", "Report-To")
LOCAL = ("127.0.0.1", "localhost", "::1")


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_told: object) -> None:
        """Go nowhere else than where we were sent."""


def look_at(url: str, demo: bool) -> Iterator[Finding]:
    """Yield what breaks a promise at ``url``; ``demo`` says whether the installation behind it is one."""
    place = urlsplit(url)
    public = place.hostname not in LOCAL
    if public and demo:
        yield broken(f"A DEMO answers at {url}: everybody's keys were made on its server.")
    if public and place.scheme != "https" and not f"{place.hostname}".endswith(".onion"):
        yield broken(f"{url} is not encrypted on the way: serve it over HTTPS.")
    for path in PAGES:
        yield from _page(url.rstrip("/"), path, place.scheme == "https")
    yield from _closed(url.rstrip("/"))


def _page(url: str, path: str, secure: bool) -> Iterator[Finding]:
    try:
        status, headers = _asked(url + path)
    except (URLError, OSError) as error:
        yield broken(f"{path} cannot be reached: {getattr(error, 'reason', error)}.")
        return
    if status != 200:
        yield broken(f"{path} answers {status}.")
    yield from (broken(f"{path}: {fault}.") for fault in _faults(headers, path, secure))
    if re.search(r"\d", headers.get("Server", "")):
        yield warning(f"{path} tells which version of a server answers ({headers['Server']}).")


def _faults(headers: Message, path: str, secure: bool) -> Iterator[str]:
    policy = headers.get("Content-Security-Policy", "")
    if not all(f"{name} {value}" in policy for name, value in POLICY.items()) or "unsafe" in policy:
        yield "the Content-Security-Policy is not ours"
    for name, value in EXPECTED.items():
        if headers.get(name) != value:
            yield f"{name} is not {value}"
    if secure and "max-age=" not in headers.get("Strict-Transport-Security", ""):
        yield "Strict-Transport-Security is missing: set X-Forwarded-Proto to https"
    if path == SECRET and headers.get("Content-Encoding"):
        yield "it is compressed on the way, which tells of the secrets in it"
    yield from (f"somebody adds {name}" for name in TALKATIVE if name in headers)


def _closed(url: str) -> Iterator[Finding]:
    try:
        status, _headers = _asked(f"{url}/readyz")
    except (URLError, OSError):
        return  # said already
    if status != 404 and urlsplit(url).hostname not in LOCAL:
        yield warning("/readyz answers strangers: let the proxy keep it to itself.")


def _asked(url: str) -> tuple[int, Message]:
    request = Request(url, headers={"Accept-Encoding": "gzip, deflate, br", "User-Agent": "kentongan-check"})
    try:
        with build_opener(_Stay, ProxyHandler({})).open(request, timeout=SECONDS) as answer:
            return answer.status, answer.headers
    except HTTPError as error:
        with error:
            return error.code, error.headers
