"""The clocks of a case: dates derived from its events, never counted in a column. Pure.

A clock runs while the case is with whoever owes the next step. A question to the reporter, or a review, stops the
owner's clock; when the case comes back it goes on with the days that were left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from casework.history import Step
from casework.rules import (
    CLOSED,
    INVESTIGATION,
    NEEDS_INFO,
    OBJECTION,
    RECEIVED,
    REFERRED,
    REVIEW,
    RUNNING,
    TRIAGE,
    CaseView,
)
from casework.terms import Action, Outcome, State
from kernel.calendar import WorkingDays

GOES_ON = frozenset({Action.ANSWER, Action.RESUME, Action.SEND_BACK})
# What tells the reporter something about the matter; an investigation begun or begun again does, too.
UPDATES = frozenset({Action.REPLY, Action.ASK, Action.EXTEND, Action.INVESTIGATE, Action.UPHOLD, Action.REOPEN})


@dataclass(frozen=True)
class ClockDays:
    """How long each step may take: working days, but ``update`` in calendar days and what is kept in years."""

    opening: int = 3
    triage: int = 5
    answer: int = 10
    investigation: int = 60
    extension: int = 60
    update: int = 30
    receipt: int = 10
    review: int = 5
    objection_window: int = 10
    objection: int = 14
    kept_years: int = 5
    kept_years_unprocessed: int = 1

    def of(self, state: State) -> int:
        """Return the working days ``state`` may last; raises ``KeyError`` for one without a clock."""
        return {
            RECEIVED: self.opening,
            TRIAGE: self.triage,
            NEEDS_INFO: self.answer,
            INVESTIGATION: self.investigation,
            REFERRED: self.receipt,
            REVIEW: self.review,
            OBJECTION: self.objection,
        }[state]


@dataclass(frozen=True)
class Shown:
    """The dates the reporter was last shown, and in which state; none of them moves earlier while it lasts."""

    state: State
    next_due: date | None
    objection_until: date | None


@dataclass(frozen=True)
class Stay:
    """One stay in a state: from the event that entered it (``seq``, ``by``, ``since``) to the day it was left."""

    state: State
    by: Action
    seq: int
    since: date
    until: date | None = None


def due(steps: Sequence[Step], calendar: WorkingDays, days: ClockDays, shown: date | None = None) -> date | None:
    """Return the last day on which whoever owes the next step is in time; ``None`` where no clock runs.

    ``shown`` is the day the reporter was shown in this same state: a corrected calendar does not make it earlier.
    """
    clock = _present_clock(steps)
    state = steps[-1].to_state
    if state is INVESTIGATION:
        computed = min(_update_due(steps, clock, days), _limit(steps, clock, calendar, days))
    elif clock:
        computed = _with_days_left(clock, calendar, days.of(state))
    else:
        return None
    return max(computed, shown or computed)


def limit(steps: Sequence[Step], calendar: WorkingDays, days: ClockDays) -> date | None:
    """Return the day by which an investigation ends, updates or not; ``None`` outside INVESTIGATION."""
    if steps[-1].to_state is not INVESTIGATION:
        return None
    return _limit(steps, _present_clock(steps), calendar, days)


def objection_until(
    steps: Sequence[Step], calendar: WorkingDays, days: ClockDays, shown: date | None = None
) -> date | None:
    """Return the last day on which the reporter may object to the closing; ``None`` where the case is not closed."""
    if steps[-1].to_state is not CLOSED:
        return None
    computed = calendar.add(_entered(steps), days.objection_window)
    return max(computed, shown or computed)


def purge_from(steps: Sequence[Step], days: ClockDays, outcome: Outcome | None) -> date | None:
    """Return the first day on which what a closed case holds may be erased; ``None`` where it is not closed."""
    if steps[-1].to_state is not CLOSED:
        return None
    years = days.kept_years_unprocessed if outcome is Outcome.CANNOT_BE_PROCESSED else days.kept_years
    closed = _entered(steps)
    try:
        return closed.replace(year=closed.year + years)
    except ValueError:  # 29 February
        return date(closed.year + years, 3, 1)


def dated(
    case: CaseView,
    steps: Sequence[Step],
    calendar: WorkingDays,
    days: ClockDays,
    today: date,
    shown: Shown | None = None,
) -> CaseView:
    """Return the folded ``case`` with its dates, keeping those the reporter was ``shown`` in this state."""
    if shown is None or shown.state is not case.state:
        shown = Shown(case.state, None, None)
    ends = limit(steps, calendar, days)
    return replace(
        case,
        today=today,
        due=due(steps, calendar, days, shown.next_due),
        limit=ends,
        latest_extension=calendar.add(ends, days.extension) if ends else None,
        objection_until=objection_until(steps, calendar, days, shown.objection_until),
        purge_from=purge_from(steps, days, case.outcome),
    )


def shown_of(case: CaseView) -> Shown:
    """Return the dates of a dated ``case`` that the reporter is shown next."""
    return Shown(case.state, case.due, case.objection_until)


def _stays(steps: Sequence[Step]) -> list[Stay]:
    stays: list[Stay] = []
    for step in steps:
        if step.to_state is step.from_state:
            continue
        if stays:
            stays[-1] = replace(stays[-1], until=step.day)
        stays.append(Stay(step.to_state, step.action, step.seq, step.day))
    return stays


def _entered(steps: Sequence[Step]) -> date:
    return _stays(steps)[-1].since


def _present_clock(steps: Sequence[Step]) -> list[Stay]:
    """Return the stays in the present state over which its clock has run, oldest first; empty where none runs."""
    stays = _stays(steps)
    clock: list[Stay] = []
    for stay in reversed(stays):
        if stay.state is stays[-1].state:
            clock.insert(0, stay)
            if stay.by not in GOES_ON:
                break
    return clock if stays[-1].state in RUNNING else []


def _with_days_left(clock: Sequence[Stay], calendar: WorkingDays, total: int) -> date:
    *earlier, present = clock
    used = sum(calendar.between(stay.since, stay.until or present.since) for stay in earlier)
    return calendar.add(present.since, total - used)


def _limit(steps: Sequence[Step], clock: Sequence[Stay], calendar: WorkingDays, days: ClockDays) -> date:
    extensions = [step for step in steps if step.action is Action.EXTEND and step.seq > clock[0].seq]
    if not extensions:
        return _with_days_left(clock, calendar, days.investigation)
    # Extended to a day: from then on the clock has the days up to it, and later pauses are added as to any clock.
    extended = extensions[-1]
    until = date.fromisoformat(extended.clear["until"])
    before = [stay for stay in clock if stay.seq < extended.seq]
    ran = [calendar.between(stay.since, stay.until or extended.day) for stay in before[:-1]]
    total = sum(ran) + calendar.between(before[-1].since, until)
    return max(until, _with_days_left(clock, calendar, total))


def _update_due(steps: Sequence[Step], clock: Sequence[Stay], days: ClockDays) -> date:
    last = max(step.day for step in steps if step.action in UPDATES and step.seq >= clock[0].seq)
    pauses = [(stay.until or last, later.since) for stay, later in zip(clock, clock[1:], strict=False)]
    paused = sum(((end - max(begin, last)).days for begin, end in pauses if end > last), 0)
    return last + timedelta(days=days.update + paused)
