"""Officers whose keys change or who change places, each by his own buttons; and who opens the old cases after it.

What is lost, leaked or left behind is tried as a thief of the database would: on every sealed copy that lies there.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys import acting
from tests.journeys.checks import assert_usable
from tests.journeys.keys import (
    Town, compared, enter, epochs_of, give_up, investigated, invited_anew, is_not_invited_before_his_keys_are_revoked,
    is_out, is_told_of_a_leak, knows_nothing_of, lodged, name_of, reads, reassigned, renew_the_desks_key, revoked,
    row_of,
)  # fmt: skip
from tests.journeys.looking import PHONE
from tests.journeys.officers import fill_login, six_words
from tests.journeys.reporting import track
from tests.journeys.test_accounts import invited, rehearse
from tests.places import HERE
from tests.server import Person, founded


@pytest.fixture(scope="module")
def town(browser: Browser) -> Iterator[Town]:
    """A province of its own: its people change."""
    with founded(**HERE.environment) as installation:
        made = Town(browser, installation)
        yield made
        made.close()


@pytest.fixture(scope="module")
def administrator(town: Town) -> Page:
    """The administrator's page."""
    return town.enter(town.of("administrator", "-"), "/petugas/akun")


def new_password(page: Page, person: Person) -> Person:
    """Draw a new password on the page of one's account."""
    page.goto("/petugas/saya")
    page.get_by_label("Kata sandi sekarang").fill(person.password)
    page.get_by_role("button", name="Buat kata sandi baru").click()
    expect(page.get_by_role("heading", name="Catat kata sandi baru")).to_be_focused()
    assert_usable(page)
    words = page.locator("#password-words li").all_inner_texts()
    page.get_by_role("button", name="Sudah saya catat").click()
    rehearse(page, words)
    expect(page.get_by_role("heading", name="Kata sandi sudah diganti")).to_be_focused()
    return Person(person.name, person.role, person.desk, " ".join(words), person.totp_secret)


def test_a_lost_password_ends_the_old_keys_and_the_lead_gives_the_case_back(town: Town, administrator: Page) -> None:
    loser = town.of("investigator", HERE.desk, 1)
    lead, old = town.enter(town.of("lead", HERE.desk)), town.enter(loser)
    name = name_of(old)
    _phrase, number = lodged(town, lead)
    complaint = investigated(lead, number, name)
    reads(old, number)
    lost = town.key_of(loser)
    assert town.reach(lost, complaint) == epochs_of(complaint, 1)

    link = invited_anew(administrator, loser)
    is_out(old)
    assert town.reach(lost) == set()

    again, words = town.activated(link, loser.name)
    compared(lead, name, words)
    hand = lead.get_by_role("button", name=f"Segel untuk {name}")
    expect(hand).to_be_visible()
    assert_usable(lead)
    here, there = town.enter(again), town.enter(again)
    hand.click()
    expect(hand).to_have_count(0)
    reads(here, number)
    assert town.reach(lost) == set() and town.reach(town.key_of(again), complaint) == epochs_of(complaint, 1)

    renewed = town.knows(new_password(here, again))
    is_out(there)
    reads(town.enter(renewed), number)
    assert town.reach(town.key_of(renewed), complaint) == epochs_of(complaint, 1)


def test_leaked_keys_end_at_once_and_their_owner_gets_his_case_back_under_new_ones(
    town: Town, administrator: Page
) -> None:
    owner = town.of("investigator", HERE.other)
    lead, here, thief = town.enter(town.of("lead", HERE.other)), town.enter(owner), town.enter(owner)
    name = name_of(here)
    _phrase, number = lodged(town, lead, region=HERE.region_of(HERE.other))
    complaint = investigated(lead, number, name)
    reads(thief, number)
    leaked = town.key_of(owner)
    assert town.reach(leaked, complaint) == epochs_of(complaint, 1)

    give_up(here)
    is_out(thief)
    fill_login(thief, town.comes_later(owner))
    thief.get_by_role("button", name="Masuk").click()
    expect(thief.locator("#error-summary")).to_contain_text("tidak cocok")
    assert town.reach(leaked) == set()
    is_not_invited_before_his_keys_are_revoked(administrator, owner)

    is_told_of_a_leak(lead, name)
    revoked(lead, name)
    expect(row_of(lead, name)).to_contain_text("Perlu undangan baru")
    enter(lead, number)
    expect(lead.get_by_label("Kunci bocor")).to_have_count(0)
    acting.unseal(lead)
    acting.note(lead, "Kunci pemeriksa diganti.")

    again, words = town.activated(invited_anew(administrator, owner), owner.name)
    compared(lead, name, words)
    expect(lead.get_by_role("button", name=f"Segel untuk {name}")).to_have_count(0)
    after = town.enter(again)
    knows_nothing_of(after, number)
    reassigned(lead, number, name)
    reads(after, number, "Kunci pemeriksa diganti.")
    assert town.reach(leaked) == set() and town.reach(town.key_of(again), complaint) == epochs_of(complaint, 1, 2)


