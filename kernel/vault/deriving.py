"""From one secret many keys, each for one purpose."""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


def derive(secret: bytes | bytearray, label: str) -> bytes:
    """Derive the 32-byte key that ``label`` (ASCII) names: HKDF-SHA256 with an empty salt (RFC 5869)."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=label.encode("ascii")).derive(secret)


def keyed_hash(key: bytes, data: bytes) -> bytes:
    """Return the 32-byte HMAC-SHA256 of ``data`` (RFC 2104)."""
    return hmac.digest(key, data, hashlib.sha256)
