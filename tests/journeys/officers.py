"""Officers in a real browser: authenticators that never show a code twice, and logging in."""

import base64
import time

from playwright.sync_api import BrowserContext, Page, expect

from kernel import clock
from kernel.vault import totp
from tests.server import Person

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
    expect(page.locator("#logout")).to_be_visible(timeout=20_000)
    return page
