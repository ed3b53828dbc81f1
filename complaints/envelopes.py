"""What a reporter's program posts, taken apart strictly: JSON of exactly these members, sizes and alphabets."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernel.i18n import gettext as _
from kernel.refusal import Refused

MOST_OBJECTS = 12
LONGEST_BODY = 8 * 1024
LARGEST_BOX = 1 + 12 + 256 * 1024 + 16
KEM_BYTES = 1216
SEALED_KEY_BYTES = 1 + 1120 + 32 + 16


class Malformed(Refused):
    """The posted JSON does not have the form of docs/formats.md §7."""

    status = 400

    def __init__(self) -> None:
        super().__init__(_("Kiriman ini tidak dapat dibaca. Muat ulang halaman, lalu kirim lagi."))


@dataclass(frozen=True)
class SealedCopy:
    """A thread key (32 bytes) sealed to one recipient."""

    recipient: str
    sealed: bytes


@dataclass(frozen=True)
class Envelope:
    """One sealed complaint: seals, the lookup hash, K, and the signed event that names them all."""

    body: str
    lookup: bytes
    kem: bytes
    ledger_key: bytes
    account: bytes
    keys: tuple[SealedCopy, ...]


@dataclass(frozen=True)
class SealedText:
    """One boxed text of a thread or a case."""

    kind: str
    id: str
    epoch: int
    box: bytes


@dataclass(frozen=True)
class Act:
    """What a reporter does on a lodged complaint: the signed event, and the texts it carries."""

    body: str
    objects: tuple[SealedText, ...]


def read_envelope(data: Any) -> Envelope:
    """Read the JSON of ``POST /api/v1/complaints``; raises ``Malformed``."""
    members = read_members(data, {"body", "lookup", "kem", "ledger_key", "account", "keys"})
    return Envelope(
        body=read_text(members["body"], LONGEST_BODY),
        lookup=read_hex(members["lookup"], 32),
        kem=read_bytes(members["kem"], KEM_BYTES),
        ledger_key=read_hex(members["ledger_key"], 32),
        account=read_box(members["account"]),
        keys=tuple(_copy(entry) for entry in read_list(members["keys"], 2)),
    )


def read_act(data: Mapping[str, Any]) -> Act:
    """Read the members ``body`` and ``objects`` of an act; raises ``Malformed``."""
    objects = tuple(read_sealed_text(entry) for entry in read_list(data["objects"], MOST_OBJECTS))
    return Act(read_text(data["body"], LONGEST_BODY), objects)


def read_sealed_text(data: Any) -> SealedText:
    """Read one boxed text; raises ``Malformed``."""
    members = read_members(data, {"kind", "id", "epoch", "box"})
    read_hex(members["id"], 16)
    epoch = members["epoch"]
    if not isinstance(epoch, int) or isinstance(epoch, bool) or not 1 <= epoch < 2**31:
        raise Malformed
    return SealedText(read_text(members["kind"], 16), members["id"], epoch, read_box(members["box"]))


def _copy(data: Any) -> SealedCopy:
    members = read_members(data, {"recipient", "sealed"})
    return SealedCopy(read_text(members["recipient"], 80), read_bytes(members["sealed"], SEALED_KEY_BYTES))


def read_members(data: Any, names: set[str]) -> Mapping[str, Any]:
    """Return ``data`` if it is an object of exactly these members: seals and plain fields never come together."""
    if not isinstance(data, dict) or data.keys() != names:
        raise Malformed
    return data


def read_list(value: Any, most: int) -> Sequence[Any]:
    """Return ``value`` if it is a list of at most ``most`` entries."""
    if not isinstance(value, list) or len(value) > most:
        raise Malformed
    return value


def read_text(value: Any, longest: int) -> str:
    """Return ``value`` if it is ASCII of 1 to ``longest`` characters."""
    if not isinstance(value, str) or not value.isascii() or not 0 < len(value) <= longest:
        raise Malformed
    return value


def read_hex(value: Any, size: int) -> bytes:
    """Return the ``size`` bytes that ``value`` writes in lower-case hex."""
    if not isinstance(value, str) or len(value) != 2 * size or not set(value) <= set("0123456789abcdef"):
        raise Malformed
    return bytes.fromhex(value)


def read_bytes(value: Any, size: int) -> bytes:
    """Return the ``size`` bytes that ``value`` writes in base64."""
    content = _base64(value, size)
    if len(content) != size:
        raise Malformed
    return content


def read_box(value: Any) -> bytes:
    """Return the box that ``value`` writes in base64: one of the four padded sizes."""
    content = _base64(value, LARGEST_BOX)
    if len(content) - (1 + 12 + 16) not in {size * 1024 for size in (4, 16, 64, 256)}:
        raise Malformed
    return content


def _base64(value: Any, largest: int) -> bytes:
    if not isinstance(value, str) or len(value) > 4 * (largest + 2) // 3 + 4:
        raise Malformed
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed from None
