"""The history that a reporter is told: all of it, checked by what he holds himself, and told to nobody else."""

import hashlib
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kernel.directory.directory import Directory
from kernel.vault import bodies
from ledger.body import read_event
from ledger.entries import entry_of
from ledger.promises import is_binding, read_promise
from ledger.publishing import tend
from ledger.verify import LOG, Policy, check_proof, read_key
from tests import client
from tests.casework.test_acts import closed, taken
from tests.client import Json
from tests.complaints.test_api import WRONG_TOKENS, check, post, said
from tests.officer import Text, act
from tests.province import ANSWERS, Province
from tests.remains import row_counts

HISTORY = "/api/v1/threads/history"


def told(province: Province, phrase: str) -> Json:
    """Return a case's history as its reporter is told it."""
    token = {"token": province.keys(phrase).lookup_token.hex()}
    status, answer = post(province, HISTORY, token)
    check(HISTORY, "post", token, status, answer)
    return answer


def test_a_case_is_told_whole_and_each_of_its_events_is_the_one_that_the_phrase_expects(province: Province) -> None:
    phrase, complaint, number = closed(province)
    keys, answer = province.keys(phrase), told(province, phrase)
    events = [read_event(event["body"]) for event in answer["events"]]
    assert [event.action for event in events] == ["lodge", "open", "investigate", "finding", "propose", "close"]
    assert {event.case for event in events} == {complaint}
    entries = [entry_of(keys.ledger_key, seq, event["body"]).hex() for seq, event in enumerate(answer["events"], 1)]
    assert entries == [event["entry"] for event in answer["events"]]
    known = [event["body"] for event in province.opened(number, "lead").told["events"]]
    assert [event["body"] for event in answer["events"]] == known
    assert {event[name] for event in answer["events"] for name in ("index", "proof")} == {None}


def test_once_the_log_is_published_each_event_comes_with_its_proof(province: Province) -> None:
    phrase, _complaint, number = taken(province)
    with province.app.app_context():
        tend()
    act(province.opened(number, "lead"), "note", "TRIAGE", [Text("note", "Belum diterbitkan.")])
    answer = told(province, phrase)
    policy = Policy([read_key(answer["log"]["vkey"], LOG)], quorum="none")
    *published, waiting = answer["events"]
    for event in published:
        index, stated = check_proof(event["proof"], bytes.fromhex(event["entry"]), policy, "the proof")
        assert (index, stated.size % 64) == (event["index"], 0)
    assert (waiting["index"], waiting["proof"]) == (None, None)


def test_each_of_the_reporters_own_events_is_promised_as_it_was_when_it_happened(province: Province) -> None:
    visitor, known = province.visitor(), province.installation()
    phrase, receipt = client.lodge(ANSWERS, known, visitor.ask)
    written = client.act(client.visit(province.keys(phrase), visitor.ask), "message", "Masih terjadi.", visitor.ask)
    number = province.number_of(client.visit(province.keys(phrase), visitor.ask).thread["complaint"])
    act(province.opened(number, "lead"), "open", "TRIAGE", [Text("declaration", "Tidak ada.")])
    lodged, message, opened = told(province, phrase)["events"]
    assert (lodged["promise"], message["promise"], opened["promise"]) == (receipt["promise"], written["promise"], None)
    for event in (lodged, message):
        promise = read_promise(event["promise"])
        assert is_binding(event["promise"], known.directory) and promise.entry.hex() == event["entry"]
        assert promise.until == read_event(event["body"]).day + timedelta(days=2)


def test_where_nobody_vouches_for_the_key_nothing_is_promised(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = province.app.extensions["kentongan.settings"]
    phrase, _complaint = province.lodge()
    # As after somebody has put another secret in the place of the founded one.
    swapped = replace(settings, secret=secrets.token_bytes(32))
    monkeypatch.setitem(province.app.extensions, "kentongan.settings", swapped)
    assert [event["promise"] for event in told(province, phrase)["events"]] == [None]


def test_every_officers_signature_is_checked_by_the_statements_that_come_with_it(province: Province) -> None:
    answer = told(province, closed(province)[0])
    directory = Directory(province.root, answer["statements"])
    for logged in answer["events"][1:]:
        officer = read_event(logged["body"]).actor.partition(":")[2]
        assert any(bodies.signed_by(logged["body"], key) for key in directory.signing_keys(officer))


def test_of_a_case_nobody_has_opened_the_lodging_is_told(province: Province) -> None:
    answer = told(province, province.lodge()[0])
    assert [read_event(event["body"]).action for event in answer["events"]] == ["lodge"]


def test_what_an_officer_has_just_done_is_told(province: Province) -> None:
    phrase, _complaint, number = taken(province)
    before = told(province, phrase)
    act(province.opened(number, "lead"), "note", "TRIAGE", [Text("note", "Besok.")])
    after = told(province, phrase)
    assert after["events"][:-1] == before["events"]
    assert read_event(after["events"][-1]["body"]).action == "note"


def test_the_log_is_named_as_it_names_itself(province: Province) -> None:
    visitor = province.visitor()
    said_by_it = {"vkey": visitor.get("/log/vkey").text.strip(), "policy": visitor.get("/log/policy").text}
    assert told(province, province.lodge()[0])["log"] == said_by_it


def test_being_asked_for_a_history_writes_nothing(province: Province) -> None:
    phrase, _complaint = province.lodge()
    before = row_counts(province.app)
    told(province, phrase)
    assert row_counts(province.app) == before


@pytest.mark.parametrize("token", WRONG_TOKENS)
def test_what_is_no_token_is_refused(province: Province, token: Any) -> None:
    assert said(post(province, HISTORY, {"token": token})) == 400


@pytest.mark.parametrize("posted", [None, [], {}, {"token": "00" * 32, "more": 1}])
def test_what_is_no_question_is_refused(province: Province, posted: Any) -> None:
    assert said(post(province, HISTORY, posted)) == 400


def test_who_has_not_the_phrase_is_told_nothing(province: Province) -> None:
    phrase, complaint = province.lodge()
    kept = hashlib.sha256(province.keys(phrase).lookup_token).hexdigest()
    for token in (secrets.token_hex(32), kept, complaint * 2):
        assert said(post(province, HISTORY, {"token": token})) == 404
