"""The province's data file is whole; one that is not stops the start with a sentence that says where it is wrong."""

import re
from pathlib import Path

import pytest
from flask import Flask

from kernel.config import PROVINCES, WrongSetting, province_file
from kernel.i18n import COOKIE, spoken
from kernel.province_file import load_province
from kernel.routing import Level
from tests.places import JAWA_TENGAH, RUMBIA, Place

FILE = Path(RUMBIA.file)


def test_thirty_five_regions_each_with_its_desk_under_the_province() -> None:
    province = JAWA_TENGAH.province
    assert len(province.regions) == 35
    assert {desk.remit for desk in province.desks.values() if desk.parent == "33"} == set(province.regions)
    assert all(desk.name == f"Inspektorat {province.regions[desk.id].name}" for desk in province.desks.values()
               if desk.parent)  # fmt: skip


def test_regions_of_one_name_say_which_they_are() -> None:
    names = [region.name for region in JAWA_TENGAH.province.regions.values()]
    assert len(set(names)) == 35
    assert {"Kabupaten Magelang", "Kota Magelang"} <= set(names)


@pytest.mark.parametrize("place", [JAWA_TENGAH, RUMBIA], ids=["Jawa Tengah", "Rumbia"])
def test_the_top_comes_first_and_the_outside_desk_stands_outside_the_tree(place: Place) -> None:
    desks = place.province.desks
    assert (list(desks)[0], list(desks)[-1]) == (place.top, place.outside) and place.province.province_desk == place.top
    assert (desks[place.outside].remit, desks[place.outside].parent) == ("outside", None)


def test_offices_are_called_as_the_province_calls_them() -> None:
    offices = RUMBIA.province.offices
    assert {level: words["id"] for level, words in offices.items()} == {
        Level.VILLAGE: "Kantor kampung", Level.DISTRICT: "Kantor distrik",
    }  # fmt: skip


@pytest.mark.parametrize("place", [JAWA_TENGAH, RUMBIA], ids=["Jawa Tengah", "Rumbia"])
def test_what_is_no_name_is_there_in_english(place: Place) -> None:
    province = place.province
    sectors = [sector.name for sector in province.sectors.values()]
    for words in (province.elsewhere, *province.offices.values(), *sectors):
        assert set(words) == {"id", "en"} and words["id"] != words["en"]


def test_without_english_it_stays_as_it_is_in_every_language(tmp_path: Path) -> None:
    path = tmp_path / "terse.toml"
    table = '[offices_english]\ndesa = "Village (kampung) office"\nkecamatan = "District (distrik) office"\n'
    text = re.sub(r'^\w+_english = .*\n', "", FILE.read_text().replace(table, ""), flags=re.M)
    path.write_text(text)
    province, own = load_province(path), RUMBIA.province
    assert "english" not in text and province.elsewhere == {"id": own.elsewhere["id"]}
    assert province.offices == {level: {"id": words["id"]} for level, words in own.offices.items()}
    assert [each.name for each in province.sectors.values()] == [{"id": e.name["id"]} for e in own.sectors.values()]
    with Flask(__name__).test_request_context(headers={"Cookie": f"{COOKIE}=en"}):
        assert (spoken(own.elsewhere), spoken(province.elsewhere)) == (own.elsewhere["en"], own.elsewhere["id"])


def test_one_of_ours_is_chosen_by_its_name() -> None:
    assert province_file("jawa-tengah") == PROVINCES / "jawa-tengah.toml"
    with pytest.raises(WrongSetting, match="KENTONGAN_PROVINCE names jawa-tenggah, .* nor one of ours: jawa-tengah"):
        province_file("jawa-tenggah")


def changed(folder: Path, before: str, after: str) -> tuple[Path, int]:
    """Write the file with one line changed; return it, and which line that is."""
    text = FILE.read_text()
    assert before in text
    path = folder / "changed.toml"
    path.write_text(text.replace(before, after, 1))
    return path, text[: text.index(before)].count("\n") + 1


