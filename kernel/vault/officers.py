"""An officer's keys, and what his password opens (formats §4)."""

from __future__ import annotations

from kernel.vault.deriving import derive, keyed_hash
from kernel.vault.sealing import Identity
from kernel.vault.signing import SigningKey
from kernel.vault.stretching import SALT_BYTES

PASSWORD_WORDS = 6


def officer_keys(seed: bytes) -> tuple[Identity, SigningKey]:
    """Return both keys of an officer's 32-byte seed."""
    sealing, signing = derive(seed, "kentongan/v1/officer/kem"), derive(seed, "kentongan/v1/officer/sign")
    return Identity.from_seed(sealing), SigningKey.from_seed(signing)


def password_salt(instance_secret: bytes, name: str) -> bytes:
    """Return the 16-byte salt of an account, there or not: who asks learns nothing of which names exist."""
    key = derive(instance_secret, "kentongan/v1/instance/password-salt")
    return keyed_hash(key, name.encode())[:SALT_BYTES]


def unlock_key(password_key: bytes) -> bytes:
    """Return the 32-byte key under which the officer's seed is boxed; the server never has it."""
    return derive(password_key, "kentongan/v1/password/unlock")


def auth_token(password_key: bytes) -> bytes:
    """Return the 32 bytes that log the officer in; the server keeps their SHA-256."""
    return derive(password_key, "kentongan/v1/password/auth")
