"""A bucket that is full in the middle of a file: whoever sends it reads that, and goes on later where he was."""

import logging
from collections.abc import Iterator

import pytest

from kernel.store import open_store
from kernel.store_errors import StoreFailed
from tests import client
from tests.buckets import REFUSALS, Filling
from tests.casework.test_acts import investigated
from tests.client import Refused
from tests.complaints.test_api import said
from tests.complaints.test_files import FIVE_CHUNKS, TWO_CHUNKS, opened, put, put_together
from tests.complaints.test_plain_files import TALK, left_out, named, send, visiting, write
from tests.complaints.test_plain_files import opened as opened_files
from tests.complaints.test_plain_files import seen
from tests.complaints.test_plain_path import filled, phrase_in
from tests.officer import act, send_evidence
from tests.province import Province

NOT_KEPT = "Berkas belum bisa disimpan. Coba lagi sebentar lagi."
NO_ROOM = "Tempat penyimpanan berkas di server ini sedang penuh, jadi berkas belum bisa disimpan. Coba lagi nanti."
# Others say no for a reason of their own, or for none.
SAID = dict.fromkeys(REFUSALS, NO_ROOM) | dict.fromkeys(
    ("no leave to write", "too much just now", "no room and no word"), NOT_KEPT
)
FULL = (507, "XMinioStorageFull")


@pytest.fixture
def bucket(province: Province, filling: Filling, monkeypatch: pytest.MonkeyPatch) -> Iterator[Filling]:
    """The province with its files in a bucket that can be full."""
    monkeypatch.setitem(province.app.extensions, "kentongan.store", open_store(filling.bucket))
    yield filling


@pytest.mark.parametrize("why", REFUSALS)
def test_a_full_bucket_keeps_nothing_half_and_is_used_again_once_there_is_room(
    filling: Filling, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    (store, key), refusal = (open_store(filling.bucket), "ab" * 16), REFUSALS[why]
    filling.fill(refusal)
    with pytest.raises(StoreFailed, match=SAID[why]) as failure:
        store.keep(key, TALK)
    assert (failure.value.status, filling.kept) == (503, {})
    # Whoever runs the server reads what the service calls it; neither the bucket's address nor the object's name.
    [record] = caplog.records
    assert (record.levelno, refusal[1] in record.getMessage()) == (logging.ERROR, True)
    assert key not in caplog.text and "127.0.0.1" not in caplog.text
    filling.refusal = None
    store.keep(key, TALK)
    assert store.read(key) == TALK


def test_a_file_whose_bucket_fills_up_in_the_middle_goes_on_later(province: Province, bucket: Filling) -> None:
    visit = seen(province, province.lodge()[0])
    file = client.seal_for(visit, FIVE_CHUNKS)
    assert opened(province, visit, file)[0] == put(province, visit, file, 1)[0] == 201
    bucket.fill(FULL, room=1)
    status, answer = put_together(province, visit, file, 2, *file.chunks[1:4])
    # They go at once: whichever is the first finds room.
    [there] = [kept["number"] for kept in answer["kept"]]
    assert (status, answer["error"]) == (503, NO_ROOM)
    assert said(put(province, visit, file, 5)) == 503
    bucket.refusal = None
    assert opened(province, visit, file) == (201, {"have": [1, there]})
    for number in {2, 3, 4, 5} - {there}:
        assert put(province, visit, file, number)[0] == 201
    client.act(visit, "message", "Rekamannya.", province.visitor().ask, files=[file])
    assert [told["seq"] for told in seen_again(province, visit)] == [2]


def seen_again(province: Province, visit: client.Visit) -> list[client.Json]:
    """Return what the reporter is told of his files by now."""
    files: list[client.Json] = client.visit(visit.keys, province.visitor().ask).thread["files"]
    return files


def test_without_javascript_the_text_stands_and_the_file_is_named_and_comes_later(
    province: Province, bucket: Filling
) -> None:
    bucket.fill(FULL, room=1)
    # The second chunk of the first file finds no room; what is there of it is forgotten.
    answer = send(province, filled(), ("rekaman.txt", TALK), ("catatan.txt", b"Rp150.000"))
    assert answer.status_code == 201
    assert left_out(answer) == {"rekaman.txt": NO_ROOM, "catatan.txt": NO_ROOM} and bucket.kept == {}
    visit = seen(province, phrase := phrase_in(answer))
    assert (visit.thread["version"], visit.thread["files"]) == (1, [])
    bucket.refusal = None
    browser = visiting(province, phrase)
    assert not left_out(write(browser, {"text": ""}, ("rekaman.txt", TALK), ("catatan.txt", b"Rp150.000")))
    brought = named(opened_files(province, seen(province, phrase)))
    assert {name: file.content for name, file in brought.items()} == {"rekaman.txt": TALK, "catatan.txt": b"Rp150.000"}


def test_an_officers_file_finds_no_room_and_comes_later(province: Province, bucket: Filling) -> None:
    _phrase, _complaint, number, _allegation = investigated(province)
    put_by_lead = province.browser_of("lead").put
    bucket.fill(FULL, room=1)
    with pytest.raises(Refused, match=NO_ROOM) as refused:
        send_evidence(province.opened(number, "lead"), TWO_CHUNKS, put_by_lead)
    assert refused.value.status == 503
    bucket.refusal = None
    file = send_evidence(province.opened(number, "lead"), TWO_CHUNKS, put_by_lead)
    act(province.opened(number, "lead"), "evidence", "INVESTIGATION", files=[file])
    brought = [told["id"] for told in province.opened(number, "lead").told["files"] if told["seq"]]
    assert brought == [file.id]
