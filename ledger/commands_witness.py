"""What an operator calls about the log's witnesses."""

from __future__ import annotations

from collections.abc import Callable

import click
from flask.cli import AppGroup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel.database import db
from kernel.vault import Malformed
from kernel.web import current_settings
from ledger.models import Published
from ledger.policies import Known, Policy
from ledger.publishing import log_of
from ledger.witnesses import WrongPolicy, keep_policy, policy_of, sizes_signed

witness = AppGroup("witness", help="Who watches over the log.")


@witness.command("add")
@click.argument("name")
@click.argument("vkey")
@click.argument("url")
def add_command(name: str, vkey: str, url: str) -> None:
    """Ask a witness from now on: by a short NAME of your own, at URL, whose signatures VKEY checks."""
    _change(
        lambda policy: policy.adding(Known.read(name, vkey, url)),
        "This is no witness: a name of letters, digits, dots and hyphens, a witness's vkey, an address that begins "
        "with https:// (or http://), and none of them twice.",
    )


@witness.command("remove")
@click.argument("name")
def remove_command(name: str) -> None:
    """Ask a witness no longer; what it has signed stays."""
    if name not in {known.name for known in _policy().witnesses}:
        raise click.ClickException(f"No witness is called {name}.")
    _change(lambda policy: policy.without(name), "Fewer would be left than `flask ledger witness need` says.")


@witness.command("need")
@click.argument("count", type=int)
def need_command(count: int) -> None:
    """Say in the policy at /log/policy how many witnesses must have signed."""
    _change(lambda policy: policy.needing(count), "There are not so many witnesses.")


@witness.command("list")
def list_command() -> None:
    """Say whom the log asks, and up to where each has signed."""
    policy = _policy()
    with Session(db.engine) as session:
        signed, newest = sizes_signed(session), session.scalar(select(func.max(Published.size))) or 0
    for known in policy.witnesses:
        size = signed.get(known.name)
        told = "nothing yet" if size is None else f"{size} of {newest} entries"
        click.echo(f"{known.name} at {known.url}: signed {told}\n  {known.verifier.vkey}")
    click.echo(f"{policy.needed} of {len(policy.witnesses)} are needed.")


def _policy() -> Policy:
    settings = current_settings()
    if settings.root_key is None:
        raise click.ClickException("The log has no name before the ceremony.")
    try:
        return policy_of(settings, log_of(settings).verifier)
    except WrongPolicy as wrong:
        raise click.ClickException(str(wrong)) from wrong


def _change(made: Callable[[Policy], Policy], otherwise: str) -> None:
    policy = _policy()
    try:
        keep_policy(current_settings(), made(policy))
    except Malformed:
        raise click.ClickException(otherwise) from None
