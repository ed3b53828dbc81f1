"""Boxes: AES-256-GCM under a key both sides already hold (formats §2)."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kernel.vault.deriving import KEY_BYTES
from kernel.vault.errors import Unreadable

VERSION = b"\x02"
NONCE_BYTES = 12
BEGINNING = len(VERSION) + NONCE_BYTES
# By how many bytes a box is longer than what is in it: the tag stands at its end.
BOXED_BYTES = BEGINNING + 16


def box(plaintext: bytes | memoryview, key: bytes, context: bytes) -> bytes:
    """Box ``plaintext`` under a 32-byte ``key``: version ‖ nonce (12) ‖ ciphertext ‖ tag (16), 29 bytes longer."""
    return bytes(box_into(bytearray(len(plaintext) + BOXED_BYTES), plaintext, key, context))


def box_into(room: bytearray, plaintext: bytes | memoryview, key: bytes, context: bytes) -> memoryview:
    """Box ``plaintext`` into ``room``, and return the part that its box fills; raises ``ValueError`` if it is smaller.

    The same room again and again: for boxes of a mebibyte, getting memory for each costs as much as sealing it.
    """
    boxed = memoryview(room)[: len(plaintext) + BOXED_BYTES]
    nonce = os.urandom(NONCE_BYTES)
    # First: where there is too little room, it changes nothing.
    _cipher(key).encrypt_into(nonce, plaintext, context, boxed[BEGINNING:])
    boxed[:BEGINNING] = VERSION + nonce
    return boxed


def unbox(boxed: bytes | memoryview, key: bytes, context: bytes) -> bytes:
    """Open a box; raises ``Unreadable`` whatever is wrong with it, its key or its place."""
    if boxed[:1] != VERSION:
        raise Unreadable
    # Views of it: what a file's chunk holds is not copied on its way.
    nonce, rest = memoryview(boxed)[1:BEGINNING], memoryview(boxed)[BEGINNING:]
    try:
        return _cipher(key).decrypt(nonce, rest, context)
    except (InvalidTag, ValueError):
        raise Unreadable from None


def _cipher(key: bytes) -> AESGCM:
    # A key of 16 bytes would be taken too, and be AES-128.
    if len(key) != KEY_BYTES:
        raise Unreadable
    return AESGCM(key)
