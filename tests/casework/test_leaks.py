"""Keys that are said to have leaked while their owner waits: whoever vouched for him counts no more, or has other keys.

They count again as soon as he does who vouched for them, so that a lead must be told of them, and revoke them, first.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from casework import accounts, revoking, vouching
from casework.accounts import LeakStands
from casework.logins import given_up
from casework.terms import Role
from casework.vouching import KeysChanged, Person, Vouching
from kernel import clock
from kernel.database import db, transaction
from kernel.directory.directory import Reason
from kernel.directory.models import Statement
from kernel.directory.services import StatementRefused, add_statement
from kernel.vault import officer_keys
from tests.casework.office import Browser, Member, Office, activation_of, directory_now, drawn, look_again

NewBrowser = Callable[[], Browser]
PEOPLE, NOTICE = "/petugas/orang", "Seorang petugas melaporkan kuncinya bocor"


@pytest.fixture
def officer(office: Office, lead: Member) -> Member:
    """An investigator of that desk, for whom its lead has vouched."""
    return office.vouched("pemeriksa.08", Role.INVESTIGATOR, "33.08", lead)


def state(office: Office, body: str) -> None:
    """Keep a statement."""
    with transaction() as session:
        add_statement(session, office.root.public, body)


def vouch(office: Office, issuer: Member, member: Member, version: int) -> None:
    """Have a lead compare somebody's keys, and vouch for them."""
    look_again()
    vouching.vouch(issuer.id, Vouching(office.statement_on(member, issuer, version=version)))


def said_to_have_leaked() -> frozenset[str]:
    """Return whose keys are said to have leaked, and are not revoked yet."""
    look_again()
    return given_up(db.session)


def give_up(browser: Browser, member: Member) -> None:
    """Say on one's own page that one's keys have leaked."""
    browser.log_in(member)
    assert "Hentikan kunci saya" in browser.visit("/petugas/saya").text
    told = browser.submit("/petugas/saya/bocor", sure="ya")
    assert told.status_code == 200 and "Telepon kepala meja Anda sekarang" in told.text


def line_of(member: Member, desk: str = "33.08") -> Person | None:
    """Return somebody's line in the list of a desk's people."""
    look_again()
    return {person.officer.id: person for person in vouching.people(desk)}.get(member.id)


def the_lead_above_is_replaced(office: Office, above: Member, lead: Member, officer: Member) -> Callable[[], Member]:
    """Nothing below him stands, until another vouches for the same lead with the same keys."""
    other = office.vouched("kepala.kedua", Role.LEAD, "33")
    state(office, office.statement_on(above, version=2, status="revoked"))

    def comes_back() -> Member:
        vouch(office, other, lead, version=2)
        return lead

    return comes_back


def the_lead_has_other_keys(office: Office, above: Member, lead: Member, officer: Member) -> Callable[[], Member]:
    """What he signed with his former ones waits."""
    identity, sign = officer_keys(bytes(32))
    token = accounts.invite_again(lead.id).token
    again = replace(drawn(token, lead.account), identity=identity, sign=sign)
    accounts.activate(activation_of(again))
    vouch(office, above, again, version=2)
    return lambda: again


def the_lead_leaves_for_good(office: Office, above: Member, lead: Member, officer: Member) -> Callable[[], Member]:
    """Another is lead of the desk after him."""
    revoking.revoke(above.id, office.statement_on(lead, above, version=2, status="revoked"))
    return lambda: office.vouched("penerus.08", Role.LEAD, "33.08", above)


Change = Callable[[Office, Member, Member, Member], Callable[[], Member]]
EVERY_CHANGE = pytest.mark.parametrize(
    "change", [the_lead_above_is_replaced, the_lead_has_other_keys, the_lead_leaves_for_good]
)


@EVERY_CHANGE
@pytest.mark.parametrize("first", ["the change", "the leak"])
def test_a_leak_that_is_told_while_its_owner_waits_comes_before_the_lead_who_is_there_then(
    office: Office, above: Member, lead: Member, officer: Member, browser_of: NewBrowser, change: Change, first: str
) -> None:
    if first == "the leak":
        give_up(browser_of(), officer)
    comes = change(office, above, lead, officer)
    if first == "the change":
        assert directory_now().reason("officer", officer.id) in {Reason.ISSUER, Reason.SIGNATURE}
        give_up(browser_of(), officer)
    assert said_to_have_leaked() == {officer.id}
    with pytest.raises(LeakStands):
        accounts.invite_again(officer.id)

    lead, browser = comes(), browser_of()
    browser.log_in(lead)
    assert NOTICE in browser.visit("/petugas/").text
    page = browser.visit(PEOPLE).text
    assert "Melaporkan kuncinya bocor" in page and f'data-revoke="{officer.id}"' in page
    assert f'data-compare="{officer.id}"' not in page
    body = office.statement_on(officer, lead, version=2, status="revoked")
    assert browser.post(f"{PEOPLE}/cabut", {"body": body}).status_code == 201
    assert said_to_have_leaked() == frozenset() and NOTICE not in browser.visit("/petugas/").text
    page = browser.visit(PEOPLE).text
    assert "Perlu undangan baru" in page and f'data-revoke="{officer.id}"' not in page


