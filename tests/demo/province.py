"""A running demo province: its reporters' door, and its desks with the people who sit there."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from kernel import clock
from kernel.routing import Storey
from kernel.vault import totp
from tests import client, officer
from tests.client import Refused
from tests.demo.browsing import Browser
from tests.demo.handwriting import HANDS
from tests.demo.reporter import PlainReporter, Reporter, SealedReporter
from tests.officer import Login
from tests.server import Person, read_people

NUMBER = re.compile(r"/petugas/perkara/(\d{3}-\d{3}-\d{3})")
NEXT = re.compile(r'href="([^"]+)"[^>]*rel="next"|rel="next"[^>]*href="([^"]+)"')
UNAUTHORIZED = 401
TOP = Storey.PROVINCE


class Desk:
    """The people of one desk, each logged in with a browser of his own when first needed."""

    def __init__(self, name: str, url: str, people: list[Person], root: bytes) -> None:
        self.name, self._url, self._root = name, url, root
        self._people = people
        self._logins: dict[str, tuple[Browser, Login]] = {}

    def of(self, role: str) -> list[Login]:
        """Return the desk's officers with ``role``, in the order of the list of people."""
        return [self._entered(person)[1] for person in self._people if person.role == role]

    @property
    def lead(self) -> Login:
        """Return the desk's lead."""
        return self.of("lead")[0]

    def browser_of(self, login: Login) -> Browser:
        """Return the browser of one who has logged in."""
        return next(browser for browser, own in self._logins.values() if own is login)

    @property
    def browsers(self) -> list[Browser]:
        """Return the browsers of those who have logged in."""
        return [browser for browser, _login in self._logins.values()]

    def numbers(self, state: str = "") -> set[str]:
        """Return the numbers of the desk's running cases, or of those in a ``state``, from its lead's queue."""
        [person] = [person for person in self._people if person.role == "lead"]
        browser, _login = self._entered(person)
        pages = _pages(browser, f"/petugas/?meja={self.name}&tahap={state}")
        return {number for page in pages for number in NUMBER.findall(page)}

    def _entered(self, person: Person) -> tuple[Browser, Login]:
        if person.name not in self._logins:
            browser = Browser(self._url)
            self._logins[person.name] = (browser, self._log_in(browser, person))
        return self._logins[person.name]

    def _log_in(self, browser: Browser, person: Person) -> Login:
        try:
            return self._with_code(browser, person)
        except Refused as refused:
            if refused.status != UNAUTHORIZED:
                raise
        # No code is taken twice, and an earlier run may have used this one: wait until the authenticator shows another.
        time.sleep(totp.SECONDS - time.time() % totp.SECONDS + 1)
        return self._with_code(browser, person)

    def _with_code(self, browser: Browser, person: Person) -> Login:
        code = officer.code_at(person.totp_secret, clock.now())
        return officer.log_in(browser.ask, person.name, person.password, code, self._root)


def _pages(browser: Browser, address: str | None) -> Iterator[str]:
    while address:
        page = browser.page(address)
        page.raise_for_status()
        yield page.text
        following = NEXT.search(page.text)
        address = (following[1] or following[2]).replace("&amp;", "&") if following else None


class Province:
    """A running demo province, as its people and its reporters reach it."""

    def __init__(self, url: str, instance: Path) -> None:
        self.url = url
        self.root = bytes.fromhex((instance / "root.pub").read_text().strip())
        self._people = list(read_people(instance).values())

    @cached_property
    def known(self) -> client.Installation:
        """Return what a reporter's program knows of the installation."""
        return client.installation(Browser(self.url).ask, self.root)

    @cached_property
    def desks(self) -> dict[str, Desk]:
        """Return the desks that have people, by name."""
        names = sorted({person.desk for person in self._people if person.role == "lead"})
        return {name: Desk(name, self.url, self._at(name), self.root) for name in names}

    @property
    def top(self) -> Desk:
        """Return the desk above those of the regions."""
        return next(self.desks[desk] for desk, remit in self.known.directory.remits().items() if remit == TOP)

    def _at(self, desk: str) -> list[Person]:
        return [person for person in self._people if person.desk == desk]

    def reporter(self, turn: int) -> Reporter:
        """Return the ``turn``-th reporter: every second one has JavaScript, the others each a hand of their own."""
        if turn % 2 == 0:
            return SealedReporter(self.url, self.known)
        return PlainReporter(self.url, HANDS[turn // 2 % len(HANDS)])
