"""A witness's program, for a machine of its own: ``flask --app witness ledger cosign FOLDER``.

It knows no settings, no database and nothing of an installation but its log's key.
"""

from __future__ import annotations

from flask import Flask

from ledger.commands_cosign import ledger


def create_app() -> Flask:
    """Return an application that carries the command; what it serves is another."""
    app = Flask("witness", static_folder=None)
    app.cli.add_command(ledger)
    return app
