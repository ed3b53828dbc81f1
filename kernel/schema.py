"""What the database must be, and how the live one differs from it.

Both are told as facts, one line each: columns, keys and checks as the rooms' models declare them, triggers and rights
as they stand here. Start-up and a test after each migration compare the two sets.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from flask import Flask
from sqlalchemy import Connection, Dialect, ForeignKeyConstraint, Index, Table, inspect, text
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

from kernel.database import Base, db

SHOWN = 5
VERSIONS = "alembic_version"

# Each trigger and the beginning of the SHA-256 of what it does; a migration that changes one changes its line here.
TRIGGERS: Mapping[str, Mapping[str, str]] = {
    "sqlite": {
        "access_events.access_events_channel": "742f1a180117ba6e",
        "access_events.access_events_continue": "71d9fe60deef6b1f",
        "access_events.access_events_keep": "10a80600a38551d2",
        "access_events.access_events_reason": "0ff7ac37e8d0f1d1",
        "access_events.access_events_stay": "8b0590290114e554",
        "case_events.case_events_channel": "9121964e5e35fb71",
        "case_events.case_events_continue": "d458fa660ad5057c",
        "case_events.case_events_enter": "9f7bf4497b707904",
        "case_events.case_events_four_eyes": "a2d537738959bc53",
        "case_events.case_events_keep": "6d85614ffc7bb3bb",
        "case_events.case_events_project": "88d7cf0f8ac64cf8",
        "case_events.case_events_tag": "b0704a3c78865a3b",
        "case_events.case_events_return": "8102b651ff090932",
        "case_events.case_events_stay": "7f6ef59d3c8f897e",
        "cases.cases_begin": "71c16bb7d981048e",
        "cases.cases_channel": "49db0da961e3686c",
        "cases.cases_follow": "8e89b440b369c229",
        "cases.cases_stay": "5d6aa5db2b41ce6a",
        "decrees.decrees_continue": "d66d95bd76cd25d9",
        "decrees.decrees_keep": "1974318606520c62",
        "decrees.decrees_stay": "5a78d027e714150e",
        "file_chunks.file_chunks_begin": "0176af872bd828e8",
        "file_chunks.file_chunks_keep": "29181c35eac79934",
        "file_chunks.file_chunks_stay": "8c9fb47bff2c7e8c",
        "files.files_begin": "0be6db745bdba91d",
        "files.files_keep": "de21994a58dc1ea1",
        "files.files_stay": "9e3533406ef2ab7f",
        "ledger_keys.ledger_keys_erased": "e802174801c7e8c8",
        "log_checkpoint.log_checkpoint_continue": "ea3a4a8328a529d8",
        "log_checkpoint.log_checkpoint_keep": "560259a9584d5b44",
        "log_checkpoint.log_checkpoint_stay": "7d98cdf20abf6015",
        "log_head.log_head_advance": "dedebd3214d402f8",
        "log_head.log_head_begin": "c1d947ee2bf4b7e6",
        "log_head.log_head_stay": "b7132135c4c34bd6",
        "log_leaf.log_leaf_continue": "c642e06b1aed9305",
        "log_leaf.log_leaf_keep": "05c4e897ff5e5a42",
        "log_leaf.log_leaf_stay": "1b260a9e35e288e4",
        "log_pending.log_pending_begin": "520645da6b4c7da5",
        "log_pending.log_pending_keep": "c36cb9519f0298af",
        "log_pending.log_pending_stay": "f8c974d5a922198e",
        "log_public.log_public_begin": "265438e4ac45d8a6",
        "log_public.log_public_enter": "6fa103937609dde0",
        "log_public.log_public_keep": "7579e97d70f14b77",
        "log_public.log_public_stay": "b0d34136f15addb4",
        "log_tile.log_tile_continue": "cda30037e67ad99b",
        "log_tile.log_tile_grow": "4815c47ad1d6943c",
        "log_tile.log_tile_stay": "ca7c525b4570640e",
        "sealed_keys.sealed_keys_channel": "f720ba92fa319167",
        "sealed_keys.sealed_keys_channel_again": "1617839d86f925cf",
        "sealed_keys.sealed_keys_erased": "a0aa0010371f305d",
        "statements.statements_continue": "e7706429068ad390",
        "statements.statements_keep": "27cea27cb723f3f3",
        "statements.statements_stay": "4cb53fc3e750ed3d",
        "transitions.transitions_closed": "51869cd8e5d29ec0",
        "transitions.transitions_keep": "aa216f9d6d57d5cf",
        "transitions.transitions_stay": "7236d5d2e1ff849a",
    },
    "postgresql": {
        "access_events.access_events_channel": "ce6d64d349219dbd",
        "access_events.access_events_continue": "64b5f9ef6c41a0bf",
        "access_events.access_events_keep": "2b12eb1380e4b568",
        "access_events.access_events_reason": "d20ac6d11d171b0a",
        "access_events.access_events_stay": "872601e1be25b467",
        "case_events.case_events_channel": "8aecfb4cb4e3b201",
        "case_events.case_events_continue": "ed9b7c67e85eb9ba",
        "case_events.case_events_enter": "b98295657b85e837",
        "case_events.case_events_four_eyes": "c804032a6c725ee1",
        "case_events.case_events_keep": "2b12eb1380e4b568",
        "case_events.case_events_project": "5d89b780811713e2",
        "case_events.case_events_return": "c0e9673331fee0bf",
        "case_events.case_events_stay": "872601e1be25b467",
        "cases.cases_begin": "84566a460002e7f1",
        "cases.cases_channel": "ab82cdf9beaaa56d",
        "cases.cases_follow": "c3e7705f348e17a3",
        "cases.cases_stay": "872601e1be25b467",
        "decrees.decrees_continue": "89cb7ab643c9641c",
        "decrees.decrees_keep": "2b12eb1380e4b568",
        "decrees.decrees_stay": "872601e1be25b467",
        "file_chunks.file_chunks_begin": "ebe8df82c4064545",
        "file_chunks.file_chunks_keep": "2b12eb1380e4b568",
        "file_chunks.file_chunks_stay": "36d1cb4ce628b353",
        "file_chunks.file_chunks_whole": "a536268fa11c84a7",
        "files.files_begin": "40d3f4c74a071792",
        "files.files_keep": "fe35cf565c229f93",
        "files.files_stay": "85edf91a818fe115",
        "files.files_whole": "a536268fa11c84a7",
        "ledger_keys.ledger_keys_erased": "d0d0377fa0988963",
        "log_checkpoint.log_checkpoint_continue": "e1b5ff215e407eb2",
        "log_checkpoint.log_checkpoint_keep": "2b12eb1380e4b568",
        "log_checkpoint.log_checkpoint_stay": "872601e1be25b467",
        "log_head.log_head_advance": "5804518f07da6e97",
        "log_head.log_head_stay": "872601e1be25b467",
        "log_leaf.log_leaf_continue": "f4c328c9be48072c",
        "log_leaf.log_leaf_keep": "2b12eb1380e4b568",
        "log_leaf.log_leaf_stay": "872601e1be25b467",
        "log_pending.log_pending_begin": "161b9353121dcbda",
        "log_pending.log_pending_keep": "2b12eb1380e4b568",
        "log_pending.log_pending_stay": "352758f313171ff2",
        "log_pending.log_pending_whole": "a536268fa11c84a7",
        "log_public.log_public_begin": "3e07079a4eff331b",
        "log_public.log_public_enter": "b98295657b85e837",
        "log_public.log_public_keep": "2b12eb1380e4b568",
        "log_public.log_public_stay": "872601e1be25b467",
        "log_tile.log_tile_continue": "20b4203c18d903b3",
        "log_tile.log_tile_grow": "f4618bc76d73272d",
        "log_tile.log_tile_stay": "872601e1be25b467",
        "sealed_keys.sealed_keys_channel": "f71bdd0f268a4bb2",
        "sealed_keys.sealed_keys_channel_again": "55f8203ef3168c76",
        "sealed_keys.sealed_keys_erased": "1e4038ac48a57ea8",
        "statements.statements_continue": "15119cf00c703fed",
        "statements.statements_keep": "2b12eb1380e4b568",
        "statements.statements_stay": "872601e1be25b467",
        "transitions.transitions_closed": "8ce104b3334ab4ce",
        "transitions.transitions_keep": "2b12eb1380e4b568",
        "transitions.transitions_stay": "872601e1be25b467",
    },
}

# The same of the rows of ``transitions``, the workflow's table.
WORKFLOW = "26b648e07f57618d"

EVERYTHING = ("DELETE", "INSERT", "SELECT", "UPDATE")
APPEND = ("INSERT", "SELECT")
# What the app's role may do on PostgreSQL with the tables that are not all its own to write.
RIGHTS: Mapping[str, tuple[str, ...]] = {
    VERSIONS: ("SELECT",),
    "transitions": ("SELECT",),
    "cases": APPEND,
    "case_events": APPEND,
    "access_events": APPEND,
    "statements": APPEND,
    "decrees": APPEND,
    "files": ("DELETE", "INSERT", "SELECT"),
    "file_chunks": ("DELETE", "INSERT", "SELECT"),
    "log_pending": ("DELETE", "INSERT", "SELECT"),
    "log_leaf": APPEND,
    "log_tile": APPEND,
    "log_head": ("SELECT",),
    "log_checkpoint": APPEND,
    "log_public": APPEND,
}
WRITABLE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "cases": (
        "due", "category", "severity", "outcome", "assignee_id", "urgent", "withdrawal_asked", "legal_hold",
        "raised_on", "threatened_on",
    ),
    # What is new of a file before it is brought: its key under a later epoch; then what it is brought with.
    "files": ("epoch", "key_box", "manifest_box", "seq"),
    "log_tile": ("content",),
    "log_head": ("size", "root"),
}  # fmt: skip
ALL_RIGHTS = ("DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE")


class WrongSchema(Exception):
    """The database is not the declared one; the message says how, and what to do."""

    def __init__(self, found: list[str]) -> None:
        more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        super().__init__(
            f"The database is not as declared ({'; '.join(found[:SHOWN])}{more}). Run `make migrate`; if that does not "
            "help, somebody changed it by hand: restore a backup before anybody writes."
        )


def refuse_a_wrong_schema(app: Flask) -> None:
    """Refuse to start, by ``WrongSchema``, on a database that differs from the declared one in any fact."""
    with app.app_context(), db.engine.connect() as connection:
        found = differences(connection) if inspect(connection).get_table_names() else ["has no tables"]
    if found:
        raise WrongSchema(found)


def differences(connection: Connection, role: str = "") -> list[str]:
    """Return every fact that the live database lacks or has beyond the declared ones, a line each.

    On PostgreSQL the rights compared are those of ``role``, by default of the role connected.
    """
    dialect = connection.dialect.name
    declared = set(_declared(connection)) | {f"transitions hold {WORKFLOW}"}
    live = set(_live_sqlite(connection) if dialect == "sqlite" else _live_postgresql(connection, role))
    if any(fact.startswith("transitions: ") for fact in live):
        live.add(f"transitions hold {workflow_digest(connection.execute(WAYS))}")
    return [f"lacks {fact}" for fact in sorted(declared - live)] + [f"has {fact}" for fact in sorted(live - declared)]


def grant(connection: Connection, role: str) -> None:
    """Give the app's ``role`` exactly the declared rights on PostgreSQL; run as the tables' owner."""
    name = connection.dialect.identifier_preparer.quote(role)
    connection.exec_driver_sql(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {name}")
    connection.exec_driver_sql(f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {name}")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {name}")
    for table in (VERSIONS, *Base.metadata.tables):
        connection.exec_driver_sql(f"GRANT {', '.join(RIGHTS.get(table, EVERYTHING))} ON public.{table} TO {name}")
    for table, columns in WRITABLE_COLUMNS.items():
        connection.exec_driver_sql(f"GRANT UPDATE ({', '.join(columns)}) ON public.{table} TO {name}")


def digest(*parts: str) -> str:
    """Return the beginning of the SHA-256 of ``parts``, whatever white space they are written with."""
    return hashlib.sha256("\n".join(" ".join(part.split()) for part in parts).encode()).hexdigest()[:16]


def workflow_digest(ways: Iterable[Iterable[str]]) -> str:
    """Return the digest of the workflow's table, its rows as (from, to, action)."""
    return digest(*sorted(" ".join(way) for way in ways))


