"""Journeys are made in any province: what each has otherwise, they read from its file (tests/places.py)."""

import re
from pathlib import Path

from kernel.routing import Level
from tests.places import JAWA_TENGAH

JOURNEYS = sorted((Path(__file__).parents[1] / "journeys").glob("*.py"))
# A text in quotes, and a region's code in any.
WRITTEN = (re.compile(r"""["']([^"'\n]*)["']"""), re.compile(r"(?<![\w.])\d\d\.\d\d(?![\w.])"))


def named(source: str) -> set[str]:
    """Return which codes and names of Jawa Tengah a source names; a level of offices is the same everywhere."""
    province = JAWA_TENGAH.province
    named_so = (province.regions, province.desks, province.agencies)
    own = {each.name for entries in named_so for each in entries.values()}
    own |= {code for entries in (*named_so, province.sectors) for code in entries} - set(Level)
    return own & {found for shape in WRITTEN for found in shape.findall(source)}


def test_no_journey_names_what_only_one_province_has() -> None:
    assert {path.name: found for path in JOURNEYS if (found := named(path.read_text()))} == {}


def test_what_only_one_province_has_is_found() -> None:
    source = """lodge(sector="samsat", level='desa', to='Kejaksaan Tinggi Jawa Tengah'); ask("/api/v1/desks/33.74")"""
    assert named(source) == {"samsat", "Kejaksaan Tinggi Jawa Tengah", "33.74"}
