"""The province's data file is whole, and one that is not stops the start with a sentence."""

from pathlib import Path

import pytest

from kernel.config import WrongSetting
from kernel.province import load_province

ROOT = Path(__file__).resolve().parents[2]
JAWA_TENGAH = ROOT / "kernel" / "provinces" / "jawa-tengah.toml"


def test_thirty_five_regions_each_with_its_desk_under_the_province() -> None:
    province = load_province(JAWA_TENGAH)
    assert len(province.regions) == 35
    assert {desk.remit for desk in province.desks.values() if desk.parent == "33"} == set(province.regions)


def test_regions_of_one_name_say_which_they_are() -> None:
    names = [region.name for region in load_province(JAWA_TENGAH).regions.values()]
    assert len(set(names)) == 35
    assert {"Kabupaten Magelang", "Kota Magelang"} <= set(names)


def test_the_outside_desk_stands_outside_the_tree() -> None:
    outside = load_province(JAWA_TENGAH).desks["luar"]
    assert (outside.remit, outside.parent) == ("outside", None)


def test_a_broken_file_is_a_wrong_setting_that_names_what_is_missing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(JAWA_TENGAH.read_text().replace('leave_to = "https://www.bmkg.go.id/"', ""))
    with pytest.raises(WrongSetting, match="leave_to"):
        load_province(broken)
