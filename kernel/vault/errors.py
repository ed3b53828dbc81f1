"""The one failure of the vault."""

from __future__ import annotations


class Unreadable(Exception):
    """Something does not open or cannot be sealed to, and nothing more is told: why would help only a forger."""
