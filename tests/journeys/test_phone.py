"""The phone afterwards: somebody who takes it finds neither text nor phrase nor key, in no storage and in no file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser_fixtures import ARGUMENTS, PATIENCE, close
from tests.canaries.search import files
from tests.chromium import BINARY
from tests.house.pages import TELLING
from tests.journeys import reporting
from tests.journeys.leaks import found, keys_behind, readable, told_by
from tests.journeys.reporting import Lodge
from tests.journeys.steps import PRACTICE_MARK
from tests.server import Installation

TEXT = "Waktu mengurus surat pengantar kami diminta uang pelicin seratus ribu tanpa kuitansi."
MESSAGE = "Kemarin sore petugas loket menagih lagi sambil menunjuk papan tarif yang dibalik."
PLACE = "Balai Desa Banyubening, loket paling kiri"
ANSWERS = {**reporting.ANSWERS, "text": TEXT, "place": PLACE}
# Everything a page may keep in a browser, and what the tab itself remembers.
KEPT = """
async () => ({
  local: { ...localStorage },
  session: { ...sessionStorage },
  databases: (await indexedDB.databases()).map(({ name }) => name),
  caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
  name: window.name,
})
"""
NOTHING: dict[str, Any] = {"local": {}, "session": {}, "databases": [], "caches": [], "workers": 0, "name": ""}


@contextmanager
def phone_in(folder: Path, browser: Browser, installation: Installation, **how: Any) -> Iterator[BrowserContext]:
    """A phone that keeps in ``folder`` whatever its browser keeps."""
    size: Any = {"width": 360, "height": 740}
    context = browser.browser_type.launch_persistent_context(
        folder, executable_path=BINARY, args=ARGUMENTS, timeout=3 * PATIENCE, base_url=installation.url, viewport=size,
        locale="id-ID", **how,
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    context.on("page", lambda page: page.on("dialog", lambda dialog: dialog.accept()))
    reporting.stay_here(context)
    yield context
    close(context)


def visited(page: Page, lodge: Lodge) -> str:
    """Lodge, come back, write, read all of it again, and leave; return the phrase."""
    phrase = lodge(page, ANSWERS)
    reporting.track(page, phrase)
    reporting.write(page, MESSAGE)
    reporting.show_account(page)
    reporting.leave(page)
    return phrase


def test_what_was_lodged_sealed_is_nowhere_on_the_phone(
    browser: Browser, installation: Installation, tmp_path: Path
) -> None:
    with phone_in(tmp_path, browser, installation) as phone:
        page = phone.new_page()
        phrase = visited(page, reporting.lodge_in_steps)
        assert page.evaluate(KEPT) == NOTHING
        assert phone.cookies() == []
        half_written(page)
    assert traces_in(tmp_path, phrase, installation) == set()


def half_written(page: Page) -> None:
    """Begin another complaint, and close the browser over it."""
    page.goto("/lapor")
    page.locator("form.stepping #text").fill(MESSAGE)


def test_without_javascript_nothing_is_kept_but_the_form_that_a_browser_could_post_again(
    browser: Browser, installation: Installation, tmp_path: Path
) -> None:
    # Chromium remembers of each page in a tab's history what was posted to get it, also on the disk, until the tab is
    # closed and forgotten; nothing that a page without scripts can say keeps it from that.
    with phone_in(tmp_path, browser, installation, java_script_enabled=False) as phone:
        page = phone.new_page()
        phrase = visited(page, reporting.lodge_in_one_page)
        assert phone.cookies() == []
    assert traces_in(tmp_path, phrase, installation) <= {TEXT, PLACE}


def traces_in(folder: Path, phrase: str, installation: Installation) -> set[str]:
    """Return what of the complaint, its phrase and its keys stands in the browser's files, or in a title it kept."""
    secrets = readable([TEXT, MESSAGE, PLACE]) | told_by(phrase, "the phrase") | keys_behind(phrase, installation)
    kept = [content for _path, content in files(folder)]
    assert b"/lapor" in b"".join(kept), "the browser kept nothing at all, so nothing was looked for"
    return found(kept, secrets) | {title for title in titles_in(folder) if TELLING.search(title)}


def titles_in(folder: Path) -> list[str]:
    """Return the titles in the browser's history."""
    with closing(sqlite3.connect(folder / "Default" / "History")) as history:
        return [str(title) for (title,) in history.execute("SELECT title FROM urls")]


@pytest.fixture(params=[reporting.lodge_in_steps, reporting.lodge_in_one_page], ids=["sealed", "plain"])
def receipt(request: pytest.FixtureRequest, browser: Browser, installation: Installation) -> Iterator[tuple[Page, str]]:
    """The phrase on the screen, on either path, and its words."""
    how: Any = {"java_script_enabled": request.param is reporting.lodge_in_steps}
    with browser.new_context(base_url=installation.url, locale="id-ID", **how) as context:
        page = context.new_page()
        yield page, request.param(page, reporting.ANSWERS)


def test_the_card_on_paper_names_nothing_but_the_words(receipt: tuple[Page, str]) -> None:
    page, phrase = receipt
    page.emulate_media(media="print")
    mark, *lines = [line for line in page.locator("body").inner_text().split("\n") if line.strip()]
    assert mark == PRACTICE_MARK
    assert lines[:8] == phrase.split()
    assert lines[8] == "Simpan di tempat yang hanya Anda tahu."
    # After it only the receipt's mark, twenty hex digits.
    assert [line.replace(" ", "").isalnum() and len(line.replace(" ", "")) for line in lines[9:]] == [20]
