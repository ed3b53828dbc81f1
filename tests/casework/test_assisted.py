"""Assisted entry: an officer writes down what a visitor tells, is named as the channel, and is kept from the case."""

import secrets

import pytest
from sqlalchemy import or_, select

from casework.access import known_parts, known_to
from casework.logins import CurrentOfficer
from casework.models import Case
from casework.terms import Role
from complaints.models import Complaint
from kernel.database import db
from kernel.vault import PhraseKeys, keys_of
from tests import client
from tests.casework.test_acts import act, opened, refused
from tests.client import Json, Refused, asked
from tests.officer import Text
from tests.province import ANSWERS, Province

DESK = "/petugas/bantu"


def written(province: Province, channel: str | None, **answers: str) -> tuple[PhraseKeys, Json]:
    """Return a visitor's keys, and his complaint with ``channel`` as who wrote it down."""
    keys = keys_of(secrets.token_bytes(32))
    ask = province.visitor().ask
    return keys, client.envelope(ANSWERS | answers, keys, province.installation(), ask, channel=channel)


def assisted(province: Province, role: str, turn: int = 0) -> tuple[PhraseKeys, str, str]:
    """Have an officer write a complaint down; return the visitor's keys, the complaint and its number."""
    channel = province.log_in(role, turn=turn)
    keys, envelope = written(province, channel.id)
    asked(channel.ask, DESK, envelope)
    complaint = client.visit(keys, province.visitor().ask).thread["complaint"]
    return keys, complaint, province.number_of(complaint)


def lodged(province: Province) -> set[str]:
    with province.app.app_context():
        found = set(db.session.scalars(select(Complaint.id)))
        db.session.remove()
    return found


def test_the_case_names_its_channel_and_the_visitor_comes_back_with_his_phrase(province: Province) -> None:
    keys, complaint, number = assisted(province, "investigator")
    channel = province.log_in("investigator")
    with province.app.app_context():
        assert db.session.get_one(Case, complaint).channel_id == channel.id
        db.session.remove()
    page = province.browser_of("lead").get(f"/petugas/perkara/{number}").text
    assert "Dicatat untuk pelapor oleh" in page
    seen = client.visit(keys, province.visitor().ask)
    assert seen.account()["text"] == ANSWERS["text"]
    client.act(seen, "message", "Saya ingat tanggalnya.", province.visitor().ask)


def test_nobody_names_an_officer_but_himself_and_a_stranger_names_nobody(province: Province) -> None:
    own, other = province.log_in("investigator"), province.log_in("investigator", turn=1)
    before = lodged(province)
    attempts = [
        (province.visitor().ask, "/api/v1/complaints", other.id),
        (own.ask, "/api/v1/complaints", own.id),
        (own.ask, DESK, other.id),
        (own.ask, DESK, None),
        (own.ask, DESK, "nobody"),
    ]
    for ask, address, channel in attempts:
        with pytest.raises(Refused) as refusal:
            asked(ask, address, written(province, channel)[1])
        assert refusal.value.status == 400
    with pytest.raises(Refused) as refusal:
        asked(province.visitor().ask, DESK, written(province, own.id)[1])
    assert refusal.value.status == 401
    assert lodged(province) == before


def test_the_same_envelope_again_is_answered_alike(province: Province) -> None:
    channel = province.log_in("investigator")
    envelope = written(province, channel.id)[1]
    assert asked(channel.ask, DESK, envelope) == asked(channel.ask, DESK, envelope)


def test_a_lead_who_wrote_it_down_knows_nothing_of_the_case_and_the_lead_above_takes_it(province: Province) -> None:
    _keys, _complaint, number = assisted(province, "lead")
    browser = province.browser_of("lead")
    case = f"/petugas/perkara/{number}"
    assert [browser.get(case).status_code, browser.get(f"{case}/keadaan").status_code] == [404, 404]
    queues = [browser.get(f"/petugas/{narrowed}").text for narrowed in ("", "?meja=33.08", "?tahap=RECEIVED")]
    assert not any(number in queue for queue in queues)
    with pytest.raises(Refused) as refusal:
        opened(province, number, "lead")
    assert refusal.value.status == 404
    above = province.opened(number, "lead", "33")
    act(above, "open", "TRIAGE", [Text("declaration", "Tidak ada benturan kepentingan.")])


@pytest.mark.parametrize("role", list(Role))
def test_whatever_the_channel_becomes_later_the_case_is_not_among_those_he_knows_of(
    province: Province, role: Role
) -> None:
    _keys, complaint, _number = assisted(province, "investigator")
    channel = province.log_in("investigator").id
    with province.app.app_context():
        # What would make the case his in any other role: nothing but its being his writing stands against it.
        known, desks = [], ("33.08",) if role is Role.LEAD else ()
        for officer_id in (channel, secrets.token_hex(16)):
            officer = CurrentOfficer(officer_id, "", "", role, "33.08", desks, token=b"", seed_key=None, unseen=False)
            query = select(Case.id).where(Case.id == complaint)
            parts = [known_to(officer), or_(*known_parts(officer, None))]
            known.append([db.session.scalar(query.where(part)) is not None for part in parts])
        db.session.remove()
    assert known == [[False, False], [role in {Role.LEAD, Role.OVERSEER}] * 2]


def test_whoever_wrote_it_down_is_given_neither_the_case_nor_a_key(province: Province) -> None:
    _keys, _complaint, number = assisted(province, "investigator")
    channel, other = province.log_in("investigator"), province.log_in("investigator", turn=1)
    act(opened(province, number, "lead"), "open", "TRIAGE", [Text("declaration", "Tidak ada benturan kepentingan.")])
    lead, allegation = opened(province, number, "lead"), Text("allegation", "Memungut ongkos cetak.")
    plan = [Text("plan", "Periksa loket."), allegation]
    clear = {"category": "tarif_berlebih", "severity": "ringan", f"allegation.{allegation.id}": "open"}
    assert refused(lead, "investigate", "INVESTIGATION", plan, clear | {"assignee": channel.id}).status in {403, 422}
    act(opened(province, number, "lead"), "investigate", "INVESTIGATION", plan, clear | {"assignee": other.id})
    assert channel.ask(f"/petugas/perkara/{number}/buka", {})[0] == 404


def test_a_reviewer_who_wrote_it_down_is_no_second_officer(province: Province) -> None:
    _keys, _complaint, number = assisted(province, "reviewer")
    act(opened(province, number, "lead"), "open", "TRIAGE", [Text("declaration", "Tidak ada benturan kepentingan.")])
    texts = [Text("reason", "Bukan wewenang."), Text("decision", "Kami tidak dapat memeriksanya.")]
    act(opened(province, number, "lead"), "propose", "REVIEW", texts, {"outcome": "cannot_be_processed"})
    with pytest.raises(Refused) as refusal:
        opened(province, number, "reviewer")
    assert refusal.value.status == 404
    act(opened(province, number, "reviewer", turn=1), "close", "CLOSED")


def test_the_only_lead_over_a_complaint_cannot_write_it_down(province: Province) -> None:
    before, only = lodged(province), province.log_in("lead", "33")
    with pytest.raises(Refused) as refusal:
        asked(only.ask, DESK, written(province, only.id, level="pimpinan_kabkota")[1])
    assert refusal.value.status == 422 and "petugas lain" in refusal.value.sentence
    assert lodged(province) == before
