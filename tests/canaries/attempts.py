"""What is asked of a server that may die at any moment: each attempt knows whether it was promised, and if it stands.

``make`` raises ``httpx.TransportError`` where the server dies under it; ``stands`` asks the server once it is back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from complaints.rules import account_json
from kernel.vault import CHUNK_BYTES, PhraseKeys, draw, keys_of, open_file, plain_phrase
from tests import client
from tests.canaries.planting import Aviary
from tests.client import Refused, Sealing
from tests.demo.browsing import NONCE, Browser, phrase_in
from tests.demo.matter import Matter
from tests.demo.reporter import Reporter
from tests.officer import EXAMINE

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


# Of a canary so many that a file of them has three chunks.
REPEATED = 2 * CHUNK_BYTES


class Filing:
    """A file of a reporter's, full of canaries, by its name as well; sent in chunks, then brought by a message.

    Cut off, it is gone on with: what is here already is not sent again.
    """

    def __init__(self, case: Matter, phrase_keys: PhraseKeys, url: str, aviary: Aviary) -> None:
        self._case, self._keys, self._browser, self._aviary = case, phrase_keys, Browser(url), aviary
        self._name = aviary.text("file name")
        line = f"{aviary.text('file')}\n".encode()
        self._content = line * (REPEATED // len(line) + 1)
        self._file: Sealing | None = None
        self._kept: set[int] = set()
        self.acknowledged = False

    def make(self) -> None:
        """Seal it, send of its chunks what is not here, and bring it, unless that was done and only its answer lost."""
        seen = client.visit(self._keys, self._browser.ask)
        file = self._file = self._file or self._seal(seen)
        if not any(told["id"] == file.id and told["seq"] for told in seen.thread["files"]):
            self._send(seen, file)
        self.acknowledged = True

    def _seal(self, seen: client.Visit) -> Sealing:
        file = client.seal_for(seen, self._content, name=self._name)
        self._aviary.key("file key", file.opened_by.key)
        return file

    def _send(self, seen: client.Visit, file: Sealing) -> None:
        token = self._keys.lookup_token.hex()
        here = client.asked(self._browser.ask, "/api/v1/files", {"token": token, **file.opening})["have"]
        assert self._kept <= {*here}
        for number in {*range(1, len(file.chunks) + 1)} - {*here}:
            path = f"/api/v1/files/{file.id}/chunks/{number}"
            status, answer = self._browser.put(path, file.chunks[number - 1], token)
            assert status == CREATED, answer
            self._kept.add(number)
        client.act(seen, "message", "", self._browser.ask, files=[file])

    def stands(self) -> bool:
        """Read it as the lead does, if it was brought; else see that every chunk is there that was acknowledged."""
        thread = client.visit(self._keys, self._browser.ask).thread
        told = next((file for file in thread["files"] if self._file and file["id"] == self._file.id), None)
        if told is None or told["seq"] is None:
            assert self._kept <= {each["number"] for each in (told or {"have": []})["have"]}
            return False
        assert self._file and b"".join(open_file(self._chunks(told), self._file.opened_by, len(self._content)))
        return True

    def _chunks(self, told: client.Json) -> list[bytes]:
        lead = self._case.desk.browser_of(self._case.desk.lead)
        place = f"/petugas/perkara/{self._case.number}/bukti/{told['id']}"
        client.asked(lead.ask, f"{place}/buka", EXAMINE)
        answers = [lead.send("GET", f"{place}/{number}-{number}") for number in range(1, told["chunks"] + 1)]
        return [answer.content for answer in answers]


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
