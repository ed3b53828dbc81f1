"""Working days: weekends, holidays, cuti bersama, and what was decreed since the library was made."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from holidays import country_holidays

from kernel.calendar import WorkingDays
from tests.server import SECONDS_TO_START

NATIONAL = WorkingDays({})


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 11, 25), True),
        (date(2026, 11, 28), False),  # Saturday
        (date(2026, 8, 17), False),  # Monday, Independence Day
        (date(2026, 12, 24), False),  # Thursday, cuti bersama: "public" holidays alone forget it
        (date(2026, 3, 20), False),  # Friday, cuti bersama Idul Fitri
        (date(2026, 3, 25), True),
    ],
)
def test_whether_offices_are_open(day: date, working: bool) -> None:
    assert NATIONAL.is_working(day) is working


def test_three_working_days_over_christmas_and_its_cuti_bersama() -> None:
    # 24 (cuti bersama) and 25 December 2026 fall on Thursday and Friday.
    assert NATIONAL.add(date(2026, 12, 22), 3) == date(2026, 12, 29)


def test_the_turn_of_the_year() -> None:
    assert NATIONAL.add(date(2026, 12, 31), 1) == date(2027, 1, 4)


def test_no_days_added_is_the_same_day() -> None:
    assert NATIONAL.add(date(2026, 11, 28), 0) == date(2026, 11, 28)


def test_between_undoes_add() -> None:
    first = date(2026, 3, 10)
    assert NATIONAL.between(first, NATIONAL.add(first, 12)) == 12


def test_a_correction_makes_a_holiday_and_unmakes_one() -> None:
    corrected = WorkingDays({date(2026, 11, 25): "Pilkada", date(2026, 12, 24): ""})
    assert not corrected.is_working(date(2026, 11, 25))
    assert corrected.is_working(date(2026, 12, 24))


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_threads_that_ask_for_a_year_at_once_are_all_told_its_holidays(restless: None) -> None:
    together = Barrier(6)

    def reckon(fresh: WorkingDays) -> date:
        together.wait()
        return fresh.add(date(2026, 12, 22), 3)

    with ThreadPoolExecutor(6) as pool:
        told = [day for _ in range(20) for day in pool.map(reckon, [WorkingDays({})] * 6)]
    assert set(told) == {date(2026, 12, 29)}


def test_the_holidays_are_the_librarys_own_whatever_way_its_module_was_read() -> None:
    own = WorkingDays({})
    for year in range(2024, 2032):
        theirs = country_holidays("ID", years=year, expand=False, categories=("public", "government"))
        first = date(year, 1, 1)
        days = [first + timedelta(n) for n in range(365)]
        assert len(theirs) > 15
        assert [day for day in days if day.weekday() < 5 and not own.is_working(day)] == [
            day for day in days if day.weekday() < 5 and day in theirs
        ]


def test_a_process_that_counts_working_days_has_not_read_every_countrys_holidays() -> None:
    asked = (
        "import sys; from datetime import date; from kernel.calendar import WorkingDays;"
        "assert not WorkingDays({}).is_working(date(2026, 3, 20));"
        "print([name for name in sys.modules if name.startswith('holidays.countries')])"
    )
    told = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=SECONDS_TO_START,
    )  # fmt: skip
    assert told.stdout.strip() == "[]"
