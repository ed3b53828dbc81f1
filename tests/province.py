"""A founded demo province behind the real application, on each database, for tests that need people and desks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from casework.founding import found_demo
from casework.models import Case
from casework.sessions import COOKIE
from kernel import clock
from kernel.database import db
from tests import client, officer
from tests.client import Json
from tests.database import Database, PostgreSQLServer, SQLiteFiles
from tests.officer import Login, OpenedCase
from tests.places import JAWA_TENGAH, RUMBIA, Place
from tests.server import Person, read_people
from wsgi import create_app

HOST = "https://localhost"
ANSWERS = {
    "text": "Saat mengurus surat pengantar nikah saya diminta 150 ribu, katanya untuk kas. Kuitansi tidak ada.",
    "region": "33.08", "place": "Desa Banyubening", "sector": "desa", "level": "desa", "asked": "150 ribu",
}  # fmt: skip


class Visitor:
    """Somebody's browser at the application: HTTPS, cookies, and the headers a browser sends of itself."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()

    def again(self) -> Visitor:
        """Return a browser with the same officer's login, for another thread: a test client is one thread's."""
        other = Visitor(self.app)
        other.client.set_cookie(COOKIE, str(self.cookie(COOKIE)))
        return other

    def ask(self, path: str, posted: Json | None = None) -> tuple[int, Json]:
        """Get or post JSON: what ``tests.client.Ask`` wants."""
        answer = self.get(path) if posted is None else self.post(path, json=posted)
        return answer.status_code, json.loads(answer.data)

    def get(self, path: str, **more: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, base_url=HOST, **more)

    def post(self, path: str, **more: Any) -> TestResponse:
        """Post from one of our own pages, as JSON (``json=``) or as a form (``data=``)."""
        return self.client.post(path, base_url=HOST, headers={"Origin": HOST}, **more)

    def put(self, path: str, content: bytes, token: str = "") -> tuple[int, Json]:
        """Put a chunk: what ``tests.client.Put`` wants; an officer's needs no token."""
        headers = {"Content-Type": "application/octet-stream", "Origin": HOST}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        answer = self.client.put(path, base_url=HOST, data=content, headers=headers)
        return answer.status_code, json.loads(answer.data)

    def cookie(self, name: str) -> str | None:
        """Return a cookie's value."""
        found = self.client.get_cookie(name, domain="localhost")
        return found.value if found else None


@dataclass
class Province:
    """A running demo province: its application, its people, and the logins already begun."""

    app: Flask
    instance: Path
    people: dict[str, Person]
    visitors: dict[str, Visitor] = field(default_factory=dict)
    logins: dict[str, Login] = field(default_factory=dict)
    place: Place = JAWA_TENGAH

    def visitor(self) -> Visitor:
        """Return somebody new."""
        return Visitor(self.app)

    @property
    def root(self) -> bytes:
        """Return the root's public key (32 bytes)."""
        return bytes.fromhex((self.instance / "root.pub").read_text().strip())

    def named(self, role: str, desk: str, turn: int = 0) -> Person:
        """Return one of the people with ``role`` at ``desk``; ``-`` where the role has no desk."""
        return [person for person in self.people.values() if (person.role, person.desk) == (role, desk)][turn]

    def log_in(self, role: str, desk: str = "", turn: int = 0) -> Login:
        """Return the login of one of the people, begun when first asked for: a code is accepted once only."""
        person = self.named(role, desk or self.place.desk, turn)
        if person.name not in self.logins:
            visitor = self.visitors.setdefault(person.name, self.visitor())
            login = officer.log_in(visitor.ask, person.name, person.password, self._code(person), self.root)
            self.logins[person.name] = login
        return self.logins[person.name]

    def overseer(self) -> Visitor:
        """Return the overseer's browser, logged in; he holds no keys, so no program opens a seed for him."""
        person = self.named("overseer", "-")
        if person.name not in self.visitors:
            visitor = self.visitors[person.name] = self.visitor()
            officer.enter(visitor.ask, person.name, person.password, self._code(person))
        return self.visitors[person.name]

    def _code(self, person: Person) -> str:
        return officer.code_at(person.totp_secret, clock.now())

    def browser_of(self, role: str, desk: str = "", turn: int = 0) -> Visitor:
        """Return the browser of one of the people, logged in."""
        self.log_in(role, desk, turn)
        return self.visitors[self.named(role, desk or self.place.desk, turn).name]

    @property
    def answers(self) -> dict[str, str]:
        """Return a complaint about an office in a region whose desk has people."""
        return ANSWERS | {"region": self.place.region, "sector": self.place.sector}

    def installation(self) -> client.Installation:
        """Return what a reporter's program knows of this installation."""
        return client.installation(self.visitor().ask, self.root)

    def lodge(self, **answers: str) -> tuple[str, str]:
        """Lodge a sealed complaint; return its phrase and its id."""
        visitor = self.visitor()
        phrase, _receipt = client.lodge(self.answers | answers, self.installation(), visitor.ask)
        return phrase, client.visit(self.keys(phrase), visitor.ask).thread["complaint"]

    def keys(self, phrase: str) -> Any:
        """Return the keys of a phrase."""
        return client.phrase_keys(phrase, self.installation().salt)

    def number_of(self, complaint: str) -> str:
        """Return the number of a complaint's case."""
        with self.app.app_context():
            number = db.session.get_one(Case, complaint).number
            db.session.remove()
        return number

    def opened(self, number: str, role: str, desk: str = "", turn: int = 0) -> OpenedCase:
        """Open a case as one of the people."""
        return officer.open_case(self.log_in(role, desk, turn), number)


