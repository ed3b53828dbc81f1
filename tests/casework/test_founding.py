"""The demo province: founded once by the steps of real life, kept ever after, and never over a real installation."""

import base64
import re
from collections.abc import Iterator
from contextvars import Context
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from casework import founding
from casework.models import Officer
from kernel import clock
from kernel.config import province_file
from kernel.database import db
from kernel.directory.agreement import AnotherProvince, AnotherRoot
from kernel.directory.directory import Directory
from kernel.directory.models import SealedKey, Statement
from kernel.directory.queries import kem_of, statement_bodies
from kernel.vault import (
    Identity, auth_token, context, officer_keys, password_salt, stretch, totp, unbox, unlock_key, unseal,
)  # fmt: skip
from kernel.web import current_settings
from tests.casework.conftest import installed
from tests.casework.office import Browser, Office, base64_of, look_again
from tests.places import JAWA_TENGAH, RUMBIA, Place
from tests.server import Person, read_people
from wsgi import create_app

TEAM = ["lead", "investigator", "investigator", "reviewer", "reviewer"]


def instance() -> Path:
    """Return the private folder."""
    return current_settings().instance


def found(room: Flask) -> Result:
    """Run the command, as ``make run`` does at each start."""
    result = room.test_cli_runner().invoke(args=["found-demo"])
    look_again()
    return result


@pytest.fixture(
    scope="module",
    params=[("sqlite_files", JAWA_TENGAH), ("postgresql_server", JAWA_TENGAH), ("sqlite_files", RUMBIA)],
    ids=["sqlite", "postgresql", "Rumbia"],
)
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, published: Path) -> Iterator[Flask]:
    """A demo, founded once on each database for the tests that only look at it."""
    kind, place = request.param
    database, remove = request.getfixturevalue(kind).make()
    made = installed(tmp_path_factory.mktemp("demo") / "instance", published, database, **place.environment)
    with made.app_context():
        (instance() / "root.pub").unlink()
        assert found(made).exit_code == 0
        yield made
        db.session.remove()
        db.engine.dispose()
    remove()


@pytest.fixture
def place(demo: Flask) -> Place:
    """The province that was founded."""
    return RUMBIA if demo.extensions["kentongan.province"] == RUMBIA.province else JAWA_TENGAH


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


def environment_of(demo: Flask) -> dict[str, str]:
    """Return what the demo was started with, except for which province it is."""
    settings = demo.extensions["kentongan.settings"]
    return {"KENTONGAN_INSTANCE": str(settings.instance), "DATABASE_URL": settings.database_url}


def command(app: Flask, *arguments: str) -> str:
    """Run a command of an application that is not the fixtures' own, and so outside their context."""
    return str(Context().run(app.test_cli_runner().invoke, args=arguments).output)


def seed_of(person: Person) -> tuple[str, bytes]:
    """Return a person's id and seed, opened by his password."""
    row = db.session.scalars(select(Officer).where(Officer.name == person.name)).one()
    password_key = stretch(person.password, password_salt(current_settings().secret, person.name))
    where = context("officer-seed", object_=row.id, recipient="password")
    return row.id, unbox(row.seed_box or b"", unlock_key(password_key), where)


def test_a_team_at_four_desks_an_overseer_and_an_administrator(people: dict[str, Person], place: Place) -> None:
    for desk in place.staffed:
        assert sorted(person.role for person in people.values() if person.desk == desk) == sorted(TEAM)
    assert {person.role: person.desk for person in people.values() if person.desk not in place.staffed} == {
        "overseer": "-", "administrator": "-",
    }  # fmt: skip
    names = list(db.session.scalars(select(Officer.full_name)))
    assert len(set(names)) == 22


def test_all_desks_stand_in_the_tree_and_those_with_people_are_open(people: dict[str, Person], place: Place) -> None:
    judged, desks = directory(), {JAWA_TENGAH: 37, RUMBIA: 5}[place]
    assert len(judged.desks()) == desks and len(judged.children(place.top)) == desks - 2
    assert judged.remits() == {desk.id: desk.remit for desk in place.province.desks.values()}
    assert sorted(judged.open_desks()) == sorted(place.staffed)
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


