"""Everybody who may come to a door: strangers, reporters, and officers of every role and standing."""

import secrets
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from casework import accounts, logins
from casework.accounts import NewAccount
from casework.models import Officer
from casework.sessions import COOKIE as OFFICERS_COOKIE
from casework.terms import Role
from complaints import visits
from kernel.database import db, transaction
from kernel.vault import stretch
from tests.casework.office import activation_of, drawn
from tests.casework.test_acts import investigated
from tests.officer import Login
from tests.province import Province, Visitor

EVERYBODY = (
    "stranger", "reporter", "lead", "investigator", "reviewer", "overseer", "admin", "unvouched", "locked",
)  # fmt: skip


@dataclass
class Town:
    """The people of a province, and the case they have to do with: one under investigation at 33.08.

    ``reviewer`` is of another desk, ``unvouched`` has activated his account and nobody has compared his fingerprint,
    ``locked`` is the lead, his login locked; ``invited`` is an account nobody has activated; ``lead`` has the lead's
    keys.
    """

    province: Province
    officers: dict[str, str]
    phrase_key: bytes
    phrase: str
    number: str
    invited: str
    lead: Login

    def browser(self, who: str) -> Visitor:
        """Return the browser of one of ``EVERYBODY``, in a login or a visit that has just begun."""
        visitor = self.province.visitor()
        with self.province.app.app_context():
            if who == "reporter":
                _carry(visitor, visits.COOKIE, visits.begin(self.phrase_key))
            elif who != "stranger":
                _carry(visitor, OFFICERS_COOKIE, self._login(who).hex())
            db.session.remove()
        return visitor

    def take_another_case(self) -> None:
        """Have everybody to do with another case from now on: in one, a reporter may write and send only so much."""
        name, browser = self.province.named("lead", "33.08").name, self.browser("lead")
        # The login that was first begun may have been ended by anybody since.
        self.province.visitors[name], self.province.logins[name] = browser, replace(self.lead, ask=browser.ask)
        self.phrase, _complaint, self.number, _allegation = investigated(self.province)
        self.phrase_key = _key_of(self.phrase, self.province)

    def _login(self, who: str) -> bytes:
        with transaction() as session:
            token = logins.begin(session, self.officers["lead" if who == "locked" else who]).token
        if who == "locked":
            logins.lock(token)
        return token

    def address(self, rule: str) -> str:
        """Return an address of a rule, with what there really is in place of its variables."""
        values = {"<number>": self.number, "<desk>": "33.08", "<officer_id>": self.invited, "<day>": "2026-12-28"}
        values |= {"<file>": "0" * 32, "<int:first>": "1", "<int:last>": "1"}
        for variable, value in values.items():
            rule = rule.replace(variable, value)
        return rule


def _carry(visitor: Visitor, name: str, value: str) -> None:
    visitor.client.set_cookie(name, value, domain="localhost", secure=True)


def settle(province: Province) -> Town:
    """Make the case, and the accounts that a demo has not."""
    phrase, _complaint, number, _allegation = investigated(province)
    with province.app.app_context():
        officers = {
            "lead": _named("kepala.33.08"), "investigator": _named("pemeriksa1.33.08"),
            "reviewer": _named("peninjau1.33.74"), "overseer": _named("pengawas"),
            "admin": _named("administrator"), "unvouched": _activated(),
        }  # fmt: skip
        invited = accounts.invite(_account(Role.INVESTIGATOR)).officer_id
        db.session.remove()
    phrase_key = _key_of(phrase, province)
    return Town(province, officers, phrase_key, phrase, number, invited, province.log_in("lead"))


def _key_of(phrase: str, province: Province) -> bytes:
    return stretch(phrase, province.app.extensions["kentongan.settings"].salt)


def _named(name: str) -> Any:
    return db.session.scalars(select(Officer.id).where(Officer.name == name)).one()


def _account(role: Role) -> NewAccount:
    return NewAccount(f"baru-{secrets.token_hex(4)}", "Orang Baru", role, "33.08")


def _activated() -> str:
    account = _account(Role.LEAD)
    member = drawn(accounts.invite(account).token, account)
    # This clock is the real one: the code before the present one may be out of date by the time it is looked at.
    accounts.activate(activation_of(member, code=member.code()))
    return member.id
