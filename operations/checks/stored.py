"""The database: durable, referential, guarded, and as discreet as we are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, text

from kernel.schema import differences
from operations.checks.findings import Finding, broken, warning
from operations.checks.folder import look_at_database_file

# What each must be, and what becomes of us where it is not.
PRAGMAS = {
    "foreign_keys": ((1,), "rows may lose what they hang on"),
    "synchronous": ((2, 3), "a failing machine may lose a report that was acknowledged"),
    "secure_delete": ((1,), "what was deleted stays in the file"),
}
SETTINGS = {
    "synchronous_commit": (("on", "remote_apply", "remote_write", "local"), "an acknowledged report may be lost"),
    "fsync": (("on",), "a failing machine may lose everything"),
    "log_statement": (("none", "ddl"), "its log would tell the minute of every report"),
    "log_min_duration_statement": (("-1",), "its log would tell the minute of every report"),
    "log_duration": (("off",), "its log would tell the minute of every report"),
}
POWERS = text("SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = current_user")
ENCRYPTED = text("SELECT inet_client_addr() IS NULL OR ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
LOCAL = (None, "", "localhost", "127.0.0.1", "::1")


def look_at_database(connection: Connection) -> Iterator[Finding]:
    """Yield what is wrong with the database as the application reaches it."""
    yield from (broken(f"The database {difference}: run `make migrate`.") for difference in differences(connection))
    if connection.dialect.name == "sqlite":
        yield from _sqlite(connection)
    else:
        yield from _postgresql(connection)


def _sqlite(connection: Connection) -> Iterator[Finding]:
    for name, (good, otherwise) in PRAGMAS.items():
        found = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
        if found not in good:
            yield broken(f"SQLite's {name} is {found}: {otherwise}.")
    yield from look_at_database_file(Path(str(connection.engine.url.database)))


def _postgresql(connection: Connection) -> Iterator[Finding]:
    for name, (good, otherwise) in SETTINGS.items():
        found = connection.exec_driver_sql(f"SHOW {name}").scalar()
        if found not in good:
            yield broken(f"PostgreSQL's {name} is {found}: {otherwise}.")
    if any(connection.execute(POWERS).one()):
        yield broken("The role in DATABASE_URL may do more than serve: take its attributes away (ALTER ROLE).")
    if connection.engine.url.host not in LOCAL and not connection.execute(ENCRYPTED).scalar():
        yield warning("The connection to PostgreSQL leaves this machine without TLS: add ?sslmode=verify-full.")
