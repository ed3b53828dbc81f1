"""A case's evidence: officers' own files begun and kept, any file handed out once that is on record, and all verified.

What an event has named by its digest is held against what lies in the store now: rows and objects alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from casework.access import as_actor, hold_known_case, known_case, log_access, may_open
from casework.cases import ForbiddenAct, OpenCase, read_case
from casework.checking import MOST_CHUNKS, Check, begun
from casework.logins import CurrentOfficer
from casework.models import AccessEvent
from casework.requirements import SHOWN_OF_ID
from casework.rules import CaseView, refusals
from casework.terms import HANDING_ON, Action, KeyKind, OpeningReason
from complaints import files, keeping
from complaints.envelopes import Opening
from complaints.files import Holder
from complaints.keeping import Keeping
from complaints.rules import MOST_TOGETHER
from kernel.database import Collision, db, execute, transaction
from kernel.directory.queries import directory_in
from kernel.i18n import gettext as _
from kernel.refusal import Forbidden, Missing, Refused

_OPENED = (
    select(AccessEvent.seq)
    .where(
        AccessEvent.case_id == bindparam("case_id"),
        AccessEvent.officer_id == bindparam("officer_id"),
        AccessEvent.what == bindparam("what"),
        # An opening from before there were reasons gives nothing out any more: he is asked for what, once.
        AccessEvent.reason.is_not(None),
    )
    .limit(1)
)


class DamagedEvidence(Refused):
    """Something of the evidence is not what the case's events say: the sentence names it."""


def holder_of(view: CaseView, case_id: str, officer: CurrentOfficer) -> Holder:
    """Return an officer as he who sends files for a case: under its officers' own key."""
    return Holder(case_id, files.CASE, officer.id, view.epochs.get(KeyKind.CASE, 0))


def begin(number: str, officer: CurrentOfficer, opening: Opening) -> list[int]:
    """Begin an officer's file for a case, or go on with it; return which chunks are here.

    Raises ``NoSuchCase``, or ``ForbiddenAct`` for whoever may add no evidence now.
    """
    try:
        return _begin(number, officer, opening)
    except Collision:  # the same came twice at once
        return _begin(number, officer, opening)


def _begin(number: str, officer: CurrentOfficer, opening: Opening) -> list[int]:
    with transaction() as session:
        case_id = hold_known_case(session, number, officer)
        view = read_case(session, case_id, directory_in(session)).view
        for refusal in refusals(Action.EVIDENCE, view, as_actor(officer)):
            raise ForbiddenAct(_(refusal.sentence))
        return files.open_file(session, holder_of(view, case_id, officer), opening)


def keep_chunks(number: str, officer: CurrentOfficer, file_id: str, first: int, chunks: Iterator[bytes]) -> Keeping:
    """Keep sealed chunks of an officer's own file, from ``first`` on."""

    def holder_in(session: Session) -> Holder:
        return holder_of(CaseView(), known_case(session, number, officer).id, officer)

    return keeping.keep_chunks(holder_in, file_id, first, chunks)


def take_away(number: str, officer: CurrentOfficer, file_id: str) -> None:
    """Take an officer's own file away that no event has brought."""
    with transaction() as session:
        case_id = hold_known_case(session, number, officer)
        keys = files.take_away(session, holder_of(CaseView(), case_id, officer), file_id)
    files.forget(keys)


def hand_out(number: str, officer: CurrentOfficer, file_id: str, reason: OpeningReason) -> bytes:
    """Log that ``officer`` opens a file of the case, and why; return that reading's hash.

    From then on he gets its chunks. Raises ``ForbiddenAct`` where it is to be handed on and no act of his says so.
    """
    with transaction() as session:
        case_id = hold_known_case(session, number, officer)
        case = _opened_by(session, case_id, officer)
        if file_id not in case.view.files:
            raise Missing(_("Bukti ini tidak ada pada perkara ini."))
        if reason in HANDING_ON and not _has_handed_on(case, officer, file_id, reason):
            raise ForbiddenAct(_("Ekspor atau penyerahan bukti ini belum Anda catat."))
        return log_access(session, case_id, officer.id, what_of(file_id), reason)


