"""A province's data file: read whole, or refused by the line, the entry and the field that is wrong."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kernel.config import WrongSetting
from kernel.directory.statements import DESK_ID
from kernel.province import Agency, Desk, Province, Region, Sector, Words
from kernel.routing import Level, Storey

KINDS = {
    "kabupaten": "Kabupaten",
    "kota": "Kota",
    "kabupaten administrasi": "Kabupaten Administrasi",
    "kota administrasi": "Kota Administrasi",
}
# What the routing table, and an event in which nobody is excluded, say in the place of a code.
TAKEN = ("province", "outside", "none")
TOP = ""


@dataclass(frozen=True)
class Shape:
    """What a field's text must be, said in words that go on from "must be"."""

    pattern: str
    words: str


def _one_of(choices: Collection[str]) -> Shape:
    return Shape("|".join(map(re.escape, choices)), f"one of {', '.join(choices)}")


def _code(pattern: str, longest: int, words: str) -> Shape:
    shape = rf"(?!(?:{'|'.join(TAKEN)})$)(?=.{{1,{longest}}}$){pattern}"
    return Shape(shape, f"{words}, at most {longest} characters, and not {', '.join(TAKEN)}")


NAME = Shape(r"(?=.*\S)[^\x00-\x1f\x7f]{1,120}", "a text on one line, of 1 to 120 characters")
DOTTED = "small letters and digits, in parts joined by single dots"
# Columns of the database bound them; a desk's id also ends the names of a demo's accounts.
REGION_CODE = _code(DESK_ID, 8, DOTTED)
DESK_CODE = _code(DESK_ID, 24, DOTTED)
WORD = _code(r"[a-z][a-z0-9_]*", 24, "small letters, digits and underscores, a letter first")
REMIT = Shape(DESK_ID, f'"{Storey.PROVINCE}", "{Storey.OUTSIDE}" or a region\'s code')
ZONES = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")

FIELDS: Mapping[str, Mapping[str, Shape]] = {
    TOP: {
        "name": NAME, "time_zone": _one_of(ZONES), "elsewhere": NAME, "elsewhere_english": NAME,
        "leave_to": Shape(r"https://[^\s\"'<>]+", "an address that begins with https://"),
    },
    "region": {"code": REGION_CODE, "kind": _one_of(KINDS), "name": NAME},
    "desk": {"id": DESK_CODE, "name": NAME, "remit": REMIT},
    "sector": {"code": WORD, "name": NAME, "name_english": NAME, "floor": _one_of(list(Storey))},
    "agency": {"code": WORD, "name": NAME},
}  # fmt: skip
LISTS = ("region", "desk", "sector", "agency")
# Fields that may be left out. Proper names are the same in every language, and have none.
MAY_LACK = ("elsewhere_english", "name_english")
# Tables whose keys are not fixed; they may be left out, too.
OFFICES, OFFICES_ENGLISH, CALENDAR, DEMO = "offices", "offices_english", "calendar", "demo"


@dataclass(frozen=True)
class Entry:
    """One table of the file: the ``number``-th of its name, from 1."""

    sheet: Sheet
    table: str
    number: int
    values: Mapping[str, Any]

    def wrong(self, field: str, sentence: str) -> WrongSetting:
        """Return the refusal of one of its fields."""
        name = f"{self.table} {self.number}" if self.table in LISTS else self.table
        where = ", ".join(part for part in (f"line {self.sheet.line(self, field)}", name) if part)
        return self.sheet.wrong(f"{where}: {sentence}")

    def text(self, field: str) -> str:
        """Return the text of a field, in its shape."""
        shape, value = FIELDS[self.table][field], self.values.get(field)
        if value is None:
            raise self.wrong(field, f'there is no "{field}", which must be {shape.words}')
        if not isinstance(value, str) or not re.fullmatch(shape.pattern, value):
            raise self.wrong(field, f'"{field}" is {value!r} and must be {shape.words}')
        return value

    def texts(self) -> dict[str, str]:
        """Return all fields of a table of a list, and no others."""
        self.check_known(FIELDS[self.table])
        wanted = [field for field in FIELDS[self.table] if field in self.values or field not in MAY_LACK]
        return {field: self.text(field) for field in wanted}

    def words(self, field: str) -> Words:
        """Return a text in each language in which it is there."""
        english = f"{field}_english"
        return _said(self.text(field), self.text(english) if english in self.values else None)

    def check_known(self, known: Collection[str]) -> None:
        """Refuse a field of another name, which is mostly one of these misspelt."""
        for field in self.values:
            if field not in known:
                raise self.wrong(field, f'"{field}" is not known here; known are {", ".join(known)}')


