"""What an operator calls on the command line about the log."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.database import Collision, db
from kernel.web import current_settings
from ledger.commands_witness import witness
from ledger.exporting import NotExported, export_of, write_export
from ledger.integrating import OtherLog
from ledger.models import Head
from ledger.publishing import FOLDER, LAST, NotPublished, log_of, resume, tend
from ledger.refilling import refill_from
from ledger.verifying import Kept, faults, work_in

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


@ledger.command("refill")
@click.argument("mirror", type=click.Path(path_type=Path, file_okay=False, exists=True))
def refill_command(mirror: Path) -> None:
    """Put back what an older database lacks of the log, from the folder MIRROR with what was below /log/."""
    try:
        size = refill_from(mirror)
    except (OtherLog, Collision) as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"The log has {size} entries again. Run `flask ledger publish`.")


@ledger.command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def export_command(folder: Path) -> None:
    """Write all that is published into FOLDER, as it is served below /log/; what is there already is compared."""
    try:
        with Session(db.engine) as session:
            export = export_of(current_settings(), session)
            with click.progressbar(length=export.work, label="Files", file=sys.stderr) as bar:
                new = write_export(export, folder, bar.update)
    except (NotExported, OSError) as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"{folder} has the log's {export.newest.size} entries: {new} files are new of {export.work}.")


@ledger.command("verify")
@click.argument("kept", nargs=-1, type=click.Path(path_type=Path, dir_okay=False, exists=True))
def verify_command(kept: tuple[Path, ...]) -> None:
    """Compute everything anew, from the entries and events, and fail if anything contradicts it.

    KEPT are checkpoints that somebody has kept; what this machine signed last is always looked at.
    """
    settings = current_settings()
    last = settings.instance / FOLDER / LAST
    paths = (*kept, *([last] if last.exists() else []))
    notes = [Kept(str(path), path.read_text(encoding="utf-8", errors="replace"), path == last) for path in paths]
    with Session(db.engine) as session:
        work = work_in(session)
        with click.progressbar(length=work, label="Entries and cases", file=sys.stderr) as bar:
            found = list(faults(session, log_of(settings).verifier, settings.secret, notes, bar.update))
        size = session.scalars(select(Head.size)).one()
    for fault in found:
        click.echo(fault)
    if found:
        sys.exit(1)
    click.echo(f"{size} entries, the events here, tiles, head and {len(notes)} kept checkpoints are one log.")


ledger.add_command(witness)
COMMANDS = (ledger,)
