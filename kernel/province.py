"""The province an installation serves: its regions, sectors, desks and calendar (read by ``kernel.province_file``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from kernel.routing import Level, Storey

# A text that is no proper name, by the code of each language in which the file has it; in Indonesian always.
Words = Mapping[str, str]


@dataclass(frozen=True)
class Region:
    """A kabupaten or kota. Four names stand for one of each, so ``name`` always says which."""

    code: str
    name: str


@dataclass(frozen=True)
class Sector:
    """A kind of service; ``floor`` is the lowest storey of desks that may receive complaints about it."""

    code: str
    name: Words
    floor: Storey


@dataclass(frozen=True)
class Desk:
    """A place where complaints are read. ``remit`` is a region's code, ``province`` or ``outside``."""

    id: str
    name: str
    remit: str
    parent: str | None


@dataclass(frozen=True)
class Agency:
    """An authority outside the desks to which a case can be referred."""

    code: str
    name: str


@dataclass(frozen=True)
class Province:
    """One province.

    ``offices`` has its own words for levels of offices, where they differ from the usual ones; ``calendar`` corrects
    the national holidays, an empty name meaning a day that is worked; ``demo_desks`` are the regions' desks that have
    people in a demo.
    """

    name: str
    zone: ZoneInfo
    leave_to: str
    elsewhere: Words
    offices: Mapping[Level, Words]
    regions: Mapping[str, Region]
    sectors: Mapping[str, Sector]
    desks: Mapping[str, Desk]
    agencies: Mapping[str, Agency]
    calendar: Mapping[date, str]
    demo_desks: tuple[str, ...]

    @property
    def province_desk(self) -> str:
        """Return the id of the desk at the top of the tree."""
        [desk] = self.desks_of(Storey.PROVINCE)
        return desk

    @property
    def floors(self) -> dict[str, Storey]:
        """Return each sector's lowest storey, as the routing table wants them."""
        return {sector.code: sector.floor for sector in self.sectors.values()}

    def desks_of(self, remit: str) -> list[str]:
        """Return the ids of the desks that read for a region, by its code, for the province, or from outside."""
        return [desk.id for desk in self.desks.values() if desk.remit == remit]
