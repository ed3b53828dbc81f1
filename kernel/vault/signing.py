"""Signatures: Ed25519 (RFC 8032)."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kernel.vault.errors import Unreadable


@dataclass(frozen=True)
class SigningKey:
    """A key that signs; ``public`` (32 bytes) is what others check with."""

    public: bytes
    _key: Ed25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> SigningKey:
        """Make the key of a 32-byte seed; raises ``Unreadable`` at another length."""
        try:
            key = Ed25519PrivateKey.from_private_bytes(seed)
        except ValueError:
            raise Unreadable from None
        return cls(key.public_key().public_bytes_raw(), key)

    def sign(self, data: bytes) -> bytes:
        """Return the 64-byte signature over ``data``."""
        return self._key.sign(data)


def verify(public: bytes, signature: bytes, data: bytes) -> bool:
    """Tell whether the holder of ``public`` signed ``data``; a malformed key or signature is simply a no."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
