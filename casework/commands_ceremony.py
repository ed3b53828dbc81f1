"""What an operator of a real installation calls: carrying statements by file, and the first administrator's way in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click
from flask import current_app, url_for
from flask.cli import with_appcontext
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from casework.account_forms import NO_DESK, AccountForm
from casework.accounts import Invitation, NewAccount, invite, invite_again
from casework.carrying import (
    NotCarried, bring_in, requests_for_desks, requests_for_keys, requests_for_recovery, requests_for_the_top,
)  # fmt: skip
from casework.models import Officer
from casework.terms import Role
from kernel.ceremony.carried import Requests, UnreadableFile, read_answer, write_new, write_requests
from kernel.ceremony.handing import unnamed_keys
from kernel.database import db
from kernel.refusal import Refused
from kernel.schema import WrongSchema, refuse_a_wrong_schema
from kernel.vault import fingerprint
from kernel.web import current_province

A_PATH = click.Path(path_type=Path)
P = ParamSpec("P")


@click.group("statements")
def statements() -> None:
    """Carry statements between this server and the custodians, by file."""


def _on_a_right_schema(command: Callable[P, None]) -> Callable[P, None]:
    """Have a command say what to do on a database that was not migrated, and not end in the middle."""

    @with_appcontext
    @wraps(command)
    def checked(*arguments: P.args, **options: P.kwargs) -> None:
        try:
            refuse_a_wrong_schema(current_app)
        except WrongSchema as wrong:
            raise click.ClickException(str(wrong)) from None
        command(*arguments, **options)

    return checked


@statements.command("import")
@click.argument("file", type=A_PATH)
@_on_a_right_schema
def import_statements(file: Path) -> None:
    """Take in what the custodians have signed: the ceremony's first.json, or an answer."""
    try:
        new = bring_in(read_answer(file))
    except (UnreadableFile, NotCarried) as wrong:
        raise click.ClickException(str(wrong)) from None
    click.echo(f"Statements that were new: {new}." if new else "All of it is here already: nothing has changed.")


@statements.command("export-requests")
@click.argument("file", type=A_PATH)
@_on_a_right_schema
def export_requests(file: Path) -> None:
    """Ask the custodians to vouch for the leads of the desks above which there is none."""
    try:
        _write(file, requests_for_the_top())
    except NotCarried as wrong:
        raise click.ClickException(str(wrong)) from None


@statements.command("export-recovery")
@click.argument("desk")
@click.argument("file", type=A_PATH)
@_on_a_right_schema
def export_recovery(desk: str, file: Path) -> None:
    """Ask the custodians to give DESK to a new lead, or to revoke one of its leads who has left."""
    try:
        _write(file, requests_for_recovery(desk), f"those who lead desk {desk}")
    except NotCarried as wrong:
        raise click.ClickException(str(wrong)) from None


@statements.command("export-desks")
@click.argument("file", type=A_PATH)
@_on_a_right_schema
def export_desks(file: Path) -> None:
    """Ask the custodians to put desks into the tree that were added to the province's data file."""
    try:
        _write(file, requests_for_desks(current_province().desks), "new desks")
    except NotCarried as wrong:
        raise click.ClickException(str(wrong)) from None


@statements.command("export-keys")
@click.argument("file", type=A_PATH)
@_on_a_right_schema
def export_keys(file: Path) -> None:
    """Ask the custodians to name the keys by which the log signs, and by which reporters are promised a place in it."""
    try:
        _write(file, requests_for_keys(), "this server's keys")
    except NotCarried as wrong:
        raise click.ClickException(str(wrong)) from None


@click.command("invite-administrator")
@click.argument("name")
@click.argument("full_name")
@click.option("--address", required=True, help="Where this installation is reached, as https://… or http://….onion")
@_on_a_right_schema
def invite_administrator(name: str, full_name: str, address: str) -> None:
    """Make an administrator's account, and print its invitation: once, for him alone.

    Where the account exists its invitation is replaced, and with it whatever he had to log in with.
    """
    invitation = _invited(name, full_name)
    with current_app.test_request_context(base_url=address):
        link = f"{url_for('accounts.activation', _external=True)}#{invitation.token.hex()}"
    click.echo(f"For {name} alone; it opens once, within 72 hours, and is shown only now:\n{link}")


def _invited(name: str, full_name: str) -> Invitation:
    officer = db.session.scalar(select(Officer).where(Officer.name == name, Officer.role == Role.ADMINISTRATOR))
    try:
        return invite_again(officer.id) if officer else invite(_account(name, full_name))
    except Refused as refused:
        raise click.ClickException(refused.sentence) from None


def _account(name: str, full_name: str) -> NewAccount:
    typed = {"name": name, "full_name": full_name, "role": Role.ADMINISTRATOR.value, "desk": NO_DESK}
    form = AccountForm(MultiDict(typed), province=current_province())
    if not form.validate():
        raise click.ClickException(" ".join(str(error) for errors in form.errors.values() for error in errors))
    return form.account()


def _write(file: Path, requests: Requests, nobody_new: str = "") -> None:
    try:
        write_new(file, write_requests(requests))
    except UnreadableFile as wrong:
        raise click.ClickException(str(wrong)) from None
    waiting = ", ".join(f"{newcomer.full_name} ({newcomer.desk})" for newcomer in requests.newcomers)
    click.echo(f"{file} asks for: {waiting or nobody_new}. Carry it to the custodians.")
    for kind, key in unnamed_keys(requests).items():
        click.echo(f"Read to them, of the key for {kind}: {fingerprint(b'', key)}")
