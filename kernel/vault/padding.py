"""Texts of four sizes only, so that a length tells nothing of a story (formats §2)."""

from __future__ import annotations

from kernel.vault.errors import Unreadable

LENGTH_BYTES = 4
SIZES = (4 * 1024, 16 * 1024, 64 * 1024, 256 * 1024)
LONGEST = SIZES[-1] - LENGTH_BYTES


class TooLong(ValueError):
    """A text does not fit the largest size; the limit is ``LONGEST`` bytes of UTF-8."""


def pad(data: bytes) -> bytes:
    """Fill ``data`` up to the smallest size that holds it and its length; raises ``TooLong`` over ``LONGEST`` bytes."""
    if len(data) > LONGEST:
        raise TooLong
    filled = len(data).to_bytes(LENGTH_BYTES, "big") + data
    return filled.ljust(next(size for size in SIZES if size >= len(filled)), b"\0")


def unpad(padded: bytes) -> bytes:
    """Give back what ``pad`` was given; raises ``Unreadable`` on anything ``pad`` would not have made."""
    if len(padded) not in SIZES:
        raise Unreadable
    length, rest = int.from_bytes(padded[:LENGTH_BYTES], "big"), padded[LENGTH_BYTES:]
    data = rest[:length]
    if pad(data) != padded:
        raise Unreadable
    return data