def test_who_was_replaced_or_recused_himself_reads_no_more_and_who_comes_after_him_reads_all(town: Town) -> None:
    lead = town.enter(town.of("lead", HERE.desk))
    people = [town.of("investigator", HERE.desk, turn) for turn in (0, 1)]
    first, second = (town.enter(person) for person in people)
    its_first, its_second = name_of(first), name_of(second)
    phrase, number = lodged(town, lead)
    complaint = investigated(lead, number, its_first)
    reads(first, number)
    acting.note(first, "Sudah ke lokasi.")

    reassigned(lead, number, its_second)
    knows_nothing_of(first, number)
    reads(second, number, "Sudah ke lokasi.")
    acting.reply(second, "Petugas lain melanjutkan.")
    keys = [town.key_of(person) for person in people]
    assert [town.reach(key, complaint) for key in keys] == [set(), epochs_of(complaint, 1, 2)]

    recuse(second, "Ia paman saya.")
    knows_nothing_of(second, number)
    reassigned(lead, number, its_first)
    reads(first, number, "Petugas lain melanjutkan.", "Ia paman saya.")
    acting.reply(first, "Saya kembali memeriksa.")
    assert [town.reach(key, complaint) for key in keys] == [epochs_of(complaint, 1, 2, 3), set()]

    phone = town.phone()
    track(phone, phrase)
    for said in ("Petugas lain melanjutkan.", "Saya kembali memeriksa."):
        expect(phone.locator("main")).to_contain_text(said)


def test_who_leaves_is_out_at_once_and_his_case_goes_on_with_another(town: Town, administrator: Page) -> None:
    lead = town.enter(town.of("lead", HERE.outside))
    leaver, stays = (town.of("investigator", HERE.outside, turn) for turn in (0, 1))
    gone, heir = town.enter(leaver), town.enter(stays)
    name, its_heir = name_of(gone), name_of(heir)
    _phrase, number = lodged(town, lead, level="pimpinan_provinsi")
    complaint = investigated(lead, number, name)
    reads(gone, number)
    left = town.key_of(leaver)
    assert town.reach(left, complaint) == epochs_of(complaint, 1)

    close_account(administrator, leaver)
    is_out(gone)
    assert town.reach(left) == set() and town.copies_for(complaint) == set()
    lead.goto("/petugas/orang")
    expect(row_of(lead, name)).to_contain_text("Akun ditutup")
    assert_usable(lead)
    revoked(lead, name)
    expect(row_of(lead, name)).to_have_count(0)

    knows_nothing_of(heir, number)
    reassigned(lead, number, its_heir)
    reads(heir, number)
    acting.note(heir, "Dilanjutkan.")
    fill_login(gone, town.comes_later(leaver))
    gone.get_by_role("button", name="Masuk").click()
    expect(gone.locator("#error-summary")).to_contain_text("tidak cocok")
    assert town.reach(left) == set() and town.reach(town.key_of(stays), complaint) == epochs_of(complaint, 1, 2)


