"""A complaint is read past the office it is about, by a desk that has a key, or by no desk at all."""

import json
from pathlib import Path
from typing import Any

import pytest

from kernel.routing import Label, Level, NoDesk, Storey, route

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "routing.json").read_text())
FLOORS = {sector: Storey(floor) for sector, floor in VECTORS["floors"].items()}


def routed(case: dict[str, Any]) -> str | None:
    label = Label(case["region"], case["sector"], Level(case["level"]), frozenset(case["excluded"]))
    try:
        return route(label, VECTORS["remits"], case["open"], FLOORS)
    except NoDesk:
        return None


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_the_table(case: dict[str, Any]) -> None:
    assert routed(case) == case["desk"]


def test_every_level_has_a_first_storey_at_or_above_the_office_it_is_about() -> None:
    about = {"pimpinan_kabkota": Storey.PROVINCE, "provinsi": Storey.PROVINCE, "pimpinan_provinsi": Storey.OUTSIDE}
    for level, least in about.items():
        case = {"region": "33.08", "sector": "desa", "level": level, "excluded": [], "open": ["33", "33.08", "luar"]}
        desk = routed(case)
        assert desk is not None
        storeys = {"province": Storey.PROVINCE, "outside": Storey.OUTSIDE}
        assert list(Storey).index(storeys[VECTORS["remits"][desk]]) >= list(Storey).index(least)
