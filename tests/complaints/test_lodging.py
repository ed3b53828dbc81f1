"""Lodging: the same envelope gives the same receipt, and what does not agree with itself is refused whole."""

import base64
import json
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from complaints.models import Complaint, Message, PublishedStatus
from kernel.database import db
from kernel.directory.models import SealedKey
from kernel.vault import SigningKey, bodies, keys_of
from ledger.entries import entry_of
from ledger.models import LedgerKey
from tests import client
from tests.client import Json
from tests.places import EVERYWHERE
from tests.province import Province


def sealed(province: Province, **answers: str) -> tuple[Json, Any]:
    """Return an envelope and its phrase's keys, without the price of stretching."""
    keys = keys_of(secrets.token_bytes(32))
    known = province.installation()
    return client.envelope(province.answers | answers, keys, known, province.visitor().ask), keys


def post(province: Province, envelope: Any) -> tuple[int, Json]:
    content = json.dumps(envelope)
    answer = province.visitor().post("/api/v1/complaints", data=content, content_type="application/json")
    return answer.status_code, answer.get_json()


def counts(province: Province) -> dict[str, int | None]:
    with province.app.app_context():
        models = (Complaint, Message, PublishedStatus, SealedKey, LedgerKey)
        found = {model.__tablename__: db.session.scalar(select(func.count()).select_from(model)) for model in models}
        db.session.remove()
    return found


def resigned(envelope: Json, keys: Any, change: Callable[[str], str]) -> Json:
    """Return the envelope with its body changed and rightly signed again."""
    unsigned = envelope["body"].rsplit("signature ", 1)[0]
    return envelope | {"body": bodies.sign(change(unsigned), keys.sign)}


def test_the_receipt_is_the_ledger_entry_of_what_was_posted(province: Province) -> None:
    envelope, keys = sealed(province)
    status, receipt = post(province, envelope)
    assert status == 201
    assert receipt["entry"] == entry_of(keys.ledger_key, 1, envelope["body"]).hex()


def test_the_reporter_reads_back_what_he_sealed(province: Province) -> None:
    envelope, keys = sealed(province, text="Kata yang hanya dibaca pelapor dan petugas.")
    post(province, envelope)
    account = client.visit(keys, province.visitor().ask).account()
    assert account["text"] == "Kata yang hanya dibaca pelapor dan petugas."
    assert account["ledger_key"] == keys.ledger_key.hex()


def test_posted_again_it_gives_the_same_receipt_and_lodges_nothing_twice(province: Province) -> None:
    envelope, _keys = sealed(province)
    first = post(province, envelope)
    before = counts(province)
    assert post(province, envelope) == first
    assert counts(province) == before


def test_posted_eight_times_at_once_it_is_lodged_once(province: Province) -> None:
    envelope, _keys = sealed(province)
    before = counts(province)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _turn: post(province, envelope), range(8)))
    assert {status for status, _answer in answers} == {201}
    assert len({answer["entry"] for _status, answer in answers}) == 1
    assert counts(province)["complaints"] == (before["complaints"] or 0) + 1


def test_another_envelope_with_the_same_id_is_refused(province: Province) -> None:
    envelope, keys = sealed(province)
    post(province, envelope)
    other = resigned(envelope, keys, lambda body: body) | {"lookup": secrets.token_hex(32)}
    assert post(province, other)[0] == 409


def test_nobody_lodges_under_the_ledger_key_of_another_complaint(province: Province) -> None:
    """Two entries with one tag would be taken for two histories of one event, by everybody who checks the log."""
    shared = keys_of(secrets.token_bytes(32)).ledger_key
    answers = []
    for _turn in range(2):
        keys = replace(keys_of(secrets.token_bytes(32)), ledger_key=shared)
        envelope = client.envelope(province.answers, keys, province.installation(), province.visitor().ask)
        before = counts(province)
        answers.append(post(province, envelope)[0])
    assert answers == [201, 409] and counts(province) == before


