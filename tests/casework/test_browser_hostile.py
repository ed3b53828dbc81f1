"""Files made to harm whoever opens the case: manifests that lie, and names that are paths, lines and options."""

import io
import re
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from kernel.vault import box_manifest, open_manifest
from tests import client
from tests.casework import evidence
from tests.casework.test_acts import taken
from tests.casework.test_browser_case import Served, form, send, served, unlock
from tests.casework.test_browser_register import close, kept, look, row
from tests.client import Sealing
from tests.journeys.acting import say_why

__all__ = ["served"]

HARMLESS = re.compile(r"B-\d+_[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.[a-z0-9]{1,4}", re.ASCII)
FORGED = "SHA-256 isi: 0000"
NOTE_TYPES = """() => {
  const { createObjectURL } = URL;
  window.types = [];
  URL.createObjectURL = (blob) => {
    window.types.push(blob.type);
    return createObjectURL.call(URL, blob);
  };
}"""


def escaping() -> bytes:
    """Pack an archive whose names lead out of the folder that it is unpacked into."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../../../tmp/keluar", "x")
    return packed.getvalue()


# What each is called, of which type, what it is, and what its manifest says besides; as its reporter sends it.
SENT: list[tuple[str, str, bytes, dict[str, Any]]] = [
    ("-rf", "image/png", evidence.MARKUP, {}),
    (f"../../a\\b\n{FORGED}\n.sh", "text/html", evidence.MARKUP, {}),
    ("\u202e" * 120 + "gpj.exe", "image/svg+xml", evidence.DRAWING, {}),
    ("laporan\0.pdf", "application/pdf", evidence.paper(script="app.alert(1)"), {}),
    ('x";filename="y\r\nX: 1.zip', "text/html\r\nX: 1", escaping(), {}),
    ("lebih besar.txt", "text/plain", b"isi" * 2_000, {"size": 6_001}),
    ("bagian lebih.txt", "text/plain", b"isi", {"chunks": lambda told: (*told, "0" * 64)}),
    ("bagian lain.txt", "text/plain", b"isi", {"chunks": lambda told: ("0" * 64,)}),
    ("besar sekali.txt", "text/plain", b"isi", {"size": 2**52}),
    ("n" * 4_000, "text/plain", b"isi", {}),
]
READABLE, UNREADABLE = ("B-1", "B-2", "B-3", "B-4", "B-5"), ("B-7", "B-8", "B-9", "B-10")


def lying(sent: Sealing, lies: dict[str, Any]) -> Sealing:
    """Return the file with a manifest that says these things, signed for as it is."""
    told = open_manifest(sent.manifest, sent.opened_by)
    changed = {name: lie(getattr(told, name)) if callable(lie) else lie for name, lie in lies.items()}
    return replace(sent, manifest=box_manifest(replace(told, **changed), sent.opened_by))


@pytest.fixture(scope="module")
def number(served: Served) -> str:
    """A case that its lead has taken, whose reporter has sent all that; its number."""
    phrase, _complaint, number = taken(served.province)
    visitor = served.province.visitor()
    seen = client.visit(served.province.keys(phrase), visitor.ask)
    files = []
    for name, kind, content, lies in SENT:
        sent = client.send_file(seen, content, visitor.ask, visitor.put, name="a", type=kind)
        files.append(lying(sent, {"name": name, **lies}))
    client.act(seen, "message", "", visitor.ask, files=files)
    return number


@pytest.fixture(scope="module")
def window(served: Served, browser: Browser, number: str) -> Iterator[Page]:
    """The lead's window, on the case, opened; nothing in it may fail or ask anything."""
    context = served.context(browser, "lead", viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page, faults = context.new_page(), list[str]()
    page.on("pageerror", lambda error: faults.append(error.message))
    page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.accept()))
    page.goto(f"/petugas/perkara/{number}")
    page.click("#open-case")
    unlock(page, served)
    expect(page.locator("#evidence tbody tr")).to_have_count(len(SENT))
    say_why(page)
    yield page
    context.close()
    assert faults == []


