"""The acts of other days: referral, extension, legal hold, re-opening, urgency, and a reporter who is threatened."""

import re
from datetime import date, timedelta

import pytest

from casework.models import Case
from kernel.database import db
from tests import client
from tests.casework.test_acts import DECLARATION, act, closed, investigated, opened, proposed, refused, visit
from tests.client import Json, Refused
from tests.officer import Text, handover
from tests.places import EVERYWHERE
from tests.province import Province, Visitor


def why(reason: str = "Tanah adalah wewenang BPN.") -> list[Text]:
    """Return a reason, under an id of its own each time."""
    return [Text("reason", reason)]


def case_of(province: Province, complaint: str) -> Case:
    with province.app.app_context():
        row = db.session.get_one(Case, complaint)
        db.session.remove()
    return row


def readable(province: Province) -> tuple[str, str, str]:
    """Return phrase, complaint and number of a case that a lead has let a reviewer read."""
    phrase, complaint, number, _allegation = investigated(province)
    reader = province.log_in("reviewer").id
    act(opened(province, number, "lead"), "note", "INVESTIGATION", [Text("note", "Mohon periksa.")], {"reader": reader})
    return phrase, complaint, number


def consented(province: Province) -> tuple[str, str, str, dict[str, str]]:
    """Return the same of a case whose referral a reviewer has consented to, and what he consented to."""
    phrase, complaint, number = readable(province)
    case = opened(province, number, "reviewer")
    clear = {"agency": province.place.agency, "package": handover(case)}
    act(case, "consent", "INVESTIGATION", [], clear)
    return phrase, complaint, number, clear


def referred(province: Province) -> tuple[str, str, str]:
    """Return the same of a case that has been referred."""
    phrase, complaint, number, clear = consented(province)
    act(opened(province, number, "lead"), "refer", "REFERRED", why(), clear | {"recipient": "none"})
    return phrase, complaint, number


def again(lead: Visitor) -> int:
    """Return how many closed cases the queue says a lead should look at again."""
    said = re.search(r"(\d+) perkara selesai perlu dilihat lagi", lead.get("/petugas/").text)
    return int(said[1]) if said else 0


def page_of(province: Province, phrase: str) -> str:
    """Return the status page as a reporter without JavaScript reads it."""
    browser = province.visitor()
    browser.post("/lacak", data={"phrase": phrase})
    return browser.get("/lacak").text


@pytest.mark.parametrize("province", EVERYWHERE, indirect=True)
def test_a_reviewer_who_was_let_read_consents_and_the_reporter_reads_to_whom_his_case_went(province: Province) -> None:
    phrase, _complaint, number = referred(province)
    agency = province.place.province.agencies[province.place.agency].name
    assert agency in page_of(province, phrase)
    endings = [Text("reason", "Surat jawaban."), Text("decision", "Kanwil BPN menegur petugasnya.")]
    told = {"outcome": "proven", "reference": "700/12/BPN/XI/2026"}
    act(opened(province, number, "investigator"), "receipt", "REVIEW", endings, told)
    assert agency not in page_of(province, phrase)
    # To have read and consented is no authorship: the same reviewer may close.
    act(opened(province, number, "reviewer"), "close", "CLOSED")
    assert "Kanwil BPN menegur petugasnya." in page_of(province, phrase)


def test_what_an_agency_sends_back_is_looked_into_again_and_needs_a_new_consent(province: Province) -> None:
    _phrase, _complaint, number = referred(province)
    letter = {"reference": "B/77/XI/2026"}
    act(opened(province, number, "investigator"), "returned", "TRIAGE", [Text("reason", "Bukan wewenangnya.")], letter)
    assert "nomor B/77/XI/2026" in province.browser_of("lead").get(f"/petugas/perkara/{number}").text
    again = {"agency": "bpn", "package": "0" * 64, "recipient": "none"}
    assert refused(opened(province, number, "lead"), "refer", "REFERRED", why(), again).status == 403


@pytest.mark.parametrize(
    "other", [{"agency": "polda"}, {"package": "0" * 64}, {"recipient": "saya"}], ids=["agency", "package", "recipient"]
)
def test_nothing_is_referred_but_what_was_consented_to(province: Province, other: Json) -> None:
    _phrase, _complaint, number, clear = consented(province)
    wrong = clear | {"recipient": "none"} | other
    assert refused(opened(province, number, "lead"), "refer", "REFERRED", why(), wrong).status == 422


