"""What events amount to: who holds a case, who has written on it, what was found, who has its keys."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from casework.history import Seal, Step, fold, step_of
from casework.rules import CaseView, Consent, OfficerView, refusals
from casework.terms import Action, ActorKind, AllegationStatus, Category, KeyKind, Outcome, Role, Severity, State
from ledger.body import Event, ObjectRef

DAY = date(2026, 11, 25)
LODGED = {"desk": "33.08", "excluded": "none", "threatened": "no"}
PLAN = {"assignee": "i", "category": "calo", "severity": "berat", "allegation.a1": "open", "allegation.a2": "open"}


class Story:
    """A case told event by event."""

    def __init__(self, **lodged: str) -> None:
        self.steps: list[Step] = []
        self.then(Action.LODGE, State.RECEIVED, clear=LODGED | lodged, keys=["thread reporter", "thread desk:33.08:1"])

    def then(
        self,
        action: Action,
        to_state: State | None = None,
        by: str | None = None,
        clear: dict[str, str] | None = None,
        keys: list[str] | None = None,
        epoch: int = 1,
    ) -> "Story":
        """Add an event; ``keys`` are written "kind recipient"."""
        before = self.steps[-1].to_state if self.steps else State.NEW
        step = Step(
            seq=len(self.steps) + 1,
            action=action,
            from_state=before,
            to_state=to_state or before,
            day=DAY,
            actor=ActorKind.OFFICER if by else ActorKind.REPORTER,
            officer=by,
            clear=clear or {},
            seals=tuple(Seal(KeyKind(key.split()[0]), epoch, key.split()[1]) for key in keys or []),
        )
        self.steps.append(step)
        return self

    @property
    def view(self) -> CaseView:
        """Return what the events amount to."""
        return fold(self.steps)


def both(*recipients: str) -> list[str]:
    """Return both keys for each recipient."""
    return [f"{kind} {recipient}" for kind in KeyKind for recipient in recipients]


def opened(**lodged: str) -> Story:
    return Story(**lodged).then(Action.OPEN, State.TRIAGE, "l", keys=["case desk:33.08:1"])


def investigated() -> Story:
    return opened().then(Action.INVESTIGATE, State.INVESTIGATION, "l", PLAN, both("officer:i"))


def closed() -> Story:
    story = investigated().then(Action.PROPOSE, State.REVIEW, "i", {"outcome": "proven"}, both("officer:r"))
    return story.then(Action.CLOSE, State.CLOSED, "r")


def test_a_lodged_case() -> None:
    view = Story(excluded="33+luar", threatened="yes").view
    assert (view.desk, view.state, view.version, view.came_from) == ("33.08", State.RECEIVED, 1, State.NEW)
    assert view.excluded == {"33", "luar"} and view.threatened and not view.authors
    assert Story().view.excluded == frozenset()


def test_an_investigated_case() -> None:
    view = investigated().view
    assert (view.assignee, view.category, view.severity) == ("i", Category.BROKER, Severity.GRAVE)
    assert view.allegations == {"a1": AllegationStatus.OPEN, "a2": AllegationStatus.OPEN}


def test_a_finding_judges_its_allegation_alone() -> None:
    view = investigated().then(Action.FINDING, by="i", clear={"allegation.a1": "proven"}).view
    assert view.allegations == {"a1": AllegationStatus.PROVEN, "a2": AllegationStatus.OPEN}


def test_where_a_case_came_from_is_not_forgotten_over_what_happens_meanwhile() -> None:
    story = investigated().then(Action.ASK, State.NEEDS_INFO, "i").then(Action.NOTE, by="i").then(Action.REPLY, by="l")
    assert story.view.came_from is State.INVESTIGATION


def test_review_acts_leave_their_author_a_stranger_who_is_yet_involved() -> None:
    story = investigated().then(Action.CONSENT, by="r", clear={"package": "p", "agency": "polda"})
    story.then(Action.PROPOSE, State.REVIEW, "i", {"outcome": "proven"})
    story.then(Action.SEND_BACK, State.INVESTIGATION, "r")
    story.then(Action.PROPOSE, State.REVIEW, "i", {"outcome": "proven"}).then(Action.CLOSE, State.CLOSED, "s")
    assert story.view.authors == {"l", "i"} and story.view.involved == {"l", "i", "r", "s"}


def test_whoever_is_assigned_is_involved_before_he_writes_anything() -> None:
    view = opened().then(Action.INVESTIGATE, State.INVESTIGATION, "l", PLAN | {"assignee": "j"}).view
    assert "j" in view.involved and "j" not in view.authors


def test_a_closed_case_knows_its_closer_and_forgets_what_was_asked() -> None:
    story = investigated().then(Action.WITHDRAW)
    assert story.view.withdrawal_asked
    story.then(Action.PROPOSE, State.REVIEW, "i", {"outcome": "withdrawn"}).then(Action.CLOSE, State.CLOSED, "r")
    view = story.view
    assert (view.last_closer, view.outcome, view.withdrawal_asked) == ("r", Outcome.WITHDRAWN, False)


def test_messages_count_as_unheard_until_an_officer_does_anything() -> None:
    story = investigated().then(Action.MESSAGE).then(Action.MESSAGE)
    assert story.view.unheard == 2
    assert story.then(Action.NOTE, by="i").view.unheard == 0
    assert story.then(Action.MESSAGE).view.unheard == 1


@pytest.mark.parametrize("action", [Action.WITHDRAW, Action.ESCALATE])
def test_what_else_happens_leaves_unheard_what_is_unheard(action: Action) -> None:
    assert investigated().then(Action.MESSAGE).then(action).view.unheard == 1


def test_an_objection_lasts_until_the_next_closing() -> None:
    story = closed().then(Action.OBJECT, State.OBJECTION)
    assert story.view.objected
    story.then(Action.ASSIGN, by="l", clear={"assignee": "h"}).then(
        Action.DISMISS, State.REVIEW, "h", {"outcome": "not_proven"}
    )
    assert story.view.objected and story.view.handler == "h" and story.view.outcome is Outcome.NOT_PROVEN
    assert not story.then(Action.CLOSE, State.CLOSED, "s").view.objected


def test_the_next_objection_has_no_handler_yet() -> None:
    story = closed().then(Action.OBJECT, State.OBJECTION).then(Action.ASSIGN, by="l", clear={"assignee": "h"})
    story.then(Action.DISMISS, State.REVIEW, "h", {"outcome": "proven"}).then(Action.CLOSE, State.CLOSED, "s")
    assert story.then(Action.OBJECT, State.OBJECTION).view.handler is None


def test_whoever_upholds_an_objection_investigates_it() -> None:
    story = closed().then(Action.OBJECT, State.OBJECTION).then(Action.ASSIGN, by="l", clear={"assignee": "h"})
    view = story.then(Action.UPHOLD, State.INVESTIGATION, "h").view
    assert (view.assignee, view.handler, view.category) == ("h", None, Category.BROKER)


def test_a_case_closed_untried_gets_its_plan_when_an_objection_is_upheld() -> None:
    story = opened().then(Action.PROPOSE, State.REVIEW, "l", {"outcome": "duplicate"})
    story.then(Action.CLOSE, State.CLOSED, "r")
    story.then(Action.OBJECT, State.OBJECTION).then(Action.ASSIGN, by="l", clear={"assignee": "h"})
    plan = {"category": "potongan", "severity": "ringan", "allegation.b1": "open"}
    view = story.then(Action.UPHOLD, State.INVESTIGATION, "h", plan).view
    assert (view.category, dict(view.allegations)) == (Category.CUT, {"b1": AllegationStatus.OPEN})


@pytest.mark.parametrize("officer", ["i", "h"])
def test_who_recuses_himself_holds_the_case_no_more(officer: str) -> None:
    story = closed().then(Action.OBJECT, State.OBJECTION).then(Action.ASSIGN, by="l", clear={"assignee": "h"})
    view = story.then(Action.RECUSE, by=officer).view
    assert view.recused == {officer}
    assert (view.assignee, view.handler) == {"i": (None, "h"), "h": ("i", None)}[officer]


def test_an_extension_is_of_one_investigation() -> None:
    story = investigated().then(Action.EXTEND, by="i", clear={"until": "2027-03-01"})
    assert story.view.extended_until == date(2027, 3, 1)
    story.then(Action.PROPOSE, State.REVIEW, "i", {"outcome": "proven"}).then(Action.CLOSE, State.CLOSED, "r")
    assert story.then(Action.REOPEN, State.INVESTIGATION, "p").view.extended_until is None


def test_a_consent_is_for_one_referral() -> None:
    story = investigated().then(Action.CONSENT, by="r", clear={"package": "p", "agency": "polda"})
    assert story.view.consent == Consent("p", "polda", "r")
    assert story.then(Action.REFER, State.REFERRED, "l").view.consent is None


def test_who_consented_and_then_recused_himself_is_no_second_officer() -> None:
    story = investigated().then(Action.CONSENT, by="r", clear={"package": "p", "agency": "polda"})
    lead = OfficerView("l", "33.08", Role.LEAD)
    assert refusals(Action.REFER, replace(story.view, officers=(lead,)), lead) == []
    view = replace(story.then(Action.RECUSE, by="r").view, officers=(lead,))
    assert [refusal.code for refusal in refusals(Action.REFER, view, lead)] == ["no_consent"]


@pytest.mark.parametrize(
    ("action", "clear", "flag", "value"),
    [
        (Action.HOLD, {}, "hold", True),
        (Action.RELEASE, {}, "hold", False),
        (Action.FLAG, {"urgent": "yes"}, "urgent", True),
        (Action.FLAG, {"urgent": "no"}, "urgent", False),
        (Action.ESCALATE, {}, "escalated_on", DAY),
    ],
)
def test_flags(action: Action, clear: dict[str, str], flag: str, value: Any) -> None:
    story = investigated().then(Action.HOLD, by="l") if action is Action.RELEASE else investigated()
    assert getattr(story.then(action, by="l", clear=clear).view, flag) == value


def test_an_outcome_comes_with_a_receipt_too() -> None:
    story = investigated().then(Action.REFER, State.REFERRED, "l")
    view = story.then(Action.RECEIPT, State.REVIEW, "i", {"reference": "1", "outcome": "proven"}).view
    assert view.outcome is Outcome.PROVEN


def test_who_holds_which_key() -> None:
    view = investigated().view
    assert view.epochs == {KeyKind.THREAD: 1, KeyKind.CASE: 1}
    assert view.holders[KeyKind.THREAD] == {"reporter", "desk:33.08:1", "officer:i"}
    assert view.holders[KeyKind.CASE] == {"desk:33.08:1", "officer:i"}


@pytest.mark.parametrize("way", [Action.ASSIGN, Action.RECUSE])
def test_a_taken_assignment_takes_the_keys_until_the_next_epoch(way: Action) -> None:
    by, clear, keys = ("l", {"assignee": "j"}, both("officer:j")) if way is Action.ASSIGN else ("i", {}, [])
    story = investigated().then(way, by=by, clear=clear, keys=keys)
    assert story.view.removed == {"officer:i"}
    assert all("officer:i" not in holders for holders in story.view.holders.values())
    remaining = ["case desk:33.08:1", "thread desk:33.08:1", "thread reporter"]
    view = story.then(Action.NOTE, by="l", keys=remaining, epoch=2).view
    assert view.removed == frozenset() and view.epochs == {KeyKind.THREAD: 2, KeyKind.CASE: 2}
    assert view.holders[KeyKind.THREAD] == {"reporter", "desk:33.08:1"}


def test_who_is_replaced_by_an_upheld_objection_loses_his_keys() -> None:
    story = closed().then(Action.OBJECT, State.OBJECTION)
    story.then(Action.ASSIGN, by="l", clear={"assignee": "h"}, keys=both("officer:h"))
    assert story.view.removed == frozenset()
    assert story.then(Action.UPHOLD, State.INVESTIGATION, "h").view.removed == {"officer:i"}


def test_a_handler_replaced_loses_his_keys() -> None:
    story = closed().then(Action.OBJECT, State.OBJECTION)
    story.then(Action.ASSIGN, by="l", clear={"assignee": "h"}, keys=both("officer:h"))
    view = story.then(Action.ASSIGN, by="l", clear={"assignee": "k"}, keys=both("officer:k")).view
    assert view.removed == {"officer:h"} and view.handler == "k"


def test_who_had_no_key_leaves_none_to_renew() -> None:
    assert opened().then(Action.RECUSE, by="r").view.removed == frozenset()


EVENT = Event(
    case="a" * 32,
    seq=2,
    previous=b"p" * 64,
    action="open",
    from_state="RECEIVED",
    to_state="TRIAGE",
    day=DAY,
    actor=f"officer:{'b' * 32}",
    access=b"x" * 32,
    clear={},
    objects=(
        ObjectRef("declaration", "c" * 32, "0" * 64),
        ObjectRef("case-key", "12.desk:33.08:3", "0" * 64),
    ),
)


def test_an_event_in_the_workflows_terms() -> None:
    assert step_of(EVENT) == Step(
        seq=2,
        action=Action.OPEN,
        from_state=State.RECEIVED,
        to_state=State.TRIAGE,
        day=DAY,
        actor=ActorKind.OFFICER,
        officer="b" * 32,
        texts=(("declaration", "c" * 32),),
        seals=(Seal(KeyKind.CASE, 12, "desk:33.08:3"),),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "archive"},
        {"to_state": "ARCHIVED"},
        {"objects": (ObjectRef("case-key", "desk:33.08:3", "0" * 64),)},
        {"objects": (ObjectRef("case-key", "0.desk:33.08:3", "0" * 64),)},
    ],
)
def test_a_word_the_workflow_does_not_have_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        step_of(replace(EVENT, **changes))
