"""A province of the house's own, whose people may be locked, logged out and worn out."""

from collections.abc import Iterator

import pytest

from ledger.publishing import tend
from tests.house.people import Town, settle
from tests.province import Province, own_province


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A demo province on each kind of database, shared by the tests of this folder alone."""
    yield from own_province(request, tmp_path_factory)


@pytest.fixture(scope="session")
def people(town: Province) -> Town:
    """Everybody who may come to a door there, and a log that has been published."""
    with town.app.app_context():
        tend()
    return settle(town)
