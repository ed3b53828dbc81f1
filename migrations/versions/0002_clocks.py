"""Clocks that act: jobs, what was decreed about holidays, whose deadline was missed; and indexes for the overseer."""

from alembic import op

from migrations.scripts import run

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add tables, columns and indexes; guarded tables are altered in place, so that they keep their triggers."""
    run("0002_tables")
    run(f"0002_{op.get_bind().dialect.name}")
