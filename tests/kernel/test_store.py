"""The object store, on a local folder and on real S3 servers: whole objects or none, and a sentence for the rest."""

import os
import resource
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from kernel import store as storing
from kernel.config import Bucket
from kernel.store import ATTEMPTS, PATIENCE, BucketStore, FolderStore, Store, open_store
from kernel.store_errors import Lost, StoreFailed
from tests.buckets import ACCESS, SECRET, Server
from tests.kernel.stores import CHUNK, NO_ROOM, NOT_KEPT, NOT_READ, everything, failed, key
from tests.server import ROOT, free_port

# Keeps objects until it is killed, and says of each that it is kept.
WRITER = """
import secrets, sys
from pathlib import Path
from kernel.store import open_store
store = open_store(Path(sys.argv[1]))
while True:
    key = secrets.token_hex(16)
    store.keep(key, bytes.fromhex(key) * 65_536)
    print(key, flush=True)
"""


# Everywhere


def test_what_is_kept_is_read_listed_and_forgotten(store: Store) -> None:
    first, second = key(), key()
    assert everything(store) == []
    store.keep(first, CHUNK)
    store.keep(second, b"")
    assert (store.read(first), store.read(second)) == (CHUNK, b"")
    listed = {kept.key: kept for kept in everything(store)}
    assert list(listed) == sorted(listed)
    assert {name: kept.size for name, kept in listed.items()} == {first: len(CHUNK), second: 0}
    # S3 tells whole seconds.
    assert all(abs(kept.at - datetime.now(UTC)) < timedelta(minutes=5) for kept in listed.values())
    store.forget(first)
    store.forget(first)
    assert [kept.key for kept in everything(store)] == [second]


def test_an_object_that_is_not_there_is_lost_and_says_so(store: Store) -> None:
    store.keep(key(), b"another")
    with pytest.raises(Lost, match="tidak ada lagi di tempat penyimpanan"):
        store.read(key())


@pytest.mark.parametrize("name", ["", "../secret", "A" * 32, "a" * 31, "a" * 33, "a" * 32 + "\n", f"{'a' * 30}/b"])
def test_nothing_is_reached_under_what_is_no_key(folder: Path, name: str) -> None:
    (folder.parent / "secret").write_text("here")
    unreached = Bucket("berkas", "", "http://127.0.0.1:9", "us-east-1", ACCESS, SECRET)
    for kind in (FolderStore(folder), BucketStore(unreached)):
        for act in (kind.read, kind.forget, lambda name, kind=kind: kind.keep(name, b"")):
            with pytest.raises(ValueError, match="no key"):
                act(name)


def test_a_taken_key_is_never_written_over(folder: Path, moto: Bucket) -> None:
    for kind in (open_store(folder), open_store(moto)):
        taken = key()
        kind.keep(taken, b"first")
        failed(NOT_KEPT, kind.keep, taken, b"second")
        assert kind.read(taken) == b"first"


def test_what_an_earlier_attempt_kept_is_kept(moto: Bucket) -> None:
    """The answer to the first was lost on the way; the library asks again by itself."""
    taken = key()
    open_store(moto).keep(taken, CHUNK)
    open_store(moto).keep(taken, CHUNK)


# A folder


def test_only_the_owner_may_enter_the_folders(folder: Path) -> None:
    before = os.umask(0)
    try:
        open_store(folder).keep(key(), b"x")
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o700}


