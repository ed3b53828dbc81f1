"""What a file may betray, and what becomes of it, is read before it is sent: on a phone, in the dark, by keyboard."""

from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from tests import samples
from tests.journeys import reporting
from tests.journeys.looking import faults_of
from tests.journeys.steps import walk
from tests.journeys.test_files import choose, letter, lodge, paper, photograph, recording

BROKEN: FilePayload = {"name": "rusak.jpg", "mimeType": "image/jpeg", "buffer": samples.photograph()[:200]}
SENTENCES = {
    "jpg": ("Foto bisa memuat tempat dan waktu pemotretan", "Keterangan itu sudah dihapus di HP Anda."),
    "pdf": ("nama pembuatnya", "tulisan lama yang sudah diubah atau ditutup", "belum bisa kami bersihkan"),
    "docx": ("nama penulisnya", "tulisan lama", "belum bisa kami bersihkan"),
    "wav": ("Suara orang bisa dikenali", "belum bisa kami bersihkan"),
}


def is_said(page: Page, form: str) -> None:
    """See in a form what is said of each file, and that a keyboard reaches what can be decided."""
    listed = choose(page, form, photograph(), paper(), letter(), recording(), BROKEN)
    for ending, sentences in SENTENCES.items():
        for sentence in sentences:
            expect(listed.filter(has_text=f".{ending}").first).to_contain_text(sentence)
    tick = page.get_by_role("checkbox", name="Kirim apa adanya")
    expect(tick).to_have_count(1)
    page.locator(f"{form} fieldset.files input[type=file]").focus()
    reached = []
    for _step in range(6):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.matches('.chosen input, .chosen button')"))
    assert reached == [True] * 6, "the tick and five times: take it away"
    tick.focus()
    page.keyboard.press("Space")
    expect(listed.first).to_contain_text("Dikirim apa adanya, dengan keterangan itu.")
    page.keyboard.press("Space")
    expect(listed.first).to_contain_text("Keterangan itu sudah dihapus di HP Anda.")
    assert faults_of(page, form) == []


def test_with_javascript_it_is_said_of_each_file_in_a_report_and_in_a_message(page: Page) -> None:
    # Axe looks at colours as they are, not on their way.
    page.emulate_media(reduced_motion="reduce")
    walk(page)
    is_said(page, "#lapor")
    page.evaluate("addEventListener('beforeunload', (event) => event.stopImmediatePropagation(), true)")
    phrase = lodge(page)
    reporting.track(page, " ".join(phrase))
    is_said(page, "#message-form")


def test_without_javascript_it_is_said_of_all_files_in_a_report_and_in_a_message(phone: BrowserContext) -> None:
    page = phone.new_page()
    page.emulate_media(reduced_motion="reduce")
    # Scripts that never arrive: what a browser without JavaScript shows, and axe can look at it.
    page.route("**/*.js", lambda route: route.abort())
    page.goto("/lapor")
    for form in ("#lapor", "#message-form"):
        if form == "#message-form":
            reporting.track(page, reporting.lodge_in_one_page(page))
        files = page.locator(f"{form} fieldset.files")
        expect(files).to_contain_text("Foto dan PDF dibersihkan dahulu: tempat, waktu, jenis HP, dan nama pembuat")
        summary = files.locator("summary")
        summary.focus()
        page.keyboard.press("Enter")
        for sentence in ("nama pembuatnya dan tulisan yang sudah dihapus", "tempat dan jenis HP", "Kotak hitam"):
            expect(files.get_by_text(sentence)).to_be_visible()
        page.keyboard.press("Tab")
        expect(files.get_by_role("checkbox", name="Kirim apa adanya")).to_be_focused()
        page.keyboard.press("Tab")
        expect(files.locator("input[type=file]")).to_be_focused()
        assert faults_of(page, form) == []
