"""Public entries: what the log states for everybody to read, by the hash of its body (formats §6). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256

MARK = b"kentongan.public"
KIND_BYTES = 16
REFILLED_BODY = re.compile(r"type kentongan/v1/refilled\ndate [0-9-]{10}\nfrom ([0-9]{1,19})\nto ([0-9]{1,19})\n")
ERASED_BODY = re.compile(r"type kentongan/v1/erased\ndate ([0-9-]{10})\ndesk (\S{1,32})\nmark [0-9a-f]{32}\n")


class Kind(StrEnum):
    """What a public entry is of: at most 16 characters of ASCII."""

    STATEMENT = "statement"
    WORKFLOW = "workflow"
    RELEASE = "release"
    RESTORED = "restored"
    REFILLED = "refilled"
    ERASED = "erased"


@dataclass(frozen=True)
class Refill:
    """What entry ``at`` states: of the entries from ``start`` to before ``end``, had back, the events are lost."""

    at: int
    start: int
    end: int

    def lost(self, idx: int) -> bool:
        """Tell whether the event of entry ``idx`` is one of those that are lost."""
        return self.start <= idx < self.end <= self.at

    def explains(self, first: int, second: int) -> bool:
        """Tell whether two entries have one tag because the first one's event was lost, and happened anew."""
        return self.lost(first) and self.end <= second


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


def refilled_body(on: date, start: int, end: int) -> str:
    """Return what is entered when entries (``start`` to before ``end``) were had back: the day, and which they are."""
    return _body("refilled", f"date {on.isoformat()}", f"from {start}", f"to {end}")


def erased_body(on: date, desk: str, mark: str) -> str:
    """Return what is entered when a case is erased: the day, its desk, and a random ``mark`` that is nothing else's."""
    return _body("erased", f"date {on.isoformat()}", f"desk {desk}", f"mark {mark}")


def read_refill(at: int, body: str) -> Refill | None:
    """Read what ``refilled_body`` has written, of the entry at ``at``; ``None`` where it is something else."""
    found = REFILLED_BODY.fullmatch(body)
    return Refill(at, int(found[1]), int(found[2])) if found else None


def read_erased(body: str) -> tuple[str, str] | None:
    """Read what ``erased_body`` has written: the day, as it stands there, and the desk; ``None`` for anything else."""
    found = ERASED_BODY.fullmatch(body)
    return (found[1], found[2]) if found else None


def _body(kind: str, *lines: str) -> str:
    return "".join(f"{line}\n" for line in (f"type kentongan/v1/{kind}", *lines))
