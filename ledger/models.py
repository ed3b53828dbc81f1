"""The log as the database keeps it, and of each case its ledger key, boxed.

What must never change, the triggers in ``migrations/sql/0004_*`` see to. None of these has a rowid on SQLite, by which
REPLACE would pass them.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base, sized

GUARDED = {"sqlite_with_rowid": False}
ENTRY_BYTES, ROOT_BYTES = 64, 32


class LedgerKey(Base):
    """K of one complaint (32 bytes), boxed under the instance secret; destroyed when the complaint is erased."""

    __tablename__ = "ledger_keys"

    complaint_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    box: Mapped[bytes] = mapped_column(LargeBinary)


class Pending(Base):
    """An entry that waits to be put into the log: written in the transaction of what it is the entry of."""

    __tablename__ = "log_pending"
    __table_args__ = (sized("entry", ENTRY_BYTES), GUARDED)

    entry: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class Leaf(Base):
    """The log's entry number ``idx``, from 0: a case's, a public one, or padding, which is random."""

    __tablename__ = "log_leaf"
    __table_args__ = (UniqueConstraint("entry"), sized("entry", ENTRY_BYTES), GUARDED)

    idx: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry: Mapped[bytes] = mapped_column(LargeBinary)


class StoredTile(Base):
    """A tile of hashes as far as it goes: whoever wants a narrower one cuts it."""

    __tablename__ = "log_tile"
    __table_args__ = (
        CheckConstraint(
            "length(content) >= 32 AND length(content) <= 8192 AND length(content) & 31 = 0", name="content"
        ),
        GUARDED,
    )

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Head(Base):
    """How many entries the log has, and its root; the one row there is."""

    __tablename__ = "log_head"
    __table_args__ = (
        CheckConstraint("id = 1", name="id"),
        CheckConstraint("size & 63 = 0", name="size"),
        sized("root", ROOT_BYTES),
        GUARDED,
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary)


class Published(Base):
    """A checkpoint that was published, as the signed note that it is."""

    __tablename__ = "log_checkpoint"
    __table_args__ = (sized("root", ROOT_BYTES), GUARDED)

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(Text)


class Cosignature(Base):
    """A witness's signature line under a published checkpoint."""

    __tablename__ = "log_cosignature"
    __table_args__ = GUARDED

    size: Mapped[int] = mapped_column(ForeignKey("log_checkpoint.size"), primary_key=True, autoincrement=False)
    witness: Mapped[str] = mapped_column(String(120), primary_key=True)
    line: Mapped[str] = mapped_column(String(400))


class PublicEntry(Base):
    """What is entered for everybody to read; ``statement_id`` says of which statement it is the body."""

    __tablename__ = "log_public"
    __table_args__ = (UniqueConstraint("statement_id"), sized("entry", ENTRY_BYTES), GUARDED)

    entry: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    body: Mapped[str] = mapped_column(Text)
    statement_id: Mapped[int | None] = mapped_column(ForeignKey("statements.id"))
