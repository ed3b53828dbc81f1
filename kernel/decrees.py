"""What was decreed about holidays since the library of holidays was made, and the calendar that follows from it.

Nothing that was noted is ever rewritten, which the database itself sees to: what was set and removed, by whom and
when, stays to be read.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String, func, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.calendar import WorkingDays
from kernel.database import Base, Reader, db, execute, transaction
from kernel.web import current_province

PAGE = 50

Decreed = tuple[tuple[date, str], ...]
Place = tuple[datetime, date, int]


class Decree(Base):
    """One note about a day: that it is a holiday, by its name; that it is worked, by an empty one; or, by none, that
    what was noted before holds no more. Of each day the newest holds."""

    __tablename__ = "decrees"
    # Without a rowid REPLACE cannot pass SQLite's triggers.
    __table_args__ = (CheckConstraint("seq >= 1", name="seq"), {"sqlite_with_rowid": False})

    day: Mapped[date] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str | None] = mapped_column(String(80))
    decided_by: Mapped[str] = mapped_column(ForeignKey("officers.id"))
    decided_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


_NEWEST = select(Decree.day, func.max(Decree.seq)).group_by(Decree.day)
_HOLDS = (tuple_(Decree.day, Decree.seq).in_(_NEWEST), Decree.name.is_not(None))
_DECREED = select(Decree.day, Decree.name).where(*_HOLDS).order_by(Decree.day)


def decrees(session: Reader) -> list[Decree]:
    """Return every decree that holds, by its day."""
    return list(session.scalars(select(Decree).where(*_HOLDS).order_by(Decree.day)))


def history(after: Place | None) -> tuple[list[Decree], Place | None]:
    """Return at most ``PAGE`` of all notes there ever were, newest first, and where the next page begins."""
    place = (Decree.decided_at, Decree.day, Decree.seq)
    query = select(Decree).order_by(*(each.desc() for each in place)).limit(PAGE + 1)
    found = list(db.session.scalars(query.where(tuple_(*place) < after) if after else query))
    return found[:PAGE], _place(found[PAGE - 1]) if len(found) > PAGE else None


def _place(noted: Decree) -> Place:
    return clock.utc(noted.decided_at), noted.day, noted.seq


def decree(day: date, name: str, decided_by: str) -> None:
    """Note that ``day`` is a holiday called ``name``, or with an empty name that it is worked; once, if said twice."""
    _note(day, name, decided_by)


def take_back(day: date, decided_by: str) -> None:
    """Note that what was decreed for ``day`` holds no more; nothing, where nothing does."""
    _note(day, None, decided_by)


def _note(day: date, name: str | None, decided_by: str) -> None:
    with transaction() as session:
        newest = session.scalars(select(Decree).where(Decree.day == day).order_by(Decree.seq.desc()).limit(1)).first()
        before, seq = (newest.name, newest.seq) if newest else (None, 0)
        if name != before:
            at = clock.now().replace(microsecond=0)
            session.add(Decree(day=day, seq=seq + 1, name=name, decided_by=decided_by, decided_at=at))


def calendar_in(session: Reader) -> WorkingDays:
    """Return the province's working days, with every decree that ``session`` sees."""
    decreed = execute(session, _DECREED)
    province = tuple(sorted(current_province().calendar.items()))
    return _calendar(province, tuple((day, str(name)) for day, name in decreed))


@lru_cache(maxsize=4)
def _calendar(province: Decreed, decreed: Decreed) -> WorkingDays:
    """Make a calendar once for as long as nothing is decreed: a year's holidays cost 5 ms."""
    return WorkingDays(dict(province) | dict(decreed))
