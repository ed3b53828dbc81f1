"""What time it is: days end at midnight in Jawa, and moments come back from a database as they went in."""

from datetime import date, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import select, text

from kernel import clock
from kernel.database import db, transaction
from kernel.jobs import Job, enqueue

NOON = datetime(2026, 12, 31, 12, 30, tzinfo=timezone.utc)
WIB = timezone(timedelta(hours=7))


def test_a_day_is_over_at_midnight_in_jawa() -> None:
    assert clock.end_of(date(2026, 12, 31)) == datetime(2026, 12, 31, 17, tzinfo=timezone.utc)


@pytest.mark.parametrize("moment", [NOON, NOON.replace(tzinfo=None), NOON.astimezone(WIB)])
def test_a_moment_is_the_same_in_whatever_zone_it_comes(moment: datetime) -> None:
    assert clock.utc(moment) == NOON and clock.utc(moment).tzinfo is timezone.utc


def test_a_moment_comes_back_as_it_went_in_also_from_a_server_in_another_zone(app: Flask) -> None:
    with transaction() as session:
        enqueue(session, "mark", "a", NOON)
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET TIME ZONE 'Asia/Jakarta'"))
    assert clock.utc(db.session.scalars(select(Job.due_at)).one()) == NOON
