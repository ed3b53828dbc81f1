"""An officer's first day: invited, activated, compared and vouched for; and locks, other tabs and swapped keys."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from kernel import clock
from kernel.vault import officer_keys
from tests.browser_fixtures import close
from tests.journeys.checks import assert_usable
from tests.journeys.officers import log_in, next_code, six_words
from tests.places import HERE
from tests.server import Installation, Person

Seats = Callable[[], BrowserContext]
ALARM = ".notice-danger"


@pytest.fixture
def seats(browser: Browser, installation: Installation) -> Iterator[Seats]:
    """Makes office desktops, each with a browser of its own."""
    taken: list[BrowserContext] = []

    def seat(width: int = 1280) -> BrowserContext:
        size: Any = {"width": width, "height": 900}
        context = browser.new_context(base_url=installation.url, viewport=size, locale="id-ID")
        taken.append(context)
        return context

    yield seat
    for context in taken:
        close(context)


@pytest.fixture(scope="module")
def administrator(browser: Browser, installation: Installation) -> Iterator[Page]:
    """The administrator's page, logged in once: each code of his authenticator is good once."""
    with browser.new_context(base_url=installation.url, locale="id-ID") as context:
        yield log_in(context, installation.of("administrator", "-")[0], "/petugas/akun")


@pytest.fixture(scope="module")
def lead(browser: Browser, installation: Installation) -> Iterator[Page]:
    """The page of the lead of a region's desk, logged in once."""
    with browser.new_context(base_url=installation.url, locale="id-ID") as context:
        yield log_in(context, installation.of("lead", HERE.desk)[0], "/petugas/orang")


def written(installation: Installation, statement: str, *values: Any) -> None:
    """Write to the database past the server, as whoever holds it may."""
    with closing(sqlite3.connect(installation.instance / "kentongan.sqlite3", timeout=30)) as connection:
        connection.execute(statement, values)
        connection.commit()


def let_idle(installation: Installation, name: str) -> None:
    """Make an officer's logins look as if nobody had sat there for 16 minutes."""
    then = (clock.now() - timedelta(minutes=16)).strftime("%Y-%m-%d %H:%M:%S.%f")
    query = "UPDATE officer_sessions SET seen_at = ? WHERE officer_id = (SELECT id FROM officers WHERE name = ?)"
    written(installation, query, then, name)


def invited(page: Page, name: str, full_name: str, role: str = "Pemeriksa", desk: str = HERE.desk) -> str:
    """Have the administrator invite somebody; return the link."""
    page.goto("/petugas/akun")
    page.get_by_label("Nama akun", exact=True).fill(name)
    page.get_by_label("Nama lengkap").fill(full_name)
    page.get_by_label(role).check()
    page.locator("#desk").select_option(desk)
    page.get_by_role("button", name="Buat undangan").click()
    return page.locator("#invitation").inner_text()


def rehearse(page: Page, words: list[str]) -> None:
    """Answer the two questions of the rehearsal."""
    for field in ("#first-word", "#second-word"):
        label = page.locator(f"label[for={field[1:]}]").inner_text()
        page.locator(field).fill(words[int(label.rpartition("-")[2]) - 1])
    page.get_by_role("button", name="Lanjut").click()


def activate(page: Page, link: str, name: str) -> tuple[Person, str]:
    """Go through activation; return who has come of it, and the six words on his screen."""
    page.goto(link)
    page.get_by_role("button", name="Buat kata sandi").click()
    words = page.locator("#password-words li").all_inner_texts()
    page.get_by_role("button", name="Sudah saya catat").click()
    rehearse(page, words)
    secret = page.locator("#authenticator-secret").inner_text().replace(" ", "")
    page.get_by_label("Kode yang sedang tampil").fill(next_code(secret))
    page.get_by_role("button", name="Aktifkan akun").click()
    expect(page.get_by_role("heading", name="Akun Anda aktif")).to_be_visible()
    return Person(name, "investigator", HERE.desk, " ".join(words), secret), six_words(page)


def compare(page: Page, full_name: str) -> str:
    """Have the lead open the comparison; return the six words on his screen."""
    page.goto("/petugas/orang")
    page.get_by_role("button", name=f"Cocokkan sidik kunci {full_name}").click()
    expect(page.locator("#compare-words")).not_to_be_empty()
    return page.locator("#compare-words").inner_text()


