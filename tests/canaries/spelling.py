"""How a secret could be written down: every encoding in which it would still be readable."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

# How people and programs join words.
JOINTS = (" ", "-", " - ", "_", ",", ", ", ".", "+", "%20", "\n", "\r\n", "", '", "', '","', "', '", "</li><li>")


def spellings(secret: bytes | str) -> set[bytes]:
    """Return the forms of a text or of a key that count as finding it."""
    return set(_text_forms(secret)) if isinstance(secret, str) else set(_byte_forms(secret))


def _text_forms(text: str) -> Iterator[bytes]:
    yield from _byte_forms(text.encode())
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    for escaped in (quote(text, safe=""), quote_plus(text), html.escape(text), json.dumps(text)[1:-1]):
        yield escaped.encode()


def _byte_forms(raw: bytes) -> Iterator[bytes]:
    yield raw
    yield repr(raw)[2:-1].encode()
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield base64.b32encode(raw).rstrip(b"=")
    for alignment in range(3):
        yield _within_base64(raw, alignment, base64.b64encode)
        yield _within_base64(raw, alignment, base64.urlsafe_b64encode)


def _within_base64(raw: bytes, alignment: int, encode: Callable[[bytes], bytes]) -> bytes:
    """Return what of ``raw`` shows in the base64 of something that it begins ``alignment`` bytes into."""
    # A digit holds six bits: those that also hold bits of the neighbours are left out.
    return encode(bytes(alignment) + raw)[-(-alignment * 8 // 6) : (alignment + len(raw)) * 8 // 6]


def phrase_spellings(phrase: str) -> set[bytes]:
    """Return the forms of a phrase or password: joined in every usual way, in any case, and by halves."""
    words = phrase.split()
    half = len(words) // 2
    written = {joint.join(words) for joint in JOINTS} | {_numbered(words), _numbered(words, ") ")}
    cased = {form for each in written for form in (each, each.upper(), each.title())}
    halves = {joint.join(part) for part in (words[:half], words[half:]) for joint in JOINTS}
    encoded = [form for each in (" ", "-", "\n") for form in spellings(each.join(words))]
    # Half a password of short words is too short to be told from a chance; half a phrase never is.
    return {each.encode() for each in cased} | {each.encode() for each in halves if len(each) >= 15} | set(encoded)


def _numbered(words: list[str], mark: str = ". ") -> str:
    return "\n".join(f"{place}{mark}{word}" for place, word in enumerate(words, start=1))
