"""A case opened by its phrase in the browser: however it is typed, whatever fails, and nothing left behind."""

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from kernel.vault import WORDS, UnknownWord, canonical

from tests import client
from tests.demo.browsing import Browser
from tests.demo.reporter import SealedReporter
from tests.places import HERE
from tests.server import Installation

from .steps import PLACE, TEXT, block, posts, until_asked

ACTS = "**/api/v1/threads/acts"
MESSAGE = "Tambahan: ditagih <b>lagi</b> \u202ekemarin\0."


@pytest.fixture(scope="module")
def known(installation: Installation) -> client.Installation:
    """What a reporter's program knows of the installation."""
    root = bytes.fromhex((installation.instance / "root.pub").read_text().strip())
    return client.installation(Browser(installation.url).ask, root)


@pytest.fixture
def phrase(page: Page, installation: Installation, known: client.Installation) -> list[str]:
    """The phrase of a complaint just lodged, not in this browser, which takes seconds; the page asks for it now."""
    reporter = SealedReporter(installation.url, known)
    reporter.lodge({"text": TEXT, "region": HERE.region, "place": PLACE, "sector": HERE.sector, "level": "desa"})
    page.goto("/lacak")
    return reporter.phrase.split()


def enter(page: Page, typed: str) -> None:
    page.locator("#phrase").fill(typed)
    page.get_by_role("button", name="Buka laporan").click()


def opened(page: Page, typed: str) -> None:
    enter(page, typed)
    page.locator("#case-status").wait_for()


def write(page: Page, text: str) -> None:
    page.locator("#message-form textarea").fill(text)
    page.get_by_role("button", name="Kirim pesan").click()


def ambiguous() -> tuple[str, tuple[str, ...]]:
    """Return a beginning that several words have, and those words."""
    for word in WORDS:
        try:
            canonical(word[:3], 1)
        except UnknownWord as unknown:
            if word in unknown.candidates and len(unknown.candidates) > 1:
                return word[:3], unknown.candidates
    raise AssertionError("the list has no such word")


@pytest.mark.elsewhere
def test_a_phrase_opens_its_case_and_never_leaves_the_phone(page: Page, phrase: list[str]) -> None:
    posted = posts(page)
    opened(page, " - ".join(phrase).upper())
    expect(page.locator("#case-status")).to_have_attribute("data-state", "RECEIVED")
    expect(page.locator("#thread-title")).to_be_focused()
    assert (page.title(), page.url.rsplit("/", 1)[1]) == ("Pesan", "lacak")
    sent = "".join((post.post_data or "") for post in posted)
    assert re.fullmatch(r"token=[0-9a-f]{64}", sent)
    boxes = page.locator("textarea").evaluate_all("boxes => boxes.map((box) => box.value)")
    assert set(boxes) == {""} and " ".join(phrase) not in page.locator("main").inner_text()


def test_the_beginning_of_each_word_is_enough_where_it_can_be_no_other(page: Page, phrase: list[str]) -> None:
    begun = [next(word[:end] for end in range(4, 9) if _reads(word[:end]) == word) for word in phrase]
    opened(page, ",".join(f"{place}. {word}" for place, word in enumerate(begun, start=1)))


def test_a_slip_is_corrected_and_said(page: Page, phrase: list[str]) -> None:
    word = phrase[2]
    slips = (word[:at] + letter + word[at + 1 :] for at in range(len(word)) for letter in "qxz")
    slipped = next(slip for slip in slips if _reads(slip) == word)
    held: list[Route] = []
    page.route("**/lacak", lambda route: held.append(route))
    enter(page, " ".join([*phrase[:2], slipped, *phrase[3:]]))
    # It stands there until the case does.
    expect(page.get_by_text(f"Kata ke-3, “{slipped}”, kami baca “{word}”.")).to_be_visible()
    until_asked(page, held)[0].continue_()
    page.locator("#case-status").wait_for()


