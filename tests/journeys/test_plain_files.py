"""Files from a phone without JavaScript: chosen, sent with the report and with a message, listed, none lost unsaid."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import samples
from tests.journeys import reporting
from tests.journeys.checks import assert_usable
from tests.journeys.steps import phrase_shown, proceed

HEIC = b"\0\0\0\x18ftypheic" + bytes(5000)


@pytest.fixture
def chosen(tmp_path: Path) -> list[Path]:
    """A photograph that names its place, a recording, and a photograph that nobody here can clean."""
    contents = {"foto papan tarif.jpg": samples.photograph(), "rekaman.wav": samples.recording(), "foto.heic": HEIC}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return [tmp_path / name for name in contents]


def listed(page: Page) -> list[str]:
    return [" ".join(text.split()) for text in page.locator(".files-sent li").all_inner_texts()]


def test_without_javascript_files_go_with_the_report_and_with_a_message(
    plain_phone: BrowserContext, chosen: list[Path]
) -> None:
    page = plain_phone.new_page()
    page.goto("/lapor")
    expect(page.get_by_text("Paling banyak 10 berkas, masing-masing paling besar 100 MB.")).to_be_visible()
    reporting.fill_in(page, {**reporting.ANSWERS, "place": ""})
    page.locator("#berkas").set_input_files(chosen[:2])
    proceed(page)
    # No page can keep what was chosen: it says so where it has to be chosen again.
    expect(page.locator("#berkas-error")).to_contain_text("Pilih lagi berkasnya")
    reporting.fill_in(page, reporting.ANSWERS)
    page.locator("#berkas").set_input_files(chosen)
    proceed(page)
    phrase = " ".join(phrase_shown(page))
    expect(page.get_by_text("2 berkas terkirim")).to_be_visible()
    expect(page.locator("#files-left-out li")).to_contain_text("foto.heic")
    page.get_by_role("link", name="Sudah dicatat: coba buka laporan").click()
    reporting.open_with(page, phrase)
    assert ["foto papan tarif.jpg" in text or "rekaman.wav" in text for text in listed(page)] == [True, True]
    page.locator("#message-form #unchanged").check()
    page.locator("#message-form #berkas").set_input_files(chosen[2])
    page.get_by_role("button", name="Kirim pesan").click()
    expect(page.locator(".files-sent li")).to_have_count(3)
    assert "dikirim apa adanya" in next(text for text in listed(page) if "foto.heic" in text)
    page.reload()
    assert len(listed(page)) == 3


def test_the_pages_with_files_are_usable_and_fit_a_phone(phone: BrowserContext, chosen: list[Path]) -> None:
    page = phone.new_page()
    # Scripts that never arrive: what a browser without JavaScript shows, and axe can look at it.
    page.route("**/*.js", lambda route: route.abort())
    phrase = reporting.lodge_in_one_page(page)
    reporting.track(page, phrase)
    long: Any = {"name": "n" * 251 + ".txt", "mimeType": "text/plain", "buffer": b"panjang"}
    page.locator("#message-form #berkas").set_input_files([long])
    page.get_by_role("button", name="Kirim pesan").click()
    expect(page.locator(".files-sent li")).to_have_count(1)
    assert_usable(page)
    page.locator("#message-form textarea").fill("Ini fotonya.")
    page.locator("#message-form #berkas").set_input_files([chosen[2]])
    page.get_by_role("button", name="Kirim pesan").click()
    expect(page.locator("#files-left-out")).to_be_visible()
    assert_usable(page)
