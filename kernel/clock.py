"""The one place that asks what time it is; tests replace ``now``."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

JAWA = ZoneInfo("Asia/Jakarta")


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(timezone.utc)


def today() -> date:
    """Return the calendar day in Jawa (WIB), by which every deadline is counted."""
    return now().astimezone(JAWA).date()


def utc(moment: datetime) -> datetime:
    """Return a moment as a database gives it, in UTC: SQLite keeps no zone, PostgreSQL gives that of its session."""
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment.astimezone(timezone.utc)


def end_of(day: date) -> datetime:
    """Return the moment, in UTC, at which ``day`` is over in Jawa."""
    return datetime.combine(day + timedelta(days=1), time(), JAWA).astimezone(timezone.utc)
