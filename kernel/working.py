"""Workers: ``flask --app wsgi work`` in a process of its own, or a thread beside the web in the embedded default."""

from __future__ import annotations

import logging
import signal
from collections.abc import Mapping
from threading import Event, Thread
from types import FrameType
from typing import cast

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from kernel import jobs
from kernel.database import db
from kernel.directory.agreement import disagreements, sentence_of
from kernel.directory.queries import current_directory
from kernel.jobs import Handler
from kernel.web import current_province

log = logging.getLogger(__name__)

# How long a worker that finds nothing to do waits before it looks again: deadlines are counted in days.
PAUSE = 5.0


def current_handlers() -> Mapping[str, Handler]:
    """Return what is done for each kind of job; ``wsgi.py`` puts it together."""
    return cast(Mapping[str, Handler], current_app.extensions["kentongan.handlers"])


def work_until(ended: Event) -> None:
    """Do jobs until ``ended`` is set, at the latest when the one at hand is done; a failing database is waited for."""
    arranged = False
    while not ended.is_set():
        try:
            if not arranged:
                jobs.arrange(current_handlers())
                arranged = True
            busy = jobs.work(current_handlers())
        except Exception:
            log.exception("Looking for jobs failed")
            busy = False
        if not busy:
            ended.wait(PAUSE)


def work_beside(app: Flask) -> None:
    """Work in a thread of this process, which ends with it: what it was doing is done again by another."""

    def working() -> None:
        with app.app_context():
            work_until(Event())

    Thread(target=working, name="worker", daemon=True).start()


def _refuse_another_calendar() -> None:
    """Deadlines come from the province's file: another's would be wrong, and they are kept."""
    found = disagreements(current_province(), current_directory())
    db.session.remove()
    if found:
        raise click.ClickException(sentence_of(found))


@click.command("work")
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
@with_appcontext
def work_command(once: bool) -> None:
    """Do what is to be done later: any number of these may run, on any machine."""
    _refuse_another_calendar()
    if once:
        jobs.arrange(current_handlers())
        while jobs.work(current_handlers()):
            pass
        return
    ended = Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, end)
    work_until(ended)
