"""Working days in one place: weekends, national holidays, cuti bersama, and what was decreed since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import holidays

SATURDAY = 5
ONE_DAY = timedelta(days=1)


class WorkingDays:
    """The working days of a province. Corrections map a date to a holiday's name, or to "" for a day that is worked."""

    def __init__(self, corrections: Mapping[date, str]) -> None:
        self._corrections = dict(corrections)
        self._years: dict[int, frozenset[date]] = {}

    def is_working(self, day: date) -> bool:
        """Tell whether offices are open on ``day``."""
        if day in self._corrections:
            return not self._corrections[day]
        return day.weekday() < SATURDAY and day not in self._holidays(day.year)

    def add(self, day: date, count: int) -> date:
        """Return the ``count``-th working day after ``day``; ``day`` itself is not counted, 0 gives it back."""
        while count > 0:
            day += ONE_DAY
            count -= self.is_working(day)
        return day

    def between(self, first: date, last: date) -> int:
        """Return how many working days lie after ``first`` up to and including ``last``."""
        return sum(self.is_working(first + n * ONE_DAY) for n in range(1, (last - first).days + 1))

    def _holidays(self, year: int) -> frozenset[date]:
        """Return a year's holidays, made whole before anybody sees them.

        The library's own calendar notes a year as known before it fills it: to other threads its holidays are working
        days meanwhile.
        """
        if year not in self._years:
            # "public" alone forgets cuti bersama, on which no office is open.
            made = _indonesia()(years=year, expand=False, categories=("public", "government"))
            self._years[year] = frozenset(made)
        return self._years[year]


@cache
def _indonesia() -> Any:
    """Return the library's class of Indonesia's holidays, read from its own file.

    Asked for by its code it comes with the modules of all other countries: 8 MB in every process.
    """
    path = Path(holidays.__file__).parent / "countries" / "indonesia.py"
    module = ModuleType("holidays_of_indonesia")
    SourceFileLoader(module.__name__, str(path)).exec_module(module)
    return module.Indonesia
