"""What was decreed about a day counts at once in every process, and can be taken back; who did either stays."""

from datetime import date

import pytest
from flask import Flask

from casework.terms import Role
from kernel import decrees
from kernel.database import Collision, db
from kernel.decrees import calendar_in
from tests.casework.office import Browser, Office, Watch
from tests.page import page_of
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


@pytest.fixture
def overseer(room: Flask, office: Office) -> Browser:
    """The overseer's browser."""
    browser = Browser(room)
    browser.log_in(office.activated("pengawas", Role.OVERSEER, None))
    return browser


def noted(browser: Browser, address: str = "/petugas/libur") -> list[str]:
    """Return what the page tells of all that was ever noted, a line each, newest first."""
    rows = [
        row for row in page_of(browser.visit(address)).all("tr")
        if row.stands_in("tbody") and (row.stands_in("table") or row).get("id") == "notes"
    ]  # fmt: skip
    return [" | ".join(line.strip() for line in row.text.splitlines() if line.strip()) for row in rows]


def test_who_noted_and_who_removed_a_decree_stays_to_be_read_by_administrator_and_overseer(
    administrator: Browser, overseer: Browser, room: Flask, office: Office, watch: Watch
) -> None:
    other = Browser(room)
    other.log_in(office.activated("admin2", Role.ADMINISTRATOR, None))
    for each, fields in ((administrator, {"kind": "holiday", "name": "Pilkada"}), (other, {"kind": "worked"})):
        for _twice in range(2):
            assert each.submit("/petugas/libur", day=FRIDAY.isoformat(), **fields).status_code == 303
            watch.move(minutes=1)
    for each in (administrator, other):
        assert each.submit("/petugas/libur/2026-12-18/hapus").status_code == 303
    said = noted(administrator)
    assert noted(overseer) == said and [line.split(" | ")[1:] for line in said] == [
        ["Jumat, 18 Desember 2026", "Dihapus", "Admin"],
        ["Jumat, 18 Desember 2026", "Tetap hari kerja", "Admin2"],
        ["Jumat, 18 Desember 2026", "Pilkada", "Admin"],
    ]
    assert said[0].startswith("Selasa, 24 November 2026 pukul 10.04 WIB")
    assert works(room, FRIDAY)


def test_a_long_history_is_read_page_by_page_and_none_of_it_twice(
    administrator: Browser, overseer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Satu", "Dua", "Tiga"):
        administrator.submit("/petugas/libur", day=FRIDAY.isoformat(), kind="holiday", name=name)
    whole = noted(overseer)
    monkeypatch.setattr(decrees, "PAGE", 1)
    address, found = "/petugas/libur", []
    while address:
        found += noted(overseer, address)
        onward = [each for each in page_of(overseer.visit(address)).all("a") if each.get("rel") == "next"]
        address = onward[0].get("href") if onward else ""
    assert found == whole and len(whole) == 3
    for nowhere in ("x", "2026-13-01T00:00:00~2026-12-18~1", "2026-11-24T03:00:00~2026-02-30~1"):
        assert noted(overseer, f"/petugas/libur?setelah={nowhere}") == whole[:1]


def test_an_overseer_sees_what_holds_and_is_offered_nothing_to_change_it(
    administrator: Browser, overseer: Browser
) -> None:
    assert "tidak ada ketetapan" in overseer.visit("/petugas/libur").text
    administrator.submit("/petugas/libur", day=FRIDAY.isoformat(), kind="holiday", name="Pilkada")
    page = page_of(overseer.visit("/petugas/libur"))
    assert not [form for form in page.all("form") if "libur" in form.get("action")]
    assert overseer.submit("/petugas/libur/2026-12-18/hapus").status_code == 403


def test_two_who_note_the_same_day_at_once_do_not_meet_an_error(
    administrator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(*_noted: object) -> None:
        raise Collision

    monkeypatch.setattr(decrees, "decree", overtaken)
    answer = administrator.submit("/petugas/libur", day=FRIDAY.isoformat(), kind="holiday", name="Pilkada")
    assert answer.status_code == 409 and 'value="Pilkada"' in answer.text and "yang sama sudah ada" in answer.text


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
