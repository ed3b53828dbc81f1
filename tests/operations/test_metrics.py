"""What is measured: by endpoint, never by path; of reporters nothing that would tell the hour, or of one among few."""

from __future__ import annotations

import re
import secrets
import socket
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Event, Thread

import pytest

from casework.sessions import ROOM
from kernel.database import db
from operations.collecting import METRICS, Collector
from operations.measuring import NOTES, Note, init_measuring
from operations.metrics import STEP, Counts, page
from operations.watching import NAMES, Alarm
from tests.province import Province
from tests.server import SECONDS_TO_END
from wsgi import create_app

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
ENDPOINTS = {"complaints.lodge": False, "casework.queue": True}


class Days:
    """A calendar that is turned by hand."""

    def __init__(self) -> None:
        self.today = MONDAY

    def __call__(self) -> date:
        """Return the day."""
        return self.today


def counted(told: str, name: str, /, **labels: str) -> float | None:
    """Return a value from the text, ``None`` where there is none."""
    written = ",".join(f'{label}="{value}"' for label, value in labels.items())
    found = re.findall(rf"(?m)^{name}{re.escape(f'{{{written}}}' if written else '')} (\S+)$", told)
    return float(found[0]) if found else None


def told_of(counts: Counts) -> str:
    return page(counts, [Alarm(name, "") for name in NAMES], 0.5, None)


def test_what_reporters_do_is_shown_the_day_after_and_in_tens() -> None:
    days = Days()
    counts = Counts(ENDPOINTS, days)
    for _turn in range(STEP + 3):
        counts.add(Note("complaints.lodge", 201, 0.03))
    assert "complaints.lodge" not in told_of(counts)
    days.today = TUESDAY
    before = told_of(counts)
    for _turn in range(STEP):
        counts.add(Note("complaints.lodge", 201, 0.03))
    assert told_of(counts) == before
    lodged = {"endpoint": "complaints.lodge"}
    assert counted(before, "kentongan_requests_total", **lodged, code="2xx") == STEP
    assert counted(before, "kentongan_request_seconds_count", **lodged) == STEP
    assert counted(before, "kentongan_request_seconds_bucket", **lodged, le="0.025") == 0
    assert counted(before, "kentongan_request_seconds_bucket", **lodged, le="0.05") == STEP
    assert counted(before, "kentongan_request_seconds_sum", **lodged) == pytest.approx(0.03 * STEP)


def test_what_few_do_in_a_day_is_not_shown_at_all() -> None:
    days = Days()
    counts = Counts(ENDPOINTS, days)
    for _turn in range(STEP - 1):
        counts.add(Note("complaints.lodge", 201, 0.03))
    days.today = TUESDAY
    values = {float(line.split()[-1]) for line in told_of(counts).splitlines() if "complaints.lodge" in line}
    assert values == {0.0}


def test_what_officers_do_and_our_own_failures_are_shown_at_once() -> None:
    counts = Counts(ENDPOINTS, Days())
    counts.add(Note("casework.queue", 200, 0.004))
    counts.add(Note("complaints.lodge", 500, 0.2))
    told = told_of(counts)
    assert counted(told, "kentongan_requests_total", endpoint="casework.queue", code="2xx") == 1
    assert counted(told, "kentongan_failures_total", endpoint="complaints.lodge") == 1
    assert counted(told, "kentongan_requests_total", endpoint="complaints.lodge", code="5xx") is None


def test_a_note_of_what_there_is_not_is_nothing() -> None:
    counts = Counts(ENDPOINTS, Days())
    counts.add(Note('x"} 1\n', 500, 0.1))
    assert counts.failures() == {} and counts.shown() == {}


def test_every_line_is_of_the_format_and_every_alarm_has_one() -> None:
    counts = Counts(ENDPOINTS, Days())
    counts.add(Note("casework.queue", 200, 0.004))
    told = page(counts, [Alarm(name, "rings" if name == "disk" else "") for name in NAMES], 0.43, 7200)
    line = re.compile(r'# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+')
    assert [each for each in told.splitlines() if not line.fullmatch(each)] == []
    assert told.endswith("\n")
    assert [name for name in NAMES if counted(told, "kentongan_alarm", name=name)] == ["disk"]
    assert [name for name in NAMES if counted(told, "kentongan_alarm", name=name) is None] == []
    assert counted(told, "kentongan_disk_free_ratio") == 0.43
    assert counted(told, "kentongan_backup_age_seconds") == 7200


# The sockets


@pytest.fixture
def measured(province: Province) -> Iterator[tuple[Province, Path]]:
    """The province's application, measured: its notes go to a folder whose path is short enough for a socket's."""
    with tempfile.TemporaryDirectory(prefix="kt-") as name, province.app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
        app = create_app({"KENTONGAN_INSTANCE": str(province.instance), "DATABASE_URL": url})
        app.before_request_funcs[None].clear()
        app.after_request_funcs[None].clear()
        init_measuring(app, Path(name))
        settings = replace(app.extensions["kentongan.settings"], instance=Path(name))
        endpoints = {rule.endpoint: rule.rule.startswith(ROOM) for rule in app.url_map.iter_rules()}
        collector, ended = Collector(settings, Counts(endpoints)), Event()

        def collect() -> None:
            with app.app_context():
                while not ended.is_set():
                    collector.collect()
                db.engine.dispose()

        thread = Thread(target=collect, daemon=True)
        thread.start()
        yield Province(app, province.instance, province.people), Path(name)
        ended.set()
        tell(Path(name), b"")
        thread.join(SECONDS_TO_END)
        collector.close()
        db.session.remove()


def asked(folder: Path) -> str:
    """Ask for the metrics as Prometheus does."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(SECONDS_TO_END)
        line.connect(str(folder / METRICS))
        line.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        said = b"".join(iter(lambda: line.recv(65536), b"")).decode()
    assert said.startswith("HTTP/1.0 200 ") and "Content-Type: text/plain; version=0.0.4" in said
    return said.partition("\r\n\r\n")[2]


def tell(folder: Path, note: bytes) -> None:
    """Say something where notes are taken."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.sendto(note, str(folder / NOTES))


def test_requests_are_counted_by_endpoint_and_nothing_of_them_is_told(measured: tuple[Province, Path]) -> None:
    province, folder = measured
    mark = f"kenari{secrets.token_hex(8)}"
    visitor = province.visitor()
    for path in ("/petugas/masuk", f"/petugas/perkara/{mark}", f"/{mark}", f"/lapor?{mark}"):
        visitor.get(path, headers={"User-Agent": mark})
    told = asked(folder)
    assert counted(told, "kentongan_requests_total", endpoint="accounts.login", code="2xx") == 1
    assert counted(told, "kentongan_alarm", name="database") == 0
    assert mark not in told and "complaints." not in told and "none" not in told


def test_both_sockets_are_their_owners_alone_and_whatever_is_said_there_harms_nothing(
    measured: tuple[Province, Path]
) -> None:
    _province, folder = measured
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in (NOTES, METRICS)} == {0o600}
    for note in (b"", b"{", b"[]", b'["accounts.login", "x", 1]', b"\xff" * 500, b'{"a": 1}', b"[1, 2]", b"3"):
        tell(folder, note)
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(folder / METRICS))
        line.sendall(b"\xff\r\n\r\n")
    assert "kentongan_alarm" in asked(folder)


def test_where_nobody_measures_every_request_is_answered_as_ever(measured: tuple[Province, Path]) -> None:
    province, folder = measured
    (folder / NOTES).rename(folder / "away")
    assert province.visitor().get("/lapor").status_code == 200
    (folder / "away").rename(folder / NOTES)
