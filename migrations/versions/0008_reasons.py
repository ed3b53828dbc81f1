"""Reasons: why a file of the evidence was opened stands beside who opened it, and when."""

from alembic import op

from migrations.scripts import run

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the reason, which what was opened before has not, and refuse the opening of a file without one."""
    run(f"0008_{op.get_bind().dialect.name}")
