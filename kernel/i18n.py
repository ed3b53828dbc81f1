"""The reader's language: every text goes through here, and Indonesian is the language texts are written in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from gettext import NullTranslations

import flask_babel
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_translations, lazy_gettext, refresh

DEFAULT_LANGUAGE = "id"
LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}
# Kept by a browser only until it is closed, and only where another language than the default was chosen.
COOKIE = "__Host-bahasa"
# Babel's own words for days and months, in a column of many cut to three letters. To write a date itself, Babel reads
# all it knows of a language and of every country: 5 MB in each process.
DAYS = {
    "id": "Senin Selasa Rabu Kamis Jumat Sabtu Minggu".split(),
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
}
MONTHS = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split(),
    "en": "January February March April May June July August September October November December".split(),
}
PATTERNS = {"id": "{}, {} {} {}", "en": "{} {} {} {}"}
# From the marks of thousands and of fractions that Python writes.
MARKS = {"id": str.maketrans(",.", ".,"), "en": {}}

__all__ = [
    "COOKIE", "DEFAULT_LANGUAGE", "LANGUAGES", "decimal", "gettext", "init_i18n", "language", "lazy_gettext",
    "long_date", "ngettext", "short_date", "speak", "spoken",
]  # fmt: skip


def gettext(text: str) -> str:
    """Return ``text`` in the reader's language."""
    return _catalogue().gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Return ``one`` or ``many`` in the reader's language, as ``count`` wants; ``%(num)s`` in it becomes the count."""
    return str(flask_babel.ngettext(one, many, count))


def spoken(words: Mapping[str, str]) -> str:
    """Return words of the province's file in the reader's language, or in Indonesian where it has them in no other."""
    return words.get(language()) or words[DEFAULT_LANGUAGE]


def _catalogue() -> NullTranslations:
    """Return the reader's catalogue, looked for once a request: a queue's page has 400 texts, a fifth of its time."""
    catalogue: NullTranslations = (g.get("catalogue") if g else None) or get_translations()
    if g:
        g.catalogue = catalogue
    return catalogue


def init_i18n(app: Flask) -> None:
    """Set the language up; dates are written with their weekday, since a deadline is kept on a weekday."""
    app.config["BABEL_DEFAULT_LOCALE"] = DEFAULT_LANGUAGE
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = f"{app.root_path}/translations"
    Babel(app, locale_selector=language)
    app.jinja_env.install_gettext_callables(gettext, flask_babel.ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals |= {"LANGUAGES": LANGUAGES, "language": language}
    app.jinja_env.filters |= {"long_date": long_date, "short_date": short_date, "spoken": spoken}


def language() -> str:
    """Return the code of the reader's language: the one chosen, else Indonesian (ADR 0013).

    A program has no page on which to choose: where it brings no choice, the machine interface heeds Accept-Language.
    """
    if not has_request_context():
        return DEFAULT_LANGUAGE
    chosen = g.get("language") or request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    return _asked_for() if request.path.startswith("/api/") else DEFAULT_LANGUAGE


def _asked_for() -> str:
    """Return the language asked for most in Accept-Language that we have, of whichever country."""
    codes = [tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0]
    return next((code for code in codes if code in LANGUAGES), DEFAULT_LANGUAGE)


def speak(chosen: str) -> None:
    """Answer the present request in the language ``chosen``, whatever was chosen before."""
    g.language = chosen
    g.pop("catalogue", None)
    refresh()


def long_date(day: date) -> str:
    """Write ``day`` out with its weekday: "Selasa, 24 November 2026"."""
    return _written(day, None, language())


def short_date(day: date) -> str:
    """Write ``day`` for a column of many, its weekday kept: "Sel, 24 Nov 2026"."""
    return _written(day, 3, language())


def decimal(number: float) -> str:
    """Write ``number`` with the commas and points of the reader's language."""
    return f"{number:,.15g}".translate(MARKS[language()])


@lru_cache(maxsize=2048)
def _written(day: date, letters: int | None, code: str) -> str:
    weekday, month = DAYS[code][day.weekday()][:letters], MONTHS[code][day.month - 1][:letters]
    return PATTERNS[code].format(weekday, day.day, month, day.year)
