"""The provinces the tests are at home in: the one that is, and one that is not."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from kernel import clock
from kernel.calendar import WorkingDays
from kernel.config import USUAL_PROVINCE, province_file
from kernel.province import Province
from kernel.province_file import load_province
from kernel.routing import Storey


# The form asks two more questions about it.
SCHOOLS = "pendidikan"


@dataclass(frozen=True)
class Place:
    """A province, by the data file that ``KENTONGAN_PROVINCE`` names, and what a journey through it has to know.

    Journeys want two desks with people, one desk outside, and sectors of both floors, one that of schools.
    """

    file: str

    @property
    def environment(self) -> Mapping[str, str]:
        """Return what an installation there is started with."""
        return {"KENTONGAN_PROVINCE": self.file}

    @cached_property
    def province(self) -> Province:
        """Return what its file says."""
        return load_province(province_file(self.file))

    @cached_property
    def days(self) -> WorkingDays:
        """Return its working days."""
        return WorkingDays(self.province.calendar)

    def today(self) -> date:
        """Return which day it is there."""
        return clock.today(self.province.zone)

    # The desks with people in a demo, and one without.

    @property
    def top(self) -> str:
        """Return the desk above those of the regions."""
        return self.province.province_desk

    @property
    def desk(self) -> str:
        """Return the desk that most journeys are about."""
        return self.province.demo_desks[0]

    @property
    def other(self) -> str:
        """Return the desk of another region."""
        return self.province.demo_desks[1]

    @property
    def outside(self) -> str:
        """Return the desk that does not belong to the tree."""
        return self.province.desks_of(Storey.OUTSIDE)[0]

    @property
    def staffed(self) -> tuple[str, str, str, str]:
        """Return the desks with people in a demo, from above."""
        return (self.top, self.desk, self.other, self.outside)

    @property
    def unstaffed(self) -> str:
        """Return a desk of a region that nobody works at yet."""
        return next(each.id for each in self.province.desks.values() if each.parent and each.id not in self.staffed)

    # What is complained about.

    def region_of(self, desk: str) -> str:
        """Return the region a desk reads about."""
        return self.province.desks[desk].remit

    @property
    def region(self) -> str:
        """Return the region that ``desk`` reads about."""
        return self.region_of(self.desk)

    @property
    def region_name(self) -> str:
        """Return what people call it."""
        return self.province.regions[self.region].name

    @property
    def sector(self) -> str:
        """Return a service that the desks of regions read about."""
        return self._sectors(Storey.REGION)[0]

    @property
    def sector_above(self) -> str:
        """Return a service that goes past the desks of regions."""
        return self._sectors(Storey.PROVINCE)[0]

    def _sectors(self, floor: Storey) -> list[str]:
        sectors = self.province.sectors.values()
        return [each.code for each in sectors if each.floor is floor and each.code != SCHOOLS]

    @property
    def agency(self) -> str:
        """Return an authority to which a case can be referred."""
        return next(iter(self.province.agencies))


JAWA_TENGAH = Place(USUAL_PROVINCE)
RUMBIA = Place(str(Path(__file__).with_name("rumbia.toml")))
# Where the journeys are made (``make journeys``), which all read it when they are loaded.
HERE = Place(str(province_file(os.environ.get("JOURNEYS_PROVINCE") or USUAL_PROVINCE).absolute()))
# What a test is parametrized with, indirectly, that takes its ``province`` in both.
EVERYWHERE = ("sqlite", "postgresql", "sqlite in Rumbia", "postgresql in Rumbia")
