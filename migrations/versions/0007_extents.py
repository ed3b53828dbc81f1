"""Extents: several chunks of a file lie in one object of the store, each from a byte of its own on."""

from alembic import op

from migrations.scripts import run

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Have every chunk that is there begin where its object does."""
    run(f"0007_{op.get_bind().dialect.name}")
