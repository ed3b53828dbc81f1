"""What must never be read on the way: every text, phrase, password and key of a journey, in every usual encoding."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

from kernel.vault import derive, password_salt, stretch, unlock_key
from tests.canaries.search import Searcher
from tests.canaries.spelling import phrase_spellings, spellings
from tests.journeys.wire import Sent
from tests.server import Installation, Person

# Long enough never to stand somewhere by chance, short enough that half a sentence is found.
PIECE = 16
STEP = 6
ESCAPE = re.compile(rb'\\(?:["\\/bfnrt]|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4})')
LABELS = ("reporter", "sign")
# What Chromium sometimes asks its maker about a form, whosever it is: hashes of its fields' names. No page has a say in
# it, and none of ours could reach that host.
BROWSERS_OWN = ("CONNECT", "//content-autofill.googleapis.com:443")
JOINTS = (" ", "-", " - ", "+", "%20", ",", "_", "\n", '","')


def pieces(text: str) -> Iterator[str]:
    """Yield overlapping pieces of a text: whoever leaks a part of it leaks one of these."""
    yield from (text[start : start + PIECE] for start in range(0, max(len(text) - PIECE, 0) + 1, STEP))


def readable(texts: Iterable[str]) -> dict[bytes, str]:
    """Return every form in which a piece of the texts could be read, and what it is a piece of."""
    return {form: text for text in texts for piece in pieces(text) for form in spellings(piece)}


def told_by(phrase: str, what: str) -> dict[bytes, str]:
    """Return every form in which a phrase or password would be told: whole, by halves, or two words of it together."""
    words = phrase.split()
    pairs = {joint.join(pair).encode() for pair in pairwise(words) for joint in JOINTS}
    return {form: what for form in phrase_spellings(phrase) | pairs | {pair.upper() for pair in pairs}}


def keys_behind(phrase: str, installation: Installation) -> dict[bytes, str]:
    """Return the forms of those keys of a phrase that never leave the phone."""
    key = phrase_key(phrase, installation)
    secrets = {derive(key, f"kentongan/v1/phrase/{label}"): f"the {label} key" for label in LABELS}
    return {form: what for secret, what in {**secrets, key: "the phrase's key"}.items() for form in spellings(secret)}


def phrase_key(phrase: str, installation: Installation) -> bytes:
    """Stretch a phrase, as the phone does."""
    return stretch(phrase, bytes.fromhex((installation.instance / "salt").read_text().strip()))


def keys_of_officer(person: Person, installation: Installation) -> dict[bytes, str]:
    """Return the forms of an officer's password, and of the keys behind it, that never leave his desktop."""
    secret = bytes.fromhex((installation.instance / "secret").read_text().strip())
    key = stretch(person.password, password_salt(secret, person.name))
    forms = {form: "an officer's key" for each in (key, unlock_key(key)) for form in spellings(each)}
    return forms | told_by(person.password, "a password")


def found(said: Iterable[bytes], forms: Mapping[bytes, str]) -> set[str]:
    """Return what of it stands in what was said."""
    everything = b"\n".join(layer for layer in _layers(b"\n".join(said)))
    # The search in one pass wants strings of some length; what is shorter is looked for one by one.
    shorter = {form: what for form, what in forms.items() if len(form) < PIECE}
    searcher = Searcher({form: what for form, what in forms.items() if form not in shorter})
    return searcher.kinds_in(everything) | {what for form, what in shorter.items() if form in everything}


def _layers(said: bytes) -> Iterator[bytes]:
    """Yield what was said as it is, and with the escapes undone that browsers and programs mix as they like."""
    for unquoted in (said, unquote_to_bytes(said), unquote_to_bytes(said.replace(b"+", b" "))):
        yield unquoted
        yield ESCAPE.sub(_unescaped, unquoted)


def _unescaped(escape: re.Match[bytes]) -> bytes:
    """Return what an escape of JSON stands for."""
    return str(json.loads(b'"%s"' % escape[0])).encode("utf-8", "surrogatepass")


def misplaced(log: Iterable[Sent], phrase: str, installation: Installation) -> list[str]:
    """Return where the lookup token or K stand and do not belong (docs/formats.md §7)."""
    key = phrase_key(phrase, installation)
    threads = tuple(f"/api/v1/threads/{what}" for what in ("open", "history", "acts"))
    belongs = {
        derive(key, "kentongan/v1/phrase/lookup"): ("/lacak", *threads),
        derive(key, "kentongan/v1/phrase/ledger"): ("/api/v1/complaints",),
    }
    return [
        f"{sent.method} {sent.path}"
        for sent in log
        for secret, paths in belongs.items()
        if found([_beyond(sent, paths)], {form: "it" for form in spellings(secret)})
    ]


def _beyond(sent: Sent, paths: tuple[str, ...]) -> bytes:
    """Return what of a request may not have it: all but the body where it is posted as it should be."""
    posted = sent.method == "POST" and sent.path in paths
    return sent.whole.removesuffix(sent.body) if posted and sent.body else sent.whole


TOKEN = re.compile(r"[0-9a-f]{64}")
MEMBERS = {
    "/api/v1/complaints": {"body", "lookup", "kem", "ledger_key", "account", "keys"},
    "/api/v1/threads/acts": {"token", "body", "objects"},
}


def unforeseen(log: Iterable[Sent]) -> list[str]:
    """Return what a phone with JavaScript sent that the formats do not name, by its address."""
    ours = (sent for sent in log if (sent.method, sent.address) != BROWSERS_OWN)
    return [f"{sent.method} {sent.address} {sent.body[:200]!r}" for sent in ours if not _foreseen(sent)]


def _foreseen(sent: Sent) -> bool:
    if urlsplit(sent.address).query or b"\r\nCookie:" in sent.whole:
        return False
    if sent.method == "GET":
        return not sent.body
    return sent.method == "POST" and _posted(sent)


def _posted(sent: Sent) -> bool:
    if sent.path in MEMBERS:
        return set(json.loads(sent.body)) == MEMBERS[sent.path]
    if sent.path == "/lacak":
        fields = parse_qs(sent.body.decode(), strict_parsing=True)
        asked = set(fields) in ({"token"}, {"token", "account"}) and fields.get("account", ["1"]) == ["1"]
        return asked and bool(TOKEN.fullmatch(fields["token"][0]))
    return sent.path == "/keluar" and not sent.body
