"""Chunks that come together lie in one object: each is read and judged alone, and nothing is left of what failed."""

import errno
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from complaints import plain
from complaints.files import extents_of, is_as_brought, read_extents
from complaints.keeping import keep_chunks_for_reporter
from kernel.database import db
from kernel.refusal import Conflict
from kernel.store import KEY, Extent, _Growing
from kernel.store_errors import StoreFailed
from kernel.vault import BOXED_BYTES, CHUNK_BYTES
from tests import client
from tests.client import Sealing, Visit
from tests.complaints.test_files import (
    FIVE_CHUNKS, FILES, again, kept, objects, opened, put_together, token, visit,
)  # fmt: skip
from tests.complaints.test_plain_files import left_out, opened as opened_files, phrase_in, seen, send
from tests.complaints.test_plain_path import filled
from tests.complaints.written import Write, writing_by
from tests.province import Province
from tests.soundness import store_faults

__all__ = ["visit"]
SEALED = CHUNK_BYTES + BOXED_BYTES
NOT_YET = "Berkas belum bisa disimpan. Coba lagi sebentar lagi."


def together(province: Province, visit: Visit) -> tuple[Sealing, Path]:
    """Send a file of five chunks in one request; return it, and the one object that they lie in."""
    file, before = client.seal_for(visit, FIVE_CHUNKS), objects(province)
    assert opened(province, visit, file)[0] == put_together(province, visit, file, 1, *file.chunks)[0] == 201
    [key] = objects(province) - before
    return file, Path(str(province.app.extensions["kentongan.store"].path_of(key)))


def test_they_lie_one_behind_the_other_and_each_is_read_by_itself(province: Province, visit: Visit) -> None:
    file, there = together(province, visit)
    client.act(visit, "message", "", province.visitor().ask, files=[file])
    assert there.read_bytes() == b"".join(file.chunks)
    with province.app.app_context():
        with Session(db.engine) as session:
            extents = extents_of(session, visit.thread["complaint"], file.id, range(2, 6))
        assert list(read_extents(extents)) == list(file.chunks[1:])
        assert is_as_brought(visit.thread["complaint"], file.id, file.ref.digest, range(1, 6))


def flipped(there: Path, at: int) -> None:
    with there.open("r+b") as file:
        file.seek(at)
        [byte] = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ 1]))


def cut(there: Path, at: int) -> None:
    os.truncate(there, at)


def gone(there: Path, _at: int) -> None:
    there.unlink()


@pytest.mark.parametrize(
    ("mischief", "at", "wrong"),
    [
        (flipped, 2 * (CHUNK_BYTES + 29), {3}),
        (flipped, 3 * (CHUNK_BYTES + 29) - 1, {3}),
        (cut, 4 * (CHUNK_BYTES + 29) + 7, {5}),
        (cut, 3 * (CHUNK_BYTES + 29), {4, 5}),
        (gone, 0, {1, 2, 3, 4, 5}),
    ],
)
def test_what_is_changed_in_an_object_is_noticed_of_the_chunk_that_it_is_in(
    province: Province, visit: Visit, mischief: Callable[[Path, int], None], at: int, wrong: set[int]
) -> None:
    file, there = together(province, visit)
    client.act(visit, "message", "", province.visitor().ask, files=[file])
    whole = there.read_bytes()
    mischief(there, at)
    with province.app.app_context():
        found = {
            number for number in range(1, 6)
            if not is_as_brought(visit.thread["complaint"], file.id, file.ref.digest, {number})
        }  # fmt: skip
    # What is gone would be missing for whoever looks at this province next.
    there.write_bytes(whole)
    assert found == wrong


def test_a_file_that_is_taken_away_takes_the_object_of_all_its_chunks_away(province: Province, visit: Visit) -> None:
    file, there = together(province, visit)
    assert province.visitor().ask(f"{FILES}/remove", {"token": token(visit), "file": file.id}) == (200, {})
    assert not there.exists()


def test_what_could_be_written_in_part_alone_leaves_no_object_behind(province: Province, visit: Visit) -> None:
    file, before = client.seal_for(visit, FIVE_CHUNKS), objects(province)
    assert opened(province, visit, file)[0] == 201

    def in_part(write: Write, extent: Extent, content: bytes) -> None:
        write(extent, content[:1000])
        raise StoreFailed(NOT_YET, "OSError, ENOSPC")

    with writing_by(province.app.extensions["kentongan.store"], in_part):
        assert put_together(province, visit, file, 1, *file.chunks) == (503, {"error": NOT_YET})
    assert objects(province) == before


