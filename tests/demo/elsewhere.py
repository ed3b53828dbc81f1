"""The stories of one province told of another: each keeps its words, and happens where the other has its like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle

from kernel.province import Province, Sector
from tests.demo.material import Entry, Story

Codes = Mapping[str, str]


@dataclass(frozen=True)
class Likes:
    """What stands in the other province for each region, sector and agency of the first, by code."""

    region: Codes
    sector: Codes
    agency: Codes

    def moved(self, story: Story) -> Story:
        """Return a story as it is told of the other province."""
        answers = {**story.answers, "region": self.region[story.answers["region"]]}
        answers["sector"] = self.sector[answers["sector"]]
        return replace(story, answers=answers, said=self._said(story))

    def _said(self, story: Story) -> dict[str, Entry]:
        said = dict(story.said)
        if "referral" in said:
            said["referral"] = said["referral"] | {"agency": self.agency[said["referral"]["agency"]]}
        return said


def likes(home: Province, other: Province) -> Likes:
    """Return what of another province is like what of the first; of the first itself everything is like itself."""
    return Likes(
        region=_regions(home, other),
        sector={sector.code: _sector(sector, other) for sector in home.sectors.values()},
        agency={code: _agency(code, turn, list(other.agencies)) for turn, code in enumerate(home.agencies)},
    )


def _regions(home: Province, other: Province) -> Codes:
    """Pair the regions whose desks have people in a demo, and the rest with the rest, should there be any."""
    staffed, rest = _parted(home)
    theirs, their_rest = _parted(other)
    return dict(zip(staffed, cycle(theirs))) | dict(zip(rest, cycle(their_rest or theirs)))


def _parted(province: Province) -> tuple[list[str], list[str]]:
    staffed = [province.desks[desk].remit for desk in province.demo_desks]
    return staffed, [code for code in province.regions if code not in staffed]


def _sector(sector: Sector, other: Province) -> str:
    """Return the sector of that code, else the first that the same desks read about, else any."""
    if sector.code in other.sectors:
        return sector.code
    same = [each.code for each in other.sectors.values() if each.floor is sector.floor]
    return (same or list(other.sectors))[0]


def _agency(code: str, turn: int, others: Sequence[str]) -> str:
    return code if code in others else others[turn % len(others)]
