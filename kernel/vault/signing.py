"""Signatures: Ed25519 (RFC 8032)."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kernel.vault.errors import Unreadable

PRIME = 2**255 - 19
EIGHTH = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
# The y of the eight points of small order, one of 1, one of 2, two of 4 and four of 8.
SMALL_ORDER = frozenset({1, PRIME - 1, 0, EIGHTH, PRIME - EIGHTH})


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
    """Tell whether the holder of ``public`` signed ``data``; a malformed or worthless key or signature is simply a no.

    What RFC 8032 leaves open is decided in formats §1.
    """
    if not _is_worth(public):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _is_worth(public: bytes) -> bool:
    """Tell whether a key is written as it must be, and not one with which a signature by nobody fits many texts."""
    y = int.from_bytes(public, "little") % 2**255
    return y < PRIME and y not in SMALL_ORDER
