"""A real server and a real browser for the journeys."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.chromium import BINARY
from tests.server import Installation, found, running

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """A founded demo province, served by gunicorn on a port of its own; every journey shares it."""
    folder = Path(tempfile.mkdtemp(prefix="kentongan-journeys-"))
    instance = folder / "instance"
    found(instance)
    with running(instance) as served:
        yield served
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; without it the journeys say that they did not run, and in CI they fail."""
    if not Path(BINARY).exists() and not os.environ.get("CI"):
        pytest.skip("Chromium is absent: the journeys did NOT run")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BINARY, args=ARGUMENTS)
        yield chromium
        chromium.close()


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
