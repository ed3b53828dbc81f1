"""Whoever comes, however he reads: axe finds nothing on any page, and nothing is lost on a phone or at 200 % zoom."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

from kernel.database import db
from tests.demo.browsing import Browser as Client
from tests.journeys import officers_walks as officers
from tests.journeys import reporters_walks as reporters
from tests.journeys.looking import faults_of
from tests.journeys.stage import DESK, Stage, Team
from tests.places import HERE
from tests.server import Installation, environment
from wsgi import create_app

Walk = Callable[[Stage], Iterator[tuple[Page, str]]]
CASE = "/petugas/perkara/<number>"
PEOPLE = (("lead", DESK), ("administrator", "-"), ("overseer", "-"))
# Which pages each walk shows: one that shows others fails, and so does a page that no walk shows.
WALKS: dict[Walk, set[str]] = {
    reporters.at_home: {"/", "/bantuan", "/log/bukti", "/lapor/frasa", "/lacak"},
    reporters.leaving: set(),
    reporters.lodging: {"/lapor"},
    reporters.receiving: {"/lapor"},
    reporters.without_the_rest: {"/lapor", "/lacak"},
    reporters.coming_back: {"/lacak"},
    reporters.talking: {"/lacak"},
    reporters.proving: {"/lacak"},
    reporters.disagreeing: {"/lacak"},
    reporters.lodging_in_one_page: {"/lapor"},
    reporters.talking_without_scripts: {"/lacak"},
    reporters.too_late: set(),
    officers.logging_in: {"/petugas/masuk"},
    officers.without_scripts: {"/petugas/masuk"},
    officers.beginning: {"/petugas/akun", "/petugas/aktivasi", "/petugas/saya", "/petugas/orang"},
    officers.in_the_queue: {"/petugas/", "/petugas/saya"},
    officers.overseeing: {"/petugas/pernyataan", "/petugas/pembacaan", "/petugas/tenggat"},
    officers.keeping_the_desks_key: {"/petugas/meja/kunci"},
    officers.decreeing: {"/petugas/libur"},
    officers.hearing_alarms: {"/petugas/alarm"},
    officers.assisting: {"/petugas/bantu"},
    officers.turned_away: {"/petugas/orang", CASE},
    officers.before_opening: {CASE},
    officers.as_lead: {CASE},
    officers.as_investigator: {CASE},
    officers.as_handler: {CASE},
    officers.as_reviewer: {CASE},
    officers.overtaken: {CASE},
    officers.locking: {"/petugas/"},
}


@pytest.fixture(scope="module")
def stage(browser: Browser, installation: Installation) -> Iterator[Stage]:
    """A desk with a case in every state."""
    people = [person for person in installation.people.values() if person.desk == DESK]
    root = bytes.fromhex((installation.instance / "root.pub").read_text().strip())
    made = Stage(browser, installation, Team(DESK, installation.url, people, root))
    made.set_up()
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(installation: Installation) -> Iterator[Flask]:
    """The same application in this process, to know its addresses."""
    made = create_app(environment(installation.instance, **HERE.environment))
    yield made
    with made.app_context():
        db.engine.dispose()


def rule_of(addresses: Map, page: Page) -> str | None:
    """Return the rule of the address whose page is shown, if there is one to get."""
    path = "/" + page.url.split("/", 3)[3].partition("?")[0].partition("#")[0]
    try:
        rule, _values = addresses.bind("localhost").match(path, "GET", return_rule=True)
    except HTTPException:
        return None
    return str(rule.rule)


# Shown inside another page alone, with a file in them: tests/casework/test_browser_register.py.
FRAMES = {"/petugas/pratinjau"}


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_nothing_is_wrong_with_what_a_walk_shows(stage: Stage, app: Flask, walk: Walk) -> None:
    faults: list[str] = []
    shown: set[str | None] = set()
    for page, what in walk(stage):
        shown.add(rule_of(app.url_map, page))
        faults += faults_of(page, what)
    assert not faults, "\n".join(faults)
    assert shown - {None} == WALKS[walk]


def test_every_page_that_there_is_is_shown_by_a_walk(stage: Stage, app: Flask) -> None:
    everybody = [Client(stage.installation.url), *(stage.browser_of(stage.installation.of(*who)[0]) for who in PEOPLE)]
    rules = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    number = stage.cases["fresh"].number
    there = {rule for rule in rules if any(is_page(each, rule.replace("<number>", number)) for each in everybody)}
    assert there - FRAMES == set().union(*WALKS.values())


def is_page(somebody: Client, address: str) -> bool:
    """Tell whether there is something for somebody to read at an address."""
    answer = somebody.page(address)
    return answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
