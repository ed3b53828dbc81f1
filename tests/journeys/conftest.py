"""A real server for the journeys, and phones and desktops to visit it with."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.officers import Office
from tests.journeys.wire import Wire, strung
from tests.server import Installation, found, running


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """A founded demo province, served by gunicorn on a port of its own; every journey shares it."""
    folder = Path(tempfile.mkdtemp(prefix="kentongan-journeys-"))
    instance = folder / "instance"
    found(instance)
    with running(instance) as served:
        yield served
    shutil.rmtree(folder)


@pytest.fixture
def phone(browser: Browser, installation: Installation) -> Iterator[BrowserContext]:
    """A phone, 360 px wide."""
    context = browser.new_context(base_url=installation.url, viewport={"width": 360, "height": 740}, locale="id-ID")
    yield context
    context.close()


@pytest.fixture
def plain_phone(browser: Browser, installation: Installation) -> Iterator[BrowserContext]:
    """The same phone with JavaScript off."""
    context = browser.new_context(
        base_url=installation.url, viewport={"width": 360, "height": 740}, locale="id-ID", java_script_enabled=False
    )
    yield context
    context.close()


@pytest.fixture
def desktop(browser: Browser, installation: Installation) -> Iterator[BrowserContext]:
    """An office desktop."""
    context = browser.new_context(base_url=installation.url, viewport={"width": 1280, "height": 900}, locale="id-ID")
    yield context
    context.close()


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    """A page on the phone."""
    return phone.new_page()


@pytest.fixture(scope="session")
def wire(installation: Installation) -> Iterator[Wire]:
    """A proxy in front of the installation, which records what passes."""
    with strung(installation.url) as made:
        yield made


@pytest.fixture(scope="session")
def office(browser: Browser, installation: Installation, wire: Wire) -> Iterator[Office]:
    """The officers, whose browsers reach nothing but through the wire."""
    made = Office(browser, installation, **wire.passing)
    yield made
    made.close()
