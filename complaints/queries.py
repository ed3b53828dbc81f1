"""What a reporter is shown: his thread, and where the case stands, as casework published it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, select

from complaints.envelopes import SealedText
from complaints.models import (
    Complaint, File, FileChunk, Message, PublishedStatus, PublishedStep, ThreadEpoch,
)  # fmt: skip
from kernel.database import Reader, db, execute, table_of
from kernel.directory.models import SealedKey
from kernel.directory.queries import bodies_vouching_for
from kernel.i18n import gettext as _
from kernel.refusal import Missing
from ledger.body import read_event


# Made once: every look at a status asks them.
_STEPS = (
    select(PublishedStep.seq, PublishedStep.state, PublishedStep.day)
    .where(PublishedStep.complaint_id == bindparam("complaint"))
    .order_by(PublishedStep.seq)
)
_KEYS = (
    select(SealedKey.epoch, SealedKey.sealed, ThreadEpoch.body)
    .join(ThreadEpoch, (ThreadEpoch.complaint_id == SealedKey.object) & (ThreadEpoch.epoch == SealedKey.epoch))
    .where(SealedKey.kind == "thread", SealedKey.object == bindparam("complaint"), SealedKey.recipient == "reporter")
)
_MESSAGES = select(Message).where(Message.complaint_id == bindparam("complaint")).order_by(Message.seq, Message.id)
_OF_FILES = table_of(File)
_FILES = (
    select(_OF_FILES)
    .where(_OF_FILES.c.complaint_id == bindparam("complaint"))
    .where(_OF_FILES.c.side.in_(bindparam("sides", expanding=True)))
    .order_by(_OF_FILES.c.seq, _OF_FILES.c.id)
)


class UnknownPhrase(Missing):
    """One sentence for every phrase that leads nowhere, whatever the reason."""

    def __init__(self) -> None:
        super().__init__(_("Tidak ada laporan dengan frasa itu. Periksa lagi kata-katanya."))


@dataclass(frozen=True)
class ThreadMessage:
    """One sealed message, who wrote it (``reporter`` or ``desk``) and on which day."""

    text: SealedText
    author: str
    day: date


@dataclass(frozen=True)
class ThreadKey:
    """The reporter's sealed copy of a thread key, and the signed event that brought it, verbatim."""

    sealed: bytes
    body: str


@dataclass(frozen=True)
class KeptFile:
    """One file as it stands; ``have`` are the hashes (SHA-256) of the sealed chunks that are here, by their
    numbers, while it waits to be brought."""

    id: str
    side: str
    author: str
    epoch: int
    key: bytes
    progress: bytes | None
    manifest: bytes | None
    size: int
    chunks: int
    seq: int | None
    day: date
    have: Mapping[int, bytes]


@dataclass(frozen=True)
class Thread:
    """Everything the holder of a phrase may read: seals, and the case's published state.

    ``head`` is the 64-byte ledger entry of the newest event, ``resumes`` the state an answer returns to, ``keys``
    the reporter's copies of the thread keys by epoch, ``files`` his own files.
    """

    complaint: str
    version: int
    state: str
    head: bytes
    resumes: str | None
    epoch: int
    since: date
    next_due: date | None
    outcome: str | None
    objection_until: date | None
    withdrawal_asked: bool
    must_wait: bool
    agency: str | None
    keys: Mapping[int, ThreadKey]
    account: SealedText
    messages: tuple[ThreadMessage, ...]
    steps: tuple[tuple[str, date], ...]
    files: tuple[KeptFile, ...] = ()

    @property
    def is_erased(self) -> bool:
        """Tell whether its time is over, and nothing of it is left to open, or to seal to."""
        return self.state == "PURGED"

    def state_after(self, action: str) -> str:
        """Return the state an act of the reporter's leads to, which its event must name."""
        if action == "answer" and self.resumes:
            return self.resumes
        return "OBJECTION" if action == "object" else self.state

    def acts(self, today: date) -> set[str]:
        """Return what the reporter may do now: ``read`` his account again; ``wait`` where he may not write."""
        if self.is_erased:
            return set()
        acts = {"read", *self._writes()}
        if self.state == "CLOSED":
            return acts | ({"object"} if self.objection_until and today <= self.objection_until else set())
        if self.state != "REVIEW" and not self.withdrawal_asked:
            acts.add("withdraw")
        return acts

    def _writes(self) -> set[str]:
        if self.state == "NEEDS_INFO":
            return {"answer"}
        return {"wait" if self.must_wait else "message"}


