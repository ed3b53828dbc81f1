"""Erasing, attacked: what its bytes leave, who meets it at the same moment, and what a wrong clock does."""

import secrets
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from casework.erasing import ERASE, RINSE
from casework.models import Case, SealedNote
from complaints.models import Complaint, File, Message
from kernel import clock
from kernel.database import db
from kernel.directory.models import SealedKey
from kernel.jobs import STUCK, Job, stuck, work
from kernel.vault import keys_of
from kernel.working import current_handlers
from ledger.models import LedgerKey
from tests import client
from tests.casework.office import Watch, stop_clock
from tests.casework.test_acts import DECLARATION, act, closed, opened, refused, visit
from tests.casework.test_erasing import job_of, look, to, with_file, years_on
from tests.casework.test_rotation import KEEP, LODGE, TAKE, publish_key
from tests.casework.test_timers import inside
from tests.client import asked
from tests.officer import Text, make_desk_key, resealed
from tests.province import Province, own_province
from tests.reach import sealed_rows
from tests.remains import owners_engine, row_counts, traces_of


@pytest.fixture(params=["sqlite", "postgresql"])
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province of its own: the years that pass in it are nobody else's."""
    yield from own_province(request, tmp_path_factory)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """A clock that shows the real moment, and then only moves when the test moves it."""
    now = clock.now()
    watch = stop_clock(monkeypatch)
    watch.moment = now
    return watch


def sealed_of(province: Province, complaint: str) -> list[bytes]:
    """Return whatever is kept sealed or boxed of a complaint, and its keys."""
    columns: list[tuple[Any, Any]] = [
        (LedgerKey.box, LedgerKey.complaint_id), (SealedKey.sealed, SealedKey.object),
        (Complaint.account, Complaint.id), (Message.box, Message.complaint_id), (SealedNote.box, SealedNote.case_id),
        (File.key_box, File.complaint_id), (File.manifest_box, File.complaint_id),
    ]  # fmt: skip
    with inside(province):
        found = [each for box, of in columns for each in db.session.scalars(select(box).where(of == complaint))]
    return [each[:4096] for each in found if each]


def test_no_byte_of_what_was_sealed_is_left_where_a_database_can_be_emptied(province: Province, watch: Watch) -> None:
    gone = []
    for _turn in range(2):
        phrase, complaint, _number = with_file(province)
        visitor = province.visitor()
        client.send_file(visit(province, phrase), b"Belum dikirim", visitor.ask, visitor.put)
        gone.append(complaint)
    sealed = [each for complaint in gone for each in sealed_of(province, complaint)]
    assert len(sealed) > 30 and traces_of(province.app, sealed)
    to(watch, years_on(clock.today(), 5))
    assert [look(province, complaint) for complaint in gone] == ["PURGED"] * 2
    with inside(province):
        assert work({RINSE: current_handlers()[RINSE]})
    left = traces_of(province.app, sealed)
    # PostgreSQL gives room back only later, and keeps what it has written for standbys: no value has it, all the same.
    on_files = {where for where in left if where.startswith("/")}
    assert set(left) - on_files == set()
    assert not on_files or db_kind(province) == "postgresql"


def db_kind(province: Province) -> str:
    with inside(province):
        return db.engine.dialect.name


