"""Files from a phone: chosen and cleaned, sent after a complaint, cut off on the way, gone on with, and found again."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Dialog, FileChooser, FilePayload, Locator, Page, Request, Route, expect

from tests import samples
from tests.canaries.search import files
from tests.demo.handwriting import loudly
from tests.demo.matter import Matter
from tests.demo.reporter import PlainReporter
from tests.journeys import reporting
from tests.journeys.looking import faults_of
from tests.journeys.stage import ACCOUNT, ALLEGATIONS, DESK, Team
from tests.journeys.steps import lodge, phrase_shown, proceed, until_asked, walk
from tests.places import HERE
from tests.server import Installation

NAME = "KENARI-NAMA"
CANARY = re.compile(rb"KENARI-")
# Three chunks, the last of them small.
CHUNKS, FRAMES = 3, 1_200_000
# A picture that neither browsers here nor the server can clean.
HEIC = b"\0\0\0\x18ftypheic" + bytes(5000)
KEPT = "[localStorage.length, sessionStorage.length, document.cookie, location.search + location.hash]"
CHUNK = re.compile(r"/api/v1/files/[0-9a-f]{32}/chunks/\d+$")


@pytest.fixture(autouse=True)
def still(phone: BrowserContext) -> None:
    """Whoever looks at colours must not see them change."""
    phone.on("page", lambda page: page.emulate_media(reduced_motion="reduce"))


def recording(said: str = "KENARI-SUARA ") -> FilePayload:
    """A recording of three chunks."""
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes((said.encode() * (2 * FRAMES // len(said) + 1))[: 2 * FRAMES])
    return {"name": f"{NAME} loket.wav", "mimeType": "audio/wav", "buffer": made.getvalue()}


def photograph(name: str = f"{NAME}.jpg") -> FilePayload:
    """A photograph that tells where it was taken, and with what."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": samples.photograph()}


def paper() -> FilePayload:
    """A PDF that names its author."""
    return {"name": f"{NAME}.pdf", "mimeType": "application/pdf", "buffer": samples.paper()}


def letter() -> FilePayload:
    """A DOCX that names its author."""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return {"name": f"{NAME}.docx", "mimeType": kind, "buffer": samples.document()}


def choose(page: Page, form: str, *chosen: FilePayload) -> Locator:
    """Choose files in a form; return the list of them, once each says what becomes of it."""
    page.locator(f"{form} fieldset.files input[type=file]").set_input_files(list(chosen))
    listed = page.locator(f"{form} .chosen > li")
    expect(listed).to_have_count(len(chosen))
    expect(page.get_by_text("Sedang dibersihkan")).to_have_count(0)
    return listed


def failing_twice() -> Callable[[Route], None]:
    """Return what breaks the connection, then has nowhere to keep anything, and then lets everything through."""
    failures: list[Callable[[Route], None]] = [
        lambda route: route.fulfill(status=503, json={"error": "Berkas belum bisa disimpan."}),
        lambda route: route.abort(),
    ]
    return lambda route: failures.pop()(route) if failures else route.continue_()


def losing_its_answer() -> Callable[[Route], None]:
    """Return what lets a request through, the first time without its answer."""
    lost: list[Route] = []

    def handle(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route)
        route.fetch()
        route.abort()

    return handle