def found_province(database: Database, instance: Path, place: Place = JAWA_TENGAH) -> Province:
    """Found the demo over an empty, migrated database, and start the application on it."""
    _found(database, instance, place)
    # The root's key exists only now, and settings are read once.
    return _opened(database, instance, place)


def _found(database: Database, instance: Path, place: Place) -> None:
    with create_app(_environment(database, instance, place)).app_context():
        found_demo()
        db.engine.dispose()


def _opened(database: Database, instance: Path, place: Place) -> Province:
    return Province(create_app(_environment(database, instance, place)), instance, read_people(instance), place=place)


def _environment(database: Database, instance: Path, place: Place) -> dict[str, str]:
    return {"KENTONGAN_INSTANCE": str(instance), "DATABASE_URL": database.url, **place.environment}


class Foundings:
    """Demos founded once a session, one on each kind of database at each place, at which nobody ever acts.

    To found one takes two seconds, to copy it a tenth of that. Copies have the same people and keys, and part there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._founded: dict[tuple[SQLiteFiles | PostgreSQLServer, Place], tuple[Database, Path]] = {}

    def copy(
        self, databases: SQLiteFiles | PostgreSQLServer, instance: Path, place: Place = JAWA_TENGAH
    ) -> tuple[Province, Callable[[], None]]:
        """Return a province of its own, on which the application has started, and what does away with it."""
        if (databases, place) not in self._founded:
            self._founded[databases, place] = self._make(databases, place)
        database, founded = self._founded[databases, place]
        shutil.copytree(founded, instance)
        copied, remove = databases.make(database.name)
        return _opened(copied, instance, place), remove

    def _make(self, databases: SQLiteFiles | PostgreSQLServer, place: Place) -> tuple[Database, Path]:
        database, _remove = databases.make()
        instance = self.folder / str(len(self._founded))
        _found(database, instance, place)
        return database, instance


@pytest.fixture(scope="session")
def foundings(tmp_path_factory: pytest.TempPathFactory) -> Foundings:
    """Demos to copy."""
    return Foundings(tmp_path_factory.mktemp("foundings"))


def own_province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """Copy a province on the kind of database that a fixture is asked for (``request.param``), and remove it after."""
    databases, place = databases_and_place(request)
    foundings: Foundings = request.getfixturevalue("foundings")
    made, remove = foundings.copy(databases, tmp_path_factory.mktemp("province") / "instance", place)
    yield made
    close(made, remove)


def databases_and_place(request: pytest.FixtureRequest) -> tuple[SQLiteFiles | PostgreSQLServer, Place]:
    """Return what ``request.param`` asks for: ``sqlite``, or ``postgresql in Rumbia``."""
    kinds = {"sqlite": "sqlite_files", "postgresql": "postgresql_server"}
    kind, _in, elsewhere = request.param.partition(" in ")
    return request.getfixturevalue(kinds[kind]), RUMBIA if elsewhere else JAWA_TENGAH


def close(province: Province, remove: Callable[[], None]) -> None:
    """Let go of a province's database, and do away with it."""
    with province.app.app_context():
        db.session.remove()
        db.engine.dispose()
    remove()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A demo province on each kind of database, shared by the tests of a session: each lodges complaints of its own."""
    yield from own_province(request, tmp_path_factory)
