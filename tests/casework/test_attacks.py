"""The database itself refuses to bypass the workflow: to application and owner, with foreign keys and without."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, event, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from casework.models import Case, CaseEvent
from kernel.schema import TRIGGERS, clauses
from tests.casework.attacks import ATTACKS, Attack
from tests.casework.stage import (
    DAY, INVESTIGATOR, OTHER_REVIEWER, REVIEWED, REVIEWER, RUNNING, case_row, event_row, picture, set_stage,
)  # fmt: skip
from tests.database import Database, PostgreSQLServer, SQLiteFiles

# How each attacker comes, and what the database may answer him with besides a guard's own refusal.
ATTACKERS = ("sqlite", "sqlite-unkeyed", "postgresql-app", "postgresql-owner", "postgresql-unkeyed")
RIGHTS = ("permission denied", "must be owner")
# An entry is looked at again where it waits for the log.
BEHIND = {"ck_case_events_entry_size": ("case_events_enter",)}


@dataclass(frozen=True)
class Scene:
    """A staged database, and the engine by which an attacker reaches it."""

    database: Database
    engine: Engine


@contextmanager
def staged(attacker: str, files: SQLiteFiles, server: Callable[[], PostgreSQLServer]) -> Iterator[Scene]:
    """Set the stage in a fresh database and open it as ``attacker``; unkeyed means without foreign keys."""
    kind, _, way = attacker.partition("-")
    database, remove = files.make() if kind == "sqlite" else server().make()
    owner = database.engine(database.owner_url)
    with owner.begin() as connection:
        set_stage(connection)
    if attacker == "postgresql-unkeyed":
        drop_foreign_keys(owner)
    engine = database.engine() if way == "app" else owner
    if attacker == "sqlite-unkeyed":
        engine = database.engine()
        without_foreign_keys(engine)
    yield Scene(database, engine)
    engine.dispose()
    owner.dispose()
    remove()


def without_foreign_keys(engine: Engine) -> None:
    """Open every connection as a stranger's program would, which does not know of foreign keys."""
    @event.listens_for(engine, "connect")
    def connected(connection: object, _record: object) -> None:
        connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]


def drop_foreign_keys(owner: Engine) -> None:
    """Leave PostgreSQL to its triggers alone, as SQLite is with foreign keys off."""
    with owner.begin() as connection:
        keys = text("SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'")
        for table, name in connection.execute(keys).all():
            connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))


@pytest.fixture(scope="module")
def scene(request: pytest.FixtureRequest, sqlite_files: SQLiteFiles) -> Iterator[Scene]:
    """One stage for each attacker; attacks that are refused leave it as it was."""
    with staged(request.param, sqlite_files, lambda: request.getfixturevalue("postgresql_server")) as made:
        yield made


def attempt(engine: Engine, attack: Attack) -> DBAPIError | None:
    """Run ``attack`` to its commit; return what it was refused with, ``None`` where it went through."""
    try:
        with engine.begin() as connection:
            attack.run(connection)
    except DBAPIError as refused:
        return refused
    return None


def _picture(engine: Engine) -> list[list[tuple[object, ...]]]:
    with engine.connect() as connection:
        return picture(connection)


def is_refused_without_a_trace(scene: Scene, attack: Attack) -> bool:
    """Tell whether a guard (or a missing right) refused ``attack`` and every guarded row is as it was."""
    before = _picture(scene.engine)
    refused = attempt(scene.engine, attack)
    by_guard = isinstance(refused, IntegrityError) or any(right in str(refused) for right in RIGHTS)
    return by_guard and _picture(scene.engine) == before


def attacks_on(*kinds: str) -> pytest.MarkDecorator:
    """Parametrise a test by the attacks that exist on exactly these kinds of database."""
    return pytest.mark.parametrize("attack", [a for a in ATTACKS if a.kinds == kinds], ids=lambda attack: attack.name)


@attacks_on("sqlite", "postgresql")
@pytest.mark.parametrize("scene", ATTACKERS, indirect=True)
def test_an_attack_is_refused(scene: Scene, attack: Attack) -> None:
    assert is_refused_without_a_trace(scene, attack)


@attacks_on("sqlite")
@pytest.mark.parametrize("scene", [attacker for attacker in ATTACKERS if "sqlite" in attacker], indirect=True)
def test_an_attack_by_sqlites_own_means_is_refused(scene: Scene, attack: Attack) -> None:
    assert is_refused_without_a_trace(scene, attack)


@attacks_on("postgresql")
@pytest.mark.parametrize("scene", [attacker for attacker in ATTACKERS if "postgresql" in attacker], indirect=True)
def test_an_attack_by_postgresqls_own_means_is_refused(scene: Scene, attack: Attack) -> None:
    assert is_refused_without_a_trace(scene, attack)


def _guards() -> list[tuple[str, str]]:
    """Return each guard with each kind of database that has it, as who attacks there without foreign keys."""
    return sorted({(f"{kind}-unkeyed", attack.aims) for attack in ATTACKS for kind in attack.kinds})


@pytest.mark.parametrize(("attacker", "guard"), _guards())
def test_without_its_guard_an_attack_goes_through(
    attacker: str, guard: str, request: pytest.FixtureRequest, sqlite_files: SQLiteFiles
) -> None:
    with staged(attacker, sqlite_files, lambda: request.getfixturevalue("postgresql_server")) as scene:
        for each in (guard, *BEHIND.get(guard, ())):
            drop_guard(scene, each)
        aimed = [a for a in ATTACKS if a.aims == guard and scene.database.kind in a.kinds]
        assert any(attempt(scene.engine, attack) is None for attack in aimed)


