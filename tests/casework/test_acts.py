"""One case from a villager's complaint to its end, and every way in which an act of an officer's is refused."""

import base64
import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from casework.cases import OpenCase, read_case
from casework.models import AccessEvent, CaseEvent
from kernel.database import db
from kernel.vault import SigningKey, bodies
from ledger.body import read_event
from ledger.entries import entry_of
from tests import client, officer
from tests.client import Json, Refused
from tests.officer import OpenedCase, Text, act, compose
from tests.province import Province, Visitor

DECLARATION = "Tidak ada hubungan dengan pihak yang dilaporkan."


def opened(province: Province, number: str, role: str, turn: int = 0) -> OpenedCase:
    return province.opened(number, role, turn=turn)


def taken(province: Province) -> tuple[str, str, str]:
    """Return the phrase, the complaint and the number of a case its lead has taken."""
    phrase, complaint = province.lodge()
    number = province.number_of(complaint)
    act(opened(province, number, "lead"), "open", "TRIAGE", [Text("declaration", DECLARATION)])
    return phrase, complaint, number


def investigated(province: Province) -> tuple[str, str, str, Text]:
    """Return the same of a case under investigation, and its one allegation."""
    phrase, complaint, number = taken(province)
    allegation = Text("allegation", "Pungutan 150 ribu untuk surat yang gratis.")
    clear = {
        "assignee": province.log_in("investigator").id, "category": "layanan_gratis", "severity": "sedang",
        f"allegation.{allegation.id}": "open",
    }  # fmt: skip
    act(opened(province, number, "lead"), "investigate", "INVESTIGATION", [Text("plan", "Periksa."), allegation], clear)
    return phrase, complaint, number, allegation


def proposed(province: Province) -> tuple[str, str, str]:
    """Return the same of a case in review."""
    phrase, complaint, number, allegation = investigated(province)
    found = {f"allegation.{allegation.id}": "proven"}
    act(opened(province, number, "investigator"), "finding", "INVESTIGATION", [Text("finding", "Benar.")], found)
    texts = [Text("reason", "Dua saksi."), Text("decision", "Terbukti: uang dikembalikan.")]
    act(opened(province, number, "investigator"), "propose", "REVIEW", texts, {"outcome": "proven"})
    return phrase, complaint, number


def closed(province: Province) -> tuple[str, str, str]:
    """Return the same of a closed case."""
    phrase, complaint, number = proposed(province)
    act(opened(province, number, "reviewer"), "close", "CLOSED")
    return phrase, complaint, number


def visit(province: Province, phrase: str) -> client.Visit:
    return client.visit(province.keys(phrase), province.visitor().ask)


def refused(case: OpenedCase, action: str, to_state: str, texts: list[Text], clear: Any = None) -> Refused:
    with pytest.raises(Refused) as refusal:
        act(case, action, to_state, texts, clear)
    return refusal.value


def version_of(province: Province, complaint: str) -> int:
    with province.app.app_context():
        query = select(CaseEvent.seq).where(CaseEvent.case_id == complaint).order_by(CaseEvent.seq.desc())
        version = db.session.scalars(query).first() or 0
        db.session.remove()
    return version


def test_the_lead_reads_what_the_villager_wrote(province: Province) -> None:
    _phrase, complaint = province.lodge(text="Diminta uang kas untuk surat pengantar.")
    case = opened(province, province.number_of(complaint), "lead")
    assert case.account()["text"] == "Diminta uang kas untuk surat pengantar."


