"""What the page of decreed days shows of everything that was ever noted, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from casework.case_page import moment_words
from casework.places import DAY, MOMENT, NUMBER, Order
from kernel.decrees import Decree
from kernel.i18n import gettext as _

# Notes in the order of their making: when, about which day, the how many-th about it.
NOTES = Order(MOMENT, DAY, NUMBER)


@dataclass(frozen=True)
class NoteLine:
    """One note about a day in words; ``kind`` is the flag it is shown with."""

    when: str
    day: date
    kind: str
    what: str
    who: str


def note_lines(notes: Iterable[Decree], names: Mapping[str, str]) -> list[NoteLine]:
    """Put notes into words; ``names`` are the officers' by id."""
    return [_note_line(note, names.get(note.decided_by, note.decided_by)) for note in notes]


def _note_line(note: Decree, who: str) -> NoteLine:
    return NoteLine(moment_words(note.decided_at), note.day, *_said(note.name), who)


def _said(name: str | None) -> tuple[str, str]:
    if name is None:
        return "info", _("Dihapus")
    return ("wait", name) if name else ("ok", _("Tetap hari kerja"))
