"""Evidence on the case's page: looked at, kept, verified, added and handed on, each opening on record before it."""

import hashlib
import io
import re
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import docx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FrameLocator, Locator, Page, Route, expect
from sqlalchemy import select

from casework.models import AccessEvent, CaseEvent
from complaints.models import FileChunk
from kernel.database import db
from kernel.store import Store
from kernel.vault import PhraseKeys, box_manifest, open_manifest
from ledger.integrating import integrate
from ledger.models import Leaf
from ledger.publishing import publish
from tests import client
from tests.bench.files import FEW_LANES
from tests.casework import evidence
from tests.casework.test_acts import taken
from tests.casework.test_browser_case import Served, form, send, served, unlock
from tests.client import Sealing
from tests.journeys.acting import say_why
from tests.journeys.looking import faults_of
from tests.journeys.steps import until_asked
from tests.officer import EXAMINE

__all__ = ["served"]

CHUNK = re.compile(r"/bukti/[0-9a-f]{32}/\d+(-\d+)?$")
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DESCRIPTION = "Rekaman wawancara dengan saksi pertama."
DETAILS = {
    "description": DESCRIPTION, "source": "Saksi pertama", "obtained_by": "Kepala Meja", "obtained_on": "2026-11-20",
    "how": "Diserahkan dengan tanda terima.",
}  # fmt: skip


def word() -> bytes:
    """Write a letter."""
    made, kept = docx.Document(), io.BytesIO()
    made.add_paragraph("Surat pernyataan")
    made.save(kept)
    return kept.getvalue()


SENT: list[tuple[str, str, bytes]] = [
    ("papan tarif.jpg", "image/jpeg", evidence.picture("JPEG", (1600, 1200))),
    ("../../kuitansi\u202efdp.pdf", "application/pdf", evidence.paper()),
    ("rekaman.wav", "audio/wav", evidence.sound()),
    ("surat pernyataan.docx", WORD, word()),
]


@dataclass(frozen=True)
class Case:
    """A case that its lead has taken, the files its reporter has sent, and what he reads it with."""

    id: str
    number: str
    files: list[Sealing]
    keys: PhraseKeys


def with_files(served: Served) -> Case:
    """Lodge a complaint, have its lead take it and its reporter send files."""
    province = served.province
    phrase, complaint, number = taken(province)
    visitor = province.visitor()
    keys = province.keys(phrase)
    seen = client.visit(keys, visitor.ask)
    files = [
        client.send_file(seen, content, visitor.ask, visitor.put, name=name, type=kind) for name, kind, content in SENT
    ]
    client.act(seen, "message", "", visitor.ask, files=files)
    return Case(complaint, number, files, keys)


@pytest.fixture(scope="module")
def case(served: Served) -> Case:
    """One case for all these tests."""
    return with_files(served)


