"""What happens by itself: a question times out, a missed deadline is raised once, and never anything else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from casework import logins, queries
from casework.cases import CLOCK, read_case
from casework.logins import CurrentOfficer
from casework.models import Case, CaseEvent
from casework.sessions import COOKIE
from casework.timers import look_at_clock
from kernel import clock, decrees
from kernel.database import db, transaction
from kernel.decrees import calendar_in
from kernel.directory.queries import current_directory
from kernel.jobs import Job
from tests import client
from tests.casework.office import Watch, stop_clock
from tests.casework.test_acts import act, investigated, opened, visit
from tests.officer import Text
from tests.page import page_of
from tests.places import EVERYWHERE, JAWA_TENGAH, RUMBIA
from tests.province import Province


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """A clock that shows the real moment, and then only moves when the test moves it."""
    now = clock.now()
    watch = stop_clock(monkeypatch)
    watch.moment = now
    return watch


@contextmanager
def inside(province: Province) -> Iterator[None]:
    """Look at the database as it is now."""
    with province.app.app_context():
        yield
        db.session.remove()


def look(province: Province, complaint: str) -> list[str]:
    """Have the case's clock looked at, as the job does; return what has happened to it so far."""
    with inside(province):
        with transaction() as session:
            look_at_clock(session, complaint)
        events = db.session.scalars(select(CaseEvent).where(CaseEvent.case_id == complaint).order_by(CaseEvent.seq))
        return [event.action for event in events]


def case_of(province: Province, complaint: str) -> Case:
    with inside(province):
        return db.session.get_one(Case, complaint)


def job_of(province: Province, complaint: str) -> Job | None:
    with inside(province):
        return db.session.get(Job, (CLOCK, complaint))


def officer_of(province: Province, desk: str) -> CurrentOfficer:
    """Return the lead of a desk as a request finds him."""
    token = bytes.fromhex(str(province.browser_of("lead", desk).cookie(COOKIE)))
    with inside(province):
        found = logins.officer_of(token)
    assert found is not None
    return found


def after(watch: Watch, day: date | None) -> None:
    """Go to the day after ``day``."""
    assert day is not None
    watch.moment = clock.end_of(day) + timedelta(hours=3)


