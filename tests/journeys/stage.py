"""A desk with a case in every state, its people logged in, and the windows through which all of it is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Locator, Page, expect

from casework.sessions import COOKIE
from tests import officer
from tests.browser_fixtures import close
from tests.demo.browsing import Browser
from tests.demo.handwriting import loudly
from tests.demo.matter import Matter
from tests.demo.province import Desk
from tests.demo.reporter import PlainReporter
from tests.journeys.looking import DESKTOP, PHONE
from tests.journeys.officers import next_code
from tests.journeys.reporting import stay_here
from tests.officer import Login
from tests.places import HERE
from tests.server import Installation, Person

DESK = HERE.other
# Whoever types without a space, or pastes an address, must not widen the page.
UNBROKEN = "https://contoh.invalid/" + "panjangsekali" * 30
ACCOUNT: Mapping[str, str] = {
    "text": f"Diminta 150 ribu di loket, tanpa kuitansi. {UNBROKEN}", "region": HERE.region_of(DESK),
    "sector": HERE.sector, "level": "kabkota", "place": "Kantor Kecamatan Tembalang, loket dua",
    "office": "Dinas Kependudukan", "role": "petugas loket", "when": "tiap awal bulan", "asked": "150 ribu",
    "threatened": "ya", "excluded": f"Kepala loket {UNBROKEN}",
}  # fmt: skip
ALLEGATIONS = ("Memungut biaya layanan yang gratis.", f"Menyembunyikan papan tarif. {UNBROKEN}")


class Team(Desk):
    """A desk's people, whose codes are drawn from the same list as those of the other journeys."""

    def browser_of(self, person: Person) -> Browser:
        """Return the browser of one of them, logged in."""
        return self._entered(person)[0]

    def _with_code(self, browser: Browser, person: Person) -> Login:
        code = next_code(person.totp_secret)
        return officer.log_in(browser.ask, person.name, person.password, code, self._root)


@dataclass
class Stage:
    """One installation with its desk, the cases by what they are there for, and the windows opened so far.

    ``sent`` names the acts whose forms have been looked at: a form is the same on every case.
    """

    chromium: Chromium
    installation: Installation
    team: Team
    cases: dict[str, Matter] = field(default_factory=dict)
    contexts: list[BrowserContext] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)
    keyless: dict[str, Browser] = field(default_factory=dict)
    windows: dict[tuple[str, str, int], Page] = field(default_factory=dict)

    def phone(self) -> Page:
        """Return a page on a phone of its own."""
        return self._context(PHONE).new_page()

    def phone_without_scripts(self) -> Page:
        """Return a page whose scripts never arrive: what a browser without JavaScript shows, and axe can look at it."""
        page = self.phone()
        page.route("**/*.js", lambda route: route.abort())
        return page

    def window(self, role: str, desk: str = DESK, turn: int = 0) -> Page:
        """Return the window of one of the people, on the desktop he has logged in at."""
        if (role, desk, turn) not in self.windows:
            self.windows[role, desk, turn] = self._seat(self.installation.of(role, desk)[turn])
        return self.windows[role, desk, turn]

    def at_home(self, role: str) -> Page:
        """Return the window of one of the desk's people, on his own page, his keys open: no page asks for them now.

        Only there does something show that they are. What other pages show stands there from the start, and is hidden
        once a script has asked for the password.
        """
        page = self.window(role)
        page.goto("/petugas/saya")
        unlock(page, self.installation.of(role, DESK)[0], page.locator("#fingerprint:not(:text-is('…'))"))
        return page

    def _seat(self, person: Person) -> Page:
        context = self._context(DESKTOP)
        cookie: Any = {"name": COOKIE, "value": self.browser_of(person).cookies[COOKIE], "httpOnly": True}
        context.add_cookies([cookie | {"domain": "127.0.0.1", "path": "/", "secure": True, "sameSite": "Strict"}])
        return context.new_page()

    def browser_of(self, person: Person) -> Browser:
        """Return somebody's browser, logged in; overseer and administrator hold no keys and open no seed."""
        if person.desk == DESK:
            return self.team.browser_of(person)
        if person.name not in self.keyless:
            browser = self.keyless[person.name] = Browser(self.installation.url)
            officer.enter(browser.ask, person.name, person.password, next_code(person.totp_secret))
        return self.keyless[person.name]

    def stranger(self, size: tuple[int, int] = DESKTOP) -> Page:
        """Return a page on a desktop where nobody has logged in."""
        return self._context(size).new_page()

    def _context(self, size: tuple[int, int]) -> BrowserContext:
        how: Any = {"viewport": {"width": size[0], "height": size[1]}, "reduced_motion": "reduce"}
        context = self.chromium.new_context(base_url=self.installation.url, locale="id-ID", **how)
        # Leaving a page with words in its forms asks first.
        context.on("page", lambda page: page.on("dialog", lambda dialog: dialog.accept()))
        stay_here(context)
        self.contexts.append(context)
        return context

    def close(self) -> None:
        """Close every window."""
        for context in self.contexts:
            close(context)

    # The cases.

    def set_up(self) -> None:
        """Lodge the complaints, and drive each to where it is wanted."""
        for name, drive in DRIVES.items():
            known = self.team.numbers()
            reporter = PlainReporter(self.installation.url, loudly)
            reporter.lodge(ACCOUNT)
            [number] = self.team.numbers() - known
            self.cases[name] = Matter(reporter, self.team, number, HERE.sector)
            drive(self.cases[name])

    def open_case(self, name: str, role: str, turn: int = 0) -> Page:
        """Open a case in one of the people's windows, unlocking it where that is asked for."""
        page, person = self.window(role, turn=turn), self.installation.of(role, DESK)[turn]
        page.goto(f"/petugas/perkara/{self.cases[name].number}")
        page.locator("#open-case").click()
        unlock(page, person, page.locator("#story:visible"))
        expect(page.locator("#proof")).to_contain_text("Riwayat cocok")
        return page