def chunks_sent(page: Page) -> list[str]:
    """Return a list that fills with the number of every chunk that leaves the page."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if CHUNK.search(request.url):
            sent.append(request.url.rsplit("/", 1)[1])

    page.on("request", note)
    return sent


def test_files_follow_a_complaint_though_the_connection_breaks(page: Page, installation: Installation) -> None:
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.route("**/chunks/2", failing_twice())
    walk(page)
    listed = choose(page, "#lapor", photograph(), photograph("asli.jpg"), paper(), letter(), recording())
    expect(listed.first).to_contain_text("sudah dihapus di HP Anda")
    listed.nth(1).get_by_label("Kirim apa adanya").check()
    expect(listed.nth(1)).to_contain_text("Dikirim apa adanya, dengan keterangan itu.")
    assert faults_of(page, "files chosen") == []
    assert not any("/api/v1/files" in address for address in addresses)
    page.route("**/threads/acts", losing_its_answer())
    proceed(page)
    phrase = " ".join(phrase_shown(page))
    following = page.locator("#following")
    expect(following.get_by_text("Sambungan terputus").first).to_be_visible()
    expect(following.get_by_text("Semua berkas sudah masuk laporan Anda.")).to_be_visible()
    assert faults_of(page, "files brought") == []
    reporting.rehearse(page, phrase)
    expect(following.get_by_text("Semua berkas sudah masuk laporan Anda.")).to_be_visible()
    reporting.track(page, phrase)
    cleaned = page.locator("#files li").filter(has_text=re.compile("· sudah dibersihkan ·"))
    expect(cleaned.locator("b")).to_have_text([f"{NAME}.jpg"])
    as_they_are = page.locator("#files li").filter(has_text=re.compile("· dikirim apa adanya ·")).locator("b")
    names = {"asli.jpg", *(f"{NAME}{end}" for end in (".pdf", ".docx", " loket.wav"))}
    assert set(as_they_are.all_inner_texts()) == names
    assert page.evaluate(KEPT) == [0, 0, "", ""]
    assert not CANARY.search("\n".join(addresses).encode()) and not re.search("[0-9a-f]{64}", "\n".join(addresses))
    assert [path for path, content in files(installation.instance) if CANARY.search(content)] == []


def test_a_page_closed_in_the_middle_goes_on_from_the_phrase(phone: BrowserContext) -> None:
    page = phone.new_page()
    page.route(f"**/chunks/{CHUNKS}", lambda route: route.abort())
    walk(page)
    choose(page, "#lapor", recording())
    proceed(page)
    phrase = " ".join(phrase_shown(page))
    expect(page.locator("#following").get_by_text("Sambungan terputus").first).to_be_visible()
    expect(page.locator("#following")).to_contain_text("2 MB dari")
    reporting.rehearse(page, phrase)
    asked: list[Dialog] = []
    page.on("dialog", lambda dialog: (asked.append(dialog), dialog.accept()))
    page.goto("/bantuan")
    assert [dialog.type for dialog in asked] == ["beforeunload"]
    page.close()

    page = phone.new_page()
    reporting.track(page, phrase)
    half = page.locator("#half-sent")
    expect(half).to_contain_text("2 dari 3 bagian sudah sampai")
    assert faults_of(page, "half sent") == []
    half.locator("input[type=file]").focus()
    half.locator("input[type=file]").set_input_files(recording("KENARI-LAIN "))
    expect(half).to_contain_text("Ini bukan berkas yang sama")
    expect(half.locator("input[type=file]")).to_be_focused()
    # Not from whoever writes meanwhile.
    page.locator("#message-form textarea").focus()
    half.locator("input[type=file]").set_input_files(recording("KENARI-LAIN "))
    expect(half.get_by_text("Mencocokkan berkas")).to_have_count(0)
    expect(half.locator("input[type=file]")).to_be_enabled()
    expect(page.locator("#message-form textarea")).to_be_focused()
    half.locator("input[type=file]").set_input_files(recording())
    expect(page.locator("#message-form .chosen")).to_contain_text("tidak dikirim ulang")
    expect(half).to_have_count(0)
    sent = chunks_sent(page)
    page.get_by_role("button", name="Kirim pesan").click()
    expect(page.locator("#files li b")).to_have_text([f"{NAME} loket.wav"])
    assert sent == [str(CHUNKS)]


def test_a_message_takes_its_files_along_held_gone_on_with_or_taken_away(page: Page) -> None:
    phrase = lodge(page)
    page.on("dialog", lambda dialog: dialog.accept())
    reporting.track(page, " ".join(phrase))
    held: list[Route] = []
    page.route("**/chunks/2", lambda route: held.append(route))
    choose(page, "#message-form", recording(), letter())
    reporting.show_account(page)
    expect(page.locator("#message-form .chosen > li")).to_have_count(2)
    page.locator("#message-form textarea").fill("Ini rekamannya.")
    page.get_by_role("button", name="Kirim pesan").click()
    way = page.locator("#message-form + .sending")
    way.get_by_role("button", name="Jeda semua").click()
    expect(way).to_contain_text("2 berkas masih dijeda")
    way.get_by_role("button", name=f"Hapus {NAME}.docx").click()
    page.unroute("**/chunks/2")
    way.get_by_role("button", name="Lanjutkan").click()
    expect(page.get_by_role("status").filter(has_text="Terkirim.")).to_be_visible()
    expect(page.locator(".message-own .written")).to_have_text("Ini rekamannya.")
    expect(page.locator("#files li b")).to_have_text([f"{NAME} loket.wav"])
    page.route("**/threads/open", damaging)
    reporting.show_account(page)
    expect(page.locator("#files")).to_contain_text("tidak dapat dibuka")


def test_what_a_proxy_says_is_told_apart_and_only_what_may_pass_later_is_tried_again(page: Page) -> None:
    """What is too large for whoever stands in front is not tried again; where too much comes, it goes on by itself."""
    phrase = lodge(page)
    reporting.track(page, " ".join(phrase))
    busy = [True]
    sent = chunks_sent(page)

    def refuse_first(route: Route) -> None:
        if busy:
            route.fulfill(status=429, body="Tunggu.", content_type="text/plain")
        else:
            route.continue_()

    page.route("**/chunks/1", refuse_first)
    page.route("**/chunks/3", lambda route: route.fulfill(status=413, body="<h1>413</h1>", content_type="text/html"))
    choose(page, "#message-form", letter(), recording())
    # While they go, they stand below the form.
    listed = page.locator(".chosen > li")
    page.get_by_role("button", name="Kirim pesan").click()
    expect(listed.first).to_contain_text("Terlalu banyak kiriman sekaligus saat ini.")
    busy.clear()
    expect(listed.first).to_contain_text("Semuanya sudah sampai.")
    expect(listed.nth(1)).to_contain_text("terlalu besar untuk server ini")
    assert sent.count("3") == 1
    page.unroute("**/chunks/3")
    page.route("**/threads/acts", lambda route: route.fulfill(status=413, body="", content_type="text/html"))
    again = re.compile("Kirim pesan|Coba lagi")
    page.locator("#message-form, .sending").get_by_role("button", name=again).first.click()
    expect(page.get_by_text("Kiriman ini terlalu besar di sini.").first).to_be_visible()


def test_a_full_store_is_told_in_the_servers_words_and_the_text_goes_without_the_file(page: Page) -> None:
    phrase = lodge(page)
    page.on("dialog", lambda dialog: dialog.accept())
    reporting.track(page, " ".join(phrase))
    full = "Tempat penyimpanan berkas di server ini sedang penuh, jadi berkas belum bisa disimpan. Coba lagi nanti."
    page.route(f"**/chunks/{CHUNKS}", lambda route: route.fulfill(status=503, json={"error": full}))
    choose(page, "#message-form", recording())
    page.locator("#message-form textarea").fill("Tulisan tanpa rekaman.")
    page.get_by_role("button", name="Kirim pesan").click()
    way = page.locator("#message-form + .sending")
    expect(way.locator(".chosen > li")).to_contain_text(f"{full} Dicoba lagi sendiri; 2 MB dari")
    expect(way).to_contain_text("sudah sampai dan tidak hilang. Laporan dan pesan bisa dikirim tanpa berkas ini")
    assert faults_of(page, "no room for a file") == []
    way.get_by_role("button", name=f"Hapus {NAME} loket.wav").click()
    expect(page.get_by_role("status").filter(has_text="Terkirim.")).to_be_visible()
    expect(page.locator(".message-own .written")).to_have_text("Tulisan tanpa rekaman.")
    expect(page.locator("#files li b")).to_have_count(0)


def damaging(route: Route) -> None:
    """Hand over what was told with one letter of each file's manifest changed."""
    answer = route.fetch()
    told = answer.json()
    for file in told["files"]:
        other = "B" if file["manifest"][60] == "A" else "A"
        file["manifest"] = file["manifest"][:60] + other + file["manifest"][61:]
    route.fulfill(response=answer, json=told)


