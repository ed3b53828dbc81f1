"""Logins: rows that can be revoked, each found by the hash of a random token."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from casework.models import Officer, OfficerSession
from casework.terms import Role
from kernel import clock, jobs
from kernel.database import Reader, db, transaction
from kernel.directory.directory import Directory, NotVouched
from kernel.directory.queries import directory_in
from kernel.i18n import gettext as _
from kernel.refusal import Refused

TOKEN_BYTES = 32
SEED_KEY_BYTES = 32
LASTS = timedelta(hours=12)
IDLE = timedelta(minutes=15)
SEEN_EVERY = timedelta(minutes=1)
# The kind of the job that forgets what is idle or over, and its one subject.
SWEEP, EVERY = "logins", "all"
WORKING = ("activated", "vouched")
LEFT = "left"
KEYLESS = frozenset({Role.OVERSEER, Role.ADMINISTRATOR})


class NotLoggedIn(Refused):
    """Nobody is logged in, or no longer."""

    status = 401

    def __init__(self) -> None:
        super().__init__(_("Anda belum masuk, atau waktu masuk Anda sudah habis. Silakan masuk lagi."))


@dataclass(frozen=True)
class Begun:
    """A login just begun: the cookie's token, and the key for the seed in the browser's storage (32 bytes each)."""

    token: bytes = field(repr=False)
    seed_key: bytes = field(repr=False)


@dataclass(frozen=True)
class CurrentOfficer:
    """Who is logged in, as Flask-Login wants users to be.

    ``role`` is the one that counts: ``None`` until a statement vouches for the account's keys, desk and role. ``desks``
    are those whose cases a lead knows of: his own and those right below it; others know of none by their desk.
    ``seed_key`` is ``None`` while the login is locked; ``unseen`` says that its last sign of life is a minute old.
    """

    id: str
    name: str
    full_name: str
    role: Role | None
    desk_id: str | None
    desks: tuple[str, ...]
    token: bytes = field(repr=False)
    seed_key: bytes | None = field(repr=False)
    unseen: bool

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return what names this login, not the officer: the random token of its cookie, in hex."""
        return self.token.hex()


def begin(session: Session, officer_id: str) -> Begun:
    """Begin a login with a token and a seed key of its own."""
    _forget_the_idle(session)
    begun = Begun(secrets.token_bytes(TOKEN_BYTES), secrets.token_bytes(SEED_KEY_BYTES))
    now = clock.now()
    row = OfficerSession(
        id=row_id(begun.token), officer_id=officer_id, seed_key=begun.seed_key, begun_at=now, seen_at=now
    )
    session.add(row)
    session.flush()
    _sweep_later(session)
    return begun


def officer_of(token: bytes) -> CurrentOfficer | None:
    """Return whose login ``token`` is; ``None`` when there is none, when its 12 hours are over, or he has left."""
    now = clock.now()
    query = (
        select(
            Officer,
            OfficerSession.seed_key,
            (OfficerSession.seen_at < now - IDLE).label("idle"),
            (OfficerSession.seen_at < now - SEEN_EVERY).label("unseen"),
        )
        .join(OfficerSession, OfficerSession.officer_id == Officer.id)
        .where(OfficerSession.id == row_id(token), OfficerSession.begun_at > now - LASTS, Officer.status.in_(WORKING))
    )
    # A session of its own: the request's would go on showing what it saw before the view's own commit.
    with Session(db.engine) as session:
        found = session.execute(query).one_or_none()
        if found is None:
            return None
        officer, seed_key, idle, unseen = found
        directory = directory_in(session)
    role = standing_role(directory, officer)
    return CurrentOfficer(
        id=officer.id, name=officer.name, full_name=officer.full_name, role=role, desk_id=officer.desk_id,
        desks=desks_known(directory, role, officer.desk_id), token=token, seed_key=None if idle else seed_key,
        unseen=unseen,
    )  # fmt: skip


def desks_known(directory: Directory, role: Role | None, desk: str | None) -> tuple[str, ...]:
    """Return the desks whose cases somebody knows of: a lead his own desk's and those of the desks right below it."""
    return (desk, *directory.children(desk)) if role is Role.LEAD and desk is not None else ()


