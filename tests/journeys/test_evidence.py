"""Evidence on its whole way: sent from two phones, looked at in an office, added to, handed on, and rested on."""

import io
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, FilePayload, FrameLocator, Locator, Page, expect

from kernel.database import db
from tests import samples
from tests.casework import evidence
from tests.database import PostgreSQLServer
from tests.journeys import acting, reporting
from tests.journeys.looking import faults_of
from tests.journeys.officers import log_in
from tests.journeys.steps import phrase_shown, proceed, walk
from tests.journeys.test_files import choose, letter, paper, photograph, recording
from tests.places import HERE
from tests.province import close
from tests.server import Installation, running

WAITING = "/petugas/?tahap=RECEIVED"
# Whatever turns letters around goes along with a name, and must not come out with it.
LETTER: FilePayload = {**letter(), "name": "surat \u202etarif.docx"}
RECEIPT = "Diterima Inspektorat, dengan berita acara 12/2026."
INTERVIEW: FilePayload = {
    "name": "wawancara.txt", "mimeType": "text/plain", "buffer": "Saksi: „Rp150.000, tanpa kuitansi.”".encode()
}  # fmt: skip
DETAILS = {
    "description": "Wawancara dan rekaman loket.", "source": "Saksi pertama", "obtained_by": "Kepala meja",
    "obtained_on": "2026-11-20", "how": "Diserahkan dengan tanda terima.",
}  # fmt: skip
# Keeps of what the page hands to the browser as a file what type it says it is of.
NOTE_TYPES = """() => {
  const { createObjectURL } = URL;
  window.types = [];
  URL.createObjectURL = (blob) => {
    window.types.push(blob.type);
    return createObjectURL.call(URL, blob);
  };
}"""


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(
    request: pytest.FixtureRequest, installation: Installation, tmp_path: Path
) -> Iterator[Installation]:
    """The province that all journeys share, and one on PostgreSQL."""
    if request.param == "sqlite":
        yield installation
        return
    server: PostgreSQLServer = request.getfixturevalue("postgresql_server")
    province, remove = request.getfixturevalue("foundings").copy(server, tmp_path / "instance", HERE)
    with province.app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    with running(province.instance, DATABASE_URL=url, **HERE.environment) as served:
        yield served
    close(province, remove)


def sent_files() -> list[FilePayload]:
    """What both reporters send: a photograph with GPS, a paper with an author, a sound and a letter."""
    return [photograph(), paper(), recording(), LETTER]


def sent_in_steps(phone: Page) -> None:
    """Lodge with JavaScript; the files follow."""
    walk(phone)
    choose(phone, "#lapor", *sent_files())
    proceed(phone)
    phrase_shown(phone)
    expect(phone.locator("#following")).to_contain_text("Semua berkas sudah masuk laporan Anda.")


def sent_in_one_page(phone: Page) -> None:
    """Lodge without JavaScript; the files go along."""
    phone.goto("/lapor")
    reporting.fill_in(phone, reporting.ANSWERS)
    phone.locator("#berkas").set_input_files(sent_files())
    proceed(phone)
    expect(phone.get_by_text("4 berkas terkirim")).to_be_visible()


def waiting(lead: Page) -> set[str]:
    """Return the numbers of what nobody has opened."""
    lead.goto(WAITING)
    return acting.numbers(lead)


def taken(lead: Page, known: set[str]) -> str:
    """Take the one case that was not known before, opened; return its number."""
    [number] = waiting(lead) - known
    lead.goto(WAITING)
    acting.enter(lead, number)
    acting.unseal(lead)
    acting.take(lead)
    return number


def piece(lead: Page, name: str) -> Locator:
    """Return the register's row of a file."""
    return lead.locator("#evidence tbody tr").filter(has_text=name)


def number_of(row: Locator) -> str:
    """Return as what officers speak of it: ``B-2``."""
    return row.locator("th b").inner_text()


def looked_at(lead: Page, row: Locator) -> FrameLocator:
    """Look at a piece of evidence; return the frame that shows it."""
    row.get_by_role("button", name="Lihat").click()
    expect(lead.locator("#viewer")).to_be_visible()
    return lead.frame_locator("#viewer iframe")


def closed(lead: Page) -> None:
    """Look no longer."""
    lead.locator("#viewer").get_by_role("button", name="Tutup").click()
    expect(lead.locator("#viewer iframe")).to_have_count(0)
    # Until the opening is counted nothing else is opened.
    expect(lead.locator("#evidence .doing")).to_have_text("")


def kept(lead: Page, row: Locator) -> tuple[str, bytes]:
    """Keep a piece of evidence as a file; return its name and content."""
    with lead.expect_download() as download:
        row.get_by_role("button", name="Simpan").click()
    expect(lead.locator("#evidence .doing")).to_have_text("")
    return download.value.suggested_filename, Path(str(download.value.path())).read_bytes()


def looks_at_each(lead: Page) -> None:
    """See what each kind of file shows, and that what can be cleaned tells nothing any more."""
    acting.say_why(lead)
    picture = looked_at(lead, piece(lead, ".jpg")).get_by_role("img")
    expect(picture).to_be_visible()
    # A picture is there before it is drawn.
    for side, length in (("naturalWidth", 192), ("naturalHeight", 96)):
        expect(picture).to_have_js_property(side, length)
    closed(lead)
    _name, content = kept(lead, piece(lead, ".jpg"))
    exif = Image.open(io.BytesIO(content)).getexif()
    assert not exif.get_ifd(samples.GPS) and not exif.get_ifd(samples.DETAILS) and samples.hides(content) == 0
    expect(piece(lead, ".jpg")).to_contain_text("Keterangan tersembunyi sudah dibuang.")
    expect(looked_at(lead, piece(lead, ".pdf")).locator("#paper canvas")).to_be_visible()
    closed(lead)
    expect(looked_at(lead, piece(lead, ".wav")).locator("audio")).to_be_visible()
    closed(lead)
    lead.evaluate(NOTE_TYPES)
    name, content = kept(lead, piece(lead, "tarif.docx"))
    assert (name.partition("_")[2], content) == ("surat_tarif.docx", LETTER["buffer"])
    assert lead.evaluate("types") == ["application/octet-stream"]


