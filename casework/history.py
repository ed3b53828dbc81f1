"""What a case's events amount to: one fold over them, from which every guard and every date follows. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from typing import Any, TypeAlias

from casework.rules import OBJECTION, REVIEW_ACTIONS, CaseView, Consent
from casework.terms import Action, ActorKind, AllegationStatus, Category, KeyKind, Outcome, Severity, State
from ledger.body import Event

ALLEGATION = "allegation."
NOBODY = "none"
THREATENED = "threatened"
CHANNEL = "channel"
FILE = "file"
KEY_KINDS = {"thread-key": KeyKind.THREAD, "case-key": KeyKind.CASE}
SEALED_KEY = re.compile(r"([1-9][0-9]*)\.(.+)")
Changes: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Seal:
    """One sealed copy of a key: whose, of which epoch, for whom."""

    kind: KeyKind
    epoch: int
    recipient: str


@dataclass(frozen=True)
class Step:
    """One event in the workflow's terms; ``texts`` are its boxes as (kind, id), ``seals`` its sealed keys, ``files``
    the ids and digests (hex) of what it brings as evidence."""

    seq: int
    action: Action
    from_state: State
    to_state: State
    day: date
    actor: ActorKind
    officer: str | None = None
    clear: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[tuple[str, str], ...] = ()
    seals: tuple[Seal, ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    @property
    def statuses(self) -> dict[str, AllegationStatus]:
        """Return the allegations this event judges or begins, by id; raises ``ValueError`` on an unknown status."""
        named = [(name, value) for name, value in self.clear.items() if name.startswith(ALLEGATION)]
        return {name.removeprefix(ALLEGATION): AllegationStatus(value) for name, value in named}


def step_of(event: Event) -> Step:
    """Read an event's body in the workflow's terms; raises ``ValueError`` on a word the workflow does not have."""
    kind, _, officer = event.actor.partition(":")
    return Step(
        seq=event.seq,
        action=Action(event.action),
        from_state=State(event.from_state),
        to_state=State(event.to_state),
        day=event.day,
        actor=ActorKind(kind),
        officer=officer or None,
        clear=event.clear,
        texts=tuple((ref.kind, ref.id) for ref in event.objects if ref.kind not in {FILE, *KEY_KINDS}),
        seals=tuple(_seal(ref.kind, ref.id) for ref in event.objects if ref.kind in KEY_KINDS),
        files=tuple((ref.id, ref.digest) for ref in event.objects if ref.kind == FILE),
    )


def _seal(kind: str, name: str) -> Seal:
    match = SEALED_KEY.fullmatch(name)
    if match is None:
        raise ValueError(name)
    return Seal(KEY_KINDS[kind], int(match[1]), match[2])


def fold(steps: Iterable[Step]) -> CaseView:
    """Return what ``steps``, in their order, make of a case: the part of its view that follows from events."""
    return reduce(after, steps, CaseView())


def after(case: CaseView, step: Step) -> CaseView:
    """Return what one more step makes of a case; its dates and what the signed tree says of it stay as they were."""
    effect = EFFECTS.get(step.action, _nothing)
    changes = _authorship(case, step) | _talk(case, step) | _keys(case, step)
    changes |= {"version": step.seq, "state": step.to_state, "files": {**case.files, **dict(step.files)}}
    if step.to_state is not step.from_state:
        changes["came_from"] = step.from_state
    case = replace(case, **changes)
    return replace(case, **effect(case, step))


def _authorship(case: CaseView, step: Step) -> Changes:
    if step.officer is None:
        return {}
    wrote = set() if step.action in REVIEW_ACTIONS else {step.officer}
    return {"authors": case.authors | wrote, "involved": case.involved | {step.officer}}


def _talk(case: CaseView, step: Step) -> Changes:
    if step.actor is ActorKind.REPORTER:
        frightened = {"threatened_on": step.day} if step.clear.get(THREATENED) == "yes" else {}
        return frightened | ({"unheard": case.unheard + 1} if step.action is Action.MESSAGE else {})
    return {"unheard": 0} if step.officer else {}


def _keys(case: CaseView, step: Step) -> Changes:
    """Keep count of who holds the present epochs' keys; a new epoch leaves out whoever was removed."""
    epochs, holders, removed = dict(case.epochs), dict(case.holders), case.removed
    for seal in step.seals:
        if seal.epoch > epochs.get(seal.kind, 0):
            epochs[seal.kind], holders[seal.kind] = seal.epoch, frozenset()
            removed = frozenset()
        holders[seal.kind] |= {seal.recipient}
    return {"epochs": epochs, "holders": holders, "removed": removed}


