"""tests/soundness.py: what it tells of a database was so at one moment, also while a server is at work."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask
from sqlalchemy import event

from kernel.database import put, transaction
from ledger.integrating import integrate
from ledger.models import Leaf, Pending
from tests.database import Database
from tests.soundness import faults_of

NOBODY = bytes(32)


def test_a_log_that_grows_while_it_is_looked_at_is_no_fault(app: Flask, database: Database) -> None:
    with transaction() as session:
        put(session, Pending, {"entry": os.urandom(64)})
    engine, grown = database.engine(), []

    @event.listens_for(engine, "after_cursor_execute")
    def grow(_connection: Any, _cursor: Any, statement: str, *_more: object) -> None:
        if f"FROM {Leaf.__tablename__}" in statement and not grown:
            grown.append(True)
            integrate()

    assert [fault for fault in faults_of(engine, NOBODY, NOBODY) if fault.startswith("log:")] == []
    assert grown
