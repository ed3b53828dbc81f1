"""Somebody without a phone comes to a desk: an officer writes, hands him a card, and is kept from the case."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.journeys import acting
from tests.journeys.checks import assert_usable
from tests.journeys.officers import Office
from tests.journeys.reporting import ANSWERS, give, open_with
from tests.places import HERE
from tests.server import Installation


@pytest.fixture
def office(browser: Browser, installation: Installation) -> Iterator[Office]:
    """The officers, each at a desktop of his own."""
    made = Office(browser, installation)
    yield made
    made.close()


LEFT = """() => JSON.stringify([
  document.documentElement.outerHTML, { ...localStorage }, { ...sessionStorage }, history.state, location.href,
  [...document.querySelectorAll("input, textarea")].map(({ value }) => value),
])"""


def left_of(page: Page, words: set[str]) -> set[str]:
    """Return which of these words a page, its fields, its storage or its place in the history still has."""
    kept = page.evaluate(LEFT)
    return {word for word in words if word in kept}


def numbers_in_queue(page: Page) -> set[str]:
    """Return the numbers of the cases in an officer's queue."""
    page.goto("/petugas/")
    return acting.numbers(page)


@pytest.mark.elsewhere
def test_a_visitor_leaves_with_a_card_that_opens_his_case_and_the_officer_who_wrote_is_kept_from_it(
    office: Office, phone: BrowserContext
) -> None:
    channel, lead = office.page_of("lead", turn=0), office.page_of("lead", HERE.top)
    name = office.name_of("lead")
    before = numbers_in_queue(lead)
    channel.goto("/petugas/bantu")
    posted: list[str] = []
    channel.on("request", lambda request: posted.append(request.post_data or "") if request.method == "POST" else None)
    give(channel, "#assist", ANSWERS)
    said_anyway = channel.evaluate(LEFT)
    with channel.expect_response("**/petugas/bantu") as answered:
        channel.get_by_role("button", name="Segel dan kirim").click()
    expect(channel.get_by_role("heading", name="Serahkan kartu ini kepada pelapor")).to_be_focused()
    assert_usable(channel)
    expect(channel.locator("#no-promise")).to_have_count(0)
    mark = channel.locator(".card #receipt-mark")
    assert mark.inner_text().replace(" ", "") == answered.value.json()["entry"][:20]
    phrase = " ".join(channel.locator("#tracking-phrase li").all_inner_texts())
    secret = {word for word in phrase.split() if word not in said_anyway}
    assert len(phrase.split()) == 8 and len(secret) > 3 and left_of(channel, secret) == secret and posted
    assert not any(word in sent for sent in posted for word in (ANSWERS["text"], phrase))
    channel.emulate_media(media="print")
    shown = [channel.locator(part).is_visible() for part in (".card", "#receipt-mark", "#given-title", ".bar")]
    assert shown == [True, True, False, False]
    channel.emulate_media(media="screen")
    channel.get_by_role("button", name="Sudah diserahkan: hapus dari layar").click()
    assert_usable(channel)
    assert left_of(channel, secret) == set()
    channel.goto("/petugas/")
    channel.go_back()
    expect(channel.get_by_role("button", name="Segel dan kirim")).to_be_enabled()
    assert left_of(channel, secret) == set() and channel.locator("#text").input_value() == ""

    [number] = numbers_in_queue(lead) - before
    assert number not in numbers_in_queue(channel)
    lead.goto("/petugas/")
    acting.enter(lead, number)
    expect(lead.locator("#facts")).to_contain_text(name)
    acting.unseal(lead)
    expect(lead.locator("#story")).to_contain_text("ongkos cetak")
    acting.take(lead)
    page = phone.new_page()
    page.goto("/lacak")
    open_with(page, phrase)
    expect(page.locator("#case-status")).to_have_attribute("data-state", "TRIAGE")


def test_a_desk_at_which_nothing_true_was_promised_says_what_the_visitor_can_do(office: Office) -> None:
    channel = office.page_of("investigator", turn=0)
    channel.goto("/petugas/bantu")
    give(channel, "#assist", ANSWERS)

    def silent(route: Route) -> None:
        route.fulfill(status=201, json=route.fetch().json() | {"promise": None})

    channel.route("**/petugas/bantu", silent)
    channel.get_by_role("button", name="Segel dan kirim").click()
    expect(channel.locator("#no-promise")).to_contain_text("Minta pelapor mencatat tanggal hari ini")
    assert_usable(channel)
    channel.emulate_media(media="print")
    assert not channel.locator("#no-promise").is_visible()
    channel.emulate_media(media="screen")
    channel.get_by_role("button", name="Sudah diserahkan: hapus dari layar").click()
    expect(channel.locator("#no-promise")).to_be_hidden()
