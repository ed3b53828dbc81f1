"""Six words by which two people make sure, by voice, that they speak of the same keys (formats §4)."""

from __future__ import annotations

import hashlib

from kernel.vault.words import spell

FINGERPRINT_WORDS = 6


def fingerprint(kem_raw: bytes, sign_raw: bytes) -> str:
    """Return the six words (60 bits) of an officer's public keys, 1,216 and 32 bytes."""
    return spell(hashlib.sha256(b"kentongan/v1/fingerprint" + kem_raw + sign_raw).digest(), FINGERPRINT_WORDS)
