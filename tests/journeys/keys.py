"""The days on which people and keys change: whoever is concerned at a desktop, and what keys open of the database."""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from typing import Any

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Locator, Page, expect

from kernel.directory.directory import Directory
from kernel.directory.models import SealedKey
from kernel.vault import Identity
from tests import officer
from tests.browser_fixtures import close
from tests.demo.browsing import Browser
from tests.journeys import acting
from tests.journeys.checks import assert_usable
from tests.journeys.looking import DESKTOP, PHONE
from tests.journeys.officers import forget_codes, log_in, next_code
from tests.journeys.reporting import ANSWERS, lodge_in_steps
from tests.journeys.test_accounts import activate, written
from tests.reach import Key, reached
from tests.server import Installation, Person

COLUMNS = ("kind", "object", "epoch", "recipient", "sealed", "brought")
# What the queue says to whoever has a role, and a case's address to whom it is not for.
NOT_HIS = "Perkara ini tidak ada, atau bukan wewenang Anda."


class Town:
    """An installation whose people change, and the desktops and phones at which they sit."""

    def __init__(self, chromium: Chromium, installation: Installation) -> None:
        self._chromium, self.installation = chromium, installation
        self._contexts: list[BrowserContext] = []
        self._changed: dict[str, Person] = {}

    def seat(self, size: tuple[int, int] = DESKTOP) -> BrowserContext:
        """Return a browser of its own; leaving a page with words in its forms asks first."""
        how: Any = {"viewport": {"width": size[0], "height": size[1]}}
        context = self._chromium.new_context(base_url=self.installation.url, locale="id-ID", **how)
        context.on("page", lambda page: page.on("dialog", lambda dialog: dialog.accept()))
        self._contexts.append(context)
        return context

    def phone(self) -> Page:
        """Return a page on a reporter's phone."""
        return self.seat(PHONE).new_page()

    def of(self, role: str, desk: str, turn: int = 0) -> Person:
        """Return one of the people the demo was founded with, by what he knows and carries now."""
        person = self.installation.of(role, desk)[turn]
        return self._changed.get(person.name, person)

    def knows(self, person: Person) -> Person:
        """Remember what somebody knows and carries now."""
        self._changed[person.name] = person
        return person

    def activated(self, link: str, name: str) -> tuple[Person, str]:
        """Have somebody activate his account; return who has come of it, and his six words."""
        person, words = activate(self.seat().new_page(), link, name)
        return self.knows(person), words

    def enter(self, person: Person, address: str = "/petugas/", size: tuple[int, int] = DESKTOP) -> Page:
        """Log somebody in at a desktop of his own."""
        return log_in(self.seat(size), self.comes_later(person), address)

    def comes_later(self, person: Person) -> Person:
        """Make it look as if half a minute had passed since his last code, instead of waiting for the next."""
        written(self.installation, "UPDATE officers SET totp_step = 0 WHERE name = ?", person.name)
        forget_codes(person.totp_secret)
        return person

    def close(self) -> None:
        """Close every window."""
        for context in self._contexts:
            close(context)

    def await_key(self, desk: str) -> None:
        """Wait until a desk's key is published, before which nobody seals to it."""
        browser = Browser(self.installation.url)
        while not browser.ask(f"/api/v1/desks/{desk}/key")[1].get("proof"):
            time.sleep(0.1)

    # The database, as whoever has it all.

    def key_of(self, person: Person) -> Identity:
        """Return the key that somebody's password opens, by logging in as he does."""
        code, root = next_code(self.comes_later(person).totp_secret), self.installation.instance / "root.pub"
        ask = Browser(self.installation.url).ask
        return officer.log_in(ask, person.name, person.password, code, bytes.fromhex(root.read_text())).identity

    def sign_of(self, full_name: str) -> bytes | None:
        """Return the key by which somebody's signature counts, for whoever trusts the root alone."""
        root = bytes.fromhex((self.installation.instance / "root.pub").read_text())
        directory = Directory(root, [body for (body,) in self._read("SELECT body FROM statements")])
        [(officer_id,)] = self._read("SELECT id FROM officers WHERE full_name = ?", full_name)
        return directory.officer(officer_id).sign if directory.reason("officer", officer_id) is None else None

    def reach(self, key: Identity, complaint: str = "") -> set[Key]:
        """Return every key, or every one of a case, that this one opens, tried on each sealed copy there is."""
        return {found for found in reached(self._sealed(), [key]) if complaint in ("", found[1])}

    def copies_for(self, complaint: str) -> set[str]:
        """Return the officers to whom a key of a case is sealed, by their ids."""
        found = (row.recipient for row in self._sealed() if row.object == complaint and row.sealed)
        return {recipient.removeprefix("officer:") for recipient in found if recipient.startswith("officer:")}

    def _sealed(self) -> list[SealedKey]:
        rows = self._read(f"SELECT {', '.join(COLUMNS)} FROM sealed_keys")
        return [SealedKey(**dict(zip(COLUMNS, row, strict=True))) for row in rows]

    def _read(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        path = self.installation.instance / "kentongan.sqlite3"
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            return connection.execute(query, values).fetchall()


def epochs_of(complaint: str, *epochs: int) -> set[Key]:
    """Return the keys of a case, each in these epochs."""
    return {(kind, complaint, epoch) for kind in ("thread", "case") for epoch in epochs}


def lodged(town: Town, lead: Page, **answers: str) -> tuple[str, str]:
    """Lodge a complaint from a phone; return its phrase, and the number of its case in the lead's queue."""
    known = acting.numbers(lead)
    phrase = lodge_in_steps(town.phone(), {**ANSWERS, **answers})
    lead.goto("/petugas/")
    [number] = acting.numbers(lead) - known
    return phrase, number


def investigated(lead: Page, number: str, investigator: str) -> str:
    """Have the lead take a case and give it to an investigator; return the complaint's id."""
    enter(lead, number)
    acting.unseal(lead)
    acting.take(lead)
    acting.assign_with_plan(lead, investigator, "Periksa loket.", ["Memungut ongkos cetak."])
    return lead.locator("#case").get_attribute("data-case") or ""


def enter(page: Page, number: str) -> None:
    """Go to a case from the queue."""
    page.goto("/petugas/")
    acting.enter(page, number)


def reads(page: Page, number: str, *words: str) -> None:
    """Open a case from the queue, and read its account and whatever else was written."""
    enter(page, number)
    acting.unseal(page)
    for each in (ANSWERS["text"], *words):
        expect(page.locator("#story")).to_contain_text(each)
    expect(page.locator(".damaged")).to_have_count(0)


def knows_nothing_of(page: Page, number: str) -> None:
    """Find a case neither in the queue nor at its address."""
    page.goto("/petugas/")
    expect(page.locator("#logout")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text(number)
    page.goto(f"/petugas/perkara/{number}")
    expect(page.locator("main")).to_contain_text(NOT_HIS)


def is_out(page: Page) -> None:
    """Find that whoever sat here is logged in no longer."""
    page.goto("/petugas/")
    expect(page.get_by_label("Nama akun", exact=True)).to_be_visible()


def name_of(page: Page) -> str:
    """Return what colleagues call whoever sits here."""
    return page.locator(".who b").inner_text()


def compared(lead: Page, full_name: str, words: str) -> None:
    """Have a lead hear six words, find them on his screen, and vouch."""
    lead.goto("/petugas/orang")
    lead.get_by_role("button", name=f"Cocokkan sidik kunci {full_name}").press("Enter")
    expect(lead.locator("#compare-words")).to_have_text(words)
    # Not on a button: whoever keeps Enter pressed must not have vouched for anybody.
    expect(lead.locator("#compare-title")).to_be_focused()
    lead.get_by_role("button", name="Ya, keenam kata sama").click()
    expect(row_of(lead, full_name)).to_contain_text("Aktif")


def revoked(lead: Page, full_name: str) -> None:
    """Have a lead revoke somebody's keys."""
    lead.goto("/petugas/orang")
    lead.get_by_role("button", name=f"Cabut kunci {full_name}").press("Enter")
    expect(lead.locator("#revoke-title")).to_be_focused()
    lead.locator("#revoke-yes").click()
    expect(lead.get_by_role("button", name=f"Cabut kunci {full_name}")).to_have_count(0)


def row_of(page: Page, name: str) -> Locator:
    """Return the line of somebody in a list of people or accounts."""
    return page.get_by_role("row").filter(has_text=name)


def invited_anew(administrator: Page, person: Person) -> str:
    """Have the administrator invite somebody anew; return the link."""
    ask_for_an_invitation(administrator, person)
    return administrator.locator("#invitation").inner_text()


def ask_for_an_invitation(administrator: Page, person: Person) -> None:
    """Press the button by which somebody is invited anew."""
    administrator.goto("/petugas/akun")
    row = row_of(administrator, person.name)
    row.locator("summary").click()
    row.get_by_role("button", name="Buat undangan baru").click()


def reassigned(lead: Page, number: str, full_name: str) -> None:
    """Have the lead give a case to somebody else, or to the same officer again."""
    enter(lead, number)
    acting.unseal(lead)
    filled = acting.form(lead, "assign")
    acting.choose_officer(filled, full_name)
    acting.send(lead, filled, "Petugas ditunjuk.")


def renew_the_desks_key(lead: Page) -> None:
    """Do what every page asks a lead to do, since somebody could open the desk's key who leads no more."""
    lead.goto("/petugas/orang")
    asked = lead.get_by_role("complementary", name="Kunci meja")
    expect(asked).to_contain_text("Meja ini perlu kunci baru")
    expect(lead.locator("main")).not_to_contain_text("Meja ini belum punya kunci")
    asked.get_by_role("link", name="Buka halaman kunci meja").click()
    expect(lead.locator("main")).to_contain_text("Meja ini perlu kunci baru")
    assert_usable(lead)
    lead.get_by_role("button", name="Buat kunci baru").click()
    lead.get_by_role("button", name="Mulai menyegel ulang").click()
    expect(lead.get_by_text("Semua sudah disegel ulang")).to_be_visible()
    assert_usable(lead)
    lead.goto("/petugas/")
    expect(asked).to_have_count(0)


def give_up(page: Page) -> None:
    """Say that one's keys have leaked; forgetting to say that one is sure ends nothing."""
    page.goto("/petugas/saya")
    stop = page.get_by_role("button", name="Hentikan kunci saya")
    stop.click()
    expect(page.locator("#error-summary")).to_be_focused()
    assert_usable(page)
    page.locator("#error-summary").get_by_role("link", name="centang dulu").click()
    sure = page.get_by_label("Ya, kunci saya bocor.")
    expect(sure).to_be_focused()
    expect(sure).to_have_accessible_description(re.compile("belum dihentikan"))
    sure.check()
    stop.click()
    expect(page.get_by_role("heading", name="Kunci Anda sudah dihentikan")).to_be_visible()
    assert_usable(page)


def is_not_invited_before_his_keys_are_revoked(administrator: Page, owner: Person) -> None:
    """Have the administrator refused who would let somebody make new keys whose leaked ones are not revoked."""
    ask_for_an_invitation(administrator, owner)
    expect(administrator.locator("#error-summary")).to_contain_text("Kepala meja mencabutnya dahulu")
    expect(administrator.locator("#error-summary")).to_be_focused()
    assert_usable(administrator)
    expect(row_of(administrator, owner.name)).to_contain_text("Melaporkan kuncinya bocor")


def is_told_of_a_leak(lead: Page, name: str) -> None:
    """Find on a lead's pages that somebody's keys have leaked, and that he is the one to revoke them."""
    lead.goto("/petugas/")
    assert_usable(lead)
    notice = lead.get_by_label("Kunci bocor")
    expect(notice).to_contain_text("Seorang petugas melaporkan kuncinya bocor")
    notice.get_by_role("link", name="Buka halaman orang").click()
    expect(row_of(lead, name)).to_contain_text("Melaporkan kuncinya bocor")
    expect(lead.get_by_role("button", name=f"Cocokkan sidik kunci {name}")).to_have_count(0)
    assert_usable(lead)
