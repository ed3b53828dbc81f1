"""What an act must carry: its clear values, its boxed texts, its sealed keys. Pure.

The page asks ``requirements`` and ``seals`` what to ask for and whom to seal to; the write asks ``fits``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TypeAlias

from casework.history import ALLEGATION, CHANNEL, Seal, Step
from casework.rules import (
    INVESTIGATION,
    OBJECTION,
    REVIEW,
    TRIAGE,
    Actor,
    CaseView,
    OfficerView,
    Refusal,
    assignable,
    eligible_reviewers,
    gone,
    keys_due,
    next_state,
)
from casework.terms import Action, AllegationStatus, Category, KeyKind, N_, Outcome, Role, Severity
from complaints.rules import MOST_FILES
from kernel.routing import Level

Counts: TypeAlias = tuple[int, int]
ONE: Counts = (1, 1)
MOST_ALLEGATIONS = 9
FOUND = frozenset({Outcome.PROVEN, Outcome.PARTLY_PROVEN, Outcome.NOT_PROVEN})
CASE_TEXTS = frozenset({"declaration", "plan", "allegation", "finding", "reason", "note"})


@dataclass(frozen=True)
class OneOf:
    """A clear value out of a list."""

    values: tuple[str, ...]

    def allows(self, value: str) -> bool:
        """Tell whether ``value`` may stand."""
        return value in self.values


@dataclass(frozen=True)
class Shaped:
    """A clear value of a certain form, a regular expression."""

    pattern: str

    def allows(self, value: str) -> bool:
        """Tell whether ``value`` may stand."""
        return re.fullmatch(self.pattern, value) is not None


@dataclass(frozen=True)
class DayBetween:
    """A day, as ``YYYY-MM-DD``, from ``first`` to ``last``."""

    first: date
    last: date

    def allows(self, value: str) -> bool:
        """Tell whether ``value`` may stand."""
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return False
        # Python reads weeks ("2026-W48-3") and more as dates, too: one day would have several bodies.
        return self.first <= day <= self.last and value == day.isoformat()


@dataclass(frozen=True)
class SomeOf:
    """One or several of a list's values, each once and in the list's order, joined by "+"."""

    values: tuple[str, ...]

    def allows(self, value: str) -> bool:
        """Tell whether ``value`` may stand."""
        named = value.split("+")
        return [each for each in self.values if each in named] == named


Allowed: TypeAlias = OneOf | SomeOf | Shaped | DayBetween
HASH = Shaped(r"[0-9a-f]{64}")
# The agency's key to which the package was sealed; none where it was handed over in another way.
RECIPIENT = Shaped(r"none|[0-9a-f]{64}")
REFERENCE = Shaped(r"[A-Za-z0-9][A-Za-z0-9._:+/-]{0,59}")
NAME = Shaped(r"[a-z0-9][a-z0-9_.-]{0,39}")


@dataclass(frozen=True)
class Requirement:
    """What an act must carry, no less and no more.

    ``clear`` says what each clear value may be, ``optional`` what may stand beside, ``texts`` how many boxes of each
    kind (least, most) it carries, ``epochs`` under which epoch of each key they are boxed. ``plans``: each allegation's
    box goes with ``allegation.<its id>=open``. ``judges``: exactly one of these allegations is given another status
    than ``open``. ``files`` says how many files it brings, at least and at most; an act that may bring any brings one,
    or a text.
    """

    clear: Mapping[str, Allowed]
    texts: Mapping[str, Counts]
    epochs: Mapping[KeyKind, int]
    optional: Mapping[str, Allowed] = field(default_factory=dict)
    plans: bool = False
    judges: frozenset[str] = frozenset()
    files: Counts = (0, 0)


TEXTS: Mapping[Action, tuple[str, ...]] = {
    Action.LODGE: ("account",),
    Action.OPEN: ("declaration",),
    Action.ASK: ("question",),
    Action.ANSWER: ("answer",),
    Action.REFER: ("reason",),
    Action.RECEIPT: ("reason", "decision"),
    Action.RETURNED: ("reason",),
    Action.PROPOSE: ("reason", "decision"),
    Action.SEND_BACK: ("reason",),
    Action.OBJECT: ("objection",),
    Action.UPHOLD: ("decision", "reason"),
    Action.DISMISS: ("decision", "reason"),
    Action.REOPEN: ("reason",),
    Action.MESSAGE: ("message",),
    Action.REPLY: ("message",),
    Action.NOTE: ("note",),
    Action.FINDING: ("finding",),
    Action.EXPORT: ("reason",),
    Action.TRANSFER: ("reason",),
    Action.WITHDRAW: ("withdrawal",),
    Action.RECUSE: ("reason",),
    Action.EXTEND: ("reason", "message"),
    Action.HOLD: ("reason",),
    Action.RELEASE: ("reason",),
}


# As much of a file's id as an access event has room for.
SHOWN_OF_ID = 16
# How many files an act may bring.
FILES: Mapping[Action, Counts] = {
    **dict.fromkeys((Action.MESSAGE, Action.ANSWER, Action.OBJECT), (0, MOST_FILES)),
    Action.EVIDENCE: (1, MOST_FILES),
}
# What is sent after a complaint was lodged needs no words beside it.
WORDLESS: Mapping[Action, Mapping[str, Counts]] = {Action.MESSAGE: {"message": (0, 1)}}


def _lodging(_case: CaseView) -> dict[str, Allowed]:
    return {
        "desk": NAME,
        "excluded": Shaped(r"none|[a-z0-9.]+(\+[a-z0-9.]+)*"),
        "kem": HASH,
        "level": OneOf(tuple(Level)),
        "region": NAME,
        "sector": NAME,
        "sign": HASH,
        "threatened": OneOf(("yes", "no")),
    }


def _assignee(case: CaseView) -> dict[str, Allowed]:
    return {"assignee": OneOf(tuple(officer.id for officer in assignable(case)))}


def _extension(case: CaseView) -> dict[str, Allowed]:
    if case.limit is None or case.latest_extension is None:
        return {"until": OneOf(())}
    # The limit itself would extend nothing.
    return {"until": DayBetween(case.limit + timedelta(days=1), case.latest_extension)}


def _consented(case: CaseView) -> dict[str, Allowed]:
    consents = [case.consent] if case.consent else []
    package, agency = tuple(c.package for c in consents), tuple(c.agency for c in consents)
    return {"package": OneOf(package), "agency": OneOf(agency), "recipient": RECIPIENT}


def _brought(case: CaseView) -> dict[str, Allowed]:
    return {"files": SomeOf(tuple(case.files))}


def _outcome(action: Action) -> Callable[[CaseView], dict[str, Allowed]]:
    return lambda case: {"outcome": OneOf(tuple(o for o in Outcome if why_not(o, action, case) is None))}


CLEAR: Mapping[Action, Callable[[CaseView], dict[str, Allowed]]] = {
    Action.LODGE: _lodging,
    Action.INVESTIGATE: _assignee,
    Action.ASSIGN: _assignee,
    Action.CONSENT: lambda _case: {"package": HASH, "agency": NAME},
    Action.REFER: _consented,
    Action.RECEIPT: lambda case: {"reference": REFERENCE} | _outcome(Action.RECEIPT)(case),
    Action.PROPOSE: _outcome(Action.PROPOSE),
    Action.DISMISS: _outcome(Action.DISMISS),
    Action.EXTEND: _extension,
    Action.EXPORT: _brought,
    Action.TRANSFER: _brought,
    Action.FLAG: lambda _case: {"urgent": OneOf(("yes", "no"))},
}
# Whatever the reporter writes, he may say beside it that he feels threatened.
FRIGHTENED: Mapping[str, Allowed] = {"threatened": OneOf(("yes",))}
BESIDE: Mapping[Action, Mapping[str, Allowed]] = {
    Action.LODGE: {CHANNEL: Shaped(r"[0-9a-f]{32}")},
    **dict.fromkeys((Action.ANSWER, Action.MESSAGE, Action.OBJECT, Action.WITHDRAW), FRIGHTENED),
    # An agency may refuse by a letter, which has its number, or never answer at all.
    Action.RETURNED: {"reference": REFERENCE},
}
READER = "reader"


def _optional(action: Action, case: CaseView, actor: Actor) -> Mapping[str, Allowed]:
    """Return what may stand in the clear beside what must: a lead may hand the case's keys to a reader.

    He does so with a note; in review, where nobody writes notes, with the mark of urgency.
    """
    if action in BESIDE:
        return BESIDE[action]
    hands = Action.FLAG if case.state is REVIEW else Action.NOTE
    if action is hands and isinstance(actor, OfficerView) and actor.role is Role.LEAD:
        return {READER: OneOf(tuple(officer.id for officer in readers(case)))}
    return {}


def readers(case: CaseView) -> list[OfficerView]:
    """Return the reviewers a lead may let read the case.

    Before anything is proposed that is to consent to its referral; in review it is for those who may review and hold no
    key, as whoever was vouched for after the proposal.
    """
    if case.state not in {TRIAGE, INVESTIGATION, REVIEW}:
        return []
    holders = frozenset[str]().union(*case.holders.values())
    return [officer for officer in eligible_reviewers(case) if f"officer:{officer.id}" not in holders]


PLAN_CLEAR: Mapping[str, Allowed] = {"category": OneOf(tuple(Category)), "severity": OneOf(tuple(Severity))}
PLAN_TEXTS: Mapping[str, Counts] = {"plan": ONE, "allegation": (1, MOST_ALLEGATIONS)}

NOT_INVESTIGATED = Refusal("outcome_found", N_("Hasil ini baru dapat dipilih setelah ada pemeriksaan."))
OPEN_ALLEGATION = Refusal("open_allegation", N_("Masih ada dugaan yang belum diberi temuan."))
NOT_ASKED = Refusal("not_withdrawn", N_("Pelapor tidak meminta laporannya dicabut."))


def why_not(outcome: Outcome, action: Action, case: CaseView) -> Refusal | None:
    """Say why ``action`` (propose, dismiss, receipt) may not end ``case`` with ``outcome``; ``None`` where it may."""
    if outcome is Outcome.WITHDRAWN and not case.withdrawal_asked:
        return NOT_ASKED
    # What another agency found rests on its own examination, not on our allegations.
    if outcome not in FOUND or action is Action.RECEIPT:
        return None
    if case.state is TRIAGE or not case.allegations:
        return NOT_INVESTIGATED
    return OPEN_ALLEGATION if AllegationStatus.OPEN in case.allegations.values() else None


def _plans(action: Action, case: CaseView) -> bool:
    """A case that was closed without an investigation gets its plan when it is first investigated."""
    return action is Action.INVESTIGATE or (action in {Action.UPHOLD, Action.REOPEN} and not case.allegations)


def requirements(action: Action, case: CaseView, actor: Actor) -> Requirement:
    """Return what ``action`` by ``actor`` must carry now, its sealed keys apart (``seals``)."""
    clear = CLEAR[action](case) if action in CLEAR else {}
    texts = WORDLESS.get(action) or dict.fromkeys(TEXTS.get(action, ()), ONE)
    plans = _plans(action, case)
    return Requirement(
        clear={**clear, **PLAN_CLEAR} if plans else clear,
        texts={**texts, **PLAN_TEXTS} if plans else texts,
        epochs=_epochs(action, case, actor),
        optional=_optional(action, case, actor),
        plans=plans,
        judges=frozenset(case.allegations) if action is Action.FINDING else frozenset(),
        files=FILES.get(action, (0, 0)),
    )


def seals(action: Action, case: CaseView, actor: Actor, assignee: str | None = None) -> frozenset[Seal]:
    """Return the sealed keys that ``action`` must carry, no less and no more; ``assignee`` is whom it names.

    Where somebody loses his assignment both keys are renewed for all who remain: by the act that gives his place to
    another, else, as where he recused himself or lost his office, or the desk has another key since, by the next
    officer who writes. Whoever joins gets every key there has been: under these is boxed what was written before him.
    """
    newcomers = _newcomers(action, case, actor, assignee)
    renews = _renews(action, case, actor)
    epochs = _epochs(action, case, actor)
    needed = set()
    for kind in KeyKind:
        holders = case.holders.get(kind, frozenset())
        joining = newcomers.get(kind, frozenset()) - holders
        recipients = _remaining(action, case, holders) | joining if renews else joining
        needed |= {Seal(kind, epochs[kind], recipient) for recipient in recipients}
        needed |= {Seal(kind, epoch, recipient) for epoch in range(1, epochs[kind]) for recipient in joining}
    return frozenset(needed)


def _epochs(action: Action, case: CaseView, actor: Actor) -> dict[KeyKind, int]:
    step = 1 if _renews(action, case, actor) else 0
    return {kind: max(case.epochs.get(kind, 0) + step, 1) for kind in KeyKind}


def _renews(action: Action, case: CaseView, actor: Actor) -> bool:
    """Tell whether this act posts the next epochs: an officer's that seals anything, but not of one who is leaving."""
    seals_something = action in TEXTS or action in CLEAR and "assignee" in CLEAR[action](case)
    due = keys_due(case) or bool(case.desk_recipient and _replaced(action, case))
    return due and isinstance(actor, OfficerView) and seals_something and action is not Action.RECUSE


