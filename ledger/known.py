"""By which name and key the log is known here: its publisher writes it down, and no other process reads its seed."""

from __future__ import annotations

from hashlib import sha256

from kernel.config import Settings
from kernel.vault import Malformed
from ledger.keeping import keep, kept
from ledger.notes import Verifier

# Beside the publisher's own, which are its alone.
FILE, READABLE = "log-vkey", 0o644
ORIGIN_DIGITS = 32


def origin_of(settings: Settings) -> str:
    """Return the log's name. It follows from the root key: no two installations have one, and it never changes."""
    root = sha256(settings.root_key or b"").hexdigest()[:ORIGIN_DIGITS]
    return f"kentongan/{root}"


def make_known(settings: Settings, log: Verifier) -> None:
    """Write down by which key the log signs, for whoever checks what it has signed."""
    path = settings.instance / FILE
    if kept(path) != log.vkey:
        keep(path, log.vkey, READABLE)


def known_log(settings: Settings) -> Verifier | None:
    """Return by which key the log signs; ``None`` before the ceremony, or before its publisher has written it down."""
    written = kept(settings.instance / FILE)
    try:
        found = Verifier.read(written) if written is not None and settings.root_key else None
    except Malformed:
        return None
    return found if found and found.name == origin_of(settings) else None