def refuse_to_settle(_file: int) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_what_cannot_be_settled_is_not_acknowledged_and_not_left_behind(
    province: Province, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, before = client.seal_for(visit, FIVE_CHUNKS), objects(province)
    assert opened(province, visit, file)[0] == 201
    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", refuse_to_settle)
        assert put_together(province, visit, file, 1, *file.chunks) == (503, {"error": NOT_YET})
    assert objects(province) == before and opened(province, visit, file) == (201, {"have": []})
    assert put_together(province, visit, file, 1, *file.chunks)[0] == 201
    client.act(visit, "message", "", province.visitor().ask, files=[file])
    assert [told["seq"] for told in again(province, visit).thread["files"]] == [2]


def test_without_javascript_eight_chunks_lie_in_each_object(province: Province) -> None:
    before, content = objects(province), bytes(17 * CHUNK_BYTES)
    answer = send(province, filled(), ("a.bin", content))
    assert not left_out(answer) and len(objects(province) - before) == 3
    [file] = opened_files(province, seen(province, phrase_in(answer)))
    assert file.content == content


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_without_javascript_what_cannot_be_settled_is_left_out_with_all_its_objects(
    province: Province, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    before, turns, usual = objects(province), iter(range(1, 100)), os.fsync

    def fails_once(file: int) -> None:
        # Each object is settled in two steps, its content and its name.
        if (next(turns) + 1) // 2 == failing:
            refuse_to_settle(file)
        usual(file)

    form = filled()
    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", fails_once)
        answer = send(province, form, ("a.bin", bytes(17 * CHUNK_BYTES)))
    assert left_out(answer) == {"a.bin": NOT_YET} and objects(province) == before


def test_without_javascript_what_is_being_settled_when_another_fails_ends_with_its_request(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended, written, usual = list[int](), list[int](), count(1), os.fsync

    def slowly(file: int) -> None:
        begun.append(file)
        time.sleep(0.5)
        usual(file)
        ended.append(file)

    def fails_once(write: Write, extent: Extent, content: bytes) -> None:
        if next(written) == 9:
            raise StoreFailed(NOT_YET, "OSError, EIO")
        write(extent, content)

    form = filled()
    with monkeypatch.context() as slow, writing_by(province.app.extensions["kentongan.store"], fails_once):
        slow.setattr("os.fsync", slowly)
        answer = send(province, form, ("a.bin", bytes(17 * CHUNK_BYTES)))
        assert begun == ended != []
    assert left_out(answer) == {"a.bin": NOT_YET}


def open_objects() -> set[str]:
    """Return the keys of the objects that this process has open, those that are forgotten already included."""
    names = (_opened_as(number).name.removesuffix(" (deleted)") for number in os.listdir("/proc/self/fd"))
    return {*filter(KEY.fullmatch, names)}


def _opened_as(number: str) -> Path:
    try:
        return Path("/proc/self/fd", number).readlink()
    except FileNotFoundError:  # closed since, as that is by which they were listed
        return Path()


@pytest.mark.parametrize("failing", [0, 2, 10])
def test_no_object_stays_open_after_its_request_be_it_kept_or_not(
    province: Province, visit: Visit, failing: int
) -> None:
    file, written, before = client.seal_for(visit, FIVE_CHUNKS), count(1), open_objects()
    assert opened(province, visit, file)[0] == 201

    def fails_once(write: Write, extent: Extent, content: bytes) -> None:
        if next(written) == failing:
            raise StoreFailed(NOT_YET, "OSError, EIO")
        write(extent, content)

    store, form = province.app.extensions["kentongan.store"], filled()
    with writing_by(store, fails_once):
        assert put_together(province, visit, file, 1, *file.chunks)[0] == (503 if failing == 2 else 201)
        assert left_out(send(province, form, ("a.bin", bytes(17 * CHUNK_BYTES)))).keys() == (
            {"a.bin"} if failing == 10 else set()
        )
    assert open_objects() <= before


def test_of_a_large_file_without_javascript_no_more_than_two_objects_are_open(province: Province) -> None:
    at_once, before = list[int](), open_objects()

    def noted(write: Write, extent: Extent, content: bytes) -> None:
        write(extent, content)
        at_once.append(len(open_objects() - before))

    form = filled()
    with writing_by(province.app.extensions["kentongan.store"], noted):
        assert not left_out(send(province, form, ("a.bin", bytes(41 * CHUNK_BYTES))))
    assert max(at_once) <= 2


def test_without_javascript_an_object_is_settled_after_all_that_is_written_into_it(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, settled, usual = list[Extent](), list[int](), _Growing.settle

    def slowly(write: Write, extent: Extent, content: bytes) -> None:
        # Those before the last of an object end after it.
        if extent.begins in {5 * SEALED, 6 * SEALED}:
            time.sleep(0.3)
        write(extent, content)
        ended.append(extent)

    def noted(writing: _Growing) -> None:
        settled.append(sum(extent.key == writing._key for extent in ended))
        usual(writing)

    form = filled()
    with monkeypatch.context() as heard, writing_by(province.app.extensions["kentongan.store"], slowly):
        heard.setattr(_Growing, "settle", noted)
        answer = send(province, form, ("a.bin", bytes(15 * CHUNK_BYTES)))
    assert not left_out(answer) and settled == [8, 7]


def test_without_javascript_what_is_being_written_when_another_fails_ends_with_its_request(province: Province) -> None:
    before, begun, ended, written = objects(province), list[Extent](), list[Extent](), count(1)

    def fails_once(write: Write, extent: Extent, content: bytes) -> None:
        turn = next(written)
        begun.append(extent)
        # The first of the second object has not made its file yet when the last of the first fails.
        time.sleep(0.5 if turn == 9 else 0)
        ended.append(extent)
        if turn == 8:
            raise StoreFailed(NOT_YET, "OSError, EIO")
        write(extent, content)

    form = filled()
    with writing_by(province.app.extensions["kentongan.store"], fails_once):
        answer = send(province, form, ("a.bin", bytes(17 * CHUNK_BYTES)))
        assert len(begun) == len(ended)
    assert left_out(answer) == {"a.bin": NOT_YET} and objects(province) == before


def test_a_file_begun_anew_in_another_size_while_its_chunks_come_gets_none_of_them(
    province: Province, visit: Visit
) -> None:
    file, other, before = client.seal_for(visit, FIVE_CHUNKS), client.seal_for(visit, b"Kuitansi"), objects(province)
    ask, lookup = province.visitor().ask, hashlib.sha256(visit.keys.lookup_token).digest()
    assert opened(province, visit, file)[0] == 201

    def coming() -> Iterator[bytes]:
        assert ask(f"{FILES}/remove", {"token": token(visit), "file": file.id})[0] == 200
        assert ask(FILES, {"token": token(visit), **other.opening, "file": file.id})[0] == 201
        yield file.chunks[0]

    with province.app.app_context():
        keeping = keep_chunks_for_reporter(lookup, file.id, 1, coming())
    # How far a chunk is read follows from its file's size: brought, it would be damaged evidence for ever.
    assert keeping.digests == {} and keeping.refused and keeping.refused.status == 400
    assert objects(province) == before


def test_an_empty_folder_that_somebody_has_cleared_away_is_made_anew(province: Province, visit: Visit) -> None:
    file, folder = client.seal_for(visit, FIVE_CHUNKS), province.app.extensions["kentongan.store"].folder
    assert opened(province, visit, file)[0] == put_together(province, visit, file, 1, file.chunks[0])[0] == 201
    for part in folder.iterdir():
        with suppress(OSError):  # not empty
            part.rmdir()
    answers = [put_together(province, visit, file, number, file.chunks[number - 1]) for number in range(2, 6)]
    assert [status for status, _answer in answers] == [201] * 4


def test_a_chunk_that_another_came_before_is_not_acknowledged_and_the_one_beside_it_stays(
    province: Province, visit: Visit
) -> None:
    file, turns = client.seal_for(visit, FIVE_CHUNKS), count(1)
    other = file.chunks[0][:-1] + bytes([file.chunks[0][-1] ^ 1])
    assert opened(province, visit, file)[0] == 201

    def overtaken(write: Write, extent: Extent, content: bytes) -> None:
        if next(turns) == 1:
            assert put_together(province, visit, file, 1, other)[0] == 201
        write(extent, content)

    with writing_by(province.app.extensions["kentongan.store"], overtaken):
        status, answer = put_together(province, visit, file, 1, *file.chunks[:2])
    assert (status, answer["kept"]) == (409, kept(file, 2))
    assert put_together(province, visit, file, 1, other, *file.chunks[1:])[0] == 201
    with province.app.app_context():
        mine = [row for row in store_faults(db.engine, province.app.extensions["kentongan.store"]) if file.id in row]
    assert mine == []


def test_without_javascript_what_was_brought_stays_also_where_its_act_seems_refused(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, turns, content = plain.act, count(1), bytes(9 * CHUNK_BYTES)

    def refused_after(*told: Any) -> None:
        usual(*told)
        if next(turns) == 1:
            raise Conflict("Sudah ada yang lain.")

    form = filled()
    with monkeypatch.context() as late:
        late.setattr(plain, "act", refused_after)
        answer = send(province, form, ("a.bin", content))
    assert not left_out(answer)
    assert [file.content for file in opened_files(province, seen(province, phrase_in(answer)))] == [content]
