"""Whether a process lives is answered whatever is broken; whether it can serve, never when it cannot."""

from threading import Event, Thread

import pytest

from kernel import migrating
from kernel.migrating import newest_revision
from kernel.vault import Stretcher, stretching
from kernel.vault.stretching import MOST_WAITING
from tests.province import Province
from tests.remains import change

PATIENCE = 60


def asked(province: Province, path: str) -> tuple[int, str]:
    answer = province.visitor().get(path)
    assert answer.mimetype == "text/plain" and answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.text


def test_a_sound_installation_lives_and_is_ready(province: Province) -> None:
    assert asked(province, "/healthz") == (200, "lives\n")
    assert asked(province, "/readyz") == (200, "ready\n")


def test_another_schema_stands_against_serving(province: Province) -> None:
    change(province.app, "UPDATE alembic_version SET version_num = '9999'")
    try:
        assert asked(province, "/healthz") == (200, "lives\n")
        assert asked(province, "/readyz") == (503, "the database has another schema than this version\n")
    finally:
        change(province.app, "UPDATE alembic_version SET version_num = :newest", newest=newest_revision())


def test_a_database_that_does_not_answer_stands_against_serving(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "VERSIONS", "nowhere")
    assert asked(province, "/healthz") == (200, "lives\n")
    assert asked(province, "/readyz") == (503, "the database does not answer\n")


def test_a_process_whose_queue_of_phrases_is_full_asks_to_be_left_alone(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = Event(), Event()

    def slowly(_words: str, _salt: bytes) -> bytes:
        begun.set()
        go_on.wait(PATIENCE)
        return b""

    monkeypatch.setattr(stretching, "stretch", slowly)
    busy = Stretcher()
    monkeypatch.setitem(province.app.extensions, "kentongan.stretcher", busy)
    waiting = [Thread(target=busy.stretch, args=("aku", bytes(16))) for _turn in range(MOST_WAITING + 1)]
    waiting[0].start()
    # Only once the first is being stretched do the others stay in the queue.
    assert begun.wait(PATIENCE)
    for thread in waiting[1:]:
        thread.start()
    while not busy.is_full:
        assert all(thread.is_alive() for thread in waiting)
    assert asked(province, "/readyz") == (503, "as many phrases wait as may\n")
    go_on.set()
    for thread in waiting:
        thread.join(PATIENCE)
    assert asked(province, "/readyz") == (200, "ready\n")
