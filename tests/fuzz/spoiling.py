"""How what is rightly sent goes wrong: values, members, encodings, seals, signatures, bytes."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote_from_bytes, quote_plus

from hypothesis import strategies as st

from kernel.vault import SigningKey, bodies
from tests.house.posts import (
    LINES_OF_INTEREST, Json, Post, anything, places, put, wrong_in_one_line, wrong_in_one_place,
)  # fmt: skip

Pairs = list[tuple[str, str]]
# Never shown as markup, wherever it was typed.
CANARY = "<kenari x='\">"
LONG = 50_000
ODD_TEXTS = [
    "", " ", "\0", "\ud800", "\udfff\ud800", "\u202eolleh\u2066", "السلام عليكم", "😀" * 60, "👩\u200d👧",
    "e" + "\u0301" * 400, "٣", "９", "²", "Ⅷ", "ȷ", "1_000", "\x85", "\r\nX: y", "\x1b[31m", "\ufeff",
    "\ufffd", "\U0010ffff", "ﷺ" * 100, "x" * LONG, "😀" * LONG, CANARY, "{{7*7}}", "{% raise %}", "%(a)s%n%d",
    "\u2028", "../etc", "'; --", "\\", "//x", "/\\x", "http://x/", "javascript:x", "[::1", "1e400", "NaN", "null",
    "true", "+1", "1 ", "٢٠٢٦-١١-٢٦", "2026-W01-1", "20261126", "2026-11-26T00:00", "on", "1", "%00", "%ff", "+",
    "&", "=", "a+b", "ya", "id", "en",
]  # fmt: skip
texts = st.sampled_from(ODD_TEXTS) | st.sampled_from(LINES_OF_INTEREST)
texts |= st.text(st.characters(exclude_categories=()), max_size=40)
BROKEN = [
    b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b"\r\n", b'"', b"\\u0000",
    b"\\ud800", b"}", b"%", b"%zz",
]  # fmt: skip
PARTED = [
    "multipart/form-data; boundary=x", "multipart/form-data", "Multipart/Form-Data; boundary=y",
    "multipart/mixed; boundary=x",
]  # fmt: skip
DEEP = [b"[" * 100_000, b'{"a":' * 50_000, b"9" * 5_000, b"[1e999]", b"-", b"[" * 900 + b"]" * 900]


@st.composite
def spoiled_json(draw: st.DrawFn, right: Post, known: Sequence[str]) -> bytes:
    """Draw the bytes of a right post gone wrong: now and then in nothing, often in one thing, seldom in three."""
    value = right.posted
    for _turn in range(draw(st.sampled_from([1, 1, 1, 1, 1, 2, 2, 3, 0]))):
        value = draw(_ways_to_spoil(right, value, known))
    written = json.dumps(value, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 9)) == 0 and isinstance(value, dict) and value:
        name = draw(st.sampled_from(sorted(value)))
        written = b'{"%s": %s, ' % (name.encode("utf-8", "replace"), json.dumps(draw(anything)).encode()) + written[1:]
    return draw(_perhaps_broken(written))


def _ways_to_spoil(right: Post, value: Json, known: Sequence[str]) -> st.SearchStrategy[Json]:
    ways = [wrong_in_one_place(value), _odd_in_one_place(value), _too_many(value)]
    if any(_is_sealed(each) for each in _values(value)):
        ways += [_flipped(value)] * 2
    if isinstance(value, dict) and value.get("body") == right.posted.get("body", value):
        ways += [wrong_in_one_line(Post(value, right.signer), list(known))] * 3 + [_foreign(value)]
    return st.one_of(ways)


def _values(value: Json) -> list[Json]:
    return [_at(value, way) for way in places(value)]


def _at(value: Json, way: tuple[Any, ...]) -> Json:
    for name in way:
        value = value[name]
    return value


@st.composite
def _odd_in_one_place(draw: st.DrawFn, value: Json) -> Json:
    return put(value, draw(st.sampled_from(places(value))), draw(texts))


@st.composite
def _too_many(draw: st.DrawFn, value: Json) -> Json:
    """Draw a list with its entries repeated, or a list in the place of one value."""
    way = draw(st.sampled_from(places(value)))
    inner, times = _at(value, way), draw(st.sampled_from([2, 13, 61, 201]))
    return put(value, way, inner * times if isinstance(inner, list) else [inner] * times)


def _is_sealed(value: Json) -> bool:
    return isinstance(value, str) and len(value) > 40 and "\n" not in value


@st.composite
def _flipped(draw: st.DrawFn, value: Json) -> Json:
    """Draw a sealed blob, a key or a token with a bit flipped, a byte short or long, or in another alphabet."""
    way = draw(st.sampled_from([way for way in places(value) if _is_sealed(_at(value, way))]))
    return put(value, way, draw(_other_blob(_at(value, way))))


@st.composite
def _other_blob(draw: st.DrawFn, blob: str) -> str:
    try:
        content = bytearray(base64.b64decode(blob, validate=True))
    except ValueError:
        return blob[:-2] + draw(st.sampled_from(["", "0", "zz", "000", "AA"]))
    bit = draw(st.integers(0, 8 * len(content) - 1))
    content[bit // 8] ^= 1 << bit % 8
    flipped = base64.b64encode(content).decode()
    foreign = blob.replace("+", "-").replace("/", "_")
    others = [flipped, flipped, blob[:-4], f"{blob}AAAA", blob.rstrip("="), foreign, f"{blob}\n", f" {blob}"]
    return draw(st.sampled_from(others))


@st.composite
def _foreign(draw: st.DrawFn, value: Json) -> Json:
    """Draw a body that somebody else has signed, that nobody has signed, or whose signature is another's."""
    unsigned, _key, signature = value["body"].rpartition("signature ")
    stranger = SigningKey.from_seed(bytes(32))
    others = [bodies.sign(unsigned, stranger), unsigned, f"{unsigned}signature {'0' * 128}\n", unsigned * 2, signature]
    return value | {"body": draw(st.sampled_from(others))}


