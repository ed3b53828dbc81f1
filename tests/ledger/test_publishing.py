"""What is published is served byte for byte and nothing else is; what contradicts it is never signed, and is found."""

import os
import secrets
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from casework.rules import TRANSITIONS
from kernel.database import db, put, transaction
from kernel.directory.models import Statement
from kernel.migrating import newest_revision
from kernel.vault import keys_of
from kernel.web import current_settings
from ledger import publishing
from ledger.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.entries import entry_of
from ledger.integrating import BATCH, integrate, state
from ledger.models import Head, PublicEntry, Published
from ledger.notes import Verifier
from ledger.public import Kind
from ledger.publishing import Log, NotPublished, log_of, publish, resume, take_turn, tend
from ledger.tiles import Tile, read_bundle, tiles_of
from ledger.tree import leaf_hash, nodes_of, root_of
from operations.watching import alarms
from tests import client
from tests.ledger.owners import as_owner, unguarded
from tests.ledger.test_integrating import await_entries, some, waiting
from tests.province import Province

ROOT = Path(__file__).parents[2]


def publish_more(count: int) -> int:
    """Have so many more entries integrated and published; return the log's size."""
    if count:
        await_entries(*some(count))
    integrate()
    publish()
    with Session(db.engine) as session:
        return session.scalars(select(Published.size).order_by(Published.size.desc())).first() or 0


def log_here(province: Province) -> Log:
    return log_of(province.app.extensions["kentongan.settings"])


def served(province: Province, path: str) -> TestResponse:
    """Ask for something of the log's, by a session that has seen nothing yet."""
    db.session.remove()
    return province.visitor().get(f"/log/{path}")


def newest(province: Province, log: Verifier) -> Checkpoint:
    return open_checkpoint(served(province, "checkpoint").text, log)


def test_a_stranger_reads_the_whole_log_from_what_is_served(province: Province) -> None:
    log = Verifier.read(served(province, "vkey").text.removesuffix("\n"))
    sizes = [newest(province, log).size, publish_more(1), publish_more(3 * BATCH)]
    for size in sizes:
        assert all(served(province, tile.path).status_code == 200 for tile in tiles_of(size))
    stated = newest(province, log)
    assert stated.size == sizes[-1] > 256
    entries: list[bytes] = []
    for tile in tiles_of(stated.size):
        if tile.level == 0:
            bundle = read_bundle(served(province, Tile(None, tile.index, tile.width).path).data)
            assert served(province, tile.path).data == b"".join(map(leaf_hash, bundle))
            entries += bundle
    assert root_of(nodes_of([leaf_hash(entry) for entry in entries]), stated.size) == stated.root


def test_what_never_changes_may_be_kept_for_ever_and_what_does_for_seconds(province: Province) -> None:
    tile, bundle = served(province, "tile/0/000.p/64"), served(province, "tile/entries/000.p/64")
    checkpoint = served(province, "checkpoint")
    for answer in (tile, bundle):
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (checkpoint.content_type, checkpoint.headers["Cache-Control"]) == (
        "text/plain; charset=utf-8", "public, max-age=5",
    )  # fmt: skip
    for answer in (tile, bundle, checkpoint):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in answer.headers


def test_what_was_not_published_is_nowhere(province: Province) -> None:
    await_entries(*some(BATCH))
    integrate()
    paths = [
        "tile/0/000.p/128", "tile/entries/000.p/128", "tile/0/000.p/63", "tile/0/000.p/65", "tile/0/000",
        "tile/0/001.p/1", "tile/1/000.p/1", "tile/0/0", "tile/63/000", "tile/x", "tile/",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/999", "tile/entries/x999/x999/x999/x999/999.p/1",
    ]  # fmt: skip
    assert [path for path in paths if served(province, path).status_code != 404] == []
    publish()
    assert served(province, "tile/0/000.p/128").status_code == 200
    assert served(province, "tile/0/000.p/64").status_code == 200


def test_publishing_again_changes_nothing_and_many_at_once_publish_once(province: Province) -> None:
    before = served(province, "checkpoint").data
    publish()
    assert served(province, "checkpoint").data == before
    await_entries(*some(3))
    integrate()

    def again(_turn: int) -> None:
        with province.app.app_context():
            publish()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(again, range(4)))
    assert newest(province, log_here(province).verifier).size == 2 * BATCH


@pytest.mark.parametrize("phase", ["keep", "ask_witnesses", "_put"])
def test_a_publisher_that_is_killed_publishes_the_same_the_next_time(province: Province, phase: str) -> None:
    await_entries(*some(3))
    integrate()
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        setattr(publishing, phase, lambda *_given: os.kill(os.getpid(), signal.SIGKILL))
        try:
            publish()
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert newest(province, log_here(province).verifier).size == BATCH
    publish()
    assert newest(province, log_here(province).verifier).size == 2 * BATCH


