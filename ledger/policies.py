"""The policy that an installation recommends (c2sp.org/tlog-policy): its log, its witnesses, how many are needed. Pure.

Of what the document allows it writes the plain form alone, one group of all witnesses, and reads what it wrote.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from kernel.vault import Malformed
from ledger.notes import COSIGNATURE, ED25519, Verifier

GROUP, NOBODY = "witnesses", "none"
NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
URL = re.compile(r"https?://[!-~]{1,400}")
# A note has at most 64 signatures, and the log's own is one.
MOST = 32
COUNT = re.compile(r"0|[1-9][0-9]{0,2}")


@dataclass(frozen=True)
class Known:
    """A witness that this log knows: by which name, whose signatures are its, and where it is asked."""

    name: str
    verifier: Verifier
    url: str

    @classmethod
    def read(cls, name: str, vkey: str, url: str) -> Known:
        """Read a witness's line; raises ``Malformed``."""
        found = cls(name, Verifier.read(vkey), url.rstrip("/"))
        fit = NAME.fullmatch(name) and name not in {GROUP, NOBODY} and URL.fullmatch(found.url)
        if not fit or found.verifier.kind != COSIGNATURE:
            raise Malformed
        return found


@dataclass(frozen=True)
class Policy:
    """The witnesses of a log, in the order they came, and of how many the signature is needed."""

    log: Verifier
    witnesses: tuple[Known, ...] = ()
    needed: int = 0

    @property
    def text(self) -> str:
        """The policy as it is written, for others to use as it is."""
        names = " ".join(known.name for known in self.witnesses)
        lines = [
            f"log {self.log.vkey}",
            *(f"witness {known.name} {known.verifier.vkey} {known.url}" for known in self.witnesses),
            *([f"group {GROUP} {self.needed} {names}", f"quorum {GROUP}"] if self.needed else [f"quorum {NOBODY}"]),
        ]
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def read(cls, text: str) -> Policy:
        """Read a policy; raises ``Malformed`` on any that ``text`` would not write."""
        first, *lines = [line.split(" ") for line in text.split("\n")[:-1]] or [[]]
        witnesses = tuple(Known.read(*line[1:]) for line in lines if line[0] == "witness" and len(line) == 4)
        counts = [line[2] for line in lines if line[0] == "group" and len(line) > 2 and COUNT.fullmatch(line[2])]
        found = cls(Verifier.read(" ".join(first[1:])), witnesses, int("".join(counts[:1]) or 0))
        if found.text != text or found.log.kind != ED25519 or not found.is_sound:
            raise Malformed
        return found

    @property
    def is_sound(self) -> bool:
        """Tell whether every witness is one, and no more are needed than there are."""
        names = {known.name for known in self.witnesses}
        keys = {known.verifier.public for known in self.witnesses} | {self.log.public}
        return len(names) == len(self.witnesses) == len(keys) - 1 and 0 <= self.needed <= len(names) <= MOST

    def adding(self, known: Known) -> Policy:
        """Return the policy with one more witness; raises ``Malformed`` where it is another's name or key."""
        return _sound(replace(self, witnesses=(*self.witnesses, known)))

    def without(self, name: str) -> Policy:
        """Return the policy without a witness; raises ``Malformed`` where fewer were left than are needed."""
        left = tuple(known for known in self.witnesses if known.name != name)
        return _sound(replace(self, witnesses=left))

    def needing(self, count: int) -> Policy:
        """Return the policy that needs so many; raises ``Malformed`` where there are not so many."""
        return _sound(replace(self, needed=count))


def _sound(policy: Policy) -> Policy:
    if not policy.is_sound:
        raise Malformed
    return policy
