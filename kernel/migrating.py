"""Bring the database to the newest schema: ``flask --app wsgi migrate``."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import Connection, create_engine, make_url
from sqlalchemy.pool import NullPool

from kernel.config import WrongSetting
from kernel.database import prepare_sqlite
from kernel.schema import VERSIONS, WrongSchema, differences, grant
from kernel.web import current_settings

MIGRATIONS = Path(__file__).parents[1] / "migrations"
LOCK = 0x6B656E74
REVISION_DIGITS = 4


def migrate(owner_url: str, database_url: str) -> None:
    """Migrate as the owner of ``owner_url``, all or nothing; on PostgreSQL then give the app's role its rights.

    The app's role is the user of ``database_url`` and must own nothing. Raises ``WrongSetting`` where the two are not
    two roles, ``WrongSchema`` where the outcome is not the declared one.
    """
    engine = create_engine(owner_url, poolclass=NullPool)
    role = _app_role(owner_url, database_url) if engine.dialect.name == "postgresql" else ""
    if engine.dialect.name == "sqlite":
        prepare_sqlite(engine)
    with engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
        _upgrade(connection)
        with connection.begin():
            if role:
                wait_for_others(connection)
                grant(connection, role)
            found = differences(connection, role)
    if found:
        raise WrongSchema(found)


def _upgrade(connection: Connection) -> None:
    # Imported here: a web process knows this command and never gives it, and would carry 8 MB of Alembic for nothing.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def newest_revision() -> str:
    """Return the revision that the newest migration brings a database to."""
    return max(revisions())


def revisions() -> set[str]:
    """Return every revision that this version knows."""
    return {path.name[:REVISION_DIGITS] for path in (MIGRATIONS / "versions").glob("*.py")}


def revision_of(connection: Connection) -> str:
    """Return the revision of a migrated database."""
    return str(connection.exec_driver_sql(f"SELECT version_num FROM {VERSIONS}").scalar_one())


def wait_for_others(connection: Connection) -> None:
    """Let one process at a time go on until it commits, as BEGIN IMMEDIATE does on SQLite; for PostgreSQL alone."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def _app_role(owner_url: str, database_url: str) -> str:
    owner, role = make_url(owner_url).username, make_url(database_url).username
    if not owner or not role or owner == role:
        raise WrongSetting("DATABASE_URL and KENTONGAN_OWNER_URL must name two roles: the owner's and another.")
    return role


@click.command("migrate")
@with_appcontext
def migrate_command() -> None:
    """Bring the database to the newest schema."""
    settings = current_settings()
    if settings.owner_url is None:
        raise click.ClickException("Set KENTONGAN_OWNER_URL to the role that owns the tables, then run this again.")
    try:
        migrate(settings.owner_url, settings.database_url)
    except (WrongSetting, WrongSchema) as wrong:
        raise click.ClickException(str(wrong)) from wrong
