"""The reader's language: every text goes through here, and Indonesian is the language texts are written in."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import flask_babel
from babel.dates import format_date
from flask import Flask
from flask_babel import Babel, get_locale, lazy_gettext

DEFAULT_LANGUAGE = "id"

__all__ = ["DEFAULT_LANGUAGE", "gettext", "init_i18n", "lazy_gettext", "long_date", "ngettext", "short_date"]


def gettext(text: str) -> str:
    """Return ``text`` in the reader's language."""
    return str(flask_babel.gettext(text))


def ngettext(one: str, many: str, count: int) -> str:
    """Return ``one`` or ``many`` in the reader's language, as ``count`` wants; ``%(num)s`` in it becomes the count."""
    return str(flask_babel.ngettext(one, many, count))


def init_i18n(app: Flask) -> None:
    """Set the language up; dates are written with their weekday, since a deadline is kept on a weekday."""
    app.config["BABEL_DEFAULT_LOCALE"] = DEFAULT_LANGUAGE
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = f"{app.root_path}/translations"
    Babel(app)
    app.jinja_env.globals["LANGUAGE"] = DEFAULT_LANGUAGE
    app.jinja_env.filters |= {"long_date": long_date, "short_date": short_date}


def long_date(day: date) -> str:
    """Write ``day`` out with its weekday: "Selasa, 24 November 2026"."""
    return _written(day, "EEEE, d MMMM y", str(get_locale()))


def short_date(day: date) -> str:
    """Write ``day`` for a column of many, its weekday kept: "Sel, 24 Nov 2026"."""
    return _written(day, "EEE, d MMM y", str(get_locale()))


@lru_cache(maxsize=2048)
def _written(day: date, pattern: str, language: str) -> str:
    return str(format_date(day, pattern, locale=language))
