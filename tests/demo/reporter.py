"""Reporters on both paths: one seals with a program of his own, one fills in forms without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Protocol

from kernel.vault import PhraseKeys

from tests import client
from tests.demo.browsing import Browser, lodge_plainly, state_in, visit_plainly
from tests.demo.handwriting import Hand
from tests.demo.papers import Paper

PATHS = {"answer": "/lacak/kirim", "message": "/lacak/kirim", "object": "/lacak/keberatan", "withdraw": "/lacak/cabut"}
PREFIXES = {"object": "keberatan-", "withdraw": "cabut-"}


class Reporter(Protocol):
    """Somebody with something to tell; ``phrase`` is on his paper once he has lodged."""

    phrase: str

    def lodge(self, answers: Mapping[str, str]) -> None:
        """Lodge a complaint."""

    def act(self, action: str, text: str, threatened: bool = False) -> None:
        """Look at the case and answer, write a message, object or withdraw; say so, if he feels ``threatened``."""

    def bring(self, papers: Sequence[Paper]) -> None:
        """Send files, without a word."""

    def state(self) -> str:
        """Look where the case stands."""


class SealedReporter:
    """A reporter whose complaint and messages are sealed before they leave him."""

    def __init__(self, url: str, known: client.Installation) -> None:
        self._browser, self._known = Browser(url), known
        self._ask = self._browser.ask
        self.phrase = ""

    def lodge(self, answers: Mapping[str, str]) -> None:
        """Seal and lodge a complaint."""
        self.phrase, _receipt = client.lodge(answers, self._known, self._ask)

    @cached_property
    def _keys(self) -> PhraseKeys:
        return client.phrase_keys(self.phrase, self._known.salt)

    def visit(self) -> client.Visit:
        """Open the case with the phrase's keys."""
        return client.visit(self._keys, self._ask)

    def act(self, action: str, text: str, threatened: bool = False) -> None:
        """Seal and sign an answer, a message, an objection or a withdrawal."""
        client.act(self.visit(), action, text, self._ask, {"threatened": "yes"} if threatened else {})

    def bring(self, papers: Sequence[Paper]) -> None:
        """Seal files, send them chunk by chunk, and sign for them."""
        seen, put = self.visit(), self._browser.put
        files = [
            client.send_file(seen, each.content, self._ask, put, name=each.name, type=each.type) for each in papers
        ]
        client.act(seen, "message", "", self._ask, files=files)

    def state(self) -> str:
        """Ask where the case stands."""
        return str(self.visit().thread["state"])


class PlainReporter:
    """A reporter without JavaScript, who types his phrase as his ``hand`` has it."""

    def __init__(self, url: str, hand: Hand) -> None:
        self.browser, self._hand = Browser(url), hand
        self.phrase = ""

    def lodge(self, answers: Mapping[str, str]) -> None:
        """Fill in the form, confirm what the page warns of, and write the phrase down."""
        self.phrase = lodge_plainly(self.browser, dict(answers))

    def act(self, action: str, text: str, threatened: bool = False) -> None:
        """Fill in one of the forms of the status page."""
        self.visit()
        prefix = PREFIXES.get(action, "")
        ticked = {f"{prefix}threatened": "y"} if threatened else {}
        page = self.browser.post(PATHS[action], {f"{prefix}text": text} | ticked)
        assert page.status_code == 200, (page.status_code, page.text)

    def bring(self, papers: Sequence[Paper]) -> None:
        """Choose files in the form of the status page."""
        self.visit()
        chosen = [("berkas", (name, content, kind)) for name, kind, content in papers]
        page = self.browser.post(PATHS["message"], {"text": ""}, chosen)
        assert page.status_code == 200, (page.status_code, page.text)

    def state(self) -> str:
        """Read where the case stands."""
        return state_in(self.visit())

    def visit(self) -> str:
        """Type the phrase, and once more with care where the page cannot tell a word; return the status page."""
        page = visit_plainly(self.browser, self._hand(self.phrase))
        if page.status_code == 422:
            page = visit_plainly(self.browser, self.phrase)
        assert page.status_code == 200, (page.status_code, page.text)
        return page.text
