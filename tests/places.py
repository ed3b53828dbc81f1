"""The provinces the tests are at home in: the one that is, and one that is not."""

from __future__ import annotations

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


@dataclass(frozen=True)
class Place:
    """A province, by the data file that ``KENTONGAN_PROVINCE`` names, and what a journey through it has to know.

    ``desk`` and ``other`` have people in a demo; ``region`` and ``sector`` are what the first of them reads about.
    """

    file: str
    top: str
    desk: str
    other: str
    outside: str
    region: str
    sector: str
    agency: str

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

    @property
    def staffed(self) -> tuple[str, str, str, str]:
        """Return the desks with people in a demo, from above."""
        return (self.top, self.desk, self.other, self.outside)

    def region_of(self, desk: str) -> str:
        """Return the region a desk reads about."""
        return self.province.desks[desk].remit

    def today(self) -> date:
        """Return which day it is there."""
        return clock.today(self.province.zone)


JAWA_TENGAH = Place(
    USUAL_PROVINCE, top="33", desk="33.08", other="33.74", outside="luar", region="33.08", sector="desa", agency="bpn"
)  # fmt: skip
RUMBIA = Place(
    str(Path(__file__).with_name("rumbia.toml")), top="itprov", desk="irban.2", other="kota", outside="dewan",
    region="rb2", sector="kampung", agency="syahbandar",
)  # fmt: skip
# What a test is parametrized with, indirectly, that takes its ``province`` in both.
EVERYWHERE = ("sqlite", "postgresql", "sqlite in Rumbia", "postgresql in Rumbia")
