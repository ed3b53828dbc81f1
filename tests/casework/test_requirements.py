"""What each act must carry, no less and no more: its clear values, its texts, its sealed keys."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from casework.history import Seal, Step
from casework.requirements import DayBetween, OneOf, fits, requirements, seals, why_not
from casework.rules import Actor, CaseView, OfficerView, keys_due, next_state
from casework.terms import Action, ActorKind, AllegationStatus, Category, KeyKind, Outcome, Role, Severity, State
from tests.casework.people import (
    ABOVE, COLLEAGUE, CONSENT, ELSEWHERE, INVESTIGATOR, LEAD, LEAD_ABOVE, REVIEWER, SECOND, TODAY, a_case,
)  # fmt: skip

REPORTER: Actor = ActorKind.REPORTER
SYSTEM: Actor = ActorKind.SYSTEM
HASH = "0" * 64
LODGING = {
    "desk": "33.08", "excluded": "none", "kem": HASH, "level": "desa", "region": "33.08", "sector": "desa",
    "sign": HASH, "threatened": "no",
}  # fmt: skip
PLAN = {"category": "calo", "severity": "berat", "allegation.n1": "open"}
PLAN_TEXTS = [("plan", "p"), ("allegation", "n1")]


def key_copies(*recipients: str, kinds: str = "thread case", epoch: int = 1) -> set[Seal]:
    """Return sealed keys of these kinds for these recipients."""
    return {Seal(KeyKind(kind), epoch, recipient) for kind in kinds.split() for recipient in recipients}


REVIEWERS = key_copies("officer:reviewer", "officer:second")
# Every action once, with exactly what it must carry.
ACTS: list[tuple[Action, State, Actor, dict[str, str], list[tuple[str, str]], set[Seal]]] = [
    (
        Action.LODGE, State.NEW, REPORTER,
        LODGING, [("account", "a")], key_copies("reporter", "desk:33.08:1", kinds="thread"),
    ),
    (Action.OPEN, State.RECEIVED, LEAD, {}, [("declaration", "d")], key_copies("desk:33.08:1", kinds="case")),
    (
        Action.INVESTIGATE, State.TRIAGE, LEAD,
        PLAN | {"assignee": "colleague"}, PLAN_TEXTS, key_copies("officer:colleague"),
    ),
    (Action.ASK, State.TRIAGE, LEAD, {}, [("question", "q")], set()),
    (Action.ANSWER, State.NEEDS_INFO, REPORTER, {}, [("answer", "a")], set()),
    (Action.RESUME, State.NEEDS_INFO, SYSTEM, {}, [], set()),
    (Action.CONSENT, State.TRIAGE, REVIEWER, {"package": HASH, "agency": "polda"}, [], set()),
    (
        Action.REFER, State.TRIAGE, LEAD,
        {"package": CONSENT.package, "agency": CONSENT.agency, "recipient": HASH}, [("reason", "r")], set(),
    ),
    (
        Action.RECEIPT, State.REFERRED, INVESTIGATOR,
        {"reference": "700/123/ITDA/2026", "outcome": "proven"}, [("reason", "r"), ("decision", "d")], REVIEWERS,
    ),
    (Action.RETURNED, State.REFERRED, INVESTIGATOR, {}, [("reason", "r")], set()),
    (
        Action.PROPOSE, State.INVESTIGATION, INVESTIGATOR,
        {"outcome": "not_proven"}, [("reason", "r"), ("decision", "d")], REVIEWERS,
    ),
    (Action.CLOSE, State.REVIEW, REVIEWER, {}, [], set()),
    (Action.SEND_BACK, State.REVIEW, REVIEWER, {}, [("reason", "r")], set()),
    (Action.OBJECT, State.CLOSED, REPORTER, {}, [("objection", "o")], set()),
    (Action.ASSIGN, State.INVESTIGATION, LEAD, {"assignee": "colleague"}, [], key_copies("officer:colleague")),
    (Action.UPHOLD, State.OBJECTION, COLLEAGUE, {}, [("decision", "d"), ("reason", "r")], set()),
    (
        Action.DISMISS, State.OBJECTION, COLLEAGUE,
        {"outcome": "not_proven"}, [("decision", "d"), ("reason", "r")], key_copies("officer:second"),
    ),
    (Action.REOPEN, State.CLOSED, LEAD_ABOVE, {}, [("reason", "r")], set()),
    (Action.PURGE, State.CLOSED, SYSTEM, {}, [], set()),
    (Action.MESSAGE, State.CLOSED, REPORTER, {}, [("message", "m")], set()),
    (Action.REPLY, State.TRIAGE, LEAD, {}, [("message", "m")], set()),
    (Action.NOTE, State.TRIAGE, LEAD, {}, [("note", "n")], set()),
    (Action.FINDING, State.INVESTIGATION, INVESTIGATOR, {"allegation.a1": "proven"}, [("finding", "f")], set()),
    (Action.EVIDENCE, State.TRIAGE, LEAD, {}, [], set()),
    (Action.EXPORT, State.CLOSED, LEAD, {"files": "f2"}, [("reason", "r")], set()),
    (Action.TRANSFER, State.TRIAGE, LEAD, {"files": "f1+f2"}, [("reason", "r")], set()),
    (Action.WITHDRAW, State.TRIAGE, REPORTER, {}, [("withdrawal", "w")], set()),
    (Action.RECUSE, State.TRIAGE, LEAD, {}, [("reason", "r")], set()),
    (Action.EXTEND, State.INVESTIGATION, LEAD, {"until": "2027-03-01"}, [("reason", "r"), ("message", "m")], set()),
    (Action.HOLD, State.TRIAGE, LEAD, {}, [("reason", "r")], set()),
    (Action.RELEASE, State.TRIAGE, LEAD, {}, [("reason", "r")], set()),
    (Action.FLAG, State.TRIAGE, LEAD, {"urgent": "yes"}, [], set()),
    (Action.ESCALATE, State.TRIAGE, SYSTEM, {}, [], set()),
]  # fmt: skip


def case_for(action: Action, state: State) -> CaseView:
    """Return a case in which ``action`` may be tried."""
    files = dict.fromkeys(("f1", "f2", "f3"), HASH)
    return a_case(state, consent=CONSENT if action is Action.REFER else None, files=files)


def step(
    action: Action, case: CaseView, clear: dict[str, str], texts: list[tuple[str, str]], sealed: set[Seal]
) -> Step:
    """Return an act about to happen to ``case``."""
    return Step(
        seq=case.version + 1,
        action=action,
        from_state=case.state,
        to_state=next_state(action, case),
        day=TODAY,
        actor=ActorKind.OFFICER,
        clear=clear,
        texts=tuple(texts),
        seals=tuple(sealed),
        files=(("f4", HASH),) if action is Action.EVIDENCE else (),
    )


def codes(act: Step, case: CaseView, actor: Actor) -> list[str]:
    """Return what is wrong with ``act``."""
    return [refusal.code for refusal in fits(act, case, actor)]


each_act = pytest.mark.parametrize(
    ("action", "state", "actor", "clear", "texts", "sealed"), ACTS, ids=[act[0] for act in ACTS]
)


def test_each_action_is_tried() -> None:
    assert {act[0] for act in ACTS} == set(Action)


@each_act
def test_an_act_with_exactly_what_it_must_carry_fits(
    action: Action, state: State, actor: Actor, clear: dict[str, str], texts: list[tuple[str, str]], sealed: set[Seal]
) -> None:
    case = case_for(action, state)
    assert codes(step(action, case, clear, texts, sealed), case, actor) == []
    assert seals(action, case, actor, clear.get("assignee")) == sealed


def test_files_come_with_what_may_bring_them_and_no_more_than_ten() -> None:
    many = tuple((f"g{number}", HASH) for number in range(11))
    for action, state, actor, clear, texts, sealed in ACTS:
        case = case_for(action, state)
        plain = step(action, case, clear, texts, sealed)
        takes = action in {Action.MESSAGE, Action.ANSWER, Action.OBJECT, Action.EVIDENCE}
        assert (codes(replace(plain, files=many[:10]), case, actor) == []) is takes
        assert "files" in codes(replace(plain, files=many), case, actor)
        wordless = replace(plain, texts=(), files=many[:1])
        assert (codes(wordless, case, actor) == []) is (action in {Action.MESSAGE, Action.EVIDENCE})
    case = case_for(Action.MESSAGE, State.CLOSED)
    assert codes(step(Action.MESSAGE, case, {}, [], set()), case, REPORTER) == ["files"]
    case = case_for(Action.EVIDENCE, State.TRIAGE)
    assert codes(replace(step(Action.EVIDENCE, case, {}, [], set()), files=()), case, LEAD) == ["files"]


def test_no_file_is_brought_whose_openings_the_record_could_not_tell_from_anothers() -> None:
    case = replace(case_for(Action.EVIDENCE, State.TRIAGE), files={"a" * 32: HASH})
    for files in ([f"{'a' * 16}{'b' * 16}"], ["b" * 32, f"{'b' * 16}{'c' * 16}"]):
        brought = tuple((file, HASH) for file in files)
        act = step(Action.EVIDENCE, case, {}, [], set())
        assert codes(replace(act, files=brought), case, LEAD) == ["files"]
        assert codes(replace(act, files=brought[1:] or (("c" * 32, HASH),)), case, LEAD) == []


@pytest.mark.parametrize("named", ["", "f4", "f2+f1", "f1+f1", "f1+", "f1,f2", "F1"])
def test_evidence_is_handed_out_by_its_own_names_in_its_order(named: str) -> None:
    case = case_for(Action.EXPORT, State.TRIAGE)
    assert codes(step(Action.EXPORT, case, {"files": named}, [("reason", "r")], set()), case, LEAD) == ["clear"]


@each_act
def test_less_or_more_does_not_fit(
    action: Action, state: State, actor: Actor, clear: dict[str, str], texts: list[tuple[str, str]], sealed: set[Seal]
) -> None:
    case = case_for(action, state)
    whole = step(action, case, clear, texts, sealed)
    assert "clear" in codes(replace(whole, clear=clear | {"zeal": "yes"}), case, actor)
    assert "texts" in codes(replace(whole, texts=(*whole.texts, ("zeal", "z"))), case, actor)
    stranger = Seal(KeyKind.CASE, 1, "officer:stranger")
    assert "seals" in codes(replace(whole, seals=(*whole.seals, stranger)), case, actor)
    for name in clear:
        less = {other: value for other, value in clear.items() if other != name}
        assert codes(replace(whole, clear=less), case, actor)
    for text in texts:
        assert codes(replace(whole, texts=tuple(other for other in texts if other != text)), case, actor)
        assert codes(replace(whole, texts=(*whole.texts, (text[0], "again"))), case, actor)
    for seal in sealed:
        assert "seals" in codes(replace(whole, seals=tuple(sealed - {seal})), case, actor)
        assert "seals" in codes(replace(whole, seals=(*whole.seals, seal)), case, actor)


@each_act
def test_a_clear_value_that_is_not_allowed_does_not_fit(
    action: Action, state: State, actor: Actor, clear: dict[str, str], texts: list[tuple[str, str]], sealed: set[Seal]
) -> None:
    case = case_for(action, state)
    for name in clear:
        for strange in ("", "X!", "-"):
            act = step(action, case, clear | {name: strange}, texts, sealed)
            assert codes(act, case, actor), (name, strange)


def test_a_step_to_another_state_does_not_fit() -> None:
    case = a_case(State.NEEDS_INFO)
    act = step(Action.ANSWER, case, {}, [("answer", "a")], set())
    assert codes(replace(act, to_state=State.TRIAGE), case, REPORTER) == ["way"]
    assert codes(replace(act, from_state=State.TRIAGE), case, REPORTER) == ["way"]


def test_a_plan_begins_with_its_allegations_open_and_no_others() -> None:
    case = a_case(State.TRIAGE)
    assignee, sealed = {"assignee": "colleague"}, key_copies("officer:colleague")

    def planned(clear: dict[str, str], texts: list[tuple[str, str]]) -> list[str]:
        plan = {"category": "calo", "severity": "berat"}
        return codes(step(Action.INVESTIGATE, case, plan | assignee | clear, texts, sealed), case, LEAD)

    nine = {f"allegation.n{n}": "open" for n in range(9)}
    nine_texts = [("plan", "p"), *(("allegation", f"n{n}") for n in range(9))]
    assert planned(nine, nine_texts) == []
    assert planned({**nine, "allegation.n9": "open"}, [*nine_texts, ("allegation", "n9")]) == ["texts"]
    assert planned({}, [("plan", "p")]) == ["texts"]
    assert planned({"allegation.n1": "proven"}, PLAN_TEXTS) == ["allegations"]
    assert planned({"allegation.n1": "perhaps"}, PLAN_TEXTS) == ["allegations"]
    assert planned({"allegation.n2": "open"}, PLAN_TEXTS) == ["allegations"]
    assert planned({}, PLAN_TEXTS) == ["allegations"]


@pytest.mark.parametrize(
    "clear",
    [
        {"allegation.a1": "open"},
        {"allegation.unknown": "proven"},
        {"allegation.a1": "proven", "allegation.a2": "proven"},
        {"allegation.a1": "maybe"},
        {},
    ],
)
def test_a_finding_judges_exactly_one_allegation_of_the_plan(clear: dict[str, str]) -> None:
    both = {"a1": AllegationStatus.OPEN, "a2": AllegationStatus.OPEN}
    case = a_case(State.INVESTIGATION, allegations=both)
    assert codes(step(Action.FINDING, case, clear, [("finding", "f")], set()), case, INVESTIGATOR) == ["allegations"]


ASSIGNED_IN = (State.INVESTIGATION, State.OBJECTION)


def test_only_whom_the_rules_allow_is_offered() -> None:
    held = {KeyKind.CASE: frozenset({"desk:33.08:1", "officer:investigator"})}
    cases = {state: a_case(state, holders=held) for state in ASSIGNED_IN}
    offered = {state: requirements(Action.ASSIGN, case, LEAD).clear["assignee"] for state, case in cases.items()}
    assert offered == {State.INVESTIGATION: OneOf(("colleague",)), State.OBJECTION: OneOf(("colleague", "second"))}


def test_a_referral_takes_exactly_what_was_consented_to() -> None:
    case = a_case(State.TRIAGE, consent=CONSENT)
    for other in ({"package": HASH}, {"agency": "kejati"}):
        clear = {"package": CONSENT.package, "agency": CONSENT.agency, "recipient": HASH} | other
        assert codes(step(Action.REFER, case, clear, [("reason", "r")], set()), case, LEAD) == ["clear"]


@pytest.mark.parametrize(
    ("reference", "fit"),
    [
        ("700/123/ITDA/2026", True), ("B-412/M.3/XI/2026", True), ("1" * 60, True), ("1" * 61, False),
        ("/700", False), ("700 / 123", False), ("700\\123", False), ("700,outcome=proven", False),
    ],
)  # fmt: skip
def test_the_number_of_an_agencys_letter_is_taken_as_agencies_write_it(reference: str, fit: bool) -> None:
    case = a_case(State.REFERRED)
    refused = step(Action.RETURNED, case, {"reference": reference}, [("reason", "r")], set())
    endings = [("reason", "r"), ("decision", "d")]
    received = step(Action.RECEIPT, case, {"reference": reference, "outcome": "proven"}, endings, REVIEWERS)
    assert [codes(act, case, INVESTIGATOR) == [] for act in (refused, received)] == [fit, fit]


@pytest.mark.parametrize(
    ("until", "fit"),
    [("2027-02-01", False), ("2027-02-02", True), ("2027-05-03", True), ("2027-05-04", False)]
    # Other ways of ISO 8601 to write the second of March.
    + [("20270302", False), ("2027-W09-2", False), ("2027W092", False)],
)
def test_an_extension_ends_after_the_limit_and_within_what_may_be_added(until: str, fit: bool) -> None:
    case = a_case(State.INVESTIGATION)
    act = step(Action.EXTEND, case, {"until": until}, [("reason", "r"), ("message", "m")], set())
    assert (codes(act, case, LEAD) == []) is fit
    assert requirements(Action.EXTEND, case, LEAD).clear["until"] == DayBetween(date(2027, 2, 2), date(2027, 5, 3))


@pytest.mark.parametrize(
    ("action", "state", "outcome", "facts", "code"),
    [
        (Action.PROPOSE, State.TRIAGE, Outcome.CANNOT_BE_PROCESSED, {}, None),
        (Action.PROPOSE, State.TRIAGE, Outcome.DUPLICATE, {}, None),
        (Action.PROPOSE, State.TRIAGE, Outcome.PROVEN, {}, "outcome_found"),
        (
            Action.PROPOSE, State.TRIAGE, Outcome.NOT_PROVEN,
            {"allegations": {"a": AllegationStatus.PROVEN}}, "outcome_found",
        ),
        (Action.PROPOSE, State.TRIAGE, Outcome.WITHDRAWN, {}, "not_withdrawn"),
        (Action.PROPOSE, State.TRIAGE, Outcome.WITHDRAWN, {"withdrawal_asked": True}, None),
        (Action.PROPOSE, State.INVESTIGATION, Outcome.PARTLY_PROVEN, {}, None),
        (
            Action.PROPOSE, State.INVESTIGATION, Outcome.PROVEN,
            {"allegations": {"a": AllegationStatus.PROVEN, "b": AllegationStatus.OPEN}}, "open_allegation",
        ),
        (Action.PROPOSE, State.INVESTIGATION, Outcome.DUPLICATE, {"allegations": {"a": AllegationStatus.OPEN}}, None),
        (Action.DISMISS, State.OBJECTION, Outcome.NOT_PROVEN, {}, None),
        (Action.DISMISS, State.OBJECTION, Outcome.PROVEN, {"allegations": {}}, "outcome_found"),
        (Action.RECEIPT, State.REFERRED, Outcome.PROVEN, {"allegations": {}}, None),
    ],
)  # fmt: skip
def test_which_outcome_may_be_chosen(
    action: Action, state: State, outcome: Outcome, facts: dict[str, Any], code: str | None
) -> None:
    case = a_case(state, **facts)
    refused = why_not(outcome, action, case)
    assert (refused.code if refused else None) == code
    offered = requirements(action, case, INVESTIGATOR).clear["outcome"]
    assert isinstance(offered, OneOf) and (outcome in offered.values) is (code is None)


def test_an_outcome_that_may_not_be_chosen_is_refused_with_its_own_reason() -> None:
    case = a_case(State.INVESTIGATION, allegations={"a": AllegationStatus.OPEN})
    act = step(Action.PROPOSE, case, {"outcome": "proven"}, [("reason", "r"), ("decision", "d")], REVIEWERS)
    assert codes(act, case, INVESTIGATOR) == ["open_allegation"]


@pytest.mark.parametrize(
    ("action", "state", "actor"),
    [(Action.UPHOLD, State.OBJECTION, COLLEAGUE), (Action.REOPEN, State.CLOSED, LEAD_ABOVE)],
)
def test_a_case_never_investigated_needs_a_plan_first(action: Action, state: State, actor: OfficerView) -> None:
    untried = requirements(action, a_case(state, allegations={}), actor)
    assert untried.plans and untried.texts["plan"] == (1, 1) and untried.texts["allegation"] == (1, 9)
    assert untried.clear == {"category": OneOf(tuple(Category)), "severity": OneOf(tuple(Severity))}
    assert not requirements(action, a_case(state), actor).plans


def test_whatever_is_first_written_for_officers_brings_the_key_it_lies_under() -> None:
    first, received = key_copies("desk:33.08:1", kinds="case"), a_case(State.RECEIVED)
    assert seals(Action.HOLD, received, LEAD) == first == seals(Action.OPEN, received, LEAD)
    held = replace(received, epochs={KeyKind.THREAD: 1, KeyKind.CASE: 1}, holders=HELD)
    assert seals(Action.OPEN, held, LEAD) == seals(Action.RELEASE, held, LEAD) == set()
    # Without a text there is nothing to lie under it.
    assert seals(Action.FLAG, received, LEAD) == set()


def test_who_holds_the_keys_is_not_sealed_to_again() -> None:
    held = {kind: frozenset({"reporter", "desk:33.08:1", "officer:reviewer"}) for kind in KeyKind}
    case = a_case(State.INVESTIGATION, holders=held)
    assert seals(Action.PROPOSE, case, INVESTIGATOR) == key_copies("officer:second")


HELD = {
    KeyKind.THREAD: frozenset({"reporter", "desk:33.08:1", "officer:second"}),
    KeyKind.CASE: frozenset({"desk:33.08:1", "officer:second"}),
}
TAKEN = {"removed": frozenset({"officer:investigator"}), "holders": HELD, "assignee": None}


@pytest.mark.parametrize(
    ("action", "actor", "assignee", "renews"),
    [
        (Action.NOTE, LEAD, None, True),
        (Action.ASSIGN, LEAD, "colleague", True),
        (Action.RECUSE, LEAD, None, False),
        (Action.FLAG, LEAD, None, False),
        (Action.MESSAGE, REPORTER, None, False),
    ],
)
def test_after_a_taken_assignment_the_next_officer_who_writes_renews_the_keys(
    action: Action, actor: Actor, assignee: str | None, renews: bool
) -> None:
    case = a_case(State.INVESTIGATION, **TAKEN)
    needed = seals(action, case, actor, assignee)
    remaining = {Seal(kind, 2, holder) for kind, holders in HELD.items() for holder in holders}
    both = {Seal(kind, epoch, f"officer:{assignee}") for kind in KeyKind for epoch in (1, 2)}
    newcomer = both if assignee else set()
    assert needed == ((remaining | newcomer) if renews else set())
    epoch = 2 if renews else 1
    assert requirements(action, case, actor).epochs == {KeyKind.THREAD: epoch, KeyKind.CASE: epoch}


def test_who_joins_after_a_renewal_is_given_the_keys_before_it_too() -> None:
    case = a_case(State.INVESTIGATION, epochs={KeyKind.THREAD: 3, KeyKind.CASE: 2}, holders=HELD)
    joined = {Seal(KeyKind.THREAD, epoch, "officer:reviewer") for epoch in (1, 2, 3)}
    joined |= {Seal(KeyKind.CASE, epoch, "officer:reviewer") for epoch in (1, 2)}
    assert seals(Action.PROPOSE, case, INVESTIGATOR) == joined


@pytest.mark.parametrize(
    ("action", "state", "actor", "assignee"),
    [
        (Action.ASSIGN, State.INVESTIGATION, LEAD, "colleague"),
        (Action.UPHOLD, State.OBJECTION, COLLEAGUE, None),
    ],
)
def test_who_takes_anothers_place_shuts_him_out_of_the_next_keys_at_once(
    action: Action, state: State, actor: OfficerView, assignee: str | None
) -> None:
    held = {kind: holders | {"officer:investigator", "officer:colleague"} for kind, holders in HELD.items()}
    case = a_case(state, holders=held)
    remaining = {Seal(kind, 2, holder) for kind, holders in held.items() for holder in holders}
    assert seals(action, case, actor, assignee) == remaining - key_copies("officer:investigator", epoch=2)


def test_an_objections_new_handler_shuts_out_the_one_before_and_not_who_investigated() -> None:
    held = {kind: holders | {"officer:investigator", "officer:colleague"} for kind, holders in HELD.items()}
    needed = seals(Action.ASSIGN, a_case(State.OBJECTION, holders=held), LEAD, "second")
    assert {seal.recipient for seal in needed} == {"reporter", "desk:33.08:1", "officer:second", "officer:investigator"}


@pytest.mark.parametrize(
    "officers",
    [
        [LEAD, REVIEWER],
        [LEAD, REVIEWER, replace(SECOND, desk=ELSEWHERE)],
        [LEAD, REVIEWER, replace(SECOND, role=Role.LEAD)],
    ],
)
def test_who_has_left_the_case_with_his_office_is_sealed_to_no_more(officers: list[OfficerView]) -> None:
    case = a_case(State.INVESTIGATION, holders=HELD, officers=tuple(officers))
    remaining = key_copies("desk:33.08:1", epoch=2) | key_copies("reporter", kinds="thread", epoch=2)
    assert seals(Action.NOTE, case, LEAD) == remaining
    assert seals(Action.FLAG, case, LEAD) == set()


def test_a_renewed_key_goes_to_the_desk_under_its_present_epoch() -> None:
    case = a_case(State.INVESTIGATION, **TAKEN, desk_recipient="desk:33.08:2")
    recipients = {seal.recipient for seal in seals(Action.NOTE, case, LEAD)}
    assert recipients == {"reporter", "desk:33.08:2", "officer:second"}


def test_after_the_desks_next_key_the_next_officer_who_writes_renews_the_keys_of_its_cases() -> None:
    case = a_case(State.INVESTIGATION, desk_recipient="desk:33.08:2")
    renewed = key_copies("desk:33.08:2", epoch=2) | key_copies("reporter", kinds="thread", epoch=2)
    assert seals(Action.NOTE, case, LEAD) == renewed
    assert seals(Action.FLAG, case, LEAD) == set()
    held = {kind: frozenset({"desk:33.08:2"}) for kind in KeyKind}
    assert seals(Action.NOTE, replace(case, holders=held), LEAD) == set()
    # What was lodged to the former key while that was still taken, when it is first opened.
    begun = key_copies("desk:33.08:2", kinds="case") | {seal for seal in renewed if seal.kind is KeyKind.THREAD}
    assert seals(Action.OPEN, a_case(State.RECEIVED, desk_recipient="desk:33.08:2"), LEAD) == begun


def test_a_desk_without_a_key_that_counts_renews_nothing_and_its_cases_go_on() -> None:
    assert seals(Action.NOTE, a_case(State.INVESTIGATION, desk_recipient=""), LEAD_ABOVE) == set()
    # Whom its only lead had vouched for, nobody vouches for now: they are gone with him.
    held = {kind: holders | {"officer:stranger"} for kind, holders in HELD.items()}
    case = a_case(State.INVESTIGATION, desk_recipient="", holders=held)
    assert seals(Action.NOTE, case, LEAD_ABOVE) == set() and not keys_due(case)
    assert keys_due(replace(case, desk_recipient="desk:33.08:1"))
    assigned = replace(case, holders=held | {KeyKind.CASE: held[KeyKind.CASE] | {"officer:investigator"}})
    assert seals(Action.ASSIGN, assigned, LEAD_ABOVE, "colleague") == key_copies("officer:colleague")


def test_the_first_epochs_are_one() -> None:
    assert requirements(Action.LODGE, a_case(State.NEW), REPORTER).epochs == {KeyKind.THREAD: 1, KeyKind.CASE: 1}


def test_a_reviewer_who_recuses_himself_hands_the_keys_to_who_reviews_then() -> None:
    case = a_case(State.REVIEW, authors=frozenset({"investigator", "second"}))
    assert seals(Action.RECUSE, case, REVIEWER) == key_copies("officer:reviewer-above")
    alone = replace(case, excluded=frozenset({ABOVE}))
    assert seals(Action.RECUSE, alone, REVIEWER) == set()
    assert seals(Action.RECUSE, a_case(State.INVESTIGATION), SECOND) == set()
