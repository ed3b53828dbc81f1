"""Officers for the tests: accounts with real keys, made and vouched for by the services, as browsers and leads do it.

Only the stretching of passwords is left out: an account's auth token is drawn.
"""

import base64
import secrets
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from casework import accounts, vouching
from casework.accounts import Activation, NewAccount
from casework.logins import KEYLESS
from casework.terms import Role
from casework.vouching import DeskKey, DeskKeyCopy, Vouching
from kernel import clock
from kernel.database import db, transaction
from kernel.directory import statements
from kernel.directory.directory import Directory
from kernel.directory.queries import current_directory
from kernel.directory.services import add_statement, keep_public_key
from kernel.directory.statements import Statement
from kernel.vault import Identity, Recipient, SigningKey, box, context, officer_keys, seal, totp

ROOT_SEED, RECOVERY_SEED = bytes(31) + b"\1", bytes(31) + b"\2"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)

    def now(self) -> datetime:
        """Return the moment it shows."""
        return self.moment

    def move(self, **how: float) -> None:
        """Move it on, in the words of ``timedelta``."""
        self.moment += timedelta(**how)


@dataclass
class Member:
    """An officer with everything that is his: what he knows, carries and holds."""

    id: str
    account: NewAccount
    auth: bytes
    totp_secret: bytes
    seed: bytes
    identity: Identity
    sign: SigningKey
    token: bytes = field(default=b"")

    def code(self) -> str:
        """Return the code his authenticator shows."""
        return totp.code(self.totp_secret, clock.now())

    def wrong_code(self) -> str:
        """Return six digits that his authenticator has not just shown, nor will show in the next two minutes."""
        begun = clock.now() - timedelta(seconds=totp.SECONDS)
        shown = {totp.code(self.totp_secret, begun + turn * timedelta(seconds=totp.SECONDS)) for turn in range(7)}
        return next(digit * 6 for digit in "01234567" if digit * 6 not in shown)

    def attempt(self, **other: Any) -> dict[str, Any]:
        """Return what his browser posts to log in."""
        posted = {"name": self.account.name, "auth": base64_of(self.auth), "totp": self.code()}
        return posted | other


@dataclass
class Office:
    """A root, and whoever joins."""

    root: SigningKey
    recovery: Identity

    @staticmethod
    def root_public() -> bytes:
        """Return the public key of every office's root."""
        return SigningKey.from_seed(ROOT_SEED).public

    @classmethod
    def founded(cls, *desks: tuple[str, str | None, str]) -> "Office":
        """Found the tree of ``desks`` (id, parent, remit)."""
        office = cls(SigningKey.from_seed(ROOT_SEED), Identity.from_seed(RECOVERY_SEED))
        with transaction() as session:
            for desk, parent, remit in desks:
                office.state(session, "desk", desk, parent=parent, remit=remit)
            office.state(session, "recovery", "recovery", kem=office.recovery.recipient.digest)
            keep_public_key(session, office.recovery.recipient)
        return office

    def state(self, session: Any, kind: str, subject: str, **said: Any) -> None:
        """Have the root say something."""
        add_statement(session, self.root.public, statements.sign(statement(kind, subject, **said), self.root))

    def invite(self, name: str, role: Role, desk: str | None) -> accounts.Invitation:
        """Do what an administrator does."""
        return accounts.invite(NewAccount(name, name.title(), role, desk))

    def activated(self, name: str, role: Role, desk: str | None) -> Member:
        """Return somebody who has activated his account, vouched for by nobody."""
        token = self.invite(name, role, desk).token
        member = drawn(token, NewAccount(name, name.title(), role, desk))
        accounts.activate(activation_of(member))
        return member

    def vouched(self, name: str, role: Role, desk: str, lead: "Member | None" = None) -> Member:
        """Return somebody ``lead`` (or the root) has vouched for."""
        member = self.activated(name, role, desk)
        issuer = lead.id if lead else ""
        with transaction() as session:
            vouching.keep_vouching(session, self.root.public, issuer, Vouching(self.statement_on(member, lead)))
        return member

    def statement_on(self, member: Member, lead: Member | None = None, **other: Any) -> str:
        """Return the signed statement on a member's keys."""
        said = {
            "issuer": f"officer:{lead.id}" if lead else "root",
            "desk": member.account.desk_id,
            "remit": member.account.role.value,
            "kem": member.identity.recipient.digest,
            "sign": member.sign.public.hex(),
        }
        return statements.sign(statement("officer", member.id, **(said | other)), lead.sign if lead else self.root)

    def desk_key(self, lead: Member, **known: Recipient) -> tuple[DeskKey, Identity]:
        """Return the first key of a lead's desk, sealed to whom it must be; ``known`` are desks' keys, by id."""
        desk = str(lead.account.desk_id)
        seed = secrets.token_bytes(32)
        key = Identity.from_seed(seed)
        body = statements.sign(
            statement("epoch", desk, issuer=f"officer:{lead.id}", kem=key.recipient.digest), lead.sign
        )
        holders = {f"officer:{lead.id}": lead.identity.recipient, "recovery": self.recovery.recipient} | {
            f"desk:{name}:1": recipient for name, recipient in known.items()
        }
        names = vouching.recipients_of(directory_now(), desk)
        copies = [desk_copy(desk, name, seed, holders[name]) for name in names]
        return DeskKey(body, key.recipient.raw, copies), key