def test_a_reviewer_who_comes_after_the_proposal_reviews_it_by_the_keys_that_the_lead_gives_him(
    town: Town, administrator: Page
) -> None:
    lead, recused = town.of("lead", HERE.desk), town.of("reviewer", HERE.desk)
    proposer, withdrawn = town.enter(lead), town.enter(recused)
    _phrase, number = lodged(town, proposer)
    enter(proposer, number)
    acting.unseal(proposer)
    acting.take(proposer)
    acting.propose(proposer, "Tidak dapat diproses", "Bukan pungutan.", "Itu biaya resmi.")
    complaint = proposer.locator("#case").get_attribute("data-case") or ""
    reads(withdrawn, number, "Bukan pungutan.")
    recuse(withdrawn, "Pelapor tetangga saya.")

    link = invited(administrator, "peninjau.baru", "Sulastri Widowati", "Peninjau")
    newcomer, words = town.activated(link, "peninjau.baru")
    compared(proposer, "Sulastri Widowati", words)
    reviewer, his = town.enter(newcomer), town.key_of(newcomer)
    knows_nothing_of(reviewer, number)
    assert town.reach(his) == set()

    enter(proposer, number)
    acting.unseal(proposer)
    offered = acting.form(proposer, "flag").get_by_label("Beri kunci kepada petugas kedua").locator("option")
    expect(offered).to_have_text(["Tidak diberikan", "Sulastri Widowati (Peninjau)"])
    assert_usable(proposer)
    acting.let_review(proposer, "Sulastri Widowati")
    reads(reviewer, number, "Bukan pungutan.", "Itu biaya resmi.")
    assert town.reach(his) == epochs_of(complaint, 1)
    for other in (recused, town.of("investigator", HERE.desk), town.of("reviewer", HERE.other)):
        knows_nothing_of(town.enter(other), number)
        assert town.reach(town.key_of(other), complaint) == set()
    acting.close(reviewer)


def recuse(page: Page, reason: str) -> None:
    """Say that a case is none for oneself: what was open of it goes from the screen."""
    filled = acting.form(page, "recuse")
    filled.locator("textarea").fill(reason)
    filled.locator("button[type=submit]").click()
    expect(page.locator("#case")).to_contain_text("sudah dihapus dari layar ini")


def close_account(administrator: Page, person: Person) -> None:
    """Have the administrator close an account; forgetting to say that one is sure closes nothing."""
    administrator.goto("/petugas/akun")
    row = row_of(administrator, person.name)
    row.locator("summary").click()
    close = row.get_by_role("button", name="Tutup akun")
    close.click()
    expect(administrator.locator("#error-summary")).to_contain_text("centang dulu")
    row.get_by_label("berhenti atau pindah").check()
    close.click()
    expect(row).to_have_count(0)


@pytest.mark.elsewhere
def test_a_desk_opens_later_gets_a_second_lead_loses_one_and_goes_on_with_a_new_key(
    town: Town, administrator: Page
) -> None:
    above, elsewhere = (town.enter(town.of("lead", desk)) for desk in (HERE.top, HERE.desk))
    region = HERE.region_of(HERE.unstaffed)
    _phrase, before = lodged(town, above, region=region)
    first = joins_as_lead(town, administrator, above, "kepala.satu", "Sutarno Raharjo")
    own = town.enter(first, "/petugas/orang", PHONE)
    assert_usable(own)
    own.get_by_role("button", name="Buat kunci meja").click()
    expect(own.get_by_role("link", name="Kunci meja ini")).to_be_visible()
    town.await_key(HERE.unstaffed)
    own.goto("/petugas/")
    _phrase, number = lodged(town, own, region=region)
    knows_nothing_of(own, before)
    for page, case in ((above, before), (above, number), (own, number)):
        reads(page, case)

    second = joins_as_lead(town, administrator, above, "kepala.dua", "Sumini Raharjo")
    other = town.enter(second)
    reads(other, number)
    knows_nothing_of(other, before)
    for case in (before, number):
        knows_nothing_of(elsewhere, case)

    # One loses his password, and comes back; the other leaves.
    lost, left = town.key_of(first), town.key_of(second)
    link = invited_anew(administrator, first)
    is_out(own)
    assert town.reach(lost) == set()
    again, words = town.activated(link, first.name)
    compared(above, "Sutarno Raharjo", words)
    own = town.enter(again)
    reads(own, number)
    close_account(administrator, second)
    is_out(other)
    assert town.reach(left) == set()
    revoked(above, "Sumini Raharjo")

    own.goto("/petugas/meja/kunci")
    expect(own.locator("main")).to_contain_text("Kunci meja yang ada tidak berlaku lagi")
    renew_the_desks_key(own)
    for page in (own, above):
        reads(page, number)
    knows_nothing_of(own, before)
    assert town.reach(lost) == town.reach(left) == set()


