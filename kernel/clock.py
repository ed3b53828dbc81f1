"""The one place that asks what time it is; tests replace ``now``."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from flask import Flask, current_app, has_app_context

EXTENSION = "kentongan.time_zone"
# Days are the capital's where no application is at hand that serves a province.
CAPITAL = ZoneInfo("Asia/Jakarta")


def init_clock(app: Flask, zone: ZoneInfo) -> None:
    """Have the days of whatever ``app`` does begin and end as they do in its province."""
    app.extensions[EXTENSION] = zone


def current_zone() -> ZoneInfo:
    """Return the time zone of the province that is served here."""
    if not has_app_context():
        return CAPITAL
    zone: ZoneInfo = current_app.extensions.get(EXTENSION, CAPITAL)
    return zone


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(timezone.utc)


def today(zone: ZoneInfo | None = None) -> date:
    """Return the calendar day by which every deadline is counted: the province's, or that of ``zone``."""
    return now().astimezone(zone or current_zone()).date()


def utc(moment: datetime) -> datetime:
    """Return a moment as a database gives it, in UTC: SQLite keeps no zone, PostgreSQL gives that of its session."""
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment.astimezone(timezone.utc)


def local(moment: datetime) -> datetime:
    """Return a moment as a database gives it, in the province's time; its ``tzname`` is WIB, WITA or WIT."""
    return utc(moment).astimezone(current_zone())


def end_of(day: date) -> datetime:
    """Return the moment, in UTC, at which ``day`` is over in the province."""
    return datetime.combine(day + timedelta(days=1), time(), current_zone()).astimezone(timezone.utc)
