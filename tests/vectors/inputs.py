"""Fixed inputs: bytes that look drawn and follow from what they are for."""

import hashlib


def drawn(purpose: str, size: int = 32) -> bytes:
    """Return ``size`` bytes (at most 32) that stand for ``purpose``."""
    return hashlib.sha256(f"kentongan vectors: {purpose}".encode()).digest()[:size]