def _replaced(action: Action, case: CaseView) -> frozenset[str]:
    """Return the holder of keys whose place this act gives to another: he is left out of the next epochs at once."""
    place = {Action.ASSIGN: case.handler if case.state is OBJECTION else case.assignee, Action.UPHOLD: case.assignee}
    recipient = f"officer:{place.get(action)}"
    return frozenset({recipient}) if any(recipient in holders for holders in case.holders.values()) else frozenset()


def _remaining(action: Action, case: CaseView, holders: frozenset[str]) -> frozenset[str]:
    """Return ``holders`` without those who are gone or go, and with the desk under its present epoch."""
    left = holders - gone(case) - _replaced(action, case)
    return frozenset(case.desk_recipient if holder.startswith("desk:") else holder for holder in left)


def _newcomers(
    action: Action, case: CaseView, actor: Actor, assignee: str | None
) -> Mapping[KeyKind, frozenset[str]]:
    if action is Action.LODGE:
        return {KeyKind.THREAD: frozenset({"reporter", case.desk_recipient})}
    if _begins_case_key(action, case):
        return {KeyKind.CASE: frozenset({case.desk_recipient})}
    officers = frozenset({assignee} if assignee else _reviewers_after(action, case, actor))
    return dict.fromkeys(KeyKind, frozenset(f"officer:{officer}" for officer in officers))


