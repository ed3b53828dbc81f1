"""K, a case's ledger key: boxed under the instance secret, opened to compute an entry, in the end destroyed."""

from __future__ import annotations

import secrets
from datetime import date

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from kernel.database import execute, put, table_of
from kernel.vault import box, context, derive, unbox
from ledger.entries import entry_of
from ledger.models import LedgerKey, PublicEntry
from ledger.public import Kind, erased_body, public_entry

_BOX = select(LedgerKey.box).where(LedgerKey.complaint_id == bindparam("complaint_id"))
_FORGET = delete(table_of(LedgerKey)).where(LedgerKey.complaint_id == bindparam("complaint_id"))
# Two cases of a desk may be erased on one day: by these random bytes their entries are two.
MARK_BYTES = 16


class NoLedgerKey(Exception):
    """The complaint has no K here: it never was, or it has been erased."""


def keep_key(session: Session, complaint_id: str, ledger_key: bytes, secret: bytes) -> None:
    """Keep K (32 bytes) of a complaint, boxed under the installation's ``secret``."""
    boxed = box(ledger_key, _box_key(secret), _place(complaint_id))
    put(session, LedgerKey, {"complaint_id": complaint_id, "box": boxed})


def entry_for(session: Session, complaint_id: str, seq: int, body: str, secret: bytes) -> bytes:
    """Return the 64-byte entry of an event; raises ``NoLedgerKey``, or ``Unreadable`` under another ``secret``."""
    boxed = execute(session, _BOX, complaint_id=complaint_id).scalar()
    if boxed is None:
        raise NoLedgerKey
    return entry_of(open_key(complaint_id, boxed, secret), seq, body)


def open_key(complaint_id: str, boxed: bytes, secret: bytes) -> bytes:
    """Return K of a complaint; raises ``Unreadable`` under another ``secret``."""
    return unbox(boxed, _box_key(secret), _place(complaint_id))


def forget_key(session: Session, complaint_id: str) -> None:
    """Destroy K of a complaint that has been erased: its entries are nobody's to find but the phrase's holder's."""
    execute(session, _FORGET, complaint_id=complaint_id)


def state_erased(session: Session, on: date, desk: str) -> None:
    """Have a public entry wait that says that a case of ``desk`` was erased, and nothing else of it."""
    body = erased_body(on, desk, secrets.token_hex(MARK_BYTES))
    entry = public_entry(Kind.ERASED, body)
    put(session, PublicEntry, {"entry": entry, "kind": Kind.ERASED, "body": body, "statement_id": None})


def _box_key(secret: bytes) -> bytes:
    return derive(secret, "kentongan/v1/instance/ledger-key")


def _place(complaint_id: str) -> bytes:
    return context("ledger-key", complaint_id, recipient="instance")
