"""The receipt's promise: judged by the phone before it is shown, and missed where it should be there."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from kernel.vault import SigningKey, bodies
from ledger.promises import Promise, is_binding, read_promise, write_promise
from tests.complaints.conftest import Later
from tests.journeys.steps import lodge
from tests.province import Province
from tests.vectors.directories import KEY, PROVINCE, log_keys
from tests.vectors.inputs import drawn

JUDGE = """async ({ root, bodies, body, happened }) => {
  const files = ["vault/bytes.js", "directory/directory.js", "ledger/promises.js"];
  const scripts = document.querySelector('script[src*="/js/"]').src.replace(/js\\/.*/, "js/");
  const [{ fromHex }, { Directory }, { judgePromise }] = await Promise.all(files.map((file) => import(scripts + file)));
  return judgePromise(body, happened, await Directory.judge(fromHex(root), bodies));
}"""
ENTRY, OTHER = bytes(range(64)), bytes(64)
DAY, UNTIL = date(2026, 11, 24), date(2026, 11, 26)
NOW_KEY, FORMER_KEY = (SigningKey.from_seed(drawn(f"the key for promises, {which}")) for which in ("now", "before"))


def named(held: SigningKey, version: int = 1, **given: object) -> str:
    return log_keys("promise", version, sign=held.public.hex(), **given)


def judged(phone: Page, body: object, *statements: str, day: date = DAY) -> Any:
    given = {"root": KEY["root"].public.hex(), "bodies": [*PROVINCE.values(), *statements], "body": body}
    return phone.evaluate(JUDGE, given | {"happened": {"entry": ENTRY.hex(), "day": day.isoformat()}})


def promise(entry: bytes = ENTRY, until: date = UNTIL, key: SigningKey = NOW_KEY) -> str:
    return write_promise(Promise(entry, until), key)


def test_the_phone_takes_what_a_vouched_key_promised_of_this_event(phone: Page) -> None:
    assert judged(phone, promise(), named(NOW_KEY)) == {"body": promise(), "until": "2026-11-26"}


def test_a_former_key_counts_for_its_own_time_alone(phone: Page) -> None:
    body = promise(key=FORMER_KEY)
    for last, counts in ((DAY, True), (date(2026, 11, 23), False)):
        found = judged(phone, body, named(FORMER_KEY), named(NOW_KEY, 2, issued=last))
        assert found == ({"body": body, "until": "2026-11-26"} if counts else None)


WRONG: dict[str, object] = {
    "none at all": None,
    "no text": 7,
    "rubbish": "type kentongan/v1/promise\n",
    "another key's": promise(key=SigningKey.from_seed(drawn("nobody's"))),
    "another entry's": promise(entry=OTHER),
    "a later day's": promise(until=date(2026, 11, 27)),
    "a year later": promise(until=date(2027, 11, 26)),
    "another entry's under this one's name": promise(entry=OTHER).replace(OTHER.hex(), ENTRY.hex()),
    "another kind of body's": bodies.sign(promise().partition("signature")[0].replace("/v1/", "/v2/"), NOW_KEY),
    "a line more": promise().replace("until", "more x\nuntil"),
}


@pytest.mark.parametrize("what", WRONG)
def test_whatever_else_comes_in_its_place_is_none(phone: Page, what: str) -> None:
    assert judged(phone, WRONG[what], named(NOW_KEY)) is None


@pytest.mark.parametrize("statements", [(), (named(NOW_KEY, by="lead33"),), (named(NOW_KEY, key="administrator"),)])
def test_where_nobody_vouches_for_a_key_nothing_is_promised(phone: Page, statements: tuple[str, ...]) -> None:
    assert judged(phone, promise(), *statements) is None
    assert judged(phone, None, *statements) is None


def test_a_forged_statement_beside_the_roots_takes_no_promise_back(phone: Page) -> None:
    forged = named(FORMER_KEY, 99, key="administrator")
    assert judged(phone, promise(), named(NOW_KEY), forged) == {"body": promise(), "until": "2026-11-26"}


# The receipt


def lodged(phone: Page, answer: Callable[[Any], Any] = lambda told: told) -> Any:
    """Lodge a complaint by the form; ``answer`` changes what the server says of it. Return what it said."""
    said: list[Any] = []

    def answering(route: Route) -> None:
        response = route.fetch()
        said.append(response.json())
        route.fulfill(response=response, body=json.dumps(answer(response.json())))

    phone.route("**/api/v1/complaints", answering)
    lodge(phone)
    return said[-1]


def test_the_receipt_shows_the_promise_to_be_copied_and_kept(phone: Page, province: Province) -> None:
    told = lodged(phone)
    shown = phone.locator("#promise")
    expect(phone.locator("#no-promise, #far-promise")).to_have_count(0)
    shown.locator("summary").click()
    assert shown.locator("pre").text_content() == told["promise"]
    assert shown.locator("time").get_attribute("datetime") == read_promise(told["promise"]).until.isoformat()
    assert is_binding(told["promise"], province.installation().directory)
    with phone.expect_download() as begun:
        shown.get_by_role("button", name="Simpan di HP ini").click()
    assert begun.value.suggested_filename == "catatan.txt"
    assert begun.value.path().read_text() == told["promise"]


@pytest.mark.parametrize(
    "answer",
    [
        lambda told: {**told, "promise": None},
        lambda told: {**told, "promise": promise(entry=bytes.fromhex(told["entry"]))},
        lambda told: {**told, "promise": told["promise"].replace("until 2", "until 3")},
    ],
    ids=["none", "by a key of the server's choice", "for a day in a thousand years"],
)
def test_a_promise_that_is_missing_or_wrong_is_said_beside_the_phrase(
    phone: Page, answer: Callable[[Any], Any]
) -> None:
    lodged(phone, answer)
    expect(phone.locator("#tracking-phrase li")).to_have_count(8)
    expect(phone.locator("#no-promise")).to_contain_text("Catat tanggal hari ini")
    expect(phone.locator("#promise")).to_have_count(0)


@pytest.mark.parametrize("promised", [True, False])
def test_a_server_that_keeps_back_who_vouches_for_promises_is_as_one_that_makes_none(
    phone: Page, promised: bool
) -> None:
    def keeping_back(route: Route) -> None:
        told = route.fetch().json()
        told["statements"] = [body for body in told["statements"] if "\nkind promise\n" not in body]
        route.fulfill(json=told)

    phone.route("**/api/v1/desks", keeping_back)
    lodged(phone, lambda told: told if promised else {**told, "promise": None})
    expect(phone.locator("#tracking-phrase li")).to_have_count(8)
    expect(phone.locator("#no-promise")).to_contain_text("server tidak memberi janji tertulis yang benar")
    expect(phone.locator("#no-promise")).to_contain_text("beri tahu perwakilan Ombudsman")
    expect(phone.locator("#promise")).to_have_count(0)


@pytest.mark.parametrize(("ahead", "said"), [(0, 0), (3, 1)])
def test_a_server_that_dates_a_report_after_today_is_said_to_put_its_promise_off(
    phone: Page, later: Later, ahead: int, said: int
) -> None:
    """What is promised is due two days after the date that the server gave; places on earth are a day apart."""
    later.move(days=ahead)
    lodged(phone)
    expect(phone.locator("#promise")).to_have_count(1)
    expect(phone.locator("#far-promise")).to_have_count(said)