def unlock(page: Page, person: Person, awaited: Locator) -> None:
    """Wait for what nothing but open keys can show; give the password where this window asks for it first."""
    dialog = page.locator("#unlock[open]")
    awaited.or_(dialog).first.wait_for()
    if dialog.count():
        page.locator("#unlock-password").fill(person.password)
        page.get_by_role("button", name="Buka", exact=True).click()
        expect(dialog).to_have_count(0)


def _fresh(case: Matter) -> None:
    """Leave it as it was lodged."""


def _withdrawn(case: Matter) -> None:
    case.take()
    case.reporter.act("withdraw", "Uangnya sudah dikembalikan.")


def _planned(case: Matter) -> None:
    case.take()
    case.plan(f"Minta buku register tiga bulan. {UNBROKEN}", ALLEGATIONS)


def _running(case: Matter) -> None:
    _planned(case)
    case.note(f"Register ditulis dengan tinta berbeda. {UNBROKEN}")
    case.reporter.act("message", f"Papan tarifnya dibalik. {UNBROKEN}")


def _asked(case: Matter) -> None:
    _planned(case)
    case.ask(f"Pukul berapa biasanya uang itu diminta? {UNBROKEN}")


def _proposed(case: Matter) -> None:
    _planned(case)
    case.find(["proven", "not_proven"])
    case.propose(case.investigator, "partly_proven", f"Sebelas saksi. {UNBROKEN}", f"Uang dikembalikan. {UNBROKEN}")


def _closed(case: Matter) -> None:
    case.take()
    case.propose(case.desk.lead, "cannot_be_processed", "Bukan pungli.", f"Ini bukan pungli. {UNBROKEN}")
    case.close()


def _objected(case: Matter) -> None:
    _closed(case)
    case.reporter.act("object", f"Papan tarifnya jelas dibalik orang. {UNBROKEN}")
    case.name_handler()


DRIVES: dict[str, Callable[[Matter], None]] = {
    "fresh": _fresh, "withdrawn": _withdrawn, "running": _running, "asked": _asked, "proposed": _proposed,
    "closed": _closed, "objected": _objected,
}  # fmt: skip