def unlock(page: Page, password: str) -> None:
    """Give the password to a locked page."""
    page.locator("#unlock-password").fill(password)
    page.locator("#unlock").get_by_role("button", name="Buka").click()
    expect(page.locator("#unlock")).to_be_hidden()


@pytest.mark.elsewhere
def test_from_invitation_to_work(seats: Seats, administrator: Page, lead: Page) -> None:
    administrator.goto("/petugas/akun")
    assert_usable(administrator)
    link = invited(administrator, "rini.astuti", "Rini Astuti")
    assert_usable(administrator)

    phone = seats(360).new_page()
    sent: list[str] = []
    phone.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
    person, hers = activate(phone, link, "rini.astuti")
    assert "#" not in phone.url
    assert_usable(phone)
    token = link.partition("#")[2]
    assert [line for line in sent if token in line.partition(" ")[0]] == []
    assert [line for line in sent if person.password in line or person.totp_secret in line] == []
    assert [line for line in sent for word in person.password.split() if f" {word}" in line or f'"{word}' in line] == []

    assert compare(lead, "Rini Astuti") == hers
    assert_usable(lead)
    lead.get_by_role("button", name="Ya, keenam kata sama").click()
    row = lead.get_by_role("row").filter(has_text="Rini Astuti")
    expect(row).to_contain_text("Aktif")

    work = log_in(seats(), person)
    assert work.url.endswith("/petugas/")
    work.goto("/petugas/saya")
    expect(work.locator("#fingerprint")).to_have_text(hers)
    work.reload()
    expect(work.locator("#fingerprint")).to_have_text(hers)
    expect(work.locator("#unlock")).to_be_hidden()


