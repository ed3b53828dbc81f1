"""Real workers: a process of its own, or threads of the two web processes."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from casework.cases import CLOCK
from kernel import clock
from kernel.database import db, transaction
from kernel.jobs import Job
from tests.province import Province
from tests.server import ROOT, environment, running

PATIENCE = 20
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