def test_a_complaint_goes_all_the_way_and_back(province: Province) -> None:
    phrase, _complaint, number, allegation = investigated(province)
    act(opened(province, number, "investigator"), "ask", "NEEDS_INFO", [Text("question", "Kapan kejadiannya?")])
    seen = visit(province, phrase)
    assert [seen.text(message) for message in seen.thread["messages"]] == ["Kapan kejadiannya?"]
    client.act(seen, "answer", "Hari Senin.", province.visitor().ask)
    case = opened(province, number, "investigator")
    assert case.told["state"] == "INVESTIGATION"
    assert [case.text(message) for message in case.told["messages"]] == ["Kapan kejadiannya?", "Hari Senin."]
    found = {f"allegation.{allegation.id}": "not_proven"}
    act(case, "finding", "INVESTIGATION", [Text("finding", "Tidak ada saksi.")], found)
    texts = [Text("reason", "Kurang bukti."), Text("decision", "Belum terbukti.")]
    act(opened(province, number, "investigator"), "propose", "REVIEW", texts, {"outcome": "not_proven"})
    act(opened(province, number, "reviewer"), "close", "CLOSED")
    seen = visit(province, phrase)
    assert (seen.thread["state"], seen.text(seen.thread["messages"][-1])) == ("CLOSED", "Belum terbukti.")
    client.act(seen, "object", "Saksinya ada.", province.visitor().ask)
    handler = province.log_in("investigator", turn=1)
    act(opened(province, number, "lead"), "assign", "OBJECTION", [], {"assignee": handler.id})
    decided = [Text("decision", "Diperiksa lagi."), Text("reason", "Ada saksi baru.")]
    act(opened(province, number, "investigator", turn=1), "uphold", "INVESTIGATION", decided)
    assert visit(province, phrase).thread["state"] == "INVESTIGATION"


def test_every_event_is_chained_signed_and_entered_in_the_ledgers_form(province: Province) -> None:
    phrase, _complaint, number = closed(province)
    case = opened(province, number, "lead")
    ledger_key = bytes.fromhex(case.account()["ledger_key"])
    assert ledger_key == province.keys(phrase).ledger_key
    previous = None
    for seq, told in enumerate(case.told["events"], 1):
        event = read_event(told["body"])
        assert (event.seq, event.previous) == (seq, previous)
        assert told["entry"] == entry_of(ledger_key, seq, told["body"]).hex()
        assert signer_knows(province, case, event.actor, told["body"])
        previous = bytes.fromhex(told["entry"])


def signer_knows(province: Province, case: OpenedCase, actor: str, body: str) -> bool:
    if actor == "reporter":
        sign = read_event(case.told["events"][0]["body"]).clear["sign"]
        return bodies.signed_by(body, bytes.fromhex(sign))
    return bodies.signed_by(body, case.login.directory.officer(actor.removeprefix("officer:")).sign)


def test_reading_is_logged_before_a_key_is_handed_over(province: Province) -> None:
    _phrase, complaint = province.lodge()
    number = province.number_of(complaint)
    first = opened(province, number, "lead").told
    second = opened(province, number, "lead").told
    with province.app.app_context():
        query = select(AccessEvent).where(AccessEvent.case_id == complaint).order_by(AccessEvent.seq)
        rows = list(db.session.scalars(query))
        db.session.remove()
    assert [row.hash.hex() for row in rows] == [first["access"], second["access"]]
    assert rows[1].previous == rows[0].hash


def test_of_many_who_open_a_case_at_once_nobody_is_turned_away(province: Province) -> None:
    _phrase, complaint, number = taken(province)
    browsers = [province.browser_of("lead"), province.browser_of("lead", "33")] * 4
    together = Barrier(len(browsers))

    def opening(browser: Visitor) -> list[int]:
        own = browser.again()
        together.wait()
        return [own.post(f"/petugas/perkara/{number}/buka", json={}).status_code for _time in range(4)]

    with ThreadPoolExecutor(len(browsers)) as crowd:
        answers = [status for statuses in crowd.map(opening, browsers) for status in statuses]
    assert answers == [200] * 32
    with province.app.app_context():
        seqs = db.session.scalars(select(AccessEvent.seq).where(AccessEvent.case_id == complaint)).all()
        db.session.remove()
    # One by the lead when he took it.
    assert sorted(seqs) == list(range(1, 34))


