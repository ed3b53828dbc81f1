"""Statements of two more kinds: by which key the log signs, and by which it is promised."""

from alembic import op

from migrations.scripts import run

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Widen the check on kinds in place: the table keeps its rows, its triggers and what refers to it."""
    connection = op.get_bind()
    run(f"0005_{connection.dialect.name}")
    if connection.dialect.name == "sqlite":
        # By another number every connection that is open elsewhere reads the schema anew.
        version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
        connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
