"""What the page of decreed days shows of everything that was ever noted, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone

from casework.case_page import moment_words
from kernel.decrees import Decree, Place
from kernel.i18n import gettext as _

PLACE = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})~(\d{4}-\d{2}-\d{2})~(\d{1,9})")
WHEN = "%Y-%m-%dT%H:%M:%S"


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


def read_place(asked: str) -> Place | None:
    """Return after which note a page begins; ``None``, the start, also for what is none."""
    match = PLACE.fullmatch(asked)
    if match is None:
        return None
    try:
        at = datetime.strptime(match[1], WHEN).replace(tzinfo=timezone.utc)
        return at, date.fromisoformat(match[2]), int(match[3])
    except ValueError:
        return None


def write_place(place: Place) -> str:
    """Write where a page begins, as its address has it."""
    return f"{place[0].strftime(WHEN)}~{place[1].isoformat()}~{place[2]}"
