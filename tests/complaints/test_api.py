"""The machine interface: what it answers, what it refuses, and that its description is true of both."""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from werkzeug.test import TestResponse

from complaints.openapi import description
from kernel.vault import Recipient, SigningKey, bodies, box, context, keys_of, pad
from kernel.web import LARGEST_REQUEST
from ledger.body import Event, ObjectRef, write_event
from ledger.entries import entry_of
from ledger.promises import read_promise
from tests import client
from tests.casework.test_acts import closed, investigated, taken
from tests.client import Json, Visit, base64_of
from tests.officer import Text, act
from tests.province import ANSWERS, Province
from tests.remains import change, row_counts

OPEN, ACTS, LODGE = "/api/v1/threads/open", "/api/v1/threads/acts", "/api/v1/complaints"


def post(province: Province, path: str, posted: Any) -> tuple[int, Json]:
    answer = province.visitor().post(path, data=json.dumps(posted), content_type="application/json")
    assert answer.mimetype == "application/json", answer.text
    return answer.status_code, answer.get_json()


def seen(province: Province, phrase: str) -> Visit:
    return client.visit(province.keys(phrase), province.visitor().ask)


def said(posted: tuple[int, Json]) -> int:
    """Return the status of a refusal, which is nothing but a sentence."""
    status, answer = posted
    assert answer.keys() == {"error"}, answer
    assert isinstance(answer["error"], str) and answer["error"].endswith((".", "?"))
    return status


# A strict reader of the few words of JSON Schema that the description uses


def strays(schema: Json, value: Any, where: str = "$") -> list[str]:
    """Return where ``value`` is not as ``schema`` says; raises ``KeyError`` on a word of schemas it does not know."""
    wrong = RULES["type"](schema["type"], value, where, schema) if "type" in schema else []
    # What is of another type is not looked at any further.
    return wrong or [line for word, rule in schema.items() for line in RULES[word](rule, value, where, schema)]


def _type(rule: str, value: Any, where: str, _schema: Json) -> list[str]:
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
    fits = isinstance(value, kinds[rule]) and (rule == "boolean") == isinstance(value, bool)
    return [] if fits else [f"{where} is no {rule}"]


def _properties(rule: Json, value: Any, where: str, _schema: Json) -> list[str]:
    return [line for name in rule.keys() & value.keys() for line in strays(rule[name], value[name], f"{where}.{name}")]


def _required(rule: list[str], value: Any, where: str, _schema: Json) -> list[str]:
    return [f"{where}.{name} is missing" for name in rule if name not in value]


def _additional(rule: Any, value: Any, where: str, schema: Json) -> list[str]:
    more = value.keys() - schema.get("properties", {}).keys()
    if rule is False:
        return [f"{where}.{name} is not described" for name in more]
    return [line for name in more for line in strays(rule, value[name], f"{where}.{name}")]


def _items(rule: Json, value: Any, where: str, _schema: Json) -> list[str]:
    return [line for at, entry in enumerate(value) for line in strays(rule, entry, f"{where}[{at}]")]


def _any_of(rule: list[Json], value: Any, where: str, _schema: Json) -> list[str]:
    return [] if any(not strays(each, value) for each in rule) else [f"{where} is none of them"]


def _format(rule: str, value: Any, where: str, _schema: Json) -> list[str]:
    assert rule == "date"
    return [] if date.fromisoformat(value).isoformat() == value else [f"{where} is no date"]


def _encoding(rule: str, value: Any, where: str, _schema: Json) -> list[str]:
    assert rule == "base64"
    return [] if base64.b64encode(base64.b64decode(value, validate=True)).decode() == value else [f"{where}: base64"]


