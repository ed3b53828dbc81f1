"""Run migrations on the connection ``kernel.migrating`` hands over, all of them in one transaction."""

from alembic import context
from sqlalchemy import Connection

from kernel.migrating import wait_for_others


def run(connection: Connection) -> None:
    """Bring the database to the newest schema, or leave it as it was."""
    # Alembic would neither begin a transaction on SQLite nor run DDL inside one unless told to.
    context.configure(connection=connection, transactional_ddl=True)
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL search_path TO public")
            wait_for_others(connection)
        context.run_migrations()


run(context.config.attributes["connection"])
