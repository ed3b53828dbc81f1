"""``make demo``: lodge two hundred complaints with a running server and drive a share of them through the states.

Half are sealed by a program of the formats, half posted by the form without JavaScript; of both some bring files.
Officers act with their own keys. Nothing is put into the database directly: whatever works here works for people. It
may be run again and again.

What needs days to pass cannot happen here, for the server's clock is the true one: no question times out, nothing is
raised to the desk above, and no content is deleted.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import httpx

from casework.founding import PEOPLE_FILE
from kernel.config import WrongSetting
from kernel.directory.agreement import AnotherProvince, disagreements, sentence_of
from kernel.vault import PhraseKeys
from tests import client, officer
from tests.client import Refused
from tests.demo.courses import COURSES, UNOPENED, Scene, read
from tests.demo.elsewhere import likes
from tests.demo.material import Story, load_stories
from tests.demo.matter import Matter
from tests.demo.papers import brought_by
from tests.demo.province import Desk, Province
from tests.demo.reporter import Reporter, SealedReporter
from tests.places import JAWA_TENGAH, Place

# Where the stories were written.
HOME = JAWA_TENGAH.province
# So many reporters are at their telephones at once.
REPORTERS_AT_ONCE = 4
# Where each case lies, by K in hexadecimal.
Found = Mapping[str, tuple[Desk, str]]
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Lodged:
    """A story that has begun: its reporter, and the salt with which his phrase is stretched."""

    story: Story
    reporter: Reporter
    salt: bytes

    @cached_property
    def keys(self) -> PhraseKeys:
        """Return the keys of his phrase."""
        return client.phrase_keys(self.reporter.phrase, self.salt)


def drive(url: str, instance: Path, stories: Sequence[Story]) -> list[Lodged]:
    """Lodge a complaint for each story and follow its course; return them in the order of the stories."""
    province = Province(url, instance)
    by_day = [(turn, story) for turn, story in enumerate(stories) if story.course != UNOPENED]
    by_night = [(turn, story) for turn, story in enumerate(stories) if story.course == UNOPENED]

    desks = list(province.desks.values())
    known = {desk.name: desk.numbers() for desk in shown("leads log in", desks)}
    lodged = _lodge_all(province, "complaints lodged by day", by_day)
    _work(province, list(lodged.values()), _read_all(province, known))
    lodged |= _lodge_all(province, "complaints lodged by night", by_night)
    return [lodged[turn] for turn in range(len(stories))]


def _lodge_all(province: Province, what: str, stories: Sequence[tuple[int, Story]]) -> dict[int, Lodged]:
    done = _at_once(what, lambda each: _lodge(province, *each), stories)
    return {turn: one for (turn, _story), one in zip(stories, done, strict=True)}


def _at_once(what: str, act: Callable[[T], R], things: Sequence[T]) -> list[R]:
    """Have several reporters at a time do something, and show how far they are."""
    with ThreadPoolExecutor(REPORTERS_AT_ONCE) as reporters:
        begun = [reporters.submit(act, thing) for thing in things]
        return [each.result() for each in shown(what, begun)]


def _work(province: Province, lodged: Sequence[Lodged], found: Found) -> None:
    """Let every case take its course: the desks work at once, each on one case after the other."""
    scenes = [(one, _scene(province, one, found)) for one in lodged if one.story.course != read.__name__]
    with ExitStack() as stack:
        desks = {name: stack.enter_context(ThreadPoolExecutor(1)) for name in province.desks}
        begun = [desks[scene.case.desk.name].submit(COURSES[one.story.course], scene) for one, scene in scenes]
        for each in shown("cases worked on", begun):
            each.result()


def shown(what: str, things: Sequence[T]) -> Iterator[T]:
    """Go through ``things`` and say how far that has come: one by one on a terminal, else when it is done."""
    alive, begun = sys.stdout.isatty(), time.monotonic()
    print(f"  {what} …", end="", flush=True)
    for done, thing in enumerate(things, start=1):
        yield thing
        if alive:
            print(f"\r  {what} … {done} of {len(things)}", end="", flush=True)
    again = f"\r  {what} …" if alive else ""
    print(f"{again} {len(things)} in {time.monotonic() - begun:.0f} s", flush=True)


def _lodge(province: Province, turn: int, story: Story) -> Lodged:
    reporter = province.reporter(turn)
    reporter.lodge(story.answers)
    papers = brought_by(turn)
    if papers:
        reporter.bring(papers)
    return Lodged(story, reporter, province.known.salt)


def _read_all(province: Province, known: Mapping[str, set[str]]) -> Found:
    """Have each lead read what is new in his queue; return where each case lies by K, which every account repeats."""
    desks = list(province.desks.values())
    new = [(desk, number) for desk in desks for number in sorted(desk.numbers() - known[desk.name])]
    found = {}
    for desk, number in shown("cases read by their leads", new):
        account = officer.open_case(desk.lead, number).account()
        found[account["ledger_key"]] = (desk, number)
    return found


def _scene(province: Province, one: Lodged, found: Found) -> Scene:
    desk, number = found[one.keys.ledger_key.hex()]
    matter = Matter(one.reporter, desk, number, one.story.answers["sector"])
    return Scene(matter, one.story, province.top)


def standing(lodged: Sequence[Lodged]) -> Counter[str]:
    """Return how many cases are in which state, as their reporters see it."""
    return Counter(_at_once("reporters look", lambda one: one.reporter.state(), lodged))


def main() -> int:
    """Drive the installation that ``make run`` serves, and say how the cases stand afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--instance", type=Path, default=Path("instance"))
    asked = parser.parse_args()
    start = "practice" if asked.instance.name == "practice" else "run"
    if not (asked.instance / "DEMO").exists():
        print(f"There is no demo province in {asked.instance}/. Start one first: make {start}", file=sys.stderr)
        return 1
    url = f"http://127.0.0.1:{asked.port}"
    try:
        _tell(url, asked.instance, _served(url, asked.instance))
    except WrongSetting as wrong:
        print(wrong, file=sys.stderr)
        return 1
    except httpx.ConnectError:
        print(f"\nNobody answers on port {asked.port}. Start it first: make {start}", file=sys.stderr)
        return 1
    except Refused as refused:
        print(f"\nThe server refused: {refused.status} {refused.sentence}", file=sys.stderr)
        return 1
    return 0


def _served(url: str, instance: Path) -> Place:
    """Return the province that is driven, by the setting with which its server was started."""
    place = Place(os.environ.get("KENTONGAN_PROVINCE") or JAWA_TENGAH.file)
    found = disagreements(place.province, Province(url, instance).known.directory)
    if found:
        raise AnotherProvince(sentence_of(found))
    return place


def _tell(url: str, instance: Path, place: Place) -> None:
    begun = time.monotonic()
    print(f"Driving the demo province at {url}: stories written for {HOME.name}, told of {place.province.name}")
    lodged = drive(url, instance, list(map(likes(HOME, place.province).moved, load_stories())))
    states = standing(lodged)
    sealed = sum(isinstance(one.reporter, SealedReporter) for one in lodged)
    print(f"{len(lodged)} complaints, {sealed} sealed by a program and {len(lodged) - sealed} by the form, stand thus:")
    for state, count in states.most_common():
        print(f"  {count:>3}  {state}")
    print(f"{time.monotonic() - begun:.0f} s in all. The people's passwords: {instance / PEOPLE_FILE}")


if __name__ == "__main__":
    sys.exit(main())
