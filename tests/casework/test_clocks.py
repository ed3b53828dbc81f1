"""The clocks over cuti bersama, pauses and the turn of the year.

Around the turn of the year 24 December 2026 (cuti bersama), 25 December, 1 and 5 January 2027 are no working days.
"""

from datetime import date

import pytest

from casework.clocks import ClockDays, Shown, dated, due, limit, objection_until, purge_from, shown_of
from casework.history import Step, fold
from casework.terms import Action, ActorKind, Outcome, State
from kernel.calendar import WorkingDays

CALENDAR = WorkingDays({})
DAYS = ClockDays()
LODGED = {"desk": "33.08", "excluded": "none", "threatened": "no"}
PLAN = {"assignee": "i", "category": "calo", "severity": "berat", "allegation.a1": "open"}
CLEAR = {
    Action.LODGE: LODGED,
    Action.INVESTIGATE: PLAN,
    Action.PROPOSE: {"outcome": "proven"},
    Action.DISMISS: {"outcome": "proven"},
}
Told = tuple[Action, State, str]

RECEIVED: list[Told] = [(Action.LODGE, State.RECEIVED, "2026-12-22")]
TRIAGE: list[Told] = [*RECEIVED, (Action.OPEN, State.TRIAGE, "2026-12-23")]
INVESTIGATION: list[Told] = [*TRIAGE, (Action.INVESTIGATE, State.INVESTIGATION, "2026-12-23")]
CLOSED: list[Told] = [
    *INVESTIGATION,
    (Action.PROPOSE, State.REVIEW, "2026-12-23"),
    (Action.CLOSE, State.CLOSED, "2026-12-23"),
]
OBJECTION: list[Told] = [*CLOSED, (Action.OBJECT, State.OBJECTION, "2026-12-23")]


def told(*story: Told, until: str = "") -> list[Step]:
    """Return a case's events; ``until`` is the day an extension names."""
    steps: list[Step] = []
    for action, state, day in story:
        before = steps[-1].to_state if steps else State.NEW
        clear = {"until": until} if action is Action.EXTEND else CLEAR.get(action, {})
        when = date.fromisoformat(day)
        steps.append(Step(len(steps) + 1, action, before, state, when, ActorKind.OFFICER, "o", clear))
    return steps


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (RECEIVED, "2026-12-29"),
        (TRIAGE, "2027-01-04"),
        ([*TRIAGE, (Action.ASK, State.NEEDS_INFO, "2026-12-29")], "2027-01-14"),
        ([*TRIAGE, (Action.REFER, State.REFERRED, "2026-12-23")], "2027-01-12"),
        ([*TRIAGE, (Action.PROPOSE, State.REVIEW, "2026-12-28")], "2027-01-06"),
        (OBJECTION, "2027-01-18"),
        (INVESTIGATION, "2027-01-22"),
        (CLOSED, None),
        ([*CLOSED, (Action.PURGE, State.PURGED, "2032-01-05")], None),
        # A message on the way starts no clock anew.
        ([*RECEIVED, (Action.MESSAGE, State.RECEIVED, "2026-12-28")], "2026-12-29"),
    ],
)
def test_each_state_has_its_clock(story: list[Told], expected: str | None) -> None:
    assert due(told(*story), CALENDAR, DAYS) == (date.fromisoformat(expected) if expected else None)


