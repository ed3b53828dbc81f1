"""K is kept boxed, and entries are computed from it."""

import pytest
from flask import Flask
from sqlalchemy import select

from kernel.database import transaction
from kernel.vault import Unreadable
from ledger.entries import entry_of
from ledger.models import LedgerKey
from ledger.services import NoLedgerKey, entry_for, keep_key
from tests.vectors.inputs import drawn

CASE, OTHER = drawn("a complaint", 16).hex(), drawn("another complaint", 16).hex()
KEY, SECRET = drawn("a ledger key"), drawn("an installation's secret")


@pytest.fixture(autouse=True)
def kept(app: Flask) -> None:
    """Keep K of one case."""
    with transaction() as session:
        keep_key(session, CASE, KEY, SECRET)


def test_an_entry_is_computed_from_the_key_that_was_kept() -> None:
    with transaction() as session:
        assert entry_for(session, CASE, 3, "body\n", SECRET) == entry_of(KEY, 3, "body\n")


def test_the_key_is_not_in_the_database() -> None:
    with transaction() as session:
        assert KEY not in session.scalars(select(LedgerKey.box)).one()


def test_without_the_secret_the_key_does_not_open() -> None:
    with transaction() as session, pytest.raises(Unreadable):
        entry_for(session, CASE, 3, "body\n", drawn("another secret"))


def test_a_key_moved_to_another_case_does_not_open() -> None:
    with transaction() as session:
        box = session.scalars(select(LedgerKey.box)).one()
        session.add(LedgerKey(complaint_id=OTHER, box=box))
        with pytest.raises(Unreadable):
            entry_for(session, OTHER, 3, "body\n", SECRET)


def test_an_erased_case_has_no_entries_any_more() -> None:
    with transaction() as session:
        session.delete(session.get(LedgerKey, CASE))
    with transaction() as session, pytest.raises(NoLedgerKey):
        entry_for(session, CASE, 3, "body\n", SECRET)
