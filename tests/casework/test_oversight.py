"""What overseers see: who vouched for whom, who has opened what, and how desks keep their clocks."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import insert

from casework import chain, oversight
from casework.models import AccessEvent, Case, CaseEvent
from casework.oversight_page import READ_LOG
from casework.terms import State
from kernel.database import db
from kernel.decrees import calendar_in
from kernel.directory.directory import Directory, Reason
from kernel.directory.statements import Statement, sign
from kernel.vault import Identity, SigningKey
from tests.casework.office import Watch
from tests.casework.stage import (
    CHANNEL, INVESTIGATOR, LEAD, OTHER_REVIEWER, RUNNING, case_row, event_row, reading_row, set_stage,
)  # fmt: skip

ROOT = SigningKey.from_seed(b"r" * 32)
DAY = date(2026, 11, 24)
A, B, C = ("a" * 32, "b" * 32, "c" * 32)


def said(subject: str, role: str, issuer: str, by: SigningKey, version: int = 1, status: str = "active") -> str:
    """Write a signed statement about an officer of desk 33."""
    key = SigningKey.from_seed(subject.encode())
    kem = Identity.from_seed(subject.encode()).recipient.digest
    return sign(
        Statement("officer", subject, version, status, "33", None, role, kem, key.public.hex(), DAY, issuer), by
    )


def desk() -> str:
    """Write the root's statement about desk 33."""
    return sign(Statement("desk", "33", 1, "active", None, None, "province", None, None, DAY, "root"), ROOT)


def test_each_officer_hangs_under_the_one_who_signed_for_him_by_his_newest_statement() -> None:
    lead = SigningKey.from_seed(A.encode())
    bodies = [
        desk(), said(A, "lead", "root", ROOT), said(B, "investigator", f"officer:{A}", lead),
        said(C, "reviewer", f"officer:{A}", lead), said(C, "reviewer", f"officer:{A}", lead, 2, "revoked"),
    ]  # fmt: skip
    every = chain.judged(Directory(ROOT.public, bodies), bodies)
    [top] = chain.links(every)
    assert (top.vouched.statement.subject, top.vouched.reason) == (A, None)
    assert [(each.vouched.statement.subject, each.vouched.reason) for each in top.below] == [
        (B, None), (C, Reason.REVOKED),
    ]  # fmt: skip
    assert [each.statement.version for each in every if each.statement.subject == C] == [2]


def test_officers_who_vouch_for_each_other_hang_on_nothing_and_count_for_nothing() -> None:
    keys = {each: SigningKey.from_seed(each.encode()) for each in (A, B)}
    bodies = [desk(), said(A, "lead", f"officer:{B}", keys[B]), said(B, "lead", f"officer:{A}", keys[A])]
    every = chain.judged(Directory(ROOT.public, bodies), bodies)
    assert chain.links(every) == []
    assert {each.reason for each in every if each.statement.kind == "officer"} == {Reason.ISSUER}


@pytest.fixture
def staged(room: Flask) -> Flask:
    """The room with the cases of ``stage``, and readings by two officers."""
    with db.engine.begin() as connection:
        set_stage(connection)
        newest = reading_row(RUNNING, 2, None)["hash"]
        later = reading_row(RUNNING, 3, newest) | {"officer_id": OTHER_REVIEWER}
        connection.execute(insert(AccessEvent).values(later | {"at": later["at"] + timedelta(hours=1)}))
    return room


def test_readings_stand_newest_first_and_are_found_by_case_and_by_officer(staged: Flask) -> None:
    number = str(case_row(RUNNING)["number"])
    every = oversight.openings(None, None, None).rows
    assert [row.case_number for row in every] == [number] * 3
    assert every[0].at > every[1].at
    assert len(oversight.openings(None, LEAD, None).rows) == 2
    assert len(oversight.openings(number, OTHER_REVIEWER, None).rows) == 1
    assert oversight.openings("26-0000000", None, None).rows == []
    assert [officer for officer, _name in oversight.readers()] == sorted([LEAD, OTHER_REVIEWER])


