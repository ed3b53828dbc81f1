"""The demo province: founded once by the steps of real life, kept ever after, and never over a real installation."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from casework import founding
from casework.models import Officer
from kernel import clock
from kernel.database import db
from kernel.directory.directory import Directory
from kernel.directory.models import SealedKey, Statement
from kernel.directory.queries import kem_of, statement_bodies
from kernel.vault import (
    Identity, auth_token, context, officer_keys, password_salt, stretch, totp, unbox, unlock_key, unseal,
)  # fmt: skip
from kernel.web import current_settings
from tests.casework.conftest import installed
from tests.casework.office import Browser, base64_of, look_again
from tests.server import Person, read_people
from wsgi import create_app

STAFFED = ("33", "33.08", "33.74", "luar")
TEAM = ["lead", "investigator", "investigator", "reviewer", "reviewer"]


def instance() -> Path:
    """Return the private folder."""
    return current_settings().instance


def found(room: Flask) -> Result:
    """Run the command, as ``make run`` does at each start."""
    result = room.test_cli_runner().invoke(args=["found-demo"])
    look_again()
    return result


@pytest.fixture(scope="module", params=["sqlite_files", "postgresql_server"])
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, published: Path) -> Iterator[Flask]:
    """A demo, founded once on each database for the tests that only look at it."""
    database, remove = request.getfixturevalue(request.param).make()
    made = installed(tmp_path_factory.mktemp("demo") / "instance", published, database)
    with made.app_context():
        (instance() / "root.pub").unlink()
        assert found(made).exit_code == 0
        yield made
        db.session.remove()
        db.engine.dispose()
    remove()


@pytest.fixture
def people(demo: Flask) -> dict[str, Person]:
    """The people of the demo."""
    look_again()
    return read_people(instance())


@pytest.fixture
def fresh(room: Flask) -> Flask:
    """An installation that has no root yet."""
    (instance() / "root.pub").unlink()
    return room


def directory() -> Directory:
    """Judge what was written by the root key in the file, as every browser does."""
    look_again()
    return Directory(bytes.fromhex((instance() / "root.pub").read_text()), statement_bodies())


def seed_of(person: Person) -> tuple[str, bytes]:
    """Return a person's id and seed, opened by his password."""
    row = db.session.scalars(select(Officer).where(Officer.name == person.name)).one()
    password_key = stretch(person.password, password_salt(current_settings().secret, person.name))
    where = context("officer-seed", object_=row.id, recipient="password")
    return row.id, unbox(row.seed_box or b"", unlock_key(password_key), where)


def test_a_team_at_four_desks_an_overseer_and_an_administrator(people: dict[str, Person]) -> None:
    for desk in STAFFED:
        assert sorted(person.role for person in people.values() if person.desk == desk) == sorted(TEAM)
    assert {person.role: person.desk for person in people.values() if person.desk not in STAFFED} == {
        "overseer": "-", "administrator": "-",
    }  # fmt: skip
    names = list(db.session.scalars(select(Officer.full_name)))
    assert len(set(names)) == 22


def test_all_desks_stand_in_the_tree_and_those_with_people_are_open(people: dict[str, Person]) -> None:
    judged = directory()
    assert len(judged.desks()) == 37 and len(judged.children("33")) == 35
    assert sorted(judged.open_desks()) == sorted(STAFFED)
    assert kem_of(judged.recovery_digest)


def test_everybody_is_vouched_for_along_the_chain(people: dict[str, Person]) -> None:
    judged = directory()
    for person in people.values():
        if person.desk != "-":
            officer_id, seed = seed_of(person)
            identity, sign = officer_keys(seed)
            vouched = judged.officer(officer_id)
            assert (vouched.desk, vouched.role, vouched.sign) == (person.desk, person.role, sign.public)
            assert kem_of(vouched.kem_digest) == identity.recipient
    bodies = db.session.scalars(select(Statement.body).where(Statement.kind == "officer"))
    roots = [body for body in bodies if "\nissuer root\n" in body]
    # Only where no desk stands above does the root itself vouch, and only for leads.
    assert len(roots) == 2 and all("\nremit lead\n" in body for body in roots)


