"""The province an installation serves: its regions, sectors, desks and calendar, read from one data file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kernel.config import WrongSetting
from kernel.routing import Storey


@dataclass(frozen=True)
class Region:
    """A kabupaten or kota. Four names stand for one of each, so ``name`` always says which."""

    code: str
    name: str


@dataclass(frozen=True)
class Sector:
    """A kind of service; ``floor`` is the lowest storey of desks that may receive complaints about it."""

    code: str
    name: str
    hint: str
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
    """One province; ``calendar`` corrects the national holidays, an empty name meaning a day that is worked."""

    code: str
    name: str
    leave_to: str
    elsewhere: str
    regions: Mapping[str, Region]
    sectors: Mapping[str, Sector]
    desks: Mapping[str, Desk]
    agencies: Mapping[str, Agency]
    calendar: Mapping[date, str]

    @property
    def province_desk(self) -> str:
        """Return the id of the desk at the top of the tree."""
        return next(desk.id for desk in self.desks.values() if desk.remit == Storey.PROVINCE)

    @property
    def floors(self) -> dict[str, Storey]:
        """Return each sector's lowest storey, as the routing table wants them."""
        return {sector.code: sector.floor for sector in self.sectors.values()}


def load_province(path: Path) -> Province:
    """Read a province from its TOML file; raises ``WrongSetting`` naming what is missing."""
    try:
        return _province(tomllib.loads(path.read_text()))
    except (KeyError, ValueError) as missing:
        raise WrongSetting(f"{path} is not a whole province: {missing}.") from missing


def _province(data: Mapping[str, Any]) -> Province:
    regions = {entry["code"]: _region(entry) for entry in data["region"]}
    sectors = [Sector(e["code"], e["name"], e["hint"], Storey(e["floor"])) for e in data["sector"]]
    return Province(
        code=data["code"],
        name=data["name"],
        leave_to=data["leave_to"],
        elsewhere=data["elsewhere"],
        regions=regions,
        sectors={sector.code: sector for sector in sectors},
        desks=_desks(data, regions),
        agencies={entry["code"]: Agency(entry["code"], entry["name"]) for entry in data["agency"]},
        calendar={date.fromisoformat(day): name for day, name in data["calendar"].items()},
    )


def _region(entry: Mapping[str, str]) -> Region:
    kinds = {"kabupaten": "Kabupaten", "kota": "Kota"}
    return Region(entry["code"], f"{kinds[entry['kind']]} {entry['name']}")


def _desks(data: Mapping[str, Any], regions: Mapping[str, Region]) -> dict[str, Desk]:
    top, outside = data["province_desk"], data.get("outside_desk")
    desks = [Desk(top["id"], top["name"], Storey.PROVINCE, None)]
    desks += [Desk(region.code, f"Inspektorat {region.name}", region.code, top["id"]) for region in regions.values()]
    if outside:
        desks.append(Desk(outside["id"], outside["name"], Storey.OUTSIDE, None))
    return {desk.id: desk for desk in desks}
