"""Contents that come one after another: what was settled is read whole, each from where it was placed."""

import errno
import hashlib
import os
import resource
import secrets
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Barrier

import pytest

from kernel.store import Extent, Store, Writing, open_store
from kernel.store_errors import Lost, StoreFailed, refused
from tests.buckets import Server
from tests.kernel.stores import CHUNK, NO_ROOM, NOT_KEPT, everything, failed, key
from tests.server import ROOT

CONTENTS = [CHUNK, b"x", secrets.token_bytes(4096), secrets.token_bytes(1_000_003), CHUNK[::-1]]
# Writes three at a time until it is killed, and says of each that is settled where it is and what it was.
WRITER = """
import hashlib, secrets, sys
from pathlib import Path
from kernel.store import open_store
store = open_store(Path(sys.argv[1]))
while True:
    writing, told = store.writing(), []
    for _turn in range(3):
        content = secrets.token_bytes(300_007)
        extent = writing.place(len(content))
        writing.write(extent, content)
        told.append(f"{extent.key} {extent.begins} {extent.size} {hashlib.sha256(content).hexdigest()}")
    writing.settle()
    writing.close()
    print(*told, sep="\\n", flush=True)
"""


def write(writing: Writing, *contents: bytes) -> list[Extent]:
    """Place and write contents, one after another."""
    extents = [writing.place(len(content)) for content in contents]
    for extent, content in zip(extents, contents, strict=True):
        writing.write(extent, content)
    return extents


def written(store: Store, *contents: bytes) -> list[Extent]:
    """Write contents and settle them."""
    with closing(store.writing()) as writing:
        extents = write(writing, *contents)
        writing.settle()
    return extents


def read(store: Store, extent: Extent) -> bytes:
    return store.read(extent.key, extent.begins, extent.size)


def opened() -> set[str]:
    """Return which files this process holds open; connections come and go with what other tests have begun."""
    held = {os.readlink(entry) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()}
    return {path for path in held if path.startswith("/")}


@contextmanager
def told_of() -> Iterator[list[str]]:
    """Give why a store has not kept what it was given, each time that it says so."""
    reasons: list[str] = []

    def note(_store: Store, reason: str) -> None:
        reasons.append(reason)

    with refused.connected_to(note):
        yield reasons


def breaking(monkeypatch: pytest.MonkeyPatch, what: Path, number: int) -> None:
    """Have the disk fail to settle one file, or one folder."""
    real = os.fsync

    def fsync(file: int) -> None:
        if os.readlink(f"/proc/self/fd/{file}") == str(what):
            raise OSError(number, os.strerror(number))
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)


# Everywhere


def test_what_is_written_one_after_another_is_read_back_from_its_own_place(store: Store) -> None:
    with closing(store.writing()) as writing:
        extents = write(writing, *CONTENTS)
        writing.settle()
        assert sorted(writing.keys) == sorted({extent.key for extent in extents})
    assert [read(store, extent) for extent in extents] == CONTENTS
    assert [extent.size for extent in extents] == list(map(len, CONTENTS))
    sizes = {kept.key: kept.size for kept in everything(store)}
    assert sizes == {name: sum(each.size for each in extents if each.key == name) for name in writing.keys}


def test_what_several_threads_write_at_once_in_any_order_is_where_it_was_placed(store: Store) -> None:
    contents = [secrets.token_bytes(200_000 + number) for number in range(8)]
    began = Barrier(len(contents))
    with closing(store.writing()) as writing, ThreadPoolExecutor(len(contents)) as threads:
        extents = [writing.place(len(content)) for content in contents]

        def put(number: int) -> None:
            began.wait()
            writing.write(extents[number], contents[number])

        list(threads.map(put, reversed(range(len(contents)))))
        writing.settle()
    assert [read(store, extent) for extent in extents] == contents


def test_any_part_of_an_object_is_read(store: Store) -> None:
    store.keep(kept := key(), CHUNK)
    for begins, size in [(0, 1), (5, 70_000), (len(CHUNK) - 1, 1), (0, len(CHUNK))]:
        assert store.read(kept, begins, size) == CHUNK[begins : begins + size]