def look_again() -> None:
    """Let the test's own reading see what has been written since it last looked."""
    db.session.rollback()


def directory_now() -> Directory:
    """Return the directory as it stands now."""
    look_again()
    return current_directory()


def desk_copy(desk: str, name: str, seed: bytes, recipient: Recipient) -> DeskKeyCopy:
    """Return a desk's seed sealed to one recipient."""
    where = context("desk-key", object_=desk, epoch=1, recipient=name)
    return DeskKeyCopy(desk, 1, name, seal(seed, recipient, where))


def statement(kind: str, subject: str, **said: Any) -> Statement:
    """Return a statement with what is said, and nothing else."""
    silent = dict.fromkeys(("desk", "parent", "remit", "kem", "sign"))
    rest = {"version": 1, "status": "active", "issued": clock.today(), "issuer": "root"}
    return Statement(kind=kind, subject=subject, **(silent | rest | said))


def drawn(token: bytes, account: NewAccount) -> Member:
    """Do what the browser of an invited officer does: open the invitation, draw a seed."""
    officer, secret = accounts.begin_activation(token)
    seed = secrets.token_bytes(32)
    identity, sign = officer_keys(seed)
    return Member(officer.id, account, secrets.token_bytes(32), secret, seed, identity, sign, token)


def activation_of(member: Member, **other: Any) -> Activation:
    """Return what an invited officer's browser posts last; roles without keys post none."""
    boxed = box(member.seed, member.auth, context("officer-seed", object_=member.id, recipient="password"))
    keys = {"kem": member.identity.recipient.raw, "sign": member.sign.public, "seed_box": boxed}
    if member.account.role in KEYLESS:
        keys = dict.fromkeys(keys)
    early = totp.code(member.totp_secret, clock.now() - timedelta(seconds=totp.SECONDS))
    return Activation(**({"token": member.token, "auth": member.auth, "code": early} | keys | other))


class Browser:
    """A browser at one address, with a cookie jar of its own."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def post(self, address: str, body: Any = None) -> TestResponse:
        """Post JSON from one of our pages."""
        return self.ask("POST", address, json={} if body is None else body, headers=SAME_ORIGIN)

    def submit(self, address: str, **fields: str) -> TestResponse:
        """Send a form from one of our pages."""
        return self.ask("POST", address, data=fields, headers=SAME_ORIGIN)

    def visit(self, address: str) -> TestResponse:
        """Open a page."""
        return self.ask("GET", address)

    def fetch(self, address: str) -> TestResponse:
        """Fetch something, as the script of a page does."""
        return self.ask("GET", address, headers=SAME_ORIGIN | {"Sec-Fetch-Mode": "cors"})

    def ask(self, method: str, address: str, **how: Any) -> TestResponse:
        """Ask in a context of its own: under the test's, a request would find what the one before left in ``g``."""
        return Context().run(self.client.open, address, method=method, **how)

    def cookie(self, name: str) -> str | None:
        """Return a cookie's value."""
        found = self.client.get_cookie(name)
        return found.value if found else None

    def log_in(self, member: Member) -> dict[str, Any]:
        """Log a member in."""
        answer = self.post("/petugas/masuk", member.attempt())
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})


def base64_of(content: bytes) -> str:
    """Write bytes as JSON carries them."""
    return base64.b64encode(content).decode()


def stop_clock(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Put a watch in place of the clock."""
    watch = Watch()
    monkeypatch.setattr(clock, "now", watch.now)
    return watch
