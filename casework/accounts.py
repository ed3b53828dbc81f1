"""Accounts: how they begin, how their owner makes his keys, and how he logs in (formats §4)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casework import logins, throttle
from casework.logins import KEYLESS, WORKING, Begun
from casework.models import Officer
from casework.terms import Role
from kernel import clock
from kernel.database import db, transaction
from kernel.i18n import gettext as _
from kernel.refusal import Conflict, Forbidden, Missing, Refused
from kernel.vault import Recipient, Unreadable, box, context, derive, totp, unbox
from kernel.web import current_settings

INVITATION_LASTS = timedelta(hours=72)
TOKEN_BYTES = 32
ID_BYTES = 16
AUTH_BYTES = 32
SEED_BOX_BYTES = 1 + 12 + 32 + 16
NOT_YET_WORKING = ("invited", "activated")


class NameTaken(Conflict):
    """Another account has this name."""


class InvitationOver(Missing):
    """There is no such invitation, or it has been used, replaced, or is older than 72 hours."""

    def __init__(self) -> None:
        super().__init__(_("Undangan ini tidak berlaku lagi. Minta undangan baru kepada administrator."))


class WrongCode(Refused):
    """The six digits are not those of the authenticator, now."""

    def __init__(self) -> None:
        super().__init__(_("Kode tidak cocok. Periksa jam HP Anda, lalu tulis kode yang sedang tampil."))


class WrongKeys(Refused):
    """What the browser made does not have the sizes of officers' keys, or the role has none."""

    status = 400

    def __init__(self) -> None:
        super().__init__(_("Kunci yang dibuat peramban tidak lengkap. Muat ulang halaman, lalu mulai lagi."))


class WrongLogin(Refused):
    """Name, password or code is wrong; nobody is told which."""

    status = 401

    def __init__(self) -> None:
        super().__init__(_("Nama, kata sandi, atau kode tidak cocok. Periksa lagi; kode hanya dapat dipakai sekali."))


class WrongPassword(Forbidden):
    """A locked login was not given its password."""

    def __init__(self) -> None:
        super().__init__(_("Kata sandi tidak cocok. Periksa lagi keenam katanya."))


@dataclass(frozen=True)
class NewAccount:
    """Who is invited. ``desk_id`` is ``None`` for roles that have no desk."""

    name: str
    full_name: str
    role: Role
    desk_id: str | None


@dataclass(frozen=True)
class Invitation:
    """An account's way in: the token (32 bytes) is in the link alone, here only its hash is kept."""

    officer_id: str
    token: bytes = field(repr=False)
    until: datetime


@dataclass(frozen=True)
class Activation:
    """What the browser of an invited officer has made. Roles without keys have neither ``kem``, ``sign`` nor box."""

    token: bytes = field(repr=False)
    auth: bytes = field(repr=False)
    code: str = field(repr=False)
    kem: bytes | None
    sign: bytes | None
    seed_box: bytes | None


@dataclass(frozen=True)
class Attempt:
    """What is posted to log in: ``browser`` is the cookie of a known one, where there is any."""

    name: str
    auth: bytes = field(repr=False)
    code: str = field(repr=False)
    browser: str | None = None


@dataclass(frozen=True)
class LoggedIn:
    """A login that succeeded, and the box that only its password opens."""

    officer_id: str
    role: Role
    seed_box: bytes | None
    begun: Begun


@dataclass(frozen=True)
class Unlocked:
    """A login that was locked and is open again."""

    seed_box: bytes | None
    seed_key: bytes = field(repr=False)


def invite(account: NewAccount) -> Invitation:
    """Make an account and its invitation; raises ``NameTaken``."""
    with transaction() as session:
        return add_account(session, account)


def add_account(session: Session, account: NewAccount) -> Invitation:
    """Make an account and its invitation in the caller's transaction; raises ``NameTaken``."""
    officer = Officer(
        id=secrets.token_hex(ID_BYTES), name=account.name, full_name=account.full_name,
        role=account.role, desk_id=account.desk_id, status="invited", totp_step=0,
    )  # fmt: skip
    invitation = _draw_invitation(officer)
    try:
        with session.begin_nested():
            session.add(officer)
    except IntegrityError:
        raise NameTaken(_("Nama akun ini sudah dipakai. Pilih nama lain.")) from None
    return invitation


def invite_again(officer_id: str) -> Invitation:
    """Replace the invitation, and whatever keys came of it, of an account that nobody has vouched for yet."""
    with transaction() as session:
        officer = session.scalar(select(Officer).where(Officer.id == officer_id).with_for_update())
        if officer is None or officer.status not in NOT_YET_WORKING:
            raise Missing(_("Akun ini tidak ada, atau sudah dicocokkan dan tidak dapat diundang lagi."))
        officer.status, officer.auth_hash, officer.totp_box, officer.totp_step = "invited", None, None, 0
        officer.kem, officer.sign, officer.seed_box = None, None, None
        logins.forget_all(session, officer_id)
        return _draw_invitation(officer)


def every_account() -> list[Officer]:
    """Return the accounts of all who have not left, by name."""
    return list(db.session.scalars(select(Officer).where(Officer.status != "left").order_by(Officer.name)))


def open_invitation(session: Session, token: bytes) -> tuple[Officer, bytes]:
    """Return the invited account and its authenticator's secret (20 bytes), drawn when it is first asked for.

    Asked again it is the same secret: who reloads the page has already put it into his authenticator.
    """
    officer = _invited(session, token)
    if officer.totp_box is None:
        officer.totp_box = box(totp.new_secret(), _totp_key(), _totp_context(officer))
    return officer, _totp_secret(officer)


