"""What is planted and what is known: every text and every key that must stand nowhere in the clear."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping

from kernel.vault import PASSWORD_WORDS, PHRASE_WORDS, derive, stretch
from tests.canaries.spelling import phrase_spellings, spellings

TOKEN_BYTES = 12


class Aviary:
    """The canaries of one installation. Threads may plant at once.

    A planted text is unmistakable: a token of 24 digits of hex, in a sentence that every encoding writes differently.
    Its token alone counts as finding it.
    """

    def __init__(self, salt: bytes) -> None:
        """Begin with none; ``salt`` is the installation's, with which phrases are stretched."""
        self._salt = salt
        self._forms: dict[bytes, str] = {}
        self._lock = threading.Lock()
        self.planted: set[str] = set()

    def text(self, kind: str) -> str:
        """Return a new text to be written as a ``kind`` of text."""
        token = secrets.token_hex(TOKEN_BYTES)
        text = f"Kenari “{kind}” ☂ {token} + 50% & <seterusnya>"
        self._keep(kind, spellings(text) | spellings(token))
        with self._lock:
            self.planted.add(kind)
        return text

    def word(self, kind: str) -> str:
        """Return a new canary that is one word of ASCII, and no number in any notation."""
        word = f"kenari-{secrets.token_hex(TOKEN_BYTES)}"
        self._keep(kind, spellings(word) | spellings(word.removeprefix("kenari-")))
        return word

    def key(self, kind: str, *keys: bytes) -> None:
        """Remember keys (or tokens, or seeds) of 15 bytes or more."""
        for key in keys:
            self._keep(kind, spellings(key))

    def password(self, password: str) -> None:
        """Remember an officer's password."""
        assert len(password.split()) == PASSWORD_WORDS
        self._keep("password", phrase_spellings(password))

    def phrase(self, phrase: str) -> bytes:
        """Remember a phrase and everything that comes from it; return its phrase key."""
        assert len(phrase.split()) == PHRASE_WORDS
        self._keep("phrase", phrase_spellings(phrase))
        phrase_key = stretch(phrase, self._salt)
        self.key("phrase key", phrase_key)
        labels = {"lookup token": "lookup", "reporter's seed": "reporter", "signing seed": "sign", "K": "ledger"}
        for kind, label in labels.items():
            self.key(kind, derive(phrase_key, f"kentongan/v1/phrase/{label}"))
        return phrase_key

    def forms(self) -> Mapping[bytes, str]:
        """Return every form of everything planted and known, with its kind."""
        with self._lock:
            return dict(self._forms)

    def _keep(self, kind: str, forms: set[bytes]) -> None:
        with self._lock:
            self._forms |= dict.fromkeys(forms, kind)


class Unremembered(Aviary):
    """Canaries nobody will look for: where only storms are waited for, thousands of them would fill the memory."""

    def _keep(self, kind: str, forms: set[bytes]) -> None:
        """Keep none."""
