"""A reporter's files: sent chunk by chunk in any order, brought by an act once they are whole, then never changed."""

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from complaints.files import is_as_brought
from complaints.keeping import keep_chunks_for_reporter
from complaints.models import FileChunk
from complaints.rules import MOST_FILES, MOST_TOGETHER, MOST_WAITING, STORED_AT_ONCE
from kernel.beside import beside
from kernel.database import db
from kernel.store import Extent
from kernel.store_errors import StoreFailed
from kernel.vault import BOXED_BYTES, CHUNK_BYTES, box_file_key, open_file_key
from kernel.web import LARGEST_REQUEST
from tests import client
from tests.casework.test_acts import investigated
from tests.client import Json, Refused, Sealing, Visit
from tests.complaints.test_api import said, seen
from tests.complaints.written import Write, writing_by
from tests.officer import Text, act, send_evidence
from tests.province import Province
from tests.remains import row_counts

FILES, ACTS = "/api/v1/files", "/api/v1/threads/acts"
TWO_CHUNKS = bytes(range(256)) * 4097
FIVE_CHUNKS = bytes(range(256)) * 16500
EIGHT_CHUNKS = bytes(8 * CHUNK_BYTES)
SMALL = b"Kuitansi parkir"


@pytest.fixture
def visit(province: Province) -> Visit:
    """A reporter who has just lodged, looking at his case."""
    return seen(province, province.lodge()[0])


def token(visit: Visit) -> str:
    return visit.keys.lookup_token.hex()


def again(province: Province, visit: Visit) -> Visit:
    return client.visit(visit.keys, province.visitor().ask)


def opened(province: Province, visit: Visit, sealing: Sealing, /, **changed: Any) -> tuple[int, Json]:
    return province.visitor().ask(FILES, {"token": token(visit), **sealing.opening, **changed})


def put(province: Province, visit: Visit, file: Sealing, number: int, chunk: bytes | None = None) -> tuple[int, Json]:
    return put_together(province, visit, file, number, file.chunks[number - 1] if chunk is None else chunk)


def put_together(province: Province, visit: Visit, file: Sealing, first: int, *chunks: bytes) -> tuple[int, Json]:
    """Put chunks in one request, from the ``first`` on."""
    return province.visitor().put(f"{FILES}/{file.id}/chunks/{first}", b"".join(chunks), token(visit))


def kept(file: Sealing, *numbers: int) -> list[Json]:
    """Return how an answer names chunks that are kept."""
    return [{"number": n, "digest": hashlib.sha256(file.chunks[n - 1]).hexdigest()} for n in numbers]


def send(province: Province, visit: Visit, content: bytes = SMALL) -> Sealing:
    visitor = province.visitor()
    return client.send_file(visit, content, visitor.ask, visitor.put)


def objects(province: Province) -> set[str]:
    """Return the keys of everything in the store."""
    return {kept.key for kept in province.app.extensions["kentongan.store"].keys()}


def test_a_file_is_sent_in_any_order_and_brought_by_a_message(province: Province, visit: Visit) -> None:
    file = client.seal_for(visit, TWO_CHUNKS)
    assert opened(province, visit, file) == (201, {"have": []})
    for number in (2, 1):
        assert put(province, visit, file, number) == (201, {"kept": kept(file, number)})
        waiting = again(province, visit).thread["files"][0]["have"]
        assert {each["number"] for each in waiting} >= {number}
    assert opened(province, visit, file) == (201, {"have": [1, 2]})
    client.act(visit, "message", "Ini fotonya.", province.visitor().ask, files=[file])
    thread = again(province, visit).thread
    [told] = thread["files"]
    assert (told["id"], told["seq"], told["have"], told["chunks"]) == (file.id, 2, [], 2)
    assert (told["key"], told["manifest"]) == (file.opening["key"], file.posted["box"])
    assert [message["kind"] for message in thread["messages"]] == ["message"]
    assert thread["limits"] == {"file": 100 * 1024 * 1024, "files": MOST_FILES}


