"""What every page must pass, however a journey came to it."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def assert_usable(page: Page) -> None:
    """Find nothing with axe, and nothing cut off at the side."""
    found = Axe().run(page)
    said = [f"{each['id']}: {node['html'][:120]}" for each in found.response["violations"] for node in each["nodes"]]
    assert said == [], f"{page.url}: {said}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} is cut off at the side"
