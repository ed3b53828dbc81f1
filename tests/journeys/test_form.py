"""The complaint's form as steps: where one is, what is missing, the way back, what gives one away, and no trace."""

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.places import HERE, SCHOOLS

from .steps import (
    PRACTICE_MARK, STEPS, TEXT, begin, choose, heading, lodge, phrase_shown, proceed, until_asked, walk,
)  # fmt: skip

FOCUSED = "document.activeElement.closest('h2.step, #error-summary')?.textContent"
PUT_ASIDE = "dispatchEvent(new PageTransitionEvent('pagehide'))"
NAME = "Nama saya Budi."
LEFT_BEHIND = "[localStorage.length, sessionStorage.length, document.cookie, location.href.split('/').pop()]"


def test_each_step_says_where_it_is_and_takes_the_focus(page: Page) -> None:
    walk(page)
    assert heading(page) == "Langkah 7 dari 7: Periksa, lalu kirim"
    assert page.title() == "Langkah 7 dari 7"
    assert page.evaluate(FOCUSED) == heading(page)
    expect(page.locator("#lapor > section:visible")).to_have_count(1)


def test_the_page_says_which_path_it_is_on(page: Page) -> None:
    begin(page)
    expect(page.get_by_text("disegel di HP Anda sebelum dikirim")).to_be_visible()
    expect(page.get_by_text("Jalur tanpa JavaScript")).to_be_hidden()


def test_what_is_missing_is_said_in_a_summary_that_leads_to_the_question(page: Page) -> None:
    walk(page, to=2)
    proceed(page)
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    assert summary.locator("a").all_inner_texts() == [
        "Pilih kabupaten atau kota.",
        "Tulis tempatnya: desa, kecamatan, atau nama kantor.",
    ]
    assert page.title() == "Periksa isian: Langkah 2 dari 7"
    summary.locator("a").last.click()
    expect(page.locator("#place")).to_be_focused()
    expect(page.locator("#place")).to_have_attribute("aria-describedby", "place-hint place-error")
    assert page.evaluate("location.hash") == ""


def test_a_summary_goes_once_the_step_is_answered(page: Page) -> None:
    begin(page)
    proceed(page)
    page.locator("#text").fill(TEXT)
    proceed(page)
    expect(page.locator("#error-summary, .error-message, .field-wrong, [aria-invalid]")).to_have_count(0)
    assert page.title() == "Langkah 2 dari 7"


@pytest.mark.parametrize("text", [" \n ", "\u200b\u202e", "a" * 50_001], ids=["blank", "invisible", "too long"])
def test_a_text_the_server_would_refuse_goes_no_further(page: Page, text: str) -> None:
    begin(page)
    page.locator("#text").fill(text)
    proceed(page)
    expect(page.locator("#error-summary")).to_be_focused()
    assert heading(page).startswith("Langkah 1 ")


def test_back_returns_step_by_step_and_forward_again(page: Page) -> None:
    walk(page, to=4)
    page.go_back()
    expect(page.locator("h2.step:visible")).to_contain_text("Langkah 3 ")
    page.get_by_role("button", name="Kembali").click()
    expect(page.locator("h2.step:visible")).to_contain_text("Langkah 2 ")
    page.go_forward()
    expect(page.locator("h2.step:visible")).to_contain_text("Langkah 3 ")
    assert page.locator(f"input[name=sector][value={HERE.sector}]").is_checked()


def test_neither_address_nor_history_nor_any_storage_keeps_what_was_typed(page: Page) -> None:
    walk(page)
    assert page.evaluate(LEFT_BEHIND) == [0, 0, "", "lapor"]
    assert page.evaluate("history.state") == STEPS - 1
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.locator("form.stepping").wait_for()
    assert page.locator("#text").input_value() == ""
    assert heading(page).startswith("Langkah 1 ")


def test_an_answer_changed_from_the_check_leads_back_to_the_check(page: Page) -> None:
    walk(page)
    page.get_by_role("button", name="Ubah Tempatnya").click()
    assert heading(page).startswith("Langkah 2 ")
    page.locator("#place").fill("Pasar Wage")
    proceed(page)
    assert heading(page).startswith("Langkah 7 ")
    expect(page.locator(".answers")).to_contain_text("Pasar Wage")


def test_questions_for_schools_are_asked_and_answered_for_schools_alone(page: Page) -> None:
    walk(page, to=3)
    choose(page, "sector", SCHOOLS)
    proceed(page)
    choose(page, "level", "kabkota")
    proceed(page)
    choose(page, "fixed_amount", "ya")
    proceed(page)
    proceed(page)
    expect(page.locator(".answers")).to_contain_text("Khusus sekolah")
    page.get_by_role("button", name="Ubah Layanan apa?").click()
    choose(page, "sector", HERE.sector)
    proceed(page)
    expect(page.locator(".answers")).not_to_contain_text("Khusus sekolah")
    assert page.evaluate("new FormData(document.querySelector('#lapor')).has('fixed_amount')") is False


