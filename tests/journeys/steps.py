"""The complaint's form, walked through as a reporter does: one screen after the other."""

import time
from collections.abc import Callable
from typing import TypeVar

from playwright.sync_api import Page, Request, Route

from tests.browser_fixtures import PATIENCE
from tests.places import HERE

TEXT = "Mau buat surat pengantar diminta kepiting 150 ribu."
PLACE = "Desa Banyubening"
STEPS = 7
# The journeys walk in a demo, and every card of one says so.
PRACTICE_MARK = "Latihan. Bukan laporan sungguhan."

Answer = Callable[[Page], None]
Asked = TypeVar("Asked")


def choose(page: Page, name: str, value: str) -> None:
    """Choose one of the answers to ``name``."""
    page.locator(f"input[name={name}][value={value}]").check()


def proceed(page: Page) -> None:
    """Press the one main button: go on, or send."""
    page.locator("#lapor > .buttons button[type=submit]").click()


def heading(page: Page) -> str:
    """Return the heading of the step that is shown."""
    return page.locator("h2.step:visible").inner_text()


def _tell(page: Page) -> None:
    page.locator("#text").fill(TEXT)


def _locate(page: Page) -> None:
    page.locator("#region").select_option(HERE.region)
    page.locator("#place").fill(PLACE)


ANSWERS: list[Answer] = [
    _tell,
    _locate,
    lambda page: choose(page, "sector", HERE.sector),
    lambda page: choose(page, "level", "desa"),
    lambda page: None,
    lambda page: None,
]


def begin(page: Page) -> None:
    """Open the form and wait until it has become steps."""
    page.goto("/lapor")
    page.locator("form.stepping").wait_for()


def walk(page: Page, to: int = STEPS) -> None:
    """Open the form and answer what must be answered, up to step ``to``, which is shown."""
    begin(page)
    for answer in ANSWERS[: to - 1]:
        answer(page)
        proceed(page)
    page.locator(f"h2.step:visible:has-text('Langkah {to} dari {STEPS}')").wait_for()


def phrase_shown(page: Page) -> list[str]:
    """Wait for the receipt; return the words on it."""
    page.locator("#tracking-phrase > li").first.wait_for()
    # Without scripts it is a page of its own, of which the rest may still be on its way.
    page.wait_for_load_state()
    return page.locator("#tracking-phrase > li").all_inner_texts()


def lodge(page: Page) -> list[str]:
    """Lodge a complaint in steps; return its phrase, which stays on the screen."""
    walk(page)
    proceed(page)
    return phrase_shown(page)


def posts(page: Page) -> list[Request]:
    """Return a list that fills with every request of the page's that posts something."""
    found: list[Request] = []
    page.on("request", lambda request: found.append(request) if request.method == "POST" else None)
    return found


def until_asked(page: Page, asked: list[Asked], times: int = 1) -> list[Asked]:
    """Return what dialogs or requests have asked, once so many have: they come when they like, if they come at all."""
    until = time.monotonic() + PATIENCE / 1000
    while len(asked) < times and time.monotonic() < until:
        page.wait_for_timeout(20)
    return asked


def block(page: Page, script: str) -> Callable[[], None]:
    """Let a script fail to load; return what lets it through again."""
    address = f"**/{script}"

    def refuse(route: Route) -> None:
        route.abort()

    page.route(address, refuse)
    return lambda: page.unroute(address)
