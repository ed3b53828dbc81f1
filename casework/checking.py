"""Reading a case's evidence again, in pieces that each end within a request, and the mark that vouches for them.

The mark says how many files were read, in the order in which events brought them, and how many chunks of the next one,
which of them were not as brought, and since when; only this installation can make one. Nothing is kept: whoever goes on
hands in what he was given.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from kernel import clock
from kernel.vault import derive, keyed_hash
from kernel.web import current_settings

# Of at most a mebibyte each: read again within a few seconds from a disk, and within a minute from a slow service.
MOST_CHUNKS = 128
# From the first file on. What was found longer ago is read again.
CHECK_LASTS = timedelta(hours=1)
LONGEST_MARK = 32 * 1024
MARK = re.compile(
    r"(?P<since>\d{1,12})\.(?P<read>\d{1,6})\.(?P<part>\d{1,6})\.(?P<wrong>[B0-9+-]*)\.[0-9a-f]{64}", re.ASCII
)
# What was brought: the digests (hex) that events named, by the files' ids.
Brought = Mapping[str, str]


@dataclass(frozen=True)
class Check:
    """What has been read again so far: of which case and of what it has, since when (seconds of the epoch), how many
    files and how many chunks of the next; and the numbers (``B-2``) of those that are not as they were brought."""

    case: str
    brought: Brought
    since: int
    read: int = 0
    part: int = 0
    wrong: tuple[str, ...] = ()

    @property
    def next(self) -> str | None:
        """The file that is to be read next, or on; ``None`` where all have been."""
        return next(islice(self.brought, self.read, None), None)

    def after(self, chunks: int, of: int) -> Check:
        """Return the check after so many more chunks of the next file, which has ``of``, were as they were brought."""
        part = self.part + chunks
        return replace(self, part=part) if part < of else replace(self, read=self.read + 1, part=0)

    def after_wrong(self) -> Check:
        """Return the check after something of the next file was not as it was brought: it is read no further."""
        number = list(numbers_of(self.brought).values())[self.read]
        return replace(self, read=self.read + 1, part=0, wrong=(*self.wrong, number))

    def covers(self, brought: Brought) -> bool:
        """Tell whether this is what was read again, all of it."""
        return self.read == len(self.brought) and self.brought == brought

    @property
    def mark(self) -> str:
        """What vouches for this check."""
        said = f"{self.since}.{self.read}.{self.part}.{'+'.join(self.wrong)}"
        begun = self.read + bool(self.part)
        read = "".join(f"{file_id} {digest}\n" for file_id, digest in islice(self.brought.items(), begun))
        first = hashlib.sha256(read.encode()).hexdigest()
        return f"{said}.{keyed_hash(_key(), f'{self.case} {first} {said}'.encode()).hex()}"


def begun(case_id: str, brought: Brought, mark: str) -> Check:
    """Return the check for which ``mark`` vouches; a new one where it vouches for nothing, or not any more."""
    now = int(clock.now().timestamp())
    told = MARK.fullmatch(mark)
    if told:
        since, read, part, wrong = int(told["since"]), int(told["read"]), int(told["part"]), told["wrong"]
        check = Check(case_id, brought, since, read, part, tuple(wrong.split("+")) if wrong else ())
        lasts = 0 <= now - since <= CHECK_LASTS.total_seconds()
        if lasts and hmac.compare_digest(check.mark.encode(), mark.encode()):
            return check
    return Check(case_id, brought, now)


def numbers_of(brought: Brought) -> dict[str, str]:
    """Return the numbers of a case's evidence (``B-2``) by the files' ids."""
    return {file_id: f"B-{at}" for at, file_id in enumerate(brought, 1)}


def _key() -> bytes:
    return derive(current_settings().secret, "kentongan/v1/instance/evidence-check")
