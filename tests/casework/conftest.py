"""The officers' room, whole, on each database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from casework.terms import Role
from kernel.database import db
from tests.casework.office import Browser, Member, Office, Watch, stop_clock
from tests.database import Database
from wsgi import create_app

TREE = (("33", None, "province"), ("33.08", "33", "33.08"), ("33.74", "33", "33.74"), ("luar", None, "outside"))


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the static files are published, once for all of this session's installations."""
    return Path(tmp_path_factory.mktemp("published"))


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """A clock that only the test moves."""
    return stop_clock(monkeypatch)


def installed(instance: Path, published: Path, database: Database, **more: str) -> Flask:
    """Return the whole application on ``database``, with a private folder of its own and a root key in place."""
    instance.mkdir(mode=0o700)
    (instance / "static").symlink_to(published)
    (instance / "root.pub").write_text(Office.root_public().hex())
    return create_app({"KENTONGAN_INSTANCE": str(instance), "DATABASE_URL": database.url, **more})


@pytest.fixture
def room(database: Database, tmp_path: Path, published: Path, watch: Watch) -> Iterator[Flask]:
    """The whole application on a fresh database, its context pushed."""
    made = installed(tmp_path / "instance", published, database)
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def office(room: Flask) -> Office:
    """The signed tree of four desks."""
    return Office.founded(*TREE)


@pytest.fixture
def above(office: Office) -> Member:
    """The lead of the desk at the top."""
    return office.vouched("kepala", Role.LEAD, "33")


@pytest.fixture
def lead(office: Office, above: Member) -> Member:
    """The lead of a desk below that has no key yet."""
    return office.vouched("kepala.08", Role.LEAD, "33.08", above)


@pytest.fixture
def browser_of(room: Flask) -> Callable[[], Browser]:
    """Makes a browser with a cookie jar of its own."""
    return lambda: Browser(room)