def test_without_consent_nothing_is_referred_and_nobody_but_a_reviewer_consents(province: Province) -> None:
    _phrase, _complaint, number = readable(province)
    lead, clear = opened(province, number, "lead"), {"agency": "bpn", "package": "0" * 64}
    assert refused(lead, "refer", "REFERRED", why(), clear | {"recipient": "none"}).status == 403
    for role in ("lead", "investigator"):
        assert refused(opened(province, number, role), "consent", "INVESTIGATION", [], clear).status == 403


def test_only_a_lead_lets_anybody_read_and_only_a_reviewer_who_may_review(province: Province) -> None:
    _phrase, _complaint, number, _allegation = investigated(province)
    reviewer, other = province.log_in("reviewer").id, province.log_in("investigator", turn=1).id
    note = [Text("note", "Mohon periksa.")]
    investigator = opened(province, number, "investigator")
    assert refused(investigator, "note", "INVESTIGATION", note, {"reader": reviewer}).status == 422
    lead = opened(province, number, "lead")
    assert refused(lead, "note", "INVESTIGATION", note, {"reader": other}).status in {403, 422}
    with pytest.raises(Refused) as unknown:
        opened(province, number, "reviewer", turn=1)
    assert unknown.value.status == 404


def test_an_investigation_is_extended_once_and_the_reporter_reads_why(province: Province) -> None:
    phrase, complaint, number, _allegation = investigated(province)
    texts = [Text("reason", "Saksi sakit."), Text("message", "Kami perlu waktu lebih lama: saksinya sakit.")]
    lead, begun = opened(province, number, "lead"), case_of(province, complaint).opened_on
    due = begun + timedelta(days=120)
    for wrong in (begun.isoformat(), (due + timedelta(days=400)).isoformat(), "besok"):
        assert refused(lead, "extend", "INVESTIGATION", texts, {"until": wrong}).status in {400, 422}
    until = _weekday(due).isoformat()
    act(opened(province, number, "lead"), "extend", "INVESTIGATION", texts, {"until": until})
    assert "Kami perlu waktu lebih lama: saksinya sakit." in page_of(province, phrase)
    assert refused(opened(province, number, "lead"), "extend", "INVESTIGATION", texts, {"until": until}).status == 403


def _weekday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.isoweekday()) if day.isoweekday() > 5 else 0)


def test_a_case_is_held_and_released_by_its_lead_alone(province: Province) -> None:
    _phrase, complaint, number, _allegation = investigated(province)
    assert refused(opened(province, number, "investigator"), "hold", "INVESTIGATION", why()).status == 403
    assert refused(opened(province, number, "lead"), "release", "INVESTIGATION", why()).status == 403
    act(opened(province, number, "lead"), "hold", "INVESTIGATION", why())
    assert case_of(province, complaint).legal_hold
    assert refused(opened(province, number, "lead"), "hold", "INVESTIGATION", why()).status == 403
    act(opened(province, number, "lead"), "release", "INVESTIGATION", why())
    assert not case_of(province, complaint).legal_hold


def test_the_reason_of_a_hold_on_a_case_that_nobody_has_opened_can_be_read(province: Province) -> None:
    _phrase, complaint = province.lodge()
    number = province.number_of(complaint)
    act(opened(province, number, "lead"), "hold", "RECEIVED", why("Diminta pengadilan."))
    act(opened(province, number, "lead"), "open", "TRIAGE", [Text("declaration", DECLARATION)])
    case = opened(province, number, "lead")
    assert [case.text(note) for note in case.told["notes"]] == ["Diminta pengadilan.", DECLARATION]


def test_only_the_lead_above_reopens_a_closed_case_and_it_goes_on_where_it_was(province: Province) -> None:
    _phrase, complaint, number = closed(province)
    assert refused(opened(province, number, "lead"), "reopen", "INVESTIGATION", why()).status == 403
    act(province.opened(number, "lead", "33"), "reopen", "INVESTIGATION", why())
    case = case_of(province, complaint)
    assert (case.state, case.assignee_id) == ("INVESTIGATION", province.log_in("investigator").id)
    act(opened(province, number, "investigator"), "note", "INVESTIGATION", [Text("note", "Rekaman didengar.")])


