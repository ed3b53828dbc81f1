"""Real workers: a process of its own, or threads of the two web processes."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from casework.cases import CLOCK
from casework.models import CaseEvent
from casework.timers import look_at_clock
from kernel import clock, jobs
from kernel.database import db, transaction
from kernel.jobs import Job
from tests.casework.office import stop_clock
from tests.province import Province
from tests.server import ROOT, environment, running

PATIENCE = 180
# A worker that looks at a case's clock at the moment it is told, says so before it commits, and never comes to that.
WORKER = """
import sys, time
from datetime import datetime
from kernel import clock, jobs
from casework.cases import CLOCK
from casework.timers import look_at_clock
from wsgi import create_app
clock.now = lambda: datetime.fromisoformat(sys.argv[1])
def look_and_hang(session, subject):
    look_at_clock(session, subject)
    session.flush()
    print("in the middle", flush=True)
    time.sleep(60)
with create_app().app_context():
    jobs.work({CLOCK: look_and_hang})
"""
Workers = Callable[[Province], AbstractContextManager[None]]


@contextmanager
def inside(province: Province) -> Iterator[None]:
    """Look at the database as it is now."""
    with province.app.app_context():
        yield
        db.session.remove()


def deadlines(province: Province, complaints: list[str]) -> list[datetime]:
    """Return the moments from which on the cases are to be looked at."""
    query = select(Job.due_at).where(Job.kind == CLOCK, Job.subject.in_(complaints)).order_by(Job.subject)
    with inside(province):
        return list(db.session.scalars(query))


def wake(province: Province, complaints: list[str]) -> None:
    """Have the cases looked at now, long before their deadlines: there is nothing to do but to set the jobs anew."""
    with inside(province), transaction() as session:
        early = clock.now() - timedelta(seconds=1)
        session.execute(update(Job).where(Job.subject.in_(complaints)).values(due_at=early))


def address(province: Province) -> str:
    with inside(province):
        return db.engine.url.render_as_string(hide_password=False)


@contextmanager
def a_worker(province: Province) -> Iterator[None]:
    """Run ``flask work``; told to end, it ends by itself."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "work"]
    told = environment(province.instance, DATABASE_URL=address(province))
    with subprocess.Popen(command, cwd=ROOT, env=told) as worker:
        try:
            yield
            worker.terminate()
            assert worker.wait(PATIENCE) == 0
        finally:
            worker.kill()


@contextmanager
def web_processes(province: Province) -> Iterator[None]:
    """Run the web as by default, which works beside."""
    with running(province.instance, DATABASE_URL=address(province)):
        yield


@pytest.mark.parametrize("working", [a_worker, web_processes])
def test_workers_do_what_is_due(province: Province, working: Workers) -> None:
    complaints = [province.lodge()[1] for _ in range(3)]
    before = deadlines(province, complaints)
    wake(province, complaints)
    with working(province):
        until = time.monotonic() + PATIENCE
        while deadlines(province, complaints) != before and time.monotonic() < until:
            time.sleep(0.05)
        assert deadlines(province, complaints) == before


def test_asked_to_work_once_a_worker_does_what_is_due_and_ends(province: Province) -> None:
    complaints = [province.lodge()[1] for _ in range(3)]
    before = deadlines(province, complaints)
    wake(province, complaints)
    outcome = province.app.test_cli_runner().invoke(args=["work", "--once"])
    assert outcome.exit_code == 0 and deadlines(province, complaints) == before


def test_workers_killed_twice_in_the_middle_of_raising_a_deadline_raise_it_once_in_the_end(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    _phrase, complaint = province.lodge()
    [due] = deadlines(province, [complaint])
    wake(province, [complaint])
    watch = stop_clock(monkeypatch)
    watch.moment = clock.utc(due)
    for _ in range(2):
        kill_in_the_middle(province, watch.moment)
        # While the lease lasts nobody else begins with this case.
        work_off(province)
        assert happened_to(province, complaint) == ["lodge"]
        watch.moment += jobs.LEASE
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: work_off(province), range(3)))
    assert happened_to(province, complaint) == ["lodge", "escalate"]


def kill_in_the_middle(province: Province, moment: datetime) -> None:
    """Let a process of its own begin the job that is due longest, and kill it before it commits."""
    told = environment(province.instance, DATABASE_URL=address(province))
    command = [sys.executable, "-c", WORKER, moment.isoformat()]
    with subprocess.Popen(command, cwd=ROOT, env=told, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None and worker.stdout.readline() == "in the middle\n"
        worker.kill()


def work_off(province: Province) -> None:
    """Look at the clock of every case where that is due."""
    with inside(province):
        while jobs.work({CLOCK: look_at_clock}):
            pass


def happened_to(province: Province, complaint: str) -> list[str]:
    """Return the acts in a case's history."""
    query = select(CaseEvent.action).where(CaseEvent.case_id == complaint).order_by(CaseEvent.seq)
    with inside(province):
        return list(db.session.scalars(query))
