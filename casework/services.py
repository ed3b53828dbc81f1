"""What officers do to a case: one way in, ``fire``; each call is one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import String, bindparam, delete, func, select
from sqlalchemy.orm import Session

from casework.access import as_actor, hold_known_case, log_access
from casework.cases import OpenCase, append, read_case, refuse_unless_allowed
from casework.evidence import check_before, holder_of, refuse_unsound
from casework.history import step_of
from casework.logins import CurrentOfficer
from casework.lost_keys import keep_copies
from casework.models import AccessEvent, Allegation, SealedNote
from casework.requirements import CASE_TEXTS, requirements
from casework.rules import CaseView, OfficerView
from casework.terms import Action, ActorKind, KeyKind, State
from complaints.envelopes import Malformed, SealedText
from complaints.files import bring, refs_of
from complaints.services import begin_thread_epoch, check_objects, keep_texts, key_ref, read_signed_event, text_ref
from kernel import clock
from kernel.database import execute, put, table_of, transaction
from kernel.directory.directory import Directory
from kernel.directory.models import SealedKey
from kernel.directory.queries import OFFICER, directory_in
from kernel.i18n import gettext as _
from kernel.refusal import Conflict, Forbidden
from kernel.vault import bodies
from ledger.body import Event, ObjectRef


_CASE = bindparam("case", type_=String)
# Where, in a case's chain of readings, the one stands that an event names, the one an act before it named, and his own.
_READINGS = select(
    func.max(AccessEvent.seq).filter(AccessEvent.hash == bindparam("named")),
    func.max(AccessEvent.seq).filter(AccessEvent.hash == bindparam("before")),
    func.max(AccessEvent.seq).filter(AccessEvent.officer_id == bindparam("officer")),
).where(AccessEvent.case_id == _CASE)
_TAKE = delete(table_of(SealedKey)).where(
    SealedKey.object == _CASE,
    SealedKey.kind.in_(list(KeyKind)),
    SealedKey.recipient.startswith(f"{ActorKind.OFFICER}:"),
    SealedKey.recipient.not_in(bindparam("holders", expanding=True)),
)


class StaleVersion(Conflict):
    """The case has moved on since the officer saw it; ``seen`` is the version he saw."""

    def __init__(self, seen: int) -> None:
        super().__init__(_("Perkara ini berubah sejak Anda membukanya. Tulisan Anda masih ada; periksa perubahannya."))
        self.seen = seen


class NotHisBody(Forbidden):
    """An event that names another officer, or that this officer's key has not signed."""


@dataclass(frozen=True)
class PostedKey:
    """A thread or case key sealed to one recipient."""

    kind: KeyKind
    epoch: int
    recipient: str
    sealed: bytes


@dataclass(frozen=True)
class PostedAct:
    """What an officer posts: the signed event; the boxed texts, the files' manifests and the sealed keys it names, in
    this order; and what vouches for the evidence that was read again, where the act rests on that."""

    body: str
    texts: tuple[SealedText, ...]
    keys: tuple[PostedKey, ...]
    files: tuple[SealedText, ...] = ()
    check: str = ""


@dataclass(frozen=True)
class Fired:
    """Where an act has led: the case's new version and state."""

    version: int
    state: State


def fire(number: str, officer: CurrentOfficer, posted: PostedAct) -> Fired:
    """Carry a case on by one act of an officer's, whole or not at all.

    Raises ``NoSuchCase``, ``StaleVersion``, ``NotHisBody``, ``ForbiddenAct``, ``UnfitAct`` or ``DamagedEvidence`` with
    the first reason.
    """
    event = read_signed_event(posted.body)
    check = check_before(number, officer, posted.check) if event.action == Action.PROPOSE else None
    with transaction() as session:
        case_id = hold_known_case(session, number, officer)
        # Only now: whoever had to wait for the case may have lost his keys meanwhile.
        directory = directory_in(session)
        case = read_case(session, case_id, directory)
        _check_version(event, case_id, case)
        _check_signer(directory, event, posted.body, officer)
        _check_access(session, event, case, officer)
        files = _files_of(session, event, case, officer, posted)
        check_objects(event, [*map(text_ref, posted.texts), *files, *map(_key_ref, posted.keys)])
        refuse_unless_allowed(event, case, as_actor(officer))
        _check_epochs(event, case.view, as_actor(officer), posted.texts)
        if check:
            refuse_unsound(case.view, check)
        _carry_on(session, case, event, posted)
    return Fired(event.seq, State(event.to_state))


