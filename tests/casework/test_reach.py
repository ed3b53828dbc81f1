"""Who learns of a case and who is handed its keys: nobody at a desk that its reporter has excluded."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from casework.access import may_open
from casework.logins import CurrentOfficer
from casework.rules import CaseView
from casework.terms import KeyKind, Role, State
from kernel.database import db, transaction
from kernel.directory.models import SealedKey
from kernel.directory.queries import statement_bodies
from kernel.directory.services import add_statement
from kernel.directory.statements import parse, sign
from kernel.vault import draw
from tests import client, officer
from tests.casework.people import ABOVE, DESK, ELSEWHERE, a_case
from tests.casework.test_case_pages import numbers
from tests.officer import Login, OpenedCase, Text, act
from tests.province import ANSWERS, Province, Visitor

HELD = {KeyKind.CASE: frozenset({"desk:33.08:1", "officer:investigator"})}
DUE = date(2026, 11, 25)
EXCLUDING = replace(a_case(State.INVESTIGATION, holders=HELD), excluded=frozenset({ABOVE}))


def lodged_past(province: Province, *excluded: str) -> str:
    """Lodge a complaint that these desks must not handle; return its case's number."""
    ask, keys = province.visitor().ask, province.keys(draw(8))
    posted = client.envelope(ANSWERS, keys, province.installation(), ask, frozenset(excluded))
    client.asked(ask, "/api/v1/complaints", posted)
    return province.number_of(client.visit(keys, ask).thread["complaint"])


def reached(browser: Visitor, number: str) -> list[int]:
    """Return the answers to everything by which an officer may reach a case."""
    page = f"/petugas/perkara/{number}"
    opened = browser.post(f"{page}/buka", json={})
    return [browser.get(page).status_code, browser.get(f"{page}/keadaan").status_code, opened.status_code]


def test_the_lead_of_an_excluded_desk_above_learns_nothing_of_the_case(province: Province) -> None:
    number = lodged_past(province, ABOVE)
    above, lead = province.browser_of("lead", ABOVE), province.browser_of("lead")
    assert number not in numbers(above) and number not in numbers(above, "/petugas/?meja=33.08")
    assert reached(above, number) == [404, 404, 404]
    assert number in numbers(lead) and reached(lead, number) == [200, 200, 200]


def test_excluding_another_desk_takes_nothing_from_the_lead_above(province: Province) -> None:
    number = lodged_past(province, "33.01", "33.10")
    assert reached(province.browser_of("lead", ABOVE), number) == [200, 200, 200]


def vouch_again(province: Province, lead: Login, officer: Login, status: str) -> None:
    """Have a lead say something new of one of his reviewers."""
    with province.app.app_context(), transaction() as session:
        kept = [parse(body) for body in statement_bodies(session)]
        newest = [said for said in kept if said.subject == officer.id][-1]
        said = replace(newest, version=newest.version + 1, status=status, issuer=f"officer:{lead.id}")
        add_statement(session, province.root, sign(said, lead.sign))


def holders(province: Province, complaint: str) -> set[tuple[str, int]]:
    """Return who has which epoch of the case's own key."""
    with province.app.app_context():
        query = select(SealedKey).where(SealedKey.object == complaint, SealedKey.kind == "case")
        found = {(row.recipient, row.epoch) for row in db.session.scalars(query)}
        db.session.remove()
    return found


def propose_duplicate(case: OpenedCase) -> None:
    texts = [Text("reason", "Sama dengan yang lalu."), Text("decision", "Sudah ditangani.")]
    act(case, "propose", "REVIEW", texts, {"outcome": "duplicate"})


def test_who_leaves_his_office_loses_his_keys_and_who_comes_back_gets_all_of_them(province: Province) -> None:
    _phrase, complaint = province.lodge(region="33.74")
    number = province.number_of(complaint)
    lead, leaver = province.log_in("lead", "33.74"), province.log_in("reviewer", "33.74", turn=1)
    his = f"officer:{leaver.id}"
    act(officer.open_case(lead, number), "open", "TRIAGE", [Text("declaration", "Tidak ada.")])
    propose_duplicate(officer.open_case(lead, number))
    sent_back = [Text("reason", "Sebutkan nomor perkara yang lalu.")]
    act(province.opened(number, "reviewer", "33.74"), "send_back", "TRIAGE", sent_back)
    vouch_again(province, lead, leaver, "revoked")
    act(officer.open_case(lead, number), "note", "TRIAGE", [Text("note", "Nomornya dicari.")])
    assert {epoch for _holder, epoch in holders(province, complaint)} == {1, 2}
    assert his not in {holder for holder, _epoch in holders(province, complaint)}
    vouch_again(province, lead, leaver, "active")
    propose_duplicate(officer.open_case(lead, number))
    assert {(his, 1), (his, 2)} <= holders(province, complaint)
    back = province.opened(number, "reviewer", "33.74", turn=1)
    assert back.account()["region"] == "33.74" and len([back.text(note) for note in back.told["notes"]]) == 5


def an_officer(name: str, role: Role, desk: str) -> CurrentOfficer:
    return CurrentOfficer(name, name, name, role, desk, (), token=b"", seed_key=None, unseen=False)


@pytest.mark.parametrize(
    ("case", "asking", "opens"),
    [
        (EXCLUDING, an_officer("lead", Role.LEAD, DESK), True),
        (EXCLUDING, an_officer("lead-above", Role.LEAD, ABOVE), False),
        # Nobody signs that a deadline was missed: it lets nobody in.
        (replace(EXCLUDING, escalated_on=DUE, due=DUE, today=DUE), an_officer("lead-above", Role.LEAD, ABOVE), False),
        (replace(EXCLUDING, excluded=frozenset()), an_officer("lead-above", Role.LEAD, ABOVE), True),
        (EXCLUDING, an_officer("lead-elsewhere", Role.LEAD, ELSEWHERE), False),
        (EXCLUDING, an_officer("investigator", Role.INVESTIGATOR, DESK), True),
        (EXCLUDING, an_officer("colleague", Role.INVESTIGATOR, DESK), False),
        # Who has moved to another desk since keeps his old copies, and is handed none.
        (EXCLUDING, an_officer("investigator", Role.INVESTIGATOR, ABOVE), False),
        (replace(EXCLUDING, recused=frozenset({"lead"})), an_officer("lead", Role.LEAD, DESK), False),
    ],
)
def test_keys_are_handed_to_those_over_the_case_alone(case: CaseView, asking: CurrentOfficer, opens: bool) -> None:
    assert may_open(case, asking) is opens