def test_files_may_come_without_a_text_and_with_an_answer(province: Province, visit: Visit) -> None:
    client.act(visit, "message", "", province.visitor().ask, files=[send(province, visit), send(province, visit)])
    thread = again(province, visit).thread
    assert [file["seq"] for file in thread["files"]] == [2, 2]
    assert thread["messages"] == []


def test_the_same_again_changes_nothing(province: Province, visit: Visit) -> None:
    file = send(province, visit)
    before, there = row_counts(province.app), objects(province)
    assert opened(province, visit, file) == (201, {"have": [1]})
    assert put(province, visit, file, 1)[0] == 201
    assert (row_counts(province.app), objects(province)) == (before, there)


def test_a_chunk_that_comes_twice_at_once_is_kept_once(province: Province, visit: Visit) -> None:
    file = client.seal_for(visit, SMALL)
    assert opened(province, visit, file)[0] == 201
    before = objects(province)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _turn: put(province, visit, file, 1), range(4)))
    assert [status for status, _answer in answers] == [201] * 4
    assert len(objects(province) - before) == 1


def test_a_file_begun_twice_at_once_is_one(province: Province, visit: Visit) -> None:
    file = client.seal_for(visit, SMALL)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _turn: opened(province, visit, file), range(4)))
    assert answers == [(201, {"have": []})] * 4


def test_what_is_brought_twice_at_once_is_brought_once(province: Province, visit: Visit) -> None:
    file = send(province, visit)

    def bring(_turn: int) -> int:
        try:
            client.act(visit, "message", "", province.visitor().ask, files=[file])
        except Refused as refused:
            return refused.status
        return 201

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(bring, range(2))) == [201, 409]
    assert again(province, visit).thread["version"] == 2


