"""What is asked of a server that may die at any moment: each attempt knows whether it was promised, and if it stands.

``make`` raises ``httpx.TransportError`` where the server dies under it; ``stands`` asks the server once it is back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from complaints.rules import account_json
from kernel.vault import PhraseKeys, draw, keys_of, plain_phrase
from tests import client
from tests.canaries.planting import Aviary
from tests.client import Refused
from tests.demo.browsing import NONCE, Browser, phrase_in
from tests.demo.matter import Matter
from tests.demo.reporter import Reporter

CREATED = 201
NOT_FOUND = 404


class Attempt(Protocol):
    """Something asked of the server; ``acknowledged`` once it has answered that it is done."""

    acknowledged: bool

    def make(self) -> None:
        """Ask for it."""

    def stands(self) -> bool:
        """Tell whether it is done, and whole: what is there and cannot be read fails."""


class Lodging:
    """A complaint being lodged; once sent it may be sent again."""

    def __init__(self, url: str, answers: Mapping[str, str], aviary: Aviary) -> None:
        self._browser, self._answers, self._aviary = Browser(url), answers, aviary
        self.keys: PhraseKeys | None = None
        self.acknowledged = False

    def stands(self) -> bool:
        """Look for the complaint by its phrase, and read the account."""
        if self.keys is None:
            return False
        try:
            seen = client.visit(self.keys, self._browser.ask)
        except Refused as refused:
            assert refused.status == NOT_FOUND, refused
            return False
        self._aviary.key("thread key", seen.thread_key(seen.thread["epoch"]))
        assert {key: value for key, value in seen.account().items() if key != "ledger_key"} == self._answers
        return True


class PlainLodging(Lodging):
    """Lodged by the form without JavaScript; the phrase the server will draw follows from its ``secret``."""

    def __init__(self, url: str, answers: Mapping[str, str], aviary: Aviary, secret: bytes) -> None:
        super().__init__(url, answers, aviary)
        self._secret, self._nonce, self._phrase = secret, "", ""

    def make(self) -> None:
        """Fill in the form; the second time the same nonce is sent, as when a page is sent again."""
        if not self._nonce:
            self._open_form()
        fields = {**self._answers, "nonce": self._nonce, "seen_traces": "1"}
        answer = self._browser.send("POST", "/lapor", data=fields)
        assert answer.status_code == CREATED, (answer.status_code, answer.text)
        assert phrase_in(answer.text) == self._phrase
        self.acknowledged = True

    def _open_form(self) -> None:
        found = NONCE.search(self._browser.page("/lapor").text)
        assert found, "the form has no nonce"
        self._nonce = found[1]
        self._phrase = plain_phrase(self._secret, bytes.fromhex(self._nonce), account_json(self._answers))
        self.keys = keys_of(self._aviary.phrase(self._phrase))


class SealedLodging(Lodging):
    """Lodged by a program of the formats; sent again it is the same envelope."""

    def __init__(self, url: str, answers: Mapping[str, str], aviary: Aviary, known: client.Installation) -> None:
        super().__init__(url, answers, aviary)
        self._known = known
        self._envelope: client.Json | None = None

    def make(self) -> None:
        """Seal and send, or send again."""
        keys = self.keys = self.keys or keys_of(self._aviary.phrase(draw(8)))
        if self._envelope is None:
            self._envelope = client.envelope(self._answers, keys, self._known, self._browser.ask)
        client.asked(self._browser.ask, "/api/v1/complaints", self._envelope)
        self.acknowledged = True


class Writing:
    """A reporter's message, on either path; ``phrase_keys`` read it again."""

    def __init__(self, reporter: Reporter, text: str, phrase_keys: PhraseKeys, url: str) -> None:
        self._reporter, self._text, self._keys, self._url = reporter, text, phrase_keys, url
        self.acknowledged = False

    def make(self) -> None:
        """Write it."""
        self._reporter.act("message", self._text)
        self.acknowledged = True

    def stands(self) -> bool:
        """Read the thread."""
        seen = client.visit(self._keys, Browser(self._url).ask)
        return self._text in [seen.text(message) for message in seen.thread["messages"]]


class Noting:
    """An investigator's note."""

    def __init__(self, case: Matter, text: str) -> None:
        self._case, self._text = case, text
        self.acknowledged = False

    def make(self) -> None:
        """Write it."""
        self._case.note(self._text)
        self.acknowledged = True

    def stands(self) -> bool:
        """Read the notes."""
        opened = self._case.read_by(self._case.investigator)
        return self._text in [opened.text(note) for note in opened.told["notes"]]


class Taking:
    """A lead's taking of a case: a declaration, and the first case key sealed to the desk."""

    def __init__(self, case: Matter, text: str) -> None:
        self._case, self._text = case, text
        self.acknowledged = False

    def make(self) -> None:
        """Take it."""
        self._case.take(self._text)
        self.acknowledged = True

    def stands(self) -> bool:
        """Look whether it has been taken, and read the declaration."""
        opened = self._case.read_by(self._case.desk.lead)
        taken = bool(opened.told["state"] != "RECEIVED")
        assert [opened.text(note) for note in opened.told["notes"]] == [self._text] * taken
        return taken
