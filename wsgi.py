"""The application: wires the rooms together. The only module that knows all of them."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise

from kernel.calendar import WorkingDays
from kernel.config import Settings, read_settings
from kernel.database import init_database
from kernel.i18n import init_i18n
from kernel.log import init_log
from kernel.province import load_province
from kernel.vault import Stretcher
from kernel.web import init_web

HERE = Path(__file__).parent


def create_app(environment: Mapping[str, str] = os.environ) -> Flask:
    """Build the application from its environment; refuses to start, with a sentence, on a wrong setting."""
    settings = read_settings(environment)
    app = Flask("kentongan", root_path=str(HERE), static_folder=None)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    # A parameter in an error message would carry ciphertexts and hashes of tokens into the log.
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"hide_parameters": True}
    _provide(app, settings)
    init_log()
    init_database(app)
    init_i18n(app)
    init_web(app)
    for name in ("complaints.views", "complaints.api", "casework.views_accounts", "casework.views"):
        try:
            app.register_blueprint(importlib.import_module(name).blueprint)
        except ModuleNotFoundError as e:
            print("not yet:", name, e)
    try:
        from casework import sessions
        sessions.init_sessions(app)
    except (ImportError, AttributeError) as e:
        print("not yet", e)
    try:
        from casework import receivers
        receivers.connect()
    except (ImportError, AttributeError) as e:
        print("not yet", e)
    app.wsgi_app = WhiteNoise(app.wsgi_app, root=str(HERE / "static"), prefix="static/")  # type: ignore[method-assign]
    return app


def _provide(app: Flask, settings: Settings) -> None:
    province = load_province(settings.province)
    app.extensions["kentongan.settings"] = settings
    app.extensions["kentongan.province"] = province
    app.extensions["kentongan.calendar"] = WorkingDays(province.calendar)
    app.extensions["kentongan.stretcher"] = Stretcher()