BROKEN: dict[str, Callable[[Json], Any]] = {
    "no object": lambda envelope: [envelope],
    "nothing": lambda envelope: None,
    "a member missing": lambda envelope: {name: value for name, value in envelope.items() if name != "kem"},
    "plain fields beside the seals": lambda envelope: envelope | {"text": "Saya diminta uang"},
    "a body that is no text": lambda envelope: envelope | {"body": 7},
    "a body that is not ASCII": lambda envelope: envelope | {"body": envelope["body"] + "é"},
    "a body with a line too many": lambda envelope: envelope | {"body": envelope["body"] + "more x\n"},
    "a lookup hash too short": lambda envelope: envelope | {"lookup": envelope["lookup"][:-2]},
    "a lookup hash in capitals": lambda envelope: envelope | {"lookup": envelope["lookup"].upper()[:-1] + "A"},
    "a ledger key that is no hex": lambda envelope: envelope | {"ledger_key": "zz" * 32},
    "a key that is no base64": lambda envelope: envelope | {"kem": "%%%"},
    "a key that is a number": lambda envelope: envelope | {"kem": 3},
    "an account cut short": lambda envelope: envelope | {"account": envelope["account"][:400]},
    "an account of another size": lambda envelope: envelope | {"account": base64.b64encode(bytes(5000)).decode()},
    "a changed account": lambda envelope: envelope | {"account": base64.b64encode(bytes(4096 + 29)).decode()},
    "no sealed key": lambda envelope: envelope | {"keys": []},
    "three sealed keys": lambda envelope: envelope | {"keys": envelope["keys"] + envelope["keys"][:1]},
    "sealed keys that changed places": lambda envelope: envelope | {"keys": envelope["keys"][::-1]},
    "keys that are no list": lambda envelope: envelope | {"keys": {"reporter": "x"}},
    "a sealed key with an extra member": lambda e: e | {"keys": [e["keys"][0] | {"x": 1}, e["keys"][1]]},
    "a sealed key cut short": lambda e: e | {"keys": [e["keys"][0] | {"sealed": "AQ=="}, e["keys"][1]]},
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_malformed_envelope_is_refused_with_a_sentence_and_nothing_is_written(province: Province, name: str) -> None:
    envelope, _keys = sealed(province)
    before = counts(province)
    status, answer = post(province, BROKEN[name](envelope))
    assert (status, bool(answer["error"])) == (400, True)
    assert counts(province) == before


REFUSED: dict[str, tuple[int, Callable[[str], str]]] = {
    "another desk than the route's": (409, lambda body: body.replace("desk=33.08", "desk=33.74")),
    "a region that is not": (400, lambda body: body.replace("region=33.08", "region=99.99")),
    "a sector that is not": (400, lambda body: body.replace("sector=desa", "sector=sihir")),
    "a level that is not": (400, lambda body: body.replace("level=desa", "level=langit")),
    "an excluded desk that is not": (400, lambda body: body.replace("excluded=none", "excluded=99")),
    "a route past a desk that was not excluded": (409, lambda body: body.replace("level=desa", "level=provinsi")),
    "a threat neither yes nor no": (400, lambda body: body.replace("threatened=no", "threatened=maybe")),
    "a clear value too many": (400, lambda body: body.replace("threatened=no", "threatened=no,zeal=yes")),
    "another action": (400, lambda body: body.replace("action lodge", "action answer")),
    "an old day": (409, lambda body: body.replace("date 2", "date 1")),
    "another state": (400, lambda body: body.replace("to RECEIVED", "to CLOSED")),
    "an object left out": (400, lambda body: body.replace("objects account/", "objects note/")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_rightly_signed_envelope_that_does_not_agree_is_refused_whole(province: Province, name: str) -> None:
    envelope, keys = sealed(province)
    expected, change = REFUSED[name]
    changed = resigned(envelope, keys, change)
    assert changed["body"] != envelope["body"], "the change changed nothing"
    before = counts(province)
    status, answer = post(province, changed)
    assert (status, bool(answer["error"])) == (expected, True)
    assert counts(province) == before


def test_an_envelope_signed_by_another_key_is_refused(province: Province) -> None:
    envelope, _keys = sealed(province)
    unsigned = envelope["body"].rsplit("signature ", 1)[0]
    forged = envelope | {"body": bodies.sign(unsigned, SigningKey.from_seed(secrets.token_bytes(32)))}
    assert post(province, forged)[0] == 422


def test_a_key_other_than_the_signed_one_is_refused(province: Province) -> None:
    envelope, _keys = sealed(province)
    other, _other_keys = sealed(province)
    assert post(province, envelope | {"kem": other["kem"]})[0] == 400


@pytest.mark.parametrize("province", EVERYWHERE, indirect=True)
def test_a_complaint_about_the_head_of_a_region_goes_past_its_inspectorate(province: Province) -> None:
    envelope, keys = sealed(province, level="pimpinan_kabkota")
    assert post(province, envelope)[0] == 201
    assert [copy["recipient"] for copy in envelope["keys"]] == ["reporter", f"desk:{province.place.top}:1"]


@pytest.mark.parametrize("province", EVERYWHERE, indirect=True)
def test_an_excluded_desk_is_passed_over(province: Province) -> None:
    keys = keys_of(secrets.token_bytes(32))
    visitor = province.visitor()
    desk, top = province.place.desk, province.place.top
    envelope = client.envelope(province.answers, keys, province.installation(), visitor.ask, frozenset({desk}))
    assert post(province, envelope)[0] == 201
    assert f"clear desk={top},excluded={desk}," in envelope["body"]