def standing_role(directory: Directory, officer: Officer) -> Role | None:
    """Return the role that counts: of those who hold keys, only the one a statement vouches for.

    Whoever can write to the table of accounts can make himself neither a lead nor the owner of another's statement.
    """
    if officer.role in KEYLESS:
        return Role(officer.role)
    try:
        vouched = directory.officer(officer.id)
    except NotVouched:
        return None
    kem_digest = hashlib.sha256(officer.kem or b"").hexdigest()
    claimed = (officer.role, officer.desk_id, officer.sign, kem_digest)
    return Role(officer.role) if claimed == (vouched.role, vouched.desk, vouched.sign, vouched.kem_digest) else None


def given_up(session: Reader) -> frozenset[str]:
    """Return the ids of the officers who have said that their keys leaked, and whose keys nobody has revoked yet.

    Nothing else ends keys that count, or may count again, and leaves no invitation. Every page of a lead asks this, and
    on most days there is nobody: then the directory is not read.
    """
    without = select(Officer.id).where(Officer.status == "invited", Officer.invitation_hash.is_(None))
    found = session.scalars(without).all()
    if not found:
        return frozenset()
    directory = directory_in(session)
    return frozenset(each for each in found if directory.revocable(each))


def see(token: bytes) -> None:
    """Note a sign of life, and forget what others left lying. Called for ``unseen`` logins: once a minute is enough."""
    with transaction() as session:
        _forget_the_idle(session)
        session.execute(
            update(OfficerSession).where(OfficerSession.id == row_id(token)).values(seen_at=clock.now())
        )


def lock(token: bytes) -> None:
    """Delete the seed key: what lies in the browser's storage opens no more."""
    with transaction() as session:
        session.execute(update(OfficerSession).where(OfficerSession.id == row_id(token)).values(seed_key=None))


def unlock(session: Session, token: bytes) -> bytes:
    """Return the login's seed key, a new one if it was locked: other tabs of the same browser go on with theirs.

    Raises ``NotLoggedIn`` where it has been ended meanwhile, from elsewhere.
    """
    row = session.get(OfficerSession, row_id(token), with_for_update=True)
    if row is None:
        raise NotLoggedIn
    if row.seed_key is None:
        row.seed_key = secrets.token_bytes(SEED_KEY_BYTES)
    row.seen_at = clock.now()
    return row.seed_key


def end(token: bytes) -> None:
    """End a login."""
    with transaction() as session:
        session.execute(delete(OfficerSession).where(OfficerSession.id == row_id(token)))


def end_all(officer_id: str) -> None:
    """End every login of an officer, wherever it is open."""
    with transaction() as session:
        forget_all(session, officer_id)


def forget_all(session: Session, officer_id: str) -> None:
    """Do as ``end_all`` in the caller's transaction."""
    session.execute(delete(OfficerSession).where(OfficerSession.officer_id == officer_id))


def forget_others(session: Session, officer_id: str, token: bytes) -> None:
    """End every login of an officer but this one, in the caller's transaction."""
    others = OfficerSession.id != row_id(token)
    session.execute(delete(OfficerSession).where(OfficerSession.officer_id == officer_id, others))


def row_id(token: bytes) -> bytes:
    """Return the id of a login's row, from which nobody can make its cookie."""
    return hashlib.sha256(token).digest()


def sweep(session: Session, _subject: str) -> None:
    """Delete what is idle or over, also when nobody comes any more; comes back for as long as there are logins."""
    _forget_the_idle(session)
    if session.scalar(select(OfficerSession.id).limit(1)) is not None:
        _sweep_later(session)


def _sweep_later(session: Session) -> None:
    jobs.enqueue(session, SWEEP, EVERY, clock.now() + IDLE + SEEN_EVERY)


def _forget_the_idle(session: Session) -> None:
    """Delete the seed keys of idle logins and the logins whose time is over, whoever's they are."""
    now = clock.now()
    session.execute(delete(OfficerSession).where(OfficerSession.begun_at <= now - LASTS))
    session.execute(
        update(OfficerSession)
        .where(OfficerSession.seen_at < now - IDLE, OfficerSession.seed_key.is_not(None))
        .values(seed_key=None)
    )
