"""The tracking phrase: what a person may type for it, and every key that comes from it (formats §3)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from string import ascii_lowercase

from kernel.vault.deriving import derive
from kernel.vault.sealing import Identity
from kernel.vault.signing import SigningKey
from kernel.vault.words import WORDS

PHRASE_WORDS = 8
SHORTEST_PREFIX = 4
MOST_CANDIDATES = 4
LONGEST_TYPED = max(len(word) for word in WORDS) + 1
TYPED = re.compile(r"[a-z0-9]+")

_known = frozenset(WORDS)


class WrongCount(Exception):
    """A phrase has ``found`` words, and another number was due."""

    def __init__(self, found: int) -> None:
        super().__init__()
        self.found = found


class UnknownWord(Exception):
    """The word at ``position`` (from 1), ``typed`` so, is no word of the list, or could be several ``candidates``.

    The message is empty: what was typed may be one letter from a secret, and messages end up in logs.
    """

    def __init__(self, position: int, typed: str, candidates: tuple[str, ...]) -> None:
        super().__init__()
        self.position = position
        self.typed = typed
        self.candidates = candidates


@dataclass(frozen=True)
class PhraseKeys:
    """What a phrase opens: the token that finds the complaint, the reporter's two keys, and K (32 bytes each)."""

    lookup_token: bytes = field(repr=False)
    reporter: Identity
    sign: SigningKey
    ledger_key: bytes = field(repr=False)


def canonical(typed: str, count: int = PHRASE_WORDS) -> str:
    """Read ``count`` words as a person types them and return them in lower case, joined by one space.

    Case, separators and numbering do not matter; raises ``WrongCount`` or, for the first word that cannot be told,
    ``UnknownWord``.
    """
    words = _typed_words(typed)
    if len(words) != count:
        raise WrongCount(len(words))
    meant = _begun if sum(map(_is_short, words)) > 1 else _meant
    return " ".join(_recognise(position, word, meant) for position, word in enumerate(words, start=1))


def keys_of(phrase_key: bytes) -> PhraseKeys:
    """Return every key of a phrase, given its 32-byte phrase key (the stretched phrase)."""
    return PhraseKeys(
        lookup_token=derive(phrase_key, "kentongan/v1/phrase/lookup"),
        reporter=Identity.from_seed(derive(phrase_key, "kentongan/v1/phrase/reporter")),
        sign=SigningKey.from_seed(derive(phrase_key, "kentongan/v1/phrase/sign")),
        ledger_key=derive(phrase_key, "kentongan/v1/phrase/ledger"),
    )


def _typed_words(typed: str) -> list[str]:
    """Part what was typed at everything that is no letter or digit, and drop the numbers of a list ("1. kata")."""
    pieces = TYPED.findall(unicodedata.normalize("NFKC", typed).lower())
    return [word for piece in pieces if (word := piece.lstrip("0123456789"))]


def _recognise(position: int, typed: str, words_meant: Callable[[str], set[str]]) -> str:
    if typed in _known:
        return typed
    meant = sorted(words_meant(typed))
    if len(meant) != 1:
        raise UnknownWord(position, typed, tuple(meant[:MOST_CANDIDATES]))
    return meant[0]


def _meant(typed: str) -> set[str]:
    """Return the words ``typed`` may stand for: those it begins, and those one slip away from it.

    Both at once: "alir" may be the beginning of "aliran", but also "alis" with a slip, and a phrase that is silently
    read wrong is worse than a question.
    """
    return _words_begun(typed) | _words_missed(typed)


def _begun(typed: str) -> set[str]:
    """Do as ``_meant`` for a phrase in which several words are only begun: its writer shortens, and slips less."""
    return _words_begun(typed) or _words_missed(typed)


def _is_short(typed: str) -> bool:
    return typed not in _known and bool(_words_begun(typed))


def _words_begun(typed: str) -> set[str]:
    return {word for word in WORDS if word.startswith(typed)} if len(typed) >= SHORTEST_PREFIX else set()


def _words_missed(typed: str) -> set[str]:
    return set(_known.intersection(_one_slip_away(typed))) if len(typed) <= LONGEST_TYPED else set()


def _one_slip_away(typed: str) -> Iterator[str]:
    """Yield all that one letter more, less, other or swapped with its neighbour makes of ``typed``."""
    for at in range(len(typed) + 1):
        before, after = typed[:at], typed[at:]
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]
        for letter in ascii_lowercase:
            yield before + letter + after
            yield before + letter + after[1:]
