"""The end of a closed case: on its day, once, whole; never early, held, or under objection; and no key is left."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from casework import cases
from casework.clocks import ClockDays
from casework.erasing import ERASE, RINSE
from casework.models import Case, CaseEvent, SealedNote
from casework.timers import look_at_retention
from complaints.models import Complaint, File, FileChunk, Message
from kernel import clock
from kernel.database import Collision, db, put, transaction
from kernel.directory.models import SealedKey
from kernel.jobs import Job, work
from kernel.store import current_store
from kernel.web import current_settings
from kernel.working import current_handlers
from ledger.body import read_event
from ledger.models import LedgerKey, Pending, PublicEntry
from ledger.public import read_erased
from operations import soundness
from operations.sweeping import sweep
from tests import client
from tests.casework.office import Watch, stop_clock
from tests.casework.test_acts import act, closed, opened, taken, visit
from tests.casework.test_timers import inside
from tests.ledger.killing import killed_at
from tests.officer import EXAMINE, OpenedCase, Text
from tests.province import Province, own_province
from tests.remains import change, traces_of
from tests.soundness import faults_of

NOTHING: list[Any] = []


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


def look(province: Province, complaint: str) -> str:
    """Have the case looked at, as the job does; return its state."""
    with inside(province):
        with transaction() as session:
            look_at_retention(session, complaint)
        return db.session.get_one(Case, complaint).state


def job_of(province: Province, complaint: str) -> date | None:
    """Return the first day on which the case is looked at, as its job has it."""
    with inside(province):
        job = db.session.get(Job, (ERASE, complaint))
        return clock.local(job.due_at).date() if job else None


def to(watch: Watch, day: date) -> None:
    """Go to the morning of a day."""
    watch.moment = clock.end_of(day - timedelta(days=1)) + timedelta(hours=3)


def years_on(day: date, years: int) -> date:
    """Return the same day of a later year."""
    return day.replace(year=day.year + years)


def stated(province: Province) -> dict[bytes, str]:
    """Return what the log states, or is going to, of erased cases: bodies by their entries."""
    with inside(province):
        rows = db.session.scalars(select(PublicEntry).where(PublicEntry.kind == "erased"))
        return {row.entry: row.body for row in rows}


def with_file(province: Province) -> tuple[str, str, str]:
    """Return phrase, complaint and number of a closed case to which its reporter has brought a file."""
    phrase, complaint, number = closed(province)
    visitor = province.visitor()
    seen = visit(province, phrase)
    file = client.send_file(seen, b"Kuitansi", visitor.ask, visitor.put)
    client.act(seen, "message", "Ini kuitansinya.", visitor.ask, files=[file])
    return phrase, complaint, number


def test_a_closed_case_is_looked_at_on_the_first_day_it_may_be_erased(province: Province, watch: Watch) -> None:
    _phrase, complaint, _number = closed(province)
    assert job_of(province, complaint) == years_on(clock.today(), 5)
    _phrase, running, _number = taken(province)
    assert job_of(province, running) is None


def test_what_could_not_be_processed_is_kept_for_one_year(province: Province, watch: Watch) -> None:
    _phrase, complaint, number = taken(province)
    texts = [Text("reason", "Bukan pungutan."), Text("decision", "Tidak dapat diproses.")]
    act(opened(province, number, "lead"), "propose", "REVIEW", texts, {"outcome": "cannot_be_processed"})
    act(opened(province, number, "reviewer"), "close", "CLOSED")
    assert job_of(province, complaint) == years_on(clock.today(), 1)


def test_it_is_erased_on_its_day_and_not_on_the_one_before(province: Province, watch: Watch) -> None:
    _phrase, complaint, _number = closed(province)
    day = years_on(clock.today(), 5)
    to(watch, day - timedelta(days=1))
    assert look(province, complaint) == "CLOSED"
    assert job_of(province, complaint) == day
    to(watch, day)
    assert look(province, complaint) == "PURGED"
    assert job_of(province, complaint) is None


def test_nothing_is_left_that_opens_it_and_what_was_coded_stays(province: Province, watch: Watch) -> None:
    _phrase, complaint, _number = with_file(province)
    with inside(province):
        before = db.session.get_one(Case, complaint)
        coded = (before.region, before.sector, before.category, before.severity, before.outcome, before.number)
    to(watch, years_on(clock.today(), 5))
    assert look(province, complaint) == "PURGED"
    with inside(province):
        assert db.session.get(LedgerKey, complaint) is None
        for of_case in (SealedKey.object, Message.complaint_id, File.complaint_id):
            assert list(db.session.scalars(select(of_case).where(of_case == complaint))) == NOTHING
        assert db.session.scalar(select(FileChunk.key).where(FileChunk.file_id.not_in(select(File.id)))) is None
        assert db.session.get_one(Complaint, complaint).account == b""
        notes = list(db.session.scalars(select(SealedNote.box).where(SealedNote.case_id == complaint)))
        assert notes and set(notes) == {b""}
        after = db.session.get_one(Case, complaint)
        assert (after.region, after.sector, after.category, after.severity, after.outcome, after.number) == coded


def test_the_log_states_it_without_saying_which(province: Province, watch: Watch) -> None:
    _phrase, complaint, number = closed(province)
    _phrase, other, _number = closed(province)
    to(watch, years_on(clock.today(), 5))
    before = stated(province)
    look(province, complaint)
    look(province, other)
    new = {entry: body for entry, body in stated(province).items() if entry not in before}
    with inside(province):
        waiting = set(db.session.scalars(select(Pending.entry)))
        events = set(db.session.scalars(select(CaseEvent.entry).where(CaseEvent.action == "purge")))
    assert list(map(read_erased, new.values())) == [(clock.today().isoformat(), province.place.desk)] * 2
    assert new.keys() | events <= waiting
    for body in new.values():
        assert complaint not in body and number not in body


def test_a_held_case_is_kept_and_looked_at_again_when_the_hold_ends(province: Province, watch: Watch) -> None:
    _phrase, complaint, number = closed(province)
    now, day = watch.moment, years_on(clock.today(), 5)
    act(opened(province, number, "lead"), "hold", "CLOSED", [Text("reason", "Perkara di pengadilan.")])
    assert job_of(province, complaint) is None
    to(watch, day + timedelta(days=9))
    assert look(province, complaint) == "CLOSED" and job_of(province, complaint) is None
    watch.moment = now
    act(opened(province, number, "lead"), "release", "CLOSED", [Text("reason", "Selesai.")])
    assert job_of(province, complaint) == day


def test_an_objection_and_a_new_examination_begin_the_time_anew(province: Province, watch: Watch) -> None:
    phrase, complaint, number = closed(province)
    day = years_on(clock.today(), 5)
    client.act(visit(province, phrase), "object", "Saksinya ada.", province.visitor().ask)
    assert job_of(province, complaint) is None
    now = watch.moment
    to(watch, day)
    assert look(province, complaint) == "OBJECTION" and job_of(province, complaint) is None
    watch.moment = now
    handler = province.log_in("investigator", turn=1)
    act(opened(province, number, "lead"), "assign", "OBJECTION", [], {"assignee": handler.id})
    decided = [Text("decision", "Tetap."), Text("reason", "Tidak ada yang baru.")]
    dismissed = opened(province, number, "investigator", turn=1)
    act(dismissed, "dismiss", "REVIEW", decided, {"outcome": "proven"})
    assert job_of(province, complaint) is None
    watch.move(days=3)
    act(opened(province, number, "reviewer", turn=1), "close", "CLOSED")
    assert job_of(province, complaint) == years_on(clock.today(), 5)


def test_several_who_look_at_once_erase_it_once(province: Province, watch: Watch) -> None:
    _phrase, complaint, _number = with_file(province)
    to(watch, years_on(clock.today(), 5))
    together, before = Barrier(4), len(stated(province))

    def looking(_turn: int) -> str:
        with province.app.app_context():
            together.wait()
            with transaction() as session:
                look_at_retention(session, complaint)
            return "looked"

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(looking, range(4))) == ["looked"] * 4
    with inside(province):
        actions = list(db.session.scalars(select(CaseEvent.action).where(CaseEvent.case_id == complaint)))
    assert actions.count("purge") == 1 and len(stated(province)) == before + 1


def test_the_job_erases_it_and_the_write_ahead_log_is_emptied(province: Province, watch: Watch) -> None:
    _phrase, complaint, _number = closed(province)
    to(watch, years_on(clock.today(), 5))
    with inside(province):
        handlers = {kind: current_handlers()[kind] for kind in (ERASE, RINSE)}
        while work(handlers):
            pass
        assert db.session.get_one(Case, complaint).state == "PURGED"
        assert list(db.session.scalars(select(Job.kind).where(Job.kind.in_([ERASE, RINSE])))) == NOTHING
        if db.engine.dialect.name == "sqlite":
            # That the job is done was written behind it.
            wal = f"{db.engine.url.database}-wal"
            assert len(open(wal, "rb").read()) < 100_000


def test_what_was_erased_is_neither_sealed_anew_nor_given_files(province: Province, watch: Watch) -> None:
    phrase, complaint, _number = closed(province)
    seen = visit(province, phrase)
    to(watch, years_on(clock.today(), 5))
    look(province, complaint)
    visitor = province.visitor()
    with pytest.raises(client.Refused) as refusal:
        client.send_file(seen, b"Kuitansi", visitor.ask, visitor.put)
    assert refusal.value.status == 409
    with pytest.raises(client.Refused) as refusal:
        client.act(seen, "message", "Masih ada lagi.", visitor.ask)
    assert refusal.value.status == 409
    row = {"kind": "thread", "object": complaint, "epoch": 1, "recipient": "reporter", "sealed": b"again"}
    with inside(province), pytest.raises(Collision), transaction() as session:
        put(session, SealedKey, row)


def erased(province: Province, watch: Watch) -> tuple[str, str, str]:
    """Return phrase, complaint and number of a case that has been erased; it is the day of its closing again."""
    phrase, complaint, number = with_file(province)
    now = watch.moment
    to(watch, years_on(clock.today(), 5))
    assert look(province, complaint) == "PURGED"
    watch.moment = now
    return phrase, complaint, number


def test_a_key_that_is_sealed_anew_at_that_moment_goes_with_the_others(province: Province, watch: Watch) -> None:
    """Whoever writes it holds the case until he is done: who erases waits, and finds it."""
    _phrase, complaint, _number = closed(province)
    to(watch, years_on(clock.today(), 5))
    row = {"kind": "case", "object": complaint, "epoch": 1, "recipient": "desk:33.08:2", "sealed": b"anew"}

    def erasing() -> str:
        with province.app.app_context():
            return look(province, complaint)

    with ThreadPoolExecutor(1) as pool, inside(province):
        with transaction() as session:
            put(session, SealedKey, row)
            session.flush()
            later = pool.submit(erasing)
            with pytest.raises(TimeoutError):
                later.result(timeout=1)
        assert later.result(timeout=30) == "PURGED"
        assert db.session.scalar(select(SealedKey.kind).where(SealedKey.object == complaint)) is None


def test_officers_are_told_that_there_is_nothing_to_open_any_more(province: Province, watch: Watch) -> None:
    _phrase, _complaint, number = erased(province, watch)
    lead = province.browser_of("lead")
    page = lead.get(f"/petugas/perkara/{number}")
    assert page.status_code == 200 and "Isi perkara sudah dihapus" in page.text
    assert "Buka isi perkara" not in page.text and 'class="action"' not in page.text
    answer = lead.post(f"/petugas/perkara/{number}/buka", json={})
    assert answer.status_code == 403 and "sudah dihapus sesuai masa simpan" in answer.text
    assert province.overseer().get(f"/petugas/perkara/{number}").status_code == 200
    assert lead.get("/petugas/?tahap=PURGED").status_code == 200


def test_nothing_that_officers_ask_of_an_erased_case_is_an_error(province: Province, watch: Watch) -> None:
    _phrase, complaint, number = erased(province, watch)
    with inside(province):
        events = db.session.scalars(select(CaseEvent.body).where(CaseEvent.case_id == complaint))
        [file] = [ref.id for body in events for ref in read_event(body).objects if ref.kind == "file"]
    for role in ("lead", "investigator", "reviewer"):
        browser = province.browser_of(role)
        case = f"/petugas/perkara/{number}"
        answers = [
            browser.get(case), browser.get(f"{case}/keadaan"), browser.get(f"{case}/keadaan?tindakan=purge"),
            browser.get(f"{case}/bukti/{file}/1-1"), browser.post(f"{case}/bukti/{file}/buka", json=EXAMINE),
            browser.post(f"{case}/bukti/periksa", json={}), browser.post(f"{case}/buka", json={}),
            browser.post(f"{case}/bukti/{file}/hapus", json={}), browser.get("/petugas/kunci-meja"),
        ]  # fmt: skip
        assert [answer.status_code for answer in answers if answer.status_code >= 500] == []


def purge(case: OpenedCase) -> str:
    """Try to erase a case; return why it was refused, nothing where it was not."""
    try:
        act(case, "purge", "PURGED")
    except client.Refused as refused:
        assert refused.status == 403
        return refused.sentence
    return ""


def keep_for(monkeypatch: pytest.MonkeyPatch, years: int, window: int = 0) -> None:
    """Have everything kept for so many years, and objected to within so many working days."""
    monkeypatch.setattr(cases, "DAYS", ClockDays(kept_years=years, objection_window=window))


def opened_anew(province: Province, number: str, role: str, desk: str = "") -> OpenedCase:
    """Open a case by a login of today's."""
    province.logins.clear()
    province.visitors.clear()
    return province.opened(number, role, desk)


