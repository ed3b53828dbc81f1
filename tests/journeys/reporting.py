"""What a reporter does, on both paths: lodge, come back with the phrase, read, answer, object, withdraw."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import product

from playwright.sync_api import BrowserContext, Locator, Page, expect

from kernel.vault import UnknownWord, canonical
from tests.journeys.steps import STEPS, begin, heading, phrase_shown, proceed
from tests.places import HERE

ANSWERS: Mapping[str, str] = {
    "text": "Waktu mengurus surat pengantar diminta ganti ongkos cetak, padahal gratis.",
    "region": HERE.region,
    "place": "Balai Desa Banyubening",
    "sector": HERE.sector,
    "level": "desa",
}
Lodge = Callable[[Page, Mapping[str, str]], str]
AWAY = HERE.province.leave_to


def lodge_in_steps(page: Page, answers: Mapping[str, str] = ANSWERS) -> str:
    """Lodge a complaint one question a screen; return its phrase, which stays on the screen."""
    begin(page)
    for step in range(1, STEPS):
        fill_in(page, answers)
        proceed(page)
        assert heading(page).startswith(f"Langkah {step + 1} dari {STEPS}"), page.locator("main").inner_text()
    proceed(page)
    return " ".join(phrase_shown(page))


def lodge_in_one_page(page: Page, answers: Mapping[str, str] = ANSWERS) -> str:
    """Lodge a complaint without JavaScript; return its phrase, which stays on the screen."""
    page.goto("/lapor")
    for folded in page.locator("#lapor details.optional-part > summary").all():
        folded.click()
    fill_in(page, answers)
    proceed(page)
    return " ".join(phrase_shown(page))


def fill_in(page: Page, answers: Mapping[str, str]) -> None:
    """Answer those questions that stand on the screen."""
    give(page, "#lapor", answers)


def give(page: Page, form: str, answers: Mapping[str, str]) -> None:
    """Give these answers, as far as a form asks for them on the screen."""
    for name, answer in answers.items():
        controls = page.locator(f"{form} [name={name}]:visible")
        if controls.count():
            _give(controls, answer)


def _give(controls: Locator, answer: str) -> None:
    kind = controls.first.evaluate("control => control.type")
    if kind in ("radio", "checkbox"):
        controls.and_(controls.page.locator(f"[value='{answer}']")).check()
    elif kind == "select-one":
        controls.select_option(answer)
    else:
        controls.fill(answer)


def rehearse(page: Page, phrase: str) -> None:
    """Type the two words that the receipt asks for, and let it forget them all."""
    page.get_by_role("button", name="Sudah saya catat").click()
    for field in page.locator("#rehearsal input").all():
        place = int((field.get_attribute("id") or "").removeprefix("word-"))
        field.fill(phrase.split()[place - 1])
    page.get_by_role("button", name="Cocokkan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Selesai. Frasa laporan sudah Anda catat.")


def track(page: Page, typed: str) -> None:
    """Come back and open the case with the phrase as typed."""
    page.goto("/lacak")
    open_with(page, typed)


def open_with(page: Page, typed: str) -> None:
    """Type the phrase into the page that asks for it, and wait until every text is open."""
    page.locator("#phrase").fill(typed)
    page.get_by_role("button", name="Buka laporan").click()
    page.locator("#case-status").wait_for()
    # Without scripts it is a page of its own, of which the rest may still be on its way.
    page.wait_for_load_state()
    expect(page.get_by_text("Sedang dibuka …")).to_have_count(0)


def badly_typed(phrase: str) -> str:
    """Type a phrase as people do: in capitals, hyphens between, one letter wrong, two words cut short."""
    words = phrase.split()
    for wrong, first, last in product(range(8), range(8), range(8)):
        if first < last and wrong not in (first, last):
            for slip in _slips(words[wrong]):
                cut = {first: words[first][:4], last: words[last][:4], wrong: slip}
                typed = " - ".join(cut.get(place, word) for place, word in enumerate(words)).upper()
                if _reads(typed) == phrase and all(cut[place] != words[place] for place in cut):
                    return typed
    raise AssertionError(f"no bad way to type {phrase}")


def _slips(word: str) -> Iterator[str]:
    return (word[:at] + "x" + word[at + 1 :] for at in range(1, len(word)) if word[at] != "x")


def _reads(typed: str) -> str | None:
    try:
        return canonical(typed)
    except UnknownWord:
        return None


def write(page: Page, text: str) -> None:
    """Send an answer where a question waits, else a message."""
    _send(page, "#message-form", text)
    expect(page.locator(".message-own .written").last).to_have_text(text)


def object_(page: Page, text: str) -> None:
    """Say that one does not agree with how the case was closed."""
    _send(page, "#objection-form", text)
    expect(page.locator("#case-status")).to_have_attribute("data-state", "OBJECTION")
    expect(page.locator(".message-own .written").last).to_have_text(text)


def withdraw(page: Page, reason: str) -> None:
    """Ask that the complaint be withdrawn."""
    page.locator("summary", has_text="Cabut laporan").click()
    _send(page, "#withdrawal-form", reason)
    expect(page.get_by_text("Anda sudah meminta laporan ini dicabut")).to_be_visible()


def _send(page: Page, form: str, text: str) -> None:
    page.locator(f"{form} textarea").fill(text)
    page.locator(f"{form} button[type=submit]").click()


def show_account(page: Page) -> Locator:
    """Ask for the account again; return where it stands."""
    page.get_by_role("button", name="Tampilkan isi laporan").click()
    account = page.locator("section[aria-labelledby=account-title] dl.answers")
    expect(account.locator("dd").first).to_be_visible()
    return account


def leave(page: Page) -> None:
    """Say that one has finished; nothing of the case stays on the screen, and the front page or another site comes."""
    page.get_by_role("button", name="Selesai").click()
    expect(page.locator("#case-status")).to_have_count(0)
    page.wait_for_url(re.compile(r"//[^/]+/$"))


def stay_here(context: BrowserContext) -> None:
    """Have the public site to which whoever leaves without scripts is sent answer from here."""
    context.route(f"{AWAY}**", lambda route: route.fulfill(body="<title>Cuaca</title>", content_type="text/html"))