@pytest.mark.parametrize("elsewhere", [False, True], ids=["by keyboard", "while he writes"])
def test_what_came_half_the_way_is_taken_away_or_cleaned_again_and_gone_on_with(
    phone: BrowserContext, elsewhere: bool
) -> None:
    page = phone.new_page()
    page.route("**/chunks/1", lambda route: route.abort())
    walk(page)
    choose(page, "#lapor", photograph(), letter())
    proceed(page)
    phrase = " ".join(phrase_shown(page))
    expect(page.locator("#following").get_by_text("Sambungan terputus").first).to_be_visible()
    page.close()
    page = phone.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    reporting.track(page, phrase)
    page.locator("#half-sent input[type=file]").set_input_files(photograph())
    expect(page.locator("#message-form .chosen")).to_contain_text("Berkas yang sama")
    reporting.track(page, phrase)
    removed = page.locator("#half-sent").get_by_role("button", name="Hapus")
    written = page.locator("#message-form textarea")
    if elsewhere:
        written.focus()
        removed.dispatch_event("click")
    else:
        removed.press("Enter")
    expect(page.locator("#half-sent")).to_have_count(0)
    expect(written if elsewhere else page.locator("#talk-title")).to_be_focused()
    reporting.track(page, phrase)
    expect(page.locator("#half-sent, #files")).to_have_count(0)