def drop_guard(scene: Scene, guard: str) -> None:
    """Drop a trigger, an index, a check or a constraint, as the owner of a database could."""
    if guard.startswith("uq_") and table_of(guard) != "file_chunks":
        with scene.engine.begin() as connection:
            connection.execute(text(f"DROP INDEX {guard}"))
    elif not guard.startswith(("ck_", "uq_")):
        [table] = [name.split(".")[0] for name in TRIGGERS[scene.database.kind] if name.endswith(f".{guard}")]
        where = f" ON {table}" if scene.database.kind == "postgresql" else ""
        with scene.engine.begin() as connection:
            connection.execute(text(f"DROP TRIGGER {guard}{where}"))
    elif scene.database.kind == "postgresql":
        with scene.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table_of(guard)} DROP CONSTRAINT {guard}"))
    else:
        drop_sqlite_check(scene.database, guard)


def table_of(constraint: str) -> str:
    """Return the table that a check or a constraint is on."""
    tables = ("file_chunks", "files", "case_events")
    return next(table for table in tables if constraint[len("ck_") :].startswith(table))


def drop_sqlite_check(database: Database, name: str) -> None:
    """Take a check out of SQLite's own account of the table, the only way there is."""
    with closing(sqlite3.connect(database.url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        [(statement,)] = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", [table_of(name)])
        [clause] = [clause for clause in clauses(statement) if clause.split()[:2] == ["CONSTRAINT", name]]
        without = statement.replace(f",{clause}", "")
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", [without, table_of(name)])
        connection.execute("PRAGMA writable_schema=RESET")


def test_an_event_moves_its_case(scene_database: Database) -> None:
    engine = scene_database.engine()
    with engine.begin() as connection:
        row = event_row(RUNNING, 5, "propose", "INVESTIGATION", "REVIEW", INVESTIGATOR)
        connection.execute(insert(CaseEvent).values(row))
    with engine.connect() as connection:
        moved = connection.execute(text("SELECT version, state FROM cases WHERE id = :id"), {"id": RUNNING}).one()
    assert tuple(moved) == (5, "REVIEW")


def test_what_is_no_projection_of_events_may_change(scene_database: Database) -> None:
    with scene_database.engine().begin() as connection:
        changed = update(Case).where(Case.id == RUNNING).values(due=DAY, urgent=True, assignee_id=INVESTIGATOR)
        connection.execute(changed)
    with scene_database.engine().connect() as connection:
        assert connection.execute(select(Case.due).where(Case.id == RUNNING)).scalar() == DAY


def test_a_stranger_to_the_matter_may_close(scene_database: Database) -> None:
    with scene_database.engine().begin() as connection:
        row = event_row(REVIEWED, 7, "close", "REVIEW", "CLOSED", OTHER_REVIEWER)
        connection.execute(insert(CaseEvent).values(row))
    with scene_database.engine().connect() as connection:
        assert connection.execute(select(Case.state).where(Case.id == REVIEWED)).scalar() == "CLOSED"


def test_a_case_without_an_event_is_refused_when_it_is_committed(scene_database: Database) -> None:
    with pytest.raises(IntegrityError), scene_database.engine().begin() as connection:
        connection.execute(insert(Case).values(case_row("e" * 32)))


@pytest.fixture
def scene_database(database: Database) -> Database:
    """A fresh database with the stage set."""
    with database.engine(database.owner_url).begin() as connection:
        set_stage(connection)
    return database


@pytest.fixture
def on_postgresql(postgresql_server: PostgreSQLServer) -> Iterator[Database]:
    """The stage on PostgreSQL, where there are roles and functions to attack."""
    made, remove = postgresql_server.make()
    with made.engine(made.owner_url).begin() as connection:
        set_stage(connection)
    yield made
    remove()


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER cases_follow ON cases",
        "ALTER TABLE cases DISABLE TRIGGER cases_follow",
        "ALTER TABLE case_events DROP CONSTRAINT ck_case_events_seq",
        "DROP TABLE access_events",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION public.follow_events() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TABLE public.mine (id int)",
        "CREATE TRIGGER mine BEFORE INSERT ON case_events FOR EACH ROW EXECUTE FUNCTION refuse_write()",
    ],
)
def test_the_application_cannot_unmake_a_guard(on_postgresql: Database, statement: str) -> None:
    refused = pytest.raises(DBAPIError, match="permission denied|must be owner")
    with refused, on_postgresql.engine().begin() as connection:
        connection.execute(text(statement))


def test_temporary_tables_do_not_deceive_the_guards(scene_database: Database) -> None:
    schema = {"sqlite": "main", "postgresql": "public"}[scene_database.kind]
    forged = event_row(RUNNING, 5, "close", "INVESTIGATION", "CLOSED", REVIEWER)
    columns, values = ", ".join(forged), ", :".join(forged)
    with pytest.raises(IntegrityError, match="no such transition"), scene_database.engine().begin() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE transitions (from_state text, to_state text, action text)"))
        connection.execute(text("INSERT INTO transitions VALUES ('INVESTIGATION', 'CLOSED', 'close')"))
        connection.execute(text(f"CREATE TEMPORARY TABLE case_events AS SELECT * FROM {schema}.case_events"))
        connection.execute(text(f"INSERT INTO {schema}.case_events ({columns}) VALUES (:{values})"), forged)
