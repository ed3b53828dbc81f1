"""How people type the eight words they have on paper: loudly, hyphenated, numbered, shortened, with a slip."""

from __future__ import annotations

from collections.abc import Callable

SHORTENED = 4
Hand = Callable[[str], str]


def loudly(phrase: str) -> str:
    """Type capitals, parted by hyphens with room around them."""
    return phrase.upper().replace(" ", " - ")


def hyphenated(phrase: str) -> str:
    """Type one long word, as a phone's keyboard likes to begin them."""
    return phrase.title().replace(" ", "-")


def numbered(phrase: str) -> str:
    """Type the list as it stands on the card."""
    return "\r\n".join(f"{place}. {word}" for place, word in enumerate(phrase.split(), start=1))


def in_a_sentence(phrase: str) -> str:
    """Type commas, and a full stop at the end."""
    return f"  {phrase.replace(' ', ', ')}.  "


def shortened(phrase: str) -> str:
    """Type four letters of each word, which the page says are enough."""
    return " ".join(word[:SHORTENED] for word in phrase.split())


def with_a_slip(phrase: str) -> str:
    """Exchange two letters in the middle of the longest word; where that could be two words, the page asks."""
    longest = max(phrase.split(), key=len)
    slipped = longest[:2] + longest[3] + longest[2] + longest[4:]
    return phrase.replace(longest, slipped, 1)


HANDS: tuple[Hand, ...] = (loudly, hyphenated, numbered, in_a_sentence, shortened, with_a_slip)
