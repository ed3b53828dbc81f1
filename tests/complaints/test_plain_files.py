"""Files without JavaScript: sealed as they come, cleaned or refused by name, sent once, never at the text's cost."""

import base64
import hashlib
import io
import os
import secrets
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from casework.models import CaseEvent
from complaints import arriving, plain, status
from complaints.files import extents_of, read_extents
from complaints.multipart import PostedForm
from complaints.rules import STORED_AT_ONCE
from kernel.database import db
from kernel.log import Discreet
from kernel.store import Extent
from kernel.store_errors import StoreFailed, not_kept
from kernel.vault import CHUNK_BYTES, Manifest, open_file, open_file_key, open_manifest
from ledger.body import read_event
from tests import client, officer, samples
from tests.casework.test_acts import DECLARATION, closed
from tests.client import Visit
from tests.complaints.test_plain_path import filled, kept, phrase_in
from tests.complaints.test_visits import asked
from tests.complaints.written import Write, writing_by
from tests.officer import Text
from tests.page import page_of
from tests.province import HOST, Province, Visitor
from tests.remains import row_counts, traces_of

Sent = tuple[str, bytes]
TALK = b"Rekaman: bayar dulu, Pak.\n" * 50_000
LARGE = 40 * 1024 * 1024
# What a browser says of a file's type, where it knows any.
TOLD, UNTOLD = {"gambar.svg": "image/svg+xml"}, "application/octet-stream"
SECRET_NAME = "rahasia.jpg"
HEIC = b"\0\0\0\x18ftypheic" + bytes(5000)


@dataclass(frozen=True)
class Opened:
    """A file as its reporter's program opens it."""

    manifest: Manifest
    content: bytes


def form_of(form: dict[str, Any], sent: Iterable[Sent], prefix: str = "") -> MultiDict[str, Any]:
    """Return what a browser posts: the answers, then the files."""
    files = [(f"{prefix}berkas", (io.BytesIO(content), name, TOLD.get(name, UNTOLD))) for name, content in sent]
    return MultiDict([*((name, value) for name, value in MultiDict(form).items(multi=True)), *files])


def send(province: Province, form: dict[str, Any], *sent: Sent) -> TestResponse:
    return province.visitor().post("/lapor", data=form_of(form, sent), content_type="multipart/form-data")


def seen(province: Province, phrase: str) -> Visit:
    return client.visit(province.keys(phrase), province.visitor().ask)


def opened(province: Province, visit: Visit) -> list[Opened]:
    """Open every file that was brought, byte for byte."""
    return [_opened(province, visit, told) for told in visit.thread["files"] if told["seq"]]


def _opened(province: Province, visit: Visit, told: dict[str, Any]) -> Opened:
    complaint, key = visit.thread["complaint"], visit.thread_key(told["epoch"])
    sealed = open_file_key(base64.b64decode(told["key"]), key, complaint, told["id"], told["epoch"], "thread")
    manifest = open_manifest(base64.b64decode(told["manifest"]), sealed)
    with province.app.app_context():
        with Session(db.engine) as session:
            extents = extents_of(session, complaint, told["id"], range(1, told["chunks"] + 1))
        chunks = list(read_extents(extents))
    assert [hashlib.sha256(chunk).hexdigest() for chunk in chunks] == list(manifest.chunks)
    content = b"".join(open_file(chunks, sealed, manifest.size))
    assert hashlib.sha256(content).hexdigest() == manifest.sha256
    return Opened(manifest, content)


def named(files: Iterable[Opened]) -> dict[str, Opened]:
    return {file.manifest.name: file for file in files}


def left_out(answer: TestResponse) -> dict[str, str]:
    """Return what the page says of each file that was not taken, by its name."""
    page = page_of(answer)
    notice = page.by_id("files-left-out")
    items = [item for item in page.all("li") if notice and notice in around(item)]
    told = [item.text.strip().partition(": ") for item in items]
    return {name if colon else "": why if colon else name for name, colon, why in told}


