"""What a reporter's program posts, taken apart strictly: JSON of exactly these members, sizes and alphabets."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernel.i18n import gettext as _
from kernel.refusal import Refused
from kernel.vault import BOXED_BYTES, LARGEST_MANIFEST, chunk_count, padded_size

MOST_OBJECTS = 12
LONGEST_BODY = 8 * 1024
LARGEST_BOX = 1 + 12 + 256 * 1024 + 16
KEM_BYTES = 1216
SEALED_KEY_BYTES = 1 + 1120 + 32 + 16
KEY_BOX_BYTES = BOXED_BYTES + 32
DIGEST_BYTES = 32
FILE = "file"
# A text, ten manifests of 64 KiB each, what goes with them, and room for base64.
LARGEST_ACT = 2 * 1024 * 1024


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
    """What a reporter does on a lodged complaint: the signed event, the texts it carries, and the files' manifests."""

    body: str
    objects: tuple[SealedText, ...]
    files: tuple[SealedText, ...] = ()


@dataclass(frozen=True)
class Opening:
    """What begins a file: its key's box (61 bytes) under ``epoch``, its padded ``size``, and the box of what was read
    of it, ``None`` where the server seals."""

    id: str
    epoch: int
    key: bytes
    progress: bytes | None
    size: int


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
    texts, files = read_objects(data["objects"])
    return Act(read_text(data["body"], LONGEST_BODY), texts, files)


def read_objects(data: Any) -> tuple[tuple[SealedText, ...], tuple[SealedText, ...]]:
    """Read what an act carries: its texts, and behind them the manifests of its files; raises ``Malformed``."""
    objects = [_sealed_text(entry) for entry in read_list(data, MOST_OBJECTS)]
    texts = tuple(each for each in objects if each.kind != FILE)
    files = tuple(each for each in objects if each.kind == FILE)
    if objects != [*texts, *files] or any(len(file.box) > LARGEST_MANIFEST + BOXED_BYTES for file in files):
        raise Malformed
    return texts, files


def _sealed_text(data: Any) -> SealedText:
    members = read_members(data, {"kind", "id", "epoch", "box"})
    read_hex(members["id"], 16)
    epoch = read_number(members["epoch"], 2**31 - 1)
    return SealedText(read_text(members["kind"], 16), members["id"], epoch, read_box(members["box"]))


def read_opening(data: Mapping[str, Any]) -> Opening:
    """Read the members ``file``, ``epoch``, ``key``, ``progress`` and ``size`` of a file; raises ``Malformed``."""
    read_hex(data["file"], 16)
    size = read_number(data["size"], 2**53 - 1)
    # Any other size would tell of a file's length what padding hides.
    if padded_size(size) != size:
        raise Malformed
    return Opening(
        id=data["file"],
        epoch=read_number(data["epoch"], 2**31 - 1),
        key=read_bytes(data["key"], KEY_BOX_BYTES),
        progress=read_bytes(data["progress"], chunk_count(size) * DIGEST_BYTES + BOXED_BYTES),
        size=size,
    )


def read_number(value: Any, largest: int) -> int:
    """Return ``value`` if it is a number from 1 to ``largest``."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= largest:
        raise Malformed
    return value


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
