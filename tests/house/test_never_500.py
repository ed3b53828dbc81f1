"""Whatever is sent anywhere is answered with a sentence and the right status: never a failure of ours, and whoever is
refused has changed nothing."""

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from kernel.vault import bodies
from tests.house.people import EVERYBODY, Town
from tests.house.posts import LINES_OF_INTEREST, Post, anything, right_posts, wrong_in_one_line, wrong_in_one_place
from tests.house.test_routes import DOORS, FORMS
from tests.province import ANSWERS, HOST, Visitor
from tests.remains import row_counts

often = settings(
    max_examples=15, deadline=None, derandomize="CI" in os.environ, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
# What an attempt in vain may write: that it was made, and what others left lying.
MAY_CHANGE = {"login_delays", "officer_sessions", "visits"}
TAKE_JSON = sorted(rule for method, rule in DOORS if method == "POST" and rule not in FORMS)
TAKE_FORMS = sorted(FORMS)
CARRY_BODIES = ("/complaints", "/acts", "/tindakan", "/sahkan", "/kunci-meja")
# These end the login they are asked with.
ENDING = {"/keluar", "/petugas/keluar", "/petugas/keluar-semua", "/petugas/kunci/tutup"}
TYPES = [
    "application/json", "application/json; charset=utf-16", "application/x-www-form-urlencoded", "text/plain", "",
    "multipart/form-data", "multipart/form-data; boundary=x", "application/xml", "a/b/c", ";", "application/json;;=",
]  # fmt: skip
DEEP = [b"[" * 100_000, b'{"a":' * 50_000, b"9" * 5000]
RIGHT_FORMS: dict[str, dict[str, Any]] = {
    "/lapor": {**ANSWERS, "nonce": "ab" * 16, "threatened": "ya", "avoid": ["region"]},
    "/lacak": {"phrase": "satu dua tiga empat lima enam tujuh delapan", "account": "1"},
    "/lacak/kirim": {"text": "Halo."},
    "/lacak/keberatan": {"keberatan-text": "Halo."},
    "/lacak/cabut": {"cabut-text": "Halo."},
    "/petugas/akun": {"name": "orang.baru", "full_name": "Orang Baru", "role": "reviewer", "desk": "33.08"},
}
# Values of headers, and of cookies, as a client can send them: bytes, no line ends.
sent = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)
headers = st.dictionaries(
    st.sampled_from(
        ["Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Content-Encoding", "Cookie", "Host",
         "If-Modified-Since", "If-None-Match", "Range", "Referer", "Sec-Fetch-Mode", "X-Forwarded-For",
         "X-Forwarded-Proto"]
    ),
    sent, max_size=3,
)  # fmt: skip


def fits(people: Town, answer: TestResponse, before: dict[str, int], path: str) -> None:
    """See that an answer is none of a failure, and that a refusal has changed nothing."""
    assert answer.status_code < 500, (path, answer.status_code)
    assert "valid choice" not in answer.text, "WTForms' own English"
    if answer.status_code >= 400:
        after = row_counts(people.province.app)
        assert {name: after[name] for name in after if name not in MAY_CHANGE} == {
            name: before[name] for name in before if name not in MAY_CHANGE
        }
        if path.startswith("/api/"):
            assert isinstance(answer.json["error"], str) and answer.json.keys() == {"error"}


class Sender:
    """Sends to one rule, logged in as whom it lets in, and logs in again where the rule logs out."""

    def __init__(self, people: Town, rule: str) -> None:
        self.people, self.rule = people, rule
        self.path = people.address(rule)
        self.who = "reporter" if rule.startswith("/lacak") else "admin" if "akun" in rule else "lead"
        self.browser = people.browser(self.who)
        self.counts: dict[str, int] = {}

    def send(self, **how: Any) -> None:
        """Post, and judge the answer."""
        browser = self.people.browser(self.who) if self.rule in ENDING else self.browser
        before = self.counts or row_counts(self.people.province.app)
        more = {"Sec-Fetch-Site": "same-origin"} | how.pop("headers", {})
        answer = browser.client.post(self.path, base_url=HOST, headers=more, **how)
        fits(self.people, answer, before, self.path)
        # Refused: nothing has changed. Else it is counted anew.
        self.counts = before if answer.status_code >= 400 else {}

    def send_json(self, value: Any) -> None:
        """Post a JSON value, as Python writes it: NaN and halves of pairs included."""
        self.send(data=json.dumps(value), content_type="application/json")


@pytest.fixture
def sender(people: Town, request: pytest.FixtureRequest) -> Sender:
    """The sender of the test's rule."""
    return Sender(people, request.getfixturevalue("rule"))


@pytest.fixture
def right(people: Town, rule: str) -> Post:
    """What is rightly posted to the test's rule."""
    return right_posts(people)[rule]()


shared = settings(often, suppress_health_check=[*often.suppress_health_check, HealthCheck.function_scoped_fixture])


def test_a_right_post_is_known_for_every_address_that_takes_json(people: Town) -> None:
    assert right_posts(people).keys() == set(TAKE_JSON)
    assert set(RIGHT_FORMS) <= set(TAKE_FORMS)


@pytest.mark.parametrize("rule", TAKE_JSON)
@shared
@given(data=st.data())
def test_json_that_is_wrong_in_one_place(sender: Sender, right: Post, rule: str, data: st.DataObject) -> None:
    sender.send_json(data.draw(wrong_in_one_place(right.posted)))


