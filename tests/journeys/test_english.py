"""Who reads English: chosen on the way, nothing typed lost, every script speaking it, nothing left over."""

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.demo.handwriting import loudly
from tests.demo.reporter import PlainReporter
from tests.journeys import acting, steps
from tests.journeys.checks import assert_usable
from tests.journeys.languages import left_in_indonesian
from tests.journeys.officers import next_code
from tests.journeys.reporting import ANSWERS
from tests.journeys.steps import PLACE, TEXT
from tests.places import HERE
from tests.server import Installation, Person

# Of the province's own desk alone: its queue is short.
UNOPENED = f"/petugas/?tahap=RECEIVED&meja={HERE.top}"


def into_english(page: Page) -> None:
    """Press the button at the head of the page."""
    page.locator(".languages").get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def in_english(page: Page) -> Page:
    """See that everything the page says is said in English."""
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert left_in_indonesian(page) == set(), page.url
    return page


def test_a_report_is_lodged_and_read_in_english_by_a_phrase_of_indonesian_words(page: Page) -> None:
    page.goto("/bantuan")
    into_english(page)
    assert page.url.endswith("/bantuan")
    steps.begin(page)
    assert_usable(page)
    expect(page.locator("h2.step:visible")).to_contain_text("Step 1 of 7")
    steps.proceed(page)
    in_english(page)
    page.locator("#text").fill(TEXT)
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator(".languages").get_by_role("button", name="Bahasa Indonesia").click()
    assert steps.until_asked(page, asked) == ["beforeunload"], "the browser asks before what was written is lost"
    expect(page.locator("#text")).to_have_value(TEXT)
    page.once("dialog", lambda dialog: dialog.accept())
    steps.begin(page)
    for answer in steps.ANSWERS:
        answer(page)
        page.locator("#lapor > .buttons button[type=submit]").click()
    expect(page.locator("h2.step:visible")).to_contain_text("Step 7 of 7")
    steps.proceed(page)
    words = steps.phrase_shown(page)
    assert_usable(page)
    in_english(page)
    expect(page.get_by_role("button", name="I have written it down")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/lacak")
    page.locator("#phrase").fill(" ".join(words))
    page.get_by_role("button", name="Open the report").click()
    expect(page.locator("#case-status")).to_contain_text("Received. No officer has opened it yet.")
    assert_usable(page)
    page.get_by_role("button", name="Show what the report says").click()
    expect(page.locator("#account")).to_contain_text("What happened?")
    in_english(page)


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


def log_in(page: Page, person: Person) -> None:
    """Choose English at the door, be told in it what is missing, and log in."""
    page.goto("/petugas/masuk")
    assert left_in_indonesian(page), "what is Indonesian is found"
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#error-summary")).to_be_visible()
    in_english(page)
    known = {"name": person.name, "password": person.password, "code": next_code(person.totp_secret)}
    for field, typed in known.items():
        page.locator(f"#{field}").fill(typed)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#logout")).to_be_visible()
    in_english(page)


def opened(page: Page, number: str) -> Page:
    """Open a case from the queue."""
    page.goto(UNOPENED)
    in_english(page)
    acting.enter(page, number)
    in_english(page).get_by_role("button", name="Open the case").click()
    expect(page.locator("#proof")).to_contain_text("The history matches")
    return in_english(page)


def sent(page: Page, action: str, deed: str, **typed: str) -> None:
    """Send a form empty and read what is missing; then fill it in, and read in English what was done."""
    filled: Locator = acting.form(page, action)
    for name in typed:
        filled.locator(f"textarea[name={name}]").fill("")
    filled.locator("button[type=submit]").click()
    expect(page.locator("#error-summary")).to_be_visible()
    in_english(page)
    for name, text in typed.items():
        filled.locator(f"textarea[name={name}]").fill(text)
    if action == "propose":
        filled.get_by_label("Cannot be processed", exact=True).check()
    acting.send(page, filled, deed)
    in_english(page)


def test_an_officer_logs_in_opens_asks_and_proposes_and_meets_no_word_of_indonesian(
    desktop: BrowserContext, installation: Installation
) -> None:
    desktop.on("page", lambda page: page.on("dialog", lambda dialog: dialog.accept()))
    [lead], page = installation.of("lead", HERE.top), desktop.new_page()
    log_in(page, lead)
    page.goto(UNOPENED)
    known = acting.numbers(page)
    reporter = PlainReporter(installation.url, loudly)
    # This service belongs to the province's own desk.
    reporter.lodge({**ANSWERS, "sector": HERE.sector_above})
    page.goto(UNOPENED)
    [number] = acting.numbers(page) - known
    opened(page, number)
    sent(page, "open", "Study of the report started", declaration="I have no interest in it.")
    sent(page, "ask", "Reporter asked", question="At what time was it?")
    reporter.act("answer", "Around noon.")
    page.reload()
    in_english(page).get_by_role("button", name="Open the case").click()
    expect(page.locator("#proof")).to_contain_text("The history matches")
    sent(page, "propose", "Outcome proposed", reason="No extortion.", decision="This was an official fee.")
    for address in ("orang", "tenggat", "pernyataan", "meja/kunci", "saya"):
        page.goto(f"/petugas/{address}")
        in_english(page)