def test_pages_of_readings_leave_none_out_and_show_none_twice(staged: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    every = oversight.openings(None, None, None)
    monkeypatch.setattr(oversight, "PAGE", 1)
    found, place = [], None
    for _ in range(3):
        page = oversight.openings(None, None, place)
        found, place = found + page.rows, page.next_after
    assert found == every.rows and place is None


@pytest.mark.parametrize("place", ["", "x", f"2026-13-01T00:00:00~{A}~1", f"2026-11-25T00:00:00~{A}~-1"])
def test_a_page_that_begins_nowhere_begins_at_the_start(place: str) -> None:
    assert READ_LOG.read({"setelah": place}) is None


def lodged(case_id: str, on: date, opened: date | None, due: date | None, raised: bool = False, **more: str) -> None:
    """Write a case that came in on a day and was opened on another, or was not yet."""
    steps = [("lodge", "NEW", "RECEIVED", "reporter", on)]
    steps += [("escalate", "RECEIVED", "RECEIVED", "system", on)] if raised else []
    steps += [("open", "RECEIVED", "TRIAGE", LEAD, opened)] if opened else []
    with db.engine.begin() as connection:
        connection.execute(insert(Case).values(case_row(case_id, opened_on=on, due=due, **more)))
        for seq, (action, before, after, actor, day) in enumerate(steps, 1):
            connection.execute(insert(CaseEvent).values(event_row(case_id, seq, action, before, after, actor, day=day)))


def test_clocks_count_what_runs_is_late_and_was_kept_at_each_desk(staged: Flask, watch: Watch) -> None:
    watch.move(days=30)
    monday, thursday, friday = date(2026, 11, 30), date(2026, 12, 3), date(2026, 12, 4)
    lodged("1" * 32, monday, opened=thursday, due=date(2027, 1, 4))
    lodged("2" * 32, monday, opened=friday, due=date(2026, 12, 11), raised=True, channel_id=CHANNEL)
    lodged("3" * 32, friday, opened=None, due=date(2026, 12, 9))
    # What came in more than 90 days ago says nothing of how clocks are kept now, but it still runs.
    lodged("4" * 32, date(2026, 8, 3), opened=date(2026, 9, 25), due=date(2026, 9, 30), raised=True)
    [solo, other] = oversight.desk_clocks(["33.08", "33.74"], LEAD)
    assert (solo.desk, solo.running, solo.late, solo.raised) == ("33.08", 4, 3, 1)
    assert (other.running, other.late, other.oldest) == (0, 0, 0)
    opening = solo.kept[State.RECEIVED]
    # The four of the stage were opened on the day they came.
    assert (opening.kept, opening.ended) == (4 + 1, 4 + 2)
    assert (solo.kept[State.REVIEW].kept, solo.kept[State.REVIEW].ended) == (2, 2)
    assert solo.oldest == calendar_in(db.session).between(date(2026, 8, 3), date(2026, 12, 24))
    # Who may know of other desks only is told of those only.
    assert oversight.desk_clocks(["33.74"], LEAD) == [other]
    # Whoever wrote a case down is told nothing of it, in no count: here the second, and the four of the stage.
    [his] = oversight.desk_clocks(["33.08"], CHANNEL)
    assert (his.running, his.late, his.raised) == (3, 2, 0)
    assert (his.kept[State.RECEIVED].kept, his.kept[State.RECEIVED].ended) == (1, 1)


def went(case_id: str, on: date, *steps: tuple[str, str, str, str]) -> None:
    """Write a case that came in on a day, was opened on the next, and went on from there, a step a day."""
    lodged(case_id, on, opened=on + timedelta(days=1), due=None)
    with db.engine.begin() as connection:
        for seq, step in enumerate(steps, 3):
            row = event_row(case_id, seq, *step, day=on + timedelta(days=seq - 1))
            connection.execute(insert(CaseEvent).values(row))


RAISED = ("escalate", "TRIAGE", "TRIAGE", "system")
BEGUN = ("investigate", "TRIAGE", "INVESTIGATION", LEAD)
PROPOSED = ("propose", "INVESTIGATION", "REVIEW", INVESTIGATOR)
REFERRED = ("refer", "TRIAGE", "REFERRED", LEAD)
RETURNED = ("returned", "REFERRED", "TRIAGE", LEAD)


def test_a_clock_that_pauses_was_kept_by_cases_that_went_on_and_were_never_raised(staged: Flask, watch: Watch) -> None:
    watch.move(days=30)

    def counted() -> dict[State, tuple[int, int]]:
        db.session.rollback()
        [desk] = oversight.desk_clocks(["33.08"], LEAD)
        return {state: (kept.kept, kept.ended) for state, kept in desk.kept.items()}

    before = counted()
    stories = (
        ((RAISED, BEGUN), {State.TRIAGE: (0, 1)}),
        ((BEGUN, PROPOSED), {State.TRIAGE: (1, 1), State.INVESTIGATION: (1, 1)}),
        # Its clock only pauses.
        ((("ask", "TRIAGE", "NEEDS_INFO", LEAD),), {}),
        # There again, it has not ended.
        ((REFERRED, RETURNED), {State.REFERRED: (1, 1)}),
    )
    for turn, (steps, more) in enumerate(stories, 5):
        went(str(turn) * 32, date(2026, 11, 30), *steps)
        after = counted()
        grown = {state: (after[state][0] - kept, after[state][1] - ended) for state, (kept, ended) in before.items()}
        assert {state: grown[state] for state in grown.keys() - {State.RECEIVED} if grown[state] != (0, 0)} == more
        before = after