def _declared(connection: Connection) -> Iterator[str]:
    dialect = connection.dialect.name
    for table in Base.metadata.tables.values():
        yield from _facts(table.name, str(CreateTable(table).compile(dialect=connection.dialect)), dialect)
        for index in table.indexes:
            yield f"{table.name}: {_plain(_made(index, connection.dialect), dialect)}"
        if dialect == "postgresql":
            yield from _forward_keys(table, connection)
            yield from _declared_rights(table.name)
    for name, expected in TRIGGERS[dialect].items():
        yield f"{name} does {expected}"
    yield from ["foreign_keys are enforced"] if dialect == "sqlite" else _declared_rights(VERSIONS)


def _made(index: Index, dialect: Dialect) -> str:
    made = str(CreateIndex(index).compile(dialect=dialect))
    return f"{made} WHERE {index.info['where']}" if "where" in index.info else made


def _facts(table: str, statement: str, dialect: str) -> Iterator[str]:
    for clause in clauses(statement):
        yield f"{table}: {_plain(clause, dialect)}"
    if options := statement[statement.rindex(")") + 1 :].strip():
        yield f"{table}: {options}"


def clauses(statement: str) -> list[str]:
    """Part what stands in the parentheses of a CREATE TABLE at its commas: columns, keys, checks."""
    found, depth = [""], 0
    for character in statement[statement.index("(") + 1 : statement.rindex(")")]:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            found.append("")
        else:
            found[-1] += character
    return found