@EVERY_CHANGE
def test_who_was_revoked_while_he_waited_comes_back_with_other_keys_alone(
    office: Office, above: Member, lead: Member, officer: Member, change: Change
) -> None:
    comes = change(office, above, lead, officer)
    accounts.give_up(officer.id)
    lead = comes()
    revoking.revoke(lead.id, office.statement_on(officer, lead, version=2, status="revoked"))
    assert directory_now().reason("officer", officer.id) is Reason.REVOKED
    with pytest.raises(KeysChanged):
        vouch(office, lead, officer, version=3)
    again = drawn(accounts.invite_again(officer.id).token, officer.account)
    accounts.activate(activation_of(again))
    line = line_of(officer)
    assert line and (line.may_vouch, line.may_revoke) == (True, False)
    vouch(office, lead, again, version=3)
    assert directory_now().officer(officer.id).sign == again.sign.public


def test_keys_revoked_while_they_wait_stay_so_when_he_who_vouched_for_them_comes_back(
    office: Office, above: Member, lead: Member, officer: Member
) -> None:
    heir = office.vouched("penerus.08", Role.LEAD, "33.08")
    comes_back = the_lead_above_is_replaced(office, above, lead, officer)
    accounts.give_up(officer.id)
    revoking.revoke(heir.id, office.statement_on(officer, heir, version=2, status="revoked"))
    comes_back()
    assert directory_now().officer(lead.id).role == "lead"
    assert directory_now().reason("officer", officer.id) is Reason.REVOKED


def test_nobody_but_his_own_desks_lead_revokes_who_waits(
    office: Office, above: Member, lead: Member, officer: Member
) -> None:
    elsewhere = office.vouched("kepala.luar", Role.LEAD, "luar")
    state(office, office.statement_on(lead, above, version=2, status="revoked"))
    for issuer in (elsewhere, above, lead, officer):
        with pytest.raises(StatementRefused):
            revoking.revoke(issuer.id, office.statement_on(officer, issuer, version=2, status="revoked"))
    assert line_of(officer, "33") is None and line_of(officer, "luar") is None


@pytest.mark.parametrize("change", [the_lead_has_other_keys, the_lead_leaves_for_good])
def test_who_waits_with_keys_that_nobody_stole_is_compared_or_revoked_as_his_lead_finds(
    office: Office, above: Member, lead: Member, officer: Member, change: Change
) -> None:
    change(office, above, lead, officer)()
    line = line_of(officer)
    assert line and (line.awaits, line.may_vouch, line.may_revoke) == (True, True, True)
    assert said_to_have_leaked() == frozenset()
    assert accounts.invite_again(officer.id).token


def test_a_leak_that_is_told_while_the_desk_does_not_count_waits_for_its_lead(
    office: Office, lead: Member, officer: Member
) -> None:
    desk = {"kind": "desk", "subject": "33.08", "parent": "33", "remit": "33.08"}
    with transaction() as session:
        office.state(session, **desk, version=2, status="revoked")
    accounts.give_up(officer.id)
    with pytest.raises(LeakStands):
        accounts.invite_again(officer.id)
    body = office.statement_on(officer, lead, version=2, status="revoked")
    with pytest.raises(StatementRefused):
        revoking.revoke(lead.id, body)
    with transaction() as session:
        office.state(session, **desk, version=3)
    assert directory_now().reason("officer", officer.id) is None and said_to_have_leaked() == {officer.id}
    revoking.revoke(lead.id, body)
    assert said_to_have_leaked() == frozenset()


def test_who_was_never_compared_ends_his_keys_himself_and_is_invited_anew_at_once(
    office: Office, lead: Member, browser_of: NewBrowser
) -> None:
    newcomer = office.activated("baru", Role.INVESTIGATOR, "33.08")
    give_up(browser_of(), newcomer)
    line = line_of(newcomer)
    assert line and (line.awaits, line.may_vouch, line.may_revoke) == (False, False, False)
    assert said_to_have_leaked() == frozenset()
    assert accounts.invite_again(newcomer.id).token