@pytest.fixture
def matter(installation: Installation) -> Matter:
    """A case under investigation, whose reporter lodged it without JavaScript."""
    people = [person for person in installation.people.values() if person.desk == DESK]
    root = bytes.fromhex((installation.instance / "root.pub").read_text().strip())
    team, reporter = Team(DESK, installation.url, people, root), PlainReporter(installation.url, loudly)
    known = team.numbers()
    reporter.lodge(ACCOUNT)
    [number] = team.numbers() - known
    case = Matter(reporter, team, number, HERE.sector)
    case.take()
    case.plan("Minta buku register tiga bulan.", ALLEGATIONS)
    return case


def test_messages_answers_and_objections_bring_files_under_the_key_that_is_the_newest(
    page: Page, matter: Matter
) -> None:
    reporting.track(page, matter.reporter.phrase)
    held: list[Route] = []
    page.route("**/chunks/1", lambda route: held.append(route), times=1)
    choose(page, "#message-form", letter())
    page.get_by_role("button", name="Kirim pesan").click()
    [sending] = until_asked(page, held)
    # While it is on its way somebody else takes the case over, and the thread gets another key.
    matter.hand_to_another()
    matter.ask("Pukul berapa?")
    sending.continue_()
    expect(page.locator("#talk-title ~ h3")).to_have_text("Jawab pertanyaan petugas")
    expect(page.locator("#thread")).to_have_attribute("data-epoch", "2")
    page.locator("#message-form textarea").fill("Pukul delapan.")
    page.get_by_role("button", name="Kirim jawaban").click()
    expect(page.locator("#files li b")).to_have_text([f"{NAME}.docx"])
    matter.find(["proven", "not_proven"])
    matter.propose(matter.investigator, "partly_proven", "Sebelas saksi.", "Uang dikembalikan.")
    matter.close()
    reporting.track(page, matter.reporter.phrase)
    choose(page, "#objection-form", photograph())
    page.locator("#objection-form textarea").fill("Kuitansinya ada.")
    page.get_by_role("button", name="Kirim keberatan").click()
    expect(page.locator("#case-status")).to_have_attribute("data-state", "OBJECTION")
    expect(page.locator("#files li b")).to_have_text([f"{NAME}.docx", f"{NAME}.jpg"])


