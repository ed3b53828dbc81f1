"""What was decreed about holidays since the library of holidays was made, and the calendar that follows from it."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column, scoped_session

from kernel import clock
from kernel.calendar import WorkingDays
from kernel.database import Base, transaction
from kernel.web import current_province

Reader = Session | scoped_session[Any]
Decreed = tuple[tuple[date, str], ...]


class Decree(Base):
    """One day decreed to be a holiday, by its name, or to be worked, by an empty one; who noted it, and when."""

    __tablename__ = "decrees"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    decided_by: Mapped[str] = mapped_column(ForeignKey("officers.id"))
    decided_on: Mapped[date]


def decrees(session: Reader) -> list[Decree]:
    """Return every decree, by its day."""
    return list(session.scalars(select(Decree).order_by(Decree.day)))


def decree(day: date, name: str, decided_by: str) -> None:
    """Note that ``day`` is a holiday called ``name``, or with an empty name that it is worked."""
    with transaction() as session:
        session.merge(Decree(day=day, name=name, decided_by=decided_by, decided_on=clock.today()))


def take_back(day: date) -> None:
    """Forget what was decreed for ``day``."""
    with transaction() as session:
        session.execute(delete(Decree).where(Decree.day == day))


def calendar_in(session: Reader) -> WorkingDays:
    """Return the province's working days, with every decree that ``session`` sees."""
    decreed = session.execute(select(Decree.day, Decree.name).order_by(Decree.day))
    return _calendar(tuple(sorted(current_province().calendar.items())), tuple((day, name) for day, name in decreed))


@lru_cache(maxsize=4)
def _calendar(province: Decreed, decreed: Decreed) -> WorkingDays:
    """Make a calendar once for as long as nothing is decreed: a year's holidays cost 5 ms."""
    return WorkingDays(dict(province) | dict(decreed))
