"""The province that most tests of the log begin with; those that want another beginning make their own."""

from collections.abc import Iterator

import pytest

from tests.ledger.test_publishing import publish_more
from tests.province import Province, own_province


@pytest.fixture(params=["sqlite", "postgresql"])
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province of its own, of which a first batch, its statements, is published."""
    for made in own_province(request, tmp_path_factory):
        with made.app.app_context():
            publish_more(0)
            yield made
