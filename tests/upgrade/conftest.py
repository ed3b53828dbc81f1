"""Fixtures of the tests that bring an older version's database to the newest schema."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.database import Database
from tests.upgrade.installation import empty_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind."""
    yield from empty_database(request, tmp_path)