RULES: dict[str, Callable[[Any, Any, str, Json], list[str]]] = {
    "type": _type,
    "properties": _properties,
    "required": _required,
    "additionalProperties": _additional,
    "items": _items,
    "anyOf": _any_of,
    "enum": lambda rule, value, where, _: [] if value in rule else [f"{where} is none of {rule}"],
    "pattern": lambda rule, value, where, _: [] if re.search(rule, value) else [f"{where} does not match"],
    "format": _format,
    "contentEncoding": _encoding,
    "maxLength": lambda rule, value, where, _: [] if len(value) <= rule else [f"{where} is too long"],
    "maxItems": lambda rule, value, where, _: [] if len(value) <= rule else [f"{where} has too many"],
    "minimum": lambda rule, value, where, _: [] if value >= rule else [f"{where} is too small"],
    "maximum": lambda rule, value, where, _: [] if value <= rule else [f"{where} is too large"],
    "description": lambda rule, value, where, _: [],
}


def operation(path: str, method: str) -> Json:
    return dict(description()["paths"][path][method])


def as_described(path: str, method: str, status: int) -> Json:
    """Return the schema of an answer: that of its very status, else of all refusals."""
    responses = operation(path, method)["responses"]
    told = responses.get(str(status)) or responses["4XX"]
    return dict(told["content"]["application/json"]["schema"])


