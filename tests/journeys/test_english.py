"""A reporter who reads English: the language chosen on the way, nothing typed lost, and every script speaking it."""

from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys import steps
from tests.journeys.checks import assert_usable
from tests.journeys.steps import PLACE, TEXT


def into_english(page: Page) -> None:
    """Press the button at the head of the page."""
    page.locator(".languages").get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_a_report_is_lodged_and_read_in_english_by_a_phrase_of_indonesian_words(page: Page) -> None:
    page.goto("/bantuan")
    into_english(page)
    assert page.url.endswith("/bantuan")
    steps.begin(page)
    assert_usable(page)
    expect(page.locator("h2.step:visible")).to_contain_text("Step 1 of 7")
    page.locator("#text").fill(TEXT)
    asked: list[str] = []
    page.once("dialog", lambda dialog: asked.append(dialog.type))
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.locator(".languages").get_by_role("button", name="Bahasa Indonesia").click()
    expect(page.locator("#text")).to_have_value(TEXT)
    assert asked == ["beforeunload"], "the browser asks before what was written is lost"
    page.once("dialog", lambda dialog: dialog.accept())
    steps.begin(page)
    for answer in steps.ANSWERS:
        answer(page)
        page.locator("#lapor > .buttons button[type=submit]").click()
    expect(page.locator("h2.step:visible")).to_contain_text("Step 7 of 7")
    steps.proceed(page)
    words = steps.phrase_shown(page)
    assert_usable(page)
    expect(page.get_by_role("button", name="I have written it down")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/lacak")
    page.locator("#phrase").fill(" ".join(words))
    page.get_by_role("button", name="Open the report").click()
    expect(page.locator("#case-status")).to_contain_text("Received. No officer has opened it yet.")
    assert_usable(page)
    page.get_by_role("button", name="Show what the report says").click()
    expect(page.locator("#account")).to_contain_text("What happened?")


def test_without_javascript_what_was_written_comes_along(plain_phone: BrowserContext) -> None:
    page = plain_phone.new_page()
    page.goto("/lapor")
    page.locator("#text").fill(TEXT)
    page.locator("#place").fill(PLACE)
    page.locator(".languages").get_by_role("link", name="English").click()
    page.locator("#bahasa").get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#text")).to_have_value(TEXT)
    expect(page.locator("#place")).to_have_value(PLACE)
    page.locator("#place").press("Enter")
    expect(page.locator("#error-summary")).to_contain_text("Choose the service.")