@pytest.fixture
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province of its own on PostgreSQL, where whoever waits for a row waits alone."""
    request.param = "postgresql"
    yield from own_province(request, tmp_path_factory)


def in_order(town: Province) -> tuple[str, str]:
    """Return two complaints to one desk, the lesser id first; of the greater alone is there a case key."""
    first, second = sorted(town.lodge()[1] for _turn in range(2))
    act(opened(town, town.number_of(second), "lead"), "open", "TRIAGE", [Text("declaration", DECLARATION)])
    return first, second


def wait_for_waiting(held: Connection, count: int) -> None:
    """Wait until so many others wait for somebody's lock."""
    waiting = text("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
    while held.execute(waiting).scalar_one() < count:
        time.sleep(0.01)


def test_two_leads_who_seal_anew_at_once_do_not_wait_for_one_another(town: Province, watch: Watch) -> None:
    first, _second = in_order(town)
    desk = town.place.desk
    make_desk_key(town.log_in("lead"), desk, 2, clock.today())
    publish_key(town)
    # He logs in again, with another code, to know of the key; this is the second lead's browser, too.
    watch.move(minutes=1)
    town.logins.clear()
    lead, browser = town.log_in("lead"), town.browser_of("lead")
    posted = resealed(lead, desk, asked(lead.ask, TAKE, {})["copies"], clock.today())
    hold = text("SELECT id FROM cases WHERE id = :first FOR UPDATE")

    def answer(path: str, body: Any) -> int:
        return browser.again().ask(path, body)[0]

    with ThreadPoolExecutor(2) as pool, owners_engine(town.app).connect() as held:
        held.execute(hold, {"first": first})
        taking: Future[int] = pool.submit(answer, TAKE, {})
        wait_for_waiting(held, 1)
        keeping: Future[int] = pool.submit(answer, KEEP, {"copies": posted})
        wait_for_waiting(held, 2)
        held.rollback()
        assert [taking.result(), keeping.result()] == [200, 200]


def test_only_its_second_officer_erases_by_hand_and_not_before_its_day(province: Province, watch: Watch) -> None:
    _phrase, complaint, number = closed(province)
    assert refused(opened(province, number, "reviewer"), "purge", "PURGED", []).status == 403
    to(watch, years_on(clock.today(), 5))
    # The logins of five years ago have run out.
    province.logins.clear()
    assert refused(opened(province, number, "lead"), "purge", "PURGED", []).status == 403
    with pytest.raises(client.Refused):
        opened(province, number, "investigator", turn=1)
    second = opened(province, number, "reviewer")
    act(second, "purge", "PURGED")
    with inside(province):
        assert db.session.get_one(Case, complaint).state == "PURGED"
        assert db.session.get(LedgerKey, complaint) is None
    assert sealed_rows(province.app, SealedKey.object == complaint) == []
    with pytest.raises(client.Refused, match="403"):
        opened(province, number, "lead")


def test_the_same_envelope_posted_again_is_answered_and_brings_nothing_back(province: Province, watch: Watch) -> None:
    visitor, keys = province.visitor(), keys_of(secrets.token_bytes(32))
    known = replace(province.installation(), today=clock.today())
    posted = client.envelope(province.answers, keys, known, visitor.ask)
    status, receipt = visitor.ask(LODGE, posted)
    assert status == 201
    seen = client.visit(keys, visitor.ask)
    complaint = seen.thread["complaint"]
    number = province.number_of(complaint)
    act(opened(province, number, "lead"), "open", "TRIAGE", [Text("declaration", DECLARATION)])
    texts = [Text("reason", "Bukan pungutan."), Text("decision", "Tidak dapat diproses.")]
    act(opened(province, number, "lead"), "propose", "REVIEW", texts, {"outcome": "cannot_be_processed"})
    act(opened(province, number, "reviewer"), "close", "CLOSED")
    to(watch, years_on(clock.today(), 1))
    assert look(province, complaint) == "PURGED"
    before = row_counts(province.app)
    status, again = visitor.ask(LODGE, posted)
    assert status == 201 and again["entry"] == receipt["entry"]
    # Another envelope by the same phrase is none of this complaint's.
    other = client.envelope(province.answers, keys, replace(known, today=clock.today()), visitor.ask)
    assert visitor.ask(LODGE, other)[0] == 409
    assert row_counts(province.app) == before
    # His browser still has the keys, and is told where the case stands.
    now = client.visit(keys, visitor.ask)
    seen = replace(seen, thread=now.thread | {"keys": seen.thread["keys"]})
    assert seen.thread["state"] == "PURGED"
    for action in ("message", "object", "withdraw", "answer"):
        with pytest.raises(client.Refused) as refusal:
            client.act(seen, action, "Masih ada lagi.", visitor.ask)
        assert refusal.value.status in {400, 403, 409}
    assert row_counts(province.app) == before


def work_on(province: Province) -> None:
    """Have done whatever of erasing is due."""
    with inside(province):
        while work({kind: current_handlers()[kind] for kind in (ERASE, RINSE)}):
            pass


def test_a_clock_years_ahead_erases_nothing_on_the_day_it_was_set(province: Province, watch: Watch) -> None:
    _phrase, complaint, _number = closed(province)
    now, day = watch.moment, years_on(clock.today(), 5)
    to(watch, day + timedelta(days=30))
    work_on(province)
    assert job_of(province, complaint) == day + timedelta(days=31)
    watch.moment = now
    work_on(province)
    assert state_of(province, complaint) == "CLOSED"
    # Where it was right, and nobody had worked for a month, it is erased on the next day.
    to(watch, day + timedelta(days=32))
    work_on(province)
    assert state_of(province, complaint) == "PURGED"


def state_of(province: Province, complaint: str) -> str:
    with inside(province):
        return db.session.get_one(Case, complaint).state


def test_while_somebody_reads_the_emptying_is_put_off_and_an_alarm_is_rung(province: Province, watch: Watch) -> None:
    if db_kind(province) != "sqlite":
        return
    _phrase, complaint, _number = closed(province)
    with inside(province), owners_engine(province.app).connect() as reader:
        reader.execute(text("SELECT count(*) FROM cases")).scalar_one()
        watch.moment += timedelta(days=5 * 365 + 2)
        pauses = []
        look(province, complaint)
        for _turn in range(STUCK):
            assert work({RINSE: current_handlers()[RINSE]})
            with Session(db.engine) as session:
                job = session.get_one(Job, (RINSE, ""))
                pauses.append((clock.utc(job.due_at) - watch.moment).total_seconds())
                assert job.failure == "StillRead"
            watch.moment = clock.utc(job.due_at)
        assert pauses == [2, 4, 8, 16, 32] and stuck() == 1
        reader.rollback()
        assert work({RINSE: current_handlers()[RINSE]}) and stuck() == 0
