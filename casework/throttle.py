"""Guessing is slowed by waiting: for each account and for all strangers together, and nobody is ever locked out.

Failures make the next attempt wait, twice as long each time up to a bound. An attempt before its time is not looked at,
right or wrong, and does not prolong the wait. No address is kept: a lane is known by a keyed hash.

Whoever has activated his account or logged in before on this browser carries a cookie that says so and waits in a lane
of his own: strangers who hammer on his account, or on all, do not stand in his way.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casework.models import LoginDelay
from kernel import clock
from kernel.i18n import gettext as _
from kernel.refusal import Refused
from kernel.vault import derive, keyed_hash
from kernel.web import current_settings

NONCE_BYTES = 16


@dataclass(frozen=True)
class Pace:
    """How failures slow a lane: not at all up to ``free`` of them, then 1, 2, 4 … seconds up to ``longest``.

    A lane that stayed quiet for ``forgotten_after`` begins anew.
    """

    free: int
    longest: int
    forgotten_after: timedelta

    def wait_after(self, failures: int) -> int:
        """Return the seconds to wait after so many failures in a row."""
        counted = failures - self.free
        # The exponent is bounded too: nobody computes 2 to the power of a million failures.
        return min(self.longest, 2 ** min(counted - 1, 16)) if counted > 0 else 0


ONE = Pace(free=0, longest=30, forgotten_after=timedelta(minutes=15))
# 185 officers mistype now and then; a hundred failures without a quiet minute are somebody's program.
ALL = Pace(free=100, longest=2, forgotten_after=timedelta(minutes=1))
LONGEST_KEPT = max(ONE.forgotten_after, ALL.forgotten_after)


@dataclass(frozen=True)
class Lane:
    """Where an attempt waits: ``subject`` is a keyed hash (32 bytes) of what the lane is for."""

    subject: bytes
    pace: Pace


class TooSoon(Refused):
    """An attempt before its time; ``seconds`` say how long to wait."""

    status = 429

    def __init__(self, seconds: int) -> None:
        sentence = _("Terlalu banyak percobaan yang gagal. Coba lagi %(seconds)d detik lagi; akun tidak diblokir.")
        super().__init__(sentence % {"seconds": seconds})
        self.seconds = seconds


def login_lanes(name: str, browser: str | None) -> list[Lane]:
    """Return the lanes in which a login as ``name`` waits, given the cookie of a known browser, if there is one."""
    if browser and _is_known(name, browser):
        return [Lane(_subject("browser", browser), ONE)]
    return [Lane(_subject("account", name), ONE), Lane(_subject("all", ""), ALL)]


def unlocking_lanes(token: bytes) -> list[Lane]:
    """Return the lane in which a locked login's password waits: that of this login alone."""
    return [Lane(_subject("login", token.hex()), ONE)]


def known_browser(name: str) -> str:
    """Return the cookie by which this browser is known after a login as ``name``."""
    nonce = secrets.token_hex(NONCE_BYTES)
    return nonce + _browser_mark(name, nonce)


def wait(session: Session, lanes: Sequence[Lane]) -> int:
    """Return the whole seconds an attempt must wait; 0 lets it go on, and holds its lanes until it has been judged."""
    # Whoever is turned away writes nothing: else a flood of names would fill the table while all wait. He holds nothing
    # either: locking what is there before what is not yet would take the lanes in another order than others do.
    seconds = _longest(session.scalars(select(LoginDelay).where(LoginDelay.subject.in_(_subjects(lanes)))))
    return seconds or _longest([_row(session, lane) for lane in lanes])


def _longest(rows: Iterable[LoginDelay]) -> int:
    now = clock.now()
    return max((0, *(ceil((clock.utc(row.open_at) - now).total_seconds()) for row in rows)))


def failed(session: Session, lanes: Sequence[Lane]) -> None:
    """Note a failure: the next attempt in these lanes waits."""
    now = clock.now()
    for lane in lanes:
        row = _row(session, lane)
        failures = 0 if clock.utc(row.open_at) + lane.pace.forgotten_after < now else row.failures
        row.failures = failures + 1
        row.open_at = now + timedelta(seconds=lane.pace.wait_after(row.failures))
    session.flush()
    _forget_the_old(session, now)


def _forget_the_old(session: Session, now: datetime) -> None:
    # What somebody else holds he forgets himself: waiting for it, while he may wait for us, would be a deadlock.
    old = select(LoginDelay.subject).where(LoginDelay.open_at < now - LONGEST_KEPT).with_for_update(skip_locked=True)
    session.execute(delete(LoginDelay).where(LoginDelay.subject.in_(session.scalars(old).all())))


def succeeded(session: Session, lanes: Sequence[Lane]) -> None:
    """Forget the failures of a lane that belongs to one account or browser."""
    own = [lane.subject for lane in lanes if lane.pace is ONE]
    session.execute(delete(LoginDelay).where(LoginDelay.subject.in_(own)))


def _row(session: Session, lane: Lane) -> LoginDelay:
    """Return a lane's row, locked: of attempts at the same moment, the second is judged after the first has failed."""
    locked = select(LoginDelay).where(LoginDelay.subject == lane.subject).with_for_update()
    # What was read before the wait for the lock is read again.
    found = session.scalar(locked, execution_options={"populate_existing": True})
    if found is not None:
        return found
    try:
        with session.begin_nested():
            session.add(LoginDelay(subject=lane.subject, failures=0, open_at=clock.now()))
    except IntegrityError:
        pass  # another attempt made it first, and has been judged by now
    return _row(session, lane)


def _subjects(lanes: Sequence[Lane]) -> list[bytes]:
    return [lane.subject for lane in lanes]


def _subject(kind: str, what: str) -> bytes:
    return keyed_hash(_key(), f"{kind} {what}".encode())


def _is_known(name: str, browser: str) -> bool:
    digits = 2 * NONCE_BYTES
    nonce, mark = browser[:digits], browser[digits:]
    return hmac.compare_digest(_browser_mark(name, nonce).encode(), mark.encode())


def _browser_mark(name: str, nonce: str) -> str:
    return keyed_hash(_key(), f"known {nonce} {name}".encode()).hex()


def _key() -> bytes:
    return derive(current_settings().secret, "kentongan/v1/instance/login-delay")
