"""The second factor: six digits that change every 30 seconds (RFC 6238, SHA-1, as every authenticator app has it)."""

from __future__ import annotations

import hmac
import os
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SECRET_BYTES = 20
DIGITS = 6
SECONDS = 30


def new_secret() -> bytes:
    """Draw the secret of an authenticator, 20 bytes."""
    return os.urandom(SECRET_BYTES)


def uri(secret: bytes, name: str) -> str:
    """Return the ``otpauth`` address that an authenticator app reads from a picture."""
    return _totp(secret).get_provisioning_uri(name, "Kentongan")


def code(secret: bytes, now: datetime) -> str:
    """Return the six digits that an authenticator with this secret shows at ``now``."""
    return _code(secret, int(now.timestamp()) // SECONDS).decode("ascii")


def verify(secret: bytes, typed: str, now: datetime, last_step: int) -> int | None:
    """Return the step (of 30 s) whose code this is, one early or late allowed; ``None`` when it is none of them.

    A step up to ``last_step``, the newest accepted before, is refused: nobody who looked on uses a code again.
    """
    current = int(now.timestamp()) // SECONDS
    fresh = [step for step in (current - 1, current, current + 1) if step > last_step]
    digits = typed.encode("ascii", errors="replace")
    return max((step for step in fresh if hmac.compare_digest(_code(secret, step), digits)), default=None)


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), SECONDS)


def _code(secret: bytes, step: int) -> bytes:
    return _totp(secret).generate(step * SECONDS)