@pytest.mark.parametrize("rule", [rule for rule in TAKE_JSON if rule.endswith(CARRY_BODIES)])
@settings(shared, max_examples=60)
@given(data=st.data())
def test_a_body_that_is_wrong_in_one_line_and_rightly_signed(
    people: Town, sender: Sender, right: Post, rule: str, data: st.DataObject
) -> None:
    known = [*people.officers.values(), *(f"officer:{each}" for each in people.officers.values())]
    sender.send_json(data.draw(wrong_in_one_line(right, known)))


@pytest.mark.parametrize("rule", TAKE_JSON)
@shared
@given(value=anything)
def test_json_of_anything(sender: Sender, rule: str, value: Any) -> None:
    sender.send_json(value)


@pytest.mark.parametrize("rule", sorted({*TAKE_JSON, *TAKE_FORMS}))
@shared
@given(content=st.binary(max_size=200) | st.sampled_from(DEEP), kind=st.sampled_from(TYPES), more=headers)
def test_bytes_of_any_type(sender: Sender, rule: str, content: bytes, kind: str, more: dict[str, str]) -> None:
    sender.send(data=content, content_type=kind, headers=more)


@pytest.mark.parametrize("rule", TAKE_FORMS)
@shared
@given(data=st.data())
def test_forms_that_are_wrong_in_one_field(sender: Sender, rule: str, data: st.DataObject) -> None:
    right = RIGHT_FORMS.get(rule, {})
    typed = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(LINES_OF_INTEREST)
    name = data.draw(st.sampled_from([*right, "token", "body"]) | st.text("abc-_", max_size=8))
    values = data.draw(st.lists(typed, max_size=3))
    sender.send(data=MultiDict(right | {name: values}))


@pytest.mark.parametrize("rule", TAKE_FORMS)
@shared
@given(data=st.data())
def test_forms_of_bytes(sender: Sender, rule: str, data: st.DataObject) -> None:
    names = [f"{name}=".encode() for name in RIGHT_FORMS.get(rule, {"text": ""})]
    content = data.draw(st.sampled_from([b"", b"%", b"&&==", *names])) + data.draw(st.binary(max_size=120))
    sender.send(data=content, content_type="application/x-www-form-urlencoded")


@settings(often, max_examples=80)
@given(
    who=st.sampled_from(EVERYBODY),
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "x"]),
    rule=st.sampled_from(sorted({rule for _method, rule in DOORS})),
    value=st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(LINES_OF_INTEREST),
    query=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60),
    more=headers,
)
def test_any_method_at_any_address_with_any_headers(
    people: Town, who: str, method: str, rule: str, value: str, query: str, more: dict[str, str]
) -> None:
    address = rule
    for variable in ("<number>", "<desk>", "<officer_id>"):
        address = address.replace(variable, value)
    fit_alone(people, people.browser(who), method, address, query_string=query, headers=more)


QUERIES = ["meja", "tahap", "milik-saya", "mendesak", "terlambat", "setelah", "tindakan", "petugas", "perkara", "ke"]
VALUES = [
    "ya", "33.08", "TRIAGE", "CLOSED", "NEW", "propose", "assign", "0001-01-01~" + "0" * 32, "9999-99-99~" + "f" * 32,
    "9999-12-31~" + "f" * 32, "\0",
]  # fmt: skip


@settings(often, max_examples=80)
@given(
    who=st.sampled_from(["lead", "overseer", "investigator", "admin"]),
    rule=st.sampled_from(sorted(rule for method, rule in DOORS if method == "GET")),
    asked=st.dictionaries(st.sampled_from(QUERIES), st.sampled_from(VALUES) | st.text(max_size=20)),
)
def test_any_question_to_a_page(people: Town, who: str, rule: str, asked: dict[str, str]) -> None:
    fit_alone(people, people.browser(who), "GET", people.address(rule), query_string=asked)


@pytest.mark.parametrize(
    ("who", "rule"),
    [("lead", "/petugas/"), ("lead", "/petugas/perkara/<number>/keadaan"), ("overseer", "/petugas/pembacaan")],
)
def test_every_odd_question_to_the_pages_that_take_any(people: Town, who: str, rule: str) -> None:
    browser = people.browser(who)
    for name in QUERIES:
        for value in VALUES:
            answer = browser.get(people.address(rule), query_string={name: value})
            assert answer.status_code in {200, 400, 404}, (name, value)


def test_a_lead_who_vouches_for_somebody_without_keys_is_refused(people: Town) -> None:
    post = right_posts(people)["/petugas/orang/sahkan"]()
    assert post.signer is not None
    for subject in (people.officers["overseer"], people.officers["admin"], people.invited):
        body = post.posted["body"].replace(people.officers["unvouched"], subject).rsplit("signature ", 1)[0]
        sender = Sender(people, "/petugas/orang/sahkan")
        sender.send_json({"body": bodies.sign(body, post.signer), "copies": []})


def fit_alone(people: Town, browser: Visitor, method: str, path: str, **how: Any) -> None:
    before = row_counts(people.province.app)
    more = {"Sec-Fetch-Site": "same-origin"} | how.pop("headers", {})
    answer = browser.client.open(path, method=method, base_url=HOST, headers=more, **how)
    if method != "HEAD":
        fits(people, answer, before, path)
