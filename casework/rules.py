"""The workflow: what may happen to a case, and who may do it now. Pure.

The same functions guard the write and tell the page why a button is not there. What an act must carry stands in
``requirements.py``, what a case's events amount to in ``history.py``, its dates in ``clocks.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias

from casework.terms import Action, ActorKind, AllegationStatus, Category, KeyKind, N_, Outcome, Role, Severity, State

__all__ = [
    "Action", "Actor", "ActorKind", "AllegationStatus", "CaseView", "Category", "Consent", "KeyKind", "NEXT_STATES",
    "OfficerView", "Outcome", "Refusal", "Role", "Severity", "State", "TRANSITIONS", "assignable", "can_be_led",
    "desks_over", "eligible_handlers", "eligible_reviewers", "gone", "is_raised", "keys_due", "next_state", "refusals",
]  # fmt: skip

NEW, RECEIVED, TRIAGE, NEEDS_INFO, INVESTIGATION, REFERRED, REVIEW, CLOSED, OBJECTION, PURGED = State
RUNNING = (RECEIVED, TRIAGE, NEEDS_INFO, INVESTIGATION, REFERRED, REVIEW, OBJECTION)
WORKED_ON = (TRIAGE, NEEDS_INFO, INVESTIGATION, REFERRED, OBJECTION)


def _stay(*states: State) -> dict[State, tuple[State, ...]]:
    return {state: (state,) for state in states}


# The workflow: each action, from where, to where. Migrations seed the database from a copy of this table.
NEXT_STATES: Mapping[Action, Mapping[State, tuple[State, ...]]] = {
    Action.LODGE: {NEW: (RECEIVED,)},
    Action.OPEN: {RECEIVED: (TRIAGE,)},
    Action.INVESTIGATE: {TRIAGE: (INVESTIGATION,)},
    Action.ASK: {TRIAGE: (NEEDS_INFO,), INVESTIGATION: (NEEDS_INFO,)},
    Action.ANSWER: {NEEDS_INFO: (TRIAGE, INVESTIGATION)},
    Action.RESUME: {NEEDS_INFO: (TRIAGE, INVESTIGATION)},
    Action.REFER: {TRIAGE: (REFERRED,), INVESTIGATION: (REFERRED,)},
    Action.RECEIPT: {REFERRED: (REVIEW,)},
    Action.RETURNED: {REFERRED: (TRIAGE,)},
    Action.PROPOSE: {TRIAGE: (REVIEW,), INVESTIGATION: (REVIEW,)},
    Action.CLOSE: {REVIEW: (CLOSED,)},
    Action.SEND_BACK: {REVIEW: (TRIAGE, INVESTIGATION, OBJECTION, REFERRED)},
    Action.OBJECT: {CLOSED: (OBJECTION,)},
    Action.UPHOLD: {OBJECTION: (INVESTIGATION,)},
    Action.DISMISS: {OBJECTION: (REVIEW,)},
    Action.REOPEN: {CLOSED: (INVESTIGATION,)},
    Action.PURGE: {CLOSED: (PURGED,)},
    Action.MESSAGE: _stay(RECEIVED, TRIAGE, INVESTIGATION, REFERRED, REVIEW, CLOSED, OBJECTION),
    Action.REPLY: _stay(*WORKED_ON),
    Action.NOTE: _stay(*WORKED_ON),
    Action.FINDING: _stay(INVESTIGATION),
    Action.EVIDENCE: _stay(*WORKED_ON),
    Action.EXPORT: _stay(*WORKED_ON, CLOSED),
    Action.TRANSFER: _stay(*WORKED_ON, CLOSED),
    Action.WITHDRAW: _stay(RECEIVED, *WORKED_ON),
    Action.RECUSE: _stay(*WORKED_ON, REVIEW),
    Action.ASSIGN: _stay(INVESTIGATION, NEEDS_INFO, OBJECTION),
    Action.EXTEND: _stay(INVESTIGATION),
    Action.CONSENT: _stay(TRIAGE, INVESTIGATION),
    Action.HOLD: _stay(*RUNNING, CLOSED),
    Action.RELEASE: _stay(*RUNNING, CLOSED),
    Action.FLAG: _stay(*RUNNING, CLOSED),
    Action.ESCALATE: _stay(*RUNNING),
}
TRANSITIONS = frozenset(
    (before, after, action)
    for action, ways in NEXT_STATES.items()
    for before, afters in ways.items()
    for after in afters
)
REPORTER_ACTIONS = frozenset({Action.LODGE, Action.ANSWER, Action.MESSAGE, Action.WITHDRAW, Action.OBJECT})
SYSTEM_ACTIONS = frozenset({Action.RESUME, Action.ESCALATE, Action.PURGE})
# A thread is shown whole, to its reporter and to officers: without a bound a stranger could make it of any size.
MOST_UNHEARD = 20
# Leads open through their desk's key.
HANDED_KEYS = frozenset({Role.INVESTIGATOR, Role.REVIEWER})
# Acts that leave their author a stranger to the matter: a reviewer who has only done these may still close.
REVIEW_ACTIONS = frozenset({Action.CLOSE, Action.SEND_BACK, Action.CONSENT})


@dataclass(frozen=True)
class OfficerView:
    """An officer as the rules see him."""

    id: str
    desk: str
    role: Role


Actor: TypeAlias = OfficerView | Literal[ActorKind.REPORTER, ActorKind.SYSTEM]


@dataclass(frozen=True)
class Consent:
    """The consent of a reviewer, ``by`` his id, to hand over this package (SHA-256, hex) to this agency."""

    package: str
    agency: str
    by: str


@dataclass(frozen=True)
class CaseView:
    """Everything the guards need to know of a case.

    Up to ``removed`` it follows from the events (``history.fold``); the dates come from ``clocks.dated``; ``parent``,
    ``officers`` (of the desk and of its parent, in office and vouched for) and ``desk_recipient``
    (``desk:<id>:<epoch>``) from the signed tree. ``authors`` wrote anything but review acts; ``involved`` wrote
    anything at all or were assigned. ``holders`` are the recipients of the present epochs' keys, ``removed`` those
    who lost their assignment since: while there are any, the next act renews the keys. ``files`` are the digests of
    what has been brought as evidence, by its ids, in the order in which it is numbered. ``unheard`` counts the
    reporter's messages since an officer last did anything. ``channel`` wrote the complaint down for whoever brought
    it, and is among the ``recused`` from the first.
    """

    desk: str = ""
    excluded: frozenset[str] = frozenset()
    channel: str | None = None
    state: State = NEW
    version: int = 0
    came_from: State | None = None
    assignee: str | None = None
    handler: str | None = None
    authors: frozenset[str] = frozenset()
    involved: frozenset[str] = frozenset()
    recused: frozenset[str] = frozenset()
    last_closer: str | None = None
    objected: bool = False
    withdrawal_asked: bool = False
    unanswered: bool = False
    allegations: Mapping[str, AllegationStatus] = field(default_factory=dict)
    category: Category | None = None
    severity: Severity | None = None
    outcome: Outcome | None = None
    consent: Consent | None = None
    agency: str | None = None
    extended_until: date | None = None
    escalated_on: date | None = None
    threatened_on: date | None = None
    urgent: bool = False
    hold: bool = False
    epochs: Mapping[KeyKind, int] = field(default_factory=dict)
    holders: Mapping[KeyKind, frozenset[str]] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    files: Mapping[str, str] = field(default_factory=dict)
    unheard: int = 0

    today: date = date.min
    due: date | None = None
    limit: date | None = None
    latest_extension: date | None = None
    objection_until: date | None = None
    purge_from: date | None = None

    parent: str | None = None
    officers: tuple[OfficerView, ...] = ()
    desk_recipient: str = ""

    @property
    def keeper(self) -> str | None:
        """Tell in whose hands the case is; an objection is in nobody's until somebody new is named."""
        return self.handler if self.state is OBJECTION else self.handler or self.assignee

    @property
    def threatened(self) -> bool:
        """Tell whether the reporter has said, when lodging or since, that he feels threatened."""
        return self.threatened_on is not None

    @property
    def goes_first(self) -> bool:
        """Tell whether it goes before others: it is flagged, or its reporter feels threatened.

        Once it is closed no clock brings it before anybody again: there it is flagged, or written to and not heard.
        """
        if self.state in NEXT_STATES[Action.FLAG]:
            return self.urgent or (self.unheard > 0 if self.state is CLOSED else self.threatened)
        return False


