"""What there really is at an address with variables: a case, its files, an account, a day, and what the log shows."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property

from sqlalchemy import select

from casework import accounts
from casework.accounts import NewAccount
from casework.sessions import ROOM
from casework.terms import Role
from kernel import clock
from kernel.database import db
from kernel.vault import keys_of
from ledger.models import PublicEntry
from tests import client, officer
from tests.client import Sealing
from tests.house.people import Town
from tests.house.posts import begun_file

SCRAP = b"Kuitansi"
# With which a public entry ends.
DIGEST_BYTES = 32


@dataclass
class There:
    """What stands for the variables of one rule, each made when it is first asked for."""

    people: Town
    method: str
    rule: str

    def values(self) -> dict[str, str]:
        """Return what there really is in the place of each variable."""
        makers: dict[str, Callable[[], str]] = {
            # Before the number: it comes with a case of its own.
            "<file>": lambda: self.file.id,
            "<number>": lambda: self.people.number,
            "<desk>": lambda: "33.08",
            "<officer_id>": self._invited,
            "<day>": lambda: (clock.today() + timedelta(days=30)).isoformat(),
            "<int:first>": lambda: "1",
            "<int:last>": lambda: "1",
            "<name>": self._keepsake,
            "<path:path>": self._tile,
            "<digest>": self._public,
        }
        return {name: make() for name, make in makers.items() if name in self.rule}

    @cached_property
    def file(self) -> Sealing:
        """Return the file that is asked for: one that was just begun, or that was sent, and opened on record.

        It is another case's: one bears only so many files that wait, and messages that nobody has heard.
        """
        self.people.take_another_case()
        if self.method == "PUT" or self.rule.endswith("/hapus"):
            return self._begun_by_officer() if self.rule.startswith(ROOM) else begun_file(self.people)
        return self._opened()

    def _begun_by_officer(self) -> Sealing:
        ask = self.people.browser("lead").ask
        case = officer.open_case(replace(self.people.lead, ask=ask), self.people.number)
        file = officer.seal_evidence(case, SCRAP)
        client.asked(ask, f"{ROOM}/perkara/{self.people.number}/bukti", file.opening)
        return file

    def _opened(self) -> Sealing:
        browser = self.people.province.visitor()
        seen = client.visit(keys_of(self.people.phrase_key), browser.ask)
        file = client.send_file(seen, SCRAP, browser.ask, browser.put)
        client.act(seen, "message", "", browser.ask, files=[file])
        lead, page = self.people.browser("lead"), f"{ROOM}/perkara/{self.people.number}"
        client.asked(lead.ask, f"{page}/buka", {})
        client.asked(lead.ask, f"{page}/bukti/{file.id}/buka", officer.EXAMINE)
        return file

    def _invited(self) -> str:
        """Return an account that may be closed, or invited anew, as often as anybody likes."""
        with self.people.province.app.app_context():
            account = NewAccount(f"baru-{secrets.token_hex(4)}", "Orang Baru", Role.INVESTIGATOR, "33.08")
            officer_id = accounts.invite(account).officer_id
            db.session.remove()
        return officer_id

    def _keepsake(self) -> str:
        page = self.people.browser("reporter").post("/lacak/bukti").get_data(as_text=True)
        return next(iter(re.findall(r'href="/lacak/bukti/([^"]+)"', page)), "")

    def _tile(self) -> str:
        """Return the newest tile of entries, as the checkpoint has them."""
        note = self.people.browser("stranger").get("/log/checkpoint").get_data(as_text=True)
        tile, width = divmod(int(note.split("\n")[1]), 256)
        return f"entries/{tile:03}.p/{width}" if width else f"entries/{tile - 1:03}"

    def _public(self) -> str:
        with self.people.province.app.app_context():
            entry = db.session.scalars(select(PublicEntry.entry).limit(1)).first()
            db.session.remove()
        return entry[-DIGEST_BYTES:].hex() if entry else ""
