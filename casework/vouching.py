"""Whose keys count: leads vouch for people whose fingerprint they have compared, and give desks their keys.

Nothing here is believed because the server says so: every statement is signed in a lead's browser, and every reader
judges it for himself (``kernel.directory``). The checks below keep out what no reader would count.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.logins import given_up
from casework.lost_keys import keep_copies
from casework.models import Officer
from casework.retiring import set_retirement
from casework.terms import Role
from kernel.database import db, transaction
from kernel.directory.directory import WITHOUT_ISSUER, Directory, NotVouched, VouchedDesk
from kernel.directory.models import PublicKey, SealedKey
from kernel.directory.queries import current_directory, directory_in
from kernel.directory.services import StatementRefused, add_statement, keep_public_key
from kernel.directory.statements import ACTIVE, Statement, parse
from kernel.i18n import gettext as _
from kernel.refusal import Conflict
from kernel.vault import Malformed, Recipient, Unreadable
from kernel.web import current_settings
from ledger.publishing import publish_soon


class KeysChanged(Conflict):
    """A statement does not name the keys, the desk and the role that the account has now."""


class WrongCopies(Conflict):
    """A desk's key is not sealed to exactly those who must be able to open it."""


@dataclass(frozen=True)
class DeskKeyCopy:
    """A desk key's seed (32 bytes) sealed to one recipient."""

    desk: str
    epoch: int
    recipient: str
    sealed: bytes


@dataclass(frozen=True)
class Vouching:
    """A signed ``officer`` statement, and for a new lead of a desk that has a key the copy that is his."""

    body: str
    copies: Sequence[DeskKeyCopy] = ()


@dataclass(frozen=True)
class DeskKey:
    """A desk's new key: the signed ``epoch`` statement, the public key (1,216 bytes) and every sealed copy."""

    body: str
    kem: bytes
    copies: Sequence[DeskKeyCopy]


@dataclass(frozen=True)
class Person:
    """A line of the list of people; ``awaits``: his keys wait for the word of the lead whose people he is one of.

    ``may_vouch`` says that this is the asking lead, who compares fingerprints; ``may_revoke``: it is he who states that
    keys which count, or wait to count again, count no more. ``kem`` and ``sign`` are the account's public keys in
    base64, for his browser to compute the fingerprint from.
    """

    officer: Officer
    awaits: bool
    may_vouch: bool
    may_revoke: bool

    @property
    def kem(self) -> str:
        """Return the X-Wing public key in base64."""
        return base64.b64encode(self.officer.kem or b"").decode("ascii")

    @property
    def sign(self) -> str:
        """Return the Ed25519 public key in base64."""
        return base64.b64encode(self.officer.sign or b"").decode("ascii")


def vouch(issuer_id: str, vouching: Vouching) -> None:
    """Keep a lead's statement about an officer; raises ``StatementRefused``, ``KeysChanged``, ``VersionTaken``."""
    with transaction() as session:
        keep_vouching(session, current_root_key(), issuer_id, vouching)


def keep_vouching(session: Session, root_public: bytes, issuer_id: str, vouching: Vouching) -> None:
    """Do as ``vouch`` in the caller's transaction; an empty ``issuer_id`` is the root."""
    statement = _read(vouching.body, "officer", issuer_id)
    officer = session.scalar(select(Officer).where(Officer.id == statement.subject).with_for_update())
    if officer is None or not awaits_a_lead(directory_in(session), officer) or not is_about(statement, officer):
        raise KeysChanged(_("Akun ini berubah sejak halaman dibuka. Muat ulang halaman, lalu cocokkan lagi."))
    _check_copy(session, statement, vouching.copies)
    add_statement(session, root_public, vouching.body)
    keep_public_key(session, Recipient.from_bytes(officer.kem or b""))
    _keep_copies(session, [copy for copy in vouching.copies if not _is_here(session, copy)])
    officer.status = "vouched"


def _is_here(session: Session, copy: DeskKeyCopy) -> bool:
    """Tell whether a lead has this key already: who is vouched for anew keeps what was sealed to the keys he has."""
    return session.get(SealedKey, ("desk", copy.desk, copy.epoch, copy.recipient)) is not None


