"""Officers in a real browser: authenticators that never show a code twice, and logging in."""

import base64
import re
import time
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from kernel import clock
from kernel.vault import totp
from tests.browser_fixtures import close
from tests.places import HERE
from tests.server import Installation, Person

SIX_WORDS = re.compile(r"^[a-z]+( [a-z]+){5}$")
# The newest step used of each authenticator: the server takes no step a second time.
_used: dict[str, int] = {}


def next_code(totp_secret: str) -> str:
    """Return a code that the server has not seen yet, waiting for it where the last two are used up.

    A step early or late is accepted; the early one is left out, for the demo's founding may have used it.
    """
    step = max(_used.get(totp_secret, 0) + 1, int(clock.now().timestamp()) // totp.SECONDS)
    while step > int(clock.now().timestamp()) // totp.SECONDS + 1:
        time.sleep(0.5)
    _used[totp_secret] = step
    return code_at(totp_secret, step)


def forget_codes(totp_secret: str) -> None:
    """Show the next code at once, where a test made the server forget which were used."""
    _used.pop(totp_secret, None)


def code_at(totp_secret: str, step: int) -> str:
    """Return the code an authenticator shows during a step."""
    moment = clock.now().fromtimestamp(step * totp.SECONDS, clock.now().tzinfo)
    return totp.code(base64.b32decode(totp_secret), moment)


def fill_login(page: Page, person: Person) -> None:
    """Type a person's name, password and code."""
    page.get_by_label("Nama akun", exact=True).fill(person.name)
    page.get_by_label("Kata sandi", exact=True).fill(person.password)
    page.get_by_label("Kode dari aplikasi autentikator").fill(next_code(person.totp_secret))


def log_in(context: BrowserContext, person: Person, address: str = "/petugas/") -> Page:
    """Log a person in on a new page, which ends at ``address``."""
    page = context.new_page()
    page.goto(address)
    fill_login(page, person)
    page.get_by_role("button", name="Masuk").click()
    expect(page.locator("#logout")).to_be_visible()
    # The head of a page stands there before the rest of it has come.
    page.wait_for_load_state()
    return page


def six_words(page: Page) -> str:
    """Return the fingerprint of the keys open on an officer's page, once its script has spelled it."""
    words = page.locator("#fingerprint")
    expect(words).to_have_text(SIX_WORDS)
    return words.inner_text()


class Office:
    """The officers of one installation, each at a desktop of his own, logged in when first needed."""

    def __init__(self, browser: Browser, installation: Installation, **how: Any) -> None:
        self._browser, self._installation, self._how = browser, installation, how
        self._pages: dict[str, Page] = {}

    def page_of(self, role: str, desk: str = "", turn: int = 0) -> Page:
        """Return the page of one of a desk's people, where his work begins; nothing he had open is left on it."""
        person = self._installation.of(role, desk or HERE.desk)[turn]
        if person.name not in self._pages:
            self._pages[person.name] = log_in(self._seat(), person)
        page = self._pages[person.name]
        page.goto("/petugas/")
        self._unlock(page, person)
        return page

    def name_of(self, role: str, desk: str = "", turn: int = 0) -> str:
        """Return what his colleagues call him."""
        person = self._installation.of(role, desk or HERE.desk)[turn]
        page = self._pages.get(person.name) or self.page_of(role, desk, turn)
        return page.locator(".who b").inner_text()

    def close(self) -> None:
        """Send everybody home."""
        for page in self._pages.values():
            close(page.context)

    def _seat(self) -> BrowserContext:
        size: Any = {"width": 1280, "height": 900}
        context = self._browser.new_context(
            base_url=self._installation.url, viewport=size, locale="id-ID", **self._how
        )
        # Leaving a page with words in its forms asks first.
        context.on("page", lambda page: page.on("dialog", lambda dialog: dialog.accept()))
        return context

    def _unlock(self, page: Page, person: Person) -> None:
        """Give the password again, where this journey took longer than an officer may sit idle."""
        if page.locator("#locked").count():
            page.locator("#unlock-password").fill(person.password)
            page.get_by_role("button", name="Buka", exact=True).click()
            expect(page.locator("#locked")).to_have_count(0)
