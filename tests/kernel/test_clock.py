"""What time it is: days end at midnight in the province, and moments come back from a database as they went in."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, text

from kernel import clock
from kernel.database import db, transaction
from kernel.jobs import Job, enqueue

NOON = datetime(2026, 12, 31, 12, 30, tzinfo=timezone.utc)
WIB = timezone(timedelta(hours=7))


@pytest.mark.parametrize(
    ("zone", "hour", "name"), [("Asia/Jakarta", 17, "WIB"), ("Asia/Makassar", 16, "WITA"), ("Asia/Jayapura", 15, "WIT")]
)
def test_a_day_is_over_at_midnight_in_the_province(zone: str, hour: int, name: str) -> None:
    served = Flask("kentongan")
    clock.init_clock(served, ZoneInfo(zone))
    with served.app_context():
        over = clock.end_of(date(2026, 12, 31))
        assert over == datetime(2026, 12, 31, hour, tzinfo=timezone.utc)
        assert clock.local(over) == over and clock.local(over).isoformat().startswith("2027-01-01T00:00")
        assert clock.local(over).tzname() == name


def test_without_a_province_the_days_are_the_capitals() -> None:
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
