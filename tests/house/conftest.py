"""A province of the house's own, whose people may be locked, logged out and worn out."""

from collections.abc import Iterator

import pytest

from kernel.database import db
from tests.house.people import Town, settle
from tests.province import Province, found_province


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A demo province on each kind of database, shared by the tests of this folder alone."""
    kinds = {"sqlite": "sqlite_files", "postgresql": "postgresql_server"}
    database, remove = request.getfixturevalue(kinds[request.param]).make()
    founded = found_province(database, tmp_path_factory.mktemp(f"town-{request.param}") / "instance")
    yield founded
    with founded.app.app_context():
        db.session.remove()
        db.engine.dispose()
    remove()


@pytest.fixture(scope="session")
def people(town: Province) -> Town:
    """Everybody who may come to a door there."""
    return settle(town)
