"""The application: wires the rooms together. The only module that knows all of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from click import Command
from flask import Flask

from casework import (
    logins, receivers, sessions, views, views_accounts, views_assisting, views_calendar, views_evidence,
    views_oversight, views_people, views_rotation, views_viewing,
)  # fmt: skip
from casework.cases import CLOCK
from casework.erasing import ERASE, RINSE, RINSING
from casework.retiring import RETIRE, retire
from casework.timers import look_at_clock, look_at_retention
from complaints import api, views_language, visits
from complaints import views as reporter_views
from complaints.rules import MOST_FILES
from kernel import clock, migrating, working
from kernel.commands import LateGroup
from kernel.config import Settings, read_settings
from kernel.database import init_database
from kernel.directory.agreement import refuse_another_province, refuse_another_root
from kernel.i18n import init_i18n
from kernel.log import init_log
from kernel.province_file import load_province
from kernel.schema import refuse_a_wrong_schema
from kernel.static import init_static
from kernel.store import open_store
from kernel.vault import Stretcher
from kernel.web import init_web
from ledger import publishing
from ledger import views as log_views
from operations import health, sweeping, views_alarms
from operations.measuring import init_measuring
from operations.restoring import refuse_an_unfinished_restore
from operations.watching import note_refusals

HERE = Path(__file__).parent


def create_app(environment: Mapping[str, str] = os.environ) -> Flask:
    """Build the application from its environment; refuses to start, with a sentence, on a wrong setting or schema."""
    settings = read_settings(environment)
    app = Flask("kentongan", root_path=str(HERE), static_folder=None)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    # A parameter in an error message would carry ciphertexts and hashes of tokens into the log.
    # A connection that went with its server is asked for nothing: after a restart nobody's request would fail on it.
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"hide_parameters": True, "pool_pre_ping": True}
    # Uncompressed pages would else be half indentation.
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _provide(app, settings)
    init_log()
    init_database(app)
    init_i18n(app)
    init_measuring(app, settings.instance)
    init_web(app)
    sessions.init_sessions(app)
    receivers.connect()
    app.extensions["kentongan.handlers"] = {
        CLOCK: look_at_clock, ERASE: look_at_retention, RINSE: RINSING, RETIRE: retire, visits.SWEEP: visits.sweep,
        logins.SWEEP: logins.sweep, sweeping.SWEEP: sweeping.SWEEPING,
        publishing.TEND: publishing.tending(settings.demo), publishing.STATED: publishing.stating(),
    }  # fmt: skip
    pages = (
        reporter_views, views_language, views_accounts, views_assisting, views_people, views_rotation, views_oversight,
        views_calendar, views, views_evidence, views_viewing, views_alarms,
    )  # fmt: skip
    for room in (api, *pages, log_views, health):
        app.register_blueprint(room.blueprint)
    app.cli = LateGroup(app.name, _commands)
    init_static(app, HERE / "static", settings.instance)
    # Commands must start on an old schema: one of them brings it to the newest.
    if environment.get("FLASK_RUN_FROM_CLI") != "true":
        refuse_an_unfinished_restore(settings)
        refuse_a_wrong_schema(app)
        refuse_another_root(app)
        refuse_another_province(app)
    return app


def _commands() -> Iterable[Command]:
    # Imported here: only who calls one of them needs them.
    from casework import commands
    from ledger import commands as ledger_commands
    from operations import commands as operating

    rooms = (*commands.COMMANDS, *ledger_commands.COMMANDS, *operating.COMMANDS)
    return (migrating.migrate_command, working.work_command, *rooms)


def _provide(app: Flask, settings: Settings) -> None:
    province = load_province(settings.province)
    app.extensions["kentongan.settings"] = settings
    app.extensions["kentongan.province"] = province
    clock.init_clock(app, province.zone)
    app.jinja_env.globals["leave_to"] = province.leave_to
    app.jinja_env.globals["PRACTICE"] = settings.demo
    app.jinja_env.globals |= {"MOST_FILES": MOST_FILES, "LARGEST_FILE": settings.largest_file}
    app.extensions["kentongan.stretcher"] = Stretcher()
    app.extensions["kentongan.store"] = store = open_store(settings.store)
    note_refusals(store, settings.instance)
