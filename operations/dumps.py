"""The whole database as one file, taken while it is used, and put back into an empty one."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, create_engine, inspect, make_url
from sqlalchemy.pool import NullPool

# Who is logged in or reading right now is nothing to keep: a copy of these would let a thief go on where they were.
FORGOTTEN = ("officer_sessions", "visits", "login_delays")
SECONDS_FOR_A_PROGRAM = 3600
FILES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


class DumpFailed(Exception):
    """The database could not be written to a file, or read from one; the message says why."""


def kind_of(url: str) -> str:
    """Return ``sqlite`` or ``postgresql``."""
    return make_url(url).get_backend_name()


def dump(url: str, path: Path) -> None:
    """Write the database at ``url`` into a new file that its owner alone can read; raises ``DumpFailed``.

    Readers and writers go on meanwhile; the file holds one moment of theirs. PostgreSQL needs the tables' owner.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if kind_of(url) == "sqlite":
        _dump_sqlite(_file_of(url), path)
    else:
        left_out = [f"--exclude-table-data=public.{table}" for table in FORGOTTEN]
        _run(url, "pg_dump", "--format=custom", "--no-owner", "--no-acl", *left_out, f"--file={path}")


def load(path: Path, url: str) -> None:
    """Fill the empty database at ``url``, as its owner, from a file written by ``dump``; raises ``DumpFailed``.

    On PostgreSQL all or nothing; on SQLite a process that is killed leaves a file that is no database.
    """
    if kind_of(url) == "sqlite":
        _load_sqlite(path, _file_of(url))
    else:
        _run(url, "pg_restore", "--no-owner", "--no-acl", "--exit-on-error", "--single-transaction", f"{path}")


def is_empty(url: str) -> bool:
    """Tell whether there is no table; a file that does not exist is not made by asking."""
    if kind_of(url) == "sqlite" and not _file_of(url).exists():
        return True
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return not inspect(connection).get_table_names()


def _file_of(url: str) -> Path:
    return Path(str(make_url(url).database))


def _dump_sqlite(source: Path, path: Path) -> None:
    if not source.exists():
        raise DumpFailed(f"There is no database at {source}.")
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(path)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA secure_delete = ON")
        with copy:
            for table in FORGOTTEN:
                copy.execute(f"DELETE FROM {table}")
        # One file, with nothing beside it that would be forgotten when it is carried away.
        copy.execute("PRAGMA journal_mode = DELETE")


def _load_sqlite(path: Path, target: Path) -> None:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as kept, closing(sqlite3.connect(target)) as fresh:
        target.chmod(0o600)
        if kept.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise DumpFailed(f"{path} is no whole SQLite database.")
        kept.backup(fresh)


def _run(url: str, program: str, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise DumpFailed(f"{program} is not here: install PostgreSQL's client programs, not older than its server.")
    environment = os.environ | _connection(make_url(url))
    database = [f"--dbname={make_url(url).database}"]
    outcome = subprocess.run(
        [found, *database, "--no-password", *arguments],
        env=environment, capture_output=True, text=True, timeout=SECONDS_FOR_A_PROGRAM, check=False,
    )  # fmt: skip
    if outcome.returncode:
        raise DumpFailed(f"{program} failed: {outcome.stderr.strip()}")


def _connection(url: URL) -> Mapping[str, str]:
    """Return libpq's variables for ``url``: its password does not appear among the arguments, which all can read."""
    # Here, since the web process has this module too: on SQLite it does without 9 MB of driver.
    import psycopg

    given = {"user": url.username, "password": url.password, "host": url.host, "port": url.port, **url.query}
    names = {option.keyword.decode(): option.envvar for option in psycopg.pq.Conninfo.get_defaults()}
    known = {option: variable for option, variable in names.items() if variable and given.get(option)}
    return {variable.decode(): str(given[option]) for option, variable in known.items()}
