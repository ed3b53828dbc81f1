"""The people of one desk and of the desk above it, and a case between them."""

from dataclasses import replace
from datetime import date
from typing import Any

from casework.rules import CaseView, Consent, OfficerView
from casework.terms import AllegationStatus, KeyKind, Outcome, Role, State

DESK, ABOVE, ELSEWHERE = "33.08", "33", "33.01"
TODAY = date(2026, 11, 25)


def officer(name: str, role: Role, desk: str = DESK) -> OfficerView:
    """Return an officer whose id tells who he is."""
    return OfficerView(name, desk, role)


LEAD = officer("lead", Role.LEAD)
INVESTIGATOR = officer("investigator", Role.INVESTIGATOR)
COLLEAGUE = officer("colleague", Role.INVESTIGATOR)
REVIEWER = officer("reviewer", Role.REVIEWER)
SECOND = officer("second", Role.REVIEWER)
LEAD_ABOVE = officer("lead-above", Role.LEAD, ABOVE)
INVESTIGATOR_ABOVE = officer("investigator-above", Role.INVESTIGATOR, ABOVE)
REVIEWER_ABOVE = officer("reviewer-above", Role.REVIEWER, ABOVE)
LEAD_ELSEWHERE = officer("lead-elsewhere", Role.LEAD, ELSEWHERE)
OVERSEER = officer("overseer", Role.OVERSEER)
ADMINISTRATOR = officer("administrator", Role.ADMINISTRATOR)
DESK_OFFICERS = (LEAD, INVESTIGATOR, COLLEAGUE, REVIEWER, SECOND)
OFFICERS_ABOVE = (LEAD_ABOVE, INVESTIGATOR_ABOVE, REVIEWER_ABOVE)

CASE = CaseView(
    desk=DESK,
    parent=ABOVE,
    officers=DESK_OFFICERS + OFFICERS_ABOVE,
    desk_recipient="desk:33.08:1",
    today=TODAY,
    due=TODAY,
    limit=date(2027, 2, 1),
    latest_extension=date(2027, 5, 3),
    epochs={KeyKind.THREAD: 1, KeyKind.CASE: 1},
    holders={KeyKind.THREAD: frozenset({"reporter", "desk:33.08:1"}), KeyKind.CASE: frozenset({"desk:33.08:1"})},
)
YESTERDAY, TOMORROW = date(2026, 11, 24), date(2026, 11, 26)


CONSENT = Consent("b" * 64, "polda", "reviewer")
CLOSED = {
    "last_closer": "reviewer",
    "objection_until": TODAY,
    "purge_from": date(2031, 11, 25),
    "outcome": Outcome.NOT_PROVEN,
    "due": None,
}


def a_case(state: State, **more: Any) -> CaseView:
    """Return a case in ``state`` as it usually is there."""
    worked_on: dict[str, Any] = {"authors": {"lead", "investigator"}, "assignee": "investigator"}
    usual: dict[State, dict[str, Any]] = {
        State.NEW: {"epochs": {}, "holders": {}},
        State.RECEIVED: {"epochs": {KeyKind.THREAD: 1}, "holders": {KeyKind.THREAD: CASE.holders[KeyKind.THREAD]}},
        State.TRIAGE: {"authors": {"lead"}},
        State.NEEDS_INFO: worked_on | {"came_from": State.INVESTIGATION},
        State.INVESTIGATION: worked_on,
        State.REFERRED: worked_on,
        State.REVIEW: worked_on | {"came_from": State.INVESTIGATION},
        State.CLOSED: worked_on | CLOSED,
        State.OBJECTION: worked_on | {"last_closer": "reviewer", "objected": True, "handler": "colleague"},
        State.PURGED: {},
    }
    facts = dict(usual[state])
    if state not in {State.NEW, State.RECEIVED, State.TRIAGE}:
        facts |= {"allegations": {"a1": AllegationStatus.NOT_PROVEN}}
    facts["authors"] = frozenset(facts.get("authors", set()))
    closers = {facts["last_closer"]} if "last_closer" in facts else set()
    facts["involved"] = facts["authors"] | closers | ({facts["assignee"]} if "assignee" in facts else set())
    return replace(CASE, state=state, **(facts | more))