# What is changed, into what, and what is said; {line} is the line of the change.
WRONG = {
    "no TOML": ('name = "Kepulauan Rumbia"', "name = Kepulauan", "(at line {line}, column 8)"),
    "a missing field": (
        'leave_to = "https://www.bmkg.go.id/"\n', "", 'line 1: there is no "leave_to", which must be an address',
    ),
    "an address without HTTPS": ("leave_to = \"https:", "leave_to = \"http:", "line {line}: \"leave_to\" is 'http:"),
    "a field that is misspelt": (
        "time_zone", "timezone", 'line {line}: "timezone" is not known here; known are name, time_zone',
    ),
    "no such time zone": ('"Asia/Jayapura"', '"Asia/Jaya"', "line {line}: \"time_zone\" is 'Asia/Jaya' and must be"),
    "a table that is misspelt": ("[[agency]]", "[[agencies]]", '"agencies" is not known here'),
    "no list at all": (
        '[[agency]]\ncode = "syahbandar"\nname = "Kantor Syahbandar Teluk Lontar"\n', "", "there is no [[agency]]",
    ),
    "no kind of region": (
        'kind = "kota"', 'kind = "kotta"', "line {line}, region 4: \"kind\" is 'kotta' and must be one of kabupaten",
    ),
    "a code too long for its column": (
        'code = "rb3"', 'code = "rb3456789"', "line {line}, region 3: \"code\" is 'rb3456789' and must be small",
    ),
    "a code that means something": ('code = "rb3"', 'code = "outside"', "and not province, outside, none"),
    "a code in capitals": ('code = "rb3"', 'code = "RB3"', "small letters and digits, in parts joined by single dots"),
    "a number for a text": ('code = "rb3"', "code = 3", 'line {line}, region 3: "code" is 3 and must be small letters'),
    "a code that two have": (
        'code = "rb3"', 'code = "rb1"', "line {line}, region 3: another region has the \"code\" 'rb1', too",
    ),
    "a name that two have": (
        'name = "Karang Timur"', 'name = "Pulau Sago"',
        "line {line}, region 3: another region has the \"name\" 'Pulau Sago', too",
    ),
    "an empty name in English": (
        'name_english = "Schools"', 'name_english = ""', "line {line}, sector 2: \"name_english\" is '' and must be",
    ),
    "a name in English that two have": (
        'name_english = "Schools"', 'name_english = "Village office, covering letters"',
        "line {line}, sector 2: another sector has the \"name_english\" 'Village office, covering letters', too",
    ),
    "a proper name in English": (
        'name = "Karang Timur"\n', 'name_english = "East"\nname = "Karang Timur"\n',
        'line {line}, region 3: "name_english" is not known here; known are code, kind, name',
    ),
    "an office in English that has no word of its own": (
        'kecamatan = "District (distrik) office"', 'kabkota = "Regency office"',
        'line {line}, offices_english: "kabkota" is not known here; known are desa, kecamatan',
    ),
    "an empty name": ('name = "Sekolah"', 'name = " "', "line {line}, sector 2: \"name\" is ' ' and must be a text"),
    "a floor that is none": (
        'floor = "province"', 'floor = "regency"', "line {line}, sector 3: \"floor\" is 'regency' and must be",
    ),
    "a desk that nobody needs": (
        'remit = "rb71"', 'remit = "rb72"', "line {line}, desk 4: \"remit\" is 'rb72' and must be \"province\"",
    ),
    "no desk on top": ('remit = "province"', 'remit = "rb3"', '[[desk]] must have the remit "province", and 0 have'),
    "two desks on top": ('remit = "rb1"', 'remit = "province"', "and 2 have"),
    "a desk called nobody": ('id = "kota"', 'id = "none"', "line {line}, desk 4: \"id\" is 'none' and must be small"),
    "a desk with a field more": (
        'remit = "rb71"\n', 'parent = "x"\nremit = "rb71"\n', 'line {line}, desk 4: "parent" is not known here',
    ),
    "no level of offices": (
        "kecamatan = ", "distrik = ", 'line {line}, offices: "distrik" is not known here; known are desa, kecamatan',
    ),
    "an office without a name": ('"Kantor distrik"', '""', 'line {line}, offices: "kecamatan" must be a text'),
    "no day": ("2026-11-27", "2026-11-31", 'line {line}, calendar: "2026-11-31" is no day, written as 2027-01-31'),
    "a day without a text": (
        '"Hari Jadi Kepulauan Rumbia"', "true", 'line {line}, calendar: "2026-11-27" must be a holiday\'s name',
    ),
    "a demo at the top": ('["irban.2", "kota"]', '["itprov"]', 'line {line}, demo: "desks" must list the ids'),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_its_line_and_its_field(tmp_path: Path, name: str) -> None:
    before, after, said = WRONG[name]
    path, line = changed(tmp_path, before, after)
    with pytest.raises(WrongSetting) as wrong:
        load_province(path)
    sentence = str(wrong.value)
    assert sentence.startswith(f"{path} is not a whole province: ") and said.format(line=line) in sentence
