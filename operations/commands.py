"""What an operator calls on the command line."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from kernel.web import current_settings
from operations import backup, restoring

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("backup")
@click.argument("folder", type=FOLDER)
@with_appcontext
def backup_command(folder: Path) -> None:
    """Write a backup of the private folder and the database into FOLDER, which must not exist yet."""
    try:
        backup.back_up(current_settings(), folder.absolute())
    except backup.BackupFailed as failed:
        raise click.ClickException(str(failed)) from failed
    click.echo(f"Backed up into {folder}. Whoever has it has the installation's secret: keep it as safe as the server.")


@click.command("restore")
@click.argument("folder", type=FOLDER)
@with_appcontext
def restore_command(folder: Path) -> None:
    """Restore the backup in FOLDER into an installation that is empty yet, and look it through."""
    settings = current_settings()
    try:
        restoring.restore(settings, folder.absolute())
    except restoring.RestoreFailed as failed:
        raise click.ClickException(str(failed)) from failed
    click.echo(f"Restored into {settings.instance} and looked through: every chain, entry and signature holds.")


COMMANDS = (backup_command, restore_command)