def test_no_key_is_handed_over_where_the_reading_cannot_be_logged(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    _phrase, complaint = province.lodge()
    number = province.number_of(complaint)
    province.log_in("lead")

    def fail(*_given: object) -> bytes:
        raise OSError("the disk is full")

    monkeypatch.setattr("casework.opening.log_access", fail)
    monkeypatch.setitem(province.app.config, "PROPAGATE_EXCEPTIONS", False)
    status, answer = province.browser_of("lead").ask(f"/petugas/perkara/{number}/buka", {})
    assert status == 500
    assert "keys" not in answer


def test_an_officer_without_a_key_is_told_there_is_no_such_case(province: Province) -> None:
    _phrase, complaint = province.lodge()
    number = province.number_of(complaint)
    for role, desk in (("investigator", "33.08"), ("reviewer", "33.08"), ("lead", "33.74"), ("lead", "luar")):
        status, _answer = province.browser_of(role, desk).ask(f"/petugas/perkara/{number}/buka", {})
        assert status == 404, (role, desk)


def test_the_lead_above_reads_a_childs_case_through_its_desks_key(province: Province) -> None:
    _phrase, complaint = province.lodge(text="Dibaca juga dari provinsi.")
    case = province.opened(province.number_of(complaint), "lead", "33")
    assert case.account()["text"] == "Dibaca juga dari provinsi."


def test_an_overseer_knows_of_the_case_and_gets_no_key(province: Province) -> None:
    _phrase, complaint = province.lodge()
    person = province.named("overseer", "-")
    assert person
    browser = province.overseer()
    number = province.number_of(complaint)
    assert browser.get(f"/petugas/perkara/{number}").status_code == 200
    assert browser.ask(f"/petugas/perkara/{number}/buka", {})[0] == 403


def test_two_officers_at_once_the_second_is_told_and_nothing_of_his_is_written(province: Province) -> None:
    _phrase, complaint, number, _allegation = investigated(province)
    first, second = opened(province, number, "lead"), opened(province, number, "investigator")
    unsigned, posted = compose(second, "note", "INVESTIGATION", [Text("note", "Yang kedua.")], {})
    act(first, "note", "INVESTIGATION", [Text("note", "Yang pertama.")])
    before = version_of(province, complaint)
    status, answer = second.login.ask(
        f"/petugas/perkara/{number}/tindakan", {"body": bodies.sign(unsigned, second.login.sign), **posted}
    )
    assert status == 409
    assert len(answer["changes"]) == 1
    assert version_of(province, complaint) == before


def test_the_reporters_act_on_a_case_that_moved_on_is_refused(province: Province) -> None:
    phrase, complaint, number, _allegation = investigated(province)
    seen = visit(province, phrase)
    act(opened(province, number, "lead"), "note", "INVESTIGATION", [Text("note", "Sementara itu.")])
    before = version_of(province, complaint)
    with pytest.raises(Refused) as refusal:
        client.act(seen, "message", "Terlambat.", province.visitor().ask)
    assert refusal.value.status == 409
    assert version_of(province, complaint) == before


def test_an_act_signed_with_a_colleagues_key_is_refused(province: Province) -> None:
    _phrase, complaint, number, _allegation = investigated(province)
    case = opened(province, number, "investigator")
    unsigned, posted = compose(case, "note", "INVESTIGATION", [Text("note", "Palsu.")], {})
    before = version_of(province, complaint)
    for key in (province.log_in("lead").sign, SigningKey.from_seed(secrets.token_bytes(32))):
        status, _answer = case.login.ask(
            f"/petugas/perkara/{number}/tindakan", {"body": bodies.sign(unsigned, key), **posted}
        )
        assert status == 403
    assert version_of(province, complaint) == before


def test_an_act_in_a_colleagues_name_is_refused(province: Province) -> None:
    _phrase, _complaint, number, _allegation = investigated(province)
    case = opened(province, number, "investigator")
    unsigned, posted = compose(case, "note", "INVESTIGATION", [Text("note", "Palsu.")], {})
    other = unsigned.replace(f"officer:{case.login.id}", f"officer:{province.log_in('lead').id}")
    body = bodies.sign(other, case.login.sign)
    assert case.login.ask(f"/petugas/perkara/{number}/tindakan", {"body": body, **posted})[0] == 403


def changed(case: OpenedCase, change: tuple[str, str], more: Json | None = None) -> int:
    """Post a note whose rightly signed body was changed; return the status."""
    unsigned, posted = compose(case, "note", "INVESTIGATION", [Text("note", "Diubah.")], {})
    other = unsigned.replace(*change)
    assert other != unsigned or more, "the change changed nothing"
    signed = {"body": bodies.sign(other, case.login.sign), **posted, **(more or {})}
    return case.login.ask(f"/petugas/perkara/{case.number}/tindakan", signed)[0]


def test_a_body_that_does_not_fit_the_case_is_refused(province: Province) -> None:
    _phrase, complaint, number, _allegation = investigated(province)
    case = opened(province, number, "investigator")
    before = version_of(province, complaint)
    assert changed(case, ("action note", "action close")) == 403
    assert changed(case, ("action note", "action teleport")) == 400
    assert changed(case, ("to INVESTIGATION", "to CLOSED")) == 422
    assert changed(case, ("clear -", "clear urgent=yes")) == 422
    assert changed(case, (f"case {complaint}", f"case {'0' * 32}")) == 400
    assert changed(case, ("date 2", "date 1")) == 409
    assert changed(case, (f"access {case.told['access']}", f"access {'0' * 64}")) == 409
    assert changed(case, ("objects note/", "objects reason/")) == 400
    assert changed(case, ("seq ", "seq 1")) == 409
    assert changed(case, (f"previous {case.told['head']}", f"previous {'0' * 128}")) == 409
    assert version_of(province, complaint) == before


def test_an_act_must_name_a_reading_no_older_than_the_act_before(province: Province) -> None:
    _phrase, _complaint, number, _allegation = investigated(province)
    old = opened(province, number, "investigator").told["access"]
    case = opened(province, number, "investigator")
    act(case, "note", "INVESTIGATION", [Text("note", "Yang baru.")])
    newest = opened(province, number, "investigator").told["access"]
    assert changed(case, (f"access {newest}", f"access {old}")) == 409


def test_an_act_on_a_case_whose_newest_act_names_a_reading_that_is_gone_is_refused_and_no_error(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    _phrase, complaint, number, _allegation = investigated(province)
    case, before = opened(province, number, "investigator"), version_of(province, complaint)

    def read_damaged(*where: Any) -> OpenCase:
        return replace(read_case(*where), access=secrets.token_bytes(32))

    # The database lets nobody take a reading away: instead, the newest act names one that never was.
    monkeypatch.setattr("casework.services.read_case", read_damaged)
    refusal = refused(case, "note", "INVESTIGATION", [Text("note", "Lanjut.")])
    assert refusal.status == 409 and "Buka perkara ini" in refusal.sentence
    assert version_of(province, complaint) == before


def test_nobody_closes_a_case_he_has_never_opened(province: Province) -> None:
    phrase, _complaint, number = proposed(province)
    unread = OpenedCase(province.log_in("reviewer"), number, {})
    refusal = refused(unread, "close", "CLOSED", [])
    assert refusal.status == 409 and "Buka perkara ini" in refusal.sentence
    opened(province, number, "reviewer")
    act(unread, "close", "CLOSED")
    assert visit(province, phrase).thread["state"] == "CLOSED"


def test_texts_under_another_epoch_are_refused(province: Province) -> None:
    _phrase, _complaint, number, _allegation = investigated(province)
    case = opened(province, number, "investigator")
    _unsigned, posted = compose(case, "note", "INVESTIGATION", [Text("note", "Diubah.")], {})
    [note] = posted["objects"]
    case.keys["case", 2] = secrets.token_bytes(32)
    digest = hashlib.sha256(base64.b64decode(note["box"])).hexdigest()
    unsigned, fresh = compose(case, "note", "INVESTIGATION", [Text("note", "Diubah.")], {})
    other = unsigned.replace(f"note/{fresh['objects'][0]['id']}", f"note/{note['id']}")
    other = other.replace(hashlib.sha256(base64.b64decode(fresh["objects"][0]["box"])).hexdigest(), digest)
    signed = {"body": bodies.sign(other, case.login.sign), "objects": [note | {"epoch": 2}], "keys": []}
    assert case.login.ask(f"/petugas/perkara/{number}/tindakan", signed)[0] == 409


def test_the_text_posted_must_be_the_text_signed(province: Province) -> None:
    _phrase, _complaint, number, _allegation = investigated(province)
    case = opened(province, number, "investigator")
    _other, swapped = compose(case, "note", "INVESTIGATION", [Text("note", "Bukan yang ini.")], {})
    assert changed(case, ("", ""), {"objects": swapped["objects"]}) == 400


def everything(case: OpenedCase) -> list[str]:
    """Open all there is to read of a case."""
    return [case.account()["text"], *map(case.text, [*case.told["messages"], *case.told["notes"]])]


def test_who_takes_over_reads_what_was_written_before_him_and_so_does_who_reviews(province: Province) -> None:
    _phrase, _complaint, number, allegation = investigated(province)
    act(opened(province, number, "investigator"), "recuse", "INVESTIGATION", [Text("reason", "Ia paman saya.")])
    colleague = province.log_in("investigator", turn=1)
    act(opened(province, number, "lead"), "assign", "INVESTIGATION", [], {"assignee": colleague.id})
    successor = opened(province, number, "investigator", turn=1)
    assert everything(successor) == everything(opened(province, number, "lead"))
    found = {f"allegation.{allegation.id}": "proven"}
    act(successor, "finding", "INVESTIGATION", [Text("finding", "Benar.")], found)
    texts = [Text("reason", "Dua saksi."), Text("decision", "Terbukti.")]
    act(opened(province, number, "investigator", turn=1), "propose", "REVIEW", texts, {"outcome": "proven"})
    assert everything(opened(province, number, "reviewer")) == everything(opened(province, number, "lead"))


def test_what_brings_the_reporter_his_keys_tells_nothing_that_is_not_decided(province: Province) -> None:
    phrase, _complaint, number, allegation = investigated(province)
    colleague = province.log_in("investigator", turn=1)
    act(opened(province, number, "lead"), "assign", "INVESTIGATION", [], {"assignee": colleague.id})
    case, found = opened(province, number, "investigator", turn=1), {f"allegation.{allegation.id}": "proven"}
    act(case, "finding", "INVESTIGATION", [Text("finding", "Benar.")], found)
    texts = [Text("reason", "Dua saksi."), Text("decision", "Terbukti.")]
    act(opened(province, number, "investigator", turn=1), "propose", "REVIEW", texts, {"outcome": "proven"})
    thread = visit(province, phrase).thread
    assert [read_event(key["body"]).action for key in thread["keys"]] == ["lodge", "assign"]
    assert thread["epoch"] == 2 and "proven" not in str(thread)


def test_a_key_sealed_to_nobody_asked_for_is_refused(province: Province) -> None:
    _phrase, complaint, number, _allegation = investigated(province)
    case = opened(province, number, "investigator")
    outsider = {"kind": "case", "epoch": 1, "recipient": f"officer:{province.log_in('investigator', turn=1).id}"}
    sealed = officer._sealed(case, outsider)
    unsigned, posted = compose(case, "note", "INVESTIGATION", [Text("note", "Bocor.")], {})
    ref = f"case-key/1.{outsider['recipient']}/{hashlib.sha256(base64.b64decode(sealed['sealed'])).hexdigest()}"
    body = bodies.sign(unsigned.rstrip("\n") + f",{ref}\n", case.login.sign)
    status, _answer = case.login.ask(
        f"/petugas/perkara/{number}/tindakan", {"body": body, "objects": posted["objects"], "keys": [sealed]}
    )
    assert status == 422


def test_nobody_closes_alone(province: Province) -> None:
    _phrase, _complaint, number = proposed(province)
    for role in ("investigator", "lead"):
        assert refused(opened(province, number, role), "close", "CLOSED", []).status == 403


def test_the_reporter_reads_a_decision_only_once_a_second_officer_has_closed_with_it(province: Province) -> None:
    phrase, _complaint, number = proposed(province)
    assert read(province, phrase) == []
    act(opened(province, number, "reviewer"), "send_back", "INVESTIGATION", [Text("reason", "Belum cukup.")])
    assert read(province, phrase) == []
    texts = [Text("reason", "Tiga saksi."), Text("decision", "Terbukti: tiga saksi.")]
    act(opened(province, number, "investigator"), "propose", "REVIEW", texts, {"outcome": "proven"})
    act(opened(province, number, "reviewer"), "close", "CLOSED")
    assert read(province, phrase) == ["Terbukti: tiga saksi."]
    client.act(visit(province, phrase), "object", "Tidak setuju.", province.visitor().ask)
    handler = province.log_in("investigator", turn=1)
    act(opened(province, number, "lead"), "assign", "OBJECTION", [], {"assignee": handler.id})
    decided = [Text("decision", "Tetap."), Text("reason", "Tidak ada yang baru.")]
    act(opened(province, number, "investigator", turn=1), "dismiss", "REVIEW", decided, {"outcome": "proven"})
    assert read(province, phrase) == ["Terbukti: tiga saksi.", "Tidak setuju."]


def read(province: Province, phrase: str) -> list[str]:
    seen = visit(province, phrase)
    return [seen.text(message) for message in seen.thread["messages"]]


def test_after_an_objection_somebody_else_closes(province: Province) -> None:
    phrase, _complaint, number = closed(province)
    client.act(visit(province, phrase), "object", "Tidak setuju.", province.visitor().ask)
    handler = province.log_in("investigator", turn=1)
    act(opened(province, number, "lead"), "assign", "OBJECTION", [], {"assignee": handler.id})
    decided = [Text("decision", "Tetap."), Text("reason", "Tidak ada yang baru.")]
    act(opened(province, number, "investigator", turn=1), "dismiss", "REVIEW", decided, {"outcome": "proven"})
    assert refused(opened(province, number, "reviewer"), "close", "CLOSED", []).status == 403
    act(opened(province, number, "reviewer", turn=1), "close", "CLOSED")


def test_who_worked_on_the_case_does_not_decide_on_the_objection(province: Province) -> None:
    phrase, _complaint, number = closed(province)
    client.act(visit(province, phrase), "object", "Tidak setuju.", province.visitor().ask)
    worked = province.log_in("investigator").id
    refusal = refused(opened(province, number, "lead"), "assign", "OBJECTION", [], {"assignee": worked})
    assert refusal.status == 422


def test_a_withdrawal_asks_and_a_reviewer_closes(province: Province) -> None:
    phrase, _complaint, number = taken(province)
    client.act(visit(province, phrase), "withdraw", "Sudah selesai baik-baik.", province.visitor().ask)
    assert visit(province, phrase).thread["state"] == "TRIAGE"
    texts = [Text("reason", "Diminta pelapor."), Text("decision", "Laporan dicabut atas permintaan Anda.")]
    act(opened(province, number, "lead"), "propose", "REVIEW", texts, {"outcome": "withdrawn"})
    act(opened(province, number, "reviewer"), "close", "CLOSED")
    assert visit(province, phrase).thread["state"] == "CLOSED"


def test_a_second_withdrawal_and_an_early_objection_are_refused(province: Province) -> None:
    phrase, _complaint, _number = taken(province)
    ask = province.visitor().ask
    client.act(visit(province, phrase), "withdraw", "Dicabut.", ask)
    for action in ("withdraw", "object", "answer"):
        with pytest.raises(Refused) as refusal:
            client.act(visit(province, phrase), action, "Lagi.", ask)
        assert refusal.value.status in {400, 403}


def test_a_message_whose_id_is_taken_is_refused_and_nothing_is_written(province: Province) -> None:
    phrase, _complaint, number, _allegation = investigated(province)
    case = opened(province, number, "investigator")
    question = Text("question", "Kapan?")
    act(case, "ask", "NEEDS_INFO", [question])
    other_phrase, other, other_number = taken(province)
    before = version_of(province, other)
    again = Text("question", "Kapan?", question.id)
    assert refused(opened(province, other_number, "lead"), "ask", "NEEDS_INFO", [again]).status == 409
    assert version_of(province, other) == before
    assert phrase != other_phrase
