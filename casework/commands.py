"""What an operator calls on the command line for this room."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import click
from flask.cli import with_appcontext

from casework.commands_ceremony import invite_administrator, statements
from casework.founding import PEOPLE_FILE, DemoPerson, NotADemo, is_founded
from casework.founding import found_demo as found
from kernel.web import current_settings

NOTHING_NEW = "Officers are here already: everything is kept."
REMINDER = (
    "This is a DEMO. All of its keys, the root's included, were made on this server."
    " Do not put a real complaint into it."
)


@click.command("found-demo")
@with_appcontext
def found_demo() -> None:
    """Found a demo province, once: desks, people, keys."""
    instance = current_settings().instance
    if is_founded():
        click.echo(NOTHING_NEW)
    else:
        _print_people(_found_or_refuse())
        click.echo(f"\nThese lines are shown once. They are kept in {instance / PEOPLE_FILE} (readable by you alone).")
    if current_settings().demo:
        click.echo(REMINDER)


def _found_or_refuse() -> list[DemoPerson]:
    try:
        return found()
    except NotADemo:
        root = current_settings().instance / "root.pub"
        raise click.ClickException(f"{root} is a real installation's root key: no demo is founded here.") from None


def _print_people(people: Sequence[DemoPerson]) -> None:
    """Print a table: desk, role, person, account, password, authenticator secret."""
    rows = [("desk", "role", "person", "account", "password (six words)", "authenticator secret"), *map(_row, people)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _row(person: DemoPerson) -> tuple[str, ...]:
    secret = base64.b32encode(person.totp_secret).decode("ascii")
    account = person.account
    return (account.desk_id or "-", account.role.value, account.full_name, account.name, person.password, secret)


COMMANDS = (found_demo, statements, invite_administrator)
