"""Every page in the language its reader chose, whole; the choice loses nothing silently, and ends with the visit."""

import html
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from kernel.i18n import COOKIE
from tests.house import texts
from tests.house.people import EVERYBODY, Town
from tests.house.test_routes import DOORS, posted
from tests.page import page_of
from tests.province import ANSWERS, Province, Visitor

# These end the visit or the choice.
ENDING = {"/bahasa", "/lapor/bahasa", "/keluar", "/petugas/keluar", "/petugas/keluar-semua"}
# Would tell whoever looks over the reporter's shoulder.
TELLING = re.compile(r"report|pungli|phrase|officer|complain|secret", re.I)
# What has no texts of its own between tags: shorter ones also stand in what people typed, or name a place.
TELLING_LENGTH = 12


@pytest.fixture(scope="module")
def indonesian() -> set[str]:
    """Return the texts that another language says otherwise."""
    catalog = texts.kept(texts.ENGLISH)
    return {message.id for message in catalog if isinstance(message.id, str) and message.id != message.string} - {""}


def english(people: Town, who: str) -> Visitor:
    """Return somebody's browser, English chosen."""
    visitor = people.browser(who)
    assert visitor.post("/bahasa", data={"bahasa": "en", "kembali": "/"}).status_code == 303
    return visitor


def said(answer: TestResponse) -> Iterator[str]:
    """Return what a page says: its texts, and the attributes that are read out."""
    source = re.sub(r"<(script|template)\b.*?</\1>", "", answer.get_data(as_text=True), flags=re.S)
    attributes = re.findall(r'\b(?:alt|title|aria-label|placeholder)="([^"]*)"', source)
    for text in [*re.split(r"<[^>]*>", source), *attributes]:
        yield " ".join(html.unescape(text).split())


def left_untranslated(answer: TestResponse, indonesian: set[str]) -> set[str]:
    """Return the Indonesian texts that an English page still says."""
    return {text for text in said(answer) if text in indonesian and len(text) >= TELLING_LENGTH}


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_page_is_said_in_english(people: Town, indonesian: set[str], who: str) -> None:
    visitor = english(people, who)
    for method, rule in sorted(DOORS):
        if rule in ENDING:
            continue
        path = people.address(rule)
        answer = visitor.get(path) if method == "GET" else visitor.post(path, **posted(rule))
        if answer.mimetype == "text/html" and answer.status_code != 303:
            assert page_of(answer).all("html")[0].get("lang") == "en", rule
            assert left_untranslated(answer, indonesian) == set(), rule
            assert rule.startswith("/petugas") or not TELLING.search(page_of(answer).title), rule
        elif answer.is_json and answer.status_code >= 400:
            assert answer.get_json()["error"] not in indonesian, rule


def test_the_walk_finds_a_text_left_in_indonesian(people: Town, indonesian: set[str]) -> None:
    assert left_untranslated(people.browser("stranger").get("/lapor"), indonesian)


def test_a_program_is_answered_in_the_language_it_asks_for(people: Town) -> None:
    browser = people.browser("stranger")
    sentences = {}
    for asked in ("en-GB,en;q=0.9", "id"):
        answer = browser.get("/api/v1/desks/nowhere/key", headers={"Accept-Language": asked})
        assert "Accept-Language" in answer.headers["Vary"]
        sentences[asked] = answer.get_json()["error"]
    assert sentences == {
        "en-GB,en;q=0.9": "This office does not take reports yet.", "id": "Kantor ini belum menerima laporan.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        ("/bantuan", "/bantuan"),
        ("/lacak/kirim", "/lacak"),
        ("/petugas/?lewat=1&meja=33.08", "/petugas/?lewat=1&meja=33.08"),
        ("/petugas/akun/1/undang", "/petugas/akun"),
        ("/tidak-ada", "/"),
        ("https://example.org/bantuan", "/bantuan"),
        ("//example.org/x", "/"),
        ("/\\example.org", "/"),
        ("/bantuan\r\nSet-Cookie: a=b", "/"),
        ("http://[", "/"),
        ("", "/"),
    ],
)
def test_the_choice_leads_back_to_the_page_and_never_elsewhere(people: Town, back: str, expected: str) -> None:
    answer = people.browser("stranger").post("/bahasa", data={"bahasa": "en", "kembali": back})
    assert answer.status_code == 303
    there = urlsplit(answer.headers["Location"])
    assert there.netloc in {"", "localhost"} and f"{there.path}?{there.query}".rstrip("?") == expected


def test_the_choice_is_kept_until_the_browser_closes_or_the_reporter_leaves(people: Town) -> None:
    visitor = english(people, "reporter")
    cookie = visitor.client.get_cookie(COOKIE, domain="localhost")
    assert cookie is not None and (cookie.value, cookie.max_age, cookie.expires) == ("en", None, None)
    assert (cookie.secure, cookie.http_only, cookie.same_site, cookie.path) == (True, True, "Strict", "/")
    assert visitor.post("/keluar").status_code == 200
    assert visitor.cookie(COOKIE) is None


def test_the_default_is_no_cookie_at_all(people: Town) -> None:
    visitor = english(people, "stranger")
    visitor.post("/bahasa", data={"bahasa": "id"})
    assert visitor.cookie(COOKIE) is None
    assert visitor.post("/bahasa", data={"bahasa": "xx"}).status_code == 400


def test_a_form_written_without_javascript_comes_along(town: Province) -> None:
    visitor = town.visitor()
    written = {**ANSWERS, "nonce": "ab" * 16, "office": "Balai Desa & “pasar”"}
    page = page_of(visitor.post("/lapor/bahasa", data={**written, "bahasa": "en"}))
    assert page.all("html")[0].get("lang") == "en" and not page.by_id("error-summary")
    fields = page.fields("lapor")
    assert {name: fields[name] for name in written} == {name: [value] for name, value in written.items()}
    again = page_of(visitor.post("/lapor/bahasa", data={**fields, "bahasa": "id"}))
    assert again.all("html")[0].get("lang") == "id" and again.fields("lapor") == fields
    chosen = page_of(visitor.post("/lapor/bahasa", data={**written, "berkas": "foto.jpg", "bahasa": "id"}))
    assert any("Pilih lagi" in note for note in chosen.notes_of("berkas")) and not again.notes_of("berkas")


def test_what_cannot_come_along_is_warned_of_and_what_is_shown_once_offers_no_change(people: Town) -> None:
    status = people.browser("reporter").get("/lacak").get_data(as_text=True)
    assert "yang sudah ditulis di halaman ini dan belum dikirim akan hilang" in status
    assert status.index('href="#bahasa"') < status.index('action="/bahasa"')
    assert 'action="/bahasa"' not in people.browser("stranger").get("/lapor/frasa").get_data(as_text=True)


def test_the_blank_form_is_kept_for_each_language(people: Town) -> None:
    visitor, other = english(people, "stranger"), people.browser("stranger")
    for _ in range(2):
        assert page_of(visitor.get("/lapor")).all("html")[0].get("lang") == "en"
        assert page_of(other.get("/lapor")).all("html")[0].get("lang") == "id"
