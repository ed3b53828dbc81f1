"""One file of several is paused: the others go on, what waits for it is said, and it goes on or is taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Dialog, FilePayload, Locator, Page, Request, Route, expect

from tests.journeys import reporting
from tests.journeys.looking import faults_of
from tests.journeys.steps import lodge, phrase_shown, posts, proceed, until_asked, walk
from tests.journeys.test_files import choose, letter, photograph, recording

CHUNK = re.compile(r"/api/v1/files/([0-9a-f]{32})/chunks/(\d+)$")
SOUND, PICTURE, LETTER = (made()["name"] for made in (recording, photograph, letter))
# Of three: the first goes, and the last.
SECOND = "**/chunks/2"


@pytest.fixture(autouse=True)
def still(phone: BrowserContext) -> Iterator[None]:
    """Whoever looks at colours must not see them change; and what was held back is not waited for at the end."""
    phone.on("page", lambda page: page.emulate_media(reduced_motion="reduce"))
    yield
    for page in phone.pages:
        page.unroute_all()


def held_back(page: Page, chunk: str = SECOND) -> list[Route]:
    """Let a chunk come to nothing for as long as this is routed; return a list that fills with who asked."""
    asked: list[Route] = []
    page.route(chunk, lambda route: asked.append(route))
    return asked


def chunks_sent(page: Page) -> list[tuple[str, str]]:
    """Return a list that fills with every chunk that leaves the page: the file's id, and its number."""
    sent: list[tuple[str, str]] = []

    def note(request: Request) -> None:
        if found := CHUNK.search(request.url):
            sent.append((found[1], found[2]))

    page.on("request", note)
    return sent


def row(page: Page, name: str) -> Locator:
    """Return where a file stands in the list."""
    return page.locator(".chosen > li").filter(has_text=name)


def button(page: Page, does: str, name: str) -> Locator:
    """Return a file's own button, by what it is called for whoever does not see where it stands."""
    return page.get_by_role("button", name=f"{does} {name}", exact=True)


def lodged_with_two(page: Page) -> str:
    """Lodge with a recording and a photograph, of which the recording waits at its second chunk; return the phrase."""
    return lodged_with(page, recording(), photograph())


def lodged_with(page: Page, *chosen: FilePayload) -> str:
    """Lodge with files, of which the first waits at its second chunk; return the phrase."""
    waiting = held_back(page)
    walk(page)
    choose(page, "#lapor", *chosen)
    proceed(page)
    phrase = " ".join(phrase_shown(page))
    until_asked(page, waiting)
    return phrase


def pause(page: Page, name: str) -> None:
    """Pause a file from the keyboard, whose focus stays where it was."""
    button(page, "Jeda", name).focus()
    page.keyboard.press("Enter")
    expect(button(page, "Lanjutkan", name)).to_be_focused()


def send(page: Page, text: str, *chosen: FilePayload) -> list[str]:
    """Lodge a complaint, come back with its phrase and send a message with files; return the words of the phrase."""
    phrase = lodge(page)
    page.on("dialog", lambda dialog: dialog.accept())
    reporting.track(page, " ".join(phrase))
    choose(page, "#message-form", *chosen)
    page.locator("#message-form textarea").fill(text)
    page.get_by_role("button", name="Kirim pesan").click()
    return phrase


def test_a_paused_file_stays_where_it_is_while_the_others_arrive_and_the_text_says_what_it_waits_for(
    page: Page,
) -> None:
    sent, acts, waiting = chunks_sent(page), posts(page), held_back(page)
    send(page, "Ini rekaman dan fotonya.", recording(), photograph())
    expect(row(page, SOUND)).to_contain_text("1,3 MB dari 2,3 MB terkirim.")
    until_asked(page, waiting)
    pause(page, SOUND)
    expect(row(page, PICTURE)).to_contain_text("Semuanya sudah sampai.")
    expect(row(page, SOUND)).to_contain_text("Dijeda: 1,3 MB dari 2,3 MB sudah sampai.")
    told = page.locator(".delivery").get_by_role("status")
    expect(told.filter(has_text="1 berkas masih dijeda")).to_contain_text("Tulisan dan berkas lain menunggunya.")
    assert faults_of(page, "one file paused") == []
    # Whatever went before it was paused, nothing of it has gone since; nor has the text.
    [(file, _number)] = sent[:1]
    before, said = [one for one in sent if one[0] == file], row(page, SOUND).inner_text()
    page.unroute(SECOND)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(500)
    assert [one for one in sent if one[0] == file] == before and row(page, SOUND).inner_text() == said
    assert not any("/threads/acts" in act.url for act in acts)
    button(page, "Lanjutkan", SOUND).click()
    expect(page.get_by_role("status").filter(has_text="Terkirim.")).to_be_visible()
    expect(page.locator(".message-own .written")).to_have_text("Ini rekaman dan fotonya.")
    expect(page.locator("#files li b")).to_have_text([SOUND, PICTURE])
    assert sent.count((file, "1")) == 1, "what had arrived was sent again"


