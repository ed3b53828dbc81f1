"""One database, two dialects: connections, and the one way to write."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from typing import Any, cast

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    CheckConstraint, Connection, CursorResult, Engine, Executable, Index, Insert, MetaData, Table, event, insert,
)  # fmt: skip
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session

from kernel.i18n import gettext as _
from kernel.refusal import Conflict

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The declarative base of every room's models."""

    metadata = MetaData(naming_convention=NAMING)


# Half a megabyte of pages for each connection (SQLite's own 2 MB, for ten threads, would be a fifth of a web process).
# What does not fit there, as of a statement that may yet fail, goes into no temporary file.
PRAGMAS = (
    "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000", "secure_delete=ON",
    "cache_size=-512", "temp_store=MEMORY",
)  # fmt: skip

# For how many seconds others' writing may be held up by waiting for readers.
LONGEST_EMPTYING = 2.0

db = SQLAlchemy(model_class=Base, disable_autonaming=True)
Reader = Session | scoped_session[Any]


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Return the check that ``column`` holds one of ``values`` (or NULL, where it may)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def sized(column: str, size: int) -> CheckConstraint:
    """Return the check that ``column`` is ``size`` characters or bytes long: SQLite keeps no declared length."""
    return CheckConstraint(f"length({column}) = {size}", name=f"{column}_size")


def partial_index(name: str, *columns: str, where: str) -> Index:
    """Return the index of the rows of which ``where`` holds.

    That stands in its ``info``: told to SQLAlchemy for each kind of database it would have a process on SQLite read all
    there is about PostgreSQL, 2.5 MB.
    """
    return Index(name, *columns, info={"where": where})


def init_database(app: Flask) -> None:
    """Bind the app to its database and set every connection up for its dialect."""
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            prepare_sqlite(db.engine)


def prepare_sqlite(engine: Engine) -> None:
    """Make SQLite durable, referential and patient, and leave BEGIN to us (the driver's own comes too late)."""

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Any) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")


class StillRead(Exception):
    """The write-ahead log could not be emptied: somebody is reading what stands in it."""


class Collision(Conflict):
    """A write that something already there stands against; nothing of it was kept."""

    def __init__(self) -> None:
        super().__init__(_("Tidak dapat disimpan: yang sama sudah ada. Muat ulang halaman, lalu kirim lagi."))


@contextmanager
def transaction() -> Iterator[Session]:
    """Open a session for one write: BEGIN IMMEDIATE on SQLite, READ COMMITTED on PostgreSQL; commit or leave nothing.

    Services alone call this and pass the session down. A read-then-write that began with a plain BEGIN fails at
    once under load on SQLite, which is why reads (``db.session``) and writes never share a session. What was read
    before stays as it was read, but the reading ends here: while it went on, SQLite could not put away what was
    committed after it, its own writer's included, and the log grew for as long as there was traffic (1.6 GB in 10,000
    complaints).
    Raises ``Collision`` where the database refuses what somebody else's write, or a chosen identifier, stands against.
    """
    db.session.close()
    try:
        # Whoever waits for his turn holds no connection that the one whose turn it is may need.
        with _turn(db.engine), _writing() as connection, Session(connection, expire_on_commit=False) as session:
            with session.begin():
                yield session
    except IntegrityError:
        raise Collision from None


def _writing() -> Connection:
    return db.engine.connect().execution_options(sqlite_begin="IMMEDIATE")


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Wait until no other thread or process of ours writes to the same SQLite file; nothing on PostgreSQL.

    SQLite itself lets a second writer sleep and ask again, up to 100 ms at a time (sqlite3_busy_timeout): the file then
    lies idle between two writers. A lock of the system wakes the next one at once.
    """
    if engine.dialect.name != "sqlite" or not engine.url.database:
        yield
        return
    # Each opens it anew: a lock belongs to the open file, not to the thread (flock(2)).
    turn = os.open(f"{engine.url.database}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
    finally:
        os.close(turn)


def empty_wal() -> None:
    """Have SQLite's write-ahead log begin anew, empty: what was deleted stands there until it is written over.

    In the file itself ``secure_delete`` has overwritten it. Does nothing on PostgreSQL; raises ``StillRead`` where
    somebody has been reading for long.
    """
    database = db.engine.url.database
    if db.engine.dialect.name != "sqlite" or not database:
        return
    with _turn(db.engine), closing(sqlite3.connect(database, timeout=LONGEST_EMPTYING)) as connection:
        busy, _frames, _moved = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StillRead


def execute(session: Reader, statement: Executable, **values: Any) -> CursorResult[*tuple[Any, ...]]:
    """Execute a statement that was made once, past the unit of work: a third of what it costs made anew.

    What the unit of work still has to write goes before it.
    """
    session.flush()
    return session.connection().execute(statement, values)


def put(session: Session, model: type[Base], *rows: Mapping[str, Any]) -> None:
    """Insert ``rows`` of ``model`` without making objects of them: a tenth of the unit of work's cost."""
    session.flush()
    session.connection().execute(_insert(model), rows)


@cache
def _insert(model: type[Base]) -> Insert:
    return insert(table_of(model))


def table_of(model: type[Base]) -> Table:
    """Return a model's table, for changes that ``execute`` makes: none of them is to be noted in objects."""
    return cast(Table, model.__table__)
