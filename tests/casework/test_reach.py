"""Who learns of a case and who is handed its keys: nobody at a desk that its reporter has excluded."""

from dataclasses import replace

import pytest

from casework.access import may_open
from casework.logins import CurrentOfficer
from casework.rules import CaseView
from casework.terms import KeyKind, Role, State
from kernel.vault import draw
from tests import client
from tests.casework.people import ABOVE, DESK, ELSEWHERE, a_case
from tests.casework.test_case_pages import numbers
from tests.province import ANSWERS, Province, Visitor

HELD = {KeyKind.CASE: frozenset({"desk:33.08:1", "officer:investigator"})}
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


def an_officer(name: str, role: Role, desk: str) -> CurrentOfficer:
    return CurrentOfficer(name, name, name, role, desk, token=b"", seed_key=None, unseen=False)


@pytest.mark.parametrize(
    ("case", "officer", "opens"),
    [
        (EXCLUDING, an_officer("lead", Role.LEAD, DESK), True),
        (EXCLUDING, an_officer("lead-above", Role.LEAD, ABOVE), False),
        (replace(EXCLUDING, excluded=frozenset()), an_officer("lead-above", Role.LEAD, ABOVE), True),
        (EXCLUDING, an_officer("lead-elsewhere", Role.LEAD, ELSEWHERE), False),
        (EXCLUDING, an_officer("investigator", Role.INVESTIGATOR, DESK), True),
        (EXCLUDING, an_officer("colleague", Role.INVESTIGATOR, DESK), False),
        # Who has moved to another desk since keeps his old copies, and is handed none.
        (EXCLUDING, an_officer("investigator", Role.INVESTIGATOR, ABOVE), False),
        (replace(EXCLUDING, recused=frozenset({"lead"})), an_officer("lead", Role.LEAD, DESK), False),
    ],
)
def test_keys_are_handed_to_those_over_the_case_alone(case: CaseView, officer: CurrentOfficer, opens: bool) -> None:
    assert may_open(case, officer) is opens
