"""What an operator calls on the command line."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from casework.sessions import ROOM
from kernel.config import Bucket
from kernel.web import current_settings
from operations import backup, inspecting, restoring, watching
from operations.checks import Weight
from operations.collecting import Collector
from operations.metrics import Counts

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("backup")
@click.argument("folder", type=FOLDER)
@with_appcontext
def backup_command(folder: Path) -> None:
    """Write a backup of the private folder, the database and a local store into FOLDER, which must not exist yet."""
    settings = current_settings()
    try:
        backup.back_up(settings, folder.absolute())
    except backup.BackupFailed as failed:
        raise click.ClickException(str(failed)) from failed
    click.echo(f"Backed up into {folder}. Whoever has it has the installation's secret: keep it as safe as the server.")
    if isinstance(settings.store, Bucket):
        click.echo("Files are in their bucket and not in this backup: see docs/operations.md for what keeps them.")


@click.command("restore")
@click.argument("folder", type=FOLDER)
@with_appcontext
def restore_command(folder: Path) -> None:
    """Restore the backup in FOLDER into an installation that is empty yet, and look it through."""
    settings = current_settings()
    try:
        swept = restoring.restore(settings, folder.absolute())
    except restoring.RestoreFailed as failed:
        raise click.ClickException(str(failed)) from failed
    click.echo(f"Restored into {settings.instance} and looked through: every chain, entry and signature holds.")
    if swept.missing:
        click.echo(f"{swept.missing} objects of files are not in the store: bring them back, or tell the desks.")


@click.command("check")
@click.option("--url", help="The address people are given, to be looked at from here.")
@click.option("--nginx", type=click.Path(path_type=Path, exists=True), help="nginx's configuration; else `nginx -T`.")
@with_appcontext
def check_command(url: str | None, nginx: Path | None) -> None:
    """Say what breaks a promise on this running installation, and fail if anything does."""
    found = list(inspecting.findings(current_settings(), url, nginx))
    for finding in sorted(found, key=lambda finding: finding.weight):
        click.echo(f"{finding.weight}: {finding.sentence}")
    if any(finding.weight is Weight.BROKEN for finding in found):
        sys.exit(1)
    click.echo("Nothing that was looked at breaks a promise.")


@click.command("alarms")
@with_appcontext
def alarms_command() -> None:
    """Say which alarms ring, and fail if any does."""
    ringing = [alarm for alarm in watching.alarms(current_settings()) if alarm.rings]
    watching.note_look(current_settings())
    for alarm in ringing:
        click.echo(f"{alarm.name}: {alarm.sentence}")
    sys.exit(1 if ringing else 0)


@click.command("metrics")
@with_appcontext
def metrics_command() -> None:
    """Measure, and answer on the socket metrics.sock in the private folder, until told to end."""
    endpoints = {rule.endpoint: rule.rule.startswith(ROOM) for rule in current_app.url_map.iter_rules()}
    collector = Collector(current_settings(), Counts(endpoints))
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(0))
    try:
        while True:
            collector.collect()
    finally:
        collector.close()


COMMANDS = (backup_command, restore_command, check_command, alarms_command, metrics_command)