def begin_activation(token: bytes) -> tuple[Officer, bytes]:
    """Do as ``open_invitation`` in a transaction; raises ``InvitationOver``."""
    with transaction() as session:
        return open_invitation(session, token)


def activate(activation: Activation) -> str:
    """Keep what the browser of an invited officer has made; return the account's name. The invitation is then used up.

    Raises ``InvitationOver``, ``WrongCode`` and ``WrongKeys``.
    """
    with transaction() as session:
        return session.get_one(Officer, keep_activation(session, activation)).name


def keep_activation(session: Session, activation: Activation) -> str:
    """Do as ``activate`` in the caller's transaction; return the officer's id."""
    officer, secret = open_invitation(session, activation.token)
    _check_keys(Role(officer.role), activation)
    step = totp.verify(secret, activation.code, clock.now(), officer.totp_step)
    if step is None:
        raise WrongCode
    officer.kem, officer.sign, officer.seed_box = activation.kem, activation.sign, activation.seed_box
    officer.auth_hash, officer.totp_step = hashlib.sha256(activation.auth).digest(), step
    officer.status, officer.invitation_hash, officer.invitation_until = "activated", None, None
    return officer.id


def log_in(attempt: Attempt) -> LoggedIn:
    """Begin a login for name, password and code; raises ``WrongLogin``, or ``TooSoon`` before its time has come.

    A name that does not exist is answered alike, after the same work.
    """
    lanes = throttle.login_lanes(attempt.name, attempt.browser)
    # The failure is part of what is written: refusals are raised only after the transaction.
    with transaction() as session:
        seconds = throttle.wait(session, lanes)
        logged_in = None if seconds else _judge(session, attempt)
        if not seconds:
            note = throttle.succeeded if logged_in else throttle.failed
            note(session, lanes)
    if seconds:
        raise throttle.TooSoon(seconds)
    if logged_in is None:
        raise WrongLogin
    return logged_in


def unlock(officer_id: str, token: bytes, auth: bytes) -> Unlocked:
    """Open a locked login by its password; raises ``WrongPassword`` or ``TooSoon``."""
    lanes = throttle.unlocking_lanes(token)
    with transaction() as session:
        seconds = throttle.wait(session, lanes)
        officer = session.get_one(Officer, officer_id)
        right = not seconds and _is_password(officer.auth_hash, auth)
        if not seconds:
            note = throttle.succeeded if right else throttle.failed
            note(session, lanes)
        seed_key = logins.unlock(session, token) if right else b""
    if seconds:
        raise throttle.TooSoon(seconds)
    if not right:
        raise WrongPassword
    return Unlocked(officer.seed_box, seed_key)


def _draw_invitation(officer: Officer) -> Invitation:
    token, until = secrets.token_bytes(TOKEN_BYTES), clock.now() + INVITATION_LASTS
    officer.invitation_hash, officer.invitation_until = hashlib.sha256(token).digest(), until
    return Invitation(officer.id, token, until)


def _invited(session: Session, token: bytes) -> Officer:
    query = select(Officer).where(
        Officer.invitation_hash == hashlib.sha256(token).digest(),
        Officer.invitation_until > clock.now(),
    )
    officer = session.scalar(query.with_for_update())
    if officer is None:
        raise InvitationOver
    return officer


def _check_keys(role: Role, activation: Activation) -> None:
    made = (activation.kem, activation.sign, activation.seed_box)
    if role in KEYLESS:
        if any(made):
            raise WrongKeys
        return
    if None in made:
        raise WrongKeys
    try:
        Recipient.from_bytes(activation.kem or b"")
    except Unreadable:
        raise WrongKeys from None


def _judge(session: Session, attempt: Attempt) -> LoggedIn | None:
    query = select(Officer).where(Officer.name == attempt.name, Officer.status.in_(WORKING)).with_for_update()
    officer = session.scalar(query)
    step = _step(officer, attempt)
    right = _is_password(officer.auth_hash if officer else None, attempt.auth)
    if officer is None or not right or step is None:
        return None
    # The row is locked: of two logins with one code at the same moment, the second finds the step used.
    session.execute(update(Officer).where(Officer.id == officer.id).values(totp_step=step))
    return LoggedIn(officer.id, Role(officer.role), officer.seed_box, logins.begin(session, officer.id))


def _is_password(auth_hash: bytes | None, auth: bytes) -> bool:
    nobody = bytes(hashlib.sha256().digest_size)
    return hmac.compare_digest(hashlib.sha256(auth).digest(), auth_hash or nobody)


def _step(officer: Officer | None, attempt: Attempt) -> int | None:
    """Return the step whose code was given; the code is computed for a name that does not exist, too."""
    secret, last = (_totp_secret(officer), officer.totp_step) if officer else (bytes(totp.SECRET_BYTES), 0)
    return totp.verify(secret, attempt.code, clock.now(), last)


def _totp_secret(officer: Officer) -> bytes:
    return unbox(officer.totp_box or b"", _totp_key(), _totp_context(officer))


def _totp_context(officer: Officer) -> bytes:
    return context("totp", object_=officer.id, recipient="instance")


def _totp_key() -> bytes:
    return derive(current_settings().secret, "kentongan/v1/instance/totp")
