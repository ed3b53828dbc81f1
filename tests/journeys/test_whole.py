"""From the village to a decision, through an objection, and out of it both ways; and a complaint taken back.

What each person sees at each stage is asserted on the way, in ``whole.py``.
"""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys import acting, reporting
from tests.journeys.officers import Office
from tests.journeys.whole import OnTheWire, Story, Whole, until_handed_over

TO_AN_OBJECTION = ["RECEIVED", "TRIAGE", "NEEDS_INFO", "INVESTIGATION", "REVIEW", "CLOSED", "OBJECTION"]


@pytest.mark.elsewhere
def test_with_javascript_a_complaint_is_investigated_again_after_an_objection(on_the_wire: OnTheWire) -> None:
    assert on_the_wire.whole.read == [*TO_AN_OBJECTION, "INVESTIGATION"]


def test_an_objection_is_dismissed_and_another_reviewer_closes(plain_phone: BrowserContext, office: Office) -> None:
    whole = Whole(Story(), plain_phone.new_page(), reporting.lodge_in_one_page, office, lambda page: None)
    until_handed_over(whole)
    whole.dismissed()
    assert whole.read == [*TO_AN_OBJECTION, "CLOSED"]


def test_a_complaint_taken_back_is_closed_by_a_second_officer(plain_phone: BrowserContext, office: Office) -> None:
    whole = Whole(Story(), plain_phone.new_page(), reporting.lodge_in_one_page, office, lambda page: None)
    whole.lodged()
    whole.opened()
    with whole.visited(whole.phrase) as phone:
        reporting.withdraw(phone, "Uangnya sudah dikembalikan diam-diam.")
        whole.stands(phone, "TRIAGE")
        expect(phone.locator("summary", has_text="Cabut laporan")).to_have_count(0)
    lead = office.page_of("lead")
    expect(acting.row(lead, whole.number)).to_contain_text("Minta dicabut")
    acting.enter(lead, whole.number)
    acting.unseal(lead)
    expect(lead.locator("#thread")).to_contain_text("Uangnya sudah dikembalikan diam-diam.")
    acting.propose(lead, "Dicabut oleh pelapor", "Diminta pelapor, tanpa tanda paksaan.", "Kami tutup seperti diminta.")
    reviewer = office.page_of("reviewer")
    acting.enter(reviewer, whole.number)
    acting.unseal(reviewer)
    acting.close(reviewer)
    with whole.visited(whole.phrase) as phone:
        whole.stands(phone, "CLOSED")
        expect(phone.locator("#case-status")).to_contain_text("Dicabut oleh pelapor")
        expect(phone.locator("#case-status")).to_contain_text("Kami tutup seperti diminta.")
