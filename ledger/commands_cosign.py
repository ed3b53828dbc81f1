"""What somebody calls who watches over a log: a witness's own process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from gunicorn.app.base import BaseApplication

from kernel.vault import Malformed, SigningKey
from ledger.keeping import keep, kept
from ledger.notes import ED25519, Verifier, sign_note
from ledger.witnessing import LOGS, NAME, Lost, Witness, learn, served

ledger = AppGroup("ledger", help="The transparency log, as a witness sees it.")

USUAL_BIND = "127.0.0.1:8640"
SERVING = {
    "worker_class": "gthread", "threads": 8, "timeout": 30, "loglevel": "error", "control_socket_disable": True,
}  # fmt: skip


@ledger.command("cosign")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", help="What this witness is called, as witness.example.org: once, at the first start.")
@click.option("--log", "logs", multiple=True, help="The vkey of a log to watch over, from now on.")
@click.option("--bind", default=USUAL_BIND, show_default=True, help="Where it listens.")
def cosign_command(folder: Path, name: str | None, logs: Sequence[str], bind: str) -> None:
    """Sign what continues the logs that FOLDER knows, for whoever posts it. The key lies there, and what was signed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    witness = _prepared(folder, name, logs)
    click.echo(witness.verifier.vkey)
    for log in witness.logs:
        click.echo(f"{log.name}: signed up to {_last_of(witness, log)} entries")
    _Server(witness, bind).run()


def _prepared(folder: Path, name: str | None, logs: Sequence[str]) -> Witness:
    """Write down what is new; refuse what would make of this witness another."""
    _check_private(folder)
    known = kept(folder / NAME)
    if known is None and name is None:
        raise click.ClickException("The first start needs --name: what this witness is to be called.")
    if known is not None and name not in {None, known.strip()}:
        raise click.ClickException(f"This witness is called {known.strip()}: another needs a folder of its own.")
    keep(folder / NAME, known or f"{_name(str(name))}\n")
    for log in [_log(vkey) for vkey in logs]:
        learn(folder, log)
    try:
        return Witness.open(folder)
    except Malformed:
        raise click.ClickException(f"{folder / LOGS} holds a line that is no log's vkey.") from None


def _last_of(witness: Witness, log: Verifier) -> int:
    try:
        return witness.last(log.name).size
    except Lost as lost:
        raise click.ClickException(str(lost)) from None


def _check_private(folder: Path) -> None:
    if folder.stat().st_mode & 0o077:
        raise click.ClickException(f"{folder} can be read by others: run chmod 700 on it, then start again.")


def _name(name: str) -> str:
    try:
        sign_note("-\n", name, SigningKey.from_seed(bytes(32)))
        return name
    except Malformed:
        raise click.ClickException("A witness's name has neither spaces nor plus signs.") from None


def _log(vkey: str) -> str:
    try:
        if Verifier.read(vkey.strip()).kind == ED25519:
            return vkey.strip()
    except Malformed:
        pass
    raise click.ClickException(f"This is no log's vkey: {vkey}")


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, with settings of its own and none of a file's."""

    def __init__(self, witness: Witness, bind: str) -> None:
        self._witness, self._bind = witness, bind
        super().__init__()

    def load_config(self) -> None:
        """Say how it serves."""
        for key, value in {"bind": self._bind, **SERVING}.items():
            self.cfg.set(key, value)

    def load(self) -> Any:
        """Return what is served."""
        return served(self._witness)
