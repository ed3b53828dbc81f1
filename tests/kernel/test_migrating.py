"""Migrations: all or nothing, once or often, and on PostgreSQL never as the role that serves."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from casework.models import Transition
from casework.rules import TRANSITIONS
from kernel.config import Settings, WrongSetting, read_settings
from kernel.migrating import migrate, migrate_command
from tests.database import Database, PostgreSQLServer, bare_app
from tests.server import SECONDS_TO_START

ROOT = Path(__file__).parents[2]
OWNED = {"DATABASE_URL": "postgresql://k@/k", "KENTONGAN_OWNER_URL": "postgresql://o@/k"}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/empty.sqlite3"
        yield Database("sqlite", url, url)
        return
    server: PostgreSQLServer = request.getfixturevalue("postgresql_server")
    assert server.template
    made, remove = server.make("template0")
    yield made
    remove()


def tables(database: Database) -> set[str]:
    """Return the names of the tables there are."""
    with database.engine(database.owner_url).connect() as connection:
        return set(inspect(connection).get_table_names())


def test_the_seeded_workflow_is_the_rules(database: Database) -> None:
    with database.engine().connect() as connection:
        seeded = connection.execute(select(Transition.from_state, Transition.to_state, Transition.action)).all()
    assert {tuple(way) for way in seeded} == TRANSITIONS


def test_migrating_again_changes_nothing(database: Database) -> None:
    before = tables(database)
    migrate(database.owner_url, database.url)
    assert tables(database) == before


def test_a_migration_that_fails_leaves_nothing_behind(empty: Database) -> None:
    with empty.engine(empty.owner_url).begin() as connection:
        connection.execute(text("CREATE TABLE allegations (id INTEGER)"))
    with pytest.raises(DBAPIError):
        migrate(empty.owner_url, empty.url)
    assert tables(empty) == {"allegations"}


def test_two_processes_may_migrate_at_once(empty: Database) -> None:
    program = "import sys, tests.database; tests.database.migrate(*sys.argv[1:])"
    command = [sys.executable, "-c", program, empty.owner_url, empty.url]
    processes = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(SECONDS_TO_START) for process in processes] == [0, 0]
    assert "cases" in tables(empty)


@pytest.mark.parametrize("database_url", ["postgresql+psycopg://same@/kentongan", "postgresql+psycopg:///kentongan"])
def test_the_role_that_serves_may_not_be_the_owner(database_url: str) -> None:
    with pytest.raises(WrongSetting, match="two roles"):
        migrate("postgresql+psycopg://same@/kentongan", database_url)


@pytest.fixture
def run_command(database: Database, tmp_path: Path) -> Callable[..., Result]:
    """Run ``migrate`` as ``flask`` would, with the settings of ``database`` and what is changed of them."""
    instance = tmp_path / "instance"
    app = bare_app(database)
    app.cli.add_command(migrate_command)

    def run(**changes: str | None) -> Result:
        environment = {"KENTONGAN_INSTANCE": str(instance), "DATABASE_URL": database.url}
        settings: Settings = read_settings(environment | {"KENTONGAN_OWNER_URL": database.owner_url})
        app.extensions["kentongan.settings"] = replace(settings, **changes)  # type: ignore[arg-type]
        return app.test_cli_runner().invoke(args=["migrate"])

    return run


def test_the_command_migrates(run_command: Callable[..., Result]) -> None:
    assert run_command().exit_code == 0


def test_the_command_says_which_setting_is_missing(run_command: Callable[..., Result]) -> None:
    outcome = run_command(owner_url=None)
    assert outcome.exit_code == 1 and "Set KENTONGAN_OWNER_URL" in outcome.output


def test_the_command_says_how_the_outcome_is_not_the_declared_one(
    run_command: Callable[..., Result], database: Database
) -> None:
    with database.engine(database.owner_url).begin() as connection:
        connection.execute(text("DROP INDEX ix_cases_due"))
    outcome = run_command()
    assert outcome.exit_code == 1 and "lacks cases: CREATE INDEX ix_cases_due" in outcome.output


@pytest.mark.parametrize(
    ("environment", "owner_url"),
    [
        ({"DATABASE_URL": "sqlite:////tmp/k.sqlite3"}, "sqlite:////tmp/k.sqlite3"),
        ({"DATABASE_URL": "postgresql://k@/k"}, None),
        (OWNED, "postgresql+psycopg://o@/k"),
    ],
)
def test_the_owners_address(environment: dict[str, str], owner_url: str | None, tmp_path: Path) -> None:
    assert read_settings(environment | {"KENTONGAN_INSTANCE": str(tmp_path / "instance")}).owner_url == owner_url


def test_an_owners_address_elsewhere_is_refused(tmp_path: Path) -> None:
    environment = OWNED | {"KENTONGAN_INSTANCE": str(tmp_path / "instance"), "KENTONGAN_OWNER_URL": "mysql://o@/k"}
    with pytest.raises(WrongSetting, match="KENTONGAN_OWNER_URL must begin"):
        read_settings(environment)
