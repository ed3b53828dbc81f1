"""Whatever fails before the seal is made: nothing is posted in the clear, what was typed stays, there is a way on."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.places import HERE

from .steps import ANSWERS, PLACE, TEXT, begin, block, heading, phrase_shown, posts, proceed, walk

LODGED = "**/api/v1/complaints"
SAID = ".sending [role=alert]"
AGAIN = ".sending button:text-is('Coba lagi')"


def said(page: Page) -> str:
    """Wait until the attempt has ended with a notice; return its words."""
    page.locator(SAID).wait_for()
    return page.locator(SAID).inner_text()


@pytest.mark.parametrize(
    "script", ["preparing.js", "hpke.js", "words.js", "directory.js", "stretch-worker.js", "argon2.js", "receipt.js"]
)
def test_a_script_that_fails_midway_posts_nothing_and_may_be_tried_again(page: Page, script: str) -> None:
    posted = posts(page)
    mend = block(page, script)
    walk(page)
    proceed(page)
    assert "Tidak ada yang terkirim" in said(page)
    assert posted == []
    assert page.locator("#text").input_value() == TEXT
    mend()
    page.locator(AGAIN).click()
    assert len(phrase_shown(page)) == 8
    assert [post.url.endswith("/api/v1/complaints") for post in posted] == [True]


def test_a_form_that_did_not_become_steps_posts_nothing_and_may_be_tried_again(page: Page) -> None:
    posted = posts(page)
    mend = block(page, "stepper.js")
    page.goto("/lapor")
    page.locator("#trouble").wait_for()
    page.locator("#text").fill(TEXT)
    proceed(page)
    expect(page.locator("#trouble")).to_be_visible()
    assert posted == []
    mend()
    page.locator("#trouble-again").click()
    page.locator("form.stepping").wait_for()
    assert page.locator("#text").input_value() == TEXT


def test_the_servers_path_is_taken_only_by_the_button_that_says_so(page: Page) -> None:
    posted = posts(page)
    block(page, "hpke.js")
    walk(page)
    proceed(page)
    said(page)
    page.locator(".sending summary").click()
    expect(page.get_by_text("Server akan membaca isi laporan sesaat sebelum menyegelnya").last).to_be_visible()
    assert posted == []
    page.locator(".sending button:text-is('Kirim lewat server')").click()
    assert len(phrase_shown(page)) == 8
    assert [post.url.endswith("/lapor") for post in posted] == [True]


def test_a_form_that_did_not_become_steps_can_still_be_sent_over_the_servers_path(page: Page) -> None:
    block(page, "stepper.js")
    page.goto("/lapor")
    page.locator("#trouble").wait_for()
    for answer in ANSWERS:
        answer(page)
    page.locator("#trouble summary").click()
    page.locator("#trouble-plain").click()
    assert len(phrase_shown(page)) == 8
    expect(page.get_by_role("button", name="Sudah saya catat")).to_be_visible()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    expect(page.locator("#tracking-phrase")).to_have_count(0)


def test_a_device_without_the_speed_is_asked_before_anybody_waits(page: Page) -> None:
    worker = """addEventListener("message", ({ data }) => {
      if (data.words === "") postMessage({ key: new Uint8Array(32), milliseconds: 1500 });
    });"""
    page.route("**/stretch-worker.js", lambda route: route.fulfill(content_type="text/javascript", body=worker))
    posted = posts(page)
    walk(page)
    proceed(page)
    assert re.search(r"kira-kira \d\d detik", said(page))
    expect(page.get_by_role("button", name="Tunggu, segel di HP ini")).to_be_visible()
    expect(page.locator(".sending summary")).to_have_text("Cara lain: kirim lewat server")
    assert posted == []


def test_a_device_whose_memory_is_full_is_told_so_and_may_try_again(page: Page) -> None:
    worker = """addEventListener("message", ({ data }) => {
      if (data.words !== "") throw new RangeError("Array buffer allocation failed");
      postMessage({ key: new Uint8Array(32), milliseconds: 1 });
    });"""
    page.route("**/stretch-worker.js", lambda route: route.fulfill(content_type="text/javascript", body=worker))
    posted = posts(page)
    walk(page)
    proceed(page)
    assert "Memori HP ini mungkin penuh" in said(page)
    assert "Tidak ada yang terkirim" in said(page)
    assert posted == []
    page.unroute("**/stretch-worker.js")
    page.locator(AGAIN).click()
    assert len(phrase_shown(page)) == 8


def _forge_epoch(told: dict[str, Any]) -> dict[str, Any]:
    subject, kem = f"\nsubject {HERE.desk}\n", f"kem {'ab' * 32}"
    forged = [
        re.sub(r"^kem [0-9a-f]{64}$", kem, body, flags=re.M) if subject in body else body
        for body in told["statements"]
    ]
    return told | {"statements": forged}


def _withhold_all(told: dict[str, Any]) -> dict[str, Any]:
    return told | {"statements": [], "desks": [desk | {"open": False} for desk in told["desks"]]}


@pytest.mark.parametrize("tamper", [_forge_epoch, _withhold_all])
def test_a_chain_that_does_not_hold_ends_it_and_no_other_path_is_offered(page: Page, tamper: Any) -> None:
    page.route("**/api/v1/desks", lambda route: route.fulfill(json=tamper(route.fetch().json())))
    _refuses_to_send(page)


def test_a_desks_key_that_the_chain_does_not_name_ends_it(page: Page) -> None:
    def swap(route: Route) -> None:
        other = route.fetch(url=route.request.url.replace(HERE.desk, HERE.top)).json()
        route.fulfill(json=route.fetch().json() | {"kem": other["kem"]})

    page.route(f"**/api/v1/desks/{HERE.desk}/key", swap)
    _refuses_to_send(page)


def _refuses_to_send(page: Page) -> None:
    posted = posts(page)
    walk(page)
    proceed(page)
    assert "tidak bisa dipastikan asli" in said(page)
    assert posted == []
    expect(page.locator(".sending summary")).to_have_count(0)
    assert page.locator("#place").input_value() == PLACE


def test_a_lost_answer_is_asked_for_again_with_the_same_envelope(page: Page) -> None:
    bodies: list[str] = []

    def lose(route: Route) -> None:
        bodies.append(route.request.post_data or "")
        route.fetch()
        if len(bodies) <= 3:
            route.abort()
        else:
            route.continue_()

    page.route(LODGED, lose)
    walk(page)
    proceed(page)
    assert "tidak akan menjadi dua" in said(page)
    expect(page.locator(".sending summary")).to_have_count(0)
    page.locator(AGAIN).click()
    phrase_shown(page)
    assert (len(bodies), len(set(bodies))) == (4, 1)


def test_other_answers_after_a_lost_one_get_a_phrase_of_their_own(page: Page) -> None:
    lookups: list[str] = []

    def lose(route: Route) -> None:
        lookups.append(json.loads(route.request.post_data or "")["lookup"])
        if len(lookups) <= 3:
            route.abort()
        else:
            route.continue_()

    page.route(LODGED, lose)
    walk(page)
    proceed(page)
    said(page)
    page.get_by_role("button", name="Ubah Tempatnya").click()
    page.locator("#place").fill("Pasar Wage")
    proceed(page)
    proceed(page)
    phrase_shown(page)
    assert len(set(lookups)) == 2


def test_desks_that_changed_meanwhile_are_asked_for_anew(page: Page) -> None:
    bodies: list[str] = []

    def refuse_once(route: Route) -> None:
        bodies.append(json.loads(route.request.post_data or "")["body"])
        if len(bodies) == 1:
            route.fulfill(status=409, json={"error": "Daftar kantor penerima baru saja berubah."})
        else:
            route.continue_()

    page.route(LODGED, refuse_once)
    walk(page)
    proceed(page)
    phrase_shown(page)
    assert (len(bodies), len(set(bodies))) == (2, 2)


def test_a_refusal_is_said_and_everything_typed_is_kept(page: Page) -> None:
    page.route(LODGED, lambda route: route.fulfill(status=422, json={"error": "Belum <b>bisa</b>."}))
    walk(page)
    proceed(page)
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#error-summary p")).to_have_text("Belum <b>bisa</b>.")
    assert heading(page).startswith("Langkah 7 ")
    assert page.locator("#text").input_value() == TEXT


def test_a_page_in_the_place_of_an_answer_is_no_receipt_and_is_asked_past(page: Page) -> None:
    tried: list[str] = []

    def log_in_first(route: Route) -> None:
        tried.append(route.request.post_data or "")
        if len(tried) == 1:
            route.fulfill(status=201, body="<h1>Masuk ke Wi-Fi</h1>")
        else:
            route.continue_()

    page.route(LODGED, log_in_first)
    walk(page)
    proceed(page)
    phrase_shown(page)
    assert (len(tried), len(set(tried))) == (2, 1)


def test_where_a_proxy_asks_to_wait_it_is_said_so_and_lodged_once(page: Page) -> None:
    asked = posts(page)
    page.route(LODGED, lambda route: route.fulfill(status=429, body="Tunggu.", content_type="text/plain"))
    walk(page)
    proceed(page)
    assert "Terlalu banyak kiriman sekaligus saat ini. Tunggu sebentar, lalu coba lagi" in said(page)
    expect(page.locator(".sending").get_by_text("lewat server")).to_have_count(0)
    page.unroute(LODGED)
    page.locator(AGAIN).click()
    assert len(phrase_shown(page)) == 8
    assert len({post.post_data for post in asked}) == 1


def test_a_receipt_for_something_else_is_no_receipt(page: Page) -> None:
    page.route(LODGED, lambda route: route.fulfill(status=201, json={"entry": "00" * 64, "day": "2026-11-24"}))
    walk(page)
    proceed(page)
    assert "Jawaban server belum sampai" in said(page)


def test_a_network_that_dies_after_posting_still_shows_the_phrase(page: Page) -> None:
    def then_die(route: Route) -> None:
        answer = route.fetch()
        page.context.set_offline(True)
        route.fulfill(response=answer)

    page.route(LODGED, then_die)
    walk(page)
    proceed(page)
    assert len(phrase_shown(page)) == 8
    page.context.set_offline(False)


def test_what_fills_the_largest_seal_and_more_is_refused_with_a_sentence(page: Page) -> None:
    begin(page)
    # Each of these takes six bytes of the account.
    page.locator("#text").fill("\x01" * 49_000 + TEXT)
    proceed(page)
    page.locator("#region").select_option(HERE.region)
    page.locator("#place").fill(PLACE)
    proceed(page)
    page.locator(f"input[name=sector][value={HERE.sector}]").check()
    proceed(page)
    page.locator("input[name=level][value=desa]").check()
    for _ in range(4):
        proceed(page)
    expect(page.locator("#error-summary p")).to_contain_text("terlalu panjang")