ASKED: list[Told] = [*TRIAGE, (Action.ASK, State.NEEDS_INFO, "2026-12-29")]


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        # Two of the five days were used before the question.
        ([*ASKED, (Action.ANSWER, State.TRIAGE, "2027-01-07")], "2027-01-12"),
        ([*ASKED, (Action.RESUME, State.TRIAGE, "2027-01-15")], "2027-01-20"),
        (
            [
                *ASKED,
                (Action.ANSWER, State.TRIAGE, "2027-01-07"),
                (Action.ASK, State.NEEDS_INFO, "2027-01-08"),
                (Action.ANSWER, State.TRIAGE, "2027-01-15"),
            ],
            "2027-01-19",
        ),
        # The reporter has ten days in each round.
        (
            [*ASKED, (Action.ANSWER, State.TRIAGE, "2026-12-30"), (Action.ASK, State.NEEDS_INFO, "2026-12-31")],
            "2027-01-18",
        ),
        # What was overdue before the pause is due the day it comes back.
        (
            [*TRIAGE, (Action.ASK, State.NEEDS_INFO, "2027-01-06"), (Action.ANSWER, State.TRIAGE, "2027-01-08")],
            "2027-01-08",
        ),
        # Sent back: the days that were left; the next review has its own five.
        (
            [*TRIAGE, (Action.PROPOSE, State.REVIEW, "2026-12-28"), (Action.SEND_BACK, State.TRIAGE, "2027-01-06")],
            "2027-01-12",
        ),
        (
            [
                *TRIAGE,
                (Action.PROPOSE, State.REVIEW, "2026-12-23"),
                (Action.SEND_BACK, State.TRIAGE, "2026-12-30"),
                (Action.PROPOSE, State.REVIEW, "2026-12-31"),
            ],
            "2027-01-11",
        ),
        # Returned by the agency, the study begins again.
        (
            [*TRIAGE, (Action.REFER, State.REFERRED, "2026-12-30"), (Action.RETURNED, State.TRIAGE, "2026-12-31")],
            "2027-01-11",
        ),
        (
            [
                *TRIAGE,
                (Action.REFER, State.REFERRED, "2026-12-23"),
                (Action.RECEIPT, State.REVIEW, "2026-12-29"),
                (Action.SEND_BACK, State.REFERRED, "2026-12-31"),
            ],
            "2027-01-14",
        ),
    ],
)
def test_a_clock_goes_on_with_the_days_that_were_left(story: list[Told], expected: str) -> None:
    assert due(told(*story), CALENDAR, DAYS) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ([(Action.REPLY, State.INVESTIGATION, "2027-01-10")], "2027-02-09"),
        ([(Action.NOTE, State.INVESTIGATION, "2027-01-10")], "2027-01-22"),
        ([(Action.FINDING, State.INVESTIGATION, "2027-01-10")], "2027-01-22"),
        ([(Action.MESSAGE, State.INVESTIGATION, "2027-01-10")], "2027-01-22"),
        (
            [(Action.ASK, State.NEEDS_INFO, "2027-01-10"), (Action.ANSWER, State.INVESTIGATION, "2027-01-20")],
            "2027-02-19",
        ),
        (
            [
                (Action.ASK, State.NEEDS_INFO, "2027-01-10"),
                (Action.REPLY, State.NEEDS_INFO, "2027-01-15"),
                (Action.ANSWER, State.INVESTIGATION, "2027-01-20"),
            ],
            "2027-02-19",
        ),
        # A pause that was over before the last update adds nothing.
        (
            [
                (Action.ASK, State.NEEDS_INFO, "2027-01-10"),
                (Action.ANSWER, State.INVESTIGATION, "2027-01-20"),
                (Action.REPLY, State.INVESTIGATION, "2027-01-25"),
            ],
            "2027-02-24",
        ),
        (
            [(Action.PROPOSE, State.REVIEW, "2027-01-04"), (Action.SEND_BACK, State.INVESTIGATION, "2027-01-11")],
            "2027-01-29",
        ),
        # No update moves the end of the whole investigation, 60 working days on.
        ([(Action.REPLY, State.INVESTIGATION, "2027-03-20")], "2027-04-05"),
    ],
)
def test_news_every_thirty_calendar_days_and_sixty_working_days_in_all(later: list[Told], expected: str) -> None:
    assert due(told(*INVESTIGATION, *later), CALENDAR, DAYS) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("later", "until", "expected"),
    [
        ([], "", "2027-04-05"),
        (
            [(Action.ASK, State.NEEDS_INFO, "2027-01-11"), (Action.ANSWER, State.INVESTIGATION, "2027-01-18")],
            "",
            "2027-04-12",
        ),
        ([(Action.EXTEND, State.INVESTIGATION, "2027-03-30")], "2027-06-30", "2027-06-30"),
        # A Saturday that was promised is not cut to the Friday before it.
        ([(Action.EXTEND, State.INVESTIGATION, "2027-03-30")], "2027-06-26", "2027-06-26"),
        (
            [
                (Action.EXTEND, State.INVESTIGATION, "2027-03-30"),
                (Action.ASK, State.NEEDS_INFO, "2027-04-01"),
                (Action.ANSWER, State.INVESTIGATION, "2027-04-08"),
            ],
            "2027-06-30",
            "2027-07-07",
        ),
        (
            [
                (Action.ASK, State.NEEDS_INFO, "2027-01-11"),
                (Action.ANSWER, State.INVESTIGATION, "2027-01-18"),
                (Action.EXTEND, State.INVESTIGATION, "2027-03-30"),
            ],
            "2027-06-30",
            "2027-06-30",
        ),
    ],
)
def test_the_end_of_an_investigation(later: list[Told], until: str, expected: str) -> None:
    assert limit(told(*INVESTIGATION, *later, until=until), CALENDAR, DAYS) == date.fromisoformat(expected)


def test_an_extension_is_news_too() -> None:
    story = told(*INVESTIGATION, (Action.EXTEND, State.INVESTIGATION, "2027-01-20"), until="2027-06-30")
    assert due(story, CALENDAR, DAYS) == date(2027, 2, 19)


