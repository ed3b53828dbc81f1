"""What an operator calls on the command line about the log."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.database import db
from kernel.web import current_settings
from ledger.commands_witness import witness
from ledger.models import Head
from ledger.publishing import NotPublished, log_of, resume, tend
from ledger.verifying import faults

ledger = AppGroup("ledger", help="The transparency log.")


@ledger.command("publish")
def publish_command() -> None:
    """Take over what waits and publish it now, not when its time has come."""
    try:
        tend()
    except NotPublished as refused:
        raise click.ClickException(str(refused)) from refused


@ledger.command("resume")
@click.argument("checkpoint", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def resume_command(checkpoint: Path) -> None:
    """Go on publishing after CHECKPOINT, the newest anybody has, where this machine's own is lost."""
    try:
        resume(checkpoint.read_text(encoding="utf-8"))
    except NotPublished as refused:
        raise click.ClickException(str(refused)) from refused


@ledger.command("verify")
def verify_command() -> None:
    """Compute everything anew from the entries, and fail if tiles, head or checkpoints are not theirs."""
    with Session(db.engine) as session:
        size = session.scalars(select(Head.size)).one()
        with click.progressbar(length=size, label=f"{size} entries", file=sys.stderr) as bar:
            found = list(faults(session, log_of(current_settings()).verifier, bar.update))
    for fault in found:
        click.echo(fault)
    if found:
        sys.exit(1)
    click.echo(f"{size} entries, their tiles, head and checkpoints are one log.")


ledger.add_command(witness)
COMMANDS = (ledger,)