def test_the_steps_of_activation_are_usable_by_keyboard_and_say_what_is_wrong(
    seats: Seats, administrator: Page
) -> None:
    link = invited(administrator, "keyboard.saja", "Wulan Sari")
    page = seats(360).new_page()
    page.goto("/petugas/aktivasi")
    expect(page.locator("#refusal")).to_contain_text("tautan undangan")
    page.goto(link.partition("#")[0] + "#" + "0" * 64)
    expect(page.locator("#refusal")).to_contain_text("tidak berlaku lagi")
    page.goto(link)
    expect(page.get_by_role("heading", name="Langkah 1")).to_be_focused()
    assert_usable(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Langkah 2")).to_be_focused()
    assert_usable(page)
    words = page.locator("#password-words li").all_inner_texts()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Langkah 3")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("salah")
    page.keyboard.press("Enter")
    expect(page.locator("#error-summary")).to_be_focused()
    assert page.title().startswith("Periksa isian")
    assert_usable(page)
    assert page.locator("#password-words").text_content() == ""
    rehearse(page, words)
    expect(page.get_by_role("heading", name="Langkah 4")).to_be_focused()
    assert_usable(page)
    page.keyboard.press("Tab")
    page.keyboard.type("12345")
    page.keyboard.press("Enter")
    expect(page.locator("#code-error")).to_contain_text("enam angka")
    page.get_by_label("Kode yang sedang tampil").fill("000000")
    page.keyboard.press("Enter")
    expect(page.locator("#code-error")).to_contain_text("Kode tidak cocok")


def test_a_wrong_login_says_so_and_keeps_what_was_typed(installation: Installation, seats: Seats) -> None:
    person = installation.of("reviewer", HERE.other)[1]
    page = seats(360).new_page()
    page.goto("/petugas/masuk")
    assert_usable(page)
    page.get_by_role("button", name="Masuk").click()
    expect(page.locator("#error-summary")).to_be_focused()
    assert page.locator("#error-summary li").count() == 3
    assert_usable(page)
    page.get_by_label("Nama akun", exact=True).fill(person.name)
    page.get_by_label("Kata sandi", exact=True).fill(person.password)
    page.get_by_label("Kode dari aplikasi autentikator").fill("000000")
    page.keyboard.press("Enter")
    expect(page.locator("#error-summary")).to_contain_text("tidak cocok")
    statuses = [401]
    while statuses[-1] == 401:
        # Each wait is twice as long as the one before: however slow this browser is, soon it is too early.
        with page.expect_response("**/petugas/masuk") as answered:
            page.get_by_role("button", name="Masuk").click()
        statuses.append(answered.value.status)
    assert statuses[-1] == 429
    expect(page.locator("#error-summary")).to_contain_text("detik lagi")
    assert page.get_by_label("Nama akun", exact=True).input_value() == person.name
    assert page.get_by_label("Kata sandi", exact=True).input_value() == person.password


def test_nothing_typed_is_posted_when_the_script_does_not_load(installation: Installation, seats: Seats) -> None:
    page = seats().new_page()
    page.route("**/js/casework/login.js", lambda route: route.abort())
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    page.goto("/petugas/masuk")
    page.get_by_label("Nama akun", exact=True).fill("siapa")
    page.get_by_label("Kata sandi", exact=True).fill("enam kata yang sangat rahasia sekali")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Masuk").click(force=True)
    assert page.url.endswith("/petugas/masuk") and page.get_by_label("Nama akun", exact=True).input_value() == "siapa"
    with page.expect_navigation():
        page.evaluate("document.getElementById('login').submit()")
    assert [line for line in sent if "rahasia" in line or "siapa" in line] == []


def test_a_lock_hides_everything_until_the_password_is_given(
    installation: Installation, seats: Seats
) -> None:
    person = installation.of("investigator", HERE.other)[0]
    page = log_in(seats(360), person, "/petugas/saya")
    words = six_words(page)
    page.get_by_role("button", name="Kunci", exact=True).click()
    expect(page.locator("#unlock-password")).to_be_focused()
    expect(page.locator("main")).to_be_hidden()
    assert page.evaluate("sessionStorage.length") == 0
    assert_usable(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#unlock")).to_be_visible()
    page.locator("#unlock-password").fill("satu dua tiga")
    page.keyboard.press("Enter")
    expect(page.locator("#unlock-password-error")).to_contain_text("enam kata")
    assert_usable(page)
    unlock(page, person.password.upper().replace(" ", " - "))
    expect(page.locator("#fingerprint")).to_have_text(words)


def test_after_fifteen_idle_minutes_a_page_asks_for_the_password(
    installation: Installation, seats: Seats
) -> None:
    person = installation.of("investigator", HERE.other)[1]
    page = log_in(seats(), person, "/petugas/saya")
    let_idle(installation, person.name)
    page.goto("/petugas/")
    expect(page.locator("#unlock")).to_be_visible()
    assert page.locator("h1").inner_text() == "" or not page.locator("main").is_visible()
    unlock(page, person.password)
    expect(page.locator("#logout")).to_be_visible()
    assert page.url.endswith("/petugas/")


def test_a_page_left_open_locks_itself_and_keeps_what_was_typed(installation: Installation, seats: Seats) -> None:
    person = installation.of("administrator", "-")[0]
    context = seats()
    page = log_in(context, person, "/petugas/akun")
    page.clock.install()
    page.reload()
    page.get_by_label("Nama lengkap").fill("Setengah Jadi")
    page.clock.fast_forward("16:00")
    expect(page.locator("#unlock")).to_be_visible()
    expect(page.locator("main")).to_be_hidden()
    elsewhere = context.new_page()
    elsewhere.goto("/petugas/akun")
    expect(elsewhere.locator("#unlock")).to_be_visible()
    page.clock.resume()
    unlock(page, person.password)
    assert page.get_by_label("Nama lengkap").input_value() == "Setengah Jadi"


def test_a_second_tab_asks_for_the_password_and_leaves_the_first_unlocked(
    installation: Installation, seats: Seats
) -> None:
    person = installation.of("investigator", HERE.outside)[0]
    context = seats()
    first = log_in(context, person, "/petugas/saya")
    words = six_words(first)
    second = context.new_page()
    second.goto("/petugas/saya")
    unlock(second, person.password)
    expect(second.locator("#fingerprint")).to_have_text(words)
    first.reload()
    expect(first.locator("#fingerprint")).to_have_text(words)
    expect(first.locator("#unlock")).to_be_hidden()


def test_logging_out_everywhere_ends_the_other_browser_too(installation: Installation, seats: Seats) -> None:
    person = installation.of("investigator", HERE.outside)[1]
    here, there = log_in(seats(), person, "/petugas/saya"), log_in(seats(), person, "/petugas/saya")
    here.get_by_role("button", name="Keluar di semua peramban").click()
    expect(here).to_have_url(f"{installation.url}/petugas/masuk")
    there.reload()
    assert "/petugas/masuk" in there.url
    assert here.evaluate("sessionStorage.length") == 0


def test_a_key_that_was_swapped_shows_other_words(
    installation: Installation, seats: Seats, administrator: Page, lead: Page
) -> None:
    link = invited(administrator, "tukar.kunci", "Tuti Kuncoro")
    _, hers = activate(seats().new_page(), link, "tukar.kunci")
    identity, sign = officer_keys(b"\7" * 32)
    written(
        installation, "UPDATE officers SET kem = ?, sign = ? WHERE name = 'tukar.kunci'",
        identity.recipient.raw, sign.public,
    )  # fmt: skip
    assert compare(lead, "Tuti Kuncoro") != hers
    lead.get_by_role("button", name="Tidak sama").click()
    expect(lead.locator(ALARM)).to_contain_text("jangan sahkan")
    assert_usable(lead)
    lead.reload()
    expect(lead.get_by_role("button", name="Cocokkan sidik kunci Tuti Kuncoro")).to_be_visible()


def await_pins(page: Page) -> None:
    """Wait until this browser has pinned what it saw; pages under our policy let no test evaluate by itself."""
    while not page.evaluate("localStorage.getItem('kentongan.pins')"):
        page.wait_for_timeout(50)


def answering(change: Callable[[dict[str, Any]], None]) -> Callable[[Route], None]:
    """Return what stands between browser and server and changes the directory on its way."""

    def answer(route: Route) -> None:
        told = route.fetch().json()
        change(told)
        route.fulfill(body=json.dumps(told), content_type="application/json")

    return answer


def test_another_root_key_is_said_loudly(installation: Installation, seats: Seats) -> None:
    context = seats()
    page = log_in(context, installation.of("lead", HERE.other)[0], "/petugas/orang")
    await_pins(page)
    context.route("**/petugas/direktori", answering(lambda told: told.update(root="00" * 32)))
    page.reload()
    expect(page.locator(ALARM)).to_contain_text("Kunci akar situs ini berbeda")
    assert_usable(page)


def test_a_statement_that_is_hidden_again_is_said_loudly(installation: Installation, seats: Seats) -> None:
    context = seats()
    page = log_in(context, installation.of("lead", HERE.other)[0], "/petugas/orang")
    await_pins(page)
    context.route("**/petugas/direktori", answering(lambda told: told["statements"].remove(some_desk(told))))
    page.reload()
    expect(page.locator(ALARM)).to_contain_text(f"desk/{HERE.unstaffed}")


def some_desk(told: dict[str, Any]) -> str:
    """Return the statement on a desk that is not the lead's."""
    return next(body for body in told["statements"] if f"\nkind desk\nsubject {HERE.unstaffed}\n" in body)


def test_statements_hidden_altogether_vouch_for_nobody(installation: Installation, seats: Seats) -> None:
    context = seats()
    page = log_in(context, installation.of("lead", HERE.outside)[0], "/petugas/orang")
    await_pins(page)
    context.route("**/petugas/direktori", answering(lambda told: told["statements"].clear()))
    page.reload()
    expect(page.locator(ALARM).first).to_contain_text("belum atau tidak lagi disahkan")


# What a dishonest server's box amounts to: this tab holds a seed that is not the one vouched for.
OTHER_SEED = """
async () => {
  const { keepSeed } = await import(document.querySelector("script[src*=people]").src.replace("people", "seed"));
  const asked = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" };
  const { sessionKey, officer } = await (await fetch("/petugas/kunci", asked)).json();
  await keepSeed(new Uint8Array(32), sessionKey, officer);
}
"""


def test_keys_that_are_not_those_vouched_for_are_said_loudly(installation: Installation, seats: Seats) -> None:
    page = log_in(seats(), installation.of("lead", HERE.outside)[0], "/petugas/orang")
    await_pins(page)
    page.evaluate(OTHER_SEED)
    page.reload()
    expect(page.locator(ALARM)).to_contain_text("bukan kunci Anda")