def test_an_object_and_its_names_are_on_the_disk_before_it_is_acknowledged(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(opened: int) -> None:
        synced.append(os.path.relpath(os.readlink(f"/proc/self/fd/{opened}"), folder.parent))
        real(opened)

    monkeypatch.setattr(os, "fsync", fsync)
    kept, store = key(), open_store(folder)
    part = f"objects/{kept[:2]}"
    store.keep(kept, b"x")
    # What holds the names of all parts, what holds the folder's, then the object, and what holds its name.
    assert synced == ["objects", ".", f"{part}/{kept}", part]
    synced.clear()
    again = key()
    store.keep(again, b"y")
    assert synced == [f"objects/{again[:2]}/{again}", f"objects/{again[:2]}"]


def test_a_full_disk_leaves_nothing_half(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    store, before = open_store(folder), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(CHUNK) // 2, before[1]))
    try:
        failed(NOT_KEPT, store.keep, kept := key(), CHUNK)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert everything(store) == []
    store.keep(kept, CHUNK)
    assert store.read(kept) == CHUNK
    assert [record.getMessage() for record in caplog.records] == [
        "The store could not keep an object (GenericError, EFBIG)"
    ]


def test_files_leave_the_last_of_a_disk_to_reports(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    usage = os.statvfs(folder)
    monkeypatch.setattr("kernel.store.LEFT_FREE", usage.f_blocks * usage.f_frsize)
    failed(NO_ROOM, (store := open_store(folder)).keep, key(), b"x")
    assert everything(store) == []
    [record] = caplog.records
    assert record.getMessage() == "The store could not keep an object (OSError, ENOSPC)"


def test_what_goes_while_everything_is_listed_is_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As each unfinished object does when it gets its name."""
    store, read = open_store(folder), os.scandir
    store.keep(key(), b"x")

    def scandir(part: Path) -> object:
        entries = list(read(part))
        for entry in entries:
            os.unlink(entry.path)
        return nullcontext(entries)

    monkeypatch.setattr(os, "scandir", scandir)
    assert everything(store) == []


def test_a_disk_that_is_away_is_no_lost_object_and_nothing_takes_its_place(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(folder)
    store.keep(kept := key(), b"x")
    store.answer()
    folder.rename(folder.with_name("away"))
    failed(NOT_READ, store.read, kept)
    failed(NOT_READ, store.answer)
    failed(NOT_READ, everything, store)
    for _turn in range(2):
        failed(NOT_KEPT, open_store(folder).keep, kept, b"x")
    assert not folder.exists() and str(folder) not in caplog.text and kept not in caplog.text


def test_a_writer_killed_in_the_middle_leaves_whole_objects_and_what_the_sweep_can_take(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline().strip() for _turn in range(20)]
        writer.kill()
    store = open_store(folder)
    for listed in everything(store):
        if storing.KEY.fullmatch(listed.key):
            assert store.read(listed.key) == bytes.fromhex(listed.key) * 65_536
    for name in told:
        assert store.read(name) == bytes.fromhex(name) * 65_536
    # As the library leaves one whose writer dies before it has its name.
    half = f"{told[0]}#1"
    (folder / half[:2] / half).write_bytes(b"half")
    (folder / half[:2] / "README").write_text("not ours")
    assert half in {listed.key for listed in everything(store)}
    with pytest.raises(ValueError, match="no key"):
        store.read(half)
    for listed in everything(store):
        store.forget(listed.key)
    assert everything(store) == []
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["README"]


# S3


def test_what_is_not_ours_is_neither_listed_nor_swept(moto: Bucket) -> None:
    ours, other = open_store(replace(moto, prefix="ours")), open_store(replace(moto, prefix="ours/more"))
    other.keep(key(), b"another installation's")
    ours.keep(kept := key(), b"ours")
    assert [listed.key for listed in everything(ours)] == [kept]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"secret_key": "another secret"}, "SignatureDoesNotMatch"),
        ({"access_key": "nobody"}, "InvalidAccessKeyId"),
        ({"name": "tidak-ada"}, "NoSuchBucket"),
    ],
)
def test_wrong_credentials_and_a_missing_bucket_are_told_as_such_and_are_no_lost_object(
    nanio: Server, change: dict[str, str], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    open_store(nanio.bucket).keep(kept := key(), b"x")
    wrong = open_store(replace(nanio.bucket, **change))
    failed(NOT_KEPT, wrong.keep, key(), b"y")
    failed(NOT_READ, wrong.read, kept)
    failed(NOT_READ, everything, wrong)
    failed(NOT_READ, wrong.answer)
    failed("Berkas belum bisa dihapus. Coba lagi sebentar lagi.", wrong.forget, kept)
    open_store(nanio.bucket).answer()
    assert {record.getMessage().partition(", ")[2].rstrip(")") for record in caplog.records} == {reason}
    for secret in (kept, SECRET, "127.0.0.1", "another secret"):
        assert secret not in caplog.text
    assert open_store(nanio.bucket).read(kept) == b"x"


def test_a_server_killed_in_the_middle_keeps_what_it_acknowledged_and_nothing_half(nanio: Server) -> None:
    store, outcome = open_store(nanio.bucket), []
    store.keep(acknowledged := key(), CHUNK)
    cut = key()

    def keep() -> None:
        with pytest.raises(StoreFailed):
            store.keep(cut, CHUNK)
        outcome.append("failed")

    # It stands still with half a request in its hands, and dies so.
    nanio.process.send_signal(signal.SIGSTOP)
    keeping = Thread(target=keep)
    keeping.start()
    keeping.join(0.2)
    nanio.kill()
    keeping.join()
    assert outcome == ["failed"]
    failed(NOT_READ, store.read, acknowledged)
    nanio.start()
    assert store.read(acknowledged) == CHUNK and [kept.key for kept in everything(store)] == [acknowledged]
    store.keep(cut, CHUNK)
    assert store.read(cut) == CHUNK


@contextmanager
def silent() -> Iterator[Bucket]:
    """A server that takes every connection and says nothing."""
    with socket.create_server(("127.0.0.1", free_port()), backlog=50) as listening:
        port = listening.getsockname()[1]
        yield Bucket("berkas", "", f"http://127.0.0.1:{port}", "us-east-1", ACCESS, SECRET)


def test_a_server_that_never_answers_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    """One attempt may last as long as all together may, and none begins after that."""
    assert 2 * PATIENCE <= timedelta(seconds=20)
    with silent() as bucket:
        store = BucketStore(bucket, patience=timedelta(milliseconds=100))
        failed(NOT_KEPT, store.keep, key(), CHUNK)
        failed(NOT_READ, store.read, key())
        failed(NOT_READ, everything, store)


class Late(BaseHTTPRequestHandler):
    """A service that has what it is asked for, and says so only once nobody waits for it any more.

    Or after ten seconds, before the library would give up by itself.
    """

    given_up = Event()

    def do_GET(self) -> None:
        """Wait, and answer."""
        self.given_up.wait(10)
        with suppress(OSError):
            self.send_response(200)
            self.send_header("Content-Length", str(len(CHUNK)))
            self.send_header("Last-Modified", "Thu, 26 Nov 2026 00:00:00 GMT")
            self.send_header("ETag", '"1"')
            self.end_headers()
            self.wfile.write(CHUNK)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_an_answer_that_comes_late_is_not_waited_for() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Late) as behind:
        Thread(target=behind.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{behind.server_address[1]}"
        bucket = Bucket("berkas", "", address, "us-east-1", ACCESS, SECRET)
        try:
            failed(NOT_READ, BucketStore(bucket, patience=timedelta(milliseconds=500)).read, key())
            Late.given_up.set()
            # As soon as it comes in time, the same answer is the object.
            assert BucketStore(bucket).read(key()) == CHUNK
        finally:
            Late.given_up.set()
            behind.shutdown()


class Failing(BaseHTTPRequestHandler):
    """A service that has trouble with whatever it is asked, and counts that."""

    asked: list[str] = []

    def do_GET(self) -> None:
        """Fail."""
        self.asked.append(self.path)
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("part", [(), (3, 4)])
def test_a_server_in_trouble_is_asked_three_times_and_no_more(part: tuple[int, ...]) -> None:
    Failing.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Failing) as behind:
        Thread(target=behind.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{behind.server_address[1]}"
        bucket = Bucket("berkas", "", address, "us-east-1", ACCESS, SECRET)
        failed(NOT_READ, BucketStore(bucket, patience=timedelta(minutes=1)).read, key(), *part)
        behind.shutdown()
    assert len(Failing.asked) == ATTEMPTS


# Only where it is needed


def test_the_library_is_not_loaded_before_the_first_object() -> None:
    program = "import sys, wsgi; print(*sys.modules.keys() & {'obstore', 'PIL', 'pikepdf'})"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    assert loaded.stdout.split() == []
