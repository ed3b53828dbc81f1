"""A plain HTTP client that behaves as a browser without JavaScript: keeps cookies, names its origin, posts forms."""

from __future__ import annotations

import html
import re
import ssl
from collections.abc import Mapping
from http.cookies import SimpleCookie
from types import MappingProxyType
from typing import Any

import httpx

from tests.client import Json

PHRASE = re.compile(r'id="tracking-phrase".*?</ol>', re.S)
WORD = re.compile(r"<(?:li|bdi|span)[^>]*>\s*([a-z]+)\s*<")
NONCE = re.compile(r'name="nonce"[^>]*value="([0-9a-f]{32})"')
STATE = re.compile(r'id="case-status"[^>]*data-state="([A-Z_]+)"|data-state="([A-Z_]+)"[^>]*id="case-status"')


NONE: Mapping[str, str] = MappingProxyType({})
# Reading the machine's certificates takes longer than a visit: once is enough.
TRUSTED = ssl.create_default_context()
# A server ends a connection that rests, and a request that meets its end is lost: so this end does it before.
LIMITS = httpx.Limits(keepalive_expiry=1)


class ServerFailed(Exception):
    """An answer of 500 or above, which nobody should ever get."""


class Browser:
    """One person's browser at one installation, cookies included; raises ``ServerFailed`` on an answer of 5xx."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=60, headers={"Origin": url}, verify=TRUSTED, limits=LIMITS)
        self.cookies: dict[str, str] = {}

    def ask(self, path: str, posted: Json | None = None) -> tuple[int, Json]:
        """Get or post JSON: what ``tests.client.Ask`` wants."""
        answer = self.send("GET" if posted is None else "POST", path, json=posted)
        return answer.status_code, answer.json()

    def put(self, path: str, content: bytes, token: str = "") -> tuple[int, Json]:
        """Put a chunk of a file: what ``tests.client.Put`` wants; an officer's needs no token."""
        headers = {"Content-Type": "application/octet-stream"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        answer = self.send("PUT", path, headers=headers, content=content)
        return answer.status_code, answer.json()

    def page(self, path: str) -> httpx.Response:
        """Open a page."""
        return self.send("GET", path)

    def post(self, path: str, fields: dict[str, Any], files: Any = None) -> httpx.Response:
        """Post a form, with ``files`` as httpx takes them, and follow where it leads."""
        answer = self.send("POST", path, data=fields, files=files)
        return self.page(answer.headers["Location"]) if answer.status_code == 303 else answer

    def send(self, method: str, path: str, headers: Mapping[str, str] = NONE, **content: Any) -> httpx.Response:
        """Send a request with the cookies given so far, and keep those that are given now."""
        # The jar of the library sends no Secure cookie to 127.0.0.1, as browsers do: so cookies are kept here.
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        told = {**headers, "Cookie": cookies} if cookies else headers
        answer = self._client.request(method, path, headers=told, **content)
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        self._client.cookies.clear()
        if answer.is_server_error:
            raise ServerFailed(method, path, answer.status_code)
        return answer


def phrase_in(page: str) -> str:
    """Return the phrase that a receipt's page shows."""
    shown = PHRASE.search(page)
    words = WORD.findall(shown[0]) if shown else []
    if len(words) != 8:
        raise AssertionError(f"the page shows {len(words)} words")
    return " ".join(words)


def lodge_plainly(browser: Browser, answers: dict[str, Any]) -> str:
    """Lodge a complaint by the form, confirming what the page warns of; return the phrase it shows."""
    nonce = NONCE.search(browser.page("/lapor").text)
    assert nonce, "the form has no nonce"
    fields = {**answers, "nonce": nonce[1]}
    answer = browser.post("/lapor", fields)
    if answer.status_code == 422:
        answer = browser.post("/lapor", {**fields, "seen_traces": "1"})
    assert answer.status_code == 201, (answer.status_code, html.unescape(answer.text)[:2000])
    return phrase_in(answer.text)


def visit_plainly(browser: Browser, phrase: str) -> httpx.Response:
    """Open the status page by typing the phrase."""
    return browser.post("/lacak", {"phrase": phrase})


def state_in(page: str) -> str:
    """Return the state a status page shows."""
    found = STATE.search(page)
    assert found, "the page shows no state"
    return found[1] or found[2]