def test_the_description_names_exactly_the_addresses_there_are(province: Province) -> None:
    described = {(path, method) for path, operations in description()["paths"].items() for method in operations}
    rules = [rule for rule in province.app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    there = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in rules
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert described == there


def test_the_description_is_served_as_it_is(province: Province) -> None:
    assert province.visitor().ask("/api/v1/openapi.json") == (200, json.loads(json.dumps(description())))


def test_every_parameter_of_an_address_is_described(province: Province) -> None:
    for path, operations in description()["paths"].items():
        named = [each["name"] for told in operations.values() for each in told.get("parameters", [])]
        assert named == re.findall(r"\{(\w+)\}", path)


def test_real_questions_and_answers_are_as_described(province: Province) -> None:
    visitor, known = province.visitor(), province.installation()
    keys = keys_of(secrets.token_bytes(32))
    envelope = client.envelope(ANSWERS, keys, known, visitor.ask)
    token = {"token": keys.lookup_token.hex()}
    exchanges = [(LODGE, "post", envelope), ("/api/v1/desks", "get", None), (OPEN, "post", token)]
    for path, method, posted in exchanges:
        check(path, method, posted, *visitor.ask(path, posted))
    status, answer = visitor.ask("/api/v1/desks/33.08/key")
    check("/api/v1/desks/{desk}/key", "get", None, status, answer)
    visit = client.visit(keys, visitor.ask)
    acting = acted(visit, "message", "Halo.")
    check(ACTS, "post", acting, *visitor.ask(ACTS, acting))
    check(OPEN, "post", token, *visitor.ask(OPEN, token))


def check(path: str, method: str, posted: Any, status: int, answer: Json) -> None:
    assert status < 400, answer
    assert strays(as_described(path, method, status), answer) == []
    if posted is not None:
        asked = operation(path, method)["requestBody"]["content"]["application/json"]["schema"]
        assert strays(asked, posted) == []


def test_a_waiting_question_is_as_described_too(province: Province) -> None:
    phrase, _complaint, number, _allegation = investigated(province)
    act(province.opened(number, "investigator"), "ask", "NEEDS_INFO", [Text("question", "Kapan?")])
    token = {"token": province.keys(phrase).lookup_token.hex()}
    status, answer = post(province, OPEN, token)
    assert answer["resumes"] == "INVESTIGATION"
    check(OPEN, "post", token, status, answer)


def test_the_reader_of_schemas_is_strict() -> None:
    receipt = as_described(LODGE, "post", 201)
    good = {"entry": "0" * 128, "day": "2026-11-24", "promise": None}
    assert strays(receipt, good) == []
    for bad in (good | {"more": 1}, {"entry": "0" * 128}, good | {"entry": "0"}, good | {"entry": 0}):
        assert strays(receipt, bad) != []
    with pytest.raises(ValueError):
        strays(receipt, good | {"day": "24-11-2026"})
    with pytest.raises(KeyError):
        strays({"oneOf": []}, good)


# Refusals


def refused(province: Province, path: str, method: str = "GET", **how: Any) -> TestResponse:
    return province.visitor().client.open(
        path, method=method, base_url="https://localhost", headers={"Sec-Fetch-Site": "same-origin"}, **how
    )


UNANSWERED = {
    "an address there is not": (404, "/api/v1/rahasia", "GET", {}),
    "the room without an address": (404, "/api/", "GET", {}),
    "a method that is not taken": (405, LODGE, "GET", {}),
    "another method that is not taken": (405, "/api/v1/desks", "DELETE", {}),
    "a form": (415, LODGE, "POST", {"data": {"body": "x"}}),
    "nothing": (415, OPEN, "POST", {}),
    "broken JSON": (400, OPEN, "POST", {"data": "{", "content_type": "application/json"}),
    "JSON of no known letters": (400, OPEN, "POST", {"data": b'"\xff"', "content_type": "application/json"}),
    "nested too deep": (400, ACTS, "POST", {"data": "[" * 200_000, "content_type": "application/json"}),
    "a number too long": (400, OPEN, "POST", {"data": "9" * 5000, "content_type": "application/json"}),
    "too much": (413, LODGE, "POST", {"data": " " * (LARGEST_REQUEST + 1), "content_type": "application/json"}),
}


@pytest.mark.parametrize("what", UNANSWERED)
def test_whatever_is_refused_is_refused_in_json_with_a_sentence(province: Province, what: str) -> None:
    status, path, method, how = UNANSWERED[what]
    answer = refused(province, path, method, **how)
    assert answer.status_code == status
    assert strays(as_described(LODGE, "post", status), answer.get_json()) == []
    assert said((status, answer.get_json())) == status


def test_a_method_that_is_not_taken_learns_which_are(province: Province) -> None:
    assert "POST" in (refused(province, LODGE).headers["Allow"] or "")


def test_a_page_of_another_site_gets_nothing_even_by_a_simple_request(province: Province) -> None:
    visitor, envelope = province.visitor(), b'{"token": "00"}'
    for site in ({"Origin": "https://example.org"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = visitor.client.post(OPEN, base_url="https://localhost", headers=site, data=envelope)
        assert said((answer.status_code, answer.get_json())) == 403


# Desks


def test_the_desks_are_listed_with_all_that_checks_them(province: Province) -> None:
    status, answer = province.visitor().ask("/api/v1/desks")
    assert status == 200 and answer["root"] == province.root.hex()
    desks = {desk["id"]: desk for desk in answer["desks"]}
    assert len(desks) == 37 and desks["33.08"]["name"] == "Inspektorat Kabupaten Magelang"
    assert {desk for desk, told in desks.items() if told["open"]} == {"33", "33.08", "33.74", "luar"}
    directory = province.installation().directory
    assert {desk.id: (desk.remit, desk.parent) for desk in directory.desks().values()} == {
        name: (told["region"], told["parent"]) for name, told in desks.items()
    }


def test_a_desks_key_is_the_one_its_statement_names(province: Province) -> None:
    status, answer = province.visitor().ask("/api/v1/desks/33.08/key")
    digest = Recipient.from_bytes(base64.b64decode(answer["kem"])).digest
    assert (status, (answer["epoch"], digest)) == (200, province.installation().directory.desk_key("33.08"))


@pytest.mark.parametrize("desk", ["33.01", "99", "33.08:1", "..", "%00", "33.08%0a", "é", "x" * 2000])
def test_a_desk_without_a_key_has_none(province: Province, desk: str) -> None:
    status, answer = province.visitor().ask(f"/api/v1/desks/{desk}/key")
    assert said((status, answer)) == 404


# Opening


def test_a_thread_holds_what_its_phrase_opens(province: Province) -> None:
    phrase, complaint = province.lodge(text="Hanya untuk pemegang frasa.")
    visit = seen(province, phrase)
    assert visit.thread["complaint"] == complaint
    assert (visit.thread["version"], visit.thread["state"], visit.thread["resumes"]) == (1, "RECEIVED", None)
    assert visit.account()["text"] == "Hanya untuk pemegang frasa."


WRONG_TOKENS = ["", "00" * 31, "00" * 33, "zz" * 32, "AB" * 32, None, 7, ["00" * 32], {"token": "00" * 32}, True]


@pytest.mark.parametrize("token", WRONG_TOKENS)
def test_what_is_no_token_is_refused(province: Province, token: Any) -> None:
    assert said(post(province, OPEN, {"token": token})) == 400


@pytest.mark.parametrize("posted", [None, [], "token", 3, {}, {"token": "00" * 32, "more": 1}])
def test_what_is_no_question_is_refused(province: Province, posted: Any) -> None:
    assert said(post(province, OPEN, posted)) == 400


def test_an_unknown_token_finds_nothing(province: Province) -> None:
    assert said(post(province, OPEN, {"token": secrets.token_hex(32)})) == 404


def test_the_hash_that_the_server_keeps_finds_nothing(province: Province) -> None:
    phrase, _complaint = province.lodge()
    kept = hashlib.sha256(province.keys(phrase).lookup_token).hexdigest()
    assert said(post(province, OPEN, {"token": kept})) == 404


# Acting


def acted(visit: Visit, action: str, text: str, /, **other: Any) -> Json:
    """Return what is posted to act on the case as it was seen; ``other`` changes its event."""
    thread, kind, text_id = visit.thread, client.KINDS[action], secrets.token_hex(16)
    where = context(kind, thread["complaint"], text_id, thread["epoch"])
    boxed = box(pad(text.encode()), visit.thread_key(thread["epoch"]), where)
    event: dict[str, Any] = {
        "case": thread["complaint"], "seq": thread["version"] + 1, "previous": bytes.fromhex(thread["head"]),
        "action": action, "from_state": thread["state"], "to_state": thread["resumes"] or thread["state"],
        "day": date.fromisoformat(thread["today"]), "actor": "reporter", "access": None, "clear": {},
        "objects": (ObjectRef(kind, text_id, hashlib.sha256(boxed).hexdigest()),),
    }  # fmt: skip
    body = bodies.sign(write_event(Event(**(event | other))), visit.keys.sign)
    posted = {"kind": kind, "id": text_id, "epoch": thread["epoch"], "box": base64_of(boxed)}
    return {"token": visit.keys.lookup_token.hex(), "body": body, "objects": [posted]}


def test_an_act_gives_its_entry_and_the_new_version(province: Province) -> None:
    visit = seen(province, province.lodge()[0])
    posted = acted(visit, "message", "Halo.")
    status, answer = post(province, ACTS, posted)
    promise = read_promise(answer.pop("promise"))
    entry = entry_of(visit.keys.ledger_key, 2, posted["body"])
    assert (status, answer, promise.entry) == (201, {"entry": entry.hex(), "version": 2}, entry)


def vain(province: Province, posted: Any) -> int:
    """Post an act that is refused; see that nothing was written, and return the status."""
    before = row_counts(province.app)
    status = said(post(province, ACTS, posted))
    assert row_counts(province.app) == before
    return status


def test_the_same_act_again_is_refused(province: Province) -> None:
    posted = acted(seen(province, province.lodge()[0]), "message", "Sekali saja.")
    assert post(province, ACTS, posted)[0] == 201
    assert vain(province, posted) == 409


def test_an_act_on_a_case_that_moved_on_is_refused(province: Province) -> None:
    phrase, complaint = province.lodge()
    old = acted(seen(province, phrase), "message", "Yang lama.")
    act(province.opened(province.number_of(complaint), "lead"), "open", "TRIAGE", [Text("declaration", "Tidak ada.")])
    assert vain(province, old) == 409


def test_an_act_that_names_another_head_is_refused(province: Province) -> None:
    visit = seen(province, province.lodge()[0])
    assert vain(province, acted(visit, "message", "Halo.", previous=secrets.token_bytes(64))) == 409
    assert vain(province, acted(visit, "message", "Halo.", seq=visit.thread["version"] + 2)) == 409


def test_an_act_signed_by_another_key_is_refused(province: Province) -> None:
    visit = seen(province, province.lodge()[0])
    posted = acted(visit, "message", "Palsu.")
    unsigned = posted["body"].rsplit("signature ", 1)[0]
    other = SigningKey.from_seed(secrets.token_bytes(32))
    assert vain(province, posted | {"body": bodies.sign(unsigned, other)}) == 422
    assert vain(province, posted | {"body": f"{unsigned}signature {'0' * 128}\n"}) == 422
    assert vain(province, posted | {"body": bodies.leave_unsigned(unsigned)}) == 400


def test_a_body_changed_after_signing_is_refused(province: Province) -> None:
    visit = seen(province, province.lodge()[0])
    posted, other = acted(visit, "message", "Halo."), acted(visit, "message", "Bukan ini.")
    boxes = [each["objects"][0] for each in (posted, other)]
    digests = [hashlib.sha256(base64.b64decode(told["box"])).hexdigest() for told in boxes]
    changed = posted["body"].replace(boxes[0]["id"], boxes[1]["id"]).replace(*digests)
    assert vain(province, {"token": posted["token"], "body": changed, "objects": other["objects"]}) == 422


def test_one_reporters_token_carries_no_act_of_anothers(province: Province) -> None:
    mine, other = seen(province, province.lodge()[0]), seen(province, province.lodge()[0])
    posted = acted(mine, "message", "Halo.")
    assert vain(province, posted | {"token": other.keys.lookup_token.hex()}) == 404
    assert vain(province, posted | {"token": secrets.token_hex(32)}) == 404


def test_ones_own_token_carries_no_act_on_anothers_case(province: Province) -> None:
    mine, other = seen(province, province.lodge()[0]), seen(province, province.lodge()[0])
    foreign = acted(mine, "message", "Halo.", case=other.thread["complaint"])
    assert vain(province, foreign) == 404
    theirs = Visit(mine.keys, other.thread | {"keys": mine.thread["keys"], "complaint": mine.thread["complaint"]})
    assert vain(province, acted(theirs, "message", "Halo.", case=other.thread["complaint"])) == 404


FORBIDDEN = {
    "an objection before the end": (taken, "object", {"to_state": "OBJECTION"}, 403),
    "an answer nobody asked for": (taken, "answer", {"to_state": "TRIAGE"}, 403),
    "a withdrawal after the end": (closed, "withdraw", {}, 403),
    "a message that moves the case": (taken, "message", {"to_state": "CLOSED"}, 422),
    "a message from another state": (taken, "message", {"from_state": "CLOSED", "to_state": "CLOSED"}, 422),
    "a clear value": (taken, "message", {"clear": {"outcome": "proven"}}, 400),
    "no text": (taken, "message", {"objects": ()}, 400),
    "a day long past": (taken, "message", {"day": date(2020, 1, 1)}, 409),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_an_act_that_does_not_fit_is_refused(province: Province, what: str) -> None:
    build, action, other, status = FORBIDDEN[what]
    visit = seen(province, build(province)[0])
    assert vain(province, acted(visit, action, "Halo.", **other)) == status


@pytest.mark.parametrize("action", ["close", "open", "note", "lodge", "escalate", "purge", "teleport"])
def test_an_act_that_is_not_the_reporters_is_refused(province: Province, action: str) -> None:
    visit = seen(province, province.lodge()[0])
    posted = acted(visit, "message", "Halo.", action=action)
    assert vain(province, posted) == 400


@pytest.mark.parametrize("actor", ["officer:" + "0" * 32, "system"])
def test_an_act_in_another_name_is_refused(province: Province, actor: str) -> None:
    visit = seen(province, province.lodge()[0])
    access = bytes(32) if actor != "system" else None
    assert vain(province, acted(visit, "message", "Halo.", actor=actor, access=access)) == 400


def altered(change: Callable[[Json], Json]) -> Callable[[Json], Json]:
    return lambda posted: posted | {"objects": [posted["objects"][0] | change(posted["objects"][0])]}


BROKEN: dict[str, tuple[int, Callable[[Json], Any]]] = {
    "another box": (400, altered(lambda _: {"box": base64_of(b"\x02" + bytes(4096 + 28))})),
    "a box of another size": (400, altered(lambda _: {"box": base64_of(bytes(100))})),
    "a box that is no base64": (400, altered(lambda _: {"box": "%%%"})),
    "another kind": (400, altered(lambda _: {"kind": "answer"})),
    "another id": (400, altered(lambda _: {"id": "0" * 32})),
    "an id that is none": (400, altered(lambda _: {"id": "0"})),
    "another epoch": (409, altered(lambda told: {"epoch": told["epoch"] + 1})),
    "no epoch": (400, altered(lambda _: {"epoch": 0})),
    "an epoch that is a word": (400, altered(lambda _: {"epoch": "1"})),
    "an epoch that is yes": (400, altered(lambda _: {"epoch": True})),
    "an epoch past all": (400, altered(lambda _: {"epoch": 2**31})),
    "an object too many": (400, lambda posted: posted | {"objects": posted["objects"] * 2}),
    "thirteen objects": (400, lambda posted: posted | {"objects": posted["objects"] * 13}),
    "no object": (400, lambda posted: posted | {"objects": []}),
    "objects that are no list": (400, lambda posted: posted | {"objects": posted["objects"][0]}),
    "a member too many": (400, lambda posted: posted | {"text": "Halo."}),
    "a member missing": (400, lambda posted: {"token": posted["token"], "body": posted["body"]}),
    "a body that is no text": (400, lambda posted: posted | {"body": 7}),
    "an empty body": (400, lambda posted: posted | {"body": ""}),
    "a body without end": (400, lambda posted: posted | {"body": posted["body"] + "x" * 9000}),
    "a body that ends differently": (400, lambda posted: posted | {"body": posted["body"].replace("\n", "\r\n")}),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_malformed_act_is_refused_whole(province: Province, what: str) -> None:
    status, change_it = BROKEN[what]
    posted = acted(seen(province, province.lodge()[0]), "message", "Halo.")
    assert vain(province, change_it(posted)) == status


def test_an_id_that_is_taken_is_refused_and_nothing_is_written(province: Province) -> None:
    first, second = seen(province, province.lodge()[0]), seen(province, province.lodge()[0])
    taken_id = acted(first, "message", "Pertama.")
    assert post(province, ACTS, taken_id)[0] == 201
    [told] = taken_id["objects"]
    where = context("message", second.thread["complaint"], told["id"], 1)
    boxed = box(pad(b"Kedua."), second.thread_key(1), where)
    ref = ObjectRef("message", told["id"], hashlib.sha256(boxed).hexdigest())
    posted = acted(second, "message", "Kedua.", objects=(ref,)) | {"objects": [told | {"box": base64_of(boxed)}]}
    assert vain(province, posted) == 409


def test_a_signing_key_that_is_no_key_is_refused(province: Province) -> None:
    keys = keys_of(secrets.token_bytes(32))
    envelope = client.envelope(ANSWERS, keys, province.installation(), province.visitor().ask)
    before = row_counts(province.app)
    for other in ("zz", keys.sign.public.hex()[:-2], keys.sign.public.hex().upper(), "0" * 62 + "zz"):
        changed = envelope["body"].replace(f"sign={keys.sign.public.hex()}", f"sign={other}")
        unsigned = changed.rsplit("signature ", 1)[0]
        assert said(post(province, LODGE, envelope | {"body": bodies.sign(unsigned, keys.sign)})) in {400, 422}
    assert row_counts(province.app) == before


def test_another_complaint_under_the_same_phrase_is_refused(province: Province) -> None:
    keys = keys_of(secrets.token_bytes(32))
    known, visitor = province.installation(), province.visitor()
    assert post(province, LODGE, client.envelope(ANSWERS, keys, known, visitor.ask))[0] == 201
    before = row_counts(province.app)
    assert said(post(province, LODGE, client.envelope(ANSWERS, keys, known, visitor.ask))) == 409
    assert row_counts(province.app) == before


def test_a_published_head_that_was_tampered_with_lets_no_act_through(province: Province) -> None:
    phrase, complaint = province.lodge()
    statement = "UPDATE published_statuses SET head = :head WHERE complaint_id = :id"
    change(province.app, statement, head=secrets.token_bytes(64), id=complaint)
    assert vain(province, acted(seen(province, phrase), "message", "Halo.")) == 409
