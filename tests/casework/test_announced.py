"""A key that nobody told a desk's leads of: their first page asks about it until they say that it is right."""

import secrets
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from werkzeug.serving import make_server

from kernel import clock
from kernel.database import put, transaction
from kernel.directory import models, statements
from kernel.directory.services import keep_public_key
from kernel.directory.statements import Statement, parse
from kernel.vault import Identity
from ledger.publishing import publish_stated
from tests.casework.test_browser_case import Served
from tests.journeys.looking import faults_of
from tests.province import Province, own_province

KEYS = "/petugas/orang/kunci"
TOLD = "Ya, saya diberi tahu"


@pytest.fixture(params=["sqlite", "postgresql"])
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province of its own: what becomes of its desks' keys is nobody else's."""
    yield from own_province(request, tmp_path_factory)


@pytest.fixture
def served(province: Province) -> Iterator[Served]:
    """The same over HTTP."""
    server = make_server("127.0.0.1", 0, province.app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield Served(province, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()


def bribed(province: Province, desk: str = "33.08", version: int = 2) -> str:
    """Put a key into the database that a lead of the desk has rightly signed and told nobody of."""
    lead, key = province.log_in("lead", desk), Identity.from_seed(secrets.token_bytes(32))
    statement = Statement(
        kind="epoch", subject=desk, version=version, status="active", desk=None, parent=None, remit=None,
        kem=key.recipient.digest, sign=None, issued=clock.today(), issuer=f"officer:{lead.id}",
    )  # fmt: skip
    body = statements.sign(statement, lead.sign)
    row = {"kind": "epoch", "subject": desk, "version": version, "body": body, "kept_at": None}
    with province.app.app_context(), transaction() as session:
        put(session, models.Statement, row)
        keep_public_key(session, key.recipient)
    return body


def listed(province: Province, desk: str) -> list[tuple[str, str]]:
    """Return what a lead's browser is told of, each by what it is about."""
    answer: Any = province.browser_of("lead", desk).get(KEYS).json
    said = [parse(each["body"]) for each in answer["statements"]]
    return sorted((each.kind, str(each.desk or each.subject)) for each in said)


def test_a_lead_is_told_of_his_desks_keys_and_of_the_leads_and_keys_below(province: Province) -> None:
    own = [("epoch", "33.08"), *[("officer", "33.08")] * 5]
    assert listed(province, "33.08") == own
    assert listed(province, "33") == sorted(
        [*[("officer", "33")] * 5, *(("epoch", desk) for desk in ("33", "33.08", "33.74")),
         ("officer", "33.08"), ("officer", "33.74")]
    )  # fmt: skip
    assert listed(province, "luar") == [("epoch", "luar"), *[("officer", "luar")] * 5]


def test_of_a_key_the_newest_statement_is_told_with_where_the_public_log_has_it(province: Province) -> None:
    body = bribed(province)
    lead = province.browser_of("lead", "33")

    def told() -> str:
        answer: Any = lead.get(KEYS).json
        [place] = [each["place"] for each in answer["statements"] if each["body"] == body]
        assert len([each for each in answer["statements"] if "\nkind epoch\nsubject 33.08\n" in each["body"]]) == 1
        return str(place)

    assert told() == "Catatan umum: belum terbit"
    with province.app.app_context():
        publish_stated()
    assert told().startswith("Catatan umum no. ")


def window(served: Served, browser: Browser, desk: str, **how: Any) -> BrowserContext:
    """Return the browser of a desk's lead, logged in."""
    served.province.browser_of("lead", desk)
    person = served.province.named("lead", desk)
    token = served.province.visitors[person.name].cookie("__Host-petugas")
    context = browser.new_context(base_url=served.url, locale="id-ID", **how)
    place: Any = {"domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True, "sameSite": "Strict"}
    context.add_cookies([{"name": "__Host-petugas", "value": str(token), **place}])
    return context


def questions(page: Page) -> Locator:
    """Open the first page; return what it asks, once it has asked."""
    with page.expect_response(f"**{KEYS}"):
        page.goto("/petugas/")
    # What it has to ask, it has asked by then.
    page.wait_for_load_state("networkidle")
    return page.locator("#new-keys li:has(button)")


def confirm_all(asked: Locator) -> None:
    while asked.count():
        asked.first.get_by_role("button", name=TOLD).click()


@pytest.mark.parametrize("province", ["sqlite"], indirect=True)
def test_a_key_that_no_lead_announced_is_asked_about_until_he_says_that_he_was_told(
    served: Served, browser: Browser
) -> None:
    province = served.province
    with window(served, browser, "33") as context:
        page = context.new_page()
        asked = questions(page)
        assert asked.count() == 10
        expect(page.locator("#new-keys")).to_contain_text("Peramban ini belum pernah menanyakannya")
        confirm_all(asked)
        expect(page.locator("#new-keys")).to_be_hidden()
        assert questions(page).count() == 0
        expect(page.locator("#new-keys")).to_be_hidden()

        bribed(province)
        asked = questions(page)
        expect(asked).to_have_count(1)
        expect(asked).to_contain_text("Kunci baru Inspektorat Kabupaten Magelang (ke-2)")
        expect(asked).to_contain_text("ditandatangani Teguh Prasetyanto")
        expect(asked).to_contain_text("Catatan umum: belum terbit")
        expect(page.locator("[data-first]")).to_be_hidden()
        page.locator("#new-keys summary").click()
        expect(page.locator("#new-keys")).to_contain_text("Telepon orang yang menandatanganinya")
        # It asks again, whatever else he does meanwhile; and once he was told, no more.
        assert questions(page).count() == 1
        confirm_all(asked)
        assert questions(page).count() == 0


@pytest.mark.parametrize("province", ["sqlite"], indirect=True)
def test_a_lead_is_asked_about_what_was_signed_with_his_own_key_elsewhere(served: Served, browser: Browser) -> None:
    with window(served, browser, "33.08") as context:
        page = context.new_page()
        confirm_all(questions(page))
        bribed(served.province)
        expect(questions(page)).to_contain_text("ditandatangani Anda sendiri, di peramban lain")


@pytest.mark.parametrize("province", ["sqlite"], indirect=True)
def test_what_is_asked_is_read_on_every_screen(served: Served, browser: Browser) -> None:
    with window(served, browser, "33", viewport={"width": 1280, "height": 800}, reduced_motion="reduce") as context:
        page = context.new_page()
        assert questions(page).count() == 10
        page.locator("#new-keys summary").click()
        assert faults_of(page, "questions") == []