def found_desk_key(issuer_id: str, desk_key: DeskKey) -> None:
    """Keep the key a lead made for his desk; raises ``StatementRefused``, ``WrongCopies``, ``VersionTaken``."""
    with transaction() as session:
        keep_desk_key(session, current_root_key(), issuer_id, desk_key)


def keep_desk_key(session: Session, root_public: bytes, issuer_id: str, desk_key: DeskKey) -> None:
    """Do as ``found_desk_key`` in the caller's transaction."""
    statement = _read(desk_key.body, "epoch", issuer_id)
    try:
        recipient = Recipient.from_bytes(desk_key.kem)
    except Unreadable:
        raise _unreadable() from None
    if recipient.digest != statement.kem:
        raise _unreadable()
    due = recipients_of(directory_in(session), statement.subject)
    given = [copy.recipient for copy in desk_key.copies]
    named = {(copy.desk, copy.epoch) for copy in desk_key.copies}
    if sorted(given) != sorted(due) or named != {(statement.subject, statement.version)}:
        raise WrongCopies(_("Daftar penerima kunci meja baru saja berubah. Muat ulang halaman, lalu coba lagi."))
    add_statement(session, root_public, desk_key.body)
    if statement.version > 1:
        set_retirement(session, statement.subject)
    keep_public_key(session, recipient)
    _keep_copies(session, desk_key.copies)
    publish_soon(session)


def recipients_of(directory: Directory, desk: str) -> list[str]:
    """Return to whom a desk's key is sealed: its leads, the desk above where that has a key, and the recovery key."""
    leads = [f"officer:{officer.id}" for officer in directory.officers(desk) if officer.role == Role.LEAD]
    return [*leads, *_above(directory, desk), "recovery"]


def people(desk: str) -> list[Person]:
    """Return a desk's people and the leads of the desks below it, those to be compared first."""
    directory = current_directory()
    query = select(Officer).where(
        (Officer.desk_id == desk) | (Officer.desk_id.in_(directory.children(desk)) & (Officer.role == Role.LEAD))
    )
    rows = [(row, directory.revocable(row.id) is not None) for row in db.session.scalars(query)]
    # Who has left is shown for as long as his signature counts, or may count again.
    shown = [(row, awaits_a_lead(directory, row), keys) for row, keys in rows if keys or row.status != "left"]
    found = [
        Person(row, awaits, awaits and _is_his_to_state(row, desk), keys and _is_his_to_state(row, desk))
        for row, awaits, keys in shown
    ]
    return sorted(found, key=lambda person: (not person.may_vouch, person.officer.desk_id, person.officer.name))


def awaits_a_lead(directory: Directory, officer: Officer) -> bool:
    """Tell whether an account's keys wait for a lead's word: new ones, or those whose lead himself counts no more.

    What was revoked waits for nothing, also when he who revoked it counts no more: its owner is to make other keys.
    """
    if officer.kem is None or officer.sign is None or directory.was_revoked(officer.id, officer.sign):
        return False
    if officer.status == "activated":
        return True
    return officer.status == "vouched" and directory.reason("officer", officer.id) in WITHOUT_ISSUER


def awaiting(officers: Iterable[Officer]) -> set[str]:
    """Return the ids of those of these accounts whose keys wait for a lead's word."""
    directory = current_directory()
    return {officer.id for officer in officers if awaits_a_lead(directory, officer)}


def leaked(desk: str) -> frozenset[str]:
    """Return whose keys a desk's lead is to revoke, because their owners say that they have leaked."""
    found = given_up(db.session)
    his = [person.officer.id for person in people(desk) if person.may_revoke] if found else []
    return found.intersection(his)