@pytest.mark.elsewhere
def test_a_desks_only_lead_leaves_and_its_people_go_on_once_his_successor_has_compared_them(
    town: Town, administrator: Page
) -> None:
    leaver, colleague = town.of("lead", HERE.other), town.of("investigator", HERE.other, 1)
    above, lead, theirs = town.enter(town.of("lead", HERE.top)), town.enter(leaver), town.enter(colleague)
    his_name, name = name_of(lead), name_of(theirs)
    _phrase, number = lodged(town, lead, region=HERE.region_of(HERE.other))
    investigated(lead, number, name)
    reads(theirs, number)
    left = town.key_of(leaver)

    close_account(administrator, leaver)
    is_out(lead)
    revoked(above, his_name)
    assert town.reach(left) == set()
    reads(above, number)
    theirs.goto("/petugas/")
    expect(theirs.locator("main")).to_contain_text("Menunggu pencocokan")
    words = six_words(theirs)
    administrator.goto("/petugas/akun")
    expect(row_of(administrator, colleague.name)).to_contain_text("Menunggu pencocokan")

    own = town.enter(joins_as_lead(town, administrator, above, "penerus", "Wening Hapsari", HERE.other))
    renew_the_desks_key(own)
    own.goto("/petugas/orang")
    expect(row_of(own, name)).to_contain_text("Menunggu pencocokan")
    assert_usable(own)
    compared(own, name, words)
    for page in (theirs, own, above):
        reads(page, number)
    knows_nothing_of(town.enter(town.of("lead", HERE.desk)), number)
    assert town.reach(left) == set()


def test_a_leak_told_while_the_lead_is_gone_is_his_successors_to_revoke(town: Town, administrator: Page) -> None:
    leaver, owner = town.of("lead", HERE.desk), town.of("investigator", HERE.desk)
    above, lead, here = town.enter(town.of("lead", HERE.top)), town.enter(leaver), town.enter(owner)
    name, his_name = name_of(here), name_of(lead)
    _phrase, number = lodged(town, lead)
    complaint = investigated(lead, number, name)
    reads(here, number)
    leaked, signed = town.key_of(owner), town.sign_of(name)
    assert town.reach(leaked, complaint) == epochs_of(complaint, 1)

    close_account(administrator, leaver)
    revoked(above, his_name)
    here.goto("/petugas/saya")
    expect(here.locator("main")).to_contain_text("Menunggu pencocokan")
    give_up(here)
    assert town.reach(leaked) == set()
    is_not_invited_before_his_keys_are_revoked(administrator, owner)

    own = town.enter(joins_as_lead(town, administrator, above, "pengganti", "Endah Lestari", HERE.desk))
    renew_the_desks_key(own)
    is_told_of_a_leak(own, name)
    revoked(own, name)
    expect(row_of(own, name)).to_contain_text("Perlu undangan baru")
    enter(own, number)
    acting.unseal(own)
    acting.note(own, "Kunci pemeriksa diganti.")
    again, words = town.activated(invited_anew(administrator, owner), owner.name)
    compared(own, name, words)
    reassigned(own, number, name)
    reads(town.enter(again), number, "Kunci pemeriksa diganti.")
    assert town.reach(leaked) == set() and epochs_of(complaint, 1) < town.reach(town.key_of(again), complaint)
    assert town.sign_of(name) not in {signed, None}


def joins_as_lead(
    town: Town, administrator: Page, above: Page, name: str, full_name: str, desk: str = HERE.unstaffed
) -> Person:
    """Have somebody join a desk as its lead, whom the lead above compares and vouches for."""
    link = invited(administrator, name, full_name, "Kepala meja", desk)
    person, words = town.activated(link, name)
    compared(above, full_name, words)
    return person