def test_a_reviewer_who_wrote_nothing_may_erase_what_is_due(
    province: Province, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_for(monkeypatch, 0)
    phrase, complaint, number = closed(province)
    watch.move(days=1)
    reviewer = opened_anew(province, number, "reviewer")
    page = province.browser_of("reviewer").get(f"/petugas/perkara/{number}")
    assert 'id="act-purge"' in page.text
    assert purge(reviewer) == ""
    with inside(province):
        assert db.session.get(LedgerKey, complaint) is None
        assert db.session.scalar(select(SealedKey.kind).where(SealedKey.object == complaint)) is None
    assert visit(province, phrase).thread["state"] == "PURGED"
    assert province.browser_of("reviewer").get(f"/petugas/perkara/{number}").status_code == 404


EARLY = "Masa simpan isi laporan belum lewat."
OPEN_WINDOW = "Masa menyampaikan keberatan belum lewat."
HELD = "Perkara ini sedang ditahan untuk keperluan hukum."
NOT_HE = "Penghapusan isi hanya oleh sistem atau petugas kedua."


def test_nobody_erases_early_held_or_what_he_worked_on(
    province: Province, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_for(monkeypatch, 1)
    _phrase, complaint, number = closed(province)
    case = opened(province, number, "reviewer")
    page = province.browser_of("reviewer").get(f"/petugas/perkara/{number}")
    assert 'id="act-purge"' not in page.text and EARLY in page.text
    assert purge(case) == EARLY
    keep_for(monkeypatch, 0)
    assert purge(case) == OPEN_WINDOW
    act(opened(province, number, "lead"), "hold", "CLOSED", [Text("reason", "Di pengadilan.")])
    watch.move(days=1)
    assert purge(opened_anew(province, number, "reviewer")) == HELD
    act(opened(province, number, "lead"), "release", "CLOSED", [Text("reason", "Selesai.")])
    for role in ("lead", "investigator"):
        assert purge(opened(province, number, role)) == NOT_HE
    with pytest.raises(client.Refused) as refusal:
        province.opened(number, "reviewer", "33.74")
    assert refusal.value.status == 404
    with inside(province):
        assert db.session.get_one(Case, complaint).state == "CLOSED"
        assert db.session.get(LedgerKey, complaint) is not None


def test_it_waits_for_the_end_of_the_window_and_is_not_looked_at_all_the_time(
    province: Province, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_for(monkeypatch, 0, window=10)
    _phrase, complaint, _number = closed(province)
    first = job_of(province, complaint)
    assert first is not None and first > clock.today() + timedelta(days=10)
    watch.move(days=1)
    assert look(province, complaint) == "CLOSED" and job_of(province, complaint) == first
    to(watch, first)
    assert look(province, complaint) == "PURGED"


def test_a_key_that_is_gone_without_an_erasure_is_found(province: Province, watch: Watch) -> None:
    _phrase, complaint, _number = erased(province, watch)
    _phrase, other, _number = taken(province)
    secret = province.app.extensions["kentongan.settings"].secret
    with inside(province):
        assert list(soundness.faults(db.session, secret)) == []
    change(province.app, "DELETE FROM ledger_keys WHERE complaint_id = :other", other=other)
    with inside(province):
        found = list(soundness.faults(db.session, secret))
    assert found == [f"case {other}: event {seq} has no ledger key, and the case was not erased" for seq in (1, 2)]
    assert complaint not in "".join(found)


@pytest.mark.parametrize("again", [1, 2])
def test_killed_at_any_step_it_is_whole_or_gone(province: Province, watch: Watch, again: int) -> None:
    """Killed once or twice in a row at each step: either nothing has happened, or everything has."""
    _phrase, complaint, _number = with_file(province)
    to(watch, years_on(clock.today(), 5))

    def write(_promised: Any) -> None:
        with province.app.app_context(), transaction() as session:
            look_at_retention(session, complaint)

    steps = [
        "after case_events", "after published_statuses", "after sealed_keys", "after sealed_notes", "after complaints",
        "after messages", "after file_chunks", "after files", "after ledger_keys", "after log_public", "after jobs",
        "before commit", "after commit",
    ]  # fmt: skip
    for step in steps:
        for _time in range(again):
            child = killed_at(province, write, f"write: {step}")
            child.lines()
            assert child.end() == (-signal.SIGKILL)
        with inside(province):
            state = db.session.get_one(Case, complaint).state
            assert faults_of(db.engine, province.root, current_settings().secret) == []
            assert (state, len(stated_here())) == (("PURGED", 1) if step == "after commit" else ("CLOSED", 0))


def stated_here() -> list[str]:
    return list(db.session.scalars(select(PublicEntry.body).where(PublicEntry.kind == "erased")))


def test_a_worker_that_was_killed_leaves_the_erasure_to_the_next(province: Province, watch: Watch) -> None:
    _phrase, complaint, _number = closed(province)
    to(watch, years_on(clock.today(), 5))
    kinds = (ERASE, RINSE)

    def write(_promised: Any) -> None:
        with province.app.app_context():
            work({kind: current_handlers()[kind] for kind in kinds})

    child = killed_at(province, write, "write: after ledger_keys")
    child.lines()
    assert child.end() == -signal.SIGKILL
    with inside(province):
        assert not work({kind: current_handlers()[kind] for kind in kinds})  # the lease of who was killed
        watch.move(minutes=2)
        assert work({kind: current_handlers()[kind] for kind in kinds})
        assert db.session.get_one(Case, complaint).state == "PURGED"


def test_its_chunks_are_swept_and_nobody_elses(province: Province, watch: Watch) -> None:
    _phrase, complaint, _number = with_file(province)
    _phrase, other, _number = with_file(province)
    with inside(province):
        chunks = select(FileChunk.key).join(File, File.id == FileChunk.file_id)
        [gone] = db.session.scalars(chunks.where(File.complaint_id == complaint))
        [kept] = db.session.scalars(chunks.where(File.complaint_id == other))
    to(watch, years_on(clock.today(), 5))
    look(province, complaint)
    with inside(province):
        sweep()
        assert {each.key for each in current_store().keys()} & {gone, kept} == {kept}


def test_nothing_of_it_is_found_in_the_file_or_its_log(province: Province, watch: Watch) -> None:
    """Not in what anybody reads from the database; on SQLite not in what is left on the disk either.

    PostgreSQL writes over nothing: its files have it until it comes to use the place anew (docs/threat-model.md).
    """
    phrase, complaint, _number = with_file(province)
    key = province.keys(phrase).ledger_key
    with inside(province):
        boxed = db.session.get_one(LedgerKey, complaint).box
        sealed = list(db.session.scalars(select(SealedKey.sealed).where(SealedKey.object == complaint)))
        texts = list(db.session.scalars(select(Message.box).where(Message.complaint_id == complaint)))
        texts.append(db.session.get_one(Complaint, complaint).account)
    pieces = [boxed, *(each[40:72] for each in (*sealed, *texts))]
    assert traces_of(province.app, pieces) != []
    to(watch, years_on(clock.today(), 5))
    with inside(province):
        handlers = {kind: current_handlers()[kind] for kind in (ERASE, RINSE)}
        while work(handlers):
            pass
        on_disk = db.engine.dialect.name == "sqlite"
    found = traces_of(province.app, [key, *pieces])
    assert [where for where in found if on_disk or not Path(where).is_absolute()] == []
