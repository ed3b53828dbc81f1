"""Officers and their sessions; cases, their events, and what the events seal.

Of ``transitions``, ``cases``, ``case_events`` and ``access_events`` the database refuses more than stands here: see
the triggers in ``migrations/guards/``. They have no rowid on SQLite, by which REPLACE would pass the triggers.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from casework.requirements import CASE_TEXTS
from casework.rules import REPORTER_ACTIONS, SYSTEM_ACTIONS
from casework.terms import ActorKind, AllegationStatus, Category, Outcome, Role, Severity
from kernel.database import Base, one_of, partial_index, sized

GUARDED = {"sqlite_with_rowid": False}


def _quoted(words: frozenset[str] | frozenset[object]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(map(str, words)))


def _running(name: str, *columns: str) -> Index:
    return partial_index(name, *columns, where="due IS NOT NULL")


def _ended(name: str, *columns: str) -> Index:
    return partial_index(name, *columns, where="due IS NULL")


class Officer(Base):
    """An account at one desk. Its keys count only once a statement vouches for them; the row alone is no authority."""

    __tablename__ = "officers"
    __table_args__ = (
        sized("id", 32),
        one_of("role", Role),
        one_of("status", ("invited", "activated", "vouched", "left")),
        sized("kem", 1216),
        sized("sign", 32),
        Index("ix_officers_sign", "sign", unique=True),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    full_name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(16))
    desk_id: Mapped[str | None] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(12))
    invitation_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    invitation_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    kem: Mapped[bytes | None] = mapped_column(LargeBinary(1216))
    sign: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    auth_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    seed_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_step: Mapped[int] = mapped_column(default=0)


class OfficerSession(Base):
    """One login. ``id`` is the SHA-256 of the cookie's random token; ``seed_key`` (32 bytes) opens the officer's
    seed in his browser's sessionStorage and is deleted by lock, logout and 15 idle minutes."""

    __tablename__ = "officer_sessions"
    __table_args__ = (Index("ix_officer_sessions_officer_id", "officer_id"),)

    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officers.id"))
    seed_key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    begun_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LoginDelay(Base):
    """How long the next attempt must wait, for one account (HMAC of its name) or for all together."""

    __tablename__ = "login_delays"

    subject: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int]
    open_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Transition(Base):
    """One row of the workflow's table, seeded by migration from ``casework.rules``; refuses every write afterwards."""

    __tablename__ = "transitions"
    __table_args__ = (GUARDED,)

    from_state: Mapped[str] = mapped_column(String(16), primary_key=True)
    to_state: Mapped[str] = mapped_column(String(16), primary_key=True)
    action: Mapped[str] = mapped_column(String(24), primary_key=True)


