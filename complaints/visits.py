"""A reporter's visit without JavaScript: half an hour, his phrase key boxed under what only his cookie holds."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from complaints.models import Visit
from kernel import clock, jobs
from kernel.database import db, transaction
from kernel.vault import Unreadable, box, context, derive, unbox

COOKIE = "__Host-kunjungan"
LASTS = timedelta(minutes=30)
TOKEN_BYTES = 32
# The kind of the job that forgets what is over, and its one subject.
SWEEP, EVERY = "visits", "all"
WHERE = context("visit")


def begin(phrase_key: bytes) -> str:
    """Keep ``phrase_key`` (32 bytes) boxed for half an hour; return the cookie's value, which alone opens it."""
    token = secrets.token_bytes(TOKEN_BYTES)
    boxed = box(phrase_key, _key(token), WHERE)
    with transaction() as session:
        _forget_the_over(session)
        session.add(Visit(id=_id(token), box=boxed, expires_at=clock.now() + LASTS))
        session.flush()
        jobs.enqueue(session, SWEEP, EVERY, clock.now() + LASTS)
    return token.hex()


def sweep(session: Session, _subject: str) -> None:
    """Forget the visits that are over: their hour must not lie here until somebody else comes."""
    _forget_the_over(session)


def _forget_the_over(session: Session) -> None:
    session.execute(delete(Visit).where(Visit.expires_at <= clock.now()))


def phrase_key_of(cookie: str | None) -> bytes | None:
    """Return the phrase key of a visit that is still open, else ``None``; a damaged one is over."""
    token = _token(cookie)
    if token is None:
        return None
    found = db.session.scalar(select(Visit.box).where(Visit.id == _id(token), Visit.expires_at > clock.now()))
    try:
        return unbox(found, _key(token), WHERE) if found else None
    except Unreadable:
        return None


def end(cookie: str | None) -> None:
    """Forget a visit at once."""
    token = _token(cookie)
    if token is not None:
        with transaction() as session:
            session.execute(delete(Visit).where(Visit.id == _id(token)))


def _token(cookie: str | None) -> bytes | None:
    try:
        token = bytes.fromhex(cookie or "")
    except ValueError:
        return None
    return token if len(token) == TOKEN_BYTES else None


def _id(token: bytes) -> bytes:
    return derive(token, "kentongan/v1/visit/id")


def _key(token: bytes) -> bytes:
    return derive(token, "kentongan/v1/visit/key")