def desk_key_copies(officer_id: str, desk: str) -> list[DeskKeyCopy]:
    """Return the sealed desk keys a lead can open: his own desk's, and with that those of the desks below."""
    mine = SealedKey.recipient == f"officer:{officer_id}"
    my_desks = SealedKey.recipient.startswith(f"desk:{desk}:", autoescape=True)
    query = select(SealedKey).where(SealedKey.kind == "desk", mine | my_desks)
    rows = db.session.scalars(query.order_by(SealedKey.object, SealedKey.epoch))
    return [DeskKeyCopy(row.object, row.epoch, row.recipient, row.sealed) for row in rows]


def has_key(desk: str) -> bool:
    """Tell whether a desk has a key that a statement vouches for."""
    return bool(_epoch(current_directory(), desk))


def public_keys() -> dict[str, bytes]:
    """Return every X-Wing public key (1,216 bytes) that a statement names, by its digest in hex."""
    return {row.digest: row.raw for row in db.session.scalars(select(PublicKey).order_by(PublicKey.digest))}


def current_root_key() -> bytes:
    """Return the key at which every chain begins; before the ceremony there is none, and nothing can be vouched for."""
    return current_settings().root_key or b""


def _read(body: str, kind: str, issuer_id: str) -> Statement:
    try:
        statement = parse(body)
    except Malformed:
        raise _unreadable() from None
    issuer = f"officer:{issuer_id}" if issuer_id else "root"
    if (statement.kind, statement.issuer, statement.status) != (kind, issuer, ACTIVE):
        raise _unreadable()
    return statement


def is_about(statement: Statement, officer: Officer) -> bool:
    """Tell whether a statement names the keys, the desk and the role that an account has."""
    if officer.kem is None or officer.sign is None:
        return False
    kem, sign = Recipient.from_bytes(officer.kem).digest, officer.sign.hex()
    claimed = (statement.desk, statement.remit, statement.kem, statement.sign)
    return claimed == (officer.desk_id, officer.role, kem, sign)


def _check_copy(session: Session, statement: Statement, copies: Sequence[DeskKeyCopy]) -> None:
    """A lead without his desk's key could open nothing, without its former ones nothing old; others are given none."""
    due = []
    if statement.remit == Role.LEAD:
        due = [(desk, epoch, f"officer:{statement.subject}") for desk, epoch in _epochs_here(session, statement.desk)]
    if [(copy.desk, copy.epoch, copy.recipient) for copy in copies] != due:
        raise WrongCopies(_("Kunci meja untuk kepala baru tidak ikut terkirim. Muat ulang halaman, lalu coba lagi."))


def _epochs_here(session: Session, desk: str | None) -> list[tuple[str, int]]:
    """Return every epoch of a desk whose seed lies here, vouched for or not: what was sealed to it may be here, too."""
    query = select(SealedKey.object, SealedKey.epoch).where(SealedKey.kind == "desk", SealedKey.object == desk)
    return [(found, epoch) for found, epoch in session.execute(query.distinct().order_by(SealedKey.epoch))]


def _epoch(directory: Directory, desk: str) -> list[tuple[str, int]]:
    try:
        return [(desk, directory.desk_key(desk)[0])]
    except NotVouched:
        return []


def _above(directory: Directory, desk: str) -> list[str]:
    here: VouchedDesk | None = directory.desks().get(desk)
    if here is None or here.parent is None:
        return []
    return [f"desk:{parent}:{epoch}" for parent, epoch in _epoch(directory, here.parent)]


def _keep_copies(session: Session, copies: Sequence[DeskKeyCopy]) -> None:
    keep_copies(session, [{"kind": "desk", "object": copy.desk, **_columns(copy)} for copy in copies])


def _columns(copy: DeskKeyCopy) -> dict[str, Any]:
    return {"epoch": copy.epoch, "recipient": copy.recipient, "sealed": copy.sealed}


def _is_his_to_state(officer: Officer, desk: str) -> bool:
    own = officer.role in {Role.INVESTIGATOR, Role.REVIEWER} and officer.desk_id == desk
    below = officer.role == Role.LEAD and officer.desk_id != desk
    return own or below


def _unreadable() -> StatementRefused:
    return StatementRefused(_("Pernyataan ini tidak dapat dibaca. Muat ulang halaman, lalu coba lagi."))