def adds_his_own(lead: Page) -> None:
    """Add what a witness said, and a film of the counter; and look at both."""
    film: FilePayload = {"name": "loket.webm", "mimeType": "video/webm", "buffer": evidence.film(lead)}
    filled = acting.form(lead, "evidence")
    filled.locator("#evidence-files").set_input_files([INTERVIEW, film])
    for name, value in DETAILS.items():
        filled.locator(f"#evidence-{name}").fill(value)
    acting.send(lead, filled, "Bukti ditambah.")
    expect(piece(lead, "wawancara.txt")).to_contain_text("Sumber: Saksi pertama")
    shown = looked_at(lead, piece(lead, "wawancara.txt")).locator("#text")
    expect(shown).to_have_text(INTERVIEW["buffer"].decode())
    closed(lead)
    expect(looked_at(lead, piece(lead, "loket.webm")).locator("video")).to_be_visible()
    closed(lead)


def hands_on(lead: Page, action: str, reason: str, *names: str) -> zipfile.ZipFile:
    """Export evidence, or hand it over; return the archive."""
    filled = acting.form(lead, action)
    for name in names:
        filled.get_by_label(number_of(piece(lead, name))).check()
    filled.locator("textarea").fill(reason)
    with lead.expect_download() as download:
        filled.locator("button[type=submit]").click()
    expect(lead.locator("#handing")).to_contain_text("Arsip sudah diserahkan")
    return zipfile.ZipFile(str(download.value.path()))


def checked(archive: zipfile.ZipFile, folder: Path) -> str:
    """Have ``sha256sum`` check an archive; return what it tells of its evidence."""
    archive.extractall(folder)
    command = ["sha256sum", "-c", "--strict", "SHA256SUMS"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count(": OK")) == (0, len(archive.namelist()) - 1), done.stderr
    return (folder / "RIWAYAT-BUKTI.txt").read_text()


def verifies(lead: Page, said: str) -> None:
    """Have all evidence of the case read again, and read what came of it."""
    lead.locator("#verify").click()
    expect(lead.locator("#announcement")).to_contain_text(said)


def proposes_on_what_was_damaged(lead: Page, stored: Path, number: str) -> None:
    """See that nothing can be proposed while a chunk in the store is another, and what of it."""
    content = stored.read_bytes()
    stored.chmod(0o600)
    stored.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    verifies(lead, f"Tidak lagi sama seperti saat dikirim: {number}.")
    filled = acting.form(lead, "propose")
    filled.get_by_label("Tidak dapat diproses", exact=True).check()
    filled.locator("textarea[name=reason]").fill("Bukan pungli.")
    filled.locator("textarea[name=decision]").fill("Ini biaya resmi.")
    filled.locator("button[type=submit]").click()
    expect(filled.locator("#error-summary")).to_contain_text(f"Bukti {number} tidak cocok lagi")
    stored.write_bytes(content)


def test_evidence_is_sent_looked_at_added_to_handed_on_and_rested_on(
    phone: BrowserContext, plain_phone: BrowserContext, desktop: BrowserContext, installation: Installation,
    tmp_path: Path,
) -> None:  # fmt: skip
    lead = log_in(desktop, installation.of("lead", HERE.desk)[0])
    lead.emulate_media(reduced_motion="reduce")
    lead.on("dialog", lambda dialog: dialog.accept())
    known = waiting(lead)
    sent_in_one_page(plain_phone.new_page())
    taken(lead, known)
    looks_at_each(lead)
    _name, content = kept(lead, piece(lead, ".pdf"))
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert "/Author" not in pdf.docinfo and samples.hides(content) == 0

    sent_in_steps(phone.new_page())
    taken(lead, known)
    expect(lead.locator("#evidence tbody tr")).to_have_count(4)
    looks_at_each(lead)
    before = set(installation.instance.glob("objects/*/*"))
    adds_his_own(lead)
    verifies(lead, "6 berkas diperiksa; isinya sama seperti saat dikirim.")
    assert faults_of(lead, "register") == []

    told = checked(hands_on(lead, "export", "Untuk gelar perkara.", ".jpg", "wawancara.txt"), tmp_path / "export")
    assert "Alasan: Untuk gelar perkara." in told and "Membuka bukti B-" in told
    told = checked(hands_on(lead, "transfer", RECEIPT, "wawancara.txt", "loket.webm"), tmp_path / "transfer")
    assert told.count(f"Alasan: {RECEIPT}") == 3 and told.count("Alasan: Untuk gelar perkara.") == 1
    for name, handed in ((".jpg", 0), ("wawancara.txt", 1), ("loket.webm", 1)):
        expect(piece(lead, name).get_by_role("link", name="Bukti diserahkan")).to_have_count(handed)

    added = set(installation.instance.glob("objects/*/*")) - before
    first = min(added, key=lambda path: path.stat().st_mtime_ns)
    proposes_on_what_was_damaged(lead, first, number_of(piece(lead, "wawancara.txt")))
    with lead.expect_request(lambda request: '"check":' in (request.post_data or "")):
        acting.propose(lead, "Tidak dapat diproses", "Bukan pungli.", "Ini biaya resmi.")
