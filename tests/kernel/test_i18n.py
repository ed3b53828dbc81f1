"""Texts and dates in the reader's language, which is Indonesian unless another is chosen."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask, render_template_string
from werkzeug.test import EnvironBuilder

from kernel.i18n import (
    COOKIE, DEFAULT_LANGUAGE, LANGUAGES, decimal, gettext, init_i18n, language, lazy_gettext, long_date, ngettext,
    short_date, speak,
)  # fmt: skip

PATTERNS = {"id": ("EEEE, d MMMM y", "EEE, d MMM y"), "en": ("EEEE d MMMM y", "EEE d MMM y")}
WEEKDAYS = ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"]
MONTHS = [
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November",
    "Desember",
]  # fmt: skip


@pytest.fixture
def app() -> Iterator[Flask]:
    """An application that has a language and nothing else, with a request under way."""
    made = Flask("kentongan")
    init_i18n(made)
    with made.test_request_context(headers={"Accept-Language": "en, jv;q=0.9"}):
        yield made


def test_the_language_is_indonesian_whatever_a_browser_asks_for(app: Flask) -> None:
    assert DEFAULT_LANGUAGE == "id"
    assert render_template_string("{{ language() }}") == "id"
    assert long_date(date(2026, 11, 24)) == "Selasa, 24 November 2026"


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/", {"Cookie": f"{COOKIE}=en"}, "en"),
        ("/", {"Cookie": f"{COOKIE}=jv"}, "id"),
        ("/", {"Accept-Language": "en"}, "id"),
        ("/api/v1/desks", {"Accept-Language": "en-GB, id;q=0.5"}, "en"),
        ("/api/v1/desks", {"Accept-Language": "fr"}, "id"),
        ("/api/v1/desks", {"Accept-Language": "*"}, "id"),
        ("/api/v1/desks", {}, "id"),
        ("/api/v1/desks", {"Accept-Language": "id", "Cookie": f"{COOKIE}=en"}, "en"),
    ],
)
def test_a_reader_chooses_and_a_program_asks(path: str, headers: dict[str, str], expected: str) -> None:
    made = Flask("kentongan")
    init_i18n(made)
    with made.request_context(EnvironBuilder(path, headers=headers).get_environ()):
        assert language() == expected


def test_whoever_chooses_while_he_is_answered_is_answered_in_what_he_chose(app: Flask) -> None:
    assert gettext("Keluar cepat") == render_template_string("{{ _('Keluar cepat') }}") == "Keluar cepat"
    speak("en")
    assert gettext("Keluar cepat") == render_template_string("{{ _('Keluar cepat') }}") == "Leave quickly"


def test_another_language_has_dates_of_its_own(app: Flask) -> None:
    speak("en")
    assert long_date(date(2026, 11, 24)) == "Tuesday 24 November 2026"
    assert short_date(date(2026, 11, 24)) == "Tue 24 Nov 2026"


def test_every_day_and_month_is_written_out(app: Flask) -> None:
    first = date(2026, 11, 23)
    assert [long_date(first + timedelta(days=at)).split(",")[0] for at in range(7)] == WEEKDAYS
    assert [long_date(date(2026, month, 1)).split()[2] for month in range(1, 13)] == MONTHS


def test_a_date_in_a_column_keeps_its_weekday(app: Flask) -> None:
    assert short_date(date(2026, 11, 24)) == "Sel, 24 Nov 2026"


@pytest.mark.parametrize("code", LANGUAGES)
def test_dates_and_numbers_are_written_as_babel_writes_them(app: Flask, code: str) -> None:
    speak(code)
    for day in (date(2027, 1, 1) + timedelta(at) for at in range(365)):
        written = tuple(format_date(day, pattern, locale=code) for pattern in PATTERNS[code])
        assert (long_date(day), short_date(day)) == written
    for number in (0, 0.5, 1.0, 2.25, 12, 999.9, 1000, 1234.5, 1_234_567, 98_765_432.1):
        assert decimal(number) == format_decimal(number, locale=code)


def test_a_page_writes_dates_the_same_way(app: Flask) -> None:
    day = date(2026, 8, 17)
    assert render_template_string("{{ day|long_date }}", day=day) == "Senin, 17 Agustus 2026"
    assert render_template_string("{{ day|short_date }}", day=day) == "Sen, 17 Agu 2026"


def test_a_text_stands_for_itself_and_keeps_its_marks(app: Flask) -> None:
    assert gettext("Kata ke-%(position)d") == "Kata ke-%(position)d"
    assert gettext("100%") == "100%"


def test_a_lazy_text_is_a_text_only_when_shown(app: Flask) -> None:
    text = lazy_gettext("Pilih layanannya.")
    assert not isinstance(text, str) and str(text) == "Pilih layanannya."
    assert str(lazy_gettext("Paling banyak %(max)d huruf.") % {"max": 5}) == "Paling banyak 5 huruf."


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_a_counted_text_has_one_form_in_indonesian(app: Flask, count: int) -> None:
    text = ngettext("Sisa %(num)d hari kerja", "Sisa %(num)d hari kerja", count)
    assert text == f"Sisa {count} hari kerja"


def test_dates_are_written_without_a_request_too() -> None:
    made = Flask("kentongan")
    init_i18n(made)
    with made.app_context():
        assert long_date(date(2026, 1, 1)) == "Kamis, 1 Januari 2026"
