"""A case's other days, each form filled in and sent: urgent, held, referred in vain, extended, referred, re-opened.

What the villager reads of it is asserted on the way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys import acting, reporting
from tests.journeys.checks import assert_usable
from tests.journeys.officers import Office
from tests.journeys.whole import Story, Whole, written_out
from tests.places import HERE

AGENCIES = [agency.name for agency in HERE.province.agencies.values()]
UNWILLING, WILLING = AGENCIES[0], AGENCIES[-1]
REFERRED = "Diteruskan ke instansi berwenang; tetap kami pantau."
DELAY = "Kami perlu waktu lebih lama: saksi utamanya sedang dirawat."
DECISION = "Instansi itu sudah menindak petugas loketnya."
EVIDENCE = "Ada rekaman baru: uangnya ternyata masih diminta minggu lalu."


@pytest.fixture
def whole(plain_phone: BrowserContext, office: Office) -> Whole:
    """A complaint that has been lodged, and that the lead has taken."""
    made = Whole(Story(), plain_phone.new_page(), reporting.lodge_in_one_page, office, lambda page: None)
    made.lodged()
    made.opened()
    return made


@contextmanager
def opened_by(whole: Whole, role: str, desk: str = HERE.desk) -> Iterator[Page]:
    """Open the case as one of the people does, from its own address."""
    page = whole.office.page_of(role, desk)
    page.goto(f"/petugas/perkara/{whole.number}")
    acting.unseal(page)
    yield page


def looked_at(page: Page, action: str) -> Page:
    """Unfold a form that no other journey shows, and find nothing wrong with it."""
    acting.form(page, action)
    assert_usable(page)
    return page


def reads(whole: Whole, state: str, *words: str, never: str = "") -> None:
    """Come back as the villager, and read where the case stands and what is said of it."""
    with whole.visited(whole.phrase) as phone:
        expect(phone.locator("#case-status")).to_have_attribute("data-state", state)
        for each in words:
            expect(phone.locator("main")).to_contain_text(each)
        if never:
            expect(phone.locator("main")).not_to_contain_text(never)


def marked_and_held(whole: Whole) -> None:
    """The lead puts the case first, holds it for a court and lets go of it, and lets a reviewer read it."""
    reviewer = whole.office.name_of("reviewer")
    with opened_by(whole, "lead") as lead:
        acting.flag(lead, "Mendesak")
        acting.explain(looked_at(lead, "hold"), "hold", "Diminta jaksa.", "Perkara ditahan untuk keperluan hukum.")
        expect(lead.locator("#head")).to_contain_text("Ditahan")
        acting.explain(looked_at(lead, "release"), "release", "Jaksa selesai.", "Penahanan perkara dilepas.")
        expect(lead.locator("#head")).not_to_contain_text("Ditahan")
        acting.let_read(lead, reviewer, "Mohon dibaca: ini wewenang instansi lain?")


def referred(whole: Whole, agency: str) -> None:
    """The reviewer consents, the lead refers, and the villager reads to whom."""
    with opened_by(whole, "reviewer") as reviewer:
        acting.consent(looked_at(reviewer, "consent"), agency)
    with opened_by(whole, "lead") as lead:
        expect(acting.form(lead, "refer")).to_contain_text(agency)
        acting.explain(looked_at(lead, "refer"), "refer", "Itu wewenangnya.", "Dilimpahkan ke instansi lain.")
        expect(lead.locator("#state")).to_have_text("Dilimpahkan")
    reads(whole, "REFERRED", REFERRED, agency)


def sent_back(whole: Whole) -> None:
    """The authority does not take it: the lead records that, and has it investigated here."""
    with opened_by(whole, "lead") as lead:
        acting.explain(looked_at(lead, "returned"), "returned", "Tidak ada tanda terima.", "Pelimpahan kembali.")
        name = whole.office.name_of("investigator")
        acting.assign_with_plan(lead, name, whole.story.plan, whole.story.allegations[:1])
    reads(whole, "INVESTIGATION", never=UNWILLING)


def prolonged(whole: Whole) -> None:
    """The lead takes more time, once, and the villager reads why."""
    with opened_by(whole, "lead") as lead:
        until = acting.extend(lead, DELAY, "Saksi di rumah sakit.")
        expect(lead.locator("#history .now")).to_contain_text(written_out(date.fromisoformat(until)))
        expect(lead.locator("#acts")).to_contain_text("sudah pernah diperpanjang")
    reads(whole, "INVESTIGATION", DELAY)


def answered(whole: Whole) -> None:
    """The authority has acted: the investigator records it under its number, and the reviewer closes the case."""
    with opened_by(whole, "investigator") as investigator:
        looked_at(investigator, "receipt")
        acting.receive(investigator, "B-113/XI/2026", "Terbukti", "Surat jawabannya lengkap.", DECISION)
        expect(investigator.locator("#history .now")).to_contain_text("B-113/XI/2026")
    reads(whole, "REVIEW", never=WILLING)
    with opened_by(whole, "reviewer") as reviewer:
        acting.close(reviewer)
    reads(whole, "CLOSED", DECISION)


def reopened(whole: Whole) -> None:
    """The villager writes of something new, and the lead above has the case investigated again."""
    with whole.visited(whole.phrase) as phone:
        reporting.write(phone, EVIDENCE)
    with opened_by(whole, "lead", HERE.top) as above:
        expect(above.locator("#thread .written").last).to_have_text(EVIDENCE)
        acting.explain(looked_at(above, "reopen"), "reopen", "Rekaman baru.", "Perkara dibuka kembali.")
    reads(whole, "INVESTIGATION")


@pytest.mark.elsewhere
def test_a_case_is_held_referred_in_vain_extended_referred_again_answered_and_reopened(whole: Whole) -> None:
    marked_and_held(whole)
    referred(whole, UNWILLING)
    sent_back(whole)
    prolonged(whole)
    referred(whole, WILLING)
    answered(whole)
    reopened(whole)
