"""What a check has found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """Whether what was found breaks a promise, or is for somebody to think about."""

    BROKEN = "BROKEN"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be; the sentence says what, and what to do."""

    weight: Weight
    sentence: str


def broken(sentence: str) -> Finding:
    """Return a finding that breaks a promise."""
    return Finding(Weight.BROKEN, sentence)


def warning(sentence: str) -> Finding:
    """Return a finding to think about."""
    return Finding(Weight.WARNING, sentence)
