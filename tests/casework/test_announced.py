"""A key that nobody told a desk's leads of: their first page asks about it until they say that it is right."""

import secrets
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect
from werkzeug.serving import make_server

from kernel import clock
from kernel.database import put, transaction
from kernel.directory import models, statements
from kernel.directory.services import keep_public_key
from kernel.directory.statements import Statement, parse
from kernel.vault import Identity, SigningKey
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


def bribed(province: Province, desk: str = "33.08", version: int = 2, signer: SigningKey | None = None) -> str:
    """Put a key into the database that a lead of the desk has rightly signed, or ``signer`` for him, told to nobody."""
    lead, key = province.log_in("lead", desk), Identity.from_seed(secrets.token_bytes(32))
    statement = Statement(
        kind="epoch", subject=desk, version=version, status="active", desk=None, parent=None, remit=None,
        kem=key.recipient.digest, sign=None, issued=clock.today(), issuer=f"officer:{lead.id}",
    )  # fmt: skip
    body = statements.sign(statement, signer or lead.sign)
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
    asked.first.wait_for()
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
        expect(asked).to_have_count(10)
        expect(page.locator("#new-keys")).to_contain_text("Peramban ini belum pernah menanyakannya")
        confirm_all(asked)
        expect(page.locator("#new-keys")).to_be_hidden()
        expect(questions(page)).to_have_count(0)
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
        expect(questions(page)).to_have_count(1)
        confirm_all(asked)
        expect(questions(page)).to_have_count(0)


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
        expect(questions(page)).to_have_count(10)
        page.locator("#new-keys summary").click()
        assert faults_of(page, "questions") == []


def told_once(page: Page, change: Callable[[Any], None]) -> None:
    """Have the server's list changed on its way, until the page is routed no more."""

    def answer(route: Route) -> None:
        told = route.fetch().json()
        change(told)
        route.fulfill(json=told)

    page.route(f"**{KEYS}", answer)


@pytest.mark.parametrize("province", ["sqlite"], indirect=True)
def test_a_list_that_was_left_out_once_brings_back_no_question_among_which_a_new_one_would_hide(
    served: Served, browser: Browser
) -> None:
    with window(served, browser, "33") as context:
        page = context.new_page()
        confirm_all(questions(page))
        told_once(page, lambda told: told["statements"].clear())
        expect(questions(page)).to_have_count(0)
        page.unroute_all()
        bribed(served.province)
        asked = questions(page)
        expect(asked).to_have_count(1)
        expect(asked).to_contain_text("Kunci baru Inspektorat Kabupaten Magelang (ke-2)")
        expect(page.locator("[data-first]")).to_be_hidden()


@pytest.mark.parametrize("province", ["sqlite"], indirect=True)
def test_what_is_no_statement_silences_no_other(served: Served, browser: Browser) -> None:
    with window(served, browser, "33") as context:
        page = context.new_page()
        told_once(page, lambda told: told["statements"].insert(0, {"body": "x", "place": ""}))
        expect(questions(page)).to_have_count(10)
        expect(page.locator("#new-keys ul li").last).to_contain_text("bukan pernyataan tentang kunci")
        confirm_all(page.locator("#new-keys ul li:has(button)"))
        expect(page.locator("#new-keys ul li")).to_have_count(1)


@pytest.mark.parametrize("province", ["sqlite"], indirect=True)
@pytest.mark.parametrize("answer", [{"status": 500, "body": "x"}, {"status": 200, "body": "{}"}, None])
def test_that_nothing_could_be_asked_is_said(served: Served, browser: Browser, answer: Any) -> None:
    with window(served, browser, "33") as context:
        page = context.new_page()
        expect(questions(page)).to_have_count(10)
        expect(page.locator("#keys-unasked")).to_be_hidden()
        page.route(f"**{KEYS}", lambda route: route.fulfill(**answer) if answer else route.abort())
        page.goto("/petugas/")
        expect(page.get_by_role("main").get_by_text("Kunci baru belum bisa ditanyakan")).to_be_visible()


# Where the focus is once the page is drawn, whether the window shows all of that, and whether it was scrolled.
SEEN = """
() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
  const { top, bottom } = document.activeElement.getBoundingClientRect();
  resolve([document.activeElement.id, top >= 0 && bottom <= innerHeight, scrollY > 0]);
})))
"""


@pytest.mark.parametrize("province", ["sqlite"], indirect=True)
def test_a_question_that_comes_late_leaves_what_has_the_focus_in_sight(served: Served, browser: Browser) -> None:
    with window(served, browser, "33", viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()

        def asked_while_at(stop: str | None, *, but_looking_at_the_top: bool = False) -> Any:
            def answer(route: Route) -> None:
                if stop:
                    page.locator(stop).focus()
                if but_looking_at_the_top:
                    page.evaluate("scrollTo(0, 0)")
                route.continue_()

            page.route(f"**{KEYS}", answer, times=1)
            expect(questions(page)).to_have_count(10)
            return page.evaluate(SEEN)

        assert asked_while_at("#f-tahap") == ["f-tahap", True, True]
        assert asked_while_at("#logout button") == ["", True, False]
        assert asked_while_at(None) == ["", False, False], "nobody's page is moved who has gone nowhere"
        page.set_viewport_size({"width": 1280, "height": 250})
        assert asked_while_at("#f-tahap", but_looking_at_the_top=True) == ["f-tahap", False, False]


@pytest.mark.parametrize("province", ["sqlite"], indirect=True)
def test_a_statement_that_somebody_else_has_put_there_is_not_said_to_be_signed(
    served: Served, browser: Browser
) -> None:
    """Who owns the tables could else have an honest lead's keys revoked, for a key that he never signed."""
    with window(served, browser, "33") as context:
        page = context.new_page()
        confirm_all(questions(page))
        bribed(served.province, "33.08", signer=SigningKey.from_seed(secrets.token_bytes(32)))
        bribed(served.province, "33.74")
        asked = questions(page)
        expect(asked).to_have_count(2)
        expect(asked.first).to_contain_text("Kota Semarang")
        expect(asked.first).to_contain_text("ditandatangani")
        expect(asked.last).to_contain_text("atas nama Teguh Prasetyanto, tetapi tidak berlaku")
        expect(asked.last).not_to_contain_text("ditandatangani")
