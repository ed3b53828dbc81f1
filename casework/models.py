"""Officers and their sessions; cases, their events, and what the events seal."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import db


class Officer(db.Model):
    """An account at one desk. Its keys count only once a statement vouches for them; the row alone is no authority."""

    __tablename__ = "officers"
    __table_args__ = (
        CheckConstraint("role IN ('lead', 'investigator', 'reviewer', 'overseer', 'administrator')", name="role"),
        CheckConstraint("status IN ('invited', 'activated', 'vouched', 'left')", name="status"),
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


class OfficerSession(db.Model):
    """One login. ``id`` is the SHA-256 of the cookie's random token; ``seed_key`` (32 bytes) opens the officer's
    seed in his browser's sessionStorage and is deleted by lock, logout and 15 idle minutes."""

    __tablename__ = "officer_sessions"

    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officers.id"))
    seed_key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    begun_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LoginDelay(db.Model):
    """How long the next attempt must wait, for one account (HMAC of its name) or for all together."""

    __tablename__ = "login_delays"

    subject: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int]
    open_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Transition(db.Model):
    """One row of the workflow's table, seeded by migration from ``casework.rules``; refuses every write afterwards."""

    __tablename__ = "transitions"

    from_state: Mapped[str] = mapped_column(String(16), primary_key=True)
    to_state: Mapped[str] = mapped_column(String(16), primary_key=True)
    action: Mapped[str] = mapped_column(String(24), primary_key=True)


class Case(db.Model):
    """One case; ``id`` is its complaint's. ``state`` and ``version`` are the projection of the newest event, which
    the database alone writes; ``due`` and the columns after it are projections by ``services.fire``."""

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
        Index("ix_cases_queue", "desk_id", "due", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    number: Mapped[str] = mapped_column(String(11), unique=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    region: Mapped[str] = mapped_column(String(8))
    sector: Mapped[str] = mapped_column(String(24))
    level: Mapped[str] = mapped_column(String(24))
    excluded: Mapped[str] = mapped_column(Text, default="")
    opened_on: Mapped[date]
    due: Mapped[date]
    category: Mapped[str | None] = mapped_column(String(24))
    severity: Mapped[str | None] = mapped_column(String(8))
    outcome: Mapped[str | None] = mapped_column(String(24))
    assignee_id: Mapped[str | None] = mapped_column(ForeignKey("officers.id"))
    threatened: Mapped[bool] = mapped_column(default=False)
    urgent: Mapped[bool] = mapped_column(default=False)
    withdrawal_asked: Mapped[bool] = mapped_column(default=False)
    legal_hold: Mapped[bool] = mapped_column(default=False)


class CaseEvent(db.Model):
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
        ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_events_case", deferrable=True, initially="DEFERRED"),
        ForeignKeyConstraint(
            ["case_id", "prev_seq", "from_state"],
            ["case_events.case_id", "case_events.seq", "case_events.to_state"],
            name="fk_case_events_previous",
        ),
        CheckConstraint("(seq = 1) = (prev_seq IS NULL)", name="first_seq"),
        CheckConstraint("(seq = 1) = (from_state = 'NEW')", name="first_state"),
        CheckConstraint("prev_seq IS NULL OR prev_seq = seq - 1", name="previous"),
        CheckConstraint("seq >= 1", name="seq"),
        CheckConstraint("actor_kind IN ('reporter', 'officer', 'system')", name="actor_kind"),
        CheckConstraint("(actor_kind = 'officer') = (actor_id IS NOT NULL)", name="actor_id"),
    )

    case_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    prev_seq: Mapped[int | None]
    from_state: Mapped[str] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    action: Mapped[str] = mapped_column(String(24))
    actor_kind: Mapped[str] = mapped_column(String(8))
    actor_id: Mapped[str | None] = mapped_column(String(32))
    day: Mapped[date]
    body: Mapped[str] = mapped_column(Text)
    entry: Mapped[bytes] = mapped_column(LargeBinary(64), unique=True)


class AccessEvent(db.Model):
    """One reading of a case by an officer: an append-only chain per case. ``hash`` covers ``previous`` and the rest."""

    __tablename__ = "access_events"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officers.id"))
    what: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class SealedNote(db.Model):
    """One text of a case boxed under the case key: a declaration, allegation, finding, reason or note."""

    __tablename__ = "sealed_notes"
    __table_args__ = (Index("ix_sealed_notes_case_id", "case_id", "seq"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    epoch: Mapped[int]
    box: Mapped[bytes] = mapped_column(LargeBinary)


class Allegation(db.Model):
    """One allegation of a case's plan; what it says is the sealed note of the same id, its status stands in the clear."""

    __tablename__ = "allegations"
    __table_args__ = (CheckConstraint("status IN ('open', 'proven', 'partly_proven', 'not_proven')", name="status"),)

    id: Mapped[str] = mapped_column(ForeignKey("sealed_notes.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    status: Mapped[str] = mapped_column(String(16))