@dataclass(frozen=True)
class Refusal:
    """Why something may not be done: a code for programs, a sentence (untranslated) for people."""

    code: str
    sentence: str


def desks_over(case: CaseView) -> tuple[str, ...]:
    """Return the desks whose officers may touch ``case``: its own, then the one above where it is not excluded."""
    if case.parent is None or case.parent in case.excluded:
        return (case.desk,)
    return (case.desk, case.parent)


def can_be_led(case: CaseView) -> bool:
    """Tell whether any lead over the case is neither recused from it nor the one who wrote it down."""
    return any(
        officer.role is Role.LEAD and officer.desk in desks_over(case) and officer.id not in case.recused
        for officer in case.officers
    )


def must_wait(case: CaseView) -> bool:
    """Tell whether the reporter has written as many messages as he may before an officer does something."""
    return case.unheard >= MOST_UNHEARD


def is_raised(case: CaseView) -> bool:
    """Tell whether the deadline that runs now has been missed, and raised to the desk above."""
    return case.escalated_on is not None and case.due is not None and case.escalated_on > case.due


def gone(case: CaseView) -> frozenset[str]:
    """Return the recipients who hold a present key and serve over ``case`` no more in a role that is handed keys."""
    serving = {f"officer:{o.id}" for o in case.officers if o.desk in desks_over(case) and o.role in HANDED_KEYS}
    holders = frozenset[str]().union(*case.holders.values())
    return frozenset(holder for holder in holders if holder.startswith("officer:")) - serving


