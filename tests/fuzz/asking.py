"""Whatever may be asked of an address: by anybody, with a right body or one gone wrong, in headers of any kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from hypothesis import strategies as st

from casework.sessions import COOKIE as OFFICERS_COOKIE
from casework.sessions import ROOM
from casework.views_accounts import BROWSER_COOKIE
from complaints.visits import COOKIE as REPORTERS_COOKIE
from kernel import clock
from kernel.i18n import COOKIE as LANGUAGE_COOKIE
from kernel.vault import BOXED_BYTES, keys_of
from tests.fuzz.spoiling import (
    Pairs, encoded, in_address, spoiled_form, spoiled_json, spoiled_multipart, spoiled_pairs, texts,
)  # fmt: skip
from tests.fuzz.there import There
from tests.house.people import EVERYBODY, Town
from tests.house.posts import Post, right_posts
from tests.province import ANSWERS

LONGEST_TOLD = 1200
METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "x"]
TYPES = [
    "application/json", "application/json; charset=utf-16", "application/x-www-form-urlencoded", "text/plain", "",
    "application/x-www-form-urlencoded; charset=latin-1", "application/xml", "a/b/c", ";", "application/json;;=",
    "application/merge-patch+json", "APPLICATION/JSON", "application/json, text/html", "application/octet-stream",
]  # fmt: skip
HEADERS = [
    "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Content-Encoding", "Content-Length", "Expect",
    "Host", "If-Modified-Since", "If-None-Match", "Origin", "Range", "Referer", "Sec-Fetch-Mode", "Sec-Fetch-Site",
    "Transfer-Encoding", "User-Agent", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
    "X-HTTP-Method-Override", "X-Requested-With",
]  # fmt: skip
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
COOKIES = [OFFICERS_COOKIE, REPORTERS_COOKIE, LANGUAGE_COOKIE, BROWSER_COOKIE, "session", "remember_token", ";"]
# Values of headers, and of cookies, as a client can send them: bytes, no line ends.
sent = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)
sent |= st.sampled_from([
    "null", "https://localhost", "https://[::1", "http://localhost", "cross-site", "cors", "chunked", "-1", "0",
    "99999999999", "gzip;q=x", "*/*;q=9", "bytes=0-", "en;q=nan", "en-GB", "x" * 9000, "00" * 32, "AB" * 32, "00" * 31,
    "²" * 64, '"', "\xff", "100-continue", "application/json", ":443", "@x", "a,b", "[1::2::3]", "xn--a", "",
])  # fmt: skip
# What addresses take in their query; an address that is not here takes nothing.
QUERIES: dict[str, Pairs] = {
    "/petugas/masuk": [("ke", "/petugas/orang")],
    "/petugas/": [
        ("meja", "33.08"), ("tahap", "TRIAGE"), ("milik-saya", "ya"), ("mendesak", "ya"), ("terlambat", "ya"),
        ("dinaikkan", "ya"), ("setelah", "2026-11-26~0~" + "f" * 32),
    ],
    "/petugas/perkara/<number>/keadaan": [("tindakan", "assign"), ("petugas", "0" * 32)],
    "/petugas/pembacaan": [("perkara", "x"), ("petugas", "0" * 32), ("setelah", "2026-11-26T00:00:00~1~" + "f" * 32)],
}  # fmt: skip


def right_forms(people: Town) -> dict[str, list[dict[str, Any]]]:
    """Return by rule the fields of its right forms; an address that takes forms has a line here."""
    text, day = "Halo.", (clock.today() + timedelta(days=30)).isoformat()
    token = keys_of(people.phrase_key).lookup_token.hex()
    return {
        "/lapor": [{
            **ANSWERS, "nonce": "ab" * 16, "threatened": "ya", "avoid": ["region", "province"], "seen_traces": "1",
        }],
        "/lapor/bahasa": [{**ANSWERS, "bahasa": "en"}],
        "/lacak": [{"phrase": people.phrase}, {"token": token, "account": "1"}],
        "/lacak/kirim": [{"text": text, "threatened": "y"}],
        "/lacak/keberatan": [{"keberatan-text": text, "keberatan-threatened": "y"}],
        "/lacak/cabut": [{"cabut-text": text}],
        "/lacak/laporan": [{}],
        "/lacak/bukti": [{}],
        "/bahasa": [{"bahasa": "en", "kembali": "/lacak?x=1"}],
        "/keluar": [{}],
        "/petugas/akun": [{"name": "orang.baru", "full_name": "Orang Baru", "role": "reviewer", "desk": "33.08"}],
        "/petugas/akun/<officer_id>/undang": [{}],
        "/petugas/akun/<officer_id>/tutup": [{"sure": "1"}],
        # Without the tick: with it whoever asks has no keys any more, and could ask for nothing else.
        "/petugas/saya/bocor": [{}],
        "/petugas/libur": [{"day": day, "kind": "holiday", "name": "Cuti bersama"}],
        "/petugas/libur/<day>/hapus": [{}],
    }  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One request as it goes over the wire; ``who`` is whose cookies it brings, ``path`` and ``query`` are escaped."""

    who: str
    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    cookies: tuple[tuple[str, str], ...] = ()
    kind: str = ""
    content: bytes = b""

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Have hypothesis write what differs from a plain request, and what is very long in short."""
        told = {name: value for name, value in vars(self).items() if value}
        printer.text(f"Asked({', '.join(f'{name}={_shortly(value)}' for name, value in told.items())})")


def _shortly(value: Any) -> str:
    told = repr(value)
    if len(told) <= LONGEST_TOLD:
        return told
    return f"{told[:LONGEST_TOLD // 2]}[… {len(told)} …]{told[-LONGEST_TOLD // 2:]}"


@dataclass
class Address:
    """One door of the application, and how to ask at it in every way."""

    people: Town
    method: str
    rule: str

    @cached_property
    def right(self) -> Post:
        """Return what is rightly posted as JSON, always the same: hypothesis wants to draw again what it has drawn."""
        return right_posts(self.people)[self.rule]()

    @cached_property
    def there(self) -> There:
        """Return what there really is at this address."""
        return There(self.people, self.method, self.rule)

    @cached_property
    def path(self) -> str:
        """Return its path with what there really is in it."""
        return spelled(self.rule, self.there.values())

    @cached_property
    def bearing(self) -> dict[str, str]:
        """Return the header that shows who asks, where that is neither in a body nor in a cookie."""
        if self.method != "PUT" or self.rule.startswith(ROOM):
            return {}
        return {"Authorization": f"Bearer {keys_of(self.people.phrase_key).lookup_token.hex()}"}

    @property
    def usual(self) -> str:
        """Return who usually comes to this door."""
        if self.rule.startswith("/lacak"):
            return "reporter"
        if self.rule.startswith(("/petugas/akun", "/petugas/libur", "/petugas/alarm")):
            return "admin"
        return "overseer" if self.rule == "/petugas/pembacaan" else "lead"


def known_to(people: Town) -> list[str]:
    """Return how the officers there are, are named in bodies."""
    return [*people.officers.values(), *(f"officer:{each}" for each in people.officers.values())]


def addresses(people: Town) -> list[Address]:
    """Return every address of the application, from its own map."""
    rules = {(method, rule.rule) for rule in people.province.app.url_map.iter_rules() for method in rule.methods or ()}
    return [Address(people, method, rule) for method, rule in sorted(rules) if method not in {"HEAD", "OPTIONS"}]


def asked_at(address: Address) -> st.SearchStrategy[Asked]:
    """Return the strategy for one address; raises ``KeyError`` where nobody has said what it takes."""
    if address.method == "GET":
        return _gets(address, QUERIES.get(address.rule, []))
    if address.method == "PUT":
        return _posts(address, _chunk_content(address))
    forms = right_forms(address.people)
    if address.rule in forms:
        return _posts(address, st.one_of([_form_content(_pairs(form)) for form in forms[address.rule]]))
    return _posts(address, _json_content(address))


Content = st.SearchStrategy[tuple[bytes, str]]


def _pairs(fields: dict[str, Any]) -> Pairs:
    return [(name, each) for name, value in fields.items() for each in ([value] if isinstance(value, str) else value)]


def _json_content(address: Address) -> Content:
    spoiled = spoiled_json(address.right, known_to(address.people))
    return st.tuples(spoiled, _mostly("application/json", st.sampled_from(TYPES)))


def _chunk_content(address: Address) -> Content:
    """Return the strategy of a file's chunk: its own, another of its size, none, too many, or any."""
    [chunk] = address.there.file.chunks
    chunks = st.sampled_from([chunk, chunk, bytes(4096 + BOXED_BYTES), chunk[:-1], chunk * 2, chunk * 20])
    return st.tuples(chunks | st.binary(max_size=80), _mostly("application/octet-stream", st.sampled_from(TYPES)))


