"""Counts and alarms in Prometheus's text format.

A scrape every few seconds could tell when somebody reports, by which way, and when he looks at his case. So whatever
is not the officers' is shown a day late, by the province's days, and in tens; only our own failures show at once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate

from kernel import clock
from operations.measuring import NOWHERE, Note
from operations.watching import Alarm

# Seconds; the budget of a page is 5 to 50 milliseconds, Argon2id takes 40.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
FAILURE = 500
# Reporters' counts are shown in steps of so many: one of a quiet day's reports is none.
STEP = 10


@dataclass
class Counted:
    """How often an endpoint answered, by class of status, and how long that took."""

    statuses: dict[str, int] = field(default_factory=dict)
    within: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    def add(self, note: Note) -> None:
        """Count one more."""
        code = f"{note.status // 100}xx"
        self.statuses[code] = self.statuses.get(code, 0) + 1
        self.within[bisect_left(BOUNDS, note.seconds)] += 1
        self.seconds += note.seconds

    def copy(self) -> Counted:
        """Return the same, which later counts leave alone."""
        return Counted(dict(self.statuses), list(self.within), self.seconds)


@dataclass(frozen=True)
class Shown:
    """What is shown of an endpoint: its counts, in whole steps."""

    counted: Counted
    step: int

    def statuses(self) -> dict[str, int]:
        """Return how often it answered, by class of status."""
        return {code: self._whole(count) for code, count in sorted(self.counted.statuses.items())}

    def within(self) -> list[int]:
        """Return how many answers took at most each of ``BOUNDS``, and how many there were."""
        return [self._whole(total) for total in accumulate(self.counted.within)]

    def seconds(self) -> float:
        """Return how long the answers that are shown took together, were each as long as the mean."""
        total = sum(self.counted.within)
        return self.counted.seconds * self._whole(total) / total

    def _whole(self, count: int) -> int:
        return count - count % self.step


class Counts:
    """What was counted since this process began, and of reporters what of it may be shown."""

    def __init__(self, endpoints: Mapping[str, bool], today: Callable[[], date] = clock.today) -> None:
        """Take every endpoint there is, and whether it is the officers'; a note of any other is an invention."""
        self._officers, self._today = {NOWHERE: False, **endpoints}, today
        self._now: dict[str, Counted] = {}
        self._yesterday: dict[str, Counted] = {}
        self._failures: dict[str, int] = {}
        self._day = today()

    def add(self, note: Note) -> None:
        """Count one request."""
        if note.endpoint not in self._officers:
            return
        self._turn_the_day()
        self._now.setdefault(note.endpoint, Counted()).add(note)
        if note.status >= FAILURE:
            self._failures[note.endpoint] = self._failures.get(note.endpoint, 0) + 1

    def shown(self) -> dict[str, Shown]:
        """Return what may be shown now: of officers all, of everybody else what was counted before today, in tens."""
        self._turn_the_day()
        officers = {endpoint: Shown(each, 1) for endpoint, each in self._now.items() if self._officers[endpoint]}
        return {endpoint: Shown(each, STEP) for endpoint, each in self._yesterday.items()} | officers

    def failures(self) -> dict[str, int]:
        """Return how often each endpoint failed by a fault of ours."""
        return self._failures

    def _turn_the_day(self) -> None:
        if self._today() != self._day:
            self._day = self._today()
            self._yesterday = {endpoint: each.copy() for endpoint, each in self._now.items()}


def page(counts: Counts, alarms: Iterable[Alarm], free_share: float, backup_age: float | None) -> str:
    """Write everything in the text format, version 0.0.4; ``backup_age`` in seconds."""
    lines = [*_requests(counts), *_failures(counts), *_alarms(alarms)]
    lines += _gauge("kentongan_disk_free_ratio", "Free part of the disk, in whole hundredths.", free_share)
    if backup_age is not None:
        lines += _gauge("kentongan_backup_age_seconds", "Age of the newest backup.", backup_age)
    return "".join(f"{line}\n" for line in lines)


def _requests(counts: Counts) -> Iterator[str]:
    shown = sorted(counts.shown().items())
    yield from _heading("kentongan_requests_total", "counter", "Answers; of reporters' pages before today, in tens.")
    for endpoint, each in shown:
        for code, count in each.statuses().items():
            yield f'kentongan_requests_total{{endpoint="{endpoint}",code="{code}"}} {count}'
    yield from _heading("kentongan_request_seconds", "histogram", "How long they took; likewise.")
    for endpoint, each in shown:
        yield from _histogram(endpoint, each)


def _histogram(endpoint: str, each: Shown) -> Iterator[str]:
    within = each.within()
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), within, strict=True):
        yield f'kentongan_request_seconds_bucket{{endpoint="{endpoint}",le="{bound}"}} {count}'
    yield f'kentongan_request_seconds_sum{{endpoint="{endpoint}"}} {each.seconds():.6f}'
    yield f'kentongan_request_seconds_count{{endpoint="{endpoint}"}} {within[-1]}'


def _failures(counts: Counts) -> Iterator[str]:
    yield from _heading("kentongan_failures_total", "counter", "Answers with 500 and above, at once.")
    for endpoint, count in sorted(counts.failures().items()):
        yield f'kentongan_failures_total{{endpoint="{endpoint}"}} {count}'


def _alarms(alarms: Iterable[Alarm]) -> Iterator[str]:
    yield from _heading("kentongan_alarm", "gauge", "1 while an alarm rings; `flask alarms` says why.")
    yield from (f'kentongan_alarm{{name="{alarm.name}"}} {int(alarm.rings)}' for alarm in alarms)


def _gauge(name: str, meaning: str, value: float) -> list[str]:
    return [*_heading(name, "gauge", meaning), f"{name} {value:g}"]


def _heading(name: str, kind: str, meaning: str) -> list[str]:
    return [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