def test_what_is_paused_while_it_waits_is_not_begun_and_taken_away_it_keeps_nobody_waiting(page: Page) -> None:
    sent, waiting = chunks_sent(page), held_back(page)
    send(page, "Rekaman saja.", recording(), letter())
    until_asked(page, waiting)
    expect(row(page, LETTER)).to_contain_text("Menunggu giliran.")
    pause(page, LETTER)
    expect(row(page, LETTER)).to_contain_text("Dijeda: 0 KB dari")
    expect(page.locator(".delivery")).to_contain_text("1 berkas dijeda; yang lain tetap dikirim.")
    waiting[0].continue_()
    page.unroute(SECOND)
    expect(row(page, SOUND)).to_contain_text("Semuanya sudah sampai.")
    expect(page.locator(".delivery")).to_contain_text("1 berkas masih dijeda")
    expect(page.locator(".message-own")).to_have_count(0)
    button(page, "Hapus", LETTER).click()
    expect(page.get_by_role("status").filter(has_text="Terkirim.")).to_be_visible()
    expect(page.locator(".message-own .written")).to_have_text("Rekaman saja.")
    expect(page.locator("#files li b")).to_have_text([SOUND])
    assert len({file for file, _number in sent}) == 1, "a file was begun that was paused before"


def test_a_paused_one_that_had_begun_is_taken_away_and_the_rest_is_sent(page: Page) -> None:
    waiting = held_back(page)
    phrase = send(page, "Fotonya saja.", recording(), photograph())
    until_asked(page, waiting)
    pause(page, SOUND)
    expect(row(page, PICTURE)).to_contain_text("Semuanya sudah sampai.")
    button(page, "Hapus", SOUND).click()
    expect(page.get_by_role("status").filter(has_text="Terkirim.")).to_be_visible()
    expect(page.locator("#files li b")).to_have_text([PICTURE])
    # The server has forgotten it, too.
    reporting.track(page, " ".join(phrase))
    expect(page.locator("#files li b")).to_have_text([PICTURE])
    expect(page.locator("#half-sent")).to_have_count(0)


def test_let_go_on_while_another_is_under_way_it_waits_for_its_turn(page: Page) -> None:
    sent, waiting = chunks_sent(page), held_back(page)
    send(page, "Dua rekaman.", recording(), {**recording("KENARI-LAIN "), "name": "kedua.wav"})
    until_asked(page, waiting)
    pause(page, SOUND)
    until_asked(page, waiting, 2)
    expect(row(page, "kedua.wav")).to_contain_text("1,3 MB dari")
    before = len(sent)
    button(page, "Lanjutkan", SOUND).click()
    expect(row(page, SOUND)).to_contain_text("Menunggu giliran.")
    expect(page.locator(".delivery")).not_to_contain_text("dijeda")
    assert faults_of(page, "two files, one at a time") == []
    assert len(sent) == before
    waiting[1].continue_()
    page.unroute(SECOND)
    expect(page.get_by_role("status").filter(has_text="Terkirim.")).to_be_visible()
    expect(page.locator("#files li b")).to_have_count(2)


def test_paused_where_the_connection_is_lost_it_stays_paused_when_that_is_back(page: Page) -> None:
    page.route("**/chunks/*", lambda route: route.abort())
    send(page, "Dua berkas.", recording(), letter())
    expect(row(page, SOUND)).to_contain_text("Sambungan terputus")
    pause(page, SOUND)
    expect(row(page, LETTER)).to_contain_text("Sambungan terputus")
    expect(row(page, SOUND)).to_contain_text("Dijeda: 0 KB dari")
    page.unroute("**/chunks/*")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(row(page, LETTER)).to_contain_text("Semuanya sudah sampai.")
    expect(row(page, SOUND)).to_contain_text("Dijeda: 0 KB dari")
    button(page, "Lanjutkan", SOUND).click()
    expect(page.locator("#files li b")).to_have_count(2)


