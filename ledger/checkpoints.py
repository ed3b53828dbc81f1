"""Checkpoints, as c2sp.org/tlog-checkpoint says: the text of a signed note that states a log's size and root. Pure."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass

from kernel.vault import Malformed, SigningKey
from ledger.notes import Verifier, base64_of, read_note, sign_note
from ledger.tree import HASH_BYTES

SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Checkpoint:
    """The tree of the log ``origin`` at one size. ``extensions`` are lines that others' logs may add; ours has none."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        head = (self.origin, str(self.size), b64encode(self.root).decode())
        return "".join(f"{line}\n" for line in (*head, *self.extensions))


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> str:
    """Return the signed note of a checkpoint; its key has the log's own name."""
    return sign_note(checkpoint.text, checkpoint.origin, key)


def read_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's text; raises ``Malformed``. Whoever signed it is for ``notes`` to say."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines):
        raise Malformed
    origin, size, root, *extensions = lines
    found = Checkpoint(origin, int(size) if SIZE.fullmatch(size) else -1, base64_of(root), tuple(extensions))
    if found.size < 0 or len(found.root) != HASH_BYTES:
        raise Malformed
    return found


def open_checkpoint(note: str, log: Verifier) -> Checkpoint:
    """Read a checkpoint that the log itself signed; raises ``Malformed`` on any other note."""
    signed = read_note(note)
    found = read_checkpoint(signed.text)
    if found.origin != log.name or not signed.is_signed_by(log):
        raise Malformed
    return found