def test_a_lead_opens_his_desks_key_and_the_desk_above_opens_it_too(people: dict[str, Person]) -> None:
    judged = directory()
    for desk in STAFFED:
        lead_id, seed = seed_of(next(p for p in people.values() if (p.desk, p.role) == (desk, "lead")))
        rows = db.session.scalars(select(SealedKey).where(SealedKey.object == desk)).all()
        above = ["desk:33:1"] if desk in {"33.08", "33.74"} else []
        assert sorted(row.recipient for row in rows) == sorted([f"officer:{lead_id}", "recovery", *above])
        mine = next(row for row in rows if row.recipient == f"officer:{lead_id}")
        where = context("desk-key", object_=desk, epoch=1, recipient=mine.recipient)
        key = Identity.from_seed(unseal(mine.sealed, officer_keys(seed)[0], where))
        assert judged.desk_key(desk) == (1, key.recipient.digest)


def test_the_code_of_the_moment_of_founding_logs_in(people: dict[str, Person]) -> None:
    untouched = select(Officer.totp_step).where(Officer.name == "kepala.33.74")
    assert db.session.scalars(untouched).all() == [0]


def test_every_page_of_a_demo_says_that_nothing_in_it_is_real(demo: Flask, room: Flask) -> None:
    with demo.app_context():
        settings = current_settings()
    again = create_app({"KENTONGAN_INSTANCE": str(settings.instance), "DATABASE_URL": settings.database_url})
    for address in ("/", "/lapor", "/petugas/masuk", "/tidak-ada"):
        assert "Laporan sungguhan jangan dikirim ke sini." in Browser(again).visit(address).text
        assert "Laporan sungguhan jangan dikirim ke sini." not in Browser(room).visit(address).text
    with again.app_context():
        db.engine.dispose()


def test_its_people_log_in_with_what_the_file_says(people: dict[str, Person], demo: Flask) -> None:
    for person in (people["kepala.33.08"], people["pengawas"], people["administrator"]):
        password_key = stretch(person.password, password_salt(current_settings().secret, person.name))
        code = totp.code(base64.b32decode(person.totp_secret), clock.now())
        posted = {"name": person.name, "auth": base64_of(auth_token(password_key)), "totp": code}
        assert Browser(demo).post("/petugas/masuk", posted).status_code == 200


def test_the_files_are_for_their_owner_alone_and_say_what_they_are(people: dict[str, Person]) -> None:
    for name in ("demo-people.tsv", "root.pub", "DEMO"):
        assert (instance() / name).stat().st_mode & 0o777 == 0o600
    first = (instance() / "demo-people.tsv").read_text().splitlines()[0]
    assert first.startswith("# DEMO") and "must not exist in a real installation" in first
    assert "made on this server" in (instance() / "DEMO").read_text()


def test_passwords_and_secrets_are_printed_once(fresh: Flask) -> None:
    result = found(fresh)
    people = read_people(instance())
    for person in people.values():
        assert person.password in result.output and person.totp_secret in result.output
    assert "This is a DEMO" in result.output
    again = found(fresh)
    assert again.exit_code == 0 and "everything is kept" in again.output and "This is a DEMO" in again.output
    assert not any(person.password in again.output for person in people.values())


def test_a_second_start_keeps_everything(people: dict[str, Person], demo: Flask) -> None:
    files = {path: path.read_bytes() for path in instance().iterdir() if path.is_file() and path.suffix != ".sqlite3"}
    bodies = statement_bodies()
    found(demo)
    assert statement_bodies() == bodies
    assert {path: path.read_bytes() for path in files} == files


def test_a_founding_that_was_killed_begins_again(fresh: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    written = founding.people_table

    def killed(people: list[founding.DemoPerson]) -> str:
        raise KeyboardInterrupt(written(people)[:0])

    monkeypatch.setattr(founding, "people_table", killed)
    with pytest.raises(KeyboardInterrupt):
        founding.found_demo()
    look_again()
    assert statement_bodies() == [] and not founding.is_founded()
    monkeypatch.undo()
    assert found(fresh).exit_code == 0
    assert len(read_people(instance())) == 22 and directory().open_desks()


def test_no_demo_is_founded_over_a_real_root(room: Flask) -> None:
    real = (instance() / "root.pub").read_bytes()
    result = found(room)
    assert result.exit_code == 1 and "real installation" in result.output
    assert (instance() / "root.pub").read_bytes() == real
    assert not (instance() / "demo-people.tsv").exists() and not (instance() / "DEMO").exists()
    assert not founding.is_founded()
