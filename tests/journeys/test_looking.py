"""What looks at the pages sees each fault that it is there for, and none on a page that has none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.looking import PHONE, faults_of

FRAME = """<!DOCTYPE html>
<html lang="id"><meta name="viewport" content="width=device-width"><title>Coba</title>
<style>body {{ overflow-wrap: anywhere }} {style}</style>
<main><h1>Coba</h1><p>Kalimat yang cukup panjang.</p>{body}</main>
"""
BUTTON = "<button type=button>Tombol yang besar</button>"
LINK = "<p>Baca <a href=#x>ini</a> dahulu."
NARROW = "overflow: hidden; width: 4rem"
IN_DARK = "@media (prefers-color-scheme: dark)"
# A fault, the style and the body of a page that has it, and how often it is seen: at four widths, and in large letters.
FAULTS = [
    ("scrolls sideways", "div { width: 500px }", "<div>Terlalu lebar</div>", 3),
    ("outside: <p.out>", ".out { position: absolute; left: -40px }", "<p class=out>Sebagian di luar", 5),
    ("cut: <p.cut>", f".cut {{ {NARROW}; white-space: nowrap }}", "<p class=cut>Tidak muat semua", 5),
    ("cut off below: <p.low>", f".low {{ {NARROW}; height: 1rem }}", "<p class=low>Dua baris teks", 5),
    ("small: <button>", "button { padding: 0; height: 20px }", BUTTON, 5),
    ("covered: <button>", "aside { position: fixed; inset: 0; opacity: 0 }", f"{BUTTON}<aside>Di atas</aside>", 5),
    ("in light: color-contrast", "main { color: #aaa; background: #fff }", "", 1),
    ("in dark: color-contrast", f"{IN_DARK} {{ main {{ color: #333; background: #000 }} }}", "", 1),
    ("in large letters: the page scrolls", "div { width: 19rem }", "<div>Tulisan</div>", 1),
    ("in light: target-size", "button { padding: 0; height: 15px; display: block }", BUTTON * 2, 1),
]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """An empty page on a phone."""
    made = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
    yield made
    made.close()


@pytest.mark.parametrize(("name", "style", "body", "times"), FAULTS, ids=[name for name, *_ in FAULTS])
def test_a_fault_is_seen(page: Page, name: str, style: str, body: str, times: int) -> None:
    page.set_content(FRAME.format(style=style, body=body))
    found = faults_of(page, "a page")
    assert len({said.partition(":")[2][:8] for said in found if name in said}) == times, found


def test_where_there_is_no_fault_none_is_seen(page: Page) -> None:
    page.set_content(FRAME.format(style="button { height: 3rem }", body=BUTTON + LINK))
    assert faults_of(page, "a page") == []