def test_while_an_officer_waits_for_an_answer_no_file_is_taken_for_one(page: Page) -> None:
    page.route("**/threads/open", asking)
    walk(page)
    choose(page, "#lapor", letter())
    proceed(page)
    following = page.locator("#following")
    expect(following).to_contain_text("Petugas sudah bertanya kepada Anda.")
    page.unroute("**/threads/open")
    following.get_by_role("button", name="Coba lagi").click()
    expect(following).to_contain_text("Semua berkas sudah masuk laporan Anda.")


def asking(route: Route) -> None:
    """Tell of a question that waits."""
    answer = route.fetch()
    route.fulfill(response=answer, json={**answer.json(), "resumes": "TRIAGE"})


def cannot_seal(page: Page) -> None:
    """Come to the form without what sealing takes."""
    page.route("**/api/v1/desks", lambda route: route.abort())
    walk(page)


def sent_over_the_server(page: Page, *names: str) -> Locator:
    """Send the form by the server's path; return the files that the case then has, which have these names."""
    proceed(page)
    page.locator(".sending summary").click()
    page.get_by_role("button", name="Kirim lewat server").click()
    phrase = " ".join(phrase_shown(page))
    page.on("dialog", lambda dialog: dialog.accept())
    reporting.track(page, phrase)
    brought = page.locator("#files li")
    expect(brought).to_have_count(len(names))
    assert sorted(brought.locator("b").all_inner_texts()) == sorted(names)
    return brought


def test_over_the_servers_path_the_files_go_along(page: Page) -> None:
    cannot_seal(page)
    listed = choose(page, "#lapor", photograph(), photograph("asli.jpg"), letter())
    # The second: what is said of files must arrive before the first of them.
    listed.nth(1).get_by_label("Kirim apa adanya").check()
    brought = sent_over_the_server(page, f"{NAME}.docx", f"{NAME}.jpg", "asli.jpg")
    expect(brought.filter(has_text="asli.jpg")).to_contain_text("dikirim apa adanya")


def test_over_the_servers_path_too_a_picture_goes_as_it_is_where_that_was_said(page: Page) -> None:
    cannot_seal(page)
    listed = choose(page, "#lapor", photograph(), {"name": "foto.heic", "mimeType": "image/heic", "buffer": HEIC})
    expect(listed.nth(1)).to_contain_text("Berkas ini belum bisa kami bersihkan: dikirim apa adanya.")
    sent_over_the_server(page, f"{NAME}.jpg", "foto.heic")


def test_over_the_servers_path_a_paper_is_cleaned_that_could_not_be_here(page: Page) -> None:
    cannot_seal(page)
    choose(page, "#lapor", paper())
    expect(sent_over_the_server(page, f"{NAME}.pdf")).not_to_contain_text("dikirim apa adanya")


def test_what_cannot_be_sent_is_said_at_once_and_the_keyboard_suffices(page: Page, tmp_path: Path) -> None:
    large = tmp_path / "besar.mp4"
    with large.open("wb") as file:
        file.truncate(101 * 1024 * 1024)
    walk(page)
    control = page.locator("#lapor fieldset.files input[type=file]")
    control.set_input_files(large)
    wrong = page.locator("#lapor .files .error-message")
    expect(wrong).to_contain_text("besarnya 101 MB, paling besar 100 MB")
    assert page.locator(".chosen > li").count() == 0
    choosers: list[FileChooser] = []
    page.on("filechooser", lambda chooser: choosers.append(chooser))
    control.focus()
    page.keyboard.press("Space")
    until_asked(page, choosers)[0].set_files([{**letter(), "name": f"surat {at}.docx"} for at in range(11)])
    expect(page.locator(".chosen > li")).to_have_count(10)
    expect(wrong).to_contain_text("paling banyak 10 berkas")
    page.get_by_role("button", name="Hapus surat 3.docx").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".chosen > li")).to_have_count(9)
    expect(page.locator(".chosen > li:focus")).to_contain_text("surat 4.docx")