def keys_due(case: CaseView) -> bool:
    """Tell whether somebody without assignment or office knows the present keys: the next who writes renews them.

    A lead knows them by his desk's key. When he goes, that is renewed first, and then the keys of each of its cases.
    Where the desk has none that counts, as after its only lead has left, there is none to seal to: cases go on.
    """
    known_to_others = case.removed or gone(case) or _lie_under_a_former_key(case)
    return bool(case.desk_recipient and known_to_others)


def _lie_under_a_former_key(case: CaseView) -> bool:
    """Tell whether the present keys came when the desk had another key."""
    holders = frozenset[str]().union(*case.holders.values())
    desks = {holder for holder in holders if holder.startswith("desk:")}
    return bool(desks - {case.desk_recipient})


def next_state(action: Action, case: CaseView) -> State:
    """Return where ``action`` leads from here; where the table leaves a choice, back to where the case came from.

    Raises ``KeyError`` where the table has no such way.
    """
    ways = NEXT_STATES[action][case.state]
    return case.came_from if case.came_from in ways and len(ways) > 1 else ways[0]


def eligible_reviewers(case: CaseView) -> list[OfficerView]:
    """Return who may review: reviewers of the desk, or where it has none left, of the desk above.

    They wrote nothing on the case but review acts, and after an objection the last closer does not close again.
    """
    strangers = case.authors | case.recused | {case.handler} | ({case.last_closer} if case.objected else set())
    return _nearest(case, {Role.REVIEWER}, strangers)


def eligible_handlers(case: CaseView) -> list[OfficerView]:
    """Return who may decide on an objection: an investigator or reviewer to whom the case is new."""
    return _nearest(case, {Role.INVESTIGATOR, Role.REVIEWER}, case.involved | case.recused)


