"""Statements, public keys and sealed keys: what every browser is given to check, to seal to and to open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, Identity, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base, one_of


class Statement(Base):
    """One signed statement, its canonical body verbatim; versions of a subject form a chain and are never replaced,
    which the database sees to. ``kept_at`` is when it came; of the oldest nobody knows."""

    __tablename__ = "statements"
    __table_args__ = (
        UniqueConstraint("kind", "subject", "version"),
        one_of("kind", ("desk", "officer", "epoch", "recovery", "log", "promise")),
        CheckConstraint("version >= 1", name="version"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(48))
    version: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    kept_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class PublicKey(Base):
    """One X-Wing public key (1,216 bytes) of an officer, a desk's epoch or the recovery, by the digest that
    statements name. The row alone is no authority."""

    __tablename__ = "public_keys"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    raw: Mapped[bytes] = mapped_column(LargeBinary(1216))


class SealedKey(Base):
    """One sealed copy of a thread, case or desk key.

    ``kind`` is ``thread``, ``case`` or ``desk``; ``object`` the complaint or the desk; ``recipient`` is
    ``reporter``, ``officer:<id>``, ``desk:<id>:<epoch>`` or ``recovery``. ``brought`` is the signed body by which a
    lead sealed a thread or case key anew for the next key of his desk; events carry all others (docs/formats.md §5).
    """

    __tablename__ = "sealed_keys"
    __table_args__ = (
        one_of("kind", ("thread", "case", "desk")),
        # What an officer may open, which is what his queue holds.
        Index("ix_sealed_keys_recipient", "recipient", "kind", "object"),
    )

    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    object: Mapped[str] = mapped_column(String(32), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(80), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    brought: Mapped[str | None] = mapped_column(Text)
