"""Signed bodies: ASCII lines in a fixed order, kept and checked verbatim, never serialised again (formats §5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from kernel.vault.signing import SigningKey, verify

ABSENT = "-"
LINE = re.compile(r"([a-z]+) ([!-~]+)")
NUMBER = re.compile(r"[1-9][0-9]*")
LARGEST = 2**64 - 1
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
SIGNED = re.compile(r"([ -~\n]*\n)signature ([0-9a-f]{128})\n")


class Malformed(ValueError):
    """A body is not in exactly the form it must have."""


def write(lines: Sequence[tuple[str, str]]) -> str:
    """Write a body's lines; raises ``Malformed`` on a value that is empty or holds anything but visible ASCII."""
    written = [f"{key} {value}" for key, value in lines]
    if not all(LINE.fullmatch(line) for line in written):
        raise Malformed
    return "".join(f"{line}\n" for line in written)


def read(body: str, keys: Sequence[str]) -> dict[str, str]:
    """Read a body that has exactly the lines ``keys`` name, in that order; raises ``Malformed`` on any other."""
    *lines, rest = body.split("\n")
    found = [(match[1], match[2]) for line in lines if (match := LINE.fullmatch(line))]
    if rest or len(found) != len(lines) or [key for key, _ in found] != list(keys):
        raise Malformed
    return dict(found)


def number(value: str) -> int:
    """Read a value that counts from 1, in 64 bits; raises ``Malformed``."""
    if not NUMBER.fullmatch(value) or len(value) > len(str(LARGEST)) or int(value) > LARGEST:
        raise Malformed
    return int(value)


def day(value: str) -> date:
    """Read a value that is a date; raises ``Malformed``."""
    # The other forms of ISO 8601 are read by Python too: one day would have several bodies.
    if not DATE.fullmatch(value):
        raise Malformed
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Malformed from None


def sign(unsigned: str, key: SigningKey) -> str:
    """Add the last line, the signature over all bytes before it."""
    return f"{unsigned}signature {key.sign(unsigned.encode('ascii')).hex()}\n"


def leave_unsigned(unsigned: str) -> str:
    """Add the last line of a body that nobody signs, which only the closed list of system acts may be."""
    return f"{unsigned}signature {ABSENT}\n"


def signed_by(body: str, public: bytes) -> bool:
    """Tell whether the body's last line is the signature of ``public`` (32 bytes) over all bytes before it."""
    parts = SIGNED.fullmatch(body)
    return parts is not None and verify(public, bytes.fromhex(parts[2]), parts[1].encode("ascii"))