def _form_content(right: Pairs) -> Content:
    kinds = _mostly("application/x-www-form-urlencoded", st.sampled_from(TYPES))
    return _mostly_of(st.tuples(spoiled_form(right), kinds), spoiled_multipart(right))


def _mostly(usual: Any, other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return _mostly_of(st.just(usual), other)


def _mostly_of(usual: st.SearchStrategy[Any], other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 7).flatmap(lambda turn: other if turn == 7 else usual)


def _posts(address: Address, contents: Content) -> st.SearchStrategy[Asked]:
    return _asked(address, _mostly("", _query([])), contents)


def _gets(address: Address, right: Pairs) -> st.SearchStrategy[Asked]:
    contents = _mostly((b"", ""), st.tuples(st.binary(max_size=80), st.sampled_from(TYPES)))
    return _asked(address, _query(right) if right else _mostly("", _query([])), contents)


def _query(right: Pairs) -> st.SearchStrategy[str]:
    names = sorted({name for pairs in QUERIES.values() for name, _value in pairs})
    raw = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60)
    return spoiled_pairs(right, names).map(lambda pairs: encoded(pairs).decode()) | raw


def _asked(address: Address, queries: st.SearchStrategy[str], contents: Content) -> st.SearchStrategy[Asked]:
    """Return the strategy of who asks, by which method, where exactly, in which headers, and with what."""
    return _put_together(st.fixed_dictionaries({
        "who": st.sampled_from([address.usual] * 6 + list(EVERYBODY)),
        "method": _mostly(address.method, st.sampled_from(METHODS)),
        "path": _paths(address),
        "tail": _mostly("", st.sampled_from(["/", "//", ";x", "%2f", "%ff", "%00", "/.."])),
        "query": queries,
        "headers": _mostly(address.bearing, st.dictionaries(st.sampled_from(HEADERS), sent, max_size=3)),
        "cookies": _mostly([], st.lists(st.tuples(st.sampled_from(COOKIES), sent), max_size=2)),
        "content": contents,
    }))  # fmt: skip


@st.composite
def _put_together(draw: st.DrawFn, parts: st.SearchStrategy[dict[str, Any]]) -> Asked:
    part = draw(parts)
    headers = tuple((SAME_ORIGIN | part["headers"]).items())
    path, (content, kind) = part["path"] + part["tail"], part["content"]
    return Asked(part["who"], part["method"], path, part["query"], headers, tuple(part["cookies"]), kind, content)


def _paths(address: Address) -> st.SearchStrategy[str]:
    """Return the strategy of an address's own path, with what there is in it or, in one place, with anything."""
    values = address.there.values()
    if not values:
        return st.just(address.rule)
    others = st.tuples(st.sampled_from(sorted(values)), texts)
    odd = others.map(lambda drawn: spelled(address.rule, {**values, drawn[0]: in_address(drawn[1])}))
    return _mostly(address.path, odd)


def spelled(rule: str, values: Mapping[str, str]) -> str:
    """Return a rule with values in the place of its variables."""
    for name, value in values.items():
        rule = rule.replace(name, value)
    return rule
