"""A founded province with a few cases, and places where nothing is yet, on each kind of database."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result
from flask import Flask

from kernel.database import db
from operations import watching
from operations.checks import Finding, Weight
from tests.casework.test_acts import closed
from tests.database import Database, PostgreSQLServer
from tests.operations.answering import SOUND, Served, answering
from tests.province import Province, own_province
from wsgi import create_app


def told(findings: Iterable[Finding], weight: Weight) -> str:
    """Return the sentences of what weighs so much, a line each."""
    return "\n".join(finding.sentence for finding in findings if finding.weight is weight)


@dataclass(frozen=True)
class Place:
    """Where an installation is or could be: its private folder, and its database."""

    instance: Path
    database: Database

    def app(self, **more: str) -> Flask:
        """Return the application there, as a command finds it: on whatever schema."""
        environment = {"KENTONGAN_INSTANCE": str(self.instance), "DATABASE_URL": self.database.url}
        owner = {"KENTONGAN_OWNER_URL": self.database.owner_url}
        return create_app(environment | owner | {"FLASK_RUN_FROM_CLI": "true"} | more)

    def run(self, *command: object, **more: str) -> Result:
        """Give a command there."""
        app = self.app(**more)
        outcome = app.test_cli_runner().invoke(args=[str(part) for part in command])
        with app.app_context():
            db.engine.dispose()
        return outcome

    def serving(self) -> Flask:
        """Return the application there, as gunicorn starts it."""
        return create_app({"KENTONGAN_INSTANCE": str(self.instance), "DATABASE_URL": self.database.url})


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province of this folder's own: tests elsewhere damage what they keep, and a backup of that is not sound."""
    yield from own_province(request, tmp_path_factory)


@pytest.fixture(scope="session")
def lived_in(province: Province) -> tuple[Place, str]:
    """An installation with a decided case, and the phrase of that."""
    with province.app.app_context():
        url = db.engine.url
    kind = url.get_backend_name()
    owner = url.set(username="kentongan_owner") if kind == "postgresql" else url
    database = Database(kind, *(each.render_as_string(hide_password=False) for each in (url, owner)))
    return Place(province.instance, database), closed(province)[0]


@pytest.fixture
def nowhere(
    request: pytest.FixtureRequest, lived_in: tuple[Place, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Place]]:
    """Makes places for an installation of the same kind where there is nothing yet."""
    removals: list[Callable[[], None]] = []

    def make() -> Place:
        folder = tmp_path / f"place-{len(removals)}"
        folder.mkdir()
        url = f"sqlite:///{folder}/kentongan.sqlite3"
        database, remove = Database("sqlite", url, url), lambda: None
        if lived_in[0].database.kind == "postgresql":
            server: PostgreSQLServer = request.getfixturevalue("postgresql_server")
            database, remove = server.make("template0")
        removals.append(remove)
        # What every start publishes takes a second to compress.
        shutil.copytree(lived_in[0].instance / "static", folder / "instance" / "static")
        (folder / "instance").chmod(0o700)
        return Place(folder / "instance", database)

    if lived_in[0].database.kind == "postgresql":
        server: PostgreSQLServer = request.getfixturevalue("postgresql_server")
        monkeypatch.setenv("PATH", f"{server.programs}:{os.environ['PATH']}")
    yield make
    for remove in removals:
        remove()


@pytest.fixture
def quiet(
    lived_in: tuple[Place, str], tmp_path: Path, nowhere: object, monkeypatch: pytest.MonkeyPatch
) -> Place:
    """An installation that has just been backed up, on a disk with room: the tests' own may be full."""
    monkeypatch.setattr(watching.shutil, "disk_usage", lambda _path: SimpleNamespace(total=1000, free=500))
    assert lived_in[0].run("backup", tmp_path / "kept").exit_code == 0
    return lived_in[0]


@pytest.fixture
def live_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server whose answers are sound to begin with."""
    monkeypatch.setattr(Served, "told", dict(SOUND))
    with answering() as url:
        yield url
