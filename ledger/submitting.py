"""What is asked of a witness, and what it answers: ``add-checkpoint`` of c2sp.org/tlog-witness. Pure."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass

from kernel.vault import Malformed
from ledger.notes import base64_of

PATH = "add-checkpoint"
SIZE_TYPE = "text/x.tlog.size"
MOST_HASHES = 63
OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True)
class Submission:
    """A checkpoint's note, and the proof that it continues the ``old`` first entries that the witness has seen."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    @property
    def text(self) -> str:
        """What is posted."""
        hashes = "".join(f"{b64encode(each).decode()}\n" for each in self.proof)
        return f"old {self.old}\n{hashes}\n{self.note}"


def read_submission(text: str) -> Submission:
    """Read what was posted; raises ``Malformed``. Neither the note nor the proof is judged."""
    head, _apart, note = text.partition("\n\n")
    first, *hashes = head.split("\n")
    old = OLD.fullmatch(first)
    if old is None or len(hashes) > MOST_HASHES:
        raise Malformed
    return Submission(int(old[1]), tuple(map(base64_of, hashes)), note)
