"""The way out, "Keluar cepat": at once, and nothing left behind, with a script and without."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.journeys.reporting import AWAY, stay_here
from tests.journeys.steps import until_asked


def _guarded(context: BrowserContext) -> tuple[Page, list[str]]:
    """Open a page that reaches no foreign site, and a list of the visits it ends on the server."""
    stay_here(context)
    page = context.new_page()
    ended: list[str] = []
    page.on("request", lambda request: ended.append(request.url) if request.url.endswith("/keluar") else None)
    page.goto("/")
    page.goto("/bantuan")
    return page, ended


@pytest.fixture
def leaving(phone: BrowserContext) -> Iterator[tuple[Page, list[str]]]:
    """A reporter on the second page of a visit, with something kept in the tab."""
    page, ended = _guarded(phone)
    page.evaluate("sessionStorage.setItem('kept', 'yes')")
    yield page, ended


def test_the_button_leads_away_ends_the_visit_and_empties_the_tab(leaving: tuple[Page, list[str]]) -> None:
    page, ended = leaving
    page.get_by_role("button", name="Keluar cepat").click()
    page.wait_for_url(AWAY)
    assert len(until_asked(page, ended)) == 1
    page.go_back()
    assert page.url.endswith("/"), "the page that was left must not come back"
    assert page.evaluate("sessionStorage.length") == 0


def test_shift_three_times_leads_away(leaving: tuple[Page, list[str]]) -> None:
    page, ended = leaving
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url(AWAY)
    assert len(until_asked(page, ended)) == 1


def test_writing_in_capitals_does_not_lead_away(leaving: tuple[Page, list[str]]) -> None:
    page, ended = leaving
    for letter in "ABCD":
        page.keyboard.press("Shift")
        page.keyboard.press(letter)
    page.wait_for_timeout(300)
    assert page.url.endswith("/bantuan") and not ended


def test_three_slow_shifts_do_not_lead_away(leaving: tuple[Page, list[str]]) -> None:
    page, ended = leaving
    for _ in range(3):
        page.keyboard.press("Shift")
        page.wait_for_timeout(1100)
    assert page.url.endswith("/bantuan") and not ended


def test_without_a_script_the_button_leads_away_too(plain_phone: BrowserContext) -> None:
    page, ended = _guarded(plain_phone)
    page.get_by_role("button", name="Keluar cepat").click()
    page.wait_for_url(AWAY)
    assert len(until_asked(page, ended)) == 1
