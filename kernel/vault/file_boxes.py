"""What is boxed beside a file's chunks: its key, what was read of it, its manifest; and its digest (formats §2)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from kernel.vault import bodies
from kernel.vault.boxes import box, unbox
from kernel.vault.context import context
from kernel.vault.deriving import KEY_BYTES
from kernel.vault.errors import Unreadable
from kernel.vault.files import CHUNK_BYTES, SealedFile, padded_size
from kernel.vault.padding import TooLong, pad, unpad

DIGEST_BYTES = 32
# Of the four sizes of texts a manifest fills at most the third: that of 900 chunks.
LARGEST_MANIFEST = 64 * 1024
LONGEST_NAME = 255
CLEANED = ("cleaned", "original", "impossible")
HASH = re.compile(r"[0-9a-f]{64}")
LARGEST_SIZE = 2**53 - 1


@dataclass(frozen=True)
class Manifest:
    """What a file is: ``chunks`` and ``sha256`` are SHA-256 in hex, of each sealed chunk and of the plaintext.

    ``cleaned``: what it may betray was taken out, it was sent as it was by choice (``original``), or nobody can clean
    its type (``impossible``). What stands after ``type`` may be missing; officers say all of it of evidence they add.
    """

    chunks: tuple[str, ...]
    cleaned: str
    name: str
    sha256: str
    size: int
    type: str
    description: str | None = None
    source: str | None = None
    obtained_by: str | None = None
    obtained_on: str | None = None
    how: str | None = None


def chunk_count(size: int) -> int:
    """Return of how many chunks a file of ``size`` bytes is, padding included."""
    return -(-padded_size(size) // CHUNK_BYTES)


def box_file_key(sealed: SealedFile, key: bytes, epoch: int, side: str) -> bytes:
    """Box a file's key under the thread's or the case's (``side``: thread, case) of ``epoch``: 61 bytes."""
    return box(sealed.key, key, _key_place(sealed.complaint, sealed.file, epoch, side))


def open_file_key(boxed: bytes, key: bytes, complaint: str, file: str, epoch: int, side: str) -> SealedFile:
    """Open a file's key; raises ``Unreadable``."""
    opened = unbox(boxed, key, _key_place(complaint, file, epoch, side))
    if len(opened) != KEY_BYTES:
        raise Unreadable
    return SealedFile(opened, complaint, file)


def _key_place(complaint: str, file: str, epoch: int, side: str) -> bytes:
    return context("file-key", complaint, file, epoch, side)


def box_progress(digests: Sequence[bytes], sealed: SealedFile) -> bytes:
    """Box the SHA-256 of each plaintext chunk, zeros included: by it a file that is sent on is known to be the same."""
    return box(b"".join(digests), sealed.key, _place("file-progress", sealed))


def open_progress(boxed: bytes, sealed: SealedFile) -> list[bytes]:
    """Return the SHA-256 of each plaintext chunk; raises ``Unreadable``."""
    joined = unbox(boxed, sealed.key, _place("file-progress", sealed))
    if not joined or len(joined) % DIGEST_BYTES:
        raise Unreadable
    return [joined[at : at + DIGEST_BYTES] for at in range(0, len(joined), DIGEST_BYTES)]


def box_manifest(manifest: Manifest, sealed: SealedFile) -> bytes:
    """Box a manifest, padded as texts are; raises ``TooLong`` where 64 KiB do not hold it."""
    padded = pad(_written(manifest))
    if len(padded) > LARGEST_MANIFEST:
        raise TooLong
    return box(padded, sealed.key, _place("file-manifest", sealed))


def open_manifest(boxed: bytes, sealed: SealedFile) -> Manifest:
    """Open a manifest; raises ``Unreadable`` also where it is not in exactly its form: anybody may have written it."""
    padded = unbox(boxed, sealed.key, _place("file-manifest", sealed))
    if len(padded) > LARGEST_MANIFEST:
        raise Unreadable
    text = unpad(padded)
    try:
        manifest = _read(json.loads(text.decode()))
        # One manifest has one text: no member twice, no number written in another way.
        same = _written(manifest) == text
    except (ValueError, TypeError, RecursionError):
        raise Unreadable from None
    if not same:
        raise Unreadable
    return manifest


def _place(kind: str, sealed: SealedFile) -> bytes:
    return context(kind, sealed.complaint, sealed.file)


def _written(manifest: Manifest) -> bytes:
    told = {name: value for name, value in asdict(manifest).items() if value is not None}
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _read(told: Any) -> Manifest:
    """Return what ``told`` says; raises ``TypeError`` or ``ValueError`` where it is no manifest."""
    if not isinstance(told, dict) or not isinstance(told.get("chunks"), list):
        raise ValueError
    texts = [*told["chunks"], *(value for name, value in told.items() if name not in {"chunks", "size"})]
    manifest = Manifest(**{**told, "chunks": tuple(told["chunks"])})
    if not all(isinstance(each, str) for each in texts) or not _agrees(manifest):
        raise ValueError
    return manifest


def _agrees(manifest: Manifest) -> bool:
    return (
        all(HASH.fullmatch(each) for each in (manifest.sha256, *manifest.chunks))
        and type(manifest.size) is int
        and 0 <= manifest.size <= LARGEST_SIZE
        and len(manifest.chunks) == chunk_count(manifest.size)
        and manifest.cleaned in CLEANED
        and len(manifest.name) <= LONGEST_NAME
        and (manifest.obtained_on is None or bool(bodies.day(manifest.obtained_on)))
    )


def file_digest(key_box: bytes, manifest_box: bytes, chunks: Sequence[bytes]) -> str:
    """Return a file's digest in hex, by which an event names it; ``chunks`` are the SHA-256 of its sealed chunks."""
    parts = [hashlib.sha256(key_box).digest(), hashlib.sha256(manifest_box).digest(), *chunks]
    return hashlib.sha256(b"".join(parts)).hexdigest()
