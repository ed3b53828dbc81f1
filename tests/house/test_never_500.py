"""Whatever is sent anywhere is answered with a sentence and the right status: never a failure of ours, and whoever is
refused has changed nothing. A short run, always the same; ``make fuzz`` is the long one, each time another."""

import json
import random
import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from casework import accounts, rules
from casework.accounts import NewAccount
from casework.terms import Role
from complaints import files
from kernel.vault import bodies
from kernel.web import OCTETS
from tests.fuzz.asking import QUERIES, SAME_ORIGIN, Address, Asked, addresses, asked_at, known_to, right_forms
from tests.fuzz.described import ask_as_described, modes, operations
from tests.fuzz.judging import Bench, Fault, ask_in_every_way, faults_in, half_written, undescribed
from tests.fuzz.run import Run
from tests.house.people import Town
from tests.house.posts import Json, right_posts, wrong_in_one_line
from tests.house.test_routes import DOORS, NAMES, ROUTES

alike = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)  # fmt: skip
CARRY_BODIES = ("/complaints", "/acts", "/tindakan", "/sahkan", "/kunci-meja")
SIGNED = sorted(rule for method, rule in DOORS if method == "POST" and rule.endswith(CARRY_BODIES))
QUESTIONS = sorted({name for pairs in QUERIES.values() for name, _value in pairs})
VALUES = [
    "ya", "33.08", "TRIAGE", "CLOSED", "NEW", "propose", "assign", "0001-01-01~" + "0" * 32, "9999-99-99~" + "f" * 32,
    "9999-12-31~" + "f" * 32, "\0",
]  # fmt: skip


