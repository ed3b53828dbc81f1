"""Who may do what, when: each guard of the workflow, by what it lets through and what it stops."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from casework.rules import (
    GUARDS, MOST_UNHEARD, NEXT_STATES, TRANSITIONS, Actor, OfficerView, assignable, eligible_handlers,
    eligible_reviewers, next_state, refusals,
)  # fmt: skip
from casework.terms import Action, ActorKind, KeyKind, State
from tests.casework.people import (
    ABOVE, ADMINISTRATOR, COLLEAGUE, CONSENT, DESK_OFFICERS, ELSEWHERE, INVESTIGATOR, INVESTIGATOR_ABOVE, LEAD,
    LEAD_ABOVE, LEAD_ELSEWHERE, OFFICERS_ABOVE, OVERSEER, REVIEWER, REVIEWER_ABOVE, SECOND, TODAY, TOMORROW,
    YESTERDAY, a_case,
)  # fmt: skip

REPORTER: Actor = ActorKind.REPORTER
SYSTEM: Actor = ActorKind.SYSTEM
LONG_AGO = {"purge_from": TODAY, "objection_until": YESTERDAY}
HIS_OWN_CONSENT = {"consent": replace(CONSENT, by=LEAD.id), "authors": frozenset[str]()}


ALLOWED: list[tuple[Action, State, list[Actor], dict[str, Any]]] = [
    (Action.LODGE, State.NEW, [REPORTER], {}),
    (Action.OPEN, State.RECEIVED, [LEAD, LEAD_ABOVE], {}),
    (Action.INVESTIGATE, State.TRIAGE, [LEAD, LEAD_ABOVE], {}),
    (Action.ASK, State.TRIAGE, [LEAD, LEAD_ABOVE], {}),
    (Action.ASK, State.INVESTIGATION, [INVESTIGATOR], {}),
    (Action.ANSWER, State.NEEDS_INFO, [REPORTER], {"unheard": MOST_UNHEARD}),
    (Action.RESUME, State.NEEDS_INFO, [SYSTEM], {"due": YESTERDAY}),
    (Action.CONSENT, State.TRIAGE, [REVIEWER, SECOND], {}),
    (Action.CONSENT, State.INVESTIGATION, [REVIEWER, SECOND], {}),
    (Action.REFER, State.TRIAGE, [LEAD, LEAD_ABOVE], {"consent": CONSENT}),
    (Action.REFER, State.INVESTIGATION, [LEAD, LEAD_ABOVE], {"consent": CONSENT}),
    (Action.RECEIPT, State.REFERRED, [INVESTIGATOR], {}),
    (Action.RECEIPT, State.REFERRED, [LEAD, LEAD_ABOVE], {"assignee": None}),
    (Action.RETURNED, State.REFERRED, [INVESTIGATOR], {}),
    (Action.PROPOSE, State.TRIAGE, [LEAD, LEAD_ABOVE], {}),
    (Action.PROPOSE, State.INVESTIGATION, [INVESTIGATOR], {}),
    (Action.CLOSE, State.REVIEW, [REVIEWER, SECOND], {}),
    (Action.SEND_BACK, State.REVIEW, [REVIEWER, SECOND], {}),
    (Action.OBJECT, State.CLOSED, [REPORTER], {"unheard": MOST_UNHEARD}),
    (Action.ASSIGN, State.INVESTIGATION, [LEAD, LEAD_ABOVE], {}),
    (Action.ASSIGN, State.NEEDS_INFO, [LEAD, LEAD_ABOVE], {}),
    (Action.ASSIGN, State.OBJECTION, [LEAD, LEAD_ABOVE], {"handler": None}),
    (Action.UPHOLD, State.OBJECTION, [COLLEAGUE], {}),
    (Action.DISMISS, State.OBJECTION, [COLLEAGUE], {}),
    (Action.REOPEN, State.CLOSED, [LEAD_ABOVE], {}),
    (Action.REOPEN, State.CLOSED, [LEAD], {"parent": None}),
    (Action.PURGE, State.CLOSED, [SYSTEM, REVIEWER, SECOND], LONG_AGO),
    (Action.MESSAGE, State.CLOSED, [REPORTER], {"unheard": MOST_UNHEARD - 1}),
    (Action.REPLY, State.TRIAGE, [LEAD, LEAD_ABOVE], {}),
    (Action.REPLY, State.INVESTIGATION, [LEAD, LEAD_ABOVE, INVESTIGATOR], {}),
    (Action.REPLY, State.NEEDS_INFO, [LEAD, LEAD_ABOVE, INVESTIGATOR], {}),
    (Action.REPLY, State.NEEDS_INFO, [LEAD, LEAD_ABOVE], {"came_from": State.TRIAGE}),
    (Action.REPLY, State.OBJECTION, [LEAD, LEAD_ABOVE, COLLEAGUE], {}),
    (Action.NOTE, State.REFERRED, [LEAD, LEAD_ABOVE, INVESTIGATOR], {}),
    (Action.FINDING, State.INVESTIGATION, [INVESTIGATOR], {}),
    (Action.WITHDRAW, State.INVESTIGATION, [REPORTER], {"unheard": MOST_UNHEARD}),
    (Action.RECUSE, State.REVIEW, [*DESK_OFFICERS, *OFFICERS_ABOVE], {}),
    (Action.EXTEND, State.INVESTIGATION, [LEAD, LEAD_ABOVE, INVESTIGATOR], {}),
    (Action.HOLD, State.CLOSED, [LEAD, LEAD_ABOVE], {}),
    (Action.HOLD, State.TRIAGE, [LEAD, LEAD_ABOVE], {"desk_recipient": ""}),
    (Action.RELEASE, State.CLOSED, [LEAD, LEAD_ABOVE], {"hold": True}),
    (Action.FLAG, State.INVESTIGATION, [LEAD, LEAD_ABOVE, INVESTIGATOR], {}),
    (Action.FLAG, State.REVIEW, [LEAD, LEAD_ABOVE], {}),
    (Action.ESCALATE, State.REVIEW, [SYSTEM], {"due": YESTERDAY}),
]


RECUSED = {"removed": frozenset({"officer:reviewer"})}
HELD = {"holders": {KeyKind.CASE: frozenset({"desk:33.08:1", "officer:investigator"})}}
LEFT = {"holders": {KeyKind.CASE: frozenset({"desk:33.08:1", "officer:who-has-left"})}}


@pytest.mark.parametrize(("action", "state", "actors", "facts"), ALLOWED)
def test_exactly_these_may(action: Action, state: State, actors: list[Actor], facts: dict[str, Any]) -> None:
    case = a_case(state, **facts)
    everybody: list[Actor] = [
        REPORTER, SYSTEM, *DESK_OFFICERS, *OFFICERS_ABOVE, LEAD_ELSEWHERE, OVERSEER, ADMINISTRATOR,
    ]  # fmt: skip
    assert {actor for actor in everybody if not refusals(action, case, actor)} == set(actors)


@pytest.mark.parametrize(
    ("action", "state", "actor", "facts", "code"),
    [
        (Action.OPEN, State.TRIAGE, LEAD, {}, "state"),
        (Action.OPEN, State.RECEIVED, LEAD, {"recused": frozenset({"lead"})}, "recused"),
        (Action.OPEN, State.RECEIVED, LEAD, {"channel": "lead"}, "channel"),
        (Action.REOPEN, State.CLOSED, LEAD_ABOVE, {"channel": LEAD_ABOVE.id}, "channel"),
        (Action.OPEN, State.RECEIVED, LEAD_ABOVE, {"excluded": frozenset({ABOVE})}, "member"),
        (Action.OPEN, State.RECEIVED, LEAD_ABOVE, {"parent": None}, "member"),
        (Action.OPEN, State.RECEIVED, LEAD_ABOVE, {"desk_recipient": ""}, "no_desk_key"),
        (Action.HOLD, State.RECEIVED, LEAD_ABOVE, {"desk_recipient": ""}, "no_desk_key"),
        (Action.INVESTIGATE, State.TRIAGE, LEAD, {"officers": (LEAD, REVIEWER)}, "no_assignee"),
        (Action.ASSIGN, State.INVESTIGATION, LEAD, {"officers": (LEAD, INVESTIGATOR)} | HELD, "no_assignee"),
        (Action.ASSIGN, State.NEEDS_INFO, LEAD, {"came_from": State.TRIAGE}, "not_investigated"),
        (Action.ASK, State.INVESTIGATION, INVESTIGATOR, {"assignee": "colleague"}, "owner"),
        (Action.ASK, State.INVESTIGATION, LEAD, {"assignee": None}, "owner"),
        (Action.RESUME, State.NEEDS_INFO, SYSTEM, {"due": TODAY}, "not_overdue"),
        (Action.CONSENT, State.TRIAGE, REVIEWER, {"authors": frozenset({"reviewer"})}, "reviewer"),
        (Action.REFER, State.TRIAGE, LEAD, {}, "no_consent"),
        # One who consented and has recused himself since, and one who has come to lead the desk.
        (Action.REFER, State.TRIAGE, LEAD, {"consent": CONSENT, "authors": frozenset({"reviewer"})}, "no_consent"),
        (Action.REFER, State.TRIAGE, LEAD, HIS_OWN_CONSENT, "no_consent"),
        (Action.RECEIPT, State.REFERRED, INVESTIGATOR, {"officers": (LEAD, INVESTIGATOR)}, "no_reviewer"),
        (Action.PROPOSE, State.INVESTIGATION, INVESTIGATOR, {"officers": (LEAD, INVESTIGATOR)}, "no_reviewer"),
        (Action.DISMISS, State.OBJECTION, COLLEAGUE, {"officers": (LEAD, COLLEAGUE)}, "no_reviewer"),
        (Action.CLOSE, State.REVIEW, REVIEWER, {"authors": frozenset({"reviewer"})}, "reviewer"),
        (Action.CLOSE, State.REVIEW, REVIEWER, {"last_closer": "reviewer", "objected": True}, "reviewer"),
        (Action.CLOSE, State.REVIEW, REVIEWER, {"recused": frozenset({"reviewer"})}, "reviewer"),
        (Action.SEND_BACK, State.REVIEW, REVIEWER, {"authors": frozenset({"reviewer"})}, "reviewer"),
        (Action.OBJECT, State.CLOSED, REPORTER, {"objection_until": YESTERDAY}, "window_closed"),
        (Action.OBJECT, State.OBJECTION, REPORTER, {}, "state"),
        (Action.UPHOLD, State.OBJECTION, COLLEAGUE, {"handler": None}, "handler"),
        (Action.REOPEN, State.CLOSED, LEAD, {}, "lead_above"),
        (Action.PURGE, State.CLOSED, SYSTEM, LONG_AGO | {"purge_from": TOMORROW}, "retention"),
        (Action.PURGE, State.CLOSED, SYSTEM, LONG_AGO | {"hold": True}, "held"),
        (Action.PURGE, State.CLOSED, SYSTEM, LONG_AGO | {"objection_until": TODAY}, "window_open"),
        (Action.PURGE, State.CLOSED, REVIEWER, LONG_AGO | {"authors": frozenset({"reviewer"})}, "system_or_reviewer"),
        # What these say in the clear would be in the event that brings the reporter his next key.
        (Action.FINDING, State.INVESTIGATION, INVESTIGATOR, RECUSED, "keys_due"),
        (Action.PROPOSE, State.INVESTIGATION, INVESTIGATOR, RECUSED, "keys_due"),
        (Action.DISMISS, State.OBJECTION, COLLEAGUE, RECUSED, "keys_due"),
        (Action.RECEIPT, State.REFERRED, INVESTIGATOR, LEFT, "keys_due"),
        (Action.FINDING, State.INVESTIGATION, INVESTIGATOR, {"desk_recipient": "desk:33.08:2"}, "keys_due"),
        (Action.MESSAGE, State.RECEIVED, REPORTER, {"unheard": MOST_UNHEARD}, "unheard"),
        (Action.WITHDRAW, State.INVESTIGATION, REPORTER, {"withdrawal_asked": True}, "withdrawn"),
        (Action.RECUSE, State.TRIAGE, LEAD, {"recused": frozenset({"lead"})}, "recused"),
        (Action.EXTEND, State.INVESTIGATION, LEAD, {"extended_until": TOMORROW}, "extended"),
        (Action.HOLD, State.CLOSED, LEAD, {"hold": True}, "held"),
        (Action.RELEASE, State.CLOSED, LEAD, {}, "not_held"),
        (Action.ESCALATE, State.REVIEW, SYSTEM, {"due": TODAY}, "not_overdue"),
        (Action.ESCALATE, State.REVIEW, SYSTEM, {"due": YESTERDAY, "escalated_on": TODAY}, "escalated"),
    ],
)
def test_a_guard_stops(action: Action, state: State, actor: Actor, facts: dict[str, Any], code: str) -> None:
    assert code in [refusal.code for refusal in refusals(action, a_case(state, **facts), actor)]


OFFICERS_ACTS = [
    pytest.param(action, state, actor, facts, id=f"{action}-{state}-{actor.id}")
    for action, state, actors, facts in ALLOWED
    for actor in actors
    if isinstance(actor, OfficerView)
]


@pytest.mark.parametrize(("action", "state", "actor", "facts"), OFFICERS_ACTS)
def test_who_recused_himself_does_nothing_more(
    action: Action, state: State, actor: OfficerView, facts: dict[str, Any]
) -> None:
    assert refusals(action, a_case(state, **facts, recused=frozenset({actor.id})), actor)


@pytest.mark.parametrize(("action", "state", "actor", "facts"), OFFICERS_ACTS)
def test_who_went_to_another_desk_does_nothing_more(
    action: Action, state: State, actor: OfficerView, facts: dict[str, Any]
) -> None:
    assert refusals(action, a_case(state, **facts), replace(actor, desk=ELSEWHERE))


@pytest.mark.parametrize("action", list(Action))
def test_an_action_stands_in_the_table_and_nowhere_else(action: Action) -> None:
    for state in State:
        wrong = [refusal.code for refusal in refusals(action, a_case(state), SYSTEM)] == ["state"]
        assert wrong is not any((before, did) == (state, action) for before, _after, did in TRANSITIONS)


def test_every_action_has_its_guards() -> None:
    assert GUARDS.keys() == NEXT_STATES.keys() == set(Action)


def test_an_overdue_clock_is_escalated_once_and_the_next_one_again() -> None:
    again = a_case(State.INVESTIGATION, due=YESTERDAY, escalated_on=YESTERDAY)
    assert refusals(Action.ESCALATE, again, SYSTEM) == []


@pytest.mark.parametrize("origin", [State.TRIAGE, State.INVESTIGATION, State.OBJECTION, State.REFERRED])
def test_a_reviewer_sends_back_to_where_it_came_from(origin: State) -> None:
    assert next_state(Action.SEND_BACK, a_case(State.REVIEW, came_from=origin)) is origin


@pytest.mark.parametrize("origin", [State.TRIAGE, State.INVESTIGATION])
def test_an_answer_returns_to_where_the_question_came_from(origin: State) -> None:
    case = a_case(State.NEEDS_INFO, came_from=origin)
    assert next_state(Action.ANSWER, case) is next_state(Action.RESUME, case) is origin


def test_where_the_table_leaves_no_choice_origin_plays_no_part() -> None:
    assert next_state(Action.PROPOSE, a_case(State.INVESTIGATION, came_from=State.TRIAGE)) is State.REVIEW


def test_reviewers_are_strangers_to_the_matter() -> None:
    assert eligible_reviewers(a_case(State.REVIEW)) == [REVIEWER, SECOND]
    assert eligible_reviewers(a_case(State.REVIEW, authors=frozenset({"reviewer"}))) == [SECOND]
    assert eligible_reviewers(a_case(State.REVIEW, recused=frozenset({"second"}))) == [REVIEWER]
    assert eligible_reviewers(a_case(State.REVIEW, handler="second")) == [REVIEWER]


def test_after_an_objection_the_last_closer_does_not_review_again() -> None:
    closed = {"last_closer": "reviewer"}
    assert eligible_reviewers(a_case(State.REVIEW, objected=True, **closed)) == [SECOND]
    assert eligible_reviewers(a_case(State.REVIEW, objected=False, **closed)) == [REVIEWER, SECOND]


def test_where_the_desk_has_no_reviewer_left_the_desk_above_reviews() -> None:
    authors = frozenset({"reviewer", "second"})
    assert eligible_reviewers(a_case(State.REVIEW, authors=authors)) == [REVIEWER_ABOVE]
    assert eligible_reviewers(a_case(State.REVIEW, authors=authors, excluded=frozenset({ABOVE}))) == []


def test_an_objection_goes_to_somebody_new() -> None:
    assert eligible_handlers(a_case(State.OBJECTION)) == [COLLEAGUE, SECOND]
    involved = frozenset({"investigator", "colleague", "reviewer", "second"})
    assert eligible_handlers(a_case(State.OBJECTION, involved=involved)) == [INVESTIGATOR_ABOVE, REVIEWER_ABOVE]
    assert eligible_handlers(a_case(State.OBJECTION, recused=frozenset({"colleague"}))) == [SECOND]


def test_whom_a_lead_may_assign() -> None:
    assert assignable(a_case(State.TRIAGE)) == [INVESTIGATOR, COLLEAGUE]
    assert assignable(a_case(State.INVESTIGATION, **HELD)) == [COLLEAGUE]
    # Its keys were renewed without him, as after his own had leaked: he can be given them again.
    assert assignable(a_case(State.INVESTIGATION)) == [INVESTIGATOR, COLLEAGUE]
    assert assignable(a_case(State.TRIAGE, recused=frozenset({"colleague"}))) == [INVESTIGATOR]
    assert assignable(a_case(State.OBJECTION)) == [COLLEAGUE, SECOND]


def test_what_goes_first_while_a_case_runs_once_it_is_closed_and_never_once_it_is_erased() -> None:
    flagged, afraid, written = {"urgent": True}, {"threatened_on": date(2026, 3, 2)}, {"unheard": 1}
    first = {
        state: [a_case(state, **told).goes_first for told in ({}, flagged, afraid, written)]
        for state in (State.TRIAGE, State.CLOSED, State.PURGED)
    }
    assert first == {
        State.TRIAGE: [False, True, True, False],
        State.CLOSED: [False, True, False, True],
        State.PURGED: [False, False, False, False],
    }
