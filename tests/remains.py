"""What an installation keeps: rows counted, and every byte of them looked through."""

import base64
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, TextClause, create_engine, select, text
from sqlalchemy.pool import NullPool

from kernel.database import Base, db, prepare_sqlite
from tests.database import OWNER


def row_counts(app: Flask) -> dict[str, int]:
    """Count the rows of every table."""
    with app.app_context():
        found = {name: int(rows) for name, rows in db.session.execute(_counting())}
        db.session.remove()
    return found


@cache
def _counting() -> TextClause:
    names = (table.name for table in Base.metadata.sorted_tables)
    return text(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in names))


def owners_engine(app: Flask) -> Engine:
    """Return an engine that may do what the application may not: change and delete rows behind its back."""
    with app.app_context():
        url = db.engine.url
    owner = url.set(username=OWNER) if url.get_backend_name() == "postgresql" else url
    engine = create_engine(owner, poolclass=NullPool)
    if owner.get_backend_name() == "sqlite":
        prepare_sqlite(engine)
    return engine


def change(app: Flask, statement: str, **values: Any) -> int:
    """Change rows behind the application's back; return how many."""
    with owners_engine(app).begin() as connection:
        return int(connection.execute(text(statement), values).rowcount)


def traces_of(app: Flask, secrets: Iterable[str | bytes]) -> list[str]:
    """Return where any of ``secrets`` is kept: as it is, in hex or in base64, in a value or in a file."""
    wanted = [form for secret in secrets for form in _forms(secret)]
    return sorted({where for where, content in _everything(app) for form in wanted if form in content})


def _forms(secret: str | bytes) -> Iterator[bytes]:
    raw = secret.encode() if isinstance(secret, str) else secret
    yield from (raw, raw.hex().encode(), raw.hex().upper().encode(), base64.b64encode(raw).rstrip(b"="))


def _everything(app: Flask) -> Iterator[tuple[str, bytes]]:
    yield from _values(app)
    for folder in (app.extensions["kentongan.settings"].instance, *_data_folders(app)):
        for path in _files(folder):
            with suppress(FileNotFoundError):  # a server's own files come and go
                yield str(path), _content(path)


def _content(path: Path) -> bytes:
    """Return what is in a file; another process reads SQLite's.

    A process that closes a file loses every lock it has on it (fcntl(2)), SQLite's too: the next process to close
    the database takes itself for the last, and puts away the log that this one still writes in.
    """
    if ".sqlite3" not in path.name:
        return path.read_bytes()
    read = subprocess.run(["cat", path], capture_output=True)
    assert read.returncode == 0 or not path.exists(), read.stderr
    return read.stdout


def _values(app: Flask) -> Iterator[tuple[str, bytes]]:
    with owners_engine(app).connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                for column, value in row.items():
                    yield f"{table.name}.{column}", value if isinstance(value, bytes) else str(value).encode()


def _data_folders(app: Flask) -> list[Path]:
    """Return where the database's files are."""
    with app.app_context():
        url = db.engine.url
    return [Path(str(url.query["host"]))] if url.database and "host" in url.query else [Path(str(url.database)).parent]


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).parts[0] != "static":
            yield path