SPOILT: dict[str, Callable[[Json], Json]] = {
    "a size that no file fills": lambda told: {"size": 5001},
    "an empty size": lambda told: {"size": 0},
    "a size that is none": lambda told: {"size": "4096"},
    "a size that is true": lambda told: {"size": True},
    "another size than was read": lambda told: {"size": 2 * CHUNK_BYTES},
    "no progress": lambda told: {"progress": None},
    "a short key": lambda told: {"key": told["key"][4:]},
    "an id that is none": lambda told: {"file": "A" * 32},
    "NUL in the id": lambda told: {"file": "\0" * 32},
    "epoch 0": lambda told: {"epoch": 0},
    "one member more": lambda told: {"name": "kuitansi.jpg"},
    "an unreadable token": lambda told: {"token": "x"},
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_what_does_not_begin_a_file_is_refused(
    province: Province, visit: Visit, spoil: Callable[[Json], Json]
) -> None:
    file, before = client.seal_for(visit, SMALL), row_counts(province.app)
    assert said(opened(province, visit, file, **spoil(file.opening))) == 400
    assert row_counts(province.app) == before


def test_a_file_stays_what_it_was_begun_as(province: Province, visit: Visit) -> None:
    file = client.seal_for(visit, SMALL)
    # An epoch that nobody has posted yet.
    assert said(opened(province, visit, file, epoch=2)) == 409
    assert opened(province, visit, file)[0] == 201
    other = client.seal_for(visit, TWO_CHUNKS)
    for changed in ({"key": other.opening["key"]}, other.opening | {"file": file.id}):
        assert said(opened(province, visit, file, **changed)) == 409
    assert said(opened(province, visit, file, epoch=2)) == 409
    stranger = seen(province, province.lodge()[0])
    assert said(opened(province, stranger, file)) == 409


def test_a_file_begun_before_the_key_was_renewed_is_brought_under_the_new_one(province: Province) -> None:
    phrase, _complaint, number, _allegation = investigated(province)
    visit = seen(province, phrase)
    file = send(province, visit)
    act(province.opened(number, "investigator"), "recuse", "INVESTIGATION", [Text("reason", "Kerabat.")])
    # Until somebody has renewed them nothing more is sealed under keys that he knows.
    lead, put_by_lead = province.opened(number, "lead"), province.browser_of("lead").put
    with pytest.raises(Refused, match="Kunci perkara harus diganti dahulu"):
        send_evidence(lead, SMALL, put_by_lead)
    act(lead, "note", "INVESTIGATION", [Text("note", "Kunci diganti.")])
    visit = again(province, visit)
    assert (visit.thread["epoch"], visit.thread["files"][0]["epoch"]) == (2, 1)
    with pytest.raises(Refused) as refused:
        client.act(visit, "message", "", province.visitor().ask, files=[file])
    assert refused.value.status == 409
    assert said(opened(province, visit, file)) == 409
    renewed = under(file, visit)
    assert opened(province, visit, renewed) == (201, {"have": [1]})
    assert opened(province, visit, renewed) == (201, {"have": [1]})
    for stale in (under(file, visit), file):  # another box of the same epoch, and the old one
        assert said(opened(province, visit, stale)) == 409
    client.act(visit, "message", "", province.visitor().ask, files=[renewed])
    act(province.opened(number, "lead"), "evidence", "INVESTIGATION", files=[
        send_evidence(province.opened(number, "lead"), SMALL, put_by_lead),
    ])  # fmt: skip
    case = province.opened(number, "lead")
    assert [(told["side"], told["epoch"]) for told in case.told["files"]] == [("thread", 2), ("case", 2)]
    [told, _own] = case.told["files"]
    where = (case.told["case"], told["id"], 2, "thread")
    assert open_file_key(base64.b64decode(told["key"]), case.keys["thread", 2], *where).key == file.opened_by.key


def under(file: Sealing, visit: Visit) -> Sealing:
    """Return the same file with its key in a new box, under the newest key of the thread."""
    epoch = visit.thread["epoch"]
    boxed = box_file_key(file.opened_by, visit.thread_key(epoch), epoch, "thread")
    return client.Sealing(**vars(file) | {"epoch": epoch, "key": boxed})


def test_a_file_larger_than_this_installation_takes_is_refused_with_its_limit(province: Province, visit: Visit) -> None:
    file = client.seal_for(visit, SMALL)
    chunks = 128
    progress = client.base64_of(bytes(32 * chunks + 29))
    status, answer = opened(province, visit, file, size=chunks * CHUNK_BYTES, progress=progress)
    assert (status, "100 MB" in answer["error"]) == (413, True)


def test_no_more_than_so_many_files_wait(province: Province, visit: Visit) -> None:
    files = [client.seal_for(visit, SMALL) for _each in range(MOST_WAITING + 1)]
    assert [opened(province, visit, file)[0] for file in files] == [201] * MOST_WAITING + [403]
    visitor = province.visitor()
    assert visitor.ask(f"{FILES}/remove", {"token": token(visit), "file": files[0].id}) == (200, {})
    assert opened(province, visit, files[-1])[0] == 201


def test_chunks_that_are_not_this_files_are_refused(province: Province, visit: Visit) -> None:
    file, other = client.seal_for(visit, TWO_CHUNKS), client.seal_for(visit, TWO_CHUNKS)
    assert opened(province, visit, file)[0] == opened(province, visit, other)[0] == 201
    before = objects(province)
    one, two = file.chunks
    for number, chunk in ((1, two), (2, one), (1, one[:-1]), (1, b""), (2, two + b"x")):
        assert said(put(province, visit, file, number, chunk)) == 400
    for number in (0, 3, 10**30):
        assert said(put(province, visit, file, number, one)) == 404
    assert objects(province) == before
    assert put(province, visit, file, 1)[0] == 201
    # The right size, and other bytes: what is kept is never replaced. What does not open is for whoever opens it.
    assert said(put(province, visit, file, 1, other.chunks[0])) == 409
    assert len(objects(province) - before) == 1


def test_nobody_sends_brings_or_removes_anothers_file(province: Province, visit: Visit) -> None:
    file, stranger = send(province, visit), seen(province, province.lodge()[0])
    visitor = province.visitor()
    assert said(put(province, stranger, file, 1)) == 404
    assert said(visitor.ask(f"{FILES}/remove", {"token": token(stranger), "file": file.id})) == 404
    for who in ("f" * 64, "x", ""):
        expected = 404 if len(who) == 64 else 400
        assert said(visitor.put(f"{FILES}/{file.id}/chunks/1", file.chunks[0], who)) == expected
    with pytest.raises(Refused) as refused:
        client.act(stranger, "message", "", visitor.ask, files=[file])
    assert refused.value.status == 404
    assert again(province, visit).thread["files"][0]["have"]


def test_an_act_brings_nothing_that_is_not_whole_there_and_its_own(province: Province, visit: Visit) -> None:
    whole, ask = send(province, visit), province.visitor().ask
    half = client.seal_for(visit, TWO_CHUNKS)
    assert opened(province, visit, half)[0] == put(province, visit, half, 2)[0] == 201
    before = row_counts(province.app)
    for files, status in (
        ([half], 409), ([whole, half], 409), ([whole, whole], 400), ([client.seal_for(visit, SMALL)], 404),
        ([whole] * (MOST_FILES + 3), 400),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            client.act(visit, "message", "Lihat.", ask, files=files)
        assert refused.value.status == status
    with pytest.raises(Refused) as refused:
        client.act(visit, "withdraw", "Saya cabut.", ask, files=[whole])
    assert (refused.value.status, row_counts(province.app)) == (422, before)
    client.act(visit, "message", "", ask, files=[whole])
    with pytest.raises(Refused) as refused:
        client.act(again(province, visit), "message", "", ask, files=[whole])
    assert refused.value.status == 409
    assert said(ask(f"{FILES}/remove", {"token": token(visit), "file": whole.id})) == 409
    assert said(opened(province, visit, whole)) == 409
    assert put(province, visit, whole, 1)[0] == 201


def test_an_act_says_the_digest_of_what_is_here(province: Province, visit: Visit) -> None:
    whole, ask = send(province, visit), province.visitor().ask
    other = client.seal_for(visit, SMALL, name="lain.jpg")
    swapped = client.Sealing(**vars(whole) | {"manifest": other.manifest})
    forged = client.Sealing(**vars(whole) | {"chunks": other.chunks})
    large = client.Sealing(**vars(whole) | {"manifest": bytes(256 * 1024 + 29)})
    # A manifest is the reporter's to choose: only that the event names what comes with it is asked.
    with pytest.raises(Refused) as refused:
        client.act(visit, "message", "", ask, files=[forged])
    assert refused.value.status == 400
    with pytest.raises(Refused) as refused:
        client.act(visit, "message", "", ask, files=[large])
    assert refused.value.status == 400
    with pytest.raises(Refused) as refused:
        client.act(visit, "message", "Lihat.", _reversing(ask), files=[whole])
    assert refused.value.status == 400
    client.act(visit, "message", "", ask, files=[swapped])


def _reversing(ask: client.Ask) -> client.Ask:
    """Post what an act carries in another order than its event names it."""
    return lambda path, posted: ask(path, posted and {**posted, "objects": posted["objects"][::-1]})


def test_ten_large_manifests_and_a_long_text_are_taken(province: Province, visit: Visit) -> None:
    ask = province.visitor().ask
    files = [client.seal_for(visit, SMALL, description="a" * 60_000) for _each in range(MOST_FILES)]
    for file in files:
        assert opened(province, visit, file)[0] == put(province, visit, file, 1)[0] == 201
    client.act(visit, "message", "a" * 200_000, ask, files=files)
    assert len(again(province, visit).thread["files"]) == MOST_FILES


def test_what_is_taken_away_is_gone_from_the_store(province: Province, visit: Visit) -> None:
    before = objects(province)
    file = send(province, visit, TWO_CHUNKS)
    assert len(objects(province) - before) == 2
    removal = {"token": token(visit), "file": file.id}
    assert province.visitor().ask(f"{FILES}/remove", removal) == (200, {})
    assert objects(province) == before
    assert again(province, visit).thread["files"] == []
    assert said(province.visitor().ask(f"{FILES}/remove", removal)) == 404
    assert said(put(province, visit, file, 1)) == 404


def test_a_chunk_the_store_does_not_keep_is_not_acknowledged(province: Province, visit: Visit) -> None:
    file = client.seal_for(visit, SMALL)
    assert opened(province, visit, file)[0] == 201

    def fail(*_given: Any) -> None:
        raise StoreFailed("Berkas belum bisa disimpan. Coba lagi sebentar lagi.", "OSError, EIO")

    with writing_by(province.app.extensions["kentongan.store"], fail):
        assert said(put(province, visit, file, 1)) == 503
    assert opened(province, visit, file) == (201, {"have": []})
    assert put(province, visit, file, 1)[0] == 201


def test_several_chunks_come_in_one_request_and_are_written_down_together(province: Province, visit: Visit) -> None:
    file = client.seal_for(visit, FIVE_CHUNKS)
    assert opened(province, visit, file)[0] == 201
    before = objects(province)
    assert put_together(province, visit, file, 2, *file.chunks[1:5]) == (201, {"kept": kept(file, 2, 3, 4, 5)})
    assert len(objects(province) - before) == 1
    # Some are here, some are not: each is kept once.
    assert put_together(province, visit, file, 1, *file.chunks[:3]) == (201, {"kept": kept(file, 1, 2, 3)})
    assert len(objects(province) - before) == 2
    assert opened(province, visit, file) == (201, {"have": [1, 2, 3, 4, 5]})
    client.act(visit, "message", "", province.visitor().ask, files=[file])
    assert put_together(province, visit, file, 2, *file.chunks[1:5])[0] == 201


def test_a_chunk_that_is_refused_hinders_none_that_came_with_it(province: Province, visit: Visit) -> None:
    file, other = client.seal_for(visit, FIVE_CHUNKS), client.seal_for(visit, FIVE_CHUNKS)
    assert opened(province, visit, file)[0] == put(province, visit, file, 3)[0] == 201
    before = objects(province)
    foreign = (file.chunks[1], other.chunks[2], file.chunks[3])
    status, answer = put_together(province, visit, file, 2, *foreign)
    assert (status, answer["kept"], "isi lain" in answer["error"]) == (409, kept(file, 2, 4), True)
    # Beyond the last there is none, and what is too short is none: the others are.
    status, answer = put_together(province, visit, file, 4, file.chunks[3], *file.chunks[1:3])
    assert (status, answer["kept"]) == (400, kept(file, 4))
    status, answer = put_together(province, visit, file, 4, *file.chunks[3:])
    assert (status, answer["kept"]) == (201, kept(file, 4, 5))
    status, answer = put_together(province, visit, file, 1, file.chunks[0], b"x")
    assert (status, answer["kept"]) == (400, kept(file, 1))
    assert len(objects(province) - before) == 3
    # What would be the chunk after the last, had the file another byte.
    full = client.seal_for(visit, bytes(4 * CHUNK_BYTES))
    assert opened(province, visit, full)[0] == 201
    status, answer = put_together(province, visit, full, 4, full.chunks[3], bytes(BOXED_BYTES))
    assert (status, answer["kept"]) == (404, kept(full, 4))


def test_the_same_chunks_that_come_together_at_once_are_kept_once(province: Province, visit: Visit) -> None:
    file = client.seal_for(visit, FIVE_CHUNKS)
    assert opened(province, visit, file)[0] == 201
    before = objects(province)

    def send_from(first: int) -> tuple[int, Json]:
        return put_together(province, visit, file, first, *file.chunks[first - 1 :][:3])

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send_from, (1, 2, 3, 1)))
    assert [answer for _status, answer in answers] == [{"kept": kept(file, n, n + 1, n + 2)} for n in (1, 2, 3, 1)]
    with province.app.app_context():
        named = objects_of(file.id)
        db.session.remove()
    # And nothing is there that has come for nothing.
    assert (len(named), objects(province) - before) == (5, set(named))


