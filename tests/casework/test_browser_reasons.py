"""For what evidence is opened, asked on the case's page: once a visit, before anything is opened, kept nowhere."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect

from tests.casework.test_acts import taken
from tests.casework.test_browser_case import Served, form, send, served, unlock
from tests.casework.test_browser_register import close, kept, look, row
from tests.casework.test_evidence import messaged
from tests.casework.test_reasons import readings
from tests.journeys.acting import say_why
from tests.journeys.looking import faults_of

__all__ = ["served"]

PAGE = b"%PDF-1.4 tidak ada isinya"
TOLD = "Pilih dahulu untuk apa bukti dibuka."
WHY = "Mencocokkan dengan keterangan"


@dataclass(frozen=True)
class Desk:
    """A lead's window on a case of his with two files, opened, and what he asked the server to hand out."""

    page: Page
    asked: list[Request]

    @property
    def why(self) -> Locator:
        return self.page.get_by_label("Untuk apa bukti dibuka?")

    @property
    def opened(self) -> list[object]:
        return [request.post_data_json for request in self.asked]


@pytest.fixture(scope="module")
def office(served: Served, browser: Browser) -> Iterator[BrowserContext]:
    """The lead's browser."""
    context = served.context(browser, "lead", viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def desk(served: Served, office: BrowserContext) -> Iterator[Desk]:
    """A window of its own for each test, on a case of its own, of whose evidence nothing has been opened yet."""
    phrase, _complaint, number = taken(served.province)
    messaged(served.province, phrase, PAGE, b"Rp150.000")
    page, asked = office.new_page(), list[Request]()
    page.on("request", lambda request: asked.append(request) if "/bukti/" in request.url else None)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/petugas/perkara/{number}")
    page.click("#open-case")
    unlock(page, served)
    expect(page.locator("#evidence")).to_be_visible()
    yield Desk(page, asked)
    page.close()


@pytest.mark.parametrize("button", ["Lihat B-1", "Simpan B-1"])
def test_without_a_choice_nothing_is_opened_and_the_field_says_so(served: Served, desk: Desk, button: str) -> None:
    page = desk.page
    number = page.locator("h1").inner_text()
    before = readings(served.province, served.province.opened(number, "lead"))
    expect(desk.why).to_have_value("")
    row(page, "B-1").get_by_role("button", name=button).press("Enter")
    expect(desk.why).to_be_focused()
    expect(desk.why).to_have_attribute("aria-invalid", "true")
    expect(desk.why).to_have_accessible_description(f"{HINT} {TOLD}")
    expect(page.locator("#evidence .error-message")).to_have_text(TOLD)
    expect(page.locator("#viewer")).to_be_hidden()
    assert faults_of(page, "no reason") == []
    # Said once, however often it is tried.
    row(page, "B-2").get_by_role("button", name="Lihat B-2").click()
    expect(page.locator("#evidence .error-message")).to_have_count(1)
    assert desk.asked == []
    assert len(readings(served.province, served.province.opened(number, "lead"))) == len(before) + 1


HINT = "Dicatat bersama nama Anda dan waktunya, untuk setiap bukti yang Anda buka dari halaman ini."


def test_what_is_chosen_with_the_keyboard_holds_for_this_visit_and_no_longer(served: Served, desk: Desk) -> None:
    page = desk.page
    row(page, "B-1").get_by_role("button", name="Lihat B-1").press("Enter")
    expect(desk.why).to_be_focused()
    page.keyboard.type(WHY[:4])
    expect(desk.why.locator("option:checked")).to_have_text(WHY)
    expect(page.locator("#evidence .error-message")).to_have_count(0)
    assert desk.why.get_attribute("aria-invalid") is None
    look(page, "B-1")
    close(page)
    kept(page, "B-2")
    send_note(page)
    expect(desk.why).to_have_value("compare")
    assert [said for said in desk.opened if said] == [{"reason": "compare"}] * 2
    page.reload()
    expect(page.locator("#opening-reason")).to_have_value("")
    assert page.evaluate("() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])").count("compare") == 0


def send_note(page: Page) -> None:
    """Do something else meanwhile, after which the case is shown anew."""
    filled = form(page, "note")
    filled.locator("textarea").fill("Dilihat.")
    send(filled)
    expect(page.locator("#announcement")).to_contain_text("Catatan ditambah")


def test_the_list_of_openings_and_the_overseer_are_told_why(served: Served, desk: Desk) -> None:
    page = desk.page
    say_why(page, WHY)
    look(page, "B-1")
    close(page)
    openings = page.locator("#openings")
    openings.locator("summary").click()
    expect(openings.locator("li")).to_contain_text(["Membuka bukti B-1"])
    expect(openings.locator("li")).to_contain_text([f"Alasan: {WHY}"])
    assert faults_of(page, "openings") == []
    say_why(page, "Permintaan resmi atau audit")
    kept(page, "B-1")
    # The newest stands on top, and the one before is not changed by it.
    expect(openings.locator("li")).to_contain_text(
        ["Alasan: Permintaan resmi atau audit", f"Alasan: {WHY}"]
    )
    log = served.province.overseer().get(f"/petugas/pembacaan?perkara={page.locator('h1').inner_text()}").text
    assert log.count("Alasan: ") == 2


def test_what_was_opened_before_stands_above_what_is_handed_on(desk: Desk) -> None:
    page = desk.page
    say_why(page, WHY)
    kept(page, "B-2")
    filled = form(page, "export")
    filled.get_by_label("B-2").check()
    filled.locator("textarea").fill("Untuk gelar perkara.")
    with page.expect_download() as download:
        send(filled)
    with zipfile.ZipFile(str(download.value.path())) as archive:
        opened = archive.read("RIWAYAT-BUKTI.txt").decode().partition("  Dibuka oleh petugas:\n")[2]
    reasons = [line.strip() for line in opened.splitlines() if "Alasan" in line]
    assert reasons[-2:] == [f"Alasan: {WHY}", "Alasan: Mengekspor bukti"]


@pytest.mark.parametrize(("action", "words"), [("export", "Mengekspor bukti"), ("transfer", "Menyerahkan bukti")])
def test_what_is_handed_on_is_opened_for_that_though_nothing_was_chosen(desk: Desk, action: str, words: str) -> None:
    page = desk.page
    filled = form(page, action)
    filled.get_by_label("B-1").check()
    filled.locator("textarea").fill("Untuk gelar perkara.")
    with page.expect_download() as download:
        send(filled)
    expect(page.locator("#handing")).to_contain_text("Arsip sudah diserahkan")
    assert [said for said in desk.opened if said] == [{"reason": action}]
    expect(page.locator("#openings li")).to_contain_text([f"Alasan: {words}"])
    with zipfile.ZipFile(str(download.value.path())) as archive:
        custody = archive.read("RIWAYAT-BUKTI.txt").decode()
    # What is opened for an export is told of like the export itself: what, who and when, and why below it.
    assert re.search(rf"\n  - Membuka bukti B-1 · [^·]+ · [^·]+ pukul [^·]+\n    Alasan: {words}\n$", custody)


def test_a_page_that_does_not_ask_yet_says_what_helps(desk: Desk) -> None:
    """It was loaded before the server was brought to this version."""
    page = desk.page
    page.route("**/buka", lambda route: route.continue_(post_data="{}"))
    say_why(page, WHY)
    row(page, "B-1").get_by_role("button", name="Lihat B-1").click()
    expect(page.locator("#announcement")).to_contain_text("B-1 belum bisa dibuka")
    expect(page.locator("#announcement")).to_contain_text("Bila pilihannya tidak tampak, muat ulang halaman.")
    expect(page.locator("#viewer")).to_be_hidden()
    assert faults_of(page, "an older page") == []


def test_what_is_chosen_is_this_windows_and_goes_when_it_is_locked(
    served: Served, desk: Desk, office: BrowserContext
) -> None:
    page, beside = desk.page, office.new_page()
    say_why(page, WHY)
    beside.goto(page.url)
    expect(beside.locator("#opening-reason")).to_have_value("")
    beside.close()
    page.get_by_role("button", name="Kunci", exact=True).click()
    unlock(page, served)
    page.click("#open-case")
    expect(desk.why).to_have_value("")
    row(page, "B-1").get_by_role("button", name="Lihat B-1").click()
    expect(page.locator("#evidence .error-message")).to_have_text(TOLD)
    assert desk.asked == []
