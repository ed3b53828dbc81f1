"""Where a page of a long list begins: after which line, written into the address of the page that follows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Generic, TypeVar

_WHEN = "%Y-%m-%dT%H:%M:%S"
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
T = TypeVar("T")


@dataclass(frozen=True)
class Part(Generic[T]):
    """One value by which a list is ordered: the form it has in an address, and how it is read and written there."""

    form: str
    read: Callable[[str], T]
    write: Callable[[T], str]


def _moment(written: str) -> datetime:
    return datetime.strptime(written, _WHEN).replace(tzinfo=timezone.utc)


DAY = Part(r"\d{4}-\d{2}-\d{2}", date.fromisoformat, date.isoformat)
MOMENT = Part(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", _moment, lambda moment: moment.strftime(_WHEN))
FLAG = Part("[01]", lambda written: written == "1", lambda flag: f"{flag:d}")
IDENTIFIER = Part("[0-9a-f]{32}", str, str)
NUMBER = Part(r"\d{1,9}", int, str)


@dataclass(frozen=True)
class Order(Generic[A, B, C]):
    """By which three values a list is ordered, the last of which tells one line from every other."""

    first: Part[A]
    second: Part[B]
    third: Part[C]

    def read(self, asked: Mapping[str, str]) -> tuple[A, B, C] | None:
        """Return after which line the page that is asked for begins; ``None``, the start, also for what is no place."""
        form = f"({self.first.form})~({self.second.form})~({self.third.form})"
        match = re.fullmatch(form, asked.get("setelah", ""))
        if match is None:
            return None
        try:
            return self.first.read(match[1]), self.second.read(match[2]), self.third.read(match[3])
        except ValueError:  # it looks like a day, but there is no such day
            return None

    def write(self, place: tuple[A, B, C]) -> str:
        """Write a place as an address has it."""
        return "~".join((self.first.write(place[0]), self.second.write(place[1]), self.third.write(place[2])))
