"""An officer's browser takes of the evidence what the signed history names, and calls everything else by its damage."""

import base64
import copy
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.casework.test_acts import taken
from tests.casework.test_evidence import messaged
from tests.client import Json
from tests.complaints.test_files import SMALL, TWO_CHUNKS
from tests.officer import act, send_evidence
from tests.province import Province

OPEN = "async (given) => (await import('/tests/browser/brought.js')).brought(given)"
RIGHT = ["kuitansi.jpg", True]


@pytest.fixture(scope="module")
def given(province: Province) -> Json:
    """What the server tells of a case with two files of its reporter's and one of its lead's, and the lead's keys."""
    phrase, _complaint, number = taken(province)
    messaged(province, phrase, TWO_CHUNKS, SMALL)
    case = province.opened(number, "lead")
    act(case, "evidence", "TRIAGE", files=[send_evidence(case, SMALL, province.browser_of("lead").put)])
    case = province.opened(number, "lead")
    bodies = [event["body"] for event in case.told["events"]]
    # In the order of their numbers, which is that of the events.
    case.told["files"].sort(key=lambda file: (file["seq"], bodies[file["seq"] - 1].find(file["id"])))
    return {"told": case.told, "keys": {f"{kind}/{epoch}": key.hex() for (kind, epoch), key in case.keys.items()}}


def flip(file: Json, name: str) -> None:
    raw = bytearray(base64.b64decode(file[name]))
    raw[-1] ^= 1
    file[name] = base64.b64encode(raw).decode()


def exchange(one: Json, other: Json, *names: str) -> None:
    for name in names:
        one[name], other[name] = other[name], one[name]


# What is told otherwise than it is, and what then stands in the place of the first file.
LIES: dict[str, tuple[Callable[[Json, list[Json]], Any], str]] = {
    "a file is left out": (lambda told, files: told["files"].remove(files[0]), "missing"),
    "no files are told of": (lambda told, files: told.pop("files"), "missing"),
    "another key": (lambda _told, files: flip(files[0], "key"), "unlogged"),
    "another manifest": (lambda _told, files: flip(files[0], "manifest"), "unlogged"),
    "no manifest": (lambda _told, files: files[0].update(manifest=None), "unlogged"),
    "chunks in another order": (lambda _told, files: files[0]["digests"].reverse(), "unlogged"),
    "a chunk less": (lambda _told, files: files[0]["digests"].pop(), "unlogged"),
    "no hash": (lambda _told, files: files[0]["digests"].append("x"), "unreadable"),
    "no base64": (lambda _told, files: files[0].update(key="*"), "unreadable"),
    "the other side": (lambda _told, files: files[0].update(side="case"), "unlogged"),
    "another epoch": (lambda _told, files: files[0].update(epoch=7), "unreadable"),
    "another file's boxes": (
        lambda _told, files: exchange(files[0], files[1], "key", "manifest", "digests"), "unlogged",
    ),
}  # fmt: skip


def told_by(blank: Page, given: Json) -> list[Any]:
    return list(blank.evaluate(OPEN, given))


def test_what_was_brought_opens_in_the_order_of_its_numbers(blank: Page, given: Json) -> None:
    assert told_by(blank, given) == [["B-1", *RIGHT], ["B-2", *RIGHT], ["B-3", *RIGHT]]


@pytest.mark.parametrize(("lie", "damage"), LIES.values(), ids=LIES)
def test_what_is_not_what_its_event_names_is_not_opened(
    blank: Page, given: Json, lie: Callable[[Json, list[Json]], Any], damage: str
) -> None:
    given = copy.deepcopy(given)
    lie(given["told"], list(given["told"]["files"]))
    first, _second, third = told_by(blank, given)
    assert first == ["B-1", damage, False]
    assert damage == "missing" or third == ["B-3", *RIGHT]


def test_without_the_key_nothing_of_it_opens(blank: Page, given: Json) -> None:
    keys = {name: key for name, key in given["keys"].items() if name.startswith("case/")}
    assert told_by(blank, given | {"keys": keys})[0] == ["B-1", "unreadable", False]