def test_the_writer_is_warned_while_writing_of_what_tells_on_him(page: Page) -> None:
    begin(page)
    page.locator("#text").fill(f"{NAME} HP saya 0812 3456 7890.")
    warning = page.locator("[data-question=text] .notice-warn")
    expect(warning).to_contain_text("nomor telepon")
    expect(warning).to_contain_text("menulis nama Anda")
    page.locator("#text").fill("Diminta Rp. 1.750.000 tanggal 12-05-2026.")
    expect(warning).to_have_count(0)


def test_the_check_still_marks_what_tells_on_the_writer(page: Page) -> None:
    walk(page)
    page.get_by_role("button", name="Ubah Apa yang terjadi?").click()
    page.locator("#text").fill(NAME)
    expect(page.locator("[data-question=text] .notice-warn")).to_be_visible()
    proceed(page)
    expect(page.locator(".answers > div").first).to_contain_text("mungkin menunjuk Anda")


def test_hostile_text_is_shown_harmlessly_at_the_check(page: Page) -> None:
    walk(page)
    page.get_by_role("button", name="Ubah Apa yang terjadi?").click()
    page.locator("#text").fill("<img src=x onerror=alert(1)> \u202eilgnup")
    proceed(page)
    answer = page.locator(".answers .written").first
    assert answer.inner_text() == "<img src=x onerror=alert(1)> [U+202E]ilgnup"
    assert answer.get_attribute("dir") == "auto"


def test_leaving_with_unsent_text_is_asked_and_may_be_thought_better_of(page: Page) -> None:
    begin(page)
    page.locator("#text").press_sequentially("Diminta")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("link", name="Bantuan dan keamanan").click()
    assert (until_asked(page, asked), page.locator("#text").input_value()) == (["beforeunload"], "Diminta")


def test_the_quick_way_out_is_never_held_up(page: Page) -> None:
    begin(page)
    page.locator("#text").press_sequentially("Diminta")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.route("https://**", lambda route: route.fulfill(body="cuaca"))
    page.locator("#exit button").click()
    page.wait_for_url("https://**")
    assert asked == []


def test_the_keyboard_alone_lodges_a_complaint(page: Page) -> None:
    begin(page)
    page.locator("#text").focus()
    page.keyboard.type(TEXT)
    for keys in (
        "Tab Enter",  # on to step 2, where the heading has the focus
        "Tab K Tab x Enter",
        "Tab Space Enter",
        "Tab Space Enter",
    ):
        for key in keys.split():
            page.keyboard.press(key)
    assert heading(page).startswith("Langkah 5 ")
    for step in (6, 7):
        _press_submit(page)
        assert heading(page).startswith(f"Langkah {step} ")
    _press_submit(page)
    assert len(phrase_shown(page)) == 8


def _press_submit(page: Page) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#lapor > .buttons button[type=submit]')"):
            page.keyboard.press("Enter")
            return
    raise AssertionError("Tab does not reach the button")


def test_the_phrase_is_left_only_when_two_of_its_words_were_written_down(page: Page) -> None:
    words = lodge(page)
    assert page.title() == "Catatan"
    page.get_by_role("button", name="Sudah saya catat").click()
    expect(page.locator(".card")).to_be_hidden()
    page.get_by_role("button", name="Cocokkan").click()
    expect(page.locator("#error-summary")).to_be_focused()
    for field in page.locator("#rehearsal input").all():
        place = int((field.get_attribute("id") or "").split("-")[1])
        field.fill(f" {words[place - 1].upper()}")
    page.get_by_role("button", name="Cocokkan").click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert not [word for word in words if f">{word}<" in page.content()]


def test_leaving_the_phrase_before_it_was_written_down_is_asked(page: Page) -> None:
    lodge(page)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/lacak")
    assert until_asked(page, asked) == ["beforeunload"]


def test_a_page_put_aside_keeps_neither_text_nor_phrase(page: Page) -> None:
    # A browser may keep a page that was left, whole, for the way back.
    walk(page)
    page.evaluate(PUT_ASIDE)
    assert "kepiting" not in page.content()
    expect(page.locator("#text")).to_have_count(0)
    page.goto("about:blank")
    lodge(page)
    page.evaluate(PUT_ASIDE)
    expect(page.locator("#tracking-phrase")).to_have_count(0)


def test_the_printed_card_names_nothing_but_the_words(page: Page) -> None:
    words = lodge(page)
    page.emulate_media(media="print")
    mark, *lines = [line for line in page.locator("body").inner_text().split("\n") if line.strip()]
    assert mark == PRACTICE_MARK
    assert lines[: len(words)] == words
    assert lines[len(words)] == "Simpan di tempat yang hanya Anda tahu."
    assert len(lines) == len(words) + 2