@st.composite
def _perhaps_broken(draw: st.DrawFn, written: bytes) -> bytes:
    """Draw the bytes as they are, mostly; else cut off, with bytes among them that are no text, or too deep."""
    how, at = draw(st.integers(0, 11)), draw(st.integers(0, len(written)))
    if how == 0:
        return written[:at]
    if how == 1:
        return written[:at] + draw(st.sampled_from(BROKEN)) + written[at:]
    if how == 2:
        return draw(st.sampled_from(DEEP) | st.binary(max_size=80))
    return written


# Forms and questions


@st.composite
def spoiled_pairs(draw: st.DrawFn, right: Pairs, names: Sequence[str]) -> Pairs:
    """Draw the fields of a form, or of a question, gone wrong: another value, left out, twice, one too many."""
    pairs = list(right)
    name = st.sampled_from([*names, "token", "account", "body"]) | texts
    for _turn in range(draw(st.sampled_from([0, 1, 1, 1, 2, 3]))):
        at = draw(st.integers(0, max(len(pairs) - 1, 0)))
        how = draw(st.integers(0, 4))
        if pairs and how < 2:
            pairs[at] = (pairs[at][0], draw(texts))
        elif pairs and how == 2:
            del pairs[at]
        else:
            pairs.insert(at, (draw(name), draw(texts)))
    return pairs


def encoded(pairs: Pairs) -> bytes:
    """Write pairs as forms and questions are written, halves of pairs of surrogates included."""
    written = [(name.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass")) for name, value in pairs]
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in written).encode()


@st.composite
def spoiled_form(draw: st.DrawFn, right: Pairs) -> bytes:
    """Draw the bytes of a form gone wrong."""
    return draw(_perhaps_broken(encoded(draw(spoiled_pairs(right, [name for name, _value in right] or ["text"])))))


@st.composite
def spoiled_multipart(draw: st.DrawFn, right: Pairs) -> tuple[bytes, str]:
    """Draw a form in parts, with a file in it, and often cut off; return its type, too."""
    head = b'Content-Disposition: form-data; name="%s"'
    parts = [head % _raw(name) + b"\r\n\r\n" + _raw(value) for name, value in right]
    named = draw(st.sampled_from([b"a", b"", b"\0", b"\xff", b"../b", b"n" * 4000, b"b.jpg"]))
    file = head % b"berkas" + b'; filename="%s"\r\n\r\nx' % named
    # Where it belongs, behind the answers, or before some of them.
    parts.insert(draw(st.sampled_from([len(parts), len(parts), len(parts) // 2])), file)
    written = b"".join(b"--x\r\n%s\r\n" % part for part in parts) + b"--x--\r\n"
    return draw(_perhaps_broken(written)), draw(st.sampled_from(PARTED))


def _raw(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


def in_address(value: str) -> str:
    """Write a text as a part of an address carries it."""
    return quote_from_bytes(_raw(value), safe="")
