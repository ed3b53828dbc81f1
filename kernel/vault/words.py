"""Bits written as everyday Indonesian words, ten bits a word (formats §3; the list: docs/word-list.md)."""

from __future__ import annotations

import secrets
from pathlib import Path

WORDS: tuple[str, ...] = tuple(Path(__file__).with_name("words.txt").read_text("ascii").split())
WORD_BITS = 10


def spell(bits: bytes, count: int) -> str:
    """Write the first ``count`` × 10 bits, most significant first, as words joined by one space.

    Raises ``ValueError`` when ``bits`` holds fewer.
    """
    spare = len(bits) * 8 - count * WORD_BITS
    if spare < 0:
        raise ValueError(f"{count} words need {count * WORD_BITS} bits")
    number = int.from_bytes(bits, "big") >> spare
    return " ".join(_word(number >> shift) for shift in range((count - 1) * WORD_BITS, -1, -WORD_BITS))


def draw(count: int) -> str:
    """Draw ``count`` words, each of the list equally likely, from the system's source of secrets."""
    return " ".join(secrets.choice(WORDS) for _ in range(count))


def _word(number: int) -> str:
    """Return the word of the lowest ten bits."""
    return WORDS[number % len(WORDS)]
