"""``make pictures``: renew the pictures of the README and the handbook from a demo province of its own.

The complaints are those of ``make demo``, lodged on two days of a pretended week, so that the queue has work that is
late, due and early.
"""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Thread
from typing import Any
from unittest.mock import patch

from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect, sync_playwright
from werkzeug.serving import make_server

from kernel import clock
from ledger.publishing import tend
from tests.browser_fixtures import ARGUMENTS
from tests.casework import evidence
from tests.chromium import BINARY
from tests.demo.drive import Lodged, drive
from tests.demo.material import load_complaints, load_stories
from tests.journeys import acting, officers, reporting, steps
from tests.server import Person, found, read_people
from wsgi import create_app

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
FIRST, REST = slice(0, 22), slice(22, 34)
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "has_touch": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}
ALLEGATION = "Memungut biaya atas layanan yang seharusnya gratis."
INVESTIGATOR = "Wahyu Nugrahini"
REGISTER = {
    "description": "Buku register loket, tiga bulan.", "source": "Kantor Kecamatan", "obtained_by": INVESTIGATOR,
    "obtained_on": "2026-11-20", "how": "Difoto di tempat, dengan berita acara.",
}  # fmt: skip
# Few colours make small files, and the pages have few.
COLOURS = 128


def main() -> None:
    """Found a province, let a week pass in it, and take the pictures."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        instance = Path(folder) / "instance"
        found(instance)
        app = create_app({"KENTONGAN_INSTANCE": str(instance)})
        with _served(app) as url:
            lodged = _week(url, instance)
            browser = playwright.chromium.launch(executable_path=BINARY, args=ARGUMENTS)
            with _days_later(6):
                with app.app_context():
                    tend()
                _reporter(browser, url, next(one for one in lodged if one.story.course == "asked"))
                _officer(browser, url, read_people(instance)["kepala.33"])
                _first_case(browser, url, read_people(instance))
            browser.close()


@contextmanager
def _served(app: Flask) -> Iterator[str]:
    """Serve the province from this process, whose clock can be set."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def _week(url: str, instance: Path) -> list[Lodged]:
    peaceful = zip(load_stories(), load_complaints(), strict=True)
    stories = [story for story, complaint in peaceful if not complaint["hostile"]]
    lodged = drive(url, instance, stories[FIRST])
    with _days_later(5):
        return lodged + drive(url, instance, stories[REST])


@contextmanager
def _days_later(days: int) -> Iterator[None]:
    with patch.object(clock, "now", lambda: datetime.now(timezone.utc) + timedelta(days=days)):
        yield


def _reporter(browser: Browser, url: str, one: Lodged) -> None:
    page = _visitor(browser, url, PHONE, "dark").new_page()
    page.goto("/")
    _take(page, "home-dark")
    page = _visitor(browser, url, PHONE).new_page()
    steps.begin(page)
    _take(page, "report")
    steps.lodge(page)
    _take(page, "phrase")
    reporting.track(page, one.reporter.phrase)
    _take(page, "status")


def _officer(browser: Browser, url: str, person: Person) -> None:
    page = officers.log_in(_visitor(browser, url, DESKTOP), person)
    _say_that_he_was_told(page)
    _take(page, "queue")
    page.goto("/petugas/?meja=33&tahap=TRIAGE")
    acting.enter(page, min(acting.numbers(page)))
    acting.unseal(page)
    _take(page, "case")


def _say_that_he_was_told(page: Page) -> None:
    """Answer what a browser asks a lead once, of each key there is: the queue is seen as it is every day."""
    answers = page.get_by_role("button", name="Ya, saya diberi tahu", exact=True)
    answers.first.wait_for()
    while left := answers.count():
        answers.first.click()
        expect(answers).to_have_count(left - 1)
    page.reload()


def _first_case(browser: Browser, url: str, people: dict[str, Person]) -> None:
    """Do what docs/handbook.md tells a new officer to do, and take a picture of each step."""
    stranger = _visitor(browser, url, DESKTOP).new_page()
    stranger.goto("/petugas/masuk")
    _take(stranger, "handbook-login")
    lead = officers.log_in(_visitor(browser, url, DESKTOP), people["kepala.33.08"])
    lead.goto("/petugas/?meja=33.08&tahap=RECEIVED")
    number = min(acting.numbers(lead))
    acting.enter(lead, number)
    acting.unseal(lead)
    acting.form(lead, "open")
    _take(lead, "handbook-open")
    acting.take(lead)
    _begin(lead)
    investigator = _seated(browser, url, people["pemeriksa1.33.08"], number)
    _bring(investigator)
    _conclude(investigator)
    reviewer = _seated(browser, url, people["peninjau1.33.08"], number)
    reviewer.set_viewport_size(DESKTOP["viewport"])
    acting.form(reviewer, "close").scroll_into_view_if_needed()
    _take(reviewer, "handbook-close")
    acting.close(reviewer)


def _seated(browser: Browser, url: str, person: Person, number: str) -> Page:
    page = officers.log_in(_visitor(browser, url, DESKTOP), person)
    acting.enter(page, number)
    acting.unseal(page)
    return page


def _begin(page: Page) -> None:
    filled = acting.form(page, "investigate")
    acting.choose_officer(filled, INVESTIGATOR)
    acting.fill_plan(filled, "Minta buku register tiga bulan, cocokkan dengan kas.", [ALLEGATION])
    filled.locator("select[name=assignee]").scroll_into_view_if_needed()
    _take(page, "handbook-plan")
    acting.send(page, filled, "Pemeriksaan dimulai.")


def _bring(page: Page) -> None:
    filled = acting.form(page, "evidence")
    register: FilePayload = {"name": "buku register.jpg", "mimeType": "image/jpeg", "buffer": evidence.picture("JPEG")}
    filled.locator("input[type=file]").set_input_files(register)
    for name, told in REGISTER.items():
        filled.locator(f"[data-manifest={name}]").fill(told)
    acting.send(page, filled, "Bukti ditambah.")
    page.locator("#evidence").scroll_into_view_if_needed()
    _take(page, "handbook-evidence")


def _conclude(page: Page) -> None:
    acting.form(page, "finding").scroll_into_view_if_needed()
    _take(page, "handbook-finding")
    acting.find(page, ALLEGATION, "Terbukti", "Buku kecil di loket cocok dengan keterangan sebelas saksi.")
    acting.form(page, "propose").scroll_into_view_if_needed()
    _take(page, "handbook-propose")
    reason = "Buku kecil itu cocok dengan keterangan saksi yang saling tidak kenal."
    decision = "Pungutan itu memang terjadi. Uang dikembalikan mulai Senin di balai desa."
    acting.propose(page, "Terbukti", reason, decision)


def _visitor(browser: Browser, url: str, how: dict[str, Any], scheme: Any = "light") -> BrowserContext:
    return browser.new_context(base_url=url, locale="id-ID", color_scheme=scheme, **how)


def _take(page: Page, name: str) -> None:
    with Image.open(io.BytesIO(page.screenshot(animations="disabled"))) as taken:
        small = taken.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.save(PICTURES / f"{name}.png", optimize=True)
    print(f"docs/pictures/{name}.png: {(PICTURES / f'{name}.png').stat().st_size // 1024} KB", flush=True)


if __name__ == "__main__":
    main()