@dataclass(frozen=True)
class Sheet:
    """The file as it was read."""

    path: Path
    lines: Sequence[str]
    data: Mapping[str, Any]

    def wrong(self, sentence: str) -> WrongSetting:
        """Return the refusal of the file."""
        return WrongSetting(f"{self.path} is not a whole province: {sentence}.")

    def line(self, entry: Entry, field: str) -> int:
        """Return the line on which a field stands, or else where its table begins; from 1."""
        first = self._head(entry)
        for at in range(first + 1, len(self.lines)):
            if re.match(rf"\s*[\"']?{re.escape(field)}[\"']?\s*=", self.lines[at]):
                return at + 1
            if re.match(r"\s*\[", self.lines[at]):
                break
        return max(first, 0) + 1

    def _head(self, entry: Entry) -> int:
        """Return the index of the line on which a table begins; -1 for the fields above all tables."""
        head = re.compile(rf"\s*\[{{1,2}}\s*{entry.table}\s*\]")
        heads = [at for at, line in enumerate(self.lines) if entry.table and head.match(line)]
        return heads[entry.number - 1] if entry.number <= len(heads) else -1

    def entries(self, table: str) -> list[Entry]:
        """Return the tables of one name; there must be at least one."""
        found = self.data.get(table)
        if not isinstance(found, list) or not found or not all(isinstance(each, dict) for each in found):
            raise self.wrong(f"there is no [[{table}]]")
        return [Entry(self, table, number, values) for number, values in enumerate(found, start=1)]

    def table(self, name: str) -> Entry:
        """Return a table that may be left out."""
        found = self.data.get(name, {})
        if not isinstance(found, dict):
            raise self.wrong(f"{name} must be a table, [{name}]")
        return Entry(self, name, 1, found)


def load_province(path: Path) -> Province:
    """Read a province from its TOML file; raises ``WrongSetting`` that says what is wrong on which line."""
    try:
        text = path.read_text(encoding="utf-8")
        sheet = Sheet(path, text.splitlines(), tomllib.loads(text))
    except (OSError, ValueError) as unread:
        raise WrongSetting(f"{path} is not a whole province: {unread}.") from unread
    return _province(sheet)


def _province(sheet: Sheet) -> Province:
    top = Entry(sheet, TOP, 1, sheet.data)
    top.check_known((*FIELDS[TOP], *LISTS, OFFICES, OFFICES_ENGLISH, CALENDAR, DEMO))
    regions = {region.code: region for region in _regions(sheet)}
    desks = _desks(sheet, regions)
    agencies = [Agency(**each) for each in _listed(sheet, "agency")]
    return Province(
        name=top.text("name"),
        zone=ZoneInfo(top.text("time_zone")),
        leave_to=top.text("leave_to"),
        elsewhere=top.words("elsewhere"),
        offices=_offices(sheet),
        regions=regions,
        sectors={sector.code: sector for sector in _sectors(sheet)},
        desks={desk.id: desk for desk in desks},
        agencies={agency.code: agency for agency in agencies},
        calendar=dict(_calendar(sheet.table(CALENDAR))),
        demo_desks=_demo_desks(sheet.table(DEMO), desks),
    )