class Case(Base):
    """One case; ``id`` is its complaint's.

    It is inserted as version 0 in state ``NEW``, before its first event; from then on ``version`` and ``state`` are
    the projection of the newest event, which the database alone writes. What the lodging said never changes. ``due``
    (NULL: no clock runs) and the columns after it are projections by ``services.fire``; ``assignee_id`` is in whose
    queue the case stands: the assignee's, in OBJECTION the handler's.
    """

    __tablename__ = "cases"
    __table_args__ = (
        ForeignKeyConstraint(
            ["id", "version", "state"],
            ["case_events.case_id", "case_events.seq", "case_events.to_state"],
            name="fk_cases_head",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        sized("id", 32),
        one_of("category", Category),
        one_of("severity", Severity),
        one_of("outcome", Outcome),
        # The queue, what is due first: of all desks, a desk, a desk and state, an officer. Then what has ended.
        # After the id stands what is asked of many cases at once: it is read from the index, and no case is fetched.
        # (That an index is of what has no due day SQLite takes on trust only when it reads so in the index itself.)
        _running("ix_cases_due", "due", "id", "urgent", "raised_on", "state", "channel_id"),
        _running("ix_cases_desk", "desk_id", "due", "id", "urgent", "raised_on", "excluded", "channel_id"),
        _running("ix_cases_state", "desk_id", "state", "due", "id", "urgent", "excluded", "channel_id"),
        _running("ix_cases_assignee", "assignee_id", "due", "id"),
        _ended("ix_cases_ended", "opened_on", "id", "urgent", "due", "channel_id"),
        _ended("ix_cases_ended_desk", "desk_id", "opened_on", "id", "urgent", "excluded", "due", "channel_id"),
        GUARDED,
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(16), default="NEW")
    number: Mapped[str] = mapped_column(String(11), unique=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    region: Mapped[str] = mapped_column(String(8))
    sector: Mapped[str] = mapped_column(String(24))
    level: Mapped[str] = mapped_column(String(24))
    excluded: Mapped[str] = mapped_column(Text)
    threatened: Mapped[bool]
    opened_on: Mapped[date]
    due: Mapped[date | None]
    category: Mapped[str | None] = mapped_column(String(24))
    severity: Mapped[str | None] = mapped_column(String(8))
    outcome: Mapped[str | None] = mapped_column(String(24))
    assignee_id: Mapped[str | None] = mapped_column(ForeignKey("officers.id"))
    urgent: Mapped[bool] = mapped_column(default=False)
    withdrawal_asked: Mapped[bool] = mapped_column(default=False)
    legal_hold: Mapped[bool] = mapped_column(default=False)
    raised_on: Mapped[date | None]
    threatened_on: Mapped[date | None]
    channel_id: Mapped[str | None] = mapped_column(String(32))


class CaseEvent(Base):
    """One event of a case: the write from which its state follows. ``body`` is canonical and verbatim, signature
    included; ``entry`` is its 64-byte ledger entry."""

    __tablename__ = "case_events"
    __table_args__ = (
        UniqueConstraint("case_id", "seq", "to_state"),
        ForeignKeyConstraint(
            ["from_state", "to_state", "action"],
            ["transitions.from_state", "transitions.to_state", "transitions.action"],
            name="fk_case_events_transition",
        ),
        ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_case_events_case", deferrable=True, initially="DEFERRED"
        ),
        ForeignKeyConstraint(
            ["case_id", "prev_seq", "from_state"],
            ["case_events.case_id", "case_events.seq", "case_events.to_state"],
            name="fk_case_events_previous",
        ),
        CheckConstraint("(seq = 1) = (prev_seq IS NULL)", name="first_seq"),
        CheckConstraint("(seq = 1) = (from_state = 'NEW')", name="first_state"),
        CheckConstraint("prev_seq = seq - 1", name="previous"),
        CheckConstraint("seq >= 1", name="seq"),
        one_of("actor_kind", ActorKind),
        CheckConstraint("(actor_kind = 'officer') = (actor_id IS NOT NULL)", name="actor_id"),
        CheckConstraint(f"(actor_kind = 'reporter') = (action IN ({_quoted(REPORTER_ACTIONS)}))", name="reporter_acts"),
        CheckConstraint(f"actor_kind <> 'system' OR action IN ({_quoted(SYSTEM_ACTIONS)})", name="system_acts"),
        CheckConstraint("actor_kind = 'system' OR action NOT IN ('escalate', 'resume')", name="timer_acts"),
        sized("entry", 64),
        # The first half is the tag: two entries with one would be taken for two histories of one event.
        Index("uq_case_events_tag", text("substr(entry, 1, 32)"), unique=True),
        GUARDED,
    )

    case_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    prev_seq: Mapped[int | None]
    from_state: Mapped[str] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    action: Mapped[str] = mapped_column(String(24))
    actor_kind: Mapped[str] = mapped_column(String(8))
    actor_id: Mapped[str | None] = mapped_column(ForeignKey("officers.id"))
    day: Mapped[date]
    body: Mapped[str] = mapped_column(Text)
    entry: Mapped[bytes] = mapped_column(LargeBinary(64), unique=True)


class AccessEvent(Base):
    """One reading of a case by an officer: an append-only chain per case. ``hash`` covers ``previous`` and the rest.

    ``reason`` is why a file was opened (``OpeningReason``); what is no file has none, nor what was opened before 0008.
    """

    __tablename__ = "access_events"
    __table_args__ = (
        CheckConstraint("seq >= 1", name="seq"),
        CheckConstraint("(seq = 1) = (previous IS NULL)", name="first"),
        sized("previous", 32),
        sized("hash", 32),
        Index("ix_access_events_at", "at", "case_id", "seq"),
        Index("ix_access_events_officer_id", "officer_id", "at", "case_id", "seq"),
        GUARDED,
    )

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officers.id"))
    what: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    previous: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    reason: Mapped[str | None] = mapped_column(String(16))


class SealedNote(Base):
    """One text of a case boxed under the case key: a declaration, plan, allegation, finding, reason or note."""

    __tablename__ = "sealed_notes"
    __table_args__ = (
        sized("id", 32),
        one_of("kind", sorted(CASE_TEXTS)),
        Index("ix_sealed_notes_case_id", "case_id", "seq"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    epoch: Mapped[int]
    box: Mapped[bytes] = mapped_column(LargeBinary)


class Allegation(Base):
    """One allegation of a case's plan; what it says is the sealed note of the same id, its status stands clear."""

    __tablename__ = "allegations"
    __table_args__ = (one_of("status", AllegationStatus), Index("ix_allegations_case_id", "case_id"))

    id: Mapped[str] = mapped_column(ForeignKey("sealed_notes.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    status: Mapped[str] = mapped_column(String(16))
