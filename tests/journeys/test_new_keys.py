"""An officer loses his password while he has a case, gets it back with new keys, and draws himself a new password."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser_fixtures import close
from tests.journeys import acting
from tests.journeys.checks import assert_usable
from tests.journeys.officers import forget_codes, log_in
from tests.journeys.reporting import lodge_in_steps
from tests.journeys.test_accounts import activate, compare, rehearse, written
from tests.places import HERE
from tests.server import Installation, Person, founded

Seats = Callable[[], BrowserContext]


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """A province of its own: whoever shared it could no longer log in as the officer who lost his password."""
    with founded(**HERE.environment) as served:
        yield served


@pytest.fixture
def seats(browser: Browser, installation: Installation) -> Iterator[Seats]:
    """Makes office desktops, each with a browser of its own."""
    taken: list[BrowserContext] = []

    def seat(**how: Any) -> BrowserContext:
        context = browser.new_context(base_url=installation.url, locale="id-ID", **how)
        context.on("page", lambda page: page.on("dialog", lambda dialog: dialog.accept()))
        taken.append(context)
        return context

    yield seat
    for context in taken:
        close(context)


def comes_later(installation: Installation, person: Person) -> Person:
    """Make it look as if half a minute had passed since his last code, instead of waiting for the next."""
    written(installation, "UPDATE officers SET totp_step = 0 WHERE name = ?", person.name)
    forget_codes(person.totp_secret)
    return person


def new_password(page: Page, person: Person) -> Person:
    """Draw a new password on the page of one's account."""
    page.goto("/petugas/saya")
    page.get_by_label("Kata sandi sekarang").fill(person.password)
    page.get_by_role("button", name="Buat kata sandi baru").click()
    expect(page.get_by_role("heading", name="Catat kata sandi baru")).to_be_focused()
    assert_usable(page)
    words = page.locator("#password-words li").all_inner_texts()
    page.get_by_role("button", name="Sudah saya catat").click()
    rehearse(page, words)
    expect(page.get_by_role("heading", name="Kata sandi sudah diganti")).to_be_focused()
    return Person(person.name, person.role, person.desk, " ".join(words), person.totp_secret)


def reads(page: Page, number: str) -> None:
    """Open a case and read its account."""
    page.goto("/petugas/")
    acting.enter(page, number)
    acting.unseal(page)
    expect(page.locator("#story")).to_contain_text("ongkos cetak")


def test_a_lost_password_ends_the_old_keys_and_the_lead_gives_the_case_back(
    installation: Installation, seats: Seats, phone: BrowserContext
) -> None:
    lodge_in_steps(phone.new_page())
    lead = log_in(seats(), installation.of("lead", HERE.desk)[0])
    loser = installation.of("investigator", HERE.desk)[1]
    old = log_in(seats(), loser)
    name = old.locator(".who b").inner_text()
    number = lead.locator("tbody [role=rowheader] a").first.inner_text()
    acting.enter(lead, number)
    acting.unseal(lead)
    acting.take(lead)
    acting.assign_with_plan(lead, name, "Periksa loket.", ["Memungut ongkos cetak."])
    reads(old, number)

    administrator = log_in(seats(), installation.of("administrator", "-")[0], "/petugas/akun")
    row = administrator.get_by_role("row").filter(has_text=loser.name)
    row.locator("summary").click()
    assert_usable(administrator)
    row.get_by_role("button", name="Buat undangan baru").click()
    link = administrator.locator("#invitation").inner_text()
    old.goto("/petugas/")
    expect(old.get_by_label("Nama akun", exact=True)).to_be_visible()

    again, words = activate(seats().new_page(), link, loser.name)
    assert compare(lead, name) == words
    lead.get_by_role("button", name="Ya, keenam kata sama").click()
    hand = lead.get_by_role("button", name=f"Segel untuk {name}")
    expect(hand).to_be_visible()
    assert_usable(lead)
    hand.click()
    expect(hand).to_have_count(0)

    here = log_in(seats(), comes_later(installation, again))
    there = log_in(seats(), comes_later(installation, again))
    reads(here, number)
    renewed = new_password(here, again)
    there.goto("/petugas/")
    expect(there.get_by_label("Nama akun", exact=True)).to_be_visible()
    reads(log_in(seats(), comes_later(installation, renewed)), number)

    lead.goto("/petugas/orang")
    lead.get_by_role("button", name=f"Cabut kunci {name}").click()
    assert_usable(lead)
    lead.locator("#revoke-yes").click()
    expect(lead.get_by_role("button", name=f"Cabut kunci {name}")).to_have_count(0)
    here.goto("/petugas/")
    expect(here.get_by_label("Nama akun", exact=True)).to_be_visible()
