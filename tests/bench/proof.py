"""What a phone needs to check one case's history, and then the whole log: bytes over the wire, and the time."""

from __future__ import annotations

import secrets
import subprocess
import sys
from dataclasses import dataclass

from playwright.sync_api import Page, sync_playwright

from kernel.vault import WORDS
from tests import client
from tests.bench.weight import visited, weight_of
from tests.browser_fixtures import ARGUMENTS
from tests.chromium import BINARY
from tests.demo.browsing import Browser
from tests.demo.reporter import SealedReporter
from tests.server import ROOT, Installation, environment

# A lodging, and messages.
EVENTS = 10
ANSWERS = {"text": "Diminta uang untuk surat.", "region": "33.08", "place": "Desa", "sector": "desa", "level": "desa"}
# From the tap until what came of it stands there, in milliseconds.
TIMED = """([button, sign]) => new Promise((resolve) => {
  const begun = performance.now();
  const watch = new MutationObserver(() => {
    if (!document.querySelector(sign)) return;
    watch.disconnect();
    resolve(performance.now() - begun);
  });
  watch.observe(document.querySelector("main"), { childList: true, subtree: true });
  document.querySelector(button).click();
})"""
PROVED, SEARCHED = ["#proof-button", "#proof .timeline"], ["#search button", "#search .notice"]


@dataclass(frozen=True)
class Checked:
    """What it took: for a case, the first time with the program; for the whole log of so many ``entries``."""

    case_bytes: int
    case_ms: float
    again_ms: float
    entries: int
    log_bytes: int
    log_ms: float


def measure_proof(served: Installation, root: bytes) -> Checked:
    """Check a case of ten events as a phone does, in an installation that has whatever was lodged before."""
    phrase = _lodged(served, root)
    publish = [sys.executable, "-m", "flask", "--app", "wsgi", "ledger", "publish"]
    subprocess.run(publish, cwd=ROOT, env=environment(served.instance), check=True, stdout=subprocess.DEVNULL)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BINARY, args=ARGUMENTS)
        try:
            with visited(browser, served.url) as (page, finished):
                _open(page, phrase)
                finished.clear()
                first = page.evaluate(TIMED, PROVED)
                page.locator("#search button").wait_for()
                weight = weight_of(finished)
                page.locator("#proof").evaluate("(proof) => proof.replaceChildren()")
                again = page.evaluate(TIMED, PROVED)
                page.locator("#search button").wait_for()
                finished.clear()
                log_ms = page.evaluate(TIMED, SEARCHED)
                entries = int(page.locator("#search").inner_text().split(" catatan")[0].split()[-1].replace(".", ""))
                return Checked(weight, first, again, entries, weight_of(finished), log_ms)
        finally:
            browser.close()


def _lodged(served: Installation, root: bytes) -> str:
    reporter = SealedReporter(served.url, client.installation(Browser(served.url).ask, root))
    reporter.lodge(ANSWERS)
    for _message in range(EVENTS - 1):
        reporter.act("message", secrets.choice(WORDS))
    return reporter.phrase


def _open(page: Page, phrase: str) -> None:
    page.goto("/lacak", wait_until="networkidle")
    page.locator("#phrase").fill(phrase)
    page.locator("form#lacak button[type=submit]").click()
    page.locator("#proof-button").wait_for()
    page.wait_for_load_state("networkidle")
