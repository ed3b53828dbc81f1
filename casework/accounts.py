"""Accounts: how they begin, how their owner makes his keys, and how he logs in (formats §4)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casework import logins, throttle
from casework.logins import KEYLESS, LEFT, WORKING, Begun
from casework.lost_keys import delete_copies, empty_copies
from casework.models import Officer
from casework.terms import Role
from kernel import clock
from kernel.database import db, transaction
from kernel.directory.directory import Directory
from kernel.directory.queries import directory_in
from kernel.i18n import gettext as _
from kernel.refusal import Conflict, Forbidden, Missing, Refused
from kernel.vault import Recipient, Unreadable, box, context, derive, totp, unbox
from kernel.web import current_settings

INVITATION_LASTS = timedelta(hours=72)
TOKEN_BYTES = 32
ID_BYTES = 16
AUTH_BYTES = 32
SEED_BOX_BYTES = 1 + 12 + 32 + 16
T = TypeVar("T")


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


class KeysTaken(Conflict):
    """Another account has one of these keys: who signs for one would sign for both."""

    def __init__(self) -> None:
        super().__init__(_("Kunci ini sudah dipakai akun lain. Minta undangan baru, lalu buat kunci sendiri."))


class OwnAccount(Conflict):
    """Nobody ends his own account, or takes his own way in: there might be no other administrator."""

    def __init__(self) -> None:
        super().__init__(_("Akun sendiri tidak dapat diundang ulang atau ditutup. Minta administrator lain."))


class LeakStands(Conflict):
    """Leaked keys are revoked before their owner makes others, by which his cases' are not renewed, or is forgotten."""

    def __init__(self) -> None:
        sentence = _("Pemiliknya melaporkan kuncinya bocor. Kepala meja mencabutnya dahulu, baru undang atau tutup.")
        super().__init__(sentence)


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
class NewPassword:
    """A password drawn anew: what logs in by the old and by the new one, and the same seed boxed under the new."""

    old: bytes = field(repr=False)
    auth: bytes = field(repr=False)
    seed_box: bytes | None


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


def invite_again(officer_id: str, by: str = "") -> Invitation:
    """Begin an account anew: its logins, keys and password end, and whatever was sealed to its keys is destroyed.

    What is vouched for stays so until a lead's next statement, for whoever still has the former keys cannot log in by
    them. Raises ``Missing``, ``OwnAccount`` and ``LeakStands``.
    """
    with transaction() as session:
        officer = _account(session, officer_id, by)
        end_keys(session, officer)
        return _draw_invitation(officer)


def _is_a_leads_to_revoke(directory: Directory, officer: Officer) -> bool:
    """Tell whether a lead speaks of an officer: of the lead of a desk with none above only the custodians do.

    They revoke for good; by their word on his new keys the former ones end, and his desk's key and its cases' are due.
    """
    desk = directory.desks().get(officer.desk_id or "")
    return not (officer.role == Role.LEAD and desk and desk.parent is None)


def give_up(officer_id: str) -> None:
    """End an officer's own keys, which he says have leaked: a lead of his is told, and revokes them."""
    with transaction() as session:
        end_keys(session, session.scalars(select(Officer).where(Officer.id == officer_id).with_for_update()).one())


def end_keys(session: Session, officer: Officer) -> None:
    """End an account's logins, keys and password, in the caller's transaction; only a new invitation begins it anew."""
    _forget(session, officer)
    empty_copies(session, officer.id)
    officer.status, officer.invitation_hash, officer.invitation_until = "invited", None, None


def is_uninvited(officer: Officer) -> bool:
    """Tell whether an account waits for an invitation: it has none, or one that has run out."""
    until = officer.invitation_until
    return officer.status == "invited" and (until is None or clock.utc(until) <= clock.now())


def leave(officer_id: str, by: str) -> None:
    """Close the account of somebody who has left: his logins end, and every copy of a key that was his is deleted.

    That his signature counts no more is for a lead to state. Raises ``Missing``, ``OwnAccount`` and ``LeakStands``.
    """
    with transaction() as session:
        close(session, _account(session, officer_id, by))


def close(session: Session, officer: Officer) -> None:
    """Do as ``leave`` in the caller's transaction, with an account it has locked."""
    kem, sign = officer.kem, officer.sign
    _forget(session, officer)
    delete_copies(session, officer.id)
    # Public, and still needed: the statement that revokes them names them.
    officer.status, officer.kem, officer.sign = LEFT, kem, sign
    officer.invitation_hash, officer.invitation_until = None, None


def _account(session: Session, officer_id: str, by: str) -> Officer:
    officer = session.scalar(select(Officer).where(Officer.id == officer_id).with_for_update())
    if officer is None or officer.status == LEFT:
        raise Missing(_("Akun ini tidak ada, atau sudah ditutup."))
    if officer.id == by:
        raise OwnAccount
    if officer.id in logins.given_up(session) and _is_a_leads_to_revoke(directory_in(session), officer):
        raise LeakStands
    return officer


def _forget(session: Session, officer: Officer) -> None:
    officer.auth_hash, officer.totp_box, officer.totp_step = None, None, 0
    officer.kem, officer.sign, officer.seed_box = None, None, None
    logins.forget_all(session, officer.id)


def every_account() -> list[Officer]:
    """Return the accounts of all who have not left, by name."""
    return list(db.session.scalars(select(Officer).where(Officer.status != LEFT).order_by(Officer.name)))


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
    if is_taken(session, officer.id, activation.kem, activation.sign):
        raise KeysTaken
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


def is_taken(session: Session, officer_id: str, kem: bytes | None, sign: bytes | None) -> bool:
    """Tell whether another account, also one that is closed, has one of these public keys."""
    others = select(Officer.id).where(Officer.id != officer_id, or_(Officer.kem == kem, Officer.sign == sign))
    return kem is not None and session.scalar(others.limit(1)) is not None


def unlock(officer_id: str, token: bytes, auth: bytes) -> Unlocked:
    """Open a locked login by its password; raises ``WrongPassword`` or ``TooSoon``."""

    def open_again(session: Session, officer: Officer) -> Unlocked:
        return Unlocked(officer.seed_box, logins.unlock(session, token))

    return _by_password(officer_id, token, auth, open_again)


def change_password(officer_id: str, token: bytes, change: NewPassword) -> None:
    """Put a new password in the place of an old one, and end every other login of this officer.

    Raises ``WrongPassword``, ``TooSoon`` and ``WrongKeys``.
    """

    def replace_it(session: Session, officer: Officer) -> None:
        if (officer.seed_box is None) != (change.seed_box is None):
            raise WrongKeys
        officer.auth_hash, officer.seed_box = hashlib.sha256(change.auth).digest(), change.seed_box
        logins.forget_others(session, officer_id, token)

    _by_password(officer_id, token, change.old, replace_it)


def _by_password(officer_id: str, token: bytes, auth: bytes, act: Callable[[Session, Officer], T]) -> T:
    lanes = throttle.unlocking_lanes(token)
    done = None
    # The failure is part of what is written: refusals are raised only after the transaction.
    with transaction() as session:
        seconds = throttle.wait(session, lanes)
        officer = session.scalars(select(Officer).where(Officer.id == officer_id).with_for_update()).one()
        right = not seconds and _is_password(officer.auth_hash, auth)
        if not seconds:
            note = throttle.succeeded if right else throttle.failed
            note(session, lanes)
        if right:
            done = (act(session, officer),)
    if seconds:
        raise throttle.TooSoon(seconds)
    if done is None:
        raise WrongPassword
    return done[0]


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