def test_a_lead_opens_his_desks_key_and_the_desk_above_opens_it_too(people: dict[str, Person], place: Place) -> None:
    judged = directory()
    for desk in place.staffed:
        lead_id, seed = seed_of(next(p for p in people.values() if (p.desk, p.role) == (desk, "lead")))
        rows = db.session.scalars(select(SealedKey).where(SealedKey.object == desk)).all()
        above = [f"desk:{place.top}:1"] if desk in {place.desk, place.other} else []
        assert sorted(row.recipient for row in rows) == sorted([f"officer:{lead_id}", "recovery", *above])
        mine = next(row for row in rows if row.recipient == f"officer:{lead_id}")
        where = context("desk-key", object_=desk, epoch=1, recipient=mine.recipient)
        key = Identity.from_seed(unseal(mine.sealed, officer_keys(seed)[0], where))
        assert judged.desk_key(desk) == (1, key.recipient.digest)


def test_the_code_of_the_moment_of_founding_logs_in(people: dict[str, Person], place: Place) -> None:
    untouched = select(Officer.totp_step).where(Officer.name == f"kepala.{place.other}")
    assert db.session.scalars(untouched).all() == [0]


def test_every_page_of_a_demo_says_that_nothing_in_it_is_real(demo: Flask, room: Flask, place: Place) -> None:
    again = create_app(environment_of(demo) | place.environment)
    for address in ("/", "/lapor", "/petugas/masuk", "/tidak-ada"):
        assert "Laporan sungguhan jangan dikirim ke sini." in Browser(again).visit(address).text
        assert "Laporan sungguhan jangan dikirim ke sini." not in Browser(room).visit(address).text
    with again.app_context():
        db.engine.dispose()


def test_its_people_log_in_with_what_the_file_says(people: dict[str, Person], demo: Flask, place: Place) -> None:
    for person in (people[f"kepala.{place.desk}"], people["pengawas"], people["administrator"]):
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
        assert re.search(rf"  \S.+  {re.escape(person.name)}  ", result.output), "a name, as the pages call him"
    assert "This is a DEMO" in result.output
    again = found(fresh)
    assert again.exit_code == 0 and "everything is kept" in again.output and "This is a DEMO" in again.output
    assert not any(person.password in again.output for person in people.values())


def test_a_folder_of_practice_never_serves_another_installations_database(demo: Flask, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "DEMO").touch()
    (tmp_path / "root.pub").write_text(Office.root_public().hex())
    with pytest.raises(AnotherRoot, match="belongs to another installation"):
        create_app(environment_of(demo) | {"KENTONGAN_INSTANCE": str(tmp_path)})
    (tmp_path / "root.pub").unlink()
    with pytest.raises(AnotherRoot):
        create_app(environment_of(demo) | {"KENTONGAN_INSTANCE": str(tmp_path)})


def test_with_another_provinces_file_nothing_starts_and_a_check_says_why(demo: Flask, place: Place) -> None:
    other = JAWA_TENGAH if place is RUMBIA else RUMBIA
    with pytest.raises(AnotherProvince, match="has no desk .*; and .* more.* Set KENTONGAN_PROVINCE"):
        create_app(environment_of(demo) | other.environment)
    commands = create_app(environment_of(demo) | other.environment | {"FLASK_RUN_FROM_CLI": "true"})
    said = "The province's file is not the one this installation was founded with"
    assert command(commands, "work", "--once").startswith(f"Error: {said}")
    assert f"BROKEN: {said}" in command(commands, "check")
    with commands.app_context():
        db.engine.dispose()


def test_a_desk_that_only_the_file_has_stays_closed_and_a_check_says_so(
    demo: Flask, place: Place, tmp_path: Path
) -> None:
    more = '[[desk]]\nid = "baru"\nname = "Meja baru"\nremit = "outside"\n'
    grown = tmp_path / "grown.toml"
    grown.write_text(province_file(place.file).read_text() + more)
    app = create_app(environment_of(demo) | {"KENTONGAN_PROVINCE": str(grown)})
    listed = {desk["id"]: desk["open"] for desk in Browser(app).visit("/api/v1/desks").json["desks"]}
    assert listed["baru"] is False and sorted(desk for desk in listed if listed[desk]) == sorted(place.staffed)
    assert "has a desk baru, which the root has not named" in command(app, "check")
    moved, other = tmp_path / "moved.toml", place.region_of(place.other)
    moved.write_text(grown.read_text().replace(f'remit = "{place.region}"', f'remit = "{other}"'))
    with pytest.raises(AnotherProvince, match=f'its desk {place.desk} has the remit "{other}", and was signed with'):
        create_app(environment_of(demo) | {"KENTONGAN_PROVINCE": str(moved)})
    with app.app_context():
        db.engine.dispose()


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
