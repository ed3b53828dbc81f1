"""What is kept of a complaint: seals, public keys, the routing label, and what casework lets the reporter see."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger, CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint,
)  # fmt: skip
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base, one_of, partial_index, sized


# By a rowid REPLACE would pass the triggers.
GUARDED = {"sqlite_with_rowid": False}


class Complaint(Base):
    """One sealed complaint. Its id (128 random bits, hex) is drawn by whoever seals; nothing here orders it in time
    but ``lodged_on``, a day. ``envelope_hash`` recognises the same envelope posted again, whose receipt is ``entry``,
    the 64-byte ledger entry of the first event."""

    __tablename__ = "complaints"
    __table_args__ = (
        sized("id", 32),
        sized("lookup_hash", 32),
        sized("reporter_kem", 1216),
        sized("reporter_sign", 32),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    lookup_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    reporter_kem: Mapped[bytes] = mapped_column(LargeBinary(1216))
    reporter_sign: Mapped[bytes] = mapped_column(LargeBinary(32))
    desk_id: Mapped[str] = mapped_column(String(32))
    region: Mapped[str] = mapped_column(String(8))
    sector: Mapped[str] = mapped_column(String(24))
    level: Mapped[str] = mapped_column(String(24))
    excluded: Mapped[str] = mapped_column(Text)
    threatened: Mapped[bool]
    lodged_on: Mapped[date]
    epoch: Mapped[int] = mapped_column(default=1)
    account: Mapped[bytes] = mapped_column(LargeBinary)
    envelope_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    entry: Mapped[bytes] = mapped_column(LargeBinary(64))


class ThreadEpoch(Base):
    """One epoch of a thread's key: the signed event that brought it, verbatim. By that the reporter's browser knows
    that nobody else has slipped in his copy, which anyone can seal who has seen the public key."""

    __tablename__ = "thread_epochs"

    complaint_id: Mapped[str] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(Text)


class Message(Base):
    """One sealed message of a thread, by the reporter or by the desk; ``seq`` is the event that carries it."""

    __tablename__ = "messages"
    __table_args__ = (
        sized("id", 32),
        one_of("author", ("reporter", "desk")),
        one_of("purpose", ("question", "answer", "message", "decision", "objection", "withdrawal")),
        Index("ix_messages_complaint_id", "complaint_id", "seq"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    complaint_id: Mapped[str] = mapped_column(ForeignKey("complaints.id"))
    seq: Mapped[int]
    author: Mapped[str] = mapped_column(String(8))
    purpose: Mapped[str] = mapped_column(String(16))
    epoch: Mapped[int]
    box: Mapped[bytes] = mapped_column(LargeBinary)
    posted_on: Mapped[date]


class File(Base):
    """One file of a complaint: the reporter's (``side`` thread) or its officers' (case).

    ``size`` is the padded one. It is opened, its chunks are kept, then an event brings it, ``seq``, and with it comes
    the manifest; from then on the database lets nothing of it change or go. ``progress_box`` is NULL where the server
    sealed.
    """

    __tablename__ = "files"
    __table_args__ = (
        sized("id", 32),
        one_of("side", ("thread", "case")),
        sized("key_box", 61),
        CheckConstraint("(side = 'thread') = (author = 'reporter')", name="author"),
        CheckConstraint("size >= 4096", name="size"),
        CheckConstraint("chunks = (size + 1048575) / 1048576", name="chunks"),
        CheckConstraint("(seq IS NULL) = (manifest_box IS NULL)", name="brought"),
        Index("ix_files_complaint_id", "complaint_id", "seq"),
        partial_index("ix_files_opened_on", "opened_on", where="seq IS NULL"),
        GUARDED,
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    complaint_id: Mapped[str] = mapped_column(ForeignKey("complaints.id"))
    side: Mapped[str] = mapped_column(String(6))
    epoch: Mapped[int]
    key_box: Mapped[bytes] = mapped_column(LargeBinary(61))
    progress_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    manifest_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(BigInteger)
    chunks: Mapped[int]
    author: Mapped[str] = mapped_column(String(32))
    opened_on: Mapped[date]
    seq: Mapped[int | None]


class FileChunk(Base):
    """One sealed chunk, which lies in the object store: under ``key``, from the byte ``begins`` on.

    Several of one file may lie in one object, never those of two. ``digest`` is its SHA-256. Never replaced.
    """

    __tablename__ = "file_chunks"
    __table_args__ = (
        UniqueConstraint("key", "begins"), CheckConstraint("begins >= 0", name="begins"),
        sized("digest", 32), sized("key", 32), GUARDED,
    )  # fmt: skip

    file_id: Mapped[str] = mapped_column(ForeignKey("files.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    key: Mapped[str] = mapped_column(String(32))
    begins: Mapped[int]


class PublishedStatus(Base):
    """What the reporter reads of the case: written by casework, in the transaction of the event it follows from.

    ``head`` is the 64-byte ledger entry of the newest event, which the reporter's next act must name; ``resumes`` the
    state an answer returns to, NULL where none is awaited; ``must_wait`` says that he has written as many messages as
    he may before an officer does something; ``agency`` to which authority the case has been referred.
    """

    __tablename__ = "published_statuses"
    __table_args__ = (sized("head", 64),)

    complaint_id: Mapped[str] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    since: Mapped[date]
    next_due: Mapped[date | None]
    outcome: Mapped[str | None] = mapped_column(String(24))
    objection_until: Mapped[date | None]
    withdrawal_asked: Mapped[bool] = mapped_column(default=False)
    must_wait: Mapped[bool] = mapped_column(default=False)
    resumes: Mapped[str | None] = mapped_column(String(16))
    agency: Mapped[str | None] = mapped_column(String(40))
    head: Mapped[bytes] = mapped_column(LargeBinary(64))


class PublishedStep(Base):
    """One line of the reporter's timeline: the case entered ``state`` on ``day``."""

    __tablename__ = "published_steps"

    complaint_id: Mapped[str] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    day: Mapped[date]


class Visit(Base):
    """A reporter's visit without JavaScript: his phrase key boxed under a key that only his cookie holds."""

    __tablename__ = "visits"
    __table_args__ = (Index("ix_visits_expires_at", "expires_at"),)

    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    box: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