def assignable(case: CaseView) -> list[OfficerView]:
    """Return whom ``assign`` (in OBJECTION: to decide) and ``investigate`` may name.

    Who holds the case is named again where its keys were renewed without him: so he gets it back under his new key.
    """
    if case.state is OBJECTION:
        return eligible_handlers(case)
    return _nearest(case, {Role.INVESTIGATOR}, case.recused | ({case.assignee} if _holds_its_keys(case) else set()))


def _holds_its_keys(case: CaseView) -> bool:
    return any(f"officer:{case.assignee}" in holders for holders in case.holders.values())


def _nearest(case: CaseView, roles: set[Role], without: frozenset[str | None] | set[str | None]) -> list[OfficerView]:
    for desk in desks_over(case):
        found = [o for o in case.officers if o.desk == desk and o.role in roles and o.id not in without]
        if found:
            return found
    return []


@dataclass(frozen=True)
class Guard:
    """One condition of an action, and what is said where it does not hold."""

    refusal: Refusal
    holds: Callable[[CaseView, Actor], bool]


def _is_member(case: CaseView, actor: Actor) -> bool:
    roles = {Role.LEAD, Role.INVESTIGATOR, Role.REVIEWER}
    return isinstance(actor, OfficerView) and actor.role in roles and actor.desk in desks_over(case)


def _leads(_case: CaseView, actor: Actor) -> bool:
    # That it is a desk of this case is for MEMBER to say.
    return isinstance(actor, OfficerView) and actor.role is Role.LEAD


def _leads_above(case: CaseView, actor: Actor) -> bool:
    return isinstance(actor, OfficerView) and actor.role is Role.LEAD and actor.desk == desks_over(case)[-1]


def _owns(case: CaseView, actor: Actor) -> bool:
    state = case.came_from if case.state is NEEDS_INFO else case.state
    owner = {INVESTIGATION: case.assignee, REFERRED: case.assignee, OBJECTION: case.handler}.get(state or NEW)
    if owner is None:
        # An investigation or an objection that nobody holds waits for ``assign``; all else is the lead's.
        return state not in {INVESTIGATION, OBJECTION} and _leads(case, actor)
    return isinstance(actor, OfficerView) and actor.id == owner


def _reviews(case: CaseView, actor: Actor) -> bool:
    return actor in eligible_reviewers(case)


def _is_consented(case: CaseView, actor: Actor) -> bool:
    """Tell whether a second officer has consented: who has recused himself, written or come to lead since is none."""
    by = case.consent.by if case.consent else None
    return by is not None and by not in case.authors and isinstance(actor, OfficerView) and actor.id != by


def _is_overdue(case: CaseView) -> bool:
    return case.due is not None and case.today > case.due


def _guard(code: str, sentence: str, holds: Callable[[CaseView, Actor], bool]) -> Guard:
    return Guard(Refusal(code, sentence), holds)