def test_a_part_of_what_is_not_there_is_lost(store: Store) -> None:
    store.keep(key(), b"another")
    with pytest.raises(Lost, match="tidak ada lagi di tempat penyimpanan"):
        store.read(key(), 3, 4)


def test_nothing_is_made_where_nothing_was_written(store: Store) -> None:
    for sizes in ([], [5, 5]):
        with closing(store.writing()) as writing:
            for size in sizes:
                writing.place(size)
            writing.settle()
        assert everything(store) == []
        # Whoever gives up has these forgotten.
        for name in writing.keys:
            store.forget(name)


# A folder


def test_a_folder_has_one_file_of_them_that_is_its_owners_alone(folder: Path) -> None:
    before = os.umask(0)
    try:
        extents = written(open_store(folder), *CONTENTS)
    finally:
        os.umask(before)
    [file] = [path for path in folder.rglob("*") if path.is_file()]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes() == b"".join(CONTENTS)
    ends = [extent.begins + extent.size for extent in extents]
    assert {extent.key for extent in extents} == {file.name} and [each.begins for each in extents] == [0, *ends[:-1]]


def test_of_an_object_that_was_cut_as_much_is_read_as_there_is(folder: Path) -> None:
    store = open_store(folder)
    first, second, third = written(store, b"first", b"second", b"third")
    os.truncate(folder / first.key[:2] / first.key, 8)
    assert [read(store, extent) for extent in (first, second, third)] == [b"first", b"sec", b""]


def test_settling_has_the_bytes_and_then_the_name_on_the_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(file: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{file}"))
        synced.append(f"{os.path.relpath(path, folder.parent)} {path.stat().st_size if path.is_file() else ''}")
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    store = open_store(folder)
    with closing(store.writing()) as writing:
        extent = write(writing, b"one", b"two")[0]
        # What holds the names of all parts, and what holds the folder's.
        assert synced == ["objects ", ". "]
        writing.settle()
    part = f"objects/{extent.key[:2]}"
    # Then all of the object, and what holds its name.
    assert synced[2:] == [f"{part}/{extent.key} 6", f"{part} "]


def test_what_a_writer_had_settled_when_it_was_killed_is_whole_and_the_rest_can_be_swept(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline().split() for _turn in range(30)]
        writer.kill()
    store = open_store(folder)
    for name, begins, size, digest in told:
        assert hashlib.sha256(store.read(name, int(begins), int(size))).hexdigest() == digest
    assert {name for name, *_where in told} <= {kept.key for kept in everything(store)}
    for kept in everything(store):
        store.forget(kept.key)
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_what_fills_the_disk_is_refused_and_what_was_there_before_stays(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store, before = open_store(folder), resource.getrlimit(resource.RLIMIT_FSIZE)
    with closing(store.writing()) as writing, told_of() as reasons:
        [first] = write(writing, CHUNK)
        second = writing.place(len(CHUNK))
        # In the middle of the second: the system takes a part of it, and then no more.
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(CHUNK) + 4096, before[1]))
        try:
            failed(NOT_KEPT, writing.write, second, CHUNK)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        [third] = write(writing, b"third")
        writing.settle()
    assert (read(store, first), read(store, third)) == (CHUNK, b"third")
    assert reasons == ["OSError, EFBIG"]
    assert [record.getMessage() for record in caplog.records] == ["The store could not keep an object (OSError, EFBIG)"]