def _check_version(event: Event, case_id: str, case: OpenCase) -> None:
    if event.case != case_id:
        raise Malformed
    if not case.is_continued_by(event):
        raise StaleVersion(event.seq - 1)


def _check_signer(directory: Directory, event: Event, body: str, officer: CurrentOfficer) -> None:
    names_him = event.actor == f"{ActorKind.OFFICER}:{officer.id}"
    stands = directory.reason(OFFICER, officer.id) is None
    if not (names_him and stands and bodies.signed_by(body, directory.officer(officer.id).sign)):
        raise NotHisBody(_("Tindakan ini tidak ditandatangani dengan kunci Anda. Keluar, masuk lagi, lalu ulangi."))
    if event.day != clock.today():
        raise Conflict(_("Tanggal sudah berganti. Kirim sekali lagi."))


def _check_access(session: Session, event: Event, case: OpenCase, officer: CurrentOfficer) -> None:
    """Refuse an act of somebody who never opened the case, or one that names an older reading than an act before it."""
    asked = {"case": event.case, "named": event.access, "before": case.access, "officer": officer.id}
    named, before, his = execute(session, _READINGS, **asked).one()
    least = before if case.access else 1
    if named is None or least is None or named < least or his is None:
        raise Conflict(_("Buka perkara ini lagi, lalu kirim sekali lagi."))


def _files_of(
    session: Session, event: Event, case: OpenCase, officer: CurrentOfficer, posted: PostedAct
) -> list[ObjectRef]:
    """Return how the event must name the files it brings; who may bring none is told that, and not whose they are."""
    if not posted.files:
        return []
    refuse_unless_allowed(event, case, as_actor(officer))
    return refs_of(session, holder_of(case.view, event.case, officer), posted.files)


def _check_epochs(event: Event, view: CaseView, actor: OfficerView, texts: tuple[SealedText, ...]) -> None:
    epochs = requirements(Action(event.action), view, actor).epochs
    if any(text.epoch != epochs[_key_kind(text)] for text in texts):
        raise Conflict(_("Kunci perkara baru saja diganti. Buka perkara ini lagi, lalu kirim sekali lagi."))


def _key_kind(text: SealedText) -> KeyKind:
    return KeyKind.CASE if text.kind in CASE_TEXTS else KeyKind.THREAD


def _key_ref(key: PostedKey) -> ObjectRef:
    return key_ref(f"{key.kind}-key", key.epoch, key.recipient, key.sealed)


def _carry_on(session: Session, case: OpenCase, event: Event, posted: PostedAct) -> None:
    after = append(session, case, event, posted.body).view
    keep_texts(session, event, "desk", [text for text in posted.texts if text.kind not in CASE_TEXTS])
    _keep_notes(session, event, [text for text in posted.texts if text.kind in CASE_TEXTS])
    bring(session, event, posted.files)
    if event.action == Action.EXPORT:
        log_access(session, event.case, event.actor.partition(":")[2], Action.EXPORT)
    _keep_allegations(session, event)
    _keep_keys(session, case, event, posted.keys)
    if after.removed or after.epochs != case.view.epochs:
        _take_keys(session, event.case, after)
    if after.epochs[KeyKind.THREAD] != case.view.epochs[KeyKind.THREAD]:
        begin_thread_epoch(session, event.case, after.epochs[KeyKind.THREAD], posted.body)


def _keep_notes(session: Session, event: Event, notes: list[SealedText]) -> None:
    at = {"case_id": event.case, "seq": event.seq}
    rows = [at | {"id": note.id, "kind": note.kind, "epoch": note.epoch, "box": note.box} for note in notes]
    if rows:
        put(session, SealedNote, *rows)


def _keep_allegations(session: Session, event: Event) -> None:
    for allegation, status in step_of(event).statuses.items():
        session.merge(Allegation(id=allegation, case_id=event.case, status=status))


def _keep_keys(session: Session, case: OpenCase, event: Event, keys: tuple[PostedKey, ...]) -> None:
    rows = [
        {"kind": key.kind, "object": event.case, "epoch": key.epoch, "recipient": key.recipient, "sealed": key.sealed}
        for key in keys
    ]
    keep_copies(session, rows, touched=frozenset().union(*case.view.holders.values()))


def _take_keys(session: Session, case_id: str, after: CaseView) -> None:
    """Delete the copies of officers who hold no present key: who has lost his assignment or his office, at once."""
    holders = frozenset().union(*after.holders.values())
    execute(session, _TAKE, case=case_id, holders=list(holders))