def test_what_a_manifest_says_is_shown_as_text_and_a_lie_of_its_form_opens_nothing(window: Page) -> None:
    shown = window.locator("#evidence").text_content() or ""
    assert "[U+202E ×120]" in shown and "[U+0000]" in shown and "\u202e" not in shown
    assert window.locator("#evidence script, #evidence svg, #evidence iframe").count() == 0
    for number in UNREADABLE:
        expect(row(window, number)).to_contain_text("tidak dapat dibuka")
        assert row(window, number).get_by_role("button").count() == 0


def test_what_it_is_called_does_not_say_how_it_is_looked_at(window: Page) -> None:
    for number, trouble in (("B-1", "other"), ("B-2", "unknown"), ("B-3", "unknown"), ("B-5", "unknown")):
        expect(look(window, number).locator(f"[data-trouble={trouble}]")).to_be_visible()
        close(window)
        expect(window.locator("#evidence .doing")).to_have_text("")
    expect(look(window, "B-4").locator("#paper canvas")).to_be_visible()
    close(window)
    expect(window.locator("#evidence .doing")).to_have_text("")
    row(window, "B-6").get_by_role("button", name="Lihat").click()
    expect(window.locator("#announcement")).to_contain_text("tidak lagi cocok dengan yang dahulu dikirim")
    expect(window.locator("#viewer")).to_be_hidden()
    # Openings are still counted then, and who presses another button meanwhile presses in vain.
    expect(window.locator("#evidence .doing")).to_have_text("")


# Another window than the frame's, which is of the page's own origin besides.
SAY_AS_ANOTHER = """(said) => new Promise((told) => {
  addEventListener("message", () => setTimeout(told), { once: true });
  postMessage(said, "*");
})"""


def test_the_page_listens_to_the_frame_that_has_the_file_alone_and_hands_it_over_once(window: Page) -> None:
    shown = look(window, "B-4")
    expect(shown.locator("#paper canvas")).to_be_visible()
    window.evaluate(SAY_AS_ANOTHER, {"kentongan": "leave"})
    expect(window.locator("#viewer")).to_be_visible()
    # A second greeting: the file has gone to the frame already, and a page that tried again would fail.
    window.frames[-1].evaluate("() => parent.postMessage({ kentongan: 'ready' }, '*')")
    window.frames[-1].evaluate("() => parent.postMessage({ kentongan: 'leave' }, '*')")
    expect(window.locator("#viewer")).to_be_hidden()
    expect(window.locator("#evidence .doing")).to_have_text("")


def test_it_is_kept_as_bytes_under_a_name_that_starts_nothing_and_leads_nowhere(window: Page) -> None:
    window.evaluate(NOTE_TYPES)
    for number, (_name, _kind, content, _lies) in zip(READABLE, SENT, strict=False):
        name, bytes_kept = kept(window, number)
        assert (bool(HARMLESS.fullmatch(name)), bytes_kept) == (True, content), name
        assert name.rpartition(".")[2] in {"bin", "pdf"}, "an ending that some program would start"
    assert set(window.evaluate("types")) == {"application/octet-stream"}


def test_an_archive_of_it_unpacks_in_its_folder_and_its_sums_hold(window: Page, tmp_path: Path) -> None:
    filled = form(window, "export")
    for number in READABLE:
        filled.get_by_label(re.compile(rf"^\s*{number}\b")).check()
    filled.locator("textarea").fill("Untuk pemeriksaan.")
    with window.expect_download() as download:
        send(filled)
    with zipfile.ZipFile(str(download.value.path())) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path)
    *files, custody, sums = names
    assert [name for name in files if not HARMLESS.fullmatch(name)] == [] and len(set(names)) == len(READABLE) + 2
    done = subprocess.run(["sha256sum", "-c", "--strict", sums], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout.count(": OK")) == (0, len(READABLE) + 1), done.stderr
    told = (tmp_path / custody).read_text()
    # It stands there as a part of the name, further in than any line of ours.
    assert re.findall(rf"^( *){FORGED}", told, re.MULTILINE) == [" " * 6]
    assert "\u202e" not in told and "\0" not in told and "\r" not in told