def test_the_last_of_a_disk_is_left_to_reports(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, usage = open_store(folder), os.statvfs(folder)
    with closing(store.writing()) as writing, told_of() as reasons:
        [first] = write(writing, CHUNK)
        second = writing.place(1)
        monkeypatch.setattr("kernel.store.LEFT_FREE", usage.f_blocks * usage.f_frsize)
        failed(NO_ROOM, writing.write, second, b"x")
        writing.settle()
    assert read(store, first) == CHUNK and reasons == ["OSError, ENOSPC"]
    with closing(store.writing()) as writing:
        failed(NO_ROOM, writing.write, writing.place(1), b"x")
    assert [kept.key for kept in everything(store)] == [first.key]


@pytest.mark.parametrize(("number", "sentence"), [(errno.EIO, NOT_KEPT), (errno.ENOSPC, NO_ROOM)])
@pytest.mark.parametrize("what", ["the object", "its folder"])
def test_what_the_disk_does_not_settle_is_not_kept_and_nothing_stays_open(
    folder: Path, monkeypatch: pytest.MonkeyPatch, what: str, number: int, sentence: str
) -> None:
    store, before = open_store(folder), opened()
    with closing(store.writing()) as writing, told_of() as reasons:
        [extent] = write(writing, CHUNK)
        assert len(opened()) == len(before) + 1
        path = folder / extent.key[:2]
        breaking(monkeypatch, path / extent.key if what == "the object" else path, number)
        failed(sentence, writing.settle)
    assert reasons == [f"OSError, {errno.errorcode[number]}"] and opened() == before


def test_a_file_system_that_takes_no_hints_keeps_what_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def takes_none(*_asked: int) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(os, "posix_fadvise", takes_none)
    store = open_store(folder)
    assert [read(store, extent) for extent in written(store, *CONTENTS)] == CONTENTS


def test_whoever_gives_up_leaves_nothing_open_and_an_object_to_forget(folder: Path) -> None:
    store, before = open_store(folder), opened()
    with pytest.raises(KeyboardInterrupt), closing(store.writing()) as writing:
        write(writing, CHUNK)
        raise KeyboardInterrupt
    writing.close()
    assert opened() == before
    assert [kept.key for kept in everything(store)] == writing.keys
    store.forget(writing.keys[0])
    assert everything(store) == []


def test_a_file_that_is_badly_closed_is_closed_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As network file systems tell at the end what was wrong before; its number may be another file's by then."""
    real, closed = os.close, list[int]()

    def close(file: int) -> None:
        closed.append(file)
        real(file)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    store = open_store(folder)
    store.keep(key(), b"the folders are there")
    with closing(store.writing()) as writing:
        [extent] = write(writing, CHUNK)
        writing.settle()
        with monkeypatch.context() as patched:
            patched.setattr(os, "close", close)
            writing.close()
            writing.close()
    assert len(closed) == 1 and read(store, extent) == CHUNK


def test_a_disk_that_goes_while_something_is_written_has_not_kept_it(folder: Path) -> None:
    store = open_store(folder)
    with closing(store.writing()) as writing:
        write(writing, CHUNK)
        folder.rename(folder.with_name("away"))
        failed(NOT_KEPT, writing.settle)
    with closing(store.writing()) as writing:
        failed(NOT_KEPT, writing.write, writing.place(1), b"x")
    assert not folder.exists()


def test_an_object_under_a_taken_key_is_neither_written_over_nor_forgotten(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(folder)
    store.keep(taken := key(), b"first")
    monkeypatch.setattr("kernel.store.new_key", lambda: taken)
    with closing(store.writing()) as writing:
        failed(NOT_KEPT, writing.write, writing.place(6), b"second")
    assert store.read(taken) == b"first" and writing.keys == []


# S3


def test_a_bucket_has_an_object_of_each(bucket_store: Store) -> None:
    extents = written(bucket_store, *CONTENTS)
    assert len({extent.key for extent in extents}) == len(CONTENTS)
    assert [extent.begins for extent in extents] == [0] * len(CONTENTS)
    for extent, content in zip(extents, CONTENTS, strict=True):
        assert bucket_store.read(extent.key) == content


def test_what_a_bucket_has_refused_is_nothing_to_forget(nanio: Server) -> None:
    with closing(open_store(nanio.bucket).writing()) as writing, told_of() as reasons:
        [first] = write(writing, CHUNK)
        nanio.kill()
        failed(NOT_KEPT, writing.write, writing.place(1), b"x")
        writing.settle()
        assert writing.keys == [first.key] and len(reasons) == 1
    nanio.start()
    assert read(open_store(nanio.bucket), first) == CHUNK


def test_of_a_bucket_s_object_that_is_shorter_as_much_is_read_as_there_is(bucket_store: Store) -> None:
    bucket_store.keep(short := key(), b"0123456789")
    bucket_store.keep(empty := key(), b"")
    asked = [(short, 8, 4), (short, 10, 4), (short, 12, 4), (short, 0, 12), (empty, 0, 1)]
    assert [bucket_store.read(*each) for each in asked] == [b"89", b"", b"", b"0123456789", b""]
    with pytest.raises(StoreFailed):
        bucket_store.read(key(), 8, 4)