def test_what_the_store_has_before_it_fails_is_kept(province: Province, visit: Visit) -> None:
    file, store = client.seal_for(visit, EIGHT_CHUNKS), province.app.extensions["kentongan.store"]
    assert opened(province, visit, file)[0] == put(province, visit, file, 1)[0] == 201
    failed = list[Extent]()

    def fail_later(write: Write, extent: Extent, content: bytes) -> None:
        if content != file.chunks[1]:
            failed.append(extent)
            raise StoreFailed("Berkas belum bisa disimpan. Coba lagi sebentar lagi.", "OSError, EIO")
        write(extent, content)

    with writing_by(store, fail_later):
        status, answer = put_together(province, visit, file, 1, file.chunks[1], *file.chunks[1:])
    # Every attempt waits: there are no more than go at once. What is worth another is said before what is not.
    assert (status, answer["kept"]) == (503, kept(file, 2)) and 1 <= len(failed) <= STORED_AT_ONCE
    assert opened(province, visit, file) == (201, {"have": [1, 2]})


def test_a_store_that_has_failed_is_asked_no_more_for_a_request_however_slowly_its_chunks_come(
    province: Province, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, store = client.seal_for(visit, FIVE_CHUNKS), province.app.extensions["kentongan.store"]
    assert opened(province, visit, file)[0] == 201
    asked, begun = list[bytes](), list[Future[None]]()

    def fail(_write: Write, _extent: Extent, content: bytes) -> None:
        asked.append(content)
        raise StoreFailed("Berkas belum bisa disimpan. Coba lagi sebentar lagi.", "OSError, EIO")

    def noted(write: Callable[[Extent, bytes], None], extent: Extent, content: bytes) -> Future[None]:
        begun.append(beside(write, extent, content))
        return begun[-1]

    def slowly() -> Iterator[bytes]:
        for chunk in file.chunks:
            wait(begun)
            yield chunk

    monkeypatch.setattr("complaints.keeping.beside", noted)
    lookup = hashlib.sha256(visit.keys.lookup_token).digest()
    with province.app.app_context(), writing_by(store, fail):
        keeping = keep_chunks_for_reporter(lookup, file.id, 1, slowly())
    assert isinstance(keeping.refused, StoreFailed) and asked == [file.chunks[0]]


def test_three_chunks_of_a_request_are_put_into_the_store_at_once_and_never_more(
    province: Province, visit: Visit
) -> None:
    file, store = client.seal_for(visit, EIGHT_CHUNKS), province.app.extensions["kentongan.store"]
    assert opened(province, visit, file)[0] == 201
    together = Barrier(STORED_AT_ONCE)
    begun, ended, at_once = list[Any](), list[Any](), list[int]()

    def slowly(write: Write, *given: Any) -> None:
        begun.append(given)
        at_once.append(len(begun) - len(ended))
        together.wait(timeout=20)
        time.sleep(0.2)
        write(*given)
        ended.append(given)

    with writing_by(store, slowly):
        assert put_together(province, visit, file, 1, *file.chunks[: 2 * STORED_AT_ONCE])[0] == 201
    assert (len(ended), max(at_once)) == (2 * STORED_AT_ONCE, STORED_AT_ONCE)


def test_what_is_being_kept_when_a_body_breaks_off_ends_with_its_request(province: Province, visit: Visit) -> None:
    file, ended = client.seal_for(visit, FIVE_CHUNKS), list[Extent]()
    assert opened(province, visit, file)[0] == 201

    def slowly(_write: Write, extent: Extent, _content: bytes) -> None:
        time.sleep(0.3)
        ended.append(extent)

    def broken() -> Iterator[bytes]:
        yield from file.chunks[:STORED_AT_ONCE]
        raise EOFError

    lookup, store = hashlib.sha256(visit.keys.lookup_token).digest(), province.app.extensions["kentongan.store"]
    with province.app.app_context(), writing_by(store, slowly), pytest.raises(EOFError):
        keep_chunks_for_reporter(lookup, file.id, 1, broken())
    assert len(ended) == STORED_AT_ONCE


def test_a_file_taken_away_while_its_chunks_come_leaves_nothing_behind(province: Province, visit: Visit) -> None:
    file, store = client.seal_for(visit, FIVE_CHUNKS), province.app.extensions["kentongan.store"]
    assert opened(province, visit, file)[0] == 201
    before = objects(province)

    def taken_away(write: Write, *given: Any) -> None:
        write(*given)
        province.visitor().ask(f"{FILES}/remove", {"token": token(visit), "file": file.id})

    with writing_by(store, taken_away):
        assert said(put_together(province, visit, file, 1, *file.chunks[:2])) == 404
    assert objects(province) == before


def test_chunks_are_a_whole_body_of_bytes_and_no_more_than_so_many(province: Province, visit: Visit) -> None:
    file = client.seal_for(visit, TWO_CHUNKS)
    assert opened(province, visit, file)[0] == 201
    path, visitor = f"{FILES}/{file.id}/chunks/1", province.visitor()
    headers = {"Authorization": f"Bearer {token(visit)}"}
    answer = visitor.client.put(path, base_url="https://localhost", json={"a": 1}, headers=headers)
    assert answer.status_code == 415
    assert len(file.chunks[0]) > LARGEST_REQUEST
    most = file.chunks[0] * MOST_TOGETHER
    assert said(put(province, visit, file, 1, most + bytes(1))) == 413
    # What has no place in this file is refused, and the first is kept.
    assert put(province, visit, file, 1, most)[0] == 400
    assert opened(province, visit, file) == (201, {"have": [1]})


def test_reading_again_tells_what_was_changed_and_what_is_lost(province: Province, visit: Visit) -> None:
    files = [send(province, visit, TWO_CHUNKS), send(province, visit), send(province, visit)]
    waiting = send(province, visit)
    client.act(visit, "message", "", province.visitor().ask, files=files)
    store = province.app.extensions["kentongan.store"]

    def read(file: client.Sealing, *numbers: int, complaint: str = visit.thread["complaint"]) -> bool:
        return is_as_brought(complaint, file.id, file.ref.digest, numbers)

    with province.app.app_context():
        assert [read(file, 1, 2) for file in (*files, waiting)] == [True, True, True, False]
        assert not read(files[0], 1, complaint="0" * 32)
        altered, lost = objects_of(files[0].id)[1], objects_of(files[2].id)[0]
        content = bytearray(store.read(altered))
        content[-1] ^= 1
        store.forget(altered)
        store.keep(altered, bytes(content))
        store.forget(lost)
        assert [read(files[0], 1), read(files[0], 2)] == [True, False]
        assert [read(files[1], 1), read(files[2], 1)] == [True, False]
        db.session.remove()


def objects_of(file: str) -> list[str]:
    """Return the objects' keys of a file, in the order of its chunks."""
    query = select(FileChunk.key).where(FileChunk.file_id == file).order_by(FileChunk.number)
    return list(db.session.scalars(query))
