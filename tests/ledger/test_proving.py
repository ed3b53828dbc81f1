"""Of what is published there are proofs that a stranger's program accepts; of what is not, there is nothing."""

from collections.abc import Iterable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from kernel.database import db
from ledger import verify
from ledger.integrating import integrate
from ledger.proving import Proof, newest_checkpoint, places_of, proofs_of
from tests.ledger.owners import as_owner, unguarded
from tests.ledger.test_integrating import await_entries, leaves, some
from tests.ledger.test_publishing import log_here, publish_more
from tests.province import Province


def proved(entries: Iterable[bytes]) -> dict[bytes, Proof]:
    """Return the proofs there are; each must tell the place that is told without a proof."""
    with Session(db.engine) as session:
        proofs = proofs_of(session, list(entries))
        assert places_of(session, list(proofs)) == {entry: proof.index for entry, proof in proofs.items()}
    return proofs


def test_a_strangers_program_accepts_the_proof_of_each_entry_and_of_no_other(province: Province) -> None:
    size = publish_more(300)
    entries = leaves()
    trusted = verify.read_policy(f"log {log_here(province).verifier.vkey}\nquorum none\n")
    proofs = proved(entries)
    assert set(proofs) == set(entries) and size > 256
    for index, entry in enumerate(entries):
        shown, log = verify.check_proof(proofs[entry].text, entry, trusted, "it")
        assert (shown, proofs[entry].index, log.size) == (index, index, size)
        with pytest.raises(verify.Wrong):
            verify.check_proof(proofs[entry].text, entries[index - 1], trusted, "it")


def test_of_what_is_integrated_and_not_yet_published_nothing_is_told(province: Province) -> None:
    new = some(3)
    await_entries(*new)
    assert not proved(new)
    integrate()
    assert set(new) < set(leaves()) and not proved(new)
    publish_more(0)
    assert set(proved(new)) == set(new)


def test_of_what_somebody_has_taken_the_tile_away_there_is_no_proof(province: Province) -> None:
    """Else a server that fails would hide from the reporter that his proof is gone."""
    publish_more(300)
    entries = leaves()
    as_owner(*unguarded("DELETE FROM log_tile "), "DELETE FROM log_tile WHERE level = 0 AND number = 1")
    with Session(db.engine) as session:
        assert set(proofs_of(session, entries)).isdisjoint(entries[256:])


def test_before_the_first_checkpoint_nothing_is_told_either(app: Flask) -> None:
    new = some(1)
    await_entries(*new)
    integrate()
    assert not proved(new)
    with Session(db.engine) as session:
        assert not places_of(session, new) and newest_checkpoint(session) is None
