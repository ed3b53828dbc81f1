"""The custodians' program, for a machine without a network: ``flask --app offline ceremony`` (and the others).

It knows no settings, no database and no private folder, and makes none.
"""

from __future__ import annotations

from flask import Flask

from kernel.ceremony.commands import ceremony, name_desks, recover, reshare, vouch


def create_app() -> Flask:
    """Return an application that serves nobody and carries the commands."""
    app = Flask("kentongan", static_folder=None)
    for command in (ceremony, vouch, recover, reshare, name_desks):
        app.cli.add_command(command)
    return app
