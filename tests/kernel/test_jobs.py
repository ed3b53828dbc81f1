"""Jobs: done once each by whoever is free, never lost with a worker, put off when they fail."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kernel import clock, jobs
from kernel.database import db, transaction
from kernel.directory.models import PublicKey
from kernel.jobs import Job
from kernel.log import Discreet
from tests.casework.office import Watch, stop_clock
from tests.database import Database

ROOT = Path(__file__).parents[2]
# A worker that leaves its mark, says so before it commits, and never comes to that.
WORKER = """
import sys, time
from sqlalchemy import text
from kernel import jobs
from tests.database import Database, bare_app
def mark_and_hang(session, subject):
    session.execute(text("INSERT INTO public_keys (digest, raw) VALUES (:d, :r)"), {"d": subject, "r": b"x"})
    print("in the middle", flush=True)
    time.sleep(60)
with bare_app(Database(sys.argv[1], sys.argv[2], sys.argv[2])).app_context():
    jobs.work({"mark": mark_and_hang})
"""


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """A clock that only the test moves."""
    return stop_clock(monkeypatch)


def mark(session: Session, subject: str) -> None:
    """Leave a mark, which can be left once."""
    session.add(PublicKey(digest=subject, raw=b"x"))


def fail(session: Session, subject: str) -> None:
    """Leave a mark, then fail."""
    mark(session, subject)
    session.flush()
    raise ValueError(subject)


def marks() -> list[str]:
    """Return the marks left so far."""
    db.session.rollback()
    return sorted(db.session.scalars(select(PublicKey.digest)))


def enqueue(*subjects: str, seconds: float = 0) -> None:
    """Enqueue a mark for each subject."""
    with transaction() as session:
        for subject in subjects:
            jobs.enqueue(session, "mark", subject, clock.now() + timedelta(seconds=seconds))


def left() -> list[Job]:
    """Return the jobs that are still to be done."""
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Job).order_by(Job.subject, Job.kind.desc())))


def test_a_job_is_done_when_its_time_has_come_and_then_forgotten(app: Flask, watch: Watch) -> None:
    enqueue("a", seconds=10)
    assert not jobs.work({"mark": mark}) and marks() == []
    watch.move(seconds=10)
    assert jobs.work({"mark": mark}) and marks() == ["a"]
    assert left() == [] and not jobs.work({"mark": mark})


def test_a_job_enqueued_in_a_write_that_fails_is_not_there(app: Flask, watch: Watch) -> None:
    with pytest.raises(ZeroDivisionError), transaction() as session:
        jobs.enqueue(session, "mark", "a", clock.now())
        raise ZeroDivisionError
    assert left() == []


def test_enqueued_again_it_is_done_once_at_its_new_time(app: Flask, watch: Watch) -> None:
    enqueue("a")
    enqueue("a", seconds=60)
    assert not jobs.work({"mark": mark})
    watch.move(seconds=60)
    assert jobs.work({"mark": mark}) and marks() == ["a"] and left() == []


def test_cancelled_it_is_not_done(app: Flask, watch: Watch) -> None:
    enqueue("a")
    with transaction() as session:
        jobs.cancel(session, "mark", "a")
    assert not jobs.work({"mark": mark})


def test_cancelling_one_leaves_the_others(app: Flask, watch: Watch) -> None:
    enqueue("a", "b")
    with transaction() as session:
        jobs.enqueue(session, "other", "a", clock.now())
        jobs.cancel(session, "mark", "a")
    assert [(job.kind, job.subject) for job in left()] == [("other", "a"), ("mark", "b")]


def test_one_that_is_done_leaves_those_that_were_tried_as_often(app: Flask, watch: Watch) -> None:
    handlers = {"mark": fail, "other": fail}
    enqueue("b")
    with transaction() as session:
        jobs.enqueue(session, "other", "a", clock.now())
    assert jobs.work(handlers) and jobs.work(handlers)
    watch.move(seconds=2)
    assert jobs.work(handlers) and jobs.work(handlers)
    enqueue("a")
    assert jobs.work(handlers)
    watch.move(seconds=2)
    assert jobs.work({"mark": mark}) and marks() == ["a"]
    assert [(job.kind, job.subject, job.turn) for job in left()] == [("other", "a", 3), ("mark", "b", 3)]


def test_a_job_nobody_here_knows_how_to_do_is_left_to_others(app: Flask, watch: Watch) -> None:
    enqueue("a")
    assert not jobs.work({"other": mark}) and len(left()) == 1


def test_what_a_failing_job_has_written_is_undone_and_it_is_put_off_ever_longer(app: Flask, watch: Watch) -> None:
    enqueue("a")
    pauses = []
    for _ in range(jobs.STUCK):
        assert jobs.work({"mark": fail}) and marks() == []
        [job] = left()
        assert job.failure == "ValueError"
        pauses.append(job.due_at.replace(tzinfo=clock.now().tzinfo) - clock.now())
        assert not jobs.work({"mark": fail})
        watch.moment += pauses[-1]
    assert pauses == sorted(set(pauses)) and jobs.stuck() == 1
    enqueue("a")
    assert [job.attempts for job in left()] == [0] and jobs.stuck() == 0
    assert jobs.work({"mark": mark}) and marks() == ["a"]


def test_an_operator_reads_of_a_failing_job_what_it_was_and_where_it_failed(
    app: Flask, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    enqueue("siapa pun")
    jobs.work({"mark": fail})
    [record] = caplog.records
    told = Discreet().format(record)
    assert "ValueError" in told and "in fail" in told and "siapa pun" not in told


def test_a_job_whose_time_is_set_anew_while_it_is_done_stands_again(app: Flask, watch: Watch) -> None:
    def again(session: Session, subject: str) -> None:
        jobs.enqueue(session, "mark", subject, clock.now() + timedelta(days=1))

    enqueue("a")
    assert jobs.work({"mark": again})
    [job] = left()
    assert job.attempts == 0 and job.leased_until is None


def test_of_many_workers_each_job_is_done_by_one(app: Flask) -> None:
    enqueue(*(f"{n:02}" for n in range(24)))

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(lambda _: _work_off(app), range(6))) == 24
    assert len(marks()) == 24 and left() == []


def test_a_worker_killed_in_the_middle_twice_in_a_row_leaves_nothing_and_loses_nothing(
    app: Flask, database: Database
) -> None:
    enqueue("a", "b")
    for _ in range(2):
        _kill_in_the_middle(database)
        # While the lease lasts nobody else begins; the other job does not wait for it.
        assert marks() == [] and sum(job.leased_until is not None for job in left()) == 1
        _let_leases_run_out()
    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(lambda _: _work_off(app), range(3))) == 2
    assert marks() == ["a", "b"] and left() == []


def _work_off(app: Flask) -> int:
    with app.app_context():
        return sum(iter(lambda: jobs.work({"mark": mark}), False))


def _kill_in_the_middle(database: Database) -> None:
    command = [sys.executable, "-c", WORKER, database.kind, database.url]
    worker = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "in the middle\n"
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    worker.stdout.close()


def _let_leases_run_out() -> None:
    """Set back the clock of the leases: a minute is too long for a test."""
    with transaction() as session:
        over = clock.now() - timedelta(seconds=1)
        session.execute(update(Job).where(Job.leased_until.is_not(None)).values(leased_until=over))


def test_standing_work_comes_again_in_its_time_also_after_a_failure_and_outside_any_transaction(
    app: Flask, watch: Watch
) -> None:
    done: list[int] = []

    def again() -> None:
        with transaction() as session:  # on SQLite nobody could write meanwhile, were there one around it
            mark(session, f"{len(done)}")
        done.append(len(done))
        if len(done) == 2:
            raise ValueError

    handlers = {"again": jobs.Standing(again, every=timedelta(days=1)), "mark": mark}
    assert not jobs.work(handlers)
    jobs.arrange(handlers)
    assert jobs.work(handlers) and not jobs.work(handlers) and done == [0]
    jobs.arrange(handlers)
    assert not jobs.work(handlers), "what stands keeps its time"
    watch.move(days=1)
    assert jobs.work(handlers) and not jobs.work(handlers)
    [job] = left()
    assert (job.failure, job.attempts) == ("ValueError", 1)
    watch.move(seconds=2)
    assert jobs.work(handlers) and not jobs.work(handlers) and marks() == ["0", "1", "2"]
    [job] = left()
    assert (job.failure, job.attempts, job.leased_until) == (None, 0, None)


def test_standing_work_that_was_done_while_the_clock_was_wrong_does_not_wait_for_that_time(
    app: Flask, watch: Watch
) -> None:
    done: list[int] = []
    handlers = {"again": jobs.Standing(lambda: done.append(1), every=timedelta(days=1))}
    jobs.arrange(handlers)
    watch.move(days=365)
    assert jobs.work(handlers)
    watch.move(days=-365)
    assert not jobs.work(handlers)
    # As whoever sets the clock right starts it again.
    jobs.arrange(handlers)
    assert jobs.work(handlers) and not jobs.work(handlers) and len(done) == 2


def test_standing_work_may_take_long_before_another_begins_it_anew(app: Flask, watch: Watch) -> None:
    def slow() -> None:
        watch.move(seconds=jobs.LONG_LEASE.total_seconds() - 1)
        assert not jobs.work(handlers)
        watch.move(seconds=2)
        assert jobs.work({"again": jobs.Standing(lambda: None, every=timedelta(days=1))})

    handlers = {"again": jobs.Standing(slow, every=timedelta(days=2))}
    jobs.arrange(handlers)
    assert jobs.work(handlers)
    # Whoever was overtaken sets no time.
    [job] = left()
    assert job.due_at.replace(tzinfo=clock.now().tzinfo) == clock.now() + timedelta(days=1)


def test_an_errand_is_done_once_outside_any_transaction_and_again_where_its_time_was_set_anew(
    app: Flask, watch: Watch
) -> None:
    done: list[int] = []

    def once() -> None:
        with transaction() as session:  # on SQLite nobody could write meanwhile, were there one around it
            mark(session, f"{len(done)}")
            if len(done) == 1:
                jobs.enqueue(session, "once", "", clock.now())
        done.append(len(done))
        if len(done) == 1:
            raise ValueError

    handlers: dict[str, jobs.Handler] = {"once": jobs.Errand(once)}
    jobs.arrange(handlers)
    assert not jobs.work(handlers)
    with transaction() as session:
        jobs.enqueue(session, "once", "", clock.now())
    assert jobs.work(handlers) and not jobs.work(handlers)
    [job] = left()
    assert (job.failure, job.attempts) == ("ValueError", 1)
    watch.move(seconds=2)
    # Asked for again while it was done: what was asked for may have come too late for it.
    assert jobs.work(handlers) and jobs.work(handlers) and not jobs.work(handlers)
    assert done == [0, 1, 2] and left() == []