def test_urgency_is_set_and_taken_back_but_whoever_is_threatened_stays_urgent(province: Province) -> None:
    phrase, complaint, number, _allegation = investigated(province)
    act(opened(province, number, "lead"), "flag", "INVESTIGATION", [], {"urgent": "yes"})
    assert case_of(province, complaint).urgent
    act(opened(province, number, "lead"), "flag", "INVESTIGATION", [], {"urgent": "no"})
    assert not case_of(province, complaint).urgent
    client.act(visit(province, phrase), "message", "Saya didatangi.", province.visitor().ask, {"threatened": "yes"})
    frightened = case_of(province, complaint)
    assert frightened.urgent and frightened.threatened_on is not None
    act(opened(province, number, "lead"), "flag", "INVESTIGATION", [], {"urgent": "no"})
    assert case_of(province, complaint).urgent


def test_a_threat_can_be_told_without_javascript_too_in_every_thing_a_reporter_writes(province: Province) -> None:
    ways = ("kirim", "", investigated), ("cabut", "cabut-", investigated), ("keberatan", "keberatan-", closed)
    for address, prefix, reached in ways:
        phrase, complaint, *_rest = reached(province)
        browser = province.visitor()
        browser.post("/lacak", data={"phrase": phrase})
        sent = browser.post(f"/lacak/{address}", data={f"{prefix}text": "Saya didatangi.", f"{prefix}threatened": "y"})
        assert sent.status_code == 303 and case_of(province, complaint).threatened_on is not None


@pytest.mark.parametrize("said", [{}, {"threatened": "yes"}])
def test_what_is_written_of_a_closed_case_brings_it_before_its_leads_until_one_has_acted(
    province: Province, said: dict[str, str]
) -> None:
    phrase, complaint, number = closed(province)
    leads = [province.browser_of("lead"), province.browser_of("lead", desk="33")]
    before = [again(lead) for lead in leads]
    client.act(visit(province, phrase), "message", "Saya menemukan kuitansinya.", province.visitor().ask, said)
    assert [again(lead) for lead in leads] == [count + 1 for count in before]
    for lead in leads:
        shown = lead.get("/petugas/?tahap=CLOSED&mendesak=ya").text
        assert number in shown and "Perlu dilihat lagi" in shown and ("Pelapor terancam" in shown) == bool(said)
    act(opened(province, number, "lead"), "flag", "CLOSED", [], {"urgent": "no"})
    assert [again(lead) for lead in leads] == before and not case_of(province, complaint).urgent
    assert number not in leads[0].get("/petugas/?tahap=CLOSED&mendesak=ya").text


def test_closing_ends_urgency_and_a_flag_after_it_brings_the_case_before_the_lead_above(province: Province) -> None:
    phrase, complaint, number = proposed(province)
    client.act(visit(province, phrase), "message", "Saya didatangi.", province.visitor().ask, {"threatened": "yes"})
    act(opened(province, number, "lead"), "flag", "REVIEW", [], {"urgent": "yes"})
    act(opened(province, number, "reviewer"), "close", "CLOSED")
    assert not case_of(province, complaint).urgent
    act(opened(province, number, "lead"), "flag", "CLOSED", [], {"urgent": "yes"})
    assert case_of(province, complaint).urgent
    above = province.browser_of("lead", desk="33")
    assert number in above.get("/petugas/?tahap=CLOSED&mendesak=ya").text
    act(province.opened(number, "lead", "33"), "reopen", "INVESTIGATION", why())
    assert case_of(province, complaint).urgent


def test_a_reporter_sets_nothing_else_in_the_clear(province: Province) -> None:
    phrase, _complaint = province.lodge()
    for clear in ({"threatened": "no"}, {"urgent": "yes"}, {"threatened": "yes", "desk": "33"}):
        with pytest.raises(Refused) as refusal:
            client.act(visit(province, phrase), "message", "Halo.", province.visitor().ask, clear)
        assert refusal.value.status == 400


def test_a_reviewer_leaving_the_review_hands_it_to_those_who_remain(province: Province) -> None:
    _phrase, _complaint, number = proposed(province)
    act(opened(province, number, "reviewer"), "recuse", "REVIEW", [Text("reason", "Tetangga saya.")])
    with pytest.raises(Refused):
        act(opened(province, number, "reviewer"), "close", "CLOSED")
    act(opened(province, number, "reviewer", turn=1), "close", "CLOSED")
