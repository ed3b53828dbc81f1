"""What is held of files while something breaks: the sender reads a sentence and goes on; nothing promised is lost."""

from __future__ import annotations

import json
import resource
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from complaints.files import is_as_brought
from complaints.models import Complaint, File, FileChunk
from kernel.database import db
from kernel.store import Store, current_store, open_store
from operations import sweeping
from tests import client, samples
from tests.buckets import Server, environment_of
from tests.casework.test_timers import inside
from tests.client import Json, Sealing, Visit
from tests.complaints.test_plain_files import body_of, send
from tests.complaints.test_plain_path import filled, phrase_in
from tests.operations import stored
from tests.operations.conftest import Place
from tests.province import HOST, Province
from tests.remains import traces_of
from tests.server import ROOT, environment

FILES = "/api/v1/files"
# Three chunks and a little.
CONTENT = bytes(range(256)) * 12_400
NOT_YET = {"error": "Berkas belum bisa disimpan. Coba lagi sebentar lagi."}
# Makes one request after the other, each in a process of its own, which dies where it is told to.
MORTALS = """
import base64, json, os, signal, sys
from importlib import import_module
from kernel.database import db
from wsgi import create_app

def die(*_told, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

app = create_app(dict(os.environ))
for line in sys.stdin:
    told = json.loads(line)
    child = os.fork()
    if not child:
        with app.app_context():
            db.engine.dispose(close=False)
        module, _, name = told["dies"].partition(":")
        place = import_module(module)
        *owners, name = name.split(".")
        for owner in owners:
            place = getattr(place, owner)
        setattr(place, name, die)
        if told["path"] is None:
            from operations.sweeping import sweep
            with app.app_context():
                sweep()
        else:
            app.test_client().open(
                told["path"], method=told["method"], data=base64.b64decode(told["body"]), headers=told["headers"]
            )
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
PHASES = {
    "its folder is made": "kernel.store:settle",
    "it has no row yet": "complaints.keeping:put",
    "it has its row, and nobody was told": "complaints.api:told_kept",
}


@pytest.fixture
def visit(province: Province) -> Visit:
    """A reporter who has just lodged, looking at his case."""
    return client.visit(province.keys(province.lodge()[0]), province.visitor().ask)


def begun(province: Province, visit: Visit) -> Sealing:
    """Begin a file, and return all of it."""
    file = client.seal_for(visit, CONTENT)
    opening = {"token": visit.keys.lookup_token.hex(), **file.opening}
    client.asked(province.visitor().ask, FILES, opening)
    return file


def put(province: Province, visit: Visit, file: Sealing, number: int) -> tuple[int, Json]:
    path = f"{FILES}/{file.id}/chunks/{number}"
    return province.visitor().put(path, file.chunks[number - 1], visit.keys.lookup_token.hex())


def have(province: Province, visit: Visit, file: Sealing) -> list[int]:
    """Return which chunks are here, as the reporter is told who comes back."""
    files = client.visit(visit.keys, province.visitor().ask).thread["files"]
    return [each["number"] for told in files if told["id"] == file.id for each in told["have"]]


def finished(province: Province, visit: Visit, file: Sealing) -> None:
    """Send what is not here yet, bring the file, and read all of it again."""
    for number in {1, 2, 3, 4} - {*have(province, visit, file)}:
        assert put(province, visit, file, number)[0] == 201
    client.act(visit, "message", "", province.visitor().ask, files=[file])
    with inside(province):
        assert is_as_brought(visit.thread["complaint"], file.id, file.ref.digest, range(1, 5))


@contextmanager
def kept_in(province: Province, store: Store) -> Iterator[None]:
    """Have the application keep files elsewhere."""
    usual = province.app.extensions["kentongan.store"]
    with province.app.app_context():
        lost = _elsewhere(usual)
    province.app.extensions["kentongan.store"] = store
    try:
        yield
    finally:
        province.app.extensions["kentongan.store"] = usual
    with province.app.app_context():
        # What lies there would be missing for whoever looks next.
        for key in _elsewhere(usual) - lost:
            usual.keep(key, store.read(key))


def _elsewhere(store: Store) -> set[str]:
    """Return the keys that rows name and that are not in ``store``."""
    named = set(db.session.scalars(select(FileChunk.key)))
    db.session.remove()
    return named - _there(store)


def _rowless() -> set[str]:
    """Return the keys of objects that no row names."""
    return _there(current_store()) - set(db.session.scalars(select(FileChunk.key)))


def _lodged() -> int:
    return db.session.query(Complaint).count()


def _there(store: Store) -> set[str]:
    return {kept.key for kept in store.keys()}


def test_a_service_that_goes_away_in_mid_upload_is_told_and_the_sender_goes_on_when_it_is_back(
    province: Province, visit: Visit, nanio: Server
) -> None:
    file = begun(province, visit)
    with kept_in(province, open_store(nanio.bucket)):
        assert put(province, visit, file, 1)[0] == 201
        nanio.kill()
        assert put(province, visit, file, 2) == (503, NOT_YET) and have(province, visit, file) == [1]
        # What is here already needs no store, and the case is read and written in as ever.
        assert put(province, visit, file, 1)[0] == 201
        nanio.start()
        with kept_in(province, open_store(replace(nanio.bucket, secret_key="another"))):
            assert put(province, visit, file, 2) == (503, NOT_YET)
        finished(province, visit, file)


def test_a_full_disk_is_told_and_the_sender_goes_on_when_there_is_room(province: Province, visit: Visit) -> None:
    file, before = begun(province, visit), resource.getrlimit(resource.RLIMIT_FSIZE)
    assert put(province, visit, file, 3)[0] == 201
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(file.chunks[0]) // 2, before[1]))
    try:
        assert [put(province, visit, file, number) for number in (1, 2)] == [(503, NOT_YET)] * 2
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert have(province, visit, file) == [3]
    finished(province, visit, file)


@pytest.fixture(scope="module")
def mortals(lived_in: tuple[Place, str]) -> Iterator[Mortals]:
    """Processes of the same installation that can be killed anywhere."""
    with mortals_of(lived_in[0]) as made:
        yield made


class Mortals:
    """A process that makes others, each of which makes one request and dies in it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def die(self, where: str, request: Mapping[str, Any] | None = None) -> None:
        """Have one make a request (or sweep) and die ``where`` a function is called."""
        assert self._process.stdin and self._process.stdout
        told = {"dies": where, "path": None} | dict(request or {})
        print(json.dumps(told), file=self._process.stdin, flush=True)
        assert self._process.stdout.readline() == "-9\n", "it lived"