def test_what_was_taken_over_and_not_published_is_published_alone(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again within seconds: what came in these would be a batch of its own, and tell when it came."""
    tend()
    await_entries(*some(3))
    with monkeypatch.context() as broken:
        broken.setattr(publishing, "_put", lambda *_given: (_ for _ in ()).throw(OSError))
        with pytest.raises(OSError):
            take_turn()
    came = some(1)
    await_entries(*came)
    before = newest(province, log_here(province).verifier).size
    take_turn()
    assert newest(province, log_here(province).verifier).size == before + BATCH
    assert waiting() == set(came)
    take_turn()
    assert newest(province, log_here(province).verifier).size == before + 2 * BATCH
    assert waiting() == set()


def test_a_checkpoint_that_somebody_else_wrote_is_not_taken_for_ours(province: Province) -> None:
    await_entries(*some(3))
    integrate()
    with transaction() as session:
        root = session.scalars(select(Head.root)).one()
        put(session, Published, {"size": 2 * BATCH, "root": root, "note": "x"})
    with pytest.raises(NotPublished, match="not signed here"):
        publish()
    assert publish_more(1) == 3 * BATCH
    assert newest(province, log_here(province).verifier).size == 3 * BATCH


def test_an_older_database_is_not_published(province: Province) -> None:
    log, last = log_here(province), province.instance / "log" / "last"
    last.write_text(sign_checkpoint(Checkpoint(log.origin, 2 * BATCH, os.urandom(32)), log.key))
    with pytest.raises(NotPublished, match="newer backup"):
        publish_more(0)


def test_another_log_of_the_same_length_or_more_is_not_published(province: Province) -> None:
    log, last = log_here(province), province.instance / "log" / "last"
    last.write_text(sign_checkpoint(Checkpoint(log.origin, BATCH, os.urandom(32)), log.key))
    for more in (0, 1):
        with pytest.raises(NotPublished, match="rewritten"):
            publish_more(more)
    assert newest(province, log.verifier).size == BATCH


def test_what_was_signed_last_is_missed_and_can_be_had_from_anybody(province: Province, tmp_path: Path) -> None:
    log, last = log_here(province), province.instance / "log" / "last"
    kept = last.read_text()
    with pytest.raises(NotPublished, match="nothing has to be resumed"):
        resume(kept)
    last.unlink()
    with pytest.raises(NotPublished, match="ledger resume"):
        publish()
    forged = sign_checkpoint(Checkpoint(log.origin, BATCH, os.urandom(32)), log.key)
    for wrong in (forged, kept.replace("kentongan", "kentongan2"), ""):
        with pytest.raises(NotPublished):
            resume(wrong)
    note = tmp_path / "checkpoint"
    note.write_text(kept)
    assert province.app.test_cli_runner().invoke(args=["ledger", "resume", str(note)]).exit_code == 0
    assert publish_more(1) == 2 * BATCH


def test_a_restored_folder_brings_no_older_signature_back() -> None:
    from operations.backup import LEFT_OUT

    assert publishing.FOLDER in LEFT_OUT


def test_an_operator_hears_at_once_that_the_log_is_refused(province: Province) -> None:
    def rings() -> str:
        return next(alarm.sentence for alarm in alarms(current_settings()) if alarm.name == "log")

    log, last = log_here(province), province.instance / "log" / "last"
    kept = last.read_text()
    assert rings() == ""
    last.write_text(sign_checkpoint(Checkpoint(log.origin, 2 * BATCH, os.urandom(32)), log.key))
    assert "restore a newer backup" in rings()
    last.write_text("x")
    assert "log-key" in rings() and "ledger resume" in rings()
    last.unlink()
    assert "not in log/last" in rings()
    last.write_text(kept)
    assert rings() == ""
    as_owner(*unguarded("UPDATE log_tile "), "DELETE FROM log_tile")
    assert "rewritten" in rings()


def test_a_release_the_workflow_and_a_restore_are_public_with_their_bodies(province: Province) -> None:
    for _turn in range(2):
        publishing.announce()
        publishing.note_restored()
    kinds = {row.kind: row for row in public_rows() if row.kind != "statement"}
    assert sorted(kinds) == ["release", "restored", "workflow"]
    digest = {kind: row.entry[32:].hex() for kind, row in kinds.items()}
    # What was not published yet is not shown, not even where it is entered.
    integrate()
    assert served(province, f"public/{digest['release']}").status_code == 404
    publish_more(1)
    for row in public_rows():
        answer = served(province, f"public/{row.entry[32:].hex()}")
        assert answer.text == row.body and answer.headers["Cache-Control"].endswith("immutable")
    script = f"file {sha256((ROOT / 'static/js/element.js').read_bytes()).hexdigest()} js/element.js\n"
    assert script in served(province, f"public/{digest['release']}").text
    workflow = served(province, f"public/{digest['workflow']}").text.splitlines()
    assert workflow[:2] == ["type kentongan/v1/workflow", f"revision {newest_revision()}"]
    assert set(workflow[2:]) == {f"step {' '.join(way)}" for way in TRANSITIONS}
    assert f"size {BATCH}\n" in served(province, f"public/{digest['restored']}").text
    for wrong in ("0" * 64, "x" * 64, digest["release"].upper(), digest["release"][:-1]):
        assert served(province, f"public/{wrong}").status_code == 404


def public_rows() -> list[PublicEntry]:
    with Session(db.engine) as session:
        return list(session.scalars(select(PublicEntry)))


def test_a_statement_that_comes_back_after_the_log_did_stops_nothing(province: Province) -> None:
    with Session(db.engine) as session:
        old = session.scalars(select(Statement).order_by(Statement.id.desc()).limit(1)).one()
        row = {"kind": old.kind, "subject": "f" * 32, "version": 1, "body": old.body.replace(old.subject, "f" * 32)}
    state(Kind.STATEMENT, row["body"])
    publish_more(0)
    with transaction() as session:
        put(session, Statement, row)
    assert publish_more(1) > 2 * BATCH


def test_what_the_log_has_already_happens_again_without_waiting(province: Province) -> None:
    """As an act that an older database lacks, and the log had back from a mirror: it is posted once more."""
    visitor, known = province.visitor(), province.installation()
    keys = keys_of(secrets.token_bytes(32))
    posted = client.envelope(province.answers, keys, known, visitor.ask)
    await_entries(entry_of(keys.ledger_key, 1, posted["body"]))
    integrate()
    assert client.asked(visitor.ask, "/api/v1/complaints", posted)["entry"]
    assert not waiting()


def test_what_was_published_counts_though_what_was_signed_last_is_older(province: Province) -> None:
    last = province.instance / "log" / "last"
    first = last.read_text()
    publish_more(1)
    last.write_text(first)
    with pytest.raises(NotPublished, match="ledger resume"):
        publish()
    last.unlink()
    with pytest.raises(NotPublished, match="ledger resume"):
        resume(first)


def test_before_the_ceremony_nothing_is_served_and_nothing_rings(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    unnamed = replace(current_settings(), root_key=None)
    monkeypatch.setitem(province.app.extensions, "kentongan.settings", unnamed)
    assert [served(province, path).status_code for path in ("vkey", "policy")] == [404, 404]
    assert publishing.refusal() == ""


def test_who_was_killed_while_publishing_keeps_the_others_from_it_for_minutes() -> None:
    assert publishing.tending(demo=False).lease <= timedelta(minutes=5) < publishing.tending(demo=False).every


def test_whoever_serves_the_log_reads_what_its_publisher_wrote_down_and_never_its_seed(province: Province) -> None:
    settings = current_settings()
    paths = ("vkey", "policy", "checkpoint", "bukti")
    before = [served(province, path).text for path in paths]
    seed = settings.instance / publishing.KEY
    seed.rename(seed.with_name("elsewhere"))
    assert [served(province, path).text for path in paths] == before
    assert publishing.refusal() == "" and {alarm.name: alarm.sentence for alarm in alarms(settings)}["log"] == ""
    # Nor has anybody drawn another in its place.
    assert not seed.exists()
    assert (settings.instance / "log-vkey").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("written", [None, "", "kentongan/0+00000000+AAAA", "another installation's"])
def test_without_a_key_of_its_own_written_down_the_log_names_none(province: Province, written: str | None) -> None:
    path = current_settings().instance / "log-vkey"
    if written == "another installation's":
        written = Verifier("kentongan/" + "0" * 32, log_here(province).key.public).vkey
    path.unlink() if written is None else path.write_text(written)
    assert [served(province, name).status_code for name in ("vkey", "policy")] == [404, 404]
    # The publisher writes it anew the next time.
    publish()
    assert served(province, "vkey").text.strip() == log_here(province).verifier.vkey


def test_what_is_published_in_the_middle_of_a_look_contradicts_nothing(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at what was signed last and the look at the log."""
    look, looks = publishing._last, list[int]()  # noqa: SLF001

    def look_and_be_overtaken(folder: Path, log: Verifier) -> Checkpoint | None:
        found = look(folder, log)
        looks.append(1)
        if len(looks) == 1:
            publish_more(1)
        return found

    monkeypatch.setattr(publishing, "_last", look_and_be_overtaken)
    assert publishing.refusal() == "" and len(looks) > 1