@EVERY_CHANGE
def test_who_left_while_he_waited_is_shown_until_his_keys_are_revoked_too(
    office: Office, above: Member, lead: Member, officer: Member, change: Change
) -> None:
    comes = change(office, above, lead, officer)
    accounts.leave(officer.id, "")
    lead = comes()
    line = line_of(officer)
    assert line and (line.may_vouch, line.may_revoke) == (False, True)
    revoking.revoke(lead.id, office.statement_on(officer, lead, version=2, status="revoked"))
    assert line_of(officer) is None


@EVERY_CHANGE
def test_an_account_is_not_closed_over_a_leak_of_which_then_no_page_would_tell(
    office: Office, above: Member, lead: Member, officer: Member, browser_of: NewBrowser, change: Change
) -> None:
    administrator, browser = office.activated("eko", Role.ADMINISTRATOR, None), browser_of()
    comes = change(office, above, lead, officer)
    accounts.give_up(officer.id)
    browser.log_in(administrator)
    refused = browser.submit(f"/petugas/akun/{officer.id}/tutup", sure="ya")
    assert refused.status_code == 409 and "Kepala meja mencabutnya dahulu" in refused.text
    lead = comes()
    assert said_to_have_leaked() == {officer.id}
    revoking.revoke(lead.id, office.statement_on(officer, lead, version=2, status="revoked"))
    assert browser.submit(f"/petugas/akun/{officer.id}/tutup", sure="ya").status_code == 303
    assert line_of(officer) is None


def test_of_whom_only_the_custodians_speak_the_account_is_closed_at_once(office: Office, above: Member) -> None:
    accounts.give_up(above.id)
    assert said_to_have_leaked() == {above.id}
    accounts.leave(above.id, "")
    assert said_to_have_leaked() == frozenset()


def test_a_lead_below_who_waits_and_says_that_his_keys_leaked_is_the_next_lead_aboves_to_revoke(
    office: Office, above: Member, lead: Member, browser_of: NewBrowser
) -> None:
    other, browser = office.vouched("kepala.kedua", Role.LEAD, "33"), browser_of()
    state(office, office.statement_on(above, version=2, status="revoked"))
    give_up(browser_of(), lead)
    with pytest.raises(LeakStands):
        accounts.invite_again(lead.id)
    browser.log_in(other)
    assert NOTICE in browser.visit("/petugas/").text and f'data-revoke="{lead.id}"' in browser.visit(PEOPLE).text
    body = office.statement_on(lead, other, version=2, status="revoked")
    assert browser.post(f"{PEOPLE}/cabut", {"body": body}).status_code == 201
    look_again()
    assert accounts.invite_again(lead.id).token


def test_who_waits_enters_by_no_other_door_and_ends_his_keys_only_unlocked_and_from_our_own_page(
    office: Office, above: Member, lead: Member, officer: Member, browser_of: NewBrowser
) -> None:
    browser = browser_of()
    state(office, office.statement_on(above, version=2, status="revoked"))
    browser.log_in(lead)
    body = office.statement_on(officer, lead, version=2, status="revoked")
    assert browser.post(f"{PEOPLE}/cabut", {"body": body}).status_code == 403
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    foreign = browser.ask("POST", "/petugas/saya/bocor", data={"sure": "ya"}, headers=elsewhere)
    assert foreign.status_code == 403
    browser.submit("/petugas/kunci/tutup")
    assert browser.submit("/petugas/saya/bocor", sure="ya").status_code == 423
    assert said_to_have_leaked() == frozenset()


def test_a_revocation_after_a_forged_statement_ends_the_real_keys_too(
    office: Office, lead: Member, officer: Member
) -> None:
    forged = office.statement_on(officer, lead, version=2, kem="0" * 64, sign="1" * 64)
    unsigned = forged.replace(forged[-10:-1], "0" * 9)
    with transaction() as session:
        session.add(Statement(kind="officer", subject=officer.id, version=2, body=unsigned, kept_at=clock.now()))
    assert directory_now().reason("officer", officer.id) is Reason.SIGNATURE
    accounts.give_up(officer.id)
    named = {"version": 3, "status": "revoked", "kem": "0" * 64, "sign": "1" * 64}
    revoking.revoke(lead.id, office.statement_on(officer, lead, **named))
    kept = {"identity": officer.identity, "sign": officer.sign, "seed": officer.seed}
    accounts.activate(activation_of(replace(drawn(accounts.invite_again(officer.id).token, officer.account), **kept)))
    with pytest.raises(KeysChanged):
        vouch(office, lead, officer, version=4)
