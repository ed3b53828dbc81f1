"""What every answer must keep to, whatever was asked: no failure of ours, a sentence, no half write, our headers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from hypothesis import given
from werkzeug.test import TestResponse, create_environ, run_wsgi_app
from werkzeug.wrappers import Request

from casework.sessions import COOKIE as OFFICERS_COOKIE
from complaints.visits import COOKIE as REPORTERS_COOKIE
from tests.complaints.test_api import as_described, strays
from tests.fuzz.asking import Address, Asked, asked_at
from tests.fuzz.spoiling import CANARY
from tests.house.people import Town
from tests.house.test_headers import carries_all
from tests.province import HOST
from tests.remains import row_counts

# What an attempt in vain may write: that it was made, and what others left lying.
MAY_CHANGE = {"login_delays", "officer_sessions", "visits"}
# These end logins and visits, the asker's own and others'.
ENDING = (
    "/keluar", "/petugas/keluar", "/petugas/kunci", "/petugas/saya/kata-sandi", "/petugas/orang/cabut", "/petugas/akun",
)  # fmt: skip
# What else a refusal may tell a program beside its sentence.
TOLD = {"error", "wait", "changes", "directory"}
OURS = re.compile(r"/(?![/\\])[\x21-\x7e]*")
BETRAYING = ("Traceback", "werkzeug", "sqlalchemy", "psycopg", "sqlite3", "valid choice", CANARY[:7])


class Fault(AssertionError):
    """An answer that breaks a promise."""


@dataclass
class Bench:
    """Sends requests to the application, judges the answers, and counts them."""

    people: Town
    told: Counter[tuple[str, int]] = field(default_factory=Counter)
    _cookies: dict[str, str] = field(default_factory=dict)
    _rows: dict[str, int] | None = None

    def ask(self, address: Address, asked: Asked) -> TestResponse:
        """Send one request and judge its answer; raises ``Fault``, or the error that the application met."""
        carried = self._carried(asked.who)
        before = self._rows or row_counts(self.people.province.app)
        self._rows = None
        answer = self._send(asked, carried)
        self.told[f"{address.method} {address.rule}", answer.status_code] += 1
        self._settle(address, asked, answer)
        faults = [*faults_in(asked, answer), *undescribed(address, asked, answer)]
        if answer.status_code >= 400:
            self._rows = row_counts(self.people.province.app)
            faults += half_written(before, self._rows)
        if faults:
            raise Fault(f"{answer.status_code}: {'; '.join(faults)}")
        return answer

    def _send(self, asked: Asked, carried: str) -> TestResponse:
        """Send it as it is: a test client would first read the host, which may be unreadable, and lead the way on."""
        cookies = "; ".join([carried] * bool(carried) + [f"{name}={value}" for name, value in asked.cookies])
        raw = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in asked.headers}
        raw |= {"PATH_INFO": unquote_to_bytes(asked.path).decode("latin-1"), "QUERY_STRING": asked.query}
        if length := raw.pop("HTTP_CONTENT_LENGTH", None):
            raw["CONTENT_LENGTH"] = length
        if cookies:
            raw["HTTP_COOKIE"] = cookies
        kind = asked.kind or None
        sent = create_environ("/", HOST, method=asked.method, data=asked.content, content_type=kind) | raw
        return TestResponse(*run_wsgi_app(self.people.province.app, sent, buffered=True), request=Request(sent))

    def _carried(self, who: str) -> str:
        """Return the cookie of one of ``EVERYBODY``, who has just come in where he was out."""
        if who not in self._cookies:
            # Who comes in leaves rows of his own, which are not what he then asks for.
            self._rows = None
            browser = self.people.browser(who)
            found = {name: browser.cookie(name) for name in (OFFICERS_COOKIE, REPORTERS_COOKIE)}
            self._cookies[who] = "; ".join(f"{name}={value}" for name, value in found.items() if value)
        return self._cookies[who]

    def come_anew(self) -> None:
        """Have everybody come in anew: visits are short."""
        self._cookies.clear()
        self._rows = None

    def _settle(self, address: Address, asked: Asked, answer: TestResponse) -> None:
        """Let everybody come in anew, and right posts be made anew, where the answer was yes."""
        if answer.status_code < 400 and asked.method == "POST" and address.rule.startswith(ENDING):
            self._cookies.clear()


def ask_in_every_way(bench: Bench, address: Address, how: Callable[[Any], Any]) -> None:
    """Ask at one address as often as ``how`` says; raises what breaks a promise, with the least that does."""
    bench.come_anew()

    @how
    @given(asked=asked_at(address))
    def asks(asked: Asked) -> None:
        bench.ask(address, asked)

    asks()


def half_written(before: dict[str, int], after: dict[str, int]) -> list[str]:
    """Return what somebody who was refused has written or deleted all the same."""
    return [
        f"{name}: {before[name]} rows became {after[name]}"
        for name in after if name not in MAY_CHANGE and after[name] != before[name]
    ]  # fmt: skip


def faults_in(asked: Asked, answer: TestResponse) -> Iterator[str]:
    """Yield what is wrong with an answer."""
    if answer.status_code >= 500:
        yield "a failure of ours"
    if answer.location is not None and not OURS.fullmatch(answer.location):
        yield f"leads elsewhere: {answer.location!r}"
    yield from _headers_missing(asked, answer)
    if answer.headers.get("Content-Encoding") is None:
        # What is sealed, or of the log, is no text.
        shown = answer.get_data().decode(errors="replace")
        yield from (f"the answer shows {word!r}" for word in BETRAYING if word in shown)
    if answer.status_code >= 400 and asked.method != "HEAD":
        yield from _unsaid(answer)


def _headers_missing(asked: Asked, answer: TestResponse) -> Iterator[str]:
    try:
        carries_all(answer, unquote_to_bytes(asked.path).decode("utf-8", "replace"))
    except (AssertionError, KeyError):
        yield "not every header"


def undescribed(address: Address, asked: Asked, answer: TestResponse) -> list[str]:
    """Return where an answer of the machine interface is not as its description says."""
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address.rule)
    if not path.startswith("/api/") or asked.method != address.method or answer.mimetype != "application/json":
        return []
    return strays(as_described(path, address.method.lower(), answer.status_code), answer.get_json())


def _unsaid(answer: TestResponse) -> Iterator[str]:
    """Yield why a refusal says nothing to whoever reads it: a sentence to a program, a page to a person."""
    if answer.mimetype == "application/json":
        told = answer.get_json()
        if not isinstance(told.get("error"), str) or not told["error"].endswith((".", "?")) or told.keys() - TOLD:
            yield f"no sentence: {told!r:.200}"
    elif answer.mimetype == "text/plain":
        yield from [] if answer.text.endswith(".") else [f"no sentence: {answer.text:.200}"]
    elif answer.mimetype != "text/html" or not re.search(r"<title>[^<]+</title>[\s\S]*<h1[\s\S]*</html>", answer.text):
        yield f"no page: {answer.mimetype} {answer.text:.200}"
