"""What was decreed about a day counts at once in every process, and can be taken back."""

from datetime import date

import pytest
from flask import Flask

from casework.terms import Role
from kernel.database import db
from kernel.decrees import calendar_in
from tests.casework.office import Browser, Office, Watch
from wsgi import create_app

FRIDAY = date(2026, 12, 18)


@pytest.fixture
def administrator(room: Flask, office: Office) -> Browser:
    """The administrator's browser."""
    browser = Browser(room)
    browser.log_in(office.activated("admin", Role.ADMINISTRATOR, None))
    return browser


def works(app: Flask, day: date) -> bool:
    with app.app_context():
        working = calendar_in(db.session).is_working(day)
        db.session.remove()
    return working


def test_a_decree_counts_at_once_in_every_process_until_it_is_taken_back(
    administrator: Browser, room: Flask, watch: Watch
) -> None:
    settings = room.extensions["kentongan.settings"]
    other = create_app({"KENTONGAN_INSTANCE": str(settings.instance), "DATABASE_URL": settings.database_url})
    assert works(other, FRIDAY)
    noted = administrator.submit("/petugas/libur", day=FRIDAY.isoformat(), kind="holiday", name="Pemungutan suara")
    assert noted.status_code == 303 and not works(other, FRIDAY) and not works(room, FRIDAY)
    assert "Pemungutan suara" in administrator.visit("/petugas/libur").text
    assert administrator.submit("/petugas/libur", day=FRIDAY.isoformat(), kind="worked").status_code == 303
    assert works(other, FRIDAY)
    # Christmas Day is worked only if somebody decrees it.
    administrator.submit("/petugas/libur", day="2026-12-25", kind="worked", name="x")
    assert works(other, date(2026, 12, 25))
    assert administrator.submit("/petugas/libur/2026-12-25/hapus").status_code == 303
    assert not works(other, date(2026, 12, 25))
    with other.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Tulis tanggalnya."),
        ({"day": "besok", "kind": "worked"}, "Tanggal ini tidak dapat dibaca. Pilih lagi."),
        ({"day": "2046-01-01", "kind": "worked"}, "Tanggal ini terlalu jauh. Periksa tahunnya."),
        ({"day": "2026-12-18", "kind": "holiday", "name": "  "}, "Tulis nama hari liburnya."),
        ({"day": "2026-12-18", "kind": "holiday", "name": "Pil\u202ekada"}, "Nama ini berisi tanda yang tidak tampak."),
        ({"day": "2026-12-18", "kind": "holiday", "name": "x" * 81}, "Nama paling banyak 80 huruf."),
    ],
)
def test_what_is_no_decree_is_said_and_kept_as_typed(
    administrator: Browser, fields: dict[str, str], said: str
) -> None:
    answer = administrator.submit("/petugas/libur", **fields)
    assert answer.status_code == 422 and said in answer.text
    assert all(value.strip() in answer.text for value in fields.values())


def test_a_day_that_is_none_is_not_found(administrator: Browser) -> None:
    assert administrator.submit("/petugas/libur/besok/hapus").status_code == 404
