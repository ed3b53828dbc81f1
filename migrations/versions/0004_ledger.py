"""The log in the database: what waits to be entered, leaves, tiles, head, what was published; and their guards."""

from alembic import op

from migrations.scripts import run

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables and what guards them; every event there is already waits to be entered."""
    run("0004_tables")
    run(f"0004_{op.get_bind().dialect.name}")
