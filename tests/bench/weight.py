"""What a reporter's first visit downloads, counted by a real browser, headers included."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, Request, sync_playwright

from tests.browser_fixtures import ARGUMENTS
from tests.chromium import BINARY
from tests.journeys import steps


@dataclass(frozen=True)
class Weight:
    """Bytes that cross the wire to a fresh browser: to open the form on either path, and until the phrase is shown."""

    plain: int
    opened: int
    sealed_and_sent: int


def weigh(url: str) -> Weight:
    """Open the form with and without JavaScript, and lodge a complaint with it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BINARY, args=ARGUMENTS)
        try:
            opened, sent = _stepping(browser, url)
            return Weight(_plain(browser, url), opened, sent)
        finally:
            browser.close()


def _plain(browser: Browser, url: str) -> int:
    with visited(browser, url, java_script_enabled=False) as (page, finished):
        page.goto("/lapor", wait_until="networkidle")
        return weight_of(finished)


def _stepping(browser: Browser, url: str) -> tuple[int, int]:
    with visited(browser, url) as (page, finished):
        page.goto("/lapor", wait_until="networkidle")
        opened = weight_of(finished)
    with visited(browser, url) as (page, finished):
        steps.lodge(page)
        return opened, weight_of(finished)


@contextmanager
def visited(browser: Browser, url: str, **options: bool) -> Iterator[tuple[Page, list[Request]]]:
    """Open a fresh browser's page, and a list of everything it has been sent."""
    context = browser.new_context(base_url=url, locale="id-ID", **options)
    finished: list[Request] = []
    context.on("requestfinished", lambda request: finished.append(request))
    yield context.new_page(), finished
    context.close()


def weight_of(finished: list[Request]) -> int:
    """Return how many bytes these answers were, headers included."""
    sizes = [request.sizes() for request in finished]
    return sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