def _has_handed_on(case: OpenCase, officer: CurrentOfficer, file_id: str, reason: OpeningReason) -> bool:
    """Tell whether an act by which ``officer`` handed the file on is on record, with a reason in its own words."""
    his = (step.clear for step in case.steps if (step.officer, str(step.action)) == (officer.id, str(reason)))
    return any(file_id in clear["files"].split("+") for clear in his)


def what_of(file_id: str) -> str:
    """Return how an access event names a file: no other of the case begins with these digits."""
    return f"file:{file_id[:SHOWN_OF_ID]}"


def read_chunks(number: str, officer: CurrentOfficer, file_id: str, numbers: range) -> Iterator[bytes]:
    """Return sealed chunks of a file whose opening by this officer is on record, each read in its turn.

    They end before one that cannot be read; raises ``StoreFailed`` where that is the first.
    """
    if numbers.stop - numbers.start > MOST_TOGETHER:
        raise files.no_such_file()
    with Session(db.engine) as session:
        case_id = known_case(session, number, officer).id
        _opened_by(session, case_id, officer)
        his = {"case_id": case_id, "officer_id": officer.id, "what": what_of(file_id)}
        if execute(session, _OPENED, **his).first() is None:
            raise Forbidden(_("Buka bukti ini dahulu: siapa yang membukanya dicatat."))
        extents = files.extents_of(session, case_id, file_id, numbers)
    return files.read_extents(extents)


def _opened_by(session: Session, case_id: str, officer: CurrentOfficer) -> OpenCase:
    """Return the case as its events tell it; raises ``ForbiddenAct`` for who holds no key of it."""
    case = read_case(session, case_id, directory_in(session))
    if not may_open(case.view, officer):
        raise ForbiddenAct(_("Perkara ini tidak dapat Anda buka: Anda tidak memegang kuncinya."))
    return case


def check(number: str, officer: CurrentOfficer, mark: str) -> Check:
    """Read the next of a case's evidence again, after that for which ``mark`` vouches; raises ``StoreFailed``."""
    with Session(db.engine) as session:
        case_id = known_case(session, number, officer).id
        view = _opened_by(session, case_id, officer).view
    return _read_on(case_id, view, mark)


def check_before(number: str, officer: CurrentOfficer, mark: str) -> Check:
    """Read on before an act that rests on the evidence: no transaction waits for the store meanwhile."""
    with Session(db.engine) as session:
        case_id = known_case(session, number, officer).id
        view = read_case(session, case_id, directory_in(session)).view
    return _read_on(case_id, view, mark)


def _read_on(case_id: str, view: CaseView, mark: str) -> Check:
    """Read as many chunks as one request may, whole files and parts of one; something of each file in its turn."""
    check, chunks, left = begun(case_id, view.files, mark), files.chunks_of(case_id), MOST_CHUNKS
    while left > 0 and (file_id := check.next):
        of = chunks.get(file_id, 0)
        numbers = range(check.part + 1, min(check.part + left, of) + 1)
        is_sound = files.is_as_brought(case_id, file_id, view.files[file_id], numbers)
        check = check.after(len(numbers), of) if is_sound else check.after_wrong()
        left -= max(1, len(numbers))
    return check


def refuse_unsound(view: CaseView, check: Check) -> None:
    """Refuse what rests on evidence that is not what the case's events brought, or has not been read again."""
    if check.wrong:
        sentence = _("Bukti %(numbers)s tidak cocok lagi dengan yang diterima. Beri tahu pengelola server dahulu.")
        raise DamagedEvidence(sentence % {"numbers": ", ".join(check.wrong)})
    if not check.covers(view.files):
        raise DamagedEvidence(_("Belum semua bukti dibaca ulang. Kirim sekali lagi: bukti dibaca ulang dari awal."))
