"""Seals: HPKE base mode, single shot, to an X-Wing key (RFC 9180, KEM 0x647a; formats §1, §2)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey, Suite

from kernel.vault.errors import Unreadable

VERSION = b"\x01"
SEED_BYTES = 32
MLKEM_SEED_BYTES = 64
MLKEM_PUBLIC_BYTES = 1184
PUBLIC_BYTES = 1216

_suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_any_scalar = X25519PrivateKey.from_private_bytes(bytes(31) + b"\x40")


@dataclass(frozen=True)
class Recipient:
    """Whom a seal is for: an X-Wing public key, 1,216 bytes ``raw``."""

    raw: bytes = field(repr=False)
    _key: MLKEM768X25519PublicKey = field(repr=False, compare=False)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Recipient:
        """Read a public key; raises ``Unreadable`` when it is none, or its X25519 half is a point of small order."""
        try:
            lattice = MLKEM768PublicKey.from_public_bytes(raw[:MLKEM_PUBLIC_BYTES])
            point = X25519PublicKey.from_public_bytes(raw[MLKEM_PUBLIC_BYTES:])
            # All scalars are multiples of 8, so a point of small order gives zero with any of them (RFC 7748 §6.1).
            _any_scalar.exchange(point)
        except ValueError:
            raise Unreadable from None
        return cls(raw, MLKEM768X25519PublicKey(lattice, point))

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the key in hex, as statements name it."""
        return hashlib.sha256(self.raw).hexdigest()


@dataclass(frozen=True)
class Identity:
    """Who can open what was sealed to its ``recipient``."""

    recipient: Recipient
    _key: MLKEM768X25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> Identity:
        """Expand a 32-byte X-Wing seed; raises ``Unreadable`` at another length.

        SHAKE256(seed, 96) is the ML-KEM-768 seed (64) and the X25519 scalar (32), as in the X-Wing draft §5.2.
        """
        if len(seed) != SEED_BYTES:
            raise Unreadable
        expanded = hashlib.shake_256(seed).digest(MLKEM_SEED_BYTES + 32)
        lattice = MLKEM768PrivateKey.from_seed_bytes(expanded[:MLKEM_SEED_BYTES])
        scalar = X25519PrivateKey.from_private_bytes(expanded[MLKEM_SEED_BYTES:])
        raw = lattice.public_key().public_bytes_raw() + scalar.public_key().public_bytes_raw()
        return cls(Recipient.from_bytes(raw), MLKEM768X25519PrivateKey(lattice, scalar))


def seal(plaintext: bytes, recipient: Recipient, context: bytes) -> bytes:
    """Seal ``plaintext`` to ``recipient``: version ‖ enc (1120) ‖ ciphertext ‖ tag (16), 1,137 bytes longer."""
    return VERSION + _suite.encrypt(plaintext, recipient._key, context)


def unseal(sealed: bytes, identity: Identity, context: bytes) -> bytes:
    """Open a seal; raises ``Unreadable`` whatever is wrong with it, its recipient or its place."""
    if sealed[:1] != VERSION:
        raise Unreadable
    try:
        return _suite.decrypt(sealed[1:], identity._key, context)
    except (InvalidTag, ValueError):
        raise Unreadable from None
