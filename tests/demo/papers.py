"""What people of the demo bring along: a photograph and a paper, each as a telephone or an office makes them."""

from __future__ import annotations

from typing import NamedTuple

from tests import samples


class Paper(NamedTuple):
    """A file: what it is called, its media type, its bytes."""

    name: str
    type: str
    content: bytes


# One in so many reporters has something to show: every second of those seals it himself, the others fill in the form.
BRINGS_EVERY = 5


def brought_by(turn: int) -> list[Paper]:
    """Return what the ``turn``-th reporter brings, if anything."""
    return [photograph(), receipt()] if turn % BRINGS_EVERY == 0 else []


def photograph() -> Paper:
    """A photograph of a price list, with all that a telephone writes into it."""
    return Paper("daftar-harga.jpg", "image/jpeg", samples.photograph())


def receipt() -> Paper:
    """A paper that somebody was given."""
    return Paper("kuitansi.pdf", "application/pdf", samples.paper())