def _begins_case_key(action: Action, case: CaseView) -> bool:
    """Tell whether ``action`` is the first to write for officers alone: opening, or a hold on what is not opened."""
    return not case.epochs.get(KeyKind.CASE) and not CASE_TEXTS.isdisjoint(TEXTS.get(action, ()))


def _reviewers_after(action: Action, case: CaseView, actor: Actor) -> set[str]:
    """Return who must be able to read for the review that follows this act, or goes on after a reviewer leaves it."""
    if action is Action.RECUSE and case.state is REVIEW and isinstance(actor, OfficerView):
        case = replace(case, recused=case.recused | {actor.id})
    elif action not in {Action.PROPOSE, Action.DISMISS, Action.RECEIPT}:
        return set()
    return {officer.id for officer in eligible_reviewers(case)}


WRONG_WAY = Refusal("way", N_("Tahap yang ditulis tidak cocok dengan tahap perkara. Muat ulang halaman."))
CLEAR_VALUES = Refusal("clear", N_("Ada pilihan yang belum diisi atau tidak diperbolehkan."))
TEXT_COUNTS = Refusal("texts", N_("Tulisan yang disertakan tidak lengkap atau berlebih."))
STATUSES = Refusal("allegations", N_("Dugaan yang disebut tidak cocok dengan rencana pemeriksaan."))
FILE_COUNTS = Refusal("files", N_("Berkas yang disertakan tidak lengkap atau terlalu banyak."))
SEALS = Refusal("seals", N_("Kunci tersegel untuk para penerimanya tidak lengkap atau berlebih. Muat ulang halaman."))


