"""The keyboard alone suffices: to lodge, read and write, and to take a case; the focus is in sight at every stop."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys import reporting
from tests.journeys.officers import next_code
from tests.journeys.steps import STEPS, phrase_shown
from tests.places import HERE
from tests.server import Installation

MOST_STOPS = 80
# Says what the focus is on, and what is wrong with how it shows; nothing of it before any stop was made.
STOP = """
() => {
  const element = document.activeElement;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
  const marked = (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
  const boxes = [...element.getClientRects()];
  const seen = boxes.some((box) => {
    const [x, y] = [box.left + box.width / 2, Math.min(box.top + box.height / 2, box.top + 20)];
    const top = document.elementFromPoint(x, y);
    return top !== null && (element.contains(top) || [...(element.labels ?? [])].some((label) => label.contains(top)));
  });
  return { name: `${element.localName}#${element.id} ${element.textContent.trim().slice(0, 30)}`, marked, seen };
}
"""


class Keyboard:
    """Hands that touch nothing but a page's keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, selector: str, back: bool = False) -> Keyboard:
        """Go from stop to stop until the focus is on what is wanted; every stop on the way shows itself."""
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            self._is_in_sight()
            if self.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return self
        raise AssertionError(f"Tab does not reach {selector}")

    def _is_in_sight(self) -> None:
        stop = self.page.evaluate(STOP)
        if not stop["name"].startswith("body"):
            assert stop["marked"], f"{self.page.url}: the focus does not show on {stop['name']}"
            assert stop["seen"], f"{self.page.url}: the focus is out of sight on {stop['name']}"

    def press(self, key: str) -> Keyboard:
        """Press a key."""
        self.page.keyboard.press(key)
        return self

    def write(self, text: str) -> Keyboard:
        """Type a text where the focus is."""
        self.page.keyboard.type(text)
        return self


@pytest.fixture
def keyboard(page: Page) -> Keyboard:
    """A keyboard at a phone, as some plug in."""
    return Keyboard(page)


SUBMIT = "#lapor > .buttons button[type=submit]"


def lodged(keyboard: Keyboard) -> list[str]:
    """Lodge a complaint from the front page on; return the words of its phrase."""
    page = keyboard.page
    page.goto("/")
    keyboard.reach(".way-main").press("Enter")
    page.locator("form.stepping").wait_for()
    keyboard.reach("#text").write("Diminta 150 ribu untuk surat pengantar.").reach(SUBMIT).press("Enter")
    keyboard.reach("#region").write(HERE.region_name).reach("#place").write("Balai desa").press("Enter")
    for name in ("sector", "level"):
        keyboard.reach(f"input[name={name}]").press("Space").reach(SUBMIT).press("Enter")
    for step in (6, 7, 8):
        expect(page.locator("h2.step:visible")).to_contain_text(f"Langkah {step - 1} dari {STEPS}")
        keyboard.reach(SUBMIT).press("Enter")
    return phrase_shown(page)


def rehearsed(keyboard: Keyboard, words: list[str]) -> None:
    """Type the two words that are asked for."""
    page = keyboard.page
    keyboard.reach("#rehearsal .button").press("Enter")
    for place, field in enumerate(page.locator("#rehearsal input").all()):
        at = int((field.get_attribute("id") or "").removeprefix("word-"))
        if place:
            keyboard.reach(f"#word-{at}")
        keyboard.write(words[at - 1])
    keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Selesai. Frasa laporan sudah Anda catat.")


def test_a_complaint_is_lodged_read_added_to_and_left(keyboard: Keyboard) -> None:
    page = keyboard.page
    words = lodged(keyboard)
    rehearsed(keyboard, words)
    keyboard.reach("footer a[href='/lacak']").press("Enter")
    page.wait_for_url("**/lacak")
    keyboard.reach("#phrase").write(" ".join(words)).reach("#lacak button").press("Enter")
    expect(page.locator("#thread-title")).to_be_focused()
    keyboard.reach("#message-form textarea").write("Tambahan.").reach("#message-form button").press("Enter")
    expect(page.locator(".message-own .written")).to_have_text("Tambahan.")
    keyboard.reach("#account-form button").press("Space")
    expect(page.locator("#account")).to_contain_text("Balai desa")
    keyboard.reach("#proof-button", back=True).press("Enter")
    expect(page.locator("#proof")).to_be_focused()
    # It is offered once the log has said how large it is.
    page.locator("#search button").wait_for()
    keyboard.reach("#search button").press("Enter")
    expect(page.locator("#search")).to_be_focused()
    keyboard.reach("form ~ details > summary, hr + details > summary").press("Enter").reach("#withdrawal-form textarea")
    keyboard.reach("#done-form button").press("Enter")
    expect(page.locator("#case-status")).to_have_count(0)


def test_the_first_stop_leads_past_everything_that_stands_on_every_page(keyboard: Keyboard) -> None:
    page = keyboard.page
    for address in ("/", "/lacak", "/petugas/masuk"):
        page.goto(address)
        keyboard.reach(".skip").press("Enter")
        assert page.evaluate("document.activeElement.id") == "isi"
        keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")


def test_an_officer_logs_in_opens_a_case_and_takes_it(
    browser: Browser, installation: Installation, page: Page
) -> None:
    reporting.lodge_in_steps(page, {**reporting.ANSWERS, "region": HERE.region_of(HERE.other)})
    with browser.new_context(base_url=installation.url, locale="id-ID") as desktop:
        keyboard = Keyboard(desktop.new_page())
        logged_in(keyboard, installation)
        opened(keyboard)
        keyboard.reach("#act-open > summary").press("Enter").reach("#act-open textarea").write(" Sungguh.")
        keyboard.reach("#act-open button[type=submit]").press("Enter")
        expect(keyboard.page.locator("#announcement")).to_contain_text("Laporan mulai ditelaah.")
        expect(keyboard.page.locator("#history .now")).to_be_focused()


def logged_in(keyboard: Keyboard, installation: Installation) -> None:
    """Log the lead in."""
    [lead] = installation.of("lead", HERE.other)
    keyboard.page.goto("/petugas/masuk")
    keyboard.page.locator("#login button:enabled").wait_for()
    keyboard.reach("#name").write(lead.name).reach("#password").write(lead.password)
    keyboard.reach("#code").write(next_code(lead.totp_secret)).press("Enter")
    keyboard.page.wait_for_url("**/petugas/")


def opened(keyboard: Keyboard) -> None:
    """Filter the queue for what nobody has opened, and open the first case there."""
    page = keyboard.page
    keyboard.reach("#f-tahap").write("Belum dibuka").reach(".filters button").press("Enter")
    page.wait_for_url("**tahap=RECEIVED**")
    keyboard.reach("[role=rowheader] a").press("Enter")
    page.locator("#open-case:enabled").wait_for()
    keyboard.reach("#open-case").press("Enter")
    expect(page.locator("#account-title")).to_be_focused()