def thread_of(lookup_hash: bytes) -> Thread:
    """Return the thread found by the SHA-256 of a lookup token; raises ``UnknownPhrase``."""
    query = select(Complaint, PublishedStatus).join(PublishedStatus).where(Complaint.lookup_hash == lookup_hash)
    found = db.session.execute(query).one_or_none()
    if found is None:
        raise UnknownPhrase
    complaint, status = found
    steps = _steps(complaint.id)
    return Thread(
        **_published(status),
        complaint=complaint.id,
        epoch=complaint.epoch,
        keys=_keys(complaint.id),
        account=SealedText("account", complaint.id, 1, complaint.account),
        messages=_messages(complaint.id, steps),
        steps=tuple((step.state, step.day) for step in steps),
        files=files_of(db.session, complaint.id, "thread"),
    )


def _published(status: PublishedStatus) -> dict[str, Any]:
    names = (
        "version", "state", "head", "resumes", "since", "next_due", "outcome", "objection_until", "withdrawal_asked",
        "agency", "must_wait",
    )  # fmt: skip
    return {name: getattr(status, name) for name in names}


def _keys(complaint_id: str) -> dict[int, ThreadKey]:
    found = execute(db.session, _KEYS, complaint=complaint_id)
    return {epoch: ThreadKey(sealed, body) for epoch, sealed, body in found}


def bodies_behind(thread: Thread) -> list[str]:
    """Return the statements by which a browser checks the officers who brought the thread's later keys."""
    events = [read_event(key.body) for key in thread.keys.values()]
    signers = frozenset(event.actor.partition(":")[2] for event in events) - {""}
    desks = frozenset(event.clear["desk"] for event in events if event.seq == 1)
    return bodies_vouching_for(signers, desks) if signers else []


def _messages(complaint_id: str, steps: Sequence[Row[int, str, date]]) -> tuple[ThreadMessage, ...]:
    return tuple(
        ThreadMessage(SealedText(row.purpose, row.id, row.epoch, row.box), row.author, row.posted_on)
        for row in execute(db.session, _MESSAGES, complaint=complaint_id)
        if row.purpose != "decision" or _is_final(row.seq, steps)
    )


def files_of(session: Reader, complaint: str, *sides: str) -> tuple[KeptFile, ...]:
    """Return the files of these sides of a complaint; of those that wait to be brought also what is here of them."""
    rows = execute(session, _FILES, complaint=complaint, sides=sides).all()
    waiting = [row.id for row in rows if row.seq is None]
    digests = digests_of(session, waiting) if waiting else {}
    return tuple(_kept(row, digests.get(row.id, {})) for row in rows)


def _kept(row: Any, have: Mapping[int, bytes]) -> KeptFile:
    return KeptFile(
        id=row.id, side=row.side, author=row.author, epoch=row.epoch, key=row.key_box, progress=row.progress_box,
        manifest=row.manifest_box, size=row.size, chunks=row.chunks, seq=row.seq, day=row.opened_on, have=have,
    )  # fmt: skip


def digests_of(session: Reader, files: Sequence[str]) -> dict[str, dict[int, bytes]]:
    """Return the hashes of the sealed chunks that are here, by file and by number."""
    query = select(FileChunk.file_id, FileChunk.number, FileChunk.digest).where(FileChunk.file_id.in_(files))
    found: dict[str, dict[int, bytes]] = {}
    for file_id, number, digest in session.execute(query.order_by(FileChunk.file_id, FileChunk.number)):
        found.setdefault(file_id, {})[number] = digest
    return found


def _is_final(seq: int, steps: Sequence[Row[int, str, date]]) -> bool:
    """Tell whether the decision of event ``seq`` may be read: a proposed one once a reviewer has closed with it."""
    then = [step.state for step in steps if step.seq >= seq]
    return then[:1] != ["REVIEW"] or then[1:2] == ["CLOSED"]


def _steps(complaint_id: str) -> Sequence[Row[int, str, date]]:
    return execute(db.session, _STEPS, complaint=complaint_id).all()
