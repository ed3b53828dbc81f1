"""Erasing: closed cases are looked at when their time is over, and of what was erased no key comes back."""

from alembic import op

from migrations.scripts import run

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Have what is closed already looked at, then change the guards over what goes, and over what never comes back."""
    run(f"0006_{op.get_bind().dialect.name}")
