"""When keys stop counting: a lead states that an officer serves no more, or not with these keys."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import accounts
from casework.logins import LEFT
from casework.models import Officer
from casework.vouching import KeysChanged, current_root_key
from kernel.clock import today
from kernel.database import transaction
from kernel.directory.directory import Directory
from kernel.directory.queries import OFFICER, directory_in
from kernel.directory.services import StatementRefused, add_statement
from kernel.directory.statements import Statement, parse
from kernel.i18n import gettext as _
from kernel.vault import Malformed

REVOKED = "revoked"


def revoke(issuer_id: str, body: str) -> None:
    """Keep a lead's statement that an officer's keys count no more; his logins end, and what was sealed to him goes.

    Who is to go on with new keys is invited again by the administrator. Raises ``StatementRefused``, ``KeysChanged``
    and ``VersionTaken``.
    """
    statement = _read(body)
    with transaction() as session:
        officer = session.scalar(select(Officer).where(Officer.id == statement.subject).with_for_update())
        if officer is None or statement != _revocation(directory_in(session), issuer_id, statement):
            raise KeysChanged(_("Akun ini berubah sejak halaman dibuka. Muat ulang halaman, lalu cocokkan lagi."))
        _end(session, officer, body)


def _end(session: Session, officer: Officer, body: str) -> None:
    add_statement(session, current_root_key(), body)
    if officer.status != LEFT:
        accounts.end_keys(session, officer)


def _read(body: str) -> Statement:
    try:
        return parse(body)
    except Malformed:
        raise StatementRefused(_("Pernyataan ini tidak dapat dibaca. Muat ulang halaman, lalu coba lagi.")) from None


def _revocation(directory: Directory, issuer_id: str, said: Statement) -> Statement | None:
    """Return the one statement by which ``issuer_id`` may revoke an officer today; ``None``: there is nothing to."""
    now = directory.revocable(said.subject)
    if now is None:
        return None
    standing = replace(said, desk=now.desk, remit=now.role, kem=now.kem_digest, sign=now.sign.hex())
    return replace(standing, kind=OFFICER, status=REVOKED, issuer=f"officer:{issuer_id}", issued=today())
