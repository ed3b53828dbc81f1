"""The page of a desk's key in a real browser, whose server answers late or not at all."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser_fixtures import close
from tests.casework.test_browser_case import Served, served, unlock
from tests.journeys.steps import until_asked

__all__ = ["served"]

PAGE, MADE, TAKEN = "/petugas/meja/kunci", "**/petugas/orang/kunci-meja", "**/petugas/meja/kunci/salinan"
PEOPLE, REVOKED = "/petugas/orang", "**/petugas/orang/cabut"
NTH = re.compile(r"Meja ini memakai kunci ke-(\d+)\.")


@pytest.fixture(scope="module")
def desk(served: Served) -> Served:
    """A desk with a case, whose key is to be sealed anew for each key that the desk is given."""
    served.province.lodge()
    return served


@pytest.fixture
def page(desk: Served, browser: Browser) -> Iterator[Page]:
    """The page of the desk's key before its lead, whose own keys are open."""
    context = desk.context(browser, "lead")
    page = context.new_page()
    # That of his people asks for the password at once.
    page.goto(PEOPLE)
    unlock(page, desk)
    page.goto(PAGE)
    yield page
    close(context)


def make(page: Page) -> Locator:
    return page.get_by_role("button", name="Buat kunci baru")


def making(page: Page) -> Locator:
    return page.get_by_text("Kunci meja sedang dibuat…")


def key_of(page: Page) -> int:
    """Return which of its keys the desk uses, as the page says."""
    found = NTH.search(page.locator("main").inner_text())
    assert found
    return int(found[1])


def asked_of_the_server(page: Page) -> Callable[[], list[str]]:
    """Listen to a page from now on; return what tells what it has asked of the officers' side by then."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {urlsplit(request.url).path}"))

    def by_now() -> list[str]:
        # A click asks at once: what it asks comes before this does.
        page.evaluate("() => fetch('/healthz').then(({ ok }) => ok)")
        return [each for each in asked if "/petugas/" in each]

    return by_now


def held_up(page: Page, address: str) -> list[Route]:
    """Hold up what is asked next at an address: it comes into the list returned."""
    asked: list[Route] = []
    page.route(address, lambda route: asked.append(route), times=1)
    return asked


def test_whoever_clicks_again_while_a_desks_key_is_made_makes_no_second(page: Page) -> None:
    former, asked, held = key_of(page), asked_of_the_server(page), held_up(page, MADE)
    expect(making(page)).to_be_hidden()
    make(page).click()
    [posted] = until_asked(page, held)
    expect(making(page)).to_be_visible()
    expect(make(page)).to_have_attribute("aria-disabled", "true")
    expect(make(page)).to_be_focused()

    # The server has the key, and this page does not know it yet: another would come after it, and count in its place.
    answer, before = posted.fetch(), asked()
    make(page).click(force=True)
    page.keyboard.press("Enter")
    assert asked() == before
    posted.fulfill(response=answer)
    expect(page.locator("main")).to_contain_text(f"Meja ini memakai kunci ke-{former + 1}.")
    expect(making(page)).to_be_hidden()


def test_where_no_key_could_be_made_that_is_said_and_the_same_button_makes_it_after_all(page: Page) -> None:
    former, problem = key_of(page), page.locator("#key-problem")
    lost = held_up(page, MADE)
    make(page).click()
    until_asked(page, lost)[0].abort()
    expect(problem).to_contain_text("Sambungan terputus")
    expect(making(page)).to_be_hidden()
    expect(make(page)).to_be_enabled()
    expect(make(page)).to_be_focused()

    again = held_up(page, MADE)
    page.keyboard.press("Enter")
    [posted] = until_asked(page, again)
    expect(problem).to_be_hidden()
    expect(making(page)).to_be_visible()
    posted.continue_()
    expect(page.locator("main")).to_contain_text(f"Meja ini memakai kunci ke-{former + 1}.")


def test_while_keys_are_sealed_anew_neither_button_begins_anything_else(page: Page) -> None:
    former = key_of(page)
    make(page).click()
    expect(page.locator("main")).to_contain_text(f"Meja ini memakai kunci ke-{former + 1}.")
    reseal = page.get_by_role("button", name="Mulai menyegel ulang")
    asked, held = asked_of_the_server(page), held_up(page, TAKEN)
    reseal.click()
    [posted] = until_asked(page, held)
    before = asked()
    reseal.click(force=True)
    make(page).click()
    assert asked() == before
    expect(making(page)).to_be_hidden()
    posted.continue_()
    expect(page.get_by_text("Semua sudah disegel ulang")).to_be_visible()
    expect(page.locator("main")).to_contain_text(f"Meja ini memakai kunci ke-{former + 1}.")


@pytest.mark.parametrize(
    ("address", "script", "button"), [(PAGE, "rotation.js", "Buat kunci baru"), (PEOPLE, "people.js", "Cabut kunci")]
)
def test_until_its_script_has_come_no_button_can_be_pressed_in_vain(
    page: Page, address: str, script: str, button: str
) -> None:
    held = held_up(page, f"**/{script}")
    page.goto(address, wait_until="commit")
    pressed = page.get_by_role("button", name=button).first
    expect(pressed).to_be_disabled()
    until_asked(page, held)[0].continue_()
    expect(pressed).to_be_enabled()


def test_whoever_clicks_again_while_keys_are_revoked_revokes_them_once(page: Page) -> None:
    page.goto(PEOPLE)
    page.get_by_role("button", name="Cabut kunci").first.click()
    asked, held = asked_of_the_server(page), held_up(page, REVOKED)
    sure = page.locator("#revoke-yes")
    sure.click()
    [posted] = until_asked(page, held)
    before = asked()
    sure.click()
    assert asked() == before
    posted.abort()
    expect(page.locator("#revoke-problem")).to_be_visible()
    lost = held_up(page, REVOKED)
    sure.click()
    until_asked(page, lost)[0].abort()