WRONG_STATE = Refusal("state", N_("Pada tahap ini tindakan itu tidak dapat dilakukan."))
REPORTER = _guard(
    "reporter", N_("Hanya pelapor yang dapat melakukan ini."), lambda _, actor: actor is ActorKind.REPORTER
)
SYSTEM = _guard("system", N_("Ini hanya terjadi dengan sendirinya."), lambda _, actor: actor is ActorKind.SYSTEM)
MEMBER = _guard("member", N_("Perkara ini bukan wewenang meja atau peran Anda."), _is_member)
NOT_CHANNEL = _guard(
    "channel",
    N_("Anda mencatat laporan ini untuk pelapornya, jadi perkaranya tidak boleh Anda tangani."),
    lambda case, actor: isinstance(actor, OfficerView) and actor.id != case.channel,
)
NOT_RECUSED = _guard(
    "recused",
    N_("Anda sudah mengundurkan diri dari perkara ini karena benturan kepentingan."),
    lambda case, actor: isinstance(actor, OfficerView) and actor.id not in case.recused,
)
LEAD = _guard("lead", N_("Hanya kepala meja yang dapat melakukan ini."), _leads)
LEAD_ABOVE = _guard("lead_above", N_("Hanya kepala meja di atasnya yang dapat membuka kembali perkara."), _leads_above)
OWNER = _guard("owner", N_("Hanya pemegang perkara pada tahap ini yang dapat melakukannya."), _owns)
WORKER = _guard(
    "worker",
    N_("Hanya kepala meja dan pemegang perkara yang dapat melakukannya."),
    lambda case, actor: _leads(case, actor) or _owns(case, actor),
)
HANDLER = _guard("handler", N_("Hanya petugas yang ditunjuk untuk keberatan ini yang memutuskannya."), _owns)
REVIEWER = _guard(
    "reviewer",
    N_(
        "Hanya petugas kedua: peninjau yang belum pernah menulis pada perkara ini, dan bukan yang menutupnya sebelum"
        " keberatan."
    ),
    _reviews,
)
SYSTEM_OR_REVIEWER = _guard(
    "system_or_reviewer",
    N_("Penghapusan isi hanya oleh sistem atau petugas kedua."),
    lambda case, actor: actor is ActorKind.SYSTEM or _reviews(case, actor),
)
HAS_REVIEWER = _guard(
    "no_reviewer",
    N_("Belum ada petugas kedua yang boleh memeriksa hasil perkara ini, juga tidak di meja atasnya."),
    lambda case, _: bool(eligible_reviewers(case)),
)
HAS_ASSIGNABLE = _guard(
    "no_assignee",
    N_("Tidak ada petugas yang dapat ditunjuk untuk perkara ini."),
    lambda case, _: bool(assignable(case)),
)
HAS_DESK_KEY = _guard(
    "no_desk_key",
    N_("Meja perkara ini belum punya kunci yang berlaku. Kepala mejanya membuatnya dahulu di halaman Kunci meja."),
    lambda case, _: bool(case.desk_recipient or case.epochs.get(KeyKind.CASE)),
)
UNDER_INVESTIGATION = _guard(
    "not_investigated",
    N_("Petugas baru dapat ditunjuk setelah pemeriksaan dimulai."),
    lambda case, _: case.state is not NEEDS_INFO or case.came_from is INVESTIGATION,
)
CONSENTED = _guard("no_consent", N_("Petugas kedua belum menyetujui pelimpahan ini."), _is_consented)
# The reporter is shown, whole, the event that brings him a new key (formats §7): none that tells in the clear what a
# second officer has yet to agree to.
KEYS_IN_ORDER = _guard(
    "keys_due",
    N_("Kunci perkara harus diganti dahulu: ada yang berhenti, atau kunci meja diganti. Tulis catatan, lalu ulangi."),
    lambda case, _: not keys_due(case),
)
HAS_FILES = _guard("no_files", N_("Belum ada bukti pada perkara ini."), lambda case, _: bool(case.files))
NOT_EXTENDED = _guard(
    "extended", N_("Batas waktu pemeriksaan sudah pernah diperpanjang."), lambda case, _: case.extended_until is None
)
NOT_WITHDRAWN = _guard(
    "withdrawn", N_("Permintaan mencabut laporan sudah dicatat."), lambda case, _: not case.withdrawal_asked
)
NOT_TOO_MANY = _guard(
    "unheard",
    N_("Sudah banyak pesan Anda yang belum ditanggapi. Tunggu sampai petugas menanggapi, lalu tulis lagi."),
    lambda case, _: not must_wait(case),
)
WINDOW_OPEN = _guard(
    "window_closed",
    N_("Masa menyampaikan keberatan sudah lewat."),
    lambda case, _: case.objection_until is not None and case.today <= case.objection_until,
)
WINDOW_OVER = _guard(
    "window_open",
    N_("Masa menyampaikan keberatan belum lewat."),
    lambda case, _: case.objection_until is not None and case.today > case.objection_until,
)
OVERDUE = _guard("not_overdue", N_("Batas waktunya belum lewat."), lambda case, _: _is_overdue(case))
NOT_ESCALATED = _guard(
    "escalated",
    N_("Keterlambatan ini sudah dinaikkan."),
    lambda case, _: not is_raised(case),
)
NOT_HELD = _guard("held", N_("Perkara ini sedang ditahan untuk keperluan hukum."), lambda case, _: not case.hold)
HELD = _guard("not_held", N_("Perkara ini tidak sedang ditahan."), lambda case, _: case.hold)
RETAINED = _guard(
    "retention",
    N_("Masa simpan isi laporan belum lewat."),
    lambda case, _: case.purge_from is not None and case.today >= case.purge_from,
)

