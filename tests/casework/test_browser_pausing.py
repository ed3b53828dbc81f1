"""One of an officer's own files is paused: the others go on, what waits for it is said, and it goes on or goes away."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.bench.files import FEW_LANES
from tests.casework.test_browser_case import form, send, served
from tests.casework.test_browser_register import CHUNK, DESCRIPTION, add, case, window
from tests.journeys.looking import faults_of
from tests.journeys.steps import until_asked

__all__ = ["case", "served", "window"]

FORGET = "**/bukti/*/hapus"
LONG = {"name": "panjang.bin", "mimeType": "", "buffer": bytes(range(256)) * 20_000}
SHORT = {"name": "pendek.bin", "mimeType": "", "buffer": bytes(range(200))}


@dataclass
class Begun:
    """Two files on their way, of which the first chunks are held back; what has been asked for by then, and will be."""

    held: list[Route] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def release(self, window: Page) -> None:
        """Let them arrive, and whatever comes after them."""
        for route in self.held:
            route.continue_()
        window.unroute(CHUNK)


@pytest.fixture
def begun(window: Page) -> Begun:
    """Choose two files, and send them as far as that."""
    made = Begun()
    window.on("request", lambda request: made.asked.append(request.url) if CHUNK.search(request.url) else None)
    window.route(CHUNK, lambda route: made.held.append(route))
    add(window, [LONG, SHORT])
    until_asked(window, made.held, FEW_LANES)
    return made


def row(window: Page, file: dict[str, Any]) -> Locator:
    """Return where a file stands in the list."""
    return form(window, "evidence").locator(".chosen > li").filter(has_text=file["name"])


def test_one_is_paused_while_the_other_arrives_and_goes_on(window: Page, begun: Begun) -> None:
    pausing = window.get_by_role("button", name="Jeda panjang.bin", exact=True)
    pausing.focus()
    window.keyboard.press("Enter")
    going_on = window.get_by_role("button", name="Lanjutkan panjang.bin", exact=True)
    expect(going_on).to_be_focused()
    expect(row(window, LONG)).to_contain_text("Dijeda: 0 KB dari")
    expect(form(window, "evidence").get_by_role("status").first).to_contain_text("1 berkas dijeda; yang lain tetap")
    expect(form(window, "evidence").locator(".doing")).to_be_visible()
    # What was under way arrives, and nothing after it; the other goes whole.
    begun.release(window)
    expect(row(window, SHORT)).to_contain_text("Semuanya sudah sampai.")
    expect(row(window, LONG)).to_contain_text("Dijeda: 2 MB dari")
    told = form(window, "evidence").get_by_role("status").filter(has_text="1 berkas masih dijeda")
    expect(told).to_contain_text("Berkas lain menunggunya.")
    expect(form(window, "evidence").locator(".doing")).to_be_hidden()
    assert faults_of(window, "one file paused") == []
    assert len(begun.asked) == FEW_LANES + 1
    before = window.locator("#evidence tbody tr").count()
    # What was checked when it was sent is what is signed, whatever becomes of the form meanwhile.
    form(window, "evidence").locator("#evidence-description").fill("")
    going_on.click()
    expect(window.locator("#announcement")).to_contain_text("Bukti ditambah")
    expect(window.locator("#evidence tbody tr")).to_have_count(before + 2)
    expect(window.locator("#evidence tbody tr").last).to_contain_text(DESCRIPTION)
    assert len(begun.asked) == 6, "what had arrived was sent again"


def test_the_only_one_is_paused_and_no_others_are_spoken_of(window: Page) -> None:
    before = window.locator("#evidence tbody tr").count()
    held: list[Route] = []
    window.route(CHUNK, lambda route: held.append(route))
    add(window, [LONG])
    until_asked(window, held, FEW_LANES)
    doing = form(window, "evidence").get_by_role("status").filter(has_text="Sedang disegel")
    expect(doing).to_be_visible()
    window.get_by_role("button", name="Jeda panjang.bin", exact=True).click()
    told = form(window, "evidence").get_by_role("status").filter(has_text="1 berkas masih dijeda")
    expect(told).to_contain_text("Penambahan bukti menunggunya.")
    expect(told).not_to_contain_text("lain")
    # Nothing is going on, and nothing says so.
    expect(doing).to_have_count(0)
    assert faults_of(window, "the only file paused") == []
    # It goes on, also in what is said; and after that, what is signed is said to be.
    window.get_by_role("button", name="Lanjutkan panjang.bin", exact=True).click()
    expect(doing).to_be_visible()
    window.get_by_role("button", name="Jeda panjang.bin", exact=True).click()
    expect(doing).to_have_count(0)
    Begun(held).release(window)
    window.get_by_role("button", name="Lanjutkan panjang.bin", exact=True).click()
    expect(window.locator("#evidence tbody tr")).to_have_count(before + 1)


def test_where_the_only_one_fails_while_it_is_paused_what_is_done_next_is_told_of_again(window: Page) -> None:
    held: list[Route] = []
    window.route(CHUNK, lambda route: held.append(route))
    add(window, [LONG])
    until_asked(window, held, FEW_LANES)
    window.get_by_role("button", name="Jeda panjang.bin", exact=True).click()
    doing = form(window, "evidence").locator(".doing")
    expect(doing).to_be_hidden()
    for route in held:
        route.fulfill(status=503, json={"error": "Sedang penuh."})
    expect(form(window, "evidence").locator("#error-summary")).to_contain_text("Sedang penuh.")
    expect(doing).not_to_have_attribute("hidden", "")
    # What is chosen now waits for nothing, and is not told of.
    form(window, "evidence").locator("input[type=file]").set_input_files([SHORT])
    expect(form(window, "evidence").locator(".pausing")).to_be_hidden()
    window.unroute(CHUNK)
    for file in (LONG, SHORT):
        window.get_by_role("button", name=f"Hapus {file['name']}", exact=True).click()


def test_a_paused_one_is_taken_away_and_the_other_is_added(window: Page, begun: Begun) -> None:
    before = window.locator("#evidence tbody tr").count()
    window.get_by_role("button", name="Jeda panjang.bin", exact=True).click()
    begun.release(window)
    expect(row(window, SHORT)).to_contain_text("Semuanya sudah sampai.")
    window.get_by_role("button", name="Hapus panjang.bin", exact=True).click()
    expect(window.locator("#evidence tbody tr")).to_have_count(before + 1)
    expect(window.locator("#evidence tbody tr").last).to_contain_text("pendek.bin")


def test_what_is_asked_for_elsewhere_meanwhile_is_not_done_and_that_is_said(window: Page, begun: Begun) -> None:
    before = window.locator("#evidence tbody tr").count()
    form(window, "evidence").locator(".buttons .button").click(force=True)
    expect(window.locator("#announcement")).to_be_empty()
    window.get_by_role("button", name="Periksa ulang").click()
    expect(window.locator("#announcement")).to_contain_text("Masih ada yang sedang dikerjakan")
    begun.release(window)
    expect(window.locator("#announcement")).to_contain_text("Bukti ditambah")
    expect(window.locator("#evidence tbody tr")).to_have_count(before + 2)


@pytest.mark.parametrize("heard", [True, False])
def test_one_that_is_under_way_is_taken_away_and_the_other_is_added(
    window: Page, begun: Begun, heard: bool
) -> None:
    """Whether the server hears of it, and refuses what is still under way, or does not, and would take all of it."""
    before = window.locator("#evidence tbody tr").count()
    window.route(FORGET, lambda route: route.continue_() if heard else route.abort())
    window.get_by_role("button", name="Hapus panjang.bin", exact=True).click()
    begun.release(window)
    expect(window.locator("#evidence tbody tr")).to_have_count(before + 1)
    expect(window.locator("#evidence tbody tr").last).to_contain_text("pendek.bin")
    window.unroute(FORGET)
    assert len(begun.asked) == FEW_LANES + 1, "more was sent of what was taken away"


def test_what_arrived_while_it_was_paused_is_not_waited_for_where_the_rest_is_sent_once_more(window: Page) -> None:
    before = window.locator("#evidence tbody tr").count()
    held: list[Route] = []
    window.route(CHUNK, lambda route: held.append(route))
    add(window, [SHORT, LONG])
    until_asked(window, held)
    window.get_by_role("button", name="Jeda pendek.bin", exact=True).click()
    window.route(CHUNK, lambda route: route.fulfill(status=503, json={"error": "Sedang penuh."}))
    held[0].continue_()
    expect(form(window, "evidence").locator("#error-summary")).to_contain_text("Sedang penuh.")
    window.unroute(CHUNK)
    send(form(window, "evidence"))
    expect(window.locator("#evidence tbody tr")).to_have_count(before + 2)


def test_what_is_chosen_while_one_is_paused_is_looked_at_like_the_others(window: Page, begun: Begun) -> None:
    before = window.locator("#evidence tbody tr").count()
    window.get_by_role("button", name="Jeda panjang.bin", exact=True).click()
    begun.release(window)
    expect(row(window, SHORT)).to_contain_text("Semuanya sudah sampai.")
    empty = {"name": "kosong.bin", "mimeType": "", "buffer": b""}
    form(window, "evidence").locator("#evidence-files").set_input_files([empty])  # type: ignore[list-item]
    window.get_by_role("button", name="Lanjutkan panjang.bin", exact=True).click()
    expect(form(window, "evidence").locator("#error-summary")).to_contain_text("kosong.bin kosong.")
    expect(window.locator("#evidence tbody tr")).to_have_count(before)
    window.get_by_role("button", name="Hapus kosong.bin", exact=True).click()
    send(form(window, "evidence"))
    expect(window.locator("#evidence tbody tr")).to_have_count(before + 2)


def test_where_all_are_taken_away_nothing_is_added_and_that_is_said(window: Page, begun: Begun) -> None:
    """The last one here: what it has typed stays in the form."""
    before = window.locator("#evidence tbody tr").count()
    window.get_by_role("button", name="Jeda semua").click()
    expect(form(window, "evidence").get_by_role("status").first).to_contain_text("2 berkas masih dijeda")
    expect(form(window, "evidence").get_by_role("status").first).to_contain_text("Penambahan bukti menunggunya.")
    begun.release(window)
    for file in (LONG, SHORT):
        window.get_by_role("button", name=f"Hapus {file['name']}", exact=True).click()
    expect(form(window, "evidence").locator("#error-summary")).to_contain_text("Pilih berkasnya.")
    expect(window.locator("#evidence tbody tr")).to_have_count(before)
