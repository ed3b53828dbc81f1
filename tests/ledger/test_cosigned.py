"""What our log publishes with its witnesses' signatures, on both databases, whoever of them answers."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from kernel import clock
from kernel.database import db, transaction
from kernel.vault import SigningKey
from ledger import asking, verify
from ledger.integrating import BATCH, integrate
from ledger.models import Cosignature
from ledger.notes import COSIGNATURE, Verifier
from ledger.publishing import log_of, publish
from ledger.witnessing import Witness, learn
from ledger.witnessing import served as witnessing
from tests.ledger.test_integrating import await_entries, some
from tests.ledger.test_publishing import as_owner, unguarded
from tests.ledger.test_verify import told_by
from tests.province import Province, own_province
from tests.vectors.inputs import drawn

DEAD = Verifier("dead.example", SigningKey.from_seed(drawn("a dead witness")).public, COSIGNATURE).vkey


@pytest.fixture(params=["sqlite", "postgresql"])
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province of its own, of which nothing is published yet."""
    for made in own_province(request, tmp_path_factory):
        with made.app.app_context():
            integrate()
            yield made


@pytest.fixture
def witness(province: Province, tmp_path: Path) -> Iterator[tuple[Witness, str]]:
    """Our own witness of this log, listening; and where."""
    tmp_path.chmod(0o700)
    (tmp_path / "name").write_text("ngo.example\n")
    learn(tmp_path, served(province, "vkey").strip())
    found = Witness.open(tmp_path)
    server = make_server("127.0.0.1", 0, witnessing(found), threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield found, f"http://127.0.0.1:{server.port}/"
    server.shutdown()


def served(province: Province, path: str) -> str:
    db.session.remove()
    return province.visitor().get(f"/log/{path}").text


def called(province: Province, *arguments: object) -> tuple[int, str]:
    found = province.app.test_cli_runner().invoke(args=["ledger", "witness", *map(str, arguments)])
    return found.exit_code, found.output


def grow() -> None:
    await_entries(*some(1))
    integrate()


def test_what_is_published_bears_its_witnesses_signatures(province: Province, witness: tuple[Witness, str]) -> None:
    state, url = witness
    publish()
    assert called(province, "add", "ngo", state.verifier.vkey, url) == (0, "")
    assert called(province, "need", 1) == (0, "")
    policy = verify.read_policy(served(province, "policy"))
    with pytest.raises(verify.Wrong, match="seen by too few"):
        verify.open_checkpoint(served(province, "checkpoint"), policy, "it")
    # Also what was published before it was known; then what is added; then nothing new.
    for size in (BATCH, 2 * BATCH, 2 * BATCH):
        publish()
        stated = verify.open_checkpoint(served(province, "checkpoint"), policy, "it")
        assert (stated.size, list(stated.seen), state.last(policy.logs[0].name).size) == (size, ["ngo"], size)
        grow() if size == BATCH else None
    assert f"ngo at {url.rstrip('/')}: signed {size} of {size} entries" in called(province, "list")[1]
    assert called(province, "need", 0)[0] == called(province, "remove", "ngo")[0] == 0
    assert served(province, "policy") == f"log {served(province, 'vkey')}quorum none\n"


def test_the_strangers_file_accepts_what_is_served(
    province: Province, witness: tuple[Witness, str], tmp_path: Path
) -> None:
    """All of it from the web: entries, public bodies, policy, witness; and what was rewritten under it is seen."""
    state, url = witness
    assert called(province, "add", "ngo", state.verifier.vkey, url)[0] == called(province, "need", 1)[0] == 0
    grow()
    publish()
    server = make_server("127.0.0.1", 0, province.app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        policy, kept = tmp_path / "policy", tmp_path / "kept"
        policy.write_text(served(province, "policy"))
        asked = ("log", f"http://127.0.0.1:{server.port}/log", "--policy", policy, "--kept", kept)
        assert (told_by(*asked)[0], kept.read_text()) == (0, served(province, "checkpoint"))
        statement = "UPDATE log_leaf SET entry = :other WHERE idx = 70"
        as_owner(*unguarded(statement))
        as_owner(statement, other=bytes(64))
        status, told = told_by(*asked)
        assert (status, "The log was rewritten: its first 128 entries" in told) == (1, True)
    finally:
        server.shutdown()


def test_a_log_that_rests_is_signed_anew_each_time(
    province: Province, witness: tuple[Witness, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else nobody could tell it from one whose newest checkpoints are withheld."""
    state, url = witness
    assert called(province, "add", "ngo", state.verifier.vkey, url)[0] == called(province, "need", 1)[0] == 0
    policy = verify.read_policy(served(province, "policy"))
    seen = []
    for hours in (0, 1, 2):
        at = datetime.now(timezone.utc) + timedelta(hours=hours)
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        publish()
        stated = verify.open_checkpoint(served(province, "checkpoint"), policy, "it")
        assert (stated.size, stated.seen["ngo"]) == (BATCH, int(at.timestamp()))
        seen.append(served(province, "checkpoint"))
    assert len(set(seen)) == 3


def test_what_is_no_line_of_a_witness_that_is_asked_is_not_served(
    province: Province, witness: tuple[Witness, str]
) -> None:
    """Whoever can write to the table could else spoil the checkpoint for everybody."""
    state, url = witness
    assert called(province, "add", "ngo", state.verifier.vkey, url)[0] == called(province, "need", 1)[0] == 0
    publish()
    good = served(province, "checkpoint")
    line = good.splitlines(keepends=True)[-1]
    theirs = line.replace("ngo.example", "other.example")
    log = good.split("\n\n")[1].removesuffix(line)
    spoilt = (f"{line[:-6]}AAAA\n", f"{line}x", line * 2, f"{line}{theirs}", theirs, log, log + line)
    for wrong in ("x", "", "\n", *spoilt):
        _put_line(wrong)
        assert served(province, "checkpoint") == good.removesuffix(line), wrong
    _put_line(line)
    with transaction() as session:
        session.add(Cosignature(size=BATCH, witness="other", line=theirs))
    assert served(province, "checkpoint") == good
    path = province.instance / "log-policy"
    path.write_text("x")
    assert served(province, "checkpoint") == good.removesuffix(line)


def _put_line(line: str) -> None:
    with transaction() as session:
        session.execute(update(Cosignature).values(line=line))


def test_a_witness_that_was_away_is_asked_again_and_holds_up_nobody(
    province: Province, witness: tuple[Witness, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    state, url = witness
    assert called(province, "add", "dead", DEAD, "http://127.0.0.1:1")[0] == 0
    assert called(province, "add", "ngo", state.verifier.vkey, url)[0] == 0
    assert called(province, "need", 1)[0] == 0
    policy = verify.read_policy(served(province, "policy"))
    with monkeypatch.context() as late:
        late.setattr(asking, "SECONDS", -1)
        publish()
        with pytest.raises(verify.Wrong, match="seen by too few"):
            verify.open_checkpoint(served(province, "checkpoint"), policy, "it")
    publish()
    assert list(verify.open_checkpoint(served(province, "checkpoint"), policy, "it").seen) == ["ngo"]
    with Session(db.engine) as session:
        assert list(session.scalars(select(Cosignature.witness))) == ["ngo"]


def test_a_database_that_was_put_back_asks_from_what_the_witness_knows(
    province: Province, witness: tuple[Witness, str]
) -> None:
    """The witness has seen the checkpoint, and its signature did not arrive: it is asked anew, and signs again."""
    state, url = witness
    assert called(province, "add", "ngo", state.verifier.vkey, url)[0] == 0
    publish()
    grow()
    log = log_of(province.app.extensions["kentongan.settings"])
    with pytest.MonkeyPatch.context() as lost:
        lost.setattr(asking.Question, "_signature", lambda *_given: (_ for _ in ()).throw(asking.NotSigned("lost")))
        publish()
    assert state.last(log.origin).size == 2 * BATCH
    publish()
    assert served(province, "checkpoint").count("\u2014 ngo.example ") == 1


def test_a_policy_is_only_what_was_written(province: Province, caplog: pytest.LogCaptureFixture) -> None:
    assert called(province, "add", "ngo", DEAD, "http://127.0.0.1:1")[0] == 0
    refused = {
        ("add", "ngo", DEAD, "http://127.0.0.1:1"): "This is no witness",
        ("add", "log", served(province, "vkey").strip(), "https://log.example"): "This is no witness",
        ("remove", "campus"): "No witness is called campus.",
        ("need", 2): "There are not so many witnesses.",
        ("need", -1): "",
    }
    for arguments, sentence in refused.items():
        status, told = called(province, *arguments)
        assert (status != 0, sentence in told) == (True, True), told
    assert called(province, "need", 1)[0] == 0
    assert called(province, "remove", "ngo")[0] == 1
    path = province.instance / "log-policy"
    assert path.stat().st_mode & 0o077 == 0
    path.write_text(f"{path.read_text()}witness x\n")
    assert "is no policy that" in called(province, "list")[1]
    assert province.visitor().get("/log/policy").status_code == 404
    publish()
    assert "no witness is asked" in caplog.text
    assert served(province, "checkpoint")
