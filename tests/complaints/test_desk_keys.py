"""A desk's key is sealed to once it is published and never before, whoever has put it into the database."""

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event, select

from complaints.desk_keys import key_of_desk
from kernel import clock, jobs
from kernel.database import db, put, transaction
from kernel.directory import models, statements
from kernel.directory.queries import current_directory
from kernel.directory.services import keep_public_key
from kernel.vault import Identity, SigningKey, keys_of
from kernel.web import current_settings
from kernel.working import current_handlers
from ledger.checkpoints import open_checkpoint, sign_checkpoint
from ledger.integrating import integrate
from ledger.models import Cosignature, Leaf, Pending, Published
from ledger.notes import COSIGNATURE, Verifier, cosign, read_note
from ledger.policies import Known, Policy
from ledger.public import Kind, public_entry
from ledger.publishing import STATED, log_of, publish, tend
from ledger.verify import Wrong, check_proof, read_policy
from ledger.witnesses import keep_policy
from tests import client
from tests.complaints.test_plain_path import filled, kept, phrase_in, send
from tests.ledger.owners import as_owner, unguarded
from tests.officer import make_desk_key
from tests.page import page_of
from tests.province import Province, own_province
from tests.remains import row_counts

KEY = "/api/v1/desks/33.08/key"


@pytest.fixture(params=["sqlite", "postgresql"])
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province of its own: what becomes of its desks' keys is nobody else's."""
    yield from own_province(request, tmp_path_factory)


def key_told(province: Province) -> Any:
    status, answer = province.visitor().ask(KEY)
    assert status == 200
    return answer


def bribed(province: Province, desk: str = "33.08") -> str:
    """Put a key into the database that a lead of the desk has rightly signed and nobody has announced."""
    lead, key = province.log_in("lead", desk), Identity.from_seed(secrets.token_bytes(32))
    statement = statements.Statement(
        kind="epoch", subject=desk, version=2, status="active", desk=None, parent=None, remit=None,
        kem=key.recipient.digest, sign=None, issued=clock.today(), issuer=f"officer:{lead.id}",
    )  # fmt: skip
    body = statements.sign(statement, lead.sign)
    with province.app.app_context(), transaction() as session:
        put(session, models.Statement, {"kind": "epoch", "subject": desk, "version": 2, "body": body, "kept_at": None})
        keep_public_key(session, key.recipient)
    return body


def in_app(province: Province, act: Callable[[], Any]) -> Any:
    with province.app.app_context():
        found = act()
        db.session.remove()
    return found


def test_a_founded_province_has_published_its_desks_keys_and_proves_it_to_strangers(province: Province) -> None:
    told = key_told(province)
    body = in_app(province, lambda: db.session.scalars(
        select(models.Statement.body).where(models.Statement.kind == "epoch", models.Statement.subject == "33.08")
    ).one())  # fmt: skip
    policy = read_policy(province.visitor().get("/log/policy").text)
    _index, log = check_proof(told["proof"], public_entry(Kind.STATEMENT, body), policy, "the proof")
    assert log.size == 64
    with pytest.raises(Wrong):
        check_proof(told["proof"], public_entry(Kind.STATEMENT, body + "\n"), policy, "the proof")


def test_a_key_that_a_bribed_lead_signed_and_nobody_published_is_not_sealed_to(province: Province) -> None:
    body, form, before = bribed(province), filled(), row_counts(province.app)
    answer = send(province, form)
    page = page_of(answer)
    assert answer.status_code == 503
    assert "belum terbit di catatan umum" in page.summary()[""]
    assert kept(page, form) == form
    assert row_counts(province.app) == before
    assert key_told(province)["proof"] is None
    # In the log, it is not published yet.
    in_app(province, integrate)
    assert send(province, form).status_code == 503 and key_told(province)["proof"] is None
    in_app(province, publish)
    phrase_in(send(province, form))
    entry = public_entry(Kind.STATEMENT, body)
    check_proof(key_told(province)["proof"], entry, read_policy(province.visitor().get("/log/policy").text), "it")


@pytest.mark.parametrize("by", ["a program", "an officer's desk"])
def test_a_program_that_sealed_to_such_a_key_is_told_the_directory_and_may_post_again(
    province: Province, by: str
) -> None:
    bribed(province)
    officer = province.log_in("investigator") if by == "an officer's desk" else None
    ask, path = (officer.ask, "/petugas/bantu") if officer else (province.visitor().ask, "/api/v1/complaints")
    keys = keys_of(secrets.token_bytes(32))
    channel = officer.id if officer else None
    posted = client.envelope(province.answers, keys, province.installation(), ask, channel=channel)
    before = row_counts(province.app)
    for _turn in range(2):
        status, told = ask(path, posted)
        assert (status, told["directory"]) == (409, ask("/api/v1/desks", None)[1])
        assert "belum terbit di catatan umum" in told["error"]
    assert row_counts(province.app) == before
    in_app(province, integrate)
    assert ask(path, posted)[0] == 409
    in_app(province, publish)
    assert ask(path, posted)[0] == ask(path, posted)[0] == 201


def test_the_other_desks_are_sealed_to_meanwhile(province: Province) -> None:
    bribed(province)
    phrase_in(send(province, filled(region="33.74")))


LIES: dict[str, tuple[str, ...]] = {
    # As if it had been in the tree for long: another leaf is given up for it.
    "another leaf's place": ("UPDATE log_leaf SET entry = :entry WHERE idx = 0",),
    # The very tree, signed by somebody else's key under this log's name.
    "another key's checkpoint": ("UPDATE log_checkpoint SET note = :note WHERE size = 128",),
    "no tiles": ("DELETE FROM log_tile",),
}


@pytest.mark.parametrize("lie", LIES)
def test_whoever_owns_the_tables_cannot_make_a_key_published(province: Province, lie: str) -> None:
    entry = public_entry(Kind.STATEMENT, bribed(province))
    if lie != "another leaf's place":
        in_app(province, integrate)
        in_app(province, publish)
    with province.app.app_context():
        newest = db.session.scalars(select(Published.note).order_by(Published.size.desc())).first()
        log = log_of(province.app.extensions["kentongan.settings"])
        note = sign_checkpoint(open_checkpoint(str(newest), log.verifier), SigningKey.from_seed(bytes(32)))
        db.session.remove()
        guards = [each for statement in LIES[lie] for each in unguarded(statement)]
        as_owner(*guards, *LIES[lie], entry=entry, note=note)
    assert send(province, filled()).status_code == 503


def test_a_leads_new_key_is_published_at_once_and_what_happens_to_cases_in_its_turn(province: Province) -> None:
    in_app(province, tend)
    province.lodge()
    make_desk_key(province.log_in("lead"), "33.08", 2, clock.today())
    [event] = in_app(province, lambda: db.session.scalars(select(Pending.entry)).all())
    assert key_told(province)["proof"] is None
    stated = {STATED: province.app.extensions["kentongan.handlers"][STATED]}
    assert in_app(province, lambda: jobs.work(stated)) and not in_app(province, lambda: jobs.work(stated))
    told = key_told(province)
    assert told["epoch"] == 2 and told["proof"]
    assert in_app(province, lambda: db.session.scalars(select(Pending.entry)).all()) == [event]
    phrase_in(send(province, filled()))


def test_behind_a_head_that_is_refused_no_key_is_put(province: Province) -> None:
    in_app(province, tend)
    make_desk_key(province.log_in("lead"), "33.08", 2, clock.today())
    with province.app.app_context():
        statement = "UPDATE log_tile SET content = :content WHERE level = 0"
        as_owner(*unguarded(statement), statement, content=bytes(64 * 32))
        before = db.session.scalars(select(Leaf.idx).order_by(Leaf.idx.desc())).first()
        assert jobs.work({STATED: current_handlers()[STATED]})
        db.session.rollback()
        [job] = db.session.scalars(select(jobs.Job).where(jobs.Job.kind == STATED))
        assert (job.failure, job.attempts) == ("NotPublished", 1)
        assert db.session.scalars(select(Leaf.idx).order_by(Leaf.idx.desc())).first() == before
        db.session.remove()


WITNESSES = {name: SigningKey.from_seed(name.encode() * 16) for name in ("ab", "cd")}


def keep_witnesses() -> None:
    """Have two witnesses from now on, both of whom are needed."""
    known = tuple(
        # Where nobody listens.
        Known(name, Verifier(f"{name}.example", key.public, COSIGNATURE), "http://127.0.0.1:9")
        for name, key in WITNESSES.items()
    )
    keep_policy(current_settings(), Policy(log_of(current_settings()).verifier, known, len(known)))


def cosigned(*names: str) -> int:
    """Have witnesses sign the newest checkpoint; return its size."""
    with transaction() as session:
        newest = select(Published.size, Published.note).order_by(Published.size.desc()).limit(1)
        size, note = session.execute(newest).one()
        for name in names:
            line = cosign(read_note(note).text, 1_790_000_000, f"{name}.example", WITNESSES[name]).line
            put(session, Cosignature, {"size": size, "witness": name, "line": line})
    return int(size)


def published_again() -> None:
    """Publish one more batch, which no witness comes to sign."""
    with transaction() as session:
        put(session, Pending, {"entry": secrets.token_bytes(64)})
    integrate()
    publish()


def statements_of(ask: Callable[[], Any]) -> int:
    """Return how many statements the database executes for what is asked."""
    counted: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        counted.append(statement)

    db.session.remove()
    event.listen(db.engine, "before_cursor_execute", note)
    ask()
    event.remove(db.engine, "before_cursor_execute", note)
    return len(counted)


def test_a_witness_who_is_out_of_reach_keeps_nobody_from_lodging(province: Province) -> None:
    """The proof is by the newest checkpoint that enough have signed, not by the newest of all."""
    with province.app.app_context():
        tend()
        keep_witnesses()
        size = cosigned("ab", "cd")
        published_again()
        cosigned("ab")
        entry = key_of_desk(db.session, current_directory(), "33.08").entry
        db.session.remove()
    told = key_told(province)
    _index, stated = check_proof(told["proof"], entry, read_policy(told["log"]["policy"]), "it")
    assert (stated.size, sorted(stated.seen)) == (size, ["ab", "cd"])
    assert int(province.visitor().get("/log/checkpoint").text.splitlines()[1]) > size


def test_for_however_long_he_is_a_key_costs_as_much(province: Province) -> None:
    with province.app.app_context():
        tend()
        keep_witnesses()
        cosigned("ab", "cd")
        proof, once = key_told(province)["proof"], statements_of(lambda: key_told(province))
        for _hour in range(30):
            published_again()
            cosigned("ab")
        db.session.remove()
        assert statements_of(lambda: key_told(province)) == once
        assert key_told(province)["proof"] == proof


def test_lines_that_do_not_hold_are_looked_at_eight_times_and_not_more(province: Province) -> None:
    """The table is unguarded: whoever plants lines in it makes each request that much longer."""
    with province.app.app_context():
        tend()
        keep_witnesses()
        cosigned("ab", "cd")
        cost = []
        for planted in range(10):
            db.session.remove()
            cost.append(statements_of(lambda: key_told(province)))
            published_again()
            size = cosigned("ab")
            with transaction() as session:
                put(session, Cosignature, {"size": size, "witness": "cd", "line": f"— cd.example {planted}\n"})
        assert cost[1:8] == [cost[0] + more for more in range(1, 8)]
        assert cost[8] == cost[9]
