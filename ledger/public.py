"""Public entries: what the log states for everybody to read, by the hash of its body (formats §6). Pure."""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256

MARK = b"kentongan.public"
KIND_BYTES = 16


class Kind(StrEnum):
    """What a public entry is of: at most 16 characters of ASCII."""

    STATEMENT = "statement"


def public_entry(kind: Kind, body: str) -> bytes:
    """Return the entry, 64 bytes: the mark ‖ the kind, filled up with zeros ‖ SHA-256 of the body."""
    return MARK + kind.encode("ascii").ljust(KIND_BYTES, b"\0") + sha256(body.encode("ascii")).digest()
