"""What a reporter's first visit downloads, counted by a real browser, with JavaScript and without."""

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser_fixtures import ARGUMENTS
from tests.chromium import BINARY
from tests.journeys.reporting import lodge_in_steps


def first_visit(url: str, javascript: bool) -> int:
    """Return the bytes, headers included, that a fresh browser receives: the form, or all until the phrase is shown."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BINARY, args=ARGUMENTS)
        try:
            return _received(browser, url, javascript)
        finally:
            browser.close()


def _received(browser: Browser, url: str, javascript: bool) -> int:
    context = browser.new_context(base_url=url, java_script_enabled=javascript, locale="id-ID")
    page = context.new_page()
    received = _counting(context, page)
    page.goto("/lapor", wait_until="networkidle")
    if javascript:
        lodge_in_steps(page)
    context.close()
    return sum(received)


def _counting(context: BrowserContext, page: Page) -> list[int]:
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    received: list[int] = []
    session.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
    return received