def test_where_a_question_to_the_server_is_never_answered_the_next_file_need_not_wait_for_it(page: Page) -> None:
    unanswered: list[Route] = []
    page.route("**/threads/open", lambda route: route.continue_() if unanswered else unanswered.append(route))
    send(page, "Dua berkas.", recording(), letter())
    until_asked(page, unanswered)
    pause(page, SOUND)
    expect(row(page, LETTER)).to_contain_text("Semuanya sudah sampai.")
    button(page, "Lanjutkan", SOUND).click()
    expect(page.locator("#files li b")).to_have_count(2)


def test_of_a_complaint_just_lodged_the_rest_is_brought_while_one_is_paused(phone: BrowserContext) -> None:
    page = phone.new_page()
    phrase = lodged_with_two(page)
    following = page.locator("#following")
    expect(row(page, SOUND)).to_contain_text("1,3 MB dari 2,3 MB terkirim.")
    pause(page, SOUND)
    expect(row(page, PICTURE)).to_contain_text("Sudah masuk laporan.")
    expect(following).to_contain_text("1 berkas masih dijeda")
    expect(following).to_contain_text("Yang lain masuk laporan tanpa menunggunya.")
    assert faults_of(page, "one brought, one paused") == []
    reporting.rehearse(page, phrase)
    # Who leaves now is asked first; the photograph is in the complaint all the same, and the recording is gone on with.
    asked: list[Dialog] = []
    page.on("dialog", lambda dialog: (asked.append(dialog), dialog.accept()))
    page.goto("/bantuan")
    assert [dialog.type for dialog in asked] == ["beforeunload"]
    reporting.track(page, phrase)
    expect(page.locator("#files li b")).to_have_text([PICTURE])
    expect(page.locator("#half-sent")).to_contain_text("dari 3 bagian sudah sampai")


def test_of_a_complaint_just_lodged_a_paused_file_follows_those_that_were_brought_before(page: Page) -> None:
    phrase = lodged_with_two(page)
    pause(page, SOUND)
    expect(row(page, PICTURE)).to_contain_text("Sudah masuk laporan.")
    button(page, "Lanjutkan", SOUND).click()
    expect(page.locator("#following")).not_to_contain_text("dijeda")
    pause(page, SOUND)
    expect(page.locator("#following")).to_contain_text("Yang lain masuk laporan tanpa menunggunya.")
    page.unroute(SECOND)
    button(page, "Lanjutkan", SOUND).click()
    expect(page.locator("#following")).to_contain_text("Semua berkas sudah masuk laporan Anda.")
    # No button is left whose focus could have fallen to the beginning of the page.
    expect(row(page, SOUND)).to_be_focused()
    page.on("dialog", lambda dialog: dialog.accept())
    reporting.track(page, phrase)
    expect(page.locator("#files li b")).to_have_text([PICTURE, SOUND])


def test_of_a_complaint_just_lodged_the_only_file_is_paused_and_no_others_are_spoken_of(page: Page) -> None:
    lodged_with(page, recording())
    pause(page, SOUND)
    following = page.locator("#following")
    expect(following).to_contain_text("Laporan Anda sudah masuk tanpa menunggunya.")
    expect(following).not_to_contain_text("Yang lain")
    assert faults_of(page, "the only file paused") == []
    page.unroute(SECOND)
    button(page, "Lanjutkan", SOUND).click()
    expect(following).to_contain_text("Semua berkas sudah masuk laporan Anda.")


def test_of_a_complaint_just_lodged_a_refused_file_is_none_of_those_that_go_without_the_paused_one(page: Page) -> None:
    lodged_with_two(page)
    expect(row(page, SOUND)).to_contain_text("1,3 MB dari 2,3 MB terkirim.")
    page.route("**/chunks/1", lambda route: route.fulfill(status=413, body="<h1>413</h1>", content_type="text/html"))
    pause(page, SOUND)
    following = page.locator("#following")
    expect(following).to_contain_text("1 berkas masih dijeda")
    expect(following).to_contain_text("Laporan Anda sudah masuk tanpa menunggunya.")
    expect(following).not_to_contain_text("Yang lain")


def test_of_a_complaint_just_lodged_what_was_refused_is_tried_again_beside_what_was_brought(page: Page) -> None:
    page.route("**/chunks/3", lambda route: route.fulfill(status=413, body="<h1>413</h1>", content_type="text/html"))
    walk(page)
    choose(page, "#lapor", recording(), photograph())
    proceed(page)
    phrase_shown(page)
    following = page.locator("#following")
    expect(following).to_contain_text("Ada berkas yang belum bisa dikirim.")
    expect(row(page, PICTURE)).to_contain_text("Sudah masuk laporan.")
    page.unroute("**/chunks/3")
    following.get_by_role("button", name="Coba lagi").click()
    expect(following).to_contain_text("Semua berkas sudah masuk laporan Anda.")


