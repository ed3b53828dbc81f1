"""Public entries: what the log states for everybody to read, by the hash of its body (formats §6). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from hashlib import sha256

MARK = b"kentongan.public"
KIND_BYTES = 16


class Kind(StrEnum):
    """What a public entry is of: at most 16 characters of ASCII."""

    STATEMENT = "statement"
    WORKFLOW = "workflow"
    RELEASE = "release"
    RESTORED = "restored"


def public_entry(kind: Kind, body: str) -> bytes:
    """Return the entry, 64 bytes: the mark ‖ the kind, filled up with zeros ‖ SHA-256 of the body."""
    return public_start(kind) + sha256(body.encode("ascii")).digest()


def public_start(kind: Kind) -> bytes:
    """Return how entries of a kind begin, 32 bytes."""
    return MARK + kind.encode("ascii").ljust(KIND_BYTES, b"\0")


def is_public(entry: bytes) -> bool:
    """Tell whether an entry says that it is public: what else begins so, nobody finds by chance."""
    return entry.startswith(MARK)


def kind_of(entry: bytes) -> str:
    """Return the kind that a public entry names, whichever it is."""
    return entry[len(MARK) : len(MARK) + KIND_BYTES].rstrip(b"\0").decode("ascii", "replace")


def workflow_body(revision: str, rows: Iterable[tuple[str, ...]]) -> str:
    """Return what is entered of the workflow's table under a revision of the schema: every step there is."""
    return _body("workflow", f"revision {revision}", *sorted(f"step {' '.join(row)}" for row in rows))


def release_body(files: Mapping[str, str]) -> str:
    """Return what is entered of a release: every file that it gives to browsers, by the SHA-256 of its bytes."""
    return _body("release", *(f"file {files[path]} {path}" for path in sorted(files)))


def restored_body(on: date, size: int, root: bytes) -> str:
    """Return what is entered when a backup was put back: the day, and what the log was in it."""
    return _body("restored", f"date {on.isoformat()}", f"size {size}", f"root {root.hex()}")


def _body(kind: str, *lines: str) -> str:
    return "".join(f"{line}\n" for line in (f"type kentongan/v1/{kind}", *lines))