@pytest.fixture
def bench(people: Town, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """What sends and judges; an error of the application comes through, so that its place is told."""
    monkeypatch.setitem(people.province.app.config, "PROPAGATE_EXCEPTIONS", True)
    return Bench(people)


def test_somebody_has_said_for_every_address_what_it_takes(people: Town) -> None:
    forms, others = right_forms(people).keys(), right_posts(people).keys()
    assert forms | others == {rule for method, rule in DOORS if method == "POST"} and not forms & others
    assert QUERIES.keys() <= {rule for method, rule in DOORS if method == "GET"}
    assert {(address.method, address.rule) for address in addresses(people)} == DOORS.keys()


def test_an_address_of_which_nobody_has_said_what_it_takes_is_noticed(people: Town) -> None:
    with pytest.raises(KeyError):
        asked_at(Address(people, "POST", "/baru"))


# At which a run would meet nothing but "this is not here", were nothing there.
OF_WHAT_THERE_IS = sorted(door for door in DOORS if re.search("<(file|name|path:path|digest)>", door[1]))


def rightly(address: Address) -> Asked:
    """Return what is rightly asked at an address, of what there is."""
    makers: dict[str, Callable[[], tuple[bytes, str]]] = {
        "GET": lambda: (b"", ""),
        "POST": lambda: (json.dumps(address.right.posted).encode(), "application/json"),
        "PUT": lambda: (address.there.file.chunks[0], OCTETS),
    }
    content, kind = makers[address.method]()
    headers = tuple((SAME_ORIGIN | address.bearing).items())
    return Asked(address.usual, address.method, address.path, headers=headers, kind=kind, content=content)


@pytest.mark.parametrize(("method", "rule"), OF_WHAT_THERE_IS)
def test_a_run_asks_for_what_there_is(bench: Bench, method: str, rule: str) -> None:
    address = Address(bench.people, method, rule)
    assert bench.ask(address, rightly(address)).status_code in {200, 201}


@pytest.mark.parametrize(("method", "rule"), [*OF_WHAT_THERE_IS, ("POST", "/api/v1/files/remove")])
def test_so_does_a_long_one_where_a_case_bears_no_more(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, method: str, rule: str
) -> None:
    monkeypatch.setattr(rules, "MOST_UNHEARD", 1)
    monkeypatch.setattr(files, "MOST_WAITING", 1)
    for _turn in range(3):
        bench.come_anew()
        address = Address(bench.people, method, rule)
        assert bench.ask(address, rightly(address)).status_code in {200, 201}


@pytest.mark.parametrize(("method", "rule"), ROUTES, ids=NAMES)
def test_anything_asked_of_an_address(bench: Bench, method: str, rule: str) -> None:
    how = settings(alike, max_examples=16 if method == "POST" else 6)
    ask_in_every_way(bench, Address(bench.people, method, rule), how)


def test_anything_asked_of_the_machine_interface_that_its_description_lets_one_think_of(bench: Bench) -> None:
    for operation in operations(bench.people):
        for mode in modes(operation):
            ask_as_described(bench, operation, mode, settings(alike, max_examples=8))
    assert len(bench.told) >= len(operations(bench.people))


@pytest.mark.parametrize("rule", SIGNED)
def test_a_body_that_is_wrong_in_one_line_and_rightly_signed(bench: Bench, rule: str) -> None:
    address = Address(bench.people, "POST", rule)

    @settings(alike, max_examples=60)
    @given(value=wrong_in_one_line(address.right, known_to(bench.people)))
    def asks(value: Json) -> None:
        bench.ask(address, posting(address, value))

    asks()


def posting(address: Address, value: Json, **other: Any) -> Asked:
    """Return a post of JSON from one of our own pages."""
    path, sent = address.people.address(address.rule), json.dumps(value).encode()
    plain = {"kind": "application/json", "content": sent, "headers": tuple(SAME_ORIGIN.items())}
    return Asked(address.usual, "POST", path, **(plain | other))


@pytest.mark.parametrize(
    ("who", "rule"),
    [("lead", "/petugas/"), ("lead", "/petugas/perkara/<number>/keadaan"), ("overseer", "/petugas/pembacaan")],
)
def test_every_odd_question_to_the_pages_that_take_any(people: Town, who: str, rule: str) -> None:
    browser = people.browser(who)
    for name in QUESTIONS:
        for value in VALUES:
            answer = browser.get(people.address(rule), query_string={name: value})
            assert answer.status_code in {200, 400, 404}, (name, value)


def test_a_lead_who_vouches_for_somebody_without_keys_is_refused(bench: Bench) -> None:
    people = bench.people
    address = Address(people, "POST", "/petugas/orang/sahkan")
    post = address.right
    assert post.signer is not None
    for subject in (people.officers["overseer"], people.officers["admin"], people.invited):
        body = post.posted["body"].replace(people.officers["unvouched"], subject).rsplit("signature ", 1)[0]
        answer = bench.ask(address, posting(address, {"body": bodies.sign(body, post.signer), "copies": []}))
        assert answer.status_code in {403, 404, 409}


@pytest.mark.parametrize("host", ["", ":443", "@localhost", "a,b", "x" * 64, "a..b", "[1::2::3]", "xn--a"])
def test_a_host_that_no_address_can_have_is_refused_in_a_sentence_at_every_door(bench: Bench, host: str) -> None:
    told = (*SAME_ORIGIN.items(), ("Host", host))
    for address in addresses(bench.people):
        path = bench.people.address(address.rule)
        for each in (path, "//".join(path.rsplit("/", 1))):
            answer = bench.ask(address, Asked("stranger", address.method, each, headers=told))
            assert answer.status_code == 400 and "Alamat situs ini tidak dapat dibaca." in answer.text


# What the run itself notices

GET = Asked("stranger", "GET", "/bantuan")
PAGE = "<title>Belum berhasil</title><h1>Belum berhasil</h1><p>Halaman ini tidak ada.</p></html>"


def test_a_promise_that_is_broken_is_noticed(bench: Bench) -> None:
    rightly = bench.ask(Address(bench.people, "GET", "/bantuan"), GET)

    def answered(status: int, text: str, kind: str = "text/html", **headers: str) -> list[str]:
        response = TestResponse([text.encode()], str(status), Headers(rightly.headers), rightly.request)
        response.headers.update({"Content-Type": kind})
        response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return list(faults_in(GET, response))

    assert list(faults_in(GET, rightly)) == [] == answered(404, PAGE)
    assert answered(500, PAGE) == ["a failure of ours"]
    assert answered(200, "", Referrer_Policy="unsafe-url") == ["not every header"]
    assert answered(303, "", Location="//example.org/") == ["leads elsewhere: '//example.org/'"]
    assert answered(200, "<p><kenari x=") == ["the answer shows '<kenari'"]
    assert answered(404, "<p>Nothing.</p>")[0].startswith("no page")
    assert answered(400, '{"error": "none"}', "application/json")[0].startswith("no sentence")
    assert answered(400, '{"error": "Tidak.", "phrase": "x"}', "application/json")[0].startswith("no sentence")
    assert half_written({"messages": 1, "visits": 1}, {"messages": 2, "visits": 3}) == ["messages: 1 rows became 2"]


def test_an_answer_that_the_description_does_not_know_is_noticed(bench: Bench) -> None:
    address = Address(bench.people, "GET", "/api/v1/desks")
    asked = Asked("stranger", "GET", "/api/v1/desks")
    answer = bench.ask(address, asked)
    answer.set_data(answer.get_data().replace(b'"today"', b'"yesterday"'))
    assert undescribed(address, asked, answer) == ["$.today is missing", "$.yesterday is not described"]


def test_what_is_written_by_somebody_who_is_refused_is_noticed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def invites_and_refuses() -> Any:
        accounts.invite(NewAccount(f"baru-{secrets.token_hex(4)}", "Orang Baru", Role.OVERSEER, None))
        return PAGE, 404

    monkeypatch.setitem(bench.people.province.app.view_functions, "complaints.help", invites_and_refuses)
    with pytest.raises(Fault, match="officers: "):
        bench.ask(Address(bench.people, "GET", "/bantuan"), GET)


def test_a_long_run_ends_with_the_least_request_that_fails(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(bench.people.province.app.view_functions, "complaints.home", fails)
    run = Run("short", bench.people, requests=1)
    run.go(random.Random(1))
    assert run.failures.keys() == {"GET /"}
    story = run.failures["GET /"]
    assert "ZeroDivisionError" in story and "Asked(who='lead', method='GET', path='/', headers=" in story
