"""Promises: an entry will stand in the public log by a day, signed when it is taken and before it can be proved.

The key for it is the web processes' own, and not the log's: a promise says nothing of what the log holds. The root
vouches for it, and whoever was promised something holds us to it with the log and this text alone (formats §6).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from kernel.directory.directory import Directory, NotVouched
from kernel.vault import Malformed, SigningKey, bodies, derive

TYPE = "kentongan/v1/promise"
KEYS = ("type", "entry", "until", "signature")
SHAPES = {"type": re.escape(TYPE), "entry": r"[0-9a-f]{128}", "signature": r"[0-9a-f]{128}"}
# The log is published each hour; two days outlast a machine that breaks down on an evening.
MERGED_WITHIN = timedelta(days=2)


@dataclass(frozen=True)
class Promise:
    """That the log has an entry (64 bytes) at the end of the day ``until`` at the latest."""

    entry: bytes
    until: date


def promise_key(secret: bytes) -> SigningKey:
    """Return the key by which an installation promises, of its ``secret``."""
    return SigningKey.from_seed(derive(secret, "kentongan/v1/instance/promise"))


def promised(entry: bytes, day: date, directory: Directory, secret: bytes) -> str | None:
    """Promise the entry of an event of ``day``; ``None`` where nobody vouches for the key by which that is done.

    The same entry is promised alike whenever it is asked for: the signature is Ed25519's, and the day the event's own.
    """
    key = promise_key(secret)
    return write_promise(Promise(entry, day + MERGED_WITHIN), key) if _is_for_promises(key, directory) else None


def write_promise(promise: Promise, key: SigningKey) -> str:
    """Write a promise, signed."""
    lines = [("type", TYPE), ("entry", promise.entry.hex()), ("until", promise.until.isoformat())]
    return bodies.sign(bodies.write(lines), key)


def read_promise(body: str) -> Promise:
    """Read a promise; raises ``Malformed``. Whether it binds anybody is for ``is_binding`` to say."""
    lines = bodies.read(body, KEYS)
    if not all(re.fullmatch(shape, lines[key]) for key, shape in SHAPES.items()):
        raise Malformed
    return Promise(bytes.fromhex(lines["entry"]), bodies.day(lines["until"]))


def is_binding(body: str, directory: Directory) -> bool:
    """Tell whether a promise is signed by the key that was for promises when it was made.

    A former key's holder could else promise a later day than was promised: of its time is only what was due two days
    after the next key was named.
    """
    until = read_promise(body).until
    keys = [key for key in directory.promise_keys if key.last is None or until <= key.last + MERGED_WITHIN]
    return any(bodies.signed_by(body, key.public) for key in keys)


def _is_for_promises(key: SigningKey, directory: Directory) -> bool:
    try:
        return directory.promise_key == key.public
    except NotVouched:
        return False
