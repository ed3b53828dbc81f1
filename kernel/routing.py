"""Which desk reads a complaint: one pure table, run by the browser (``static/js/routing.js``) and by the server.

A desk never receives a complaint about its own office, nor about one that controls it; a desk without a key or one
the reporter excludes is passed over, always upward.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import dropwhile


class Storey(StrEnum):
    """How high a desk stands. A complaint goes up from storey to storey, never down."""

    REGION = "region"
    PROVINCE = "province"
    OUTSIDE = "outside"


class Level(StrEnum):
    """The level of the office complained about."""

    VILLAGE = "desa"
    DISTRICT = "kecamatan"
    REGENCY = "kabkota"
    REGENCY_HEAD = "pimpinan_kabkota"
    PROVINCE = "provinsi"
    PROVINCE_HEAD = "pimpinan_provinsi"
    NATIONAL = "vertikal"
    UNKNOWN = "tidak_tahu"


# The inspectorate of a region answers to its head, so the head's complaints go one storey past it.
FIRST_STOREY: Mapping[Level, Storey] = {
    Level.VILLAGE: Storey.REGION,
    Level.DISTRICT: Storey.REGION,
    Level.REGENCY: Storey.REGION,
    Level.REGENCY_HEAD: Storey.PROVINCE,
    Level.PROVINCE: Storey.PROVINCE,
    Level.PROVINCE_HEAD: Storey.OUTSIDE,
    Level.NATIONAL: Storey.PROVINCE,
    Level.UNKNOWN: Storey.PROVINCE,
}
UPWARD = list(Storey)


class NoDesk(Exception):
    """No desk may read this complaint: lodging it is refused, and the page says where else to go."""


@dataclass(frozen=True)
class Label:
    """The routing label of a complaint, which stands in the clear; ``excluded`` holds desks."""

    region: str
    sector: str
    level: Level
    excluded: frozenset[str] = frozenset()


def route(label: Label, remits: Mapping[str, str], open_desks: Collection[str], floors: Mapping[str, Storey]) -> str:
    """Return the desk that reads a complaint with this ``label``.

    ``remits`` maps each desk of the signed tree to its remit, ``open_desks`` are those with a key, ``floors`` maps
    sectors to the lowest storey that may receive them. Raises ``NoDesk``.
    """
    first = max(FIRST_STOREY[label.level], floors[label.sector], key=UPWARD.index)
    for storey in dropwhile(lambda storey: storey is not first, UPWARD):
        remit = label.region if storey is Storey.REGION else storey.value
        for desk in sorted(desk for desk, its_remit in remits.items() if its_remit == remit):
            if desk in open_desks and desk not in label.excluded:
                return desk
    raise NoDesk
