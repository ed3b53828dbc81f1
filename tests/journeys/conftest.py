"""A real server for the journeys, and phones and desktops to visit it with."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser_fixtures import close
from tests.casework.office import stop_clock
from tests.database import SQLiteFiles
from tests.journeys.checks import assert_usable
from tests.journeys.officers import Office
from tests.journeys.real import Real
from tests.journeys.reporting import lodge_in_steps, stay_here
from tests.journeys.whole import OnTheWire, Story, Whole, until_handed_over
from tests.journeys.wire import Overheard, Wire, strung
from tests.places import HERE
from tests.server import Installation, founded


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """A founded demo province, shared by every journey that leaves its people able to log in."""
    with founded(**HERE.environment) as served:
        yield served


@pytest.fixture
def phone(browser: Browser, installation: Installation) -> Iterator[BrowserContext]:
    """A phone, 360 px wide."""
    context = browser.new_context(base_url=installation.url, viewport={"width": 360, "height": 740}, locale="id-ID")
    yield context
    close(context)


@pytest.fixture
def plain_phone(browser: Browser, installation: Installation) -> Iterator[BrowserContext]:
    """The same phone with JavaScript off."""
    context = browser.new_context(
        base_url=installation.url, viewport={"width": 360, "height": 740}, locale="id-ID", java_script_enabled=False
    )
    stay_here(context)
    yield context
    close(context)


@pytest.fixture
def desktop(browser: Browser, installation: Installation) -> Iterator[BrowserContext]:
    """An office desktop."""
    context = browser.new_context(base_url=installation.url, viewport={"width": 1280, "height": 900}, locale="id-ID")
    yield context
    close(context)


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    """A page on the phone."""
    return phone.new_page()


@pytest.fixture(scope="session")
def wire(installation: Installation) -> Iterator[Wire]:
    """A proxy between phones and the installation, which records what passes."""
    with strung(installation.url) as made:
        yield made


@pytest.fixture(scope="session")
def office_wire(installation: Installation) -> Iterator[Wire]:
    """The same between the officers' desktops and the installation."""
    with strung(installation.url) as made:
        yield made


@pytest.fixture(scope="session")
def office(browser: Browser, installation: Installation, office_wire: Wire) -> Iterator[Office]:
    """The officers, whose browsers reach nothing but through their wire."""
    made = Office(browser, installation, **office_wire.passing)
    yield made
    made.close()


@pytest.fixture(scope="session")
def on_the_wire(
    browser: Browser, installation: Installation, wire: Wire, office_wire: Wire, office: Office
) -> Iterator[OnTheWire]:
    """A complaint's whole way with JavaScript, which ends with an objection that is upheld."""
    size: Any = {"width": 360, "height": 740}
    overheard = Overheard()
    with browser.new_context(base_url=installation.url, viewport=size, locale="id-ID", **wire.passing) as phone:
        page = phone.new_page()
        overheard.listen(page)
        with wire.recorded() as sent, office_wire.recorded() as office_sent:
            whole = Whole(Story(), page, lodge_in_steps, office, assert_usable)
            until_handed_over(whole)
            whole.upheld()
        yield OnTheWire(whole, sent, overheard, office_sent)


@pytest.fixture
def connected(browser: Browser, installation: Installation, wire: Wire) -> Iterator[BrowserContext]:
    """A phone that reaches nothing but through the wire."""
    size: Any = {"width": 360, "height": 740}
    with browser.new_context(base_url=installation.url, viewport=size, locale="id-ID", **wire.passing) as made:
        yield made


@pytest.fixture
def served(sqlite_files: SQLiteFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Real]:
    """A real installation whose clock began an hour ago: a server of its own can go on from where the test comes to."""
    database, remove = sqlite_files.make()
    watch = stop_clock(monkeypatch)
    watch.moment = datetime.now(timezone.utc) - timedelta(hours=1)
    made = Real(tmp_path, database, watch)
    yield made
    made.close()
    remove()