def fits(step: Step, case: CaseView, actor: Actor) -> list[Refusal]:
    """Say what is wrong with what ``step``, about to happen to ``case``, carries; an empty list means go ahead.

    Whether ``actor`` may do it at all is for ``refusals`` to say, and is asked first.
    """
    required = requirements(step.action, case, actor)
    assignee = step.clear.get("assignee") or step.clear.get(READER)
    checks = [
        (WRONG_WAY, (step.from_state, step.to_state) == (case.state, next_state(step.action, case))),
        (_outcome_refusal(step, case) or CLEAR_VALUES, _clear_fits(step, required)),
        (TEXT_COUNTS, _texts_fit(step, required)),
        (FILE_COUNTS, _files_fit(step, case, required)),
        (STATUSES, _statuses_fit(step, required)),
        (SEALS, sorted(step.seals, key=repr) == sorted(seals(step.action, case, actor, assignee), key=repr)),
    ]
    return [refusal for refusal, holds in checks if not holds]


def _outcome_refusal(step: Step, case: CaseView) -> Refusal | None:
    outcome = step.clear.get("outcome")
    return why_not(Outcome(outcome), step.action, case) if outcome in tuple(Outcome) else None


def _clear_fits(step: Step, required: Requirement) -> bool:
    named = {name: value for name, value in step.clear.items() if not name.startswith(ALLEGATION)}
    allowed = {**required.optional, **required.clear}
    return required.clear.keys() <= named.keys() <= allowed.keys() and all(
        allowed[name].allows(value) for name, value in named.items()
    )


def _texts_fit(step: Step, required: Requirement) -> bool:
    counts = Counter(kind for kind, _id in step.texts)
    return counts.keys() <= required.texts.keys() and all(
        least <= counts[kind] <= most for kind, (least, most) in required.texts.items()
    )


def _files_fit(step: Step, case: CaseView, required: Requirement) -> bool:
    least, most = required.files
    # Whoever sends a file draws its id: by one that begins as another's he could open that one, as if it were his own.
    told_apart = Counter(file_id[:SHOWN_OF_ID] for file_id in (*case.files, *dict(step.files)))
    some = bool(step.texts or step.files or not most)
    return least <= len(step.files) <= most and some and set(told_apart.values()) <= {1}


def _statuses_fit(step: Step, required: Requirement) -> bool:
    try:
        statuses = step.statuses
    except ValueError:
        return False
    if required.judges:
        found = set(statuses.values()) - {AllegationStatus.OPEN}
        return len(statuses) == len(found) == 1 and statuses.keys() <= required.judges
    begun = {name for kind, name in step.texts if kind == "allegation"} if required.plans else set()
    return statuses.keys() == begun and set(statuses.values()) <= {AllegationStatus.OPEN}