def _reads(typed: str) -> str | None:
    try:
        return canonical(typed, 1)
    except UnknownWord:
        return None


def test_where_a_word_could_be_several_the_reporter_is_asked(page: Page) -> None:
    begun, candidates = ambiguous()
    page.goto("/lacak")
    enter(page, " ".join([*WORDS[:7], begun]))
    expect(page.get_by_text(f"Kata ke-8, “{begun}”: yang mana")).to_be_visible()
    assert page.locator(".sending .buttons button").all_inner_texts() == list(candidates)
    page.locator(".sending .buttons button").first.click()
    expect(page.locator("#phrase")).to_have_value(" ".join([*WORDS[:7], candidates[0]]))
    expect(page.locator("#error-summary")).to_contain_text("Tidak ada laporan dengan frasa itu")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Tulis delapan kata frasa laporan Anda."),
        ("satu dua", "Frasa laporan terdiri dari delapan kata; yang Anda tulis 2 kata."),
        ("xxqqzz " + " ".join(WORDS[:7]), "Kata ke-1, “xxqqzz”, tidak ada di daftar."),
    ],
)
def test_what_is_no_phrase_is_said_without_asking_the_server(page: Page, typed: str, sentence: str) -> None:
    page.goto("/lacak")
    posted = posts(page)
    enter(page, typed)
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#error-summary")).to_contain_text(sentence)
    assert posted == []
    assert page.locator("#phrase").input_value() == typed


@pytest.mark.parametrize("script", ["opening.js", "hpke.js", "stretch-worker.js", "visit.js"])
def test_a_script_that_fails_sends_no_phrase_and_may_be_tried_again(
    page: Page, phrase: list[str], script: str
) -> None:
    mend = block(page, script)
    page.goto("/lacak")
    posted = posts(page)
    enter(page, " ".join(phrase))
    page.locator("#trouble").wait_for()
    assert posted == []
    mend()
    page.locator("#trouble-again").click()
    page.locator("#case-status").wait_for()


def test_the_servers_path_to_a_case_is_taken_only_by_the_button_that_says_so(page: Page, phrase: list[str]) -> None:
    block(page, "opening.js")
    page.goto("/lacak")
    posted = posts(page)
    enter(page, " ".join(phrase))
    page.locator("#trouble summary").click()
    expect(page.get_by_text("Server akan membaca frasa Anda")).to_be_visible()
    assert posted == []
    page.locator("#trouble-plain").click()
    page.locator("#case-status").wait_for()


def test_where_a_proxy_asks_to_wait_the_phrase_stays_and_opens_the_case_later(page: Page, phrase: list[str]) -> None:
    page.route("**/lacak", lambda route: route.fulfill(status=429, body="Tunggu.", content_type="text/plain"))
    enter(page, " ".join(phrase))
    told = page.locator("#error-summary")
    expect(told).to_contain_text("Terlalu banyak kiriman sekaligus saat ini. Tunggu sebentar, lalu coba lagi.")
    assert page.locator("#phrase").input_value().split() == phrase
    page.unroute("**/lacak")
    opened(page, " ".join(phrase))


def test_a_message_is_posted_sealed_and_shown_harmlessly(page: Page, phrase: list[str]) -> None:
    opened(page, " ".join(phrase))
    posted = posts(page)
    write(page, MESSAGE)
    expect(page.get_by_role("status").filter(has_text="Terkirim.")).to_be_visible()
    shown = page.locator(".message-own .written")
    expect(shown).to_have_text("Tambahan: ditagih <b>lagi</b> [U+202E]kemarin[U+0000].")
    expect(shown).to_have_attribute("dir", "auto")
    assert not any("ditagih" in (post.post_data or "") for post in posted)