def test_only_an_investigation_has_an_end() -> None:
    assert limit(told(*TRIAGE), CALENDAR, DAYS) is None


@pytest.mark.parametrize("action", [Action.UPHOLD, Action.REOPEN])
def test_an_investigation_begun_again_has_its_days_again_and_no_old_extension(action: Action) -> None:
    extended = (Action.EXTEND, State.INVESTIGATION, "2026-12-23")
    closed = [*INVESTIGATION, extended, *CLOSED[-2:]]
    objected = [(Action.OBJECT, State.OBJECTION, "2026-12-28")] if action is Action.UPHOLD else []
    story = told(*closed, *objected, (action, State.INVESTIGATION, "2026-12-28"), until="2027-12-31")
    assert limit(story, CALENDAR, DAYS) == date(2027, 4, 6)
    assert due(story, CALENDAR, DAYS) == date(2027, 1, 27)


def test_the_objection_window() -> None:
    assert objection_until(told(*CLOSED), CALENDAR, DAYS) == date(2027, 1, 12)
    assert objection_until(told(*OBJECTION), CALENDAR, DAYS) is None
    closed_again = [
        *OBJECTION, (Action.DISMISS, State.REVIEW, "2026-12-29"), (Action.CLOSE, State.CLOSED, "2026-12-31"),
    ]  # fmt: skip
    assert objection_until(told(*closed_again), CALENDAR, DAYS) == date(2027, 1, 18)


@pytest.mark.parametrize(
    ("closed_on", "outcome", "expected"),
    [
        ("2026-12-23", Outcome.PROVEN, date(2031, 12, 23)),
        ("2026-12-23", Outcome.CANNOT_BE_PROCESSED, date(2027, 12, 23)),
        ("2028-02-29", Outcome.PROVEN, date(2033, 3, 1)),
    ],
)
def test_how_long_what_a_closed_case_holds_is_kept(closed_on: str, outcome: Outcome, expected: date) -> None:
    story = told(*CLOSED[:-1], (Action.CLOSE, State.CLOSED, closed_on))
    assert purge_from(story, DAYS, outcome) == expected
    assert purge_from(told(*OBJECTION), DAYS, outcome) is None


def test_every_duration_is_configuration() -> None:
    days = ClockDays(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
    assert due(told(*RECEIVED), CALENDAR, days) == date(2026, 12, 23)
    assert due(told(*OBJECTION), CALENDAR, days) == date(2026, 12, 28)


# A holiday that was expected on 28 December is worked after all: every date would move a day ahead.
EXPECTED = WorkingDays({date(2026, 12, 28): "Cuti bersama tambahan"})


@pytest.mark.parametrize("story", [RECEIVED, TRIAGE, OBJECTION])
def test_a_due_date_the_reporter_was_shown_does_not_move_earlier(story: list[Told]) -> None:
    shown = due(told(*story), EXPECTED, DAYS)
    computed = due(told(*story), CALENDAR, DAYS)
    assert shown is not None and computed is not None and computed < shown
    assert due(told(*story), CALENDAR, DAYS, shown) == shown
    assert due(told(*story), EXPECTED, DAYS, computed) == shown


def test_an_objection_window_the_reporter_was_shown_does_not_close_earlier() -> None:
    shown = objection_until(told(*CLOSED), EXPECTED, DAYS)
    assert shown == date(2027, 1, 13)
    assert objection_until(told(*CLOSED), CALENDAR, DAYS, shown) == shown


def test_a_case_with_its_dates() -> None:
    steps = told(*INVESTIGATION)
    case = dated(fold(steps), steps, CALENDAR, DAYS, date(2026, 12, 28))
    assert (case.today, case.due, case.limit) == (date(2026, 12, 28), date(2027, 1, 22), date(2027, 4, 5))
    assert case.latest_extension == CALENDAR.add(date(2027, 4, 5), 60)
    assert shown_of(case) == Shown(State.INVESTIGATION, date(2027, 1, 22), None)
    closed = dated(fold(told(*CLOSED)), told(*CLOSED), CALENDAR, DAYS, date(2026, 12, 28))
    assert shown_of(closed) == Shown(State.CLOSED, None, date(2027, 1, 12))
    assert (closed.purge_from, closed.latest_extension) == (date(2031, 12, 23), None)


def test_what_was_shown_in_another_state_binds_nothing() -> None:
    steps, far = told(*CLOSED), date(2027, 3, 1)
    elsewhere = dated(fold(steps), steps, CALENDAR, DAYS, far, Shown(State.REVIEW, far, far))
    assert elsewhere.objection_until == date(2027, 1, 12)
    here = dated(fold(steps), steps, CALENDAR, DAYS, far, Shown(State.CLOSED, None, far))
    assert here.objection_until == far
