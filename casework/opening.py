"""Opening a case: the reading is written down and committed, and only then are its seals handed out."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.access import as_actor, hold_known_case, known_case, log_access, may_open, newest_access
from casework.cases import ForbiddenAct, OpenCase, read_case
from casework.history import Seal
from casework.logins import CurrentOfficer
from casework.models import Case, CaseEvent, SealedNote
from casework.requirements import requirements, seals
from casework.rules import CaseView
from casework.terms import Action, State
from complaints.files import CASE, THREAD
from complaints.models import Complaint, Message
from complaints.queries import digests_of, files_of
from complaints.wire import written_file
from kernel import clock
from kernel.database import db, transaction
from kernel.directory.models import SealedKey
from kernel.directory.queries import directory_in
from kernel.i18n import gettext as _

Json = dict[str, Any]


def open_case(number: str, officer: CurrentOfficer) -> Json:
    """Log that ``officer`` reads the case, then hand him the seals he can open and everything boxed.

    Raises ``NoSuchCase``, or ``ForbiddenAct`` for who knows of the case and holds no key.
    """
    with transaction() as session:
        # Of two who open it at once, the second waits: readings form one chain.
        case_id = hold_known_case(session, number, officer)
        view = read_case(session, case_id, directory_in(session)).view
        if not may_open(view, officer):
            raise ForbiddenAct(_why_closed(view))
        log_access(session, case_id, officer.id, "open")
    # Committed: from here on the reading is on record, whatever becomes of the answer.
    with Session(db.engine) as session:
        return _opened(session, session.get_one(Case, case_id), officer)


def _why_closed(view: CaseView) -> str:
    if view.state is State.PURGED:
        return _("Isi perkara ini sudah dihapus sesuai masa simpan; tidak ada lagi yang dapat dibuka.")
    return _("Perkara ini tidak dapat Anda buka: Anda tidak memegang kuncinya.")


def _opened(session: Session, case: Case, officer: CurrentOfficer) -> Json:
    return keys_and_history(session, case, officer) | {
        "messages": _messages(session, case.id),
        "notes": _notes(session, case.id),
        "files": _files(session, case.id, officer),
    }


def keys_and_history(session: Session, case: Case, officer: CurrentOfficer) -> Json:
    """Return what an officer opens a case's keys by and checks its history with, and none of its texts.

    The account goes with it: it holds the key of the case's ledger. The caller has logged the reading.
    """
    desks = list(officer.desks)
    complaint = session.get_one(Complaint, case.id)
    return _situation(session, case) | {
        "reporterKem": _base64(complaint.reporter_kem),
        "keys": _case_keys(session, case.id, officer, desks),
        "deskKeys": _desk_keys(session, officer, desks),
        "account": {"epoch": 1, "box": _base64(complaint.account)},
        "messages": [],
        "notes": [],
        "files": [],
        "events": _events(session, case.id),
    }


def situation(number: str, officer: CurrentOfficer, action: Action | None, assignee: str | None) -> Json:
    """Return where a case stands now; with ``action`` also the epochs that act writes in and the seals it must carry.

    Raises ``NoSuchCase``.
    """
    with Session(db.engine) as session:
        case = known_case(session, number, officer)
        needs = _needs(read_case(session, case.id, directory_in(session)), officer, action, assignee) if action else {}
        return _situation(session, case) | needs


def _situation(session: Session, case: Case) -> Json:
    newest = newest_access(session, case.id)
    query = select(CaseEvent.entry).where(CaseEvent.case_id == case.id, CaseEvent.seq == case.version)
    return {
        "case": case.id,
        "number": case.number,
        "version": case.version,
        "state": case.state,
        "head": session.scalars(query).one().hex(),
        "access": newest.hash.hex() if newest else None,
        "today": clock.today().isoformat(),
    }


def _needs(case: OpenCase, officer: CurrentOfficer, action: Action, assignee: str | None) -> Json:
    actor = as_actor(officer)
    needed = seals(action, case.view, actor, assignee)
    return {
        "epochs": requirements(action, case.view, actor).epochs,
        "seals": [_seal(seal) for seal in sorted(needed, key=lambda seal: (seal.kind, seal.recipient))],
    }


def _seal(seal: Seal) -> Json:
    return {"kind": seal.kind, "epoch": seal.epoch, "recipient": seal.recipient}


def _case_keys(session: Session, case_id: str, officer: CurrentOfficer, desks: Iterable[str]) -> list[Json]:
    his = or_(SealedKey.recipient == f"officer:{officer.id}", *(_to_desk(desk) for desk in desks))
    query = select(SealedKey).where(SealedKey.object == case_id, SealedKey.kind.in_(["thread", "case"]), his)
    rows = session.scalars(query.order_by(SealedKey.kind, SealedKey.epoch))
    return [{"kind": row.kind, "brought": row.brought} | _copy(row) for row in rows]


def _desk_keys(session: Session, officer: CurrentOfficer, desks: list[str]) -> list[Json]:
    """Return the sealed seeds of the desks a lead reads: his own desk's under his key, the others' under its."""
    if not desks:
        return []
    his = or_(SealedKey.recipient == f"officer:{officer.id}", _to_desk(desks[0]))
    query = select(SealedKey).where(SealedKey.kind == "desk", SealedKey.object.in_(desks), his)
    rows = session.scalars(query.order_by(SealedKey.object, SealedKey.epoch))
    return [{"desk": row.object} | _copy(row) for row in rows]


def _copy(row: SealedKey) -> Json:
    return {"epoch": row.epoch, "recipient": row.recipient, "sealed": _base64(row.sealed)}


def _to_desk(desk: str) -> Any:
    return SealedKey.recipient.startswith(f"desk:{desk}:", autoescape=True)


def _messages(session: Session, case_id: str) -> list[Json]:
    query = select(Message).where(Message.complaint_id == case_id).order_by(Message.seq, Message.id)
    return [
        {
            "id": row.id,
            "kind": row.purpose,
            "author": row.author,
            "day": row.posted_on.isoformat(),
            "seq": row.seq,
            "epoch": row.epoch,
            "box": _base64(row.box),
        }
        for row in session.scalars(query)
    ]


def _notes(session: Session, case_id: str) -> list[Json]:
    query = select(SealedNote).where(SealedNote.case_id == case_id).order_by(SealedNote.seq, SealedNote.id)
    return [
        {"id": row.id, "kind": row.kind, "seq": row.seq, "epoch": row.epoch, "box": _base64(row.box)}
        for row in session.scalars(query)
    ]


def _files(session: Session, case_id: str, officer: CurrentOfficer) -> list[Json]:
    """Return what has been brought as evidence, with its chunks' hashes, and what ``officer`` has begun to send."""
    found = [file for file in files_of(session, case_id, THREAD, CASE) if file.seq or file.author == officer.id]
    digests = digests_of(session, [file.id for file in found if file.seq])
    return [
        written_file(file) | {
            "side": file.side,
            "author": file.author,
            "digests": [digest.hex() for digest in digests.get(file.id, {}).values()],
        }
        for file in found
    ]  # fmt: skip


def _events(session: Session, case_id: str) -> list[Json]:
    query = select(CaseEvent.body, CaseEvent.entry).where(CaseEvent.case_id == case_id).order_by(CaseEvent.seq)
    return [{"body": body, "entry": entry.hex()} for body, entry in session.execute(query)]


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