OFFICER = (MEMBER, NOT_CHANNEL, NOT_RECUSED)
GUARDS: Mapping[Action, tuple[Guard, ...]] = {
    Action.LODGE: (REPORTER,),
    # The case's key begins with the first that is written for officers, sealed to the desk.
    Action.OPEN: (*OFFICER, LEAD, HAS_DESK_KEY),
    Action.INVESTIGATE: (*OFFICER, LEAD, HAS_ASSIGNABLE),
    Action.ASK: (*OFFICER, OWNER),
    Action.ANSWER: (REPORTER,),
    Action.RESUME: (SYSTEM, OVERDUE),
    Action.CONSENT: (REVIEWER,),
    Action.REFER: (*OFFICER, LEAD, CONSENTED),
    Action.RECEIPT: (*OFFICER, OWNER, HAS_REVIEWER, KEYS_IN_ORDER),
    Action.RETURNED: (*OFFICER, OWNER),
    Action.PROPOSE: (*OFFICER, OWNER, HAS_REVIEWER, KEYS_IN_ORDER),
    Action.CLOSE: (REVIEWER,),
    Action.SEND_BACK: (REVIEWER,),
    Action.OBJECT: (REPORTER, WINDOW_OPEN),
    Action.ASSIGN: (*OFFICER, LEAD, UNDER_INVESTIGATION, HAS_ASSIGNABLE),
    Action.UPHOLD: (*OFFICER, HANDLER),
    Action.DISMISS: (*OFFICER, HANDLER, HAS_REVIEWER, KEYS_IN_ORDER),
    Action.REOPEN: (NOT_CHANNEL, NOT_RECUSED, LEAD_ABOVE),
    Action.PURGE: (SYSTEM_OR_REVIEWER, RETAINED, NOT_HELD, WINDOW_OVER),
    Action.MESSAGE: (REPORTER, NOT_TOO_MANY),
    Action.REPLY: (*OFFICER, WORKER),
    Action.NOTE: (*OFFICER, WORKER),
    Action.FINDING: (*OFFICER, OWNER, KEYS_IN_ORDER),
    # A file's key is boxed before the act that brings it, so it brings no new epoch itself.
    Action.EVIDENCE: (*OFFICER, WORKER, KEYS_IN_ORDER),
    # While it is closed a case is in nobody's hands but the lead's.
    Action.EXPORT: (*OFFICER, WORKER, HAS_FILES),
    Action.TRANSFER: (*OFFICER, WORKER, HAS_FILES),
    Action.WITHDRAW: (REPORTER, NOT_WITHDRAWN),
    Action.RECUSE: OFFICER,
    Action.EXTEND: (*OFFICER, WORKER, NOT_EXTENDED),
    Action.HOLD: (*OFFICER, LEAD, NOT_HELD, HAS_DESK_KEY),
    Action.RELEASE: (*OFFICER, LEAD, HELD),
    Action.FLAG: (*OFFICER, WORKER),
    Action.ESCALATE: (SYSTEM, OVERDUE, NOT_ESCALATED),
}


def refusals(action: Action, case: CaseView, actor: Actor) -> list[Refusal]:
    """Say why ``actor`` may not do ``action`` now; an empty list means go ahead."""
    if case.state not in NEXT_STATES[action]:
        return [WRONG_STATE]
    return [guard.refusal for guard in GUARDS[action] if not guard.holds(case, actor)]
