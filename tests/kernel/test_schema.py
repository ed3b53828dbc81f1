"""The live database is the declared one, and whatever somebody takes from it is noticed before anybody writes."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Connection, text

from casework.rules import TRANSITIONS
from kernel.database import Base, db
from kernel.schema import TRIGGERS, WORKFLOW, WrongSchema, clauses, differences, refuse_a_wrong_schema, workflow_digest
from tests.casework.attacks import ATTACKS
from tests.database import APPLICATION, Database, PostgreSQLServer, SQLiteFiles, bare_app


def test_the_migrated_database_is_the_declared_one(database: Database) -> None:
    with database.engine().connect() as connection:
        assert differences(connection) == []


def test_the_declared_workflow_is_the_rules() -> None:
    assert workflow_digest(TRANSITIONS) == WORKFLOW


def test_every_trigger_is_attacked() -> None:
    names = {name.partition(".")[2] for kind in TRIGGERS.values() for name in kind}
    # These refuse nothing: that events move their case, and are entered, has tests of its own.
    follows = {"case_events_project", "case_events_enter", "log_public_enter"}
    assert names - {attack.aims for attack in ATTACKS} == follows


@pytest.fixture
def sqlite(sqlite_files: SQLiteFiles) -> Iterator[Connection]:
    """A connection to a fresh SQLite file."""
    made, remove = sqlite_files.make()
    with made.engine().connect() as connection:
        yield connection
    remove()


@pytest.fixture(scope="module")
def owned(postgresql_server: PostgreSQLServer) -> Iterator[Database]:
    """A PostgreSQL database whose owner the tests play, each undoing what it did."""
    made, remove = postgresql_server.make()
    yield made
    remove()


@pytest.fixture
def owner(owned: Database) -> Iterator[Connection]:
    """A connection as the owner, rolled back."""
    with owned.engine(owned.owner_url).connect() as connection, connection.begin() as undone:
        yield connection
        undone.rollback()


@pytest.mark.parametrize("name", TRIGGERS["sqlite"])
def test_a_trigger_dropped_on_sqlite_is_noticed(sqlite: Connection, name: str) -> None:
    sqlite.execute(text(f"DROP TRIGGER {name.partition('.')[2]}"))
    assert differences(sqlite) == [f"lacks {name} does {TRIGGERS['sqlite'][name]}"]


@pytest.mark.parametrize("name", TRIGGERS["postgresql"])
def test_a_trigger_dropped_on_postgresql_is_noticed(owner: Connection, name: str) -> None:
    table, _, trigger = name.partition(".")
    owner.execute(text(f"DROP TRIGGER {trigger} ON {table}"))
    assert differences(owner, APPLICATION) == [f"lacks {name} does {TRIGGERS['postgresql'][name]}"]


def test_a_trigger_that_does_less_is_noticed_on_sqlite(sqlite: Connection) -> None:
    sqlite.execute(text("DROP TRIGGER cases_stay"))
    sqlite.execute(text("CREATE TRIGGER cases_stay BEFORE DELETE ON cases BEGIN SELECT 1; END"))
    facts = [line.partition(" does ")[0] for line in differences(sqlite)]
    assert facts == ["lacks cases.cases_stay", "has cases.cases_stay"]


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE cases DISABLE TRIGGER cases_follow",
        "ALTER TABLE cases ENABLE REPLICA TRIGGER cases_follow",
        "ALTER FUNCTION follow_events() RESET search_path",
        "ALTER FUNCTION follow_events() SECURITY DEFINER",
        "CREATE OR REPLACE FUNCTION follow_events() RETURNS trigger LANGUAGE plpgsql "
        "SET search_path = pg_catalog, public, pg_temp AS 'BEGIN RETURN NEW; END'",
        "CREATE OR REPLACE TRIGGER cases_follow BEFORE UPDATE OF due ON cases "
        "FOR EACH ROW EXECUTE FUNCTION follow_events()",
        "CREATE OR REPLACE TRIGGER cases_follow BEFORE UPDATE ON cases "
        "FOR EACH ROW WHEN (false) EXECUTE FUNCTION follow_events()",
        "CREATE TRIGGER mine BEFORE INSERT ON cases FOR EACH ROW EXECUTE FUNCTION begin_case()",
    ],
)
def test_a_trigger_that_does_otherwise_is_noticed_on_postgresql(owner: Connection, statement: str) -> None:
    owner.execute(text(statement))
    assert any(" does " in line for line in differences(owner, APPLICATION))


def test_every_clause_of_every_table_taken_out_is_noticed_on_sqlite(sqlite: Connection) -> None:
    sqlite.execute(text("PRAGMA writable_schema=ON"))
    unnoticed = []
    for table in Base.metadata.tables:
        statement = _written(sqlite, table)
        for clause in clauses(statement):
            _rewrite(sqlite, table, statement.replace(clause, " x INTEGER", 1))
            if not any(line.startswith(f"lacks {table}: ") for line in differences(sqlite)):
                unnoticed.append(clause)
        _rewrite(sqlite, table, statement)
    assert (unnoticed, differences(sqlite)) == ([], [])


def _written(connection: Connection, name: str) -> str:
    return str(connection.execute(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name}).scalar())


def _rewrite(connection: Connection, name: str, statement: str) -> None:
    rewrite = text("UPDATE sqlite_master SET sql = :sql WHERE name = :name")
    connection.execute(rewrite, {"sql": statement, "name": name})


@pytest.mark.parametrize("table", ["transitions", "cases", "case_events", "access_events"])
def test_a_guarded_table_that_has_got_a_rowid_is_noticed(sqlite: Connection, table: str) -> None:
    sqlite.execute(text("PRAGMA writable_schema=ON"))
    _rewrite(sqlite, table, _written(sqlite, table).replace(" WITHOUT ROWID", ""))
    assert differences(sqlite) == [f"lacks {table}: WITHOUT ROWID"]


def test_every_constraint_dropped_is_noticed_on_postgresql(owner: Connection) -> None:
    query = text(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'p', 'u') AND conrelid <> 0"
    )
    unnoticed = []
    constraints = [row for row in owner.execute(query).all() if row[0] != "alembic_version"]
    for table, name in constraints:
        with owner.begin_nested() as undone:
            owner.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name} CASCADE"))
            if not any(f"lacks {table}: CONSTRAINT {name} " in line for line in differences(owner, APPLICATION)):
                unnoticed.append(name)
            undone.rollback()
    assert len(constraints) > 50 and unnoticed == []


@pytest.mark.parametrize(
    ("statement", "fact"),
    [
        ("ALTER TABLE case_events ALTER body DROP NOT NULL", "lacks case_events: body TEXT NOT NULL"),
        ("DROP INDEX ix_cases_due", "lacks cases: CREATE INDEX ix_cases_due ON cases due,id,urgent,raised_on,state"),
        ("ALTER TABLE cases ALTER CONSTRAINT fk_cases_head NOT DEFERRABLE", "lacks cases: CONSTRAINT fk_cases_head"),
        ("ALTER TABLE cases ALTER CONSTRAINT fk_cases_head NOT ENFORCED", "lacks cases: CONSTRAINT fk_cases_head"),
        (f"GRANT UPDATE ON case_events TO {APPLICATION}", "has case_events: the application may UPDATE"),
        (f"GRANT UPDATE (state) ON cases TO {APPLICATION}", "has cases: the application may UPDATE state"),
        (f"GRANT TRUNCATE ON cases TO {APPLICATION}", "has cases: the application may TRUNCATE"),
        ("GRANT DELETE ON statements TO PUBLIC", "has statements: the application may DELETE"),
        (f"REVOKE INSERT ON messages FROM {APPLICATION}", "lacks messages: the application may INSERT"),
        (f"GRANT CREATE ON SCHEMA public TO {APPLICATION}", "has public: the application may CREATE"),
    ],
)
def test_what_else_is_changed_is_noticed_on_postgresql(owner: Connection, statement: str, fact: str) -> None:
    owner.execute(text(statement))
    assert any(line.startswith(fact) for line in differences(owner, APPLICATION))


def test_an_application_that_owns_its_tables_is_noticed(owned: Database) -> None:
    with owned.engine(owned.owner_url).connect() as connection:
        assert "has cases: the application may do as the owner" in differences(connection)


def test_a_way_added_behind_the_triggers_back_is_noticed(sqlite: Connection) -> None:
    closed = _written(sqlite, "transitions_closed")
    sqlite.execute(text("DROP TRIGGER transitions_closed"))
    sqlite.execute(text("INSERT INTO transitions (from_state, to_state, action) VALUES ('TRIAGE', 'CLOSED', 'close')"))
    sqlite.execute(text(closed))
    assert f"lacks transitions hold {WORKFLOW}" in differences(sqlite)


def test_start_up_refuses_a_changed_database_with_a_sentence(app: Flask, database: Database) -> None:
    refuse_a_wrong_schema(app)
    with database.engine(database.owner_url).begin() as connection:
        connection.execute(text("DROP INDEX ix_cases_due"))
    with pytest.raises(WrongSchema, match="lacks cases: CREATE INDEX ix_cases_due .* Run `make migrate`"):
        refuse_a_wrong_schema(app)


def test_start_up_refuses_an_empty_database(tmp_path_factory: pytest.TempPathFactory) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('empty')}/empty.sqlite3"
    with pytest.raises(WrongSchema, match=r"has no tables.* Run `make migrate`"):
        refuse_a_wrong_schema(bare_app(Database("sqlite", url, url)))


def test_start_up_refuses_sqlite_without_foreign_keys(
    sqlite_files: SQLiteFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kernel.database.PRAGMAS", ("foreign_keys=OFF",))
    made, remove = sqlite_files.make()
    app = bare_app(made)
    with pytest.raises(WrongSchema, match="lacks foreign_keys are enforced"):
        refuse_a_wrong_schema(app)
    with app.app_context():
        db.engine.dispose()
    remove()