@pytest.mark.parametrize("province", EVERYWHERE, indirect=True)
def test_a_deadline_crosses_the_holidays_of_its_own_province_and_ends_with_its_day(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A Tuesday evening in Jawa; east of it the Wednesday has begun, and the Friday after it is a holiday of Rumbia's.
    stop_clock(monkeypatch).moment = datetime(2026, 11, 24, 15, 30, tzinfo=timezone.utc)
    _phrase, complaint = province.lodge()
    case, job = case_of(province, complaint), job_of(province, complaint)
    assert job is not None
    assert (case.opened_on, case.due, clock.utc(job.due_at)) == {
        JAWA_TENGAH: (date(2026, 11, 24), date(2026, 11, 27), datetime(2026, 11, 27, 17, tzinfo=timezone.utc)),
        RUMBIA: (date(2026, 11, 25), date(2026, 12, 1), datetime(2026, 12, 1, 15, tzinfo=timezone.utc)),
    }[province.place]


def test_whatever_has_a_clock_has_a_job_for_the_moment_it_has_run_out(province: Province, watch: Watch) -> None:
    _phrase, complaint, _number, _allegation = investigated(province)
    job, due = job_of(province, complaint), case_of(province, complaint).due
    assert job is not None and due is not None
    assert job.due_at.replace(tzinfo=clock.timezone.utc) == clock.end_of(due)


def test_a_question_nobody_answers_lets_the_work_go_on_and_never_closes_the_case(
    province: Province, watch: Watch
) -> None:
    phrase, complaint, number, _allegation = investigated(province)
    act(opened(province, number, "investigator"), "ask", "NEEDS_INFO", [Text("question", "Kapan?")])
    asked = case_of(province, complaint)
    watch.moment = clock.end_of(asked.due or date.min) - timedelta(seconds=1)
    assert look(province, complaint)[-1] == "ask"
    after(watch, asked.due)
    assert look(province, complaint)[-1] == "resume"
    going_on = case_of(province, complaint)
    assert (going_on.state, going_on.raised_on) == ("INVESTIGATION", None)
    assert going_on.due is not None and going_on.due >= clock.today()
    assert visit(province, phrase).thread["state"] == "INVESTIGATION"
    with inside(province):
        assert read_case(db.session, complaint, current_directory()).view.unanswered
    assert look(province, complaint)[-1] == "resume" and job_of(province, complaint) is not None


def test_an_answered_question_does_not_time_out(province: Province, watch: Watch) -> None:
    phrase, complaint, number, _allegation = investigated(province)
    act(opened(province, number, "investigator"), "ask", "NEEDS_INFO", [Text("question", "Kapan?")])
    due = case_of(province, complaint).due
    client.act(visit(province, phrase), "answer", "Senin.", province.visitor().ask)
    after(watch, due)
    assert "resume" not in look(province, complaint)


def test_a_missed_deadline_is_raised_once_and_is_forgotten_when_the_case_goes_on(
    province: Province, watch: Watch
) -> None:
    _phrase, complaint = province.lodge()
    number = province.number_of(complaint)
    provincial = officer_of(province, "33")
    with inside(province):
        before = queries.reminders(provincial)
    after(watch, case_of(province, complaint).due)
    assert look(province, complaint) == ["lodge", "escalate"]
    assert look(province, complaint) == ["lodge", "escalate"] and job_of(province, complaint) is None
    with inside(province):
        page = queries.queue(provincial, queries.QueueFilter(raised=True), None)
        assert number in {row.number for row in page.rows}
        assert queries.reminders(provincial).raised == before.raised + 1
    watch.moment = clock.datetime.now(clock.timezone.utc)
    act(opened(province, number, "lead"), "open", "TRIAGE", [Text("declaration", "Tidak ada hubungan.")])
    assert case_of(province, complaint).raised_on is None and job_of(province, complaint) is not None


def reminded(province: Province, watch: Watch, lead: CurrentOfficer, day: date) -> queries.Reminders:
    """Return what a lead is reminded of on the morning of ``day``."""
    watch.moment = clock.end_of(day) - timedelta(hours=16)
    with inside(province):
        return queries.reminders(lead)


def test_a_lead_is_reminded_of_a_deadline_two_working_days_before_on_its_day_and_once_it_is_over(
    province: Province, watch: Watch
) -> None:
    now, lead = watch.moment, officer_of(province, "33.08")
    with inside(province):
        calendar = calendar_in(db.session)
        due = calendar.add(clock.today(), 3)
        days = [calendar.add(clock.today(), passed) for passed in (0, 1, 3)] + [due + timedelta(days=1)]
    before = [reminded(province, watch, lead, day) for day in days]
    watch.moment = now
    _phrase, complaint = province.lodge()
    assert case_of(province, complaint).due == due
    after_it = [reminded(province, watch, lead, day) for day in days]
    more = [(b.late - a.late, b.today - a.today, b.soon - a.soon) for a, b in zip(before, after_it, strict=True)]
    assert more == [(0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0)]


def test_what_should_not_be_missed_stands_above_the_queue(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "reminders", lambda _lead: queries.Reminders(2, 0, 3, 1, written=0))
    lists = page_of(province.browser_of("lead").get("/petugas/")).all("ul")
    [said] = [each for each in lists if each.get("id") == "reminders"]
    lines = [line.strip() for line in said.text.splitlines() if line.strip()]
    assert lines == ["2 lewat tenggat", "3 dalam dua hari kerja", "1 dinaikkan ke meja atas"]


def test_a_deadline_that_a_decree_has_moved_is_not_missed_before_its_new_day(province: Province, watch: Watch) -> None:
    _phrase, complaint = province.lodge()
    due = case_of(province, complaint).due
    assert due is not None
    lead = province.log_in("lead").id
    after(watch, due)
    with inside(province):
        decrees.decree(due, "Libur yang baru ditetapkan", lead)
    try:
        with inside(province):
            moved = calendar_in(db.session).add(due, 1)
        while clock.today() <= moved:
            assert look(province, complaint) == ["lodge"]
            job = job_of(province, complaint)
            assert job is not None and job.due_at.replace(tzinfo=clock.timezone.utc) == clock.end_of(moved)
            watch.move(days=1)
        assert look(province, complaint) == ["lodge", "escalate"]
    finally:
        with inside(province):
            decrees.take_back(due, lead)


def test_two_workers_at_one_case_raise_its_deadline_once(province: Province, watch: Watch) -> None:
    _phrase, complaint = province.lodge()
    after(watch, case_of(province, complaint).due)
    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(lambda _: look(province, complaint), range(4)))
    assert max(seen, key=len) == ["lodge", "escalate"]
