"""K, a case's ledger key: kept boxed under the instance secret, opened only to compute an entry."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from kernel.database import execute, put
from kernel.vault import box, context, derive, unbox
from ledger.entries import entry_of
from ledger.models import LedgerKey

_BOX = select(LedgerKey.box).where(LedgerKey.complaint_id == bindparam("complaint_id"))


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


def _box_key(secret: bytes) -> bytes:
    return derive(secret, "kentongan/v1/instance/ledger-key")


def _place(complaint_id: str) -> bytes:
    return context("ledger-key", complaint_id, recipient="instance")