def _plain(clause: str, dialect: str) -> str:
    """Return ``clause`` in one spelling, whoever wrote it: a model, a migration or PostgreSQL itself."""
    clause = re.sub(r"\s*([(),])\s*", r"\1", " ".join(clause.split()))
    if dialect == "sqlite":
        return clause
    clause = re.sub(r"::(character varying|text)(\(\d+\))?(\[\])?", "", clause.replace(" USING btree", ""))
    # PostgreSQL spells IN as = ANY (ARRAY[…]) and NOT IN as <> ALL (ARRAY[…]), and adds parentheses.
    clause = clause.replace("= ANY", "IN").replace("<> ALL", "NOT IN").replace("ARRAY[", "(").replace("]", ")")
    words = " ".join(re.sub(r"[()]", " ", clause).replace("public.", "").split())
    # A table restored from a dump has each of a list's parts in parentheses of its own.
    return words.replace(" ,", ",").replace(", ", ",")


def _forward_keys(table: Table, connection: Connection) -> Iterator[str]:
    for constraint in table.constraints:
        if isinstance(constraint, ForeignKeyConstraint) and constraint.use_alter:
            # Isolated, as by default, the constraint would be missing from every CREATE TABLE compiled afterwards.
            added = AddConstraint(constraint, isolate_from_table=False)
            statement = str(added.compile(dialect=connection.dialect))
            yield f"{table.name}: {_plain(statement.split(' ADD ', 1)[1], 'postgresql')}"


