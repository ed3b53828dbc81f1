"""The search finds what it is given: in every spelling a program could have written, wherever it stands."""

from __future__ import annotations

import base64
import html
import json
import os
import secrets
from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest

from kernel.vault import draw
from tests.canaries.planting import Aviary
from tests.canaries.search import SHORTEST, WINDOW, Searcher
from tests.canaries.spelling import phrase_spellings, spellings

TEXT = "Kenari ☂ “pesan” 50% & <seterusnya> 3f9c1e7d"
KEY = bytes(range(200, 232))
PHRASE = "abjad angsa akrobat andong anglo ampela adonan anyaman"

WRITTEN_TEXTS: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-16le": lambda text: text.encode("utf-16-le"),
    "utf-16be": lambda text: text.encode("utf-16-be"),
    "a form": lambda text: urlencode({"text": text}).encode(),
    "an address": lambda text: quote(f"/lacak/{text}").encode(),
    "JSON": lambda text: json.dumps({"text": text}).encode(),
    "JSON in UTF-8": lambda text: json.dumps({"text": text}, ensure_ascii=False).encode(),
    "a page": lambda text: html.escape(f"<p>{text}</p>").encode(),
    "a Python error": lambda text: repr(text.encode()).encode(),
    "hex": lambda text: text.encode().hex().encode(),
}
WRITTEN_KEYS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": bytes,
    "hex": lambda key: key.hex().encode(),
    "upper hex": lambda key: key.hex().upper().encode(),
    "an authenticator's secret": lambda key: base64.b32encode(key),
    "a Python error": lambda key: repr(key).encode(),
}
WRITTEN_PHRASES: dict[str, Callable[[str], str]] = {
    "spaces": str,
    "hyphens": lambda phrase: phrase.replace(" ", "-"),
    "loud": lambda phrase: phrase.upper(),
    "begun with capitals": lambda phrase: phrase.title().replace(" ", "-"),
    "lines": lambda phrase: phrase.replace(" ", "\r\n"),
    "a list": lambda phrase: json.dumps(phrase.split()),
    "a page": lambda phrase: "".join(f"<li>{word}</li>" for word in phrase.split()),
    "a form": lambda phrase: urlencode({"phrase": phrase}),
    "run together": lambda phrase: phrase.replace(" ", ""),
    "its first half": lambda phrase: " ".join(phrase.split()[:4]),
    "its second half": lambda phrase: "-".join(phrase.split()[4:]),
}


def found(forms: set[bytes], content: bytes) -> bool:
    """Tell whether a secret with these forms is found in ``content``, among other things, at every alignment."""
    searcher = Searcher(dict.fromkeys(forms, "secret"))
    return all(searcher.kinds_in(os.urandom(start) + content + os.urandom(100)) for start in range(WINDOW))


@pytest.mark.parametrize("write", WRITTEN_TEXTS.values(), ids=list(WRITTEN_TEXTS))
def test_a_text_is_found(write: Callable[[str], bytes]) -> None:
    assert found(spellings(TEXT), write(f"sebelum {TEXT} sesudah"))


@pytest.mark.parametrize("write", WRITTEN_KEYS.values(), ids=list(WRITTEN_KEYS))
def test_a_key_is_found(write: Callable[[bytes], bytes]) -> None:
    assert found(spellings(KEY), write(KEY))


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", range(6))
def test_what_stands_anywhere_inside_base64_is_found(encode: Callable[[bytes], bytes], before: int) -> None:
    for secret in (TEXT.encode(), KEY):
        assert found(spellings(secret), encode(os.urandom(before) + secret + b"\xff" * (before + 1)))


@pytest.mark.parametrize("write", WRITTEN_PHRASES.values(), ids=list(WRITTEN_PHRASES))
def test_a_phrase_is_found(write: Callable[[str], str]) -> None:
    assert found(phrase_spellings(PHRASE), write(PHRASE).encode())


def test_a_token_alone_is_found() -> None:
    aviary = Aviary(bytes(16))
    token = aviary.text("note").split()[3]
    assert Searcher(aviary.forms()).kinds_in(b"..." + token.encode() + b"...") == {"note"}


def test_a_phrase_is_remembered_with_everything_that_comes_from_it() -> None:
    aviary = Aviary(bytes(16))
    aviary.phrase(draw(8))
    assert set(aviary.forms().values()) == {
        "phrase", "phrase key", "lookup token", "reporter's seed", "signing seed", "K",
    }  # fmt: skip


def test_nothing_is_found_where_there_is_nothing() -> None:
    forms = spellings(KEY) | spellings(TEXT) | phrase_spellings(PHRASE)
    searcher = Searcher(dict.fromkeys(forms, "secret"))
    almost = bytes([*KEY[:-1], KEY[-1] ^ 1])
    others = " ".join(reversed(PHRASE.split()))
    for content in (b"", secrets.token_bytes(100_000), almost, almost.hex().encode(), others.encode(), KEY[:SHORTEST]):
        assert searcher.kinds_in(content) == set()


def test_what_is_too_short_to_be_told_from_a_chance_is_not_looked_for() -> None:
    with pytest.raises(ValueError):
        Searcher({b"x" * (SHORTEST - 1): "secret"})