def around(element: Any) -> Iterator[Any]:
    while element.within is not None:
        element = element.within
        yield element


def objects(province: Province) -> set[str]:
    return {kept.key for kept in province.app.extensions["kentongan.store"].keys()}


def visiting(province: Province, phrase: str) -> Visitor:
    browser = province.visitor()
    assert browser.post("/lacak", data={"phrase": phrase}).status_code == 303
    return browser


def write(browser: Visitor, form: dict[str, Any], *sent: Sent, to: str = "kirim", prefix: str = "") -> TestResponse:
    data = form_of({f"{prefix}{name}": value for name, value in form.items()}, sent, prefix)
    return browser.post(f"/lacak/{to}", data=data, content_type="multipart/form-data")


def texts(visit: Visit) -> list[str]:
    return [visit.text(message) for message in visit.thread["messages"]]


def test_files_come_with_the_complaint_cleaned_sealed_and_named_in_its_history(province: Province) -> None:
    sent = [("foto.jpg", samples.photograph()), ("../rekaman\u202e.txt", TALK), ("", b"")]
    answer = send(province, filled(), *sent)
    visit = seen(province, phrase_in(answer))
    files = named(opened(province, visit))
    assert files.keys() == {"foto.jpg", "rekaman.txt"} and not left_out(answer) and "2 berkas terkirim" in answer.text
    photo, talk = files["foto.jpg"], files["rekaman.txt"]
    assert (photo.manifest.cleaned, photo.manifest.type) == ("cleaned", "image/jpeg")
    assert samples.CANARY.encode() in sent[0][1] and samples.CANARY.encode() not in photo.content
    assert (talk.content, talk.manifest.cleaned, talk.manifest.type) == (TALK, "impossible", "text/plain")
    assert [visit.thread["version"], texts(visit)] == [2, []]
    with province.app.app_context():
        body = read_event(db.session.get_one(CaseEvent, (visit.thread["complaint"], 2)).body)
        db.session.remove()
    assert (body.action, body.actor, [ref.kind for ref in body.objects]) == ("message", "reporter", ["file", "file"])
    shown = visiting(province, phrase_in(answer)).get("/lacak").text
    assert all(words in shown for words in ("rekaman.txt", "1,2 MB", "sudah dibersihkan", "dikirim apa adanya"))
    assert "· Gambar ·" in shown and "· Tulisan ·" in shown


def test_sent_again_it_gives_the_same_answer_and_brings_no_file_twice(province: Province) -> None:
    form, sent = filled(), [("foto.jpg", samples.photograph()), ("surat.pdf", samples.paper()), ("a.txt", TALK)]
    first = send(province, form, *sent)
    assert not left_out(first)
    rows, there = row_counts(province.app), objects(province)
    assert send(province, form, *sent).text == first.text
    assert (row_counts(province.app), objects(province)) == (rows, there)
    # A file that was forgotten may still follow.
    send(province, form, *sent, ("b.txt", b"Satu lagi."))
    names = [file.manifest.name for file in opened(province, seen(province, phrase_in(first)))]
    assert sorted(names) == ["a.txt", "b.txt", "foto.jpg", "surat.pdf"]


def test_sent_three_times_at_once_every_file_is_there_once(province: Province) -> None:
    form, before = filled(), objects(province)
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _turn: send(province, form, ("a.txt", TALK)), range(3)))
    [phrase] = {phrase_in(answer) for answer in answers}
    visit = seen(province, phrase)
    assert [file.content for file in opened(province, visit)] == [TALK]
    assert len(visit.thread["files"]) == 1 and len(objects(province) - before) == 1


def test_the_same_content_twice_in_one_form_is_sent_once(province: Province) -> None:
    answer = send(province, filled(), ("a.txt", TALK), ("b.txt", TALK))
    assert len(opened(province, seen(province, phrase_in(answer)))) == 1 and not left_out(answer)


