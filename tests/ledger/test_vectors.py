"""The vectors of events and entries, which the browser runs too."""

from typing import Any

import pytest

from kernel.vault import Malformed, signed_by
from ledger.body import read_event, write_event
from ledger.entries import commitment, entry_of, tag
from tests.vectors.reading import vectors

Vector = dict[str, Any]


@vectors("events")
def test_an_event_is_read_or_refused(vector: Vector) -> None:
    assert signed_by(vector["body"], bytes.fromhex(vector["public"])) is vector["signed"]
    if vector["event"] is None:
        with pytest.raises(Malformed):
            read_event(vector["body"])
    else:
        found = read_event(vector["body"])
        shown = vars(found) | {
            "seq": str(found.seq),
            "day": found.day.isoformat(),
            "previous": found.previous and found.previous.hex(),
            "access": found.access and found.access.hex(),
            "objects": [vars(ref) for ref in found.objects],
        }
        assert shown == vector["event"]
        assert vector["body"].startswith(write_event(found))


@vectors("entries")
def test_an_entry(vector: Vector) -> None:
    key, seq, body = bytes.fromhex(vector["ledger_key"]), int(vector["seq"]), vector["body"]
    assert tag(key, seq).hex() == vector["tag"]
    assert commitment(key, seq, body).hex() == vector["commitment"]
    assert entry_of(key, seq, body).hex() == vector["entry"]