def _said(own: str, english: str | None) -> Words:
    return {"id": own, "en": english} if english else {"id": own}


def _listed(sheet: Sheet, table: str) -> list[dict[str, str]]:
    """Return the entries of a list, no two of which have one code or one name."""
    entries = sheet.entries(table)
    read = [entry.texts() for entry in entries]
    for field in ("code", "id", "name", "name_english"):
        # Of a region the name is only half: there are a Kabupaten and a Kota of one name.
        values = [(each.get("kind"), each.get(field)) if field == "name" else each.get(field) for each in read]
        for entry, value, others in zip(entries, values, _before(values)):
            if field in entry.values and value in others:
                raise entry.wrong(field, f'another {table} has the "{field}" {entry.values[field]!r}, too')
    return read


def _before(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[:at] for at in range(len(values)))


def _regions(sheet: Sheet) -> list[Region]:
    return [Region(each["code"], f"{KINDS[each['kind']]} {each['name']}") for each in _listed(sheet, "region")]


def _desks(sheet: Sheet, regions: Collection[str]) -> list[Desk]:
    """Return the desks, those above first: the root names them in this order."""
    entries, read = sheet.entries("desk"), _listed(sheet, "desk")
    for entry, each in zip(entries, read, strict=True):
        if each["remit"] not in (*regions, Storey.PROVINCE, Storey.OUTSIDE):
            raise entry.wrong("remit", f'"remit" is {each["remit"]!r} and must be {REMIT.words}')
    remits = Counter(each["remit"] for each in read)
    if remits[Storey.PROVINCE] != 1:
        raise sheet.wrong(f'one [[desk]] must have the remit "province", and {remits[Storey.PROVINCE]} have')
    top = next(each["id"] for each in read if each["remit"] == Storey.PROVINCE)
    desks = [Desk(**each, parent=top if each["remit"] in regions else None) for each in read]
    return sorted(desks, key=lambda desk: (desk.remit != Storey.PROVINCE, desk.remit == Storey.OUTSIDE))


def _sectors(sheet: Sheet) -> Iterator[Sector]:
    for entry, each in zip(sheet.entries("sector"), _listed(sheet, "sector"), strict=True):
        yield Sector(each["code"], entry.words("name"), Storey(each["floor"]))


def _offices(sheet: Sheet) -> dict[Level, Words]:
    """Return the province's own words for levels of offices; in English only what it calls otherwise, too."""
    own = dict(_levels(sheet.table(OFFICES), list(Level)))
    english = dict(_levels(sheet.table(OFFICES_ENGLISH), list(own)))
    return {level: _said(name, english.get(level)) for level, name in own.items()}


def _levels(entry: Entry, known: Collection[Level]) -> Iterator[tuple[Level, str]]:
    entry.check_known(known)
    for level, name in entry.values.items():
        if not isinstance(name, str) or not re.fullmatch(NAME.pattern, name):
            raise entry.wrong(level, f'"{level}" must be {NAME.words}')
        yield Level(level), name


def _calendar(entry: Entry) -> Iterator[tuple[date, str]]:
    for day, name in entry.values.items():
        if not isinstance(name, str):
            raise entry.wrong(day, f'"{day}" must be a holiday\'s name, or "" for a day that is worked')
        try:
            yield date.fromisoformat(day), name
        except ValueError:
            raise entry.wrong(day, f'"{day}" is no day, written as 2027-01-31') from None


def _demo_desks(entry: Entry, desks: Sequence[Desk]) -> tuple[str, ...]:
    """Return the regions' desks with people in a demo: those named, else the first two."""
    entry.check_known(("desks",))
    regional = [desk.id for desk in desks if desk.parent]
    named = entry.values.get("desks", regional[:2])
    if not isinstance(named, list) or not named or len(named) > 2 or not set(named) <= set(regional):
        raise entry.wrong("desks", '"desks" must list the ids of one or two desks of regions')
    return tuple(named)