def test_a_damaged_text_says_so_and_hides_no_other(page: Page, phrase: list[str]) -> None:
    opened(page, " ".join(phrase))
    for text in ("pesan satu", "pesan dua"):
        write(page, text)
        expect(page.locator(".message-own").last).to_contain_text(text)

    def damage(route: Route) -> None:
        answer = route.fetch()
        page_text = answer.text()
        box = re.findall(r'data-box="([^"]+)"', page_text)[0]
        other = "B" if box[60] == "A" else "A"
        route.fulfill(response=answer, body=page_text.replace(box, f"{box[:60]}{other}{box[61:]}"))

    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/lacak")
    page.route("**/lacak", damage)
    opened(page, " ".join(phrase))
    expect(page.locator(".message-own").first).to_contain_text("tidak dapat dibuka")
    expect(page.locator(".message-own").last).to_contain_text("pesan dua")


def test_a_refused_message_keeps_its_text(page: Page, phrase: list[str]) -> None:
    opened(page, " ".join(phrase))
    page.route(ACTS, lambda route: route.fulfill(status=422, json={"error": "Belum bisa."}))
    write(page, "pesan")
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#error-summary")).to_contain_text("Belum bisa.")
    expect(page.locator("#message-form textarea")).to_have_value("pesan")


def test_a_case_that_moved_on_is_looked_at_again_and_the_message_signed_again(page: Page, phrase: list[str]) -> None:
    opened(page, " ".join(phrase))
    tried: list[str] = []

    def refuse_once(route: Route) -> None:
        tried.append(json.loads(route.request.post_data or "")["body"])
        if len(tried) == 1:
            route.fulfill(status=409, json={"error": "Laporan ini sudah berubah."})
        else:
            route.continue_()

    page.route(ACTS, refuse_once)
    write(page, "pesan")
    expect(page.locator(".message-own")).to_have_count(1)
    assert len(set(tried)) == 2


def test_a_message_whose_answer_was_lost_is_written_once(page: Page, phrase: list[str]) -> None:
    opened(page, " ".join(phrase))
    tried: list[str] = []

    def lose_once(route: Route) -> None:
        tried.append(route.request.post_data or "")
        if len(tried) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route(ACTS, lose_once)
    write(page, "pesan")
    expect(page.locator(".message-own")).to_have_count(1)
    expect(page.locator("#message-form textarea")).to_have_value("")
    assert len(tried) == 2


@pytest.mark.elsewhere
def test_the_account_is_shown_only_when_asked_for_and_what_is_being_written_stays(
    page: Page, phrase: list[str]
) -> None:
    opened(page, " ".join(phrase))
    assert "kepiting" not in page.content()
    page.locator("#message-form textarea").fill("belum dikirim")
    page.get_by_role("button", name="Tampilkan isi laporan").click()
    expect(page.locator("#account")).to_contain_text(TEXT)
    expect(page.locator("#account")).to_contain_text(HERE.region_name)
    expect(page.locator("#message-form textarea")).to_have_value("belum dikirim")


def test_a_withdrawal_needs_no_reason(page: Page, phrase: list[str]) -> None:
    opened(page, " ".join(phrase))
    page.locator("summary", has_text="Cabut laporan").click()
    page.get_by_role("button", name="Minta laporan dicabut").click()
    expect(page.get_by_text("Anda sudah meminta laporan ini dicabut")).to_be_visible()
    expect(page.locator(".message-own .written")).to_have_text("(tanpa alasan)")


def test_done_forgets_everything(page: Page, phrase: list[str]) -> None:
    page.goto("/bantuan")
    page.goto("/lacak")
    opened(page, " ".join(phrase))
    page.get_by_role("button", name="Selesai").click()
    page.wait_for_url(lambda url: not url.endswith("/lacak"))
    page.go_back()
    expect(page.locator("#case-status")).to_have_count(0)
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_a_page_put_aside_keeps_nothing_of_the_case(page: Page, phrase: list[str]) -> None:
    opened(page, " ".join(phrase))
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    expect(page.locator("#case-status")).to_have_count(0)
