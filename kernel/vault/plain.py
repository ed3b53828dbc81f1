"""Lodged without JavaScript, the same form gives the same phrase and id, however often it is sent (formats §3)."""

from __future__ import annotations

from kernel.vault.deriving import derive, keyed_hash
from kernel.vault.phrase import PHRASE_WORDS
from kernel.vault.words import spell

ID_BYTES = 16


def plain_phrase(secret: bytes, nonce: bytes, account: bytes) -> str:
    """Return a form's phrase: ``secret`` is the installation's, ``nonce`` the form's 16 bytes, ``account`` its JSON."""
    return spell(_drawn(secret, b"phrase", nonce, account), PHRASE_WORDS)


def plain_complaint_id(secret: bytes, nonce: bytes, account: bytes) -> str:
    """Return the complaint's id (128 bits in hex) of the same form."""
    return _drawn(secret, b"complaint", nonce, account)[:ID_BYTES].hex()


def _drawn(secret: bytes, purpose: bytes, nonce: bytes, account: bytes) -> bytes:
    return keyed_hash(derive(secret, "kentongan/v1/instance/plain"), purpose + nonce + account)