def _take_keys(case: CaseView, officer: str | None) -> Changes:
    """Note that ``officer`` keeps no key of the present epochs, if he had one."""
    held = f"officer:{officer}"
    if officer is None or not any(held in holders for holders in case.holders.values()):
        return {}
    left = {kind: holders - {held} for kind, holders in case.holders.items()}
    return {"holders": left, "removed": case.removed | {held}}


def _nothing(_case: CaseView, _step: Step) -> Changes:
    return {}


def _lodged(_case: CaseView, step: Step) -> Changes:
    excluded = frozenset(step.clear["excluded"].split("+")) - {NOBODY}
    channel = step.clear.get(CHANNEL)
    # Whoever wrote it down knows who brought it: the case is none for him, as if he had recused himself.
    barred = frozenset({channel} if channel else ())
    return {"desk": step.clear["desk"], "excluded": excluded, "channel": channel, "recused": barred}


def _planned(case: CaseView, step: Step) -> Changes:
    """A plan begins an investigation, and with it a clock that may be extended once."""
    changes: Changes = {"extended_until": None}
    if step.statuses:
        changes["allegations"] = {**case.allegations, **step.statuses}
        changes["category"] = Category(step.clear["category"])
        changes["severity"] = Severity(step.clear["severity"])
    return changes


def _investigated(case: CaseView, step: Step) -> Changes:
    return _planned(case, step) | _assigned_to(case, step.clear["assignee"])


def _assigned_to(case: CaseView, officer: str | None) -> Changes:
    replaced = _take_keys(case, case.assignee) if case.assignee != officer else {}
    return replaced | {"assignee": officer, "involved": case.involved | {officer}}


def _assigned(case: CaseView, step: Step) -> Changes:
    officer = step.clear["assignee"]
    if case.state is not OBJECTION:
        return _assigned_to(case, officer)
    return _take_keys(case, case.handler) | {"handler": officer, "involved": case.involved | {officer}}


def _upheld(case: CaseView, step: Step) -> Changes:
    return _planned(case, step) | _assigned_to(case, step.officer) | {"handler": None}


def _recused(case: CaseView, step: Step) -> Changes:
    changes = _take_keys(case, step.officer) | {"recused": case.recused | {step.officer}}
    for place in ("assignee", "handler"):
        if getattr(case, place) == step.officer:
            changes[place] = None
    return changes


def _judged(case: CaseView, step: Step) -> Changes:
    return {"allegations": {**case.allegations, **step.statuses}}


def _concluded(_case: CaseView, step: Step) -> Changes:
    return {"outcome": Outcome(step.clear["outcome"])}


def _closed(_case: CaseView, step: Step) -> Changes:
    return {"last_closer": step.officer, "objected": False, "withdrawal_asked": False, "urgent": False}


def _consented(_case: CaseView, step: Step) -> Changes:
    return {"consent": Consent(step.clear["package"], step.clear["agency"], step.officer or "")}


def _sets(**changes: Any) -> Callable[[CaseView, Step], Changes]:
    return lambda _case, _step: changes


EFFECTS: Mapping[Action, Callable[[CaseView, Step], Changes]] = {
    Action.LODGE: _lodged,
    Action.INVESTIGATE: _investigated,
    Action.ASSIGN: _assigned,
    Action.UPHOLD: _upheld,
    Action.REOPEN: _planned,
    Action.RECUSE: _recused,
    Action.FINDING: _judged,
    Action.PROPOSE: _concluded,
    Action.DISMISS: _concluded,
    Action.RECEIPT: _concluded,
    Action.CLOSE: _closed,
    Action.OBJECT: _sets(objected=True, handler=None),
    Action.WITHDRAW: _sets(withdrawal_asked=True),
    Action.CONSENT: _consented,
    Action.REFER: lambda case, _step: {"consent": None, "agency": case.consent.agency if case.consent else None},
    Action.RETURNED: _sets(agency=None),
    Action.RESUME: _sets(unanswered=True),
    Action.ANSWER: _sets(unanswered=False),
    Action.ASK: _sets(unanswered=False),
    Action.EXTEND: lambda _case, step: {"extended_until": date.fromisoformat(step.clear["until"])},
    Action.HOLD: _sets(hold=True),
    Action.RELEASE: _sets(hold=False),
    Action.FLAG: lambda _case, step: {"urgent": step.clear["urgent"] == "yes"},
    Action.ESCALATE: lambda _case, step: {"escalated_on": step.day},
}
