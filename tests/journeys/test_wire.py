"""The wire: nothing that a person writes, types or keeps to himself can be read on it with JavaScript."""

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext

from tests.journeys import leaks
from tests.journeys.whole import DESK, OnTheWire, Story
from tests.journeys.wire import Overheard, Wire
from tests.server import Installation

Forms = dict[bytes, str]


@pytest.fixture(scope="module")
def secrets(on_the_wire: OnTheWire, installation: Installation) -> Forms:
    """Every form of everything that was written, typed or derived on the whole way."""
    whole = on_the_wire.whole
    forms = leaks.readable([*whole.story.texts, *whole.typed]) | leaks.told_by(whole.phrase, "the phrase")
    forms |= leaks.keys_behind(whole.phrase, installation)
    for person in installation.people.values():
        if person.desk == DESK:
            forms |= leaks.keys_of_officer(person, installation)
    return forms


def test_nothing_that_anybody_wrote_or_typed_is_readable_on_the_wire(on_the_wire: OnTheWire, secrets: Forms) -> None:
    sent = [*on_the_wire.sent, *on_the_wire.office_sent]
    assert {"/api/v1/complaints", "/lacak", "/api/v1/threads/acts", "/petugas/masuk"} <= {each.path for each in sent}
    assert leaks.found((each.whole for each in sent), secrets) == set()
    assert leaks.found(on_the_wire.overheard.said, secrets) == set()


def test_token_and_ledger_key_pass_where_they_belong_and_nowhere_else(
    on_the_wire: OnTheWire, installation: Installation
) -> None:
    sent = [*on_the_wire.sent, *on_the_wire.office_sent]
    assert leaks.misplaced(sent, on_the_wire.whole.phrase, installation) == []


def test_the_phone_sends_nothing_that_the_formats_do_not_name(on_the_wire: OnTheWire) -> None:
    assert leaks.unforeseen(on_the_wire.sent) == []


# The recorder itself: whatever is planted, and however it is written, it must be seen.

PLANTED = Story().text[20:60]
WAYS = {
    "a post": "said => fetch('/lapor/frasa', { method: 'POST', body: said })",
    "a blob": "said => fetch('/x', { method: 'POST', body: new Blob([said]) })",
    "an address": "said => fetch('/static/x?' + said)",
    "a header": "said => fetch('/static/x', { headers: { 'X-Said': said } })",
    "a beacon": "said => navigator.sendBeacon('/keluar', said)",
    "a picture": "said => new Promise((done) => {"
    " const it = new Image(); it.onerror = done; it.src = '/static/x?' + said; })",
    "a socket": "said => new Promise((done) => { new WebSocket(`ws://${location.host}/x?${said}`).onclose = done; })",
    "a form": "said => { const it = document.createElement('form'); it.action = '/x?' + said; it.method = 'post';"
    " document.body.append(it); it.submit(); }",
}  # fmt: skip


def ways_of_writing(text: str) -> Iterator[str]:
    """Yield a text as it could be hidden in an address or a header."""
    yield quote(text)
    yield json.dumps(text)[1:-1]
    yield from (base64.urlsafe_b64encode(b"." * before + text.encode()).decode() for before in range(3))
    yield text.encode().hex()


@pytest.mark.parametrize("way", WAYS)
def test_a_planted_leak_is_seen(connected: BrowserContext, wire: Wire, way: str) -> None:
    forms = leaks.readable(Story().texts)
    page, seen = connected.new_page(), Overheard()
    seen.listen(page)
    page.goto("/bantuan")
    for written in ways_of_writing(PLANTED):
        with wire.recorded() as sent:
            page.evaluate(WAYS[way], written)
            while not sent:
                page.wait_for_timeout(10)
            if way == "a form":
                page.wait_for_url("**/x?*")
                page.goto("/bantuan")
        assert leaks.found((each.whole for each in sent), forms) == {Story().text}, f"{way} with {written}"
    page.close()
    # A blob's content is in DevTools' record only where somebody asks for it.
    assert way == "a blob" or leaks.found(seen.said, forms) == {Story().text}