@pytest.fixture(scope="module")
def window(served: Served, browser: Browser, case: Case) -> Iterator[Page]:
    """The lead's window, on the case, opened."""
    context = served.context(browser, "lead", viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/petugas/perkara/{case.number}")
    page.click("#open-case")
    unlock(page, served)
    expect(page.locator("#evidence")).to_be_visible()
    say_why(page)
    yield page
    context.close()


def readings(served: Served, complaint: str) -> list[str]:
    """Return what has been read of a case, oldest first."""
    with served.province.app.app_context():
        query = select(AccessEvent.what).where(AccessEvent.case_id == complaint).order_by(AccessEvent.seq)
        found = list(db.session.scalars(query))
        db.session.remove()
    return found


def published(served: Served, complaint: str, seq: int) -> int:
    """Have the log published; return at which index it has an event."""
    with served.province.app.app_context():
        integrate()
        publish()
        found = select(Leaf.idx).join(CaseEvent, CaseEvent.entry == Leaf.entry)
        place = db.session.scalars(found.where(CaseEvent.case_id == complaint, CaseEvent.seq == seq)).one()
        db.session.remove()
    return place


def row(page: Page, number: str) -> Locator:
    return page.locator(f"#bukti-{number.removeprefix('B-')}")


def look(page: Page, number: str) -> FrameLocator:
    row(page, number).get_by_role("button", name=f"Lihat {number}").click()
    expect(page.locator("#viewer")).to_be_visible()
    return page.frame_locator("#viewer iframe")


def close(page: Page) -> None:
    page.locator("#viewer").get_by_role("button", name="Tutup").click()
    expect(page.locator("#viewer iframe")).to_have_count(0)


def kept(page: Page, number: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        row(page, number).get_by_role("button", name=f"Simpan {number}").click()
    expect(page.locator("#evidence .doing")).to_have_text("")
    return download.value.suggested_filename, Path(str(download.value.path())).read_bytes()


def test_the_register_names_every_file_its_hashes_and_who_opened_it(
    served: Served, window: Page, case: Case
) -> None:
    expect(window.locator("#evidence tbody tr")).to_have_count(4)
    first = row(window, "B-1")
    expect(first).to_contain_text("papan tarif.jpg")
    expect(first).to_contain_text("Dari pelapor")
    expect(first).to_contain_text("Dibuka 0 kali")
    first.locator("summary").click()
    expect(first).to_contain_text(hashlib.sha256(SENT[0][2]).hexdigest())
    expect(first).to_contain_text(case.files[0].ref.digest)
    # Whatever turns letters around stands as a mark.
    expect(row(window, "B-2")).to_contain_text("kuitansi[U+202E]fdp.pdf")
    assert [each for each in readings(served, case.id) if each.startswith("file:")] == []
    assert faults_of(window, "evidence") == []


def test_each_kind_is_looked_at_and_each_look_is_on_record(
    served: Served, window: Page, case: Case
) -> None:
    complaint, files = case.id, case.files
    before = len(readings(served, complaint))
    row(window, "B-1").get_by_role("button", name="Lihat B-1").press("Enter")
    expect(window.frame_locator("#viewer iframe").get_by_role("img")).to_be_visible()
    # Only the frame's own wish to be closed is heard.
    window.evaluate("() => postMessage({ kentongan: 'leave' }, '*')")
    # What lies below it is not there for anybody.
    assert Axe().run(window, context="#viewer").response["violations"] == []
    expect(window.locator("#viewer")).to_be_visible()
    assert readings(served, complaint)[before:] == [f"file:{files[0].id[:16]}"]
    close(window)
    expect(row(window, "B-1")).to_contain_text("Dibuka 1 kali")
    expect(row(window, "B-1").get_by_role("button", name="Lihat")).to_be_focused()
    paper = look(window, "B-2")
    expect(paper.locator("#place")).to_have_text("Halaman 1 dari 2")
    # The frame is gone before the key is up, so it is pressed on the page.
    paper.locator("#next").focus()
    window.keyboard.press("Escape")
    expect(window.locator("#viewer")).to_be_hidden()
    expect(look(window, "B-3").locator("audio")).to_be_visible()
    close(window)
    expect(look(window, "B-4").locator("[data-trouble=unknown]")).to_be_visible()
    close(window)
    assert readings(served, complaint)[before:] == [f"file:{file.id[:16]}" for file in files]


def test_a_file_is_kept_under_a_harmless_name_as_it_was_sent(window: Page) -> None:
    assert kept(window, "B-1") == ("B-1_papan_tarif.jpg", SENT[0][2])
    name, content = kept(window, "B-2")
    assert (name, content) == ("B-2_kuitansi_fdp.pdf", SENT[1][2])


def test_a_chunk_that_was_tampered_with_is_named_and_not_opened(
    served: Served, window: Page, case: Case
) -> None:
    verify = window.locator("#verify")
    verify.click()
    expect(window.locator("#announcement")).to_contain_text("4 berkas diperiksa")
    expect(window.locator("#announcement .notice")).to_be_in_viewport()
    with tampered(served, case.files[2].id):
        verify.click()
        expect(window.locator("#announcement")).to_contain_text("Tidak lagi sama seperti saat dikirim: B-3.")
        row(window, "B-3").get_by_role("button", name="Lihat").click()
        expect(window.locator("#announcement")).to_contain_text("B-3 belum bisa dibuka")
        expect(window.locator("#announcement .notice")).to_be_in_viewport()
        expect(window.locator("#viewer")).to_be_hidden()
    asked: list[Route] = []
    window.route("**/bukti/periksa", lambda route: asked.append(route))
    verify.click()
    first = until_asked(window, asked).pop()
    first.fulfill(json={"checked": 1, "part": 1, "of": 4, "wrong": [], "mark": "first"})
    [second] = until_asked(window, asked)
    expect(window.locator("#announcement")).to_contain_text("1 dari 4 berkas sudah dibaca ulang.")
    # The second has been read in part.
    expect(window.locator("#evidence progress")).to_have_js_property("value", 0.375)
    assert [route.request.post_data_json for route in (first, second)] == [{}, {"mark": "first"}]
    second.continue_()
    window.unroute("**/bukti/periksa")
    expect(window.locator("#announcement")).to_contain_text("Semua bukti utuh")


# What a proxy says in our place, in a form that is none of ours, and what is made of that.
BETWEEN = {
    413: "Kiriman ini terlalu besar untuk server ini.",
    429: "Terlalu banyak kiriman sekaligus saat ini. Tunggu sebentar, lalu coba lagi.",
    500: "Server belum dapat melakukannya. Muat ulang halaman, lalu coba lagi.",
    502: "Server sedang tidak dapat menjawab. Tunggu sebentar, lalu coba lagi.",
    503: "Server sedang tidak dapat menjawab. Tunggu sebentar, lalu coba lagi.",
    504: "Server sedang tidak dapat menjawab. Tunggu sebentar, lalu coba lagi.",
}


def test_what_a_proxy_says_in_the_servers_place_is_said_in_words(window: Page) -> None:
    for status, sentence in BETWEEN.items():
        said = f"<h1>{status}</h1>"
        window.route("**/bukti/periksa", partial(Route.fulfill, status=status, body=said, content_type="text/html"))
        with window.expect_response("**/bukti/periksa"):
            window.locator("#verify").click()
        expect(window.locator("#announcement")).to_contain_text(sentence)
        expect(window.locator("#evidence .doing")).to_have_text("")
        window.unroute("**/bukti/periksa")


class tampered:  # noqa: N801  (reads as what it is for)
    """A stored chunk of a file, one bit of it another for a while."""

    def __init__(self, served: Served, file: str) -> None:
        with served.province.app.app_context():
            self.key = db.session.scalars(select(FileChunk.key).where(FileChunk.file_id == file)).one()
            db.session.remove()
        self.store: Store = served.province.app.extensions["kentongan.store"]
        self.content = self.store.read(self.key)

    def __enter__(self) -> None:
        self._put(self.content[:-1] + bytes([self.content[-1] ^ 1]))

    def __exit__(self, *_how: Any) -> None:
        self._put(self.content)

    def _put(self, content: bytes) -> None:
        self.store.forget(self.key)
        self.store.keep(self.key, content)


def add(page: Page, files: list[dict[str, Any]]) -> None:
    filled = form(page, "evidence")
    filled.locator("#evidence-files").set_input_files(files)  # type: ignore[arg-type]
    for name, value in DETAILS.items():
        filled.locator(f"#evidence-{name}").fill(value)
    send(filled)


def test_an_officer_adds_evidence_of_his_own(window: Page) -> None:
    large = bytes(range(256)) * 5000
    send(form(window, "evidence"))
    expect(window.locator("#error-summary li")).to_have_count(6)
    add(window, [
        {"name": "wawancara.wav", "mimeType": "audio/wav", "buffer": evidence.sound()},
        {"name": "register.bin", "mimeType": "", "buffer": large},
    ])
    expect(window.locator("#announcement")).to_contain_text("Bukti ditambah")
    expect(window.locator("#evidence tbody tr")).to_have_count(6)
    fifth = row(window, "B-5")
    for said in (DESCRIPTION, "Sumber: Saksi pertama", "Diperoleh oleh: Kepala Meja", "20 November 2026"):
        expect(fifth).to_contain_text(said)
    expect(look(window, "B-5").locator("audio")).to_be_visible()
    close(window)
    assert kept(window, "B-6") == ("B-6_register.bin", large)


def test_words_and_files_stay_where_sending_fails_and_what_arrived_is_not_sent_again(window: Page) -> None:
    asked: list[str] = []
    failed = {"error": "Berkas belum bisa disimpan. Coba lagi sebentar lagi."}

    def lost(route: Route) -> None:
        """Have it kept, and say that it was not: sealed anew it would be refused."""
        route.fetch()
        route.fulfill(status=503, json=failed)

    # The first two chunks go alone and at once; the other one has arrived when the failure is told.
    window.route(re.compile(r"/bukti/[0-9a-f]{32}/2$"), lost)
    add(window, [{"name": "besar.bin", "mimeType": "", "buffer": bytes(4_500_000)}])
    expect(window.locator("#error-summary")).to_contain_text("Berkas belum bisa disimpan")
    window.unroute_all(behavior="wait")
    window.on("request", lambda request: asked.append(f"{request.method} {request.url[-2:]}"))
    expect(window.locator("#evidence-description")).to_have_value(DESCRIPTION)
    send(form(window, "evidence"))
    expect(window.locator("#evidence tbody tr")).to_have_count(7)
    put = [each for each in asked if each.startswith("PUT")]
    assert "PUT /2" in put and "PUT /1" not in put


def test_what_is_exported_proves_itself(
    served: Served, window: Page, case: Case, tmp_path: Path
) -> None:
    before, place = len(readings(served, case.id)), published(served, case.id, 3)
    filled = form(window, "export")
    for number in ("B-1", "B-5"):
        filled.get_by_label(number).check()
    filled.locator("textarea").fill("Untuk berkas\ninspektorat.")
    with window.expect_download() as download:
        send(filled)
    expect(window.locator("#handing")).to_contain_text("Arsip sudah diserahkan")
    with zipfile.ZipFile(str(download.value.path())) as archive:
        archive.extractall(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "B-1_papan_tarif.jpg", "B-5_wawancara.wav", "SHA256SUMS", "RIWAYAT-BUKTI.txt",
    }  # fmt: skip
    done = subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout.count(": OK")) == (0, 3), done.stderr
    log = (tmp_path / "RIWAYAT-BUKTI.txt").read_text()
    for said in (
        "Alasan: Untuk berkas\n      inspektorat.", hashlib.sha256(SENT[0][2]).hexdigest(), case.files[0].ref.digest,
        "Membuka bukti B-1", "Bukti diekspor", DESCRIPTION,
        "  Pembersihan: Dikirim apa adanya atas pilihan pelapor: ", "  Pembersihan: Ditambahkan petugas apa adanya: ",
        "  Jenis: Gambar (image/jpeg)\n", "  Jenis: Rekaman suara (audio/wav)\n",
        # The message that brought it is in the public log; that it was handed on is not there yet.
        f"(peristiwa ke-3 dalam riwayat perkara; Catatan umum no. {place})",
        "dalam riwayat perkara; Catatan umum: belum terbit)",
    ):  # fmt: skip
        assert said in log
    assert "Membuka bukti B-2" not in log
    opened = readings(served, case.id)[before:]
    assert [each for each in opened if each == f"file:{case.files[0].id[:16]}"] and len(opened) >= 2
    for number, times in (("B-1", 1), ("B-2", 0), ("B-5", 1)):
        for said in ("Bukti diekspor", "Alasan: Untuk berkas inspektorat."):
            expect(row(window, number).locator("p").filter(has_text=said)).to_have_count(times)


def test_what_is_not_as_its_manifest_says_is_not_shown_though_every_chunk_opens(
    served: Served, window: Page, case: Case
) -> None:
    visitor = served.province.visitor()
    seen = client.visit(case.keys, visitor.ask)
    sent = client.send_file(seen, b"Yang sebenarnya", visitor.ask, visitor.put, type="text/plain")
    told = open_manifest(sent.manifest, sent.opened_by)
    lying = replace(sent, manifest=box_manifest(replace(told, sha256="0" * 64), sent.opened_by))
    client.act(seen, "message", "Lihat ini.", visitor.ask, files=[lying])
    window.reload()
    window.click("#open-case")
    say_why(window)
    last = window.locator("#evidence tbody tr").last
    last.get_by_role("button", name="Lihat").click()
    expect(window.locator("#announcement")).to_contain_text("tidak lagi cocok dengan yang dahulu dikirim")
    expect(window.locator("#viewer")).to_be_hidden()
    # The reporter's words and what came with them stand together.
    expect(window.locator("#thread .message").last).to_contain_text("Lihat ini.")
    expect(window.locator("#thread .message").last.get_by_role("link")).to_have_count(1)


def test_to_another_desk_there_is_neither_the_case_nor_its_evidence(served: Served, case: Case) -> None:
    other, at = served.province.browser_of("lead", "33.74"), f"/petugas/perkara/{case.number}"
    assert other.get(at).status_code == 404
    assert other.post(f"{at}/bukti/{case.files[0].id}/buka", json=EXAMINE).status_code == 404
    assert other.get(f"{at}/bukti/{case.files[0].id}/1-1").status_code == 404


def exporting(page: Page, reason: str, *numbers: str) -> Locator:
    """Fill in the export of evidence; return its form."""
    filled = form(page, "export")
    for number in numbers:
        filled.get_by_label(number).check()
    filled.locator("textarea").fill(reason)
    return filled


def test_an_archive_that_did_not_come_about_is_made_again_and_the_act_stays_one(window: Page) -> None:
    handed = row(window, "B-6").get_by_role("link", name="Bukti diekspor")
    expect(handed).to_have_count(0)
    # The connection goes with the first chunk, so the page's other questions fail as well.
    gone: list[Route] = []
    window.route(CHUNK, lambda route: (gone.append(route), route.abort()))
    window.route(window.url, lambda route: route.abort() if gone else route.continue_())
    errors: list[str] = []
    window.on("pageerror", lambda error: errors.append(error.message))
    send(exporting(window, "Untuk gelar perkara.", "B-6"))
    place, said = window.locator("#handing"), window.locator("#announcement .notice")
    expect(place).to_contain_text("Arsip belum jadi")
    # Where the act is said to be on record, so is that nothing was handed over; and the way to the button leads there.
    expect(said).to_have_text("Arsip belum jadiTindakan Anda tercatat. Unduh lagi di bagian Bukti")
    expect(said).to_be_in_viewport()
    # It does not move away from whoever reaches for it.
    there = said.bounding_box()
    said.get_by_role("link").focus()
    assert said.bounding_box() == there
    assert faults_of(window, "no archive") == []
    said.get_by_role("link").click()
    expect(place.get_by_role("button")).to_be_in_viewport()
    window.unroute_all(behavior="wait")
    with window.expect_download() as download:
        place.get_by_role("button", name="Coba unduh lagi").click()
    expect(place).to_contain_text("Arsip sudah diserahkan")
    expect(said).to_have_count(0)
    with zipfile.ZipFile(str(download.value.path())) as archive:
        assert archive.namelist() == ["B-6_register.bin", "RIWAYAT-BUKTI.txt", "SHA256SUMS"]
        assert "Untuk gelar perkara." in archive.read("RIWAYAT-BUKTI.txt").decode()
    expect(handed).to_have_count(1)
    assert errors == []


def test_more_than_an_archive_holds_is_refused_before_anything_is_on_record(
    served: Served, window: Page, case: Case
) -> None:
    before = readings(served, case.id)
    filled = exporting(window, "Semua sekaligus.", "B-1", "B-6")
    room = filled.locator("[data-largest]")
    assert room.get_attribute("data-largest") == str(2 * 1024**3)
    # Either alone there is room for; what is said of the limit itself is said of another.
    room.evaluate("(room) => (room.dataset.largest = 1_290_000)")
    send(filled)
    expect(filled.locator("#error-summary")).to_contain_text("pilih paling banyak 1,2 MB sekali ekspor")
    expect(filled.locator("textarea")).to_have_value("Semua sekaligus.")
    assert readings(served, case.id) == before
    filled.get_by_label("B-1").uncheck()
    with window.expect_download():
        send(filled)


def test_a_picture_of_his_own_is_looked_at_whatever_its_name_says(window: Page) -> None:
    add(window, [{"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": evidence.picture("WEBP")}])
    last = window.locator("#evidence tbody tr").last
    expect(last).to_contain_text("foto.jpg")
    expect(look(window, last.locator("th b").inner_text()).get_by_role("img")).to_be_visible()
    close(window)


def test_sending_evidence_is_held_and_gone_on_with(window: Page) -> None:
    held: list[Route] = []
    asked: list[str] = []
    window.route(CHUNK, lambda route: held.append(route))
    window.on("request", lambda request: asked.append(request.url) if CHUNK.search(request.url) else None)
    add(window, [{"name": "panjang.bin", "mimeType": "", "buffer": bytes(range(256)) * 20_000}])
    until_asked(window, held, FEW_LANES)
    window.get_by_role("button", name="Jeda").click()
    going_on = window.get_by_role("button", name="Lanjutkan")
    expect(going_on).to_be_visible()
    assert faults_of(window, "held") == []
    # What was under way arrives, and nothing after it.
    window.unroute(CHUNK)
    expect(window.get_by_role("progressbar", name="panjang.bin")).to_have_js_property("value", FEW_LANES / 5)
    assert len(asked) == FEW_LANES
    going_on.click()
    expect(window.locator("#evidence tbody tr").last).to_contain_text("panjang.bin")
    assert len(asked) == 5


def test_a_session_that_has_ended_is_said_once_where_evidence_was_to_be_opened(window: Page) -> None:
    errors: list[str] = []
    window.on("pageerror", lambda error: errors.append(error.message))
    cookies = window.context.cookies()
    window.context.clear_cookies()
    row(window, "B-1").get_by_role("button", name="Lihat B-1").click()
    expect(window.locator("#announcement")).to_contain_text("B-1 belum bisa dibuka")
    expect(window.locator("#announcement")).to_contain_text("waktu masuk Anda sudah habis")
    expect(window.locator("#evidence .doing")).to_have_text("")
    window.context.add_cookies(cookies)  # type: ignore[arg-type]
    look(window, "B-1")
    close(window)
    assert errors == []


def test_the_number_of_evidence_stays_together_in_the_history_and_is_copied_as_it_is(window: Page) -> None:
    detail = window.locator("#history li[data-action=export] .detail").first
    expect(detail).to_have_text("B-1, B-5")
    last = detail.locator("span").last
    # Room for the letter and the hyphen only.
    detail.evaluate("(detail) => { detail.style.inlineSize = '2ch'; }")
    lines = last.evaluate("(number) => number.getClientRects().length")
    detail.evaluate("(detail) => detail.removeAttribute('style')")
    assert lines == 1


def test_all_that_cannot_be_added_is_named_at_once_a_sentence_for_each_reason(window: Page) -> None:
    files = window.locator("#evidence-files")
    largest = files.get_attribute("data-largest")
    files.evaluate("(input) => { input.dataset.largest = '1024'; }")
    sizes = {"kosong.txt": 0, "besar.bin": 1025, "sepi.txt": 0, "raya.bin": 2000}
    sizes |= {f"{at}.txt": 1 for at in range(23)}
    add(window, [{"name": name, "mimeType": "", "buffer": bytes(size)} for name, size in sizes.items()])
    filled = form(window, "evidence")
    sentences = [
        "Berkas yang dipilih: 27. Paling banyak 10 berkas sekali tambah; hapus 17 dari daftar.",
        "kosong.txt, sepi.txt kosong. Hapus dari daftar, atau pilih yang berisi.",
        "besar.bin, raya.bin terlalu besar: paling besar 1 KB.",
    ]
    expect(filled.locator("#error-summary li")).to_have_text(sentences)
    expect(filled.locator(".error-message")).to_have_text(" ".join(sentences))
    assert faults_of(window, "unfit files") == []
    for _name in sizes:
        filled.get_by_role("button", name="Hapus").first.click()
    files.evaluate("(input, largest) => { input.dataset.largest = largest; }", largest)


def test_a_file_that_is_too_large_is_said_to_be_and_not_begun(window: Page) -> None:
    """The last one here: what it has typed stays in the form."""
    asked: list[str] = []
    window.on("request", lambda request: asked.append(request.url))
    files = window.locator("#evidence-files")
    largest = files.get_attribute("data-largest")
    files.evaluate("(input) => { input.dataset.largest = '1024'; }")
    add(window, [{"name": "besar.bin", "mimeType": "", "buffer": bytes(1025)}])
    told = form(window, "evidence").locator("#error-summary")
    expect(told).to_contain_text("besar.bin terlalu besar: paling besar 1 KB.")
    assert [url for url in asked if "/bukti" in url] == []
    files.evaluate("(input, largest) => { input.dataset.largest = largest; }", largest)