def _declared_rights(table: str) -> Iterator[str]:
    for right in RIGHTS.get(table, EVERYTHING):
        yield f"{table}: the application may {right}"
    for column in WRITABLE_COLUMNS.get(table, ()):
        yield f"{table}: the application may UPDATE {column}"


def _live_sqlite(connection: Connection) -> Iterator[str]:
    query = text("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> :versions")
    for kind, name, table, statement in connection.execute(query, {"versions": VERSIONS}):
        if kind == "table":
            yield from _facts(table, statement, "sqlite")
        elif kind == "trigger":
            yield f"{table}.{name} does {digest(statement)}"
        else:
            yield f"{table}: {_plain(statement, 'sqlite')}"
    if connection.execute(text("PRAGMA foreign_keys")).scalar():
        yield "foreign_keys are enforced"


WAYS = text("SELECT from_state, to_state, action FROM transitions")
COLUMNS = text("""
    SELECT c.relname, a.attname, upper(format_type(a.atttypid, a.atttypmod)), a.attidentity = 'd', a.attnotnull
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'alembic_version'
        AND a.attnum > 0 AND NOT a.attisdropped
""")
CONSTRAINTS = text("""
    SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'
        AND k.contype IN ('c', 'f', 'p', 'u')
""")
INDEXES = text("""
    SELECT c.relname, pg_get_indexdef(i.indexrelid)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'
        AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u'))
""")
# Everything a trigger does, and whether its function belongs to whom its table belongs to.
LIVE_TRIGGERS = text("""
    SELECT c.relname, t.tgname, t.tgtype::text, t.tgenabled::text, t.tgattr::text, (t.tgqual IS NULL)::text,
        p.prosrc, p.prosecdef::text, coalesce(p.proconfig::text, ''), (p.proowner = c.relowner)::text
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE c.relnamespace = 'public'::regnamespace AND (NOT t.tgisinternal OR t.tgenabled <> 'O')
""")
LIVE_RIGHTS = text("""
    SELECT c.relname, r.name
    FROM pg_class c CROSS JOIN unnest(CAST(:rights AS text[])) AS r (name)
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND has_table_privilege(:role, c.oid, r.name)
    UNION
    SELECT c.relname, 'UPDATE ' || a.attname
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        AND has_column_privilege(:role, c.oid, a.attnum, 'UPDATE') AND NOT has_table_privilege(:role, c.oid, 'UPDATE')
    UNION
    SELECT c.relname, 'do as the owner'
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND pg_has_role(:role, c.relowner, 'MEMBER')
    UNION
    SELECT 'public', 'CREATE' WHERE has_schema_privilege(:role, 'public', 'CREATE')
""")


def _live_postgresql(connection: Connection, role: str) -> Iterator[str]:
    for table, column, kind, identity, required in connection.execute(COLUMNS):
        spelt = f"{column} {kind.replace('CHARACTER VARYING', 'VARCHAR')}"
        # The models leave out what an identity implies.
        rest = " GENERATED BY DEFAULT AS IDENTITY" if identity else " NOT NULL" if required else ""
        yield f"{table}: {_plain(spelt + rest, 'postgresql')}"
    for table, name, definition in connection.execute(CONSTRAINTS):
        yield f"{table}: {_plain(f'CONSTRAINT {name} {definition}', 'postgresql')}"
    for table, definition in connection.execute(INDEXES):
        yield f"{table}: {_plain(definition, 'postgresql')}"
    for table, name, *does in connection.execute(LIVE_TRIGGERS):
        yield f"{table}.{name} does {digest(*does)}"
    yield from _live_rights(connection, role)


def _live_rights(connection: Connection, role: str) -> Iterable[str]:
    role = role or str(connection.execute(text("SELECT current_user")).scalar())
    rows = connection.execute(LIVE_RIGHTS, {"role": role, "rights": list(ALL_RIGHTS)})
    return [f"{table}: the application may {right}" for table, right in rows]