@contextmanager
def mortals_of(place: Place, **settings: str) -> Iterator[Mortals]:
    """Have such processes of an installation, with ``settings`` besides its own."""
    told = environment(place.instance, DATABASE_URL=place.database.url, **settings)
    with subprocess.Popen(
        [sys.executable, "-c", MORTALS], cwd=ROOT, env=told, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Mortals(process)


def request_of(method: str, path: str, body: bytes, **headers: str) -> dict[str, Any]:
    """Write a request down for one of them."""
    return {"method": method, "path": path, "body": client.base64_of(body), "headers": headers}


def chunks_of(visit: Visit, file: Sealing, first: int, count: int = 1) -> dict[str, Any]:
    token = visit.keys.lookup_token.hex()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
    body = b"".join(file.chunks[first - 1 : first - 1 + count])
    return request_of("PUT", f"{FILES}/{file.id}/chunks/{first}", body, **headers)


def test_a_web_process_killed_in_any_phase_of_a_chunk_loses_nothing_and_leaves_what_the_sweep_takes(
    province: Province, visit: Visit, mortals: Mortals, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = begun(province, visit)
    with inside(province):
        before = _rowless()
    for number, where in enumerate(PHASES.values(), 1):
        mortals.die(where, chunks_of(visit, file, number))
    # Nobody was told of any; one is here, and comes a second time without being kept twice.
    assert have(province, visit, file) == [3] and put(province, visit, file, 3)[0] == 201
    finished(province, visit, file)
    with inside(province):
        assert len(_rowless() - before) == 1
        monkeypatch.setattr(sweeping, "ROWLESS", -sweeping.ROWLESS)
        sweeping.sweep()
        assert _rowless() == set()
        assert is_as_brought(visit.thread["complaint"], file.id, file.ref.digest, range(1, 5))


def test_a_web_process_killed_with_several_chunks_at_once_has_rows_of_all_or_of_none_of_them(
    province: Province, visit: Visit, mortals: Mortals
) -> None:
    file = begun(province, visit)
    mortals.die(PHASES["it has no row yet"], chunks_of(visit, file, 1, 3))
    assert have(province, visit, file) == []
    mortals.die(PHASES["it has its row, and nobody was told"], chunks_of(visit, file, 2, 3))
    assert have(province, visit, file) == [2, 3, 4]
    finished(province, visit, file)


def test_a_web_process_killed_while_a_form_brings_a_file_leaves_the_text_and_what_the_sweep_takes(
    province: Province, mortals: Mortals, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, sent = filled(), ("rekaman.wav", b"RIFF\0\0\0\0WAVE" + CONTENT)
    body, kind = body_of(province, form, sent)
    with inside(province):
        before, lodged = _rowless(), _lodged()
    # One chunk is written by then, others may be.
    lodging = request_of("POST", HOST + "/lapor", body, **{"Content-Type": kind, "Origin": HOST})
    mortals.die("complaints.arriving:KeptChunk", lodging)
    with inside(province):
        assert len(_rowless() - before) == 1 and _lodged() == lodged + 1
    visit = client.visit(province.keys(phrase_in(send(province, form, sent))), province.visitor().ask)
    assert [(told["chunks"], told["seq"]) for told in visit.thread["files"]] == [(4, 2)]
    with inside(province):
        assert _lodged() == lodged + 1
        monkeypatch.setattr(sweeping, "ROWLESS", -sweeping.ROWLESS)
        sweeping.sweep()
        assert _rowless() == set()


def test_a_web_process_killed_while_it_has_a_photograph_cleaned_leaves_nothing_of_it_anywhere(
    province: Province, lived_in: tuple[Place, str], tmp_path: Path
) -> None:
    name, photograph = f"kenari-{secrets.token_hex(12)}", samples.photograph()
    body, kind = body_of(province, filled(), (f"{name}.jpg", photograph))
    lodging = request_of("POST", HOST + "/lapor", body, **{"Content-Type": kind, "Origin": HOST})
    with mortals_of(lived_in[0], TMPDIR=str(tmp_path)) as mortals:
        # It is about to be given to the process that cleans it; or has come back, and nothing of that is sealed yet.
        for where in ("complaints.cleaning:_in_time", "complaints.cleaning:_read"):
            mortals.die(where, lodging)
    assert list(tmp_path.iterdir()) == []
    assert traces_of(province.app, [name, samples.CANARY, photograph[:400]]) == []


def test_a_web_process_killed_while_it_brings_a_file_has_brought_none_or_all_of_it(
    province: Province, visit: Visit, mortals: Mortals
) -> None:
    file = begun(province, visit)
    for number in (1, 2, 3, 4):
        put(province, visit, file, number)
    posted: list[Json] = []

    def overheard(_path: str, body: Json | None = None) -> tuple[int, Json]:
        posted.append(body or {})
        return 201, {}

    client.act(visit, "message", "", overheard, files=[file])
    written = json.dumps(posted[0]).encode()
    act = request_of("POST", "/api/v1/threads/acts", written, **{"Content-Type": "application/json"})
    mortals.die("complaints.services:bring", act)
    assert have(province, visit, file) == [1, 2, 3, 4]
    mortals.die("complaints.api:jsonify", act)
    seen = client.visit(visit.keys, province.visitor().ask).thread
    assert [(told["id"], told["seq"]) for told in seen["files"]] == [(file.id, 2)] and seen["version"] == 2


def test_a_worker_killed_while_it_sweeps_leaves_what_the_next_takes(
    province: Province, mortals: Mortals, monkeypatch: pytest.MonkeyPatch
) -> None:
    with inside(province):
        key = stored.kept()
        file = stored.opened(7, key)
    mortals.die("operations.sweeping:delete")
    with inside(province):
        assert db.session.get(File, file) is not None and key in _there(current_store())
    mortals.die("kernel.store:FolderStore.forget")
    with inside(province):
        assert db.session.get(File, file) is None and key in _there(current_store())
        monkeypatch.setattr(sweeping, "ROWLESS", -sweeping.ROWLESS)
        sweeping.sweep()
        assert key not in _there(current_store())


def test_beside_a_bucket_too_who_is_killed_loses_nothing_and_leaves_what_the_sweep_takes(
    province: Province, visit: Visit, lived_in: tuple[Place, str], nanio: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, store = begun(province, visit), open_store(nanio.bucket)
    with kept_in(province, store), mortals_of(lived_in[0], **environment_of(nanio.bucket)) as mortals:
        mortals.die(PHASES["it has no row yet"], chunks_of(visit, file, 1, 3))
        assert have(province, visit, file) == [] and len(_there(store)) == 3
        mortals.die(PHASES["it has its row, and nobody was told"], chunks_of(visit, file, 2, 3))
        assert have(province, visit, file) == [2, 3, 4]
        finished(province, visit, file)
        with inside(province):
            unsent = stored.opened(7, key := stored.kept())
        mortals.die("operations.sweeping:delete")
        with inside(province):
            assert db.session.get(File, unsent) is not None and key in _there(store)
        mortals.die("kernel.store:BucketStore.forget")
        with inside(province):
            assert db.session.get(File, unsent) is None and key in _there(store) and len(_rowless()) == 4
            with monkeypatch.context() as later:
                later.setattr(sweeping, "ROWLESS", -sweeping.ROWLESS)
                sweeping.sweep()
            assert _rowless() == set() and len(_there(store)) == 4
            assert is_as_brought(visit.thread["complaint"], file.id, file.ref.digest, range(1, 5))
    with inside(province):
        # What lies elsewhere is not missing.
        sweeping.look()
