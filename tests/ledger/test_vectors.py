"""The vectors of events, entries and the log, which the browser runs too."""

from typing import Any

import pytest

from kernel.vault import Malformed, signed_by
from ledger import verify
from ledger.body import read_event, write_event
from ledger.checkpoints import open_checkpoint
from ledger.entries import commitment, entry_of, tag
from ledger.notes import Verifier
from ledger.policies import Policy
from ledger.promises import read_promise
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


@vectors("vkeys")
def test_a_vkey_is_read_or_refused(vector: Vector) -> None:
    if vector["key"] is None:
        with pytest.raises(Malformed):
            Verifier.read(vector["vkey"])
    else:
        found = Verifier.read(vector["vkey"])
        shown = {"name": found.name, "kind": found.kind.hex(), "public": found.public.hex(), "id": found.key_id.hex()}
        assert (shown, found.vkey) == (vector["key"], vector["vkey"])


@vectors("notes")
def test_a_checkpoint_is_opened_or_refused(vector: Vector) -> None:
    log = Verifier.read(vector["vkey"])
    if vector["checkpoint"] is None:
        with pytest.raises(Malformed):
            open_checkpoint(vector["note"], log)
    else:
        found = open_checkpoint(vector["note"], log)
        shown = {"size": str(found.size), "root": found.root.hex(), "extensions": list(found.extensions)}
        assert shown == vector["checkpoint"]


@vectors("policies")
def test_a_policy_is_read_or_refused(vector: Vector) -> None:
    if vector["policy"] is None:
        with pytest.raises(Malformed):
            Policy.read(vector["text"])
    else:
        found = Policy.read(vector["text"])
        shown = {"needed": found.needed, "witnesses": [each.name for each in found.witnesses]}
        assert (shown, found.text) == (vector["policy"], vector["text"])


@vectors("proofs")
def test_the_strangers_file_takes_the_same_proofs(vector: Vector) -> None:
    """It names no parts; what our policies may not say it may understand."""

    def proved() -> dict[str, Any]:
        policy = verify.read_policy(vector["policy"])
        policy.logs = [verify.read_key(vector["vkey"], verify.LOG)]
        index, log = verify.check_proof(vector["proof"], bytes.fromhex(vector["entry"]), policy, "it")
        return {"index": str(index), "size": str(log.size), "seen": {name: str(at) for name, at in log.seen.items()}}

    if vector["part"]:
        with pytest.raises((verify.Wrong, verify.Unchecked)):
            proved()
    else:
        assert proved() == vector["found"]


@vectors("promises")
def test_a_promise_is_read_or_refused(vector: Vector) -> None:
    if vector["promise"] is None:
        with pytest.raises(Malformed):
            read_promise(vector["body"])
    else:
        found = read_promise(vector["body"])
        assert {"entry": found.entry.hex(), "until": found.until.isoformat()} == vector["promise"]