def test_all_are_paused_and_go_on_at_once(page: Page) -> None:
    waiting = held_back(page)
    send(page, "Dua berkas.", recording(), letter())
    until_asked(page, waiting)
    page.get_by_role("button", name="Jeda semua").click()
    expect(page.locator(".delivery")).to_contain_text("2 berkas masih dijeda")
    expect(page.locator(".chosen > li").filter(has_text="Dijeda:")).to_have_count(2)
    # There are others, but none that waits for a paused one.
    expect(page.locator(".delivery")).to_contain_text("Tulisan Anda menunggunya.")
    page.unroute(SECOND)
    button(page, "Lanjutkan", LETTER).click()
    expect(row(page, LETTER)).to_contain_text("Semuanya sudah sampai.")
    expect(page.locator(".delivery")).to_contain_text("Tulisan dan berkas lain menunggunya.")
    # Of one file that is left its own button says all there is to do.
    expect(page.get_by_role("button", name="semua")).to_have_count(0)
    button(page, "Lanjutkan", SOUND).click()
    expect(page.locator("#files li b")).to_have_count(2)


def test_where_the_account_is_shown_meanwhile_the_paused_file_goes_on_and_the_text_is_sent_once(page: Page) -> None:
    """The page is drawn anew: what is under way stands in it with its buttons; nothing sent is left in the box."""
    waiting = held_back(page)
    send(page, "Rekaman menyusul.", recording())
    until_asked(page, waiting)
    pause(page, SOUND)
    page.unroute(SECOND)
    page.locator("#account-form").get_by_role("button").click()
    expect(page.locator("#account-title")).to_be_focused()
    expect(page.locator(".delivery")).to_contain_text("1 berkas masih dijeda")
    expect(page.locator(".delivery")).to_contain_text("Tulisan Anda menunggunya.")
    assert faults_of(page, "the only file paused") == []
    button(page, "Lanjutkan", SOUND).click()
    expect(page.get_by_role("status").filter(has_text="Terkirim.")).to_be_visible()
    expect(page.locator(".message-own .written")).to_have_text(["Rekaman menyusul."])
    expect(page.locator("#message-form textarea")).to_have_value("")
    expect(page.locator("#files li b")).to_have_text([SOUND])


def test_of_a_complaint_just_lodged_a_paused_file_goes_on_where_the_others_were_not_taken(page: Page) -> None:
    waiting = held_back(page)
    refused = {"error": "Ditolak dulu."}
    page.route("**/threads/acts", lambda route: route.fulfill(status=400, json=refused))
    walk(page)
    choose(page, "#lapor", recording(), photograph())
    proceed(page)
    phrase_shown(page)
    until_asked(page, waiting)
    pause(page, SOUND)
    following = page.locator("#following")
    expect(following).to_contain_text("Ditolak dulu.")
    page.unroute("**/threads/acts")
    page.unroute(SECOND)
    button(page, "Lanjutkan", SOUND).click()
    expect(following).to_contain_text("Semua berkas sudah masuk laporan Anda.")
    expect(following).not_to_contain_text("Ditolak dulu.")


def test_of_a_message_without_text_the_other_files_wait_and_no_text_is_spoken_of(page: Page) -> None:
    waiting = held_back(page)
    send(page, "", recording(), photograph())
    until_asked(page, waiting)
    pause(page, SOUND)
    told = page.locator(".delivery")
    expect(told).to_contain_text("Berkas lain menunggunya.")
    expect(told).not_to_contain_text("Tulisan")


def test_where_nothing_is_left_of_a_message_it_is_not_sent_and_its_form_has_the_focus(page: Page) -> None:
    acts, waiting = posts(page), held_back(page)
    send(page, "", recording())
    until_asked(page, waiting)
    pause(page, SOUND)
    # Nobody reads that it is being sent.
    expect(page.locator(".delivery > [role=status]")).to_be_empty()
    expect(page.locator(".delivery")).to_contain_text("Pesan ini menunggunya.")
    button(page, "Hapus", SOUND).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#message-form textarea")).to_be_focused()
    expect(page.locator(".delivery")).to_have_count(0)
    assert not any("/threads/acts" in act.url for act in acts)
