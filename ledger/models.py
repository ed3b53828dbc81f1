"""What the log will need of a case: its ledger key, boxed."""

from __future__ import annotations

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base


class LedgerKey(Base):
    """K of one complaint (32 bytes), boxed under the instance secret; destroyed when the complaint is erased."""

    __tablename__ = "ledger_keys"

    complaint_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    box: Mapped[bytes] = mapped_column(LargeBinary)
