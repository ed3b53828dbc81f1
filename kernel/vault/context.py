"""What a seal or a box is bound to, so that it opens in no other place (formats §2)."""

from __future__ import annotations

import re

ABSENT = "-"
LARGEST = 2**64 - 1
PART = re.compile(r"[A-Za-z0-9._:-]+")


def context(
    kind: str, complaint: str = ABSENT, object_: str = ABSENT, epoch: int | None = None, recipient: str = ABSENT
) -> bytes:
    """Return the context of a seal or box, in ASCII; raises ``ValueError`` on a part no context can hold."""
    parts = (kind, complaint, object_, ABSENT if epoch is None else _number(epoch), recipient)
    for part in parts:
        if not PART.fullmatch(part):
            raise ValueError("a part of a context is of letters, digits and . _ : -")
    return "/".join(("kentongan/v1", *parts)).encode("ascii")


def _number(epoch: int) -> str:
    if not 1 <= epoch <= LARGEST:
        raise ValueError("epochs are numbered from 1, in 64 bits")
    return str(epoch)
