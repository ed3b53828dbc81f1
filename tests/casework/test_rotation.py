"""A desk's next key: old directories are taken for 72 hours, then all is sealed anew, and the old key is gone."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kernel import clock
from kernel.database import db
from kernel.vault import keys_of
from tests import client, officer
from tests.client import Json
from tests.complaints.conftest import Later
from tests.officer import Login, make_desk_key
from tests.province import ANSWERS, Province, found_province

LODGE = "/api/v1/complaints"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province of its own: what becomes of its desks' keys is nobody else's."""
    kinds = {"sqlite": "sqlite_files", "postgresql": "postgresql_server"}
    database, remove = request.getfixturevalue(kinds[request.param]).make()
    folder: Path = tmp_path_factory.mktemp(f"rotation-{request.param}")
    founded = found_province(database, folder / "instance")
    yield founded
    with founded.app.app_context():
        db.session.remove()
        db.engine.dispose()
    remove()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """A clock in place of the real one, which a test puts forward."""
    watch = Later()
    monkeypatch.setattr(clock, "now", watch.now)
    return watch


def log_in(town: Province, role: str, desk: str, turn: int = 0) -> Login:
    """Log one of the people in, whatever day it is now."""
    person = town.named(role, desk, turn)
    code = officer.code_at(person.totp_secret, clock.now())
    return officer.log_in(town.visitor().ask, person.name, person.password, code, town.root)


class OldForm:
    """A program that still has the directory of the day it was opened, with the key of one desk."""

    def __init__(self, town: Province, region: str) -> None:
        self.visitor, self.known, self.region = town.visitor(), town.installation(), region
        self.key = self.visitor.ask(f"/api/v1/desks/{region}/key")

    def send(self) -> tuple[int, Json]:
        """Seal a complaint by the old directory, on this very day, and post it."""
        known, keys = replace(self.known, today=clock.today()), keys_of(secrets.token_bytes(32))
        envelope = client.envelope(ANSWERS | {"region": self.region}, keys, known, lambda _path, _posted: self.key)
        return self.visitor.ask(LODGE, envelope)


def test_a_form_with_the_old_directory_is_taken_for_72_hours_then_told_the_new_one(
    town: Province, later: Later
) -> None:
    form = OldForm(town, "33.74")
    make_desk_key(log_in(town, "lead", "33.74"), "33.74", 2, clock.today())
    later.move(hours=71, minutes=59)
    assert form.send()[0] == 201
    later.move(minutes=2)
    status, told = form.send()
    assert (status, set(told)) == (409, {"error", "directory"})
    assert told["directory"] == town.visitor().ask("/api/v1/desks")[1]
    again = OldForm(town, "33.74")
    assert again.known.directory.desk_key("33.74")[0] == 2
    assert again.send()[0] == 201
    # Two keys on, the time of the first is over, whatever the second's is.
    make_desk_key(log_in(town, "lead", "33.74"), "33.74", 3, clock.today())
    assert (again.send()[0], form.send()[0]) == (201, 409)