@pytest.mark.parametrize("wrong", [{"place": ""}, {"text": "Nama saya Siti."}])
def test_a_form_that_is_not_right_yet_says_that_files_must_be_chosen_again(
    province: Province, wrong: dict[str, str]
) -> None:
    form, rows, there = filled(**wrong) | {"unchanged": "y"}, row_counts(province.app), objects(province)
    answer = send(province, form, ("a.txt", TALK))
    page = page_of(answer)
    assert answer.status_code == 422
    assert any("Pilih lagi berkasnya" in note for note in page.notes_of("berkas"))
    assert kept(page, form) == form and page.fields("lapor")["unchanged"] == ["y"]
    assert (row_counts(province.app), objects(province)) == (rows, there)
    assert not any("Pilih lagi" in note for note in page_of(send(province, form)).notes_of("berkas"))


def test_what_cannot_be_taken_is_said_by_name_and_the_rest_stands(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = province.app.extensions["kentongan.settings"]
    monkeypatch.setitem(province.app.extensions, "kentongan.settings", replace(settings, largest_file=1024 * 1024))
    before = objects(province)
    odd = [
        ("besar.txt", TALK), ("kosong.txt", b""), ("foto.heic", HEIC), ("rusak.jpg", samples.photograph()[:700]),
        ("mentah.CR2", b"x" * 9000), ("gambar.svg", b"<svg/>"),
        ("\0../../" + "n" * 4000 + ".txt", b"panjang"), ("a.txt", b"baik"),
    ]  # fmt: skip
    answer = send(province, filled(), *odd, *((f"{n}.txt", b"%d" % n) for n in range(5)))
    told = left_out(answer)
    words = {
        "besar.txt": "terlalu besar", "kosong.txt": "kosong", "foto.heic": "tidak bisa dibersihkan",
        "rusak.jpg": "tidak bisa dibersihkan", "mentah.CR2": "tidak bisa dibersihkan",
        "gambar.svg": "tidak bisa dibersihkan", **dict.fromkeys(("2.txt", "3.txt", "4.txt"), "Paling banyak 10"),
    }  # fmt: skip
    assert told.keys() == words.keys() and all(words[name] in told[name] for name in words)
    names = named(opened(province, seen(province, phrase_in(answer)))).keys()
    assert names == {"a.txt", "n" * 251 + ".txt", "0.txt", "1.txt"}
    assert len(objects(province) - before) == len(names)


def test_what_cannot_be_cleaned_goes_only_as_it_is_and_only_when_asked(province: Province) -> None:
    sent = [("foto.heic", HEIC), ("foto.jpg", samples.photograph()), ("a.txt", b"x")]
    answer = send(province, filled() | {"unchanged": "y"}, *sent)
    files = named(opened(province, seen(province, phrase_in(answer))))
    assert {name: file.content for name, file in files.items()} == dict(sent)
    assert {file.manifest.cleaned for file in files.values()} == {"original"}


def test_a_photograph_that_calls_itself_something_else_is_cleaned_all_the_same(province: Province) -> None:
    answer = send(province, filled(), ("catatan.txt", samples.photograph()))
    [file] = opened(province, seen(province, phrase_in(answer)))
    assert file.manifest.cleaned == "cleaned" and samples.CANARY.encode() not in file.content
    assert file.manifest.name == "catatan.jpg"


def test_more_than_there_is_room_for_at_once_is_said_and_the_room_is_given_back(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = samples.photograph()
    monkeypatch.setattr(arriving, "ROOM", arriving.Room(len(photo)))
    answer = send(province, filled(), ("a.jpg", photo + b"x"), ("b.jpg", photo))
    assert "sekaligus" in left_out(answer)["a.jpg"]
    assert [file.manifest.name for file in opened(province, seen(province, phrase_in(answer)))] == ["b.jpg"]


def test_a_photograph_larger_than_can_be_cleaned_is_refused_and_not_sent_as_it_is(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "LARGEST_CLEANED", 5000)
    answer = send(province, filled(), ("a.jpg", samples.photograph(size=(900, 900))))
    assert "tidak bisa dibersihkan" in left_out(answer)["a.jpg"] and not opened(
        province, seen(province, phrase_in(answer))
    )


def body_of(province: Province, form: dict[str, Any], *sent: Sent) -> tuple[bytes, str]:
    """Return what a browser posts, as bytes, and its media type."""
    told: Any = {"method": "POST", "base_url": HOST, "content_type": "multipart/form-data"}
    made = province.app.test_request_context("/lapor", data=form_of(form, sent), **told).request
    made.max_content_length = LARGE
    return made.get_data(), str(made.content_type)


def streamed(province: Province, stream: Any, size: int, kind: str) -> TestResponse:
    """Post what ``stream`` gives, which is said to be of ``size`` bytes."""
    told = {"wsgi.input_terminated": True, "wsgi.input": stream, "CONTENT_LENGTH": str(size), "CONTENT_TYPE": kind}
    return province.visitor().client.post("/lapor", base_url=HOST, environ_overrides=told, headers={"Origin": HOST})


def broken(province: Province, form: dict[str, Any], *sent: Sent, lost: int) -> TestResponse:
    """Send a form of which the last ``lost`` bytes never come."""
    body, kind = body_of(province, form, *sent)
    return streamed(province, io.BytesIO(body[:-lost]), len(body), kind)


def test_a_connection_lost_in_a_file_leaves_the_text_and_the_files_before_it(
    province: Province, caplog: pytest.LogCaptureFixture
) -> None:
    form, sent, before = filled(), [("a.txt", b"pertama"), ("b.txt", TALK)], objects(province)
    answer = broken(province, form, *sent, lost=len(TALK) // 2)
    assert left_out(answer).keys() == {"b.txt", ""} and caplog.records == [], "networks fail every day"
    assert [file.content for file in opened(province, seen(province, phrase_in(answer)))] == [b"pertama"]
    assert len(objects(province) - before) == 1, "what came of the second is gone again"
    assert not left_out(send(province, form, *sent))
    assert [file.content for file in opened(province, seen(province, phrase_in(answer)))] == [b"pertama", TALK]


def test_a_connection_lost_in_the_answers_writes_nothing(province: Province) -> None:
    rows = row_counts(province.app)
    answer = broken(province, filled(), lost=40)
    assert answer.status_code == 400 and "terputus" in answer.text and row_counts(province.app) == rows


class Coming:
    """A form with a file of ``size`` bytes that nobody ever holds whole: its head, the file's bytes, its end."""

    def __init__(self, head: bytes, size: int, end: bytes) -> None:
        self._left = [io.BytesIO(head), size, io.BytesIO(end)]

    def read(self, most: int = -1) -> bytes:
        """Return at most so many bytes of what is left."""
        head, size, end = self._left
        if part := head.read(most):
            return bytes(part)
        self._left[1] = max(size - most, 0)
        return bytes(min(size, most)) if size else bytes(end.read(most))


def test_a_large_file_is_never_in_memory_whole_also_where_the_store_is_slow(province: Province) -> None:
    def slowly(write: Write, extent: Extent, content: bytes) -> None:
        time.sleep(0.02)
        write(extent, content)

    body, kind = body_of(province, filled(), ("rekaman.wav", b"RIFF\0\0\0\0WAVE" + b"tengah"))
    head, _middle, end = body.partition(b"tengah")
    phrase_in(streamed(province, Coming(head, 1000, end), len(head) + 1000 + len(end), kind))
    other = head.replace(b"Banyubening", b"Banyuasin")
    tracemalloc.start()
    try:
        with writing_by(province.app.extensions["kentongan.store"], slowly):
            answer = streamed(province, Coming(other, LARGE, end), len(other) + LARGE + len(end), kind)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    [told] = seen(province, phrase_in(answer)).thread["files"]
    assert told["chunks"] >= LARGE // CHUNK_BYTES and peak < LARGE // 4


def test_no_chunk_is_sealed_over_another_that_is_still_being_written_or_hashed(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first is written last of those that are under way, and is ready before they are hashed.
    rooms, sha256, longer = list[Any](), hashlib.sha256, iter([0.2, 0.2])

    def slowly(write: Write, extent: Extent, content: bytes) -> None:
        time.sleep(0.01 if extent.begins else 0.05)
        write(extent, content)
        rooms.append(memoryview(content).obj)

    def hashed_slowly(content: bytes | memoryview = b"") -> Any:
        if isinstance(content, memoryview):
            time.sleep(next(longer, 0.01))
        return sha256(content)

    sent, answers = os.urandom(8 * CHUNK_BYTES + 1000), filled()
    monkeypatch.setattr(hashlib, "sha256", hashed_slowly)
    with writing_by(province.app.extensions["kentongan.store"], slowly):
        answer = send(province, answers, ("rekaman.bin", sent))
    monkeypatch.undo()
    [came] = opened(province, seen(province, phrase_in(answer)))
    assert came.content == sent
    assert len(set(map(id, rooms))) == STORED_AT_ONCE < len(rooms), "what an earlier one has left is used again"


@contextmanager
def heard() -> Iterator[list[Any]]:
    """Hear what Python opens for writing, in any thread: its temporary files have no name, and no folder tells of them.

    The file by which writers of SQLite take turns has nothing in it.
    """
    written: list[Any] = []
    listening = True

    def hear(event: str, told: tuple[Any, ...]) -> None:
        writes = listening and event == "open" and told[2] & (os.O_WRONLY | os.O_RDWR)
        if writes and not str(told[0]).endswith("-turn"):
            written.append(told[0])

    # Nobody can take a hook away again.
    sys.addaudithook(hear)
    try:
        yield written
    finally:
        listening = False


def test_while_a_file_comes_nothing_is_opened_for_writing_but_its_object_in_the_store(province: Province) -> None:
    body, kind = body_of(province, filled(), ("rekaman.wav", b"RIFF\0\0\0\0WAVE" + bytes(3 * CHUNK_BYTES)))
    before = objects(province)
    with heard() as written:
        answer = streamed(province, io.BytesIO(body), len(body), kind)
    [there] = objects(province) - before
    assert ([Path(str(path)).name for path in written], "1 berkas terkirim" in answer.text) == ([there], True)
    with heard() as written, tempfile.TemporaryFile():
        pass
    assert written != [], "what leaves no trace would not have been heard either"


def test_when_nothing_can_be_stored_the_text_stands_and_the_page_says_so(province: Province) -> None:
    store, form, there = province.app.extensions["kentongan.store"], filled(), objects(province)

    def fails(*_told: Any) -> None:
        raise StoreFailed("Berkas belum bisa disimpan.", "OSError, EIO")

    with writing_by(store, fails):
        answer = send(province, form, ("a.txt", TALK))
        assert left_out(answer) == {"a.txt": "Berkas belum bisa disimpan."}
    visit = seen(province, phrase_in(answer))
    assert visit.thread["files"] == [] and visit.thread["version"] == 1 and objects(province) == there
    assert not left_out(send(province, form, ("a.txt", TALK)))


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_where_one_chunk_cannot_be_stored_those_that_are_kept_beside_it_are_gone_again(
    province: Province, failing: int
) -> None:
    store, form, there, begun = province.app.extensions["kentongan.store"], filled(), objects(province), count(1)

    def fails_once(write: Write, extent: Extent, content: bytes) -> None:
        if next(begun) == failing:
            raise StoreFailed("Berkas belum bisa disimpan.", "OSError, EIO")
        time.sleep(0.05)
        write(extent, content)

    with writing_by(store, fails_once):
        answer = send(province, form, ("a.txt", 2 * TALK), ("b.txt", b"dua"))
    assert left_out(answer) == {"a.txt": "Berkas belum bisa disimpan."}
    assert [file.content for file in opened(province, seen(province, phrase_in(answer)))] == [b"dua"]
    assert len(objects(province) - there) == 1


def unforeseen(*_told: Any, **_more: Any) -> Any:
    """Fail as no library says that it may, and repeat what was sent."""
    raise RuntimeError(SECRET_NAME)


# Each fails in another place: where a file is cleaned, sealed, written, settled, and given its manifest.
UNFORESEEN = (
    "complaints.arriving.clean", "kernel.vault.SealedFile.box_chunk_into", "kernel.store._Growing.write",
    "kernel.store._Growing.settle", "complaints.arriving.Manifest",
)  # fmt: skip


@pytest.mark.parametrize("place", UNFORESEEN)
def test_what_nobody_foresaw_costs_a_file_and_neither_the_phrase_nor_the_message(
    province: Province, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    form, there, sent = filled(), objects(province), (SECRET_NAME, samples.photograph())
    with monkeypatch.context() as broken:
        broken.setattr(place, unforeseen)
        answer = send(province, form, sent)
        phrase = phrase_in(answer)
        browser = visiting(province, phrase)
        later = write(browser, {"text": "Ini fotonya."}, sent)
    assert (answer.status_code, later.status_code) == (201, 200)
    assert left_out(answer) == left_out(later) == {SECRET_NAME: not_kept()}
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 2
    told = "\n".join(map(Discreet().format, caplog.records))
    assert "RuntimeError" in told and SECRET_NAME not in told and phrase not in told
    visit = seen(province, phrase)
    assert (visit.thread["files"], texts(visit), objects(province)) == ([], ["Ini fotonya."], there)
    assert not left_out(send(province, form, sent)) and len(opened(province, seen(province, phrase))) == 1


def test_where_one_chunk_fails_as_nobody_foresaw_what_is_kept_of_its_file_is_gone_and_the_others_come(
    province: Province,
) -> None:
    there, begun = objects(province), count(1)

    def fails_once(usual: Write, extent: Extent, content: bytes) -> None:
        if next(begun) == 2:
            unforeseen()
        usual(extent, content)

    with writing_by(province.app.extensions["kentongan.store"], fails_once):
        answer = send(province, filled(), ("a.txt", 2 * TALK), ("b.txt", b"dua"))
    assert left_out(answer) == {"a.txt": not_kept()}
    assert [file.content for file in opened(province, seen(province, phrase_in(answer)))] == [b"dua"]
    assert len(objects(province) - there) == 1


def test_a_form_that_cannot_be_read_on_as_nobody_foresaw_keeps_what_came_before(
    province: Province, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(PostedForm, "_next_file", unforeseen)
    answer = send(province, filled(), ("a.txt", b"satu"), ("b.txt", b"dua"))
    assert answer.status_code == 201 and left_out(answer).keys() == {""} and len(caplog.records) == 1
    assert [file.content for file in opened(province, seen(province, phrase_in(answer)))] == [b"satu"]


@pytest.mark.parametrize("place", ["thread_of", "box_file_key", "file_digest", "act"])
def test_files_that_come_and_cannot_be_sent_as_nobody_foresaw_cost_no_phrase_and_leave_nothing(
    province: Province, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    form, there = filled(), objects(province)
    with monkeypatch.context() as broken:
        broken.setattr(plain, place, unforeseen)
        answer = send(province, form, ("a.txt", TALK), ("b.txt", b"dua"))
    phrase = phrase_in(answer)
    assert answer.status_code == 201 and left_out(answer) == {"a.txt": not_kept(), "b.txt": not_kept()}
    visit = seen(province, phrase)
    assert [visit.thread["files"], visit.thread["version"], objects(province)] == [[], 1, there]
    assert len(caplog.records) == 1 and not left_out(send(province, form, ("a.txt", TALK), ("b.txt", b"dua")))


def test_a_process_that_is_to_end_is_not_kept_by_a_file(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(*_told: Any) -> None:
        raise SystemExit

    monkeypatch.setattr(arriving, "clean", ends)
    with pytest.raises(SystemExit):
        send(province, filled(), ("a.jpg", samples.photograph()))


def test_while_files_come_no_connection_to_the_database_is_held(province: Province) -> None:
    held = set()

    def looked_at(usual: Write, extent: Extent, content: bytes) -> None:
        held.add(db.engine.pool.checkedout())
        usual(extent, content)

    with writing_by(province.app.extensions["kentongan.store"], looked_at):
        phrase = phrase_in(send(province, filled(), ("a.txt", TALK)))
        assert write(visiting(province, phrase), {"text": ""}, ("b.txt", b"dua")).status_code == 303
    assert held == {0}


def test_a_message_brings_files_and_files_may_come_alone(province: Province) -> None:
    phrase, _complaint = province.lodge()
    browser = visiting(province, phrase)
    assert write(browser, {"text": "Ini rekamannya."}, ("a.txt", TALK)).status_code == 303
    assert write(browser, {"text": ""}, ("b.txt", b"dua")).status_code == 303
    visit = seen(province, phrase)
    assert texts(visit) == ["Ini rekamannya."] and visit.thread["version"] == 3
    assert [file.content for file in opened(province, visit)] == [TALK, b"dua"]
    # Neither does a refresh send anything twice.
    for form, sent in (({"text": "Ini rekamannya."}, ("a.txt", TALK)), ({"text": ""}, ("b.txt", b"dua"))):
        assert write(browser, form, sent).status_code == 303
    assert seen(province, phrase).thread["version"] == 3
    assert write(browser, {"text": ""}).status_code == 422


@pytest.mark.parametrize("path", ["with", "without"])
def test_who_sends_nothing_reads_that_files_are_enough_only_where_they_are(province: Province, path: str) -> None:
    for phrase, said in (
        (province.lodge()[0], "Tulis pesan atau pilih berkas dahulu, lalu kirim."),
        (asked(province), "Tulis dahulu, lalu kirim."),
    ):
        if path == "without":
            assert said in page_of(write(visiting(province, phrase), {"text": ""})).notes_of("text")
        else:
            token = province.keys(phrase).lookup_token.hex()
            shown = province.visitor().post("/lacak", data={"token": token}).text
            assert f'data-missing="{said}"' in shown.partition('id="message-form"')[2].partition("</form>")[0]


def test_files_stand_on_the_reporters_page_in_the_order_in_which_they_were_sent(province: Province) -> None:
    names = [f"{turn}.txt" for turn in range(8)]
    phrase = phrase_in(send(province, filled(), *((name, name.encode()) for name in names[:6])))
    browser = visiting(province, phrase)
    assert write(browser, {"text": ""}, *((name, name.encode()) for name in names[6:])).status_code == 303
    page = page_of(browser.get("/lacak"))
    shown = [item.text for item in page.all("li") if "txt" in item.text]
    assert [name in line for name, line in zip(names, shown, strict=True)] == [True] * 8


def test_a_file_that_events_name_twice_or_not_at_all_is_shown_once(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    phrase = phrase_in(send(province, filled(), *((f"{turn}.txt", b"isi %d" % turn) for turn in range(3))))
    usual = status.files_in_order

    def told(complaint: str) -> list[str]:
        _first, *others = usual(complaint)
        return ["0" * 32, *others, *others]

    monkeypatch.setattr(status, "files_in_order", told)
    page = page_of(visiting(province, phrase).get("/lacak"))
    shown = [item.text for item in page.all("li") if ".txt" in item.text]
    assert [name in line for name, line in zip(["1.txt", "2.txt", "0.txt"], shown, strict=True)] == [True] * 3


def test_on_the_reporters_page_what_is_left_out_is_said_and_what_stands_is_not_sent_again(province: Province) -> None:
    phrase, _complaint = province.lodge()
    browser = visiting(province, phrase)
    for _turn in range(2):
        answer = write(browser, {"text": "Fotonya."}, ("a.heic", HEIC), ("b.txt", b"dua"))
        assert answer.status_code == 200 and left_out(answer).keys() == {"a.heic"}
    visit = seen(province, phrase)
    assert (texts(visit), len(opened(province, visit))) == (["Fotonya."], 1)
    alone = write(browser, {"text": ""}, ("a.heic", HEIC))
    assert left_out(alone).keys() == {"a.heic"} and seen(province, phrase).thread["version"] == 2


def test_an_answer_and_an_objection_bring_files_but_need_a_text(province: Province) -> None:
    for phrase, to, name, prefix in (
        (asked(province), "kirim", "message-form", ""),
        (closed(province)[0], "keberatan", "objection-form", "keberatan-"),
    ):
        browser, version = visiting(province, phrase), seen(province, phrase).thread["version"]
        answer = write(browser, {"text": "", "unchanged": "y"}, ("a.txt", b"satu"), to=to, prefix=prefix)
        page = page_of(answer)
        assert answer.status_code == 422 and page.fields(name)[f"{prefix}unchanged"] == ["y"]
        assert any("Pilih lagi" in note for note in page.notes_of(f"{prefix}berkas"))
        assert write(browser, {"text": "Ini."}, ("a.txt", b"satu"), to=to, prefix=prefix).status_code == 303
        visit = seen(province, phrase)
        assert visit.thread["version"] == version + 1 and texts(visit)[-1] == "Ini."
        assert [file.content for file in opened(province, visit)] == [b"satu"]


def test_files_for_a_case_that_waits_for_an_answer_do_not_come_without_one(province: Province) -> None:
    form = filled()
    phrase = phrase_in(send(province, form))
    number = province.number_of(seen(province, phrase).thread["complaint"])
    take(province, number)
    officer.act(province.opened(number, "lead"), "ask", "NEEDS_INFO", [Text("question", "Ada foto?")])
    there = objects(province)
    assert left_out(send(province, form, ("a.txt", b"satu"))).keys() == {"a.txt"}
    visit = seen(province, phrase)
    assert visit.thread["files"] == [] and objects(province) == there


def test_after_the_visit_nothing_is_taken_and_the_text_is_kept(province: Province) -> None:
    there = objects(province)
    answer = write(province.visitor(), {"text": "Sudah lama."}, ("a.txt", TALK))
    kept_text = page_of(answer).by_id("kept")
    assert answer.status_code == 401 and kept_text is not None and kept_text.text == "Sudah lama."
    assert objects(province) == there


def test_what_an_officer_does_while_files_come_does_not_stand_in_their_way(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    phrase, complaint = province.lodge()
    browser, number = visiting(province, phrase), province.number_of(complaint)
    province.log_in("lead")
    sent = Meanwhile(monkeypatch, lambda: take(province, number))
    assert write(browser, {"text": "Ini."}, ("a.txt", b"satu"), ("b.txt", b"dua")).status_code == 303
    visit = seen(province, phrase)
    assert sent.times == 4 and visit.thread["state"] == "TRIAGE"
    assert (len(opened(province, visit)), texts(visit)) == (2, ["Ini."])


def take(province: Province, number: str) -> None:
    """Have the lead take a case."""
    officer.act(province.opened(number, "lead"), "open", "TRIAGE", [Text("declaration", DECLARATION)])


class Meanwhile:
    """Does something once, when the rows of a first file have just been kept and before the act that brings it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, does: Callable[[], Any]) -> None:
        self.times = 0
        keep = plain.keep_whole_for_reporter

        def kept_and_overtaken(*told: Any) -> None:
            keep(*told)
            self.times += 1
            if self.times == 1:
                does()

        monkeypatch.setattr(plain, "keep_whole_for_reporter", kept_and_overtaken)


def test_no_byte_of_a_file_and_no_name_is_kept_in_the_clear(province: Province) -> None:
    canary, name = f"kenari {secrets.token_hex(12)}", f"nama-{secrets.token_hex(12)}"
    sent = [(f"{name}.txt", canary.encode() * 40_000), (f"{name}.jpg", samples.photograph())]
    browser = visiting(province, phrase_in(send(province, filled(), *sent)))
    assert write(browser, {"text": ""}, (f"{name}-dua.txt", canary.encode())).status_code == 303
    page = browser.get("/lacak").text
    assert f"{name}.txt" in page and f"{name}-dua.txt" in page
    assert traces_of(province.app, [canary, name, samples.CANARY, sent[1][1][:400]]) == []
