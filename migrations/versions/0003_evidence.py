"""Evidence: files, their chunks, the guards over both, and the acts by which officers add, hand out and hand over."""

from alembic import op

from migrations.scripts import run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the tables, then what guards them; the workflow's table is opened for its new rows and closed again."""
    run("0003_tables")
    run(f"0003_{op.get_bind().dialect.name}")
