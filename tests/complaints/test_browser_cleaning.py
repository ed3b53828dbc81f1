"""In a browser, too: what a photograph hides is gone before it is sent, and no noise is sent in its place."""

import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from complaints.cleaning import LARGEST_CLEANED
from complaints.kinds import kind_of, named
from tests import samples
from tests.browser_fixtures import close
from tests.complaints.test_cleaning import UNCLEANABLE, corners

CLEAN = """async ([name, content, more]) => {
  const { base64, fromBase64 } = await import("/static/js/vault/bytes.js");
  const { cleaned } = await import("/static/js/complaints/cleaning.js");
  const given = new File([fromBase64(content), new Uint8Array(more)], name, { type: "text/html" });
  const { blob, ...said } = await cleaned(given);
  return { ...said, same: blob === given, content: base64(new Uint8Array(await blob.arrayBuffer())) };
}"""
JUDGE = """async (heads) => {
  const { fromBase64 } = await import("/static/js/vault/bytes.js");
  const { kindOf } = await import("/static/js/complaints/kinds.js");
  return heads.map((head) => kindOf(fromBase64(head)));
}"""
NAME = """async (names) => {
  const { named } = await import("/static/js/complaints/kinds.js");
  return names.map((name) => named(name, "image/jpeg"));
}"""
# What browsers do that fear to be recognised: they give back white, or noise, until their owner allows otherwise.
WHITE = """
CanvasRenderingContext2D.prototype.getImageData = (x, y, width, height) => {
  const given = new ImageData(width, height);
  given.data.fill(255);
  return given;
};
"""
# How often a picture has been unpacked, which takes the memory.
COUNT = """
globalThis.decoded = 0;
const { createImageBitmap: unpack } = globalThis;
globalThis.createImageBitmap = (...given) => { decoded += 1; return unpack(...given); };
"""
# And what some do where a canvas is too large for them: nothing is drawn, and nobody is told.
EMPTY = """
const { toBlob } = HTMLCanvasElement.prototype;
HTMLCanvasElement.prototype.toBlob = function (...given) {
  const other = Object.assign(document.createElement("canvas"), { width: this.width, height: this.height });
  other.getContext("2d");
  toBlob.apply(other, given);
};
"""


def cleaned(page: Page, name: str, content: bytes, more: int = 0) -> dict[str, Any]:
    """What a page makes of a file, which ends in ``more`` zeros."""
    said: dict[str, Any] = page.evaluate(CLEAN, [name, base64.b64encode(content).decode(), more])
    return said | {"content": base64.b64decode(said["content"])}


def shown(answer: dict[str, Any]) -> Image.Image:
    """What a cleaned photograph shows; that it hides nothing is seen to."""
    content = answer["content"]
    assert answer["how"] == "cleaned" and not samples.hides(content) and b"2026:11:24" not in content
    return Image.open(io.BytesIO(content))


@pytest.fixture(params=[WHITE, EMPTY], ids=["white", "empty"])
def untrue(request: pytest.FixtureRequest, browser: Browser, scripts_url: str) -> Iterator[Page]:
    """A page of a browser whose canvases do not give back what was drawn."""
    context = browser.new_context(base_url=scripts_url)
    context.add_init_script(request.param)
    page = context.new_page()
    page.goto("/")
    yield page
    close(context)


@pytest.mark.parametrize("name", ["IMG_20261124.jpeg", "tangkapan.png", "stiker.webp"])
def test_a_photograph_is_drawn_anew(blank: Page, name: str) -> None:
    made, new_name, kind = samples.CLEANABLE[name]
    answer = cleaned(blank, name, made())
    assert (answer["name"], answer["type"]) == (new_name, kind)
    assert corners(shown(answer)) == ([True, False, False, False], [False, False, False, True])


def test_a_turned_photograph_stands_upright_and_a_clear_one_stays_clear(blank: Page) -> None:
    upright = shown(cleaned(blank, "a.jpg", samples.photograph(orientation=6)))
    assert corners(upright) == corners(samples.drawing().transpose(Image.Transpose.ROTATE_270))
    assert not upright.getexif()
    clear = io.BytesIO()
    Image.new("RGBA", (40, 20), (0, 0, 254, 0)).save(clear, "WEBP", lossless=True)
    answer = cleaned(blank, "stiker.webp", clear.getvalue())
    assert shown(answer).convert("RGBA").getpixel((9, 9)) == (0, 0, 0, 0) and answer["name"] == "stiker.png"


@pytest.mark.parametrize("orientation", [1, 6])
def test_where_nothing_can_be_drawn_a_photograph_is_put_together_of_its_own_parts(
    untrue: Page, orientation: int
) -> None:
    content = samples.photograph(orientation)
    answer = cleaned(untrue, "a.jpg", content)
    picture = shown(answer)
    assert dict(picture.getexif()) == ({} if orientation == 1 else {0x0112: orientation})
    assert picture.tobytes() == Image.open(io.BytesIO(content)).tobytes()
    for made in (samples.sticker, opaque):
        again = shown(answer := cleaned(untrue, "a", made()))
        # Of a WebP's flags none that tells of what is gone.
        assert answer["type"] != "image/webp" or not answer["content"][20] & 0x2C
        assert corners(again) == corners(samples.drawing()) and not again.info.keys() & {"exif", "xmp", "Author"}
    # Colours under full transparency would be left.
    for content in (samples.screenshot(), opaque(transparency=(255, 255, 255))):
        assert cleaned(untrue, "a.png", content)["how"] == "impossible"


def opaque(**more: Any) -> bytes:
    """A PNG without transparency, but for a colour that ``more`` may name, with its notes."""
    made = io.BytesIO()
    Image.open(io.BytesIO(samples.screenshot())).convert("RGB").save(made, "PNG", exif=samples.notes(), **more)
    return made.getvalue()


def test_a_photograph_too_large_to_be_drawn_is_neither_decoded_nor_scaled(browser: Browser, scripts_url: str) -> None:
    context = browser.new_context(base_url=scripts_url)
    context.add_init_script(COUNT)
    page = context.new_page()
    page.goto("/")
    picture = shown(cleaned(page, "a.jpg", samples.photograph(orientation=8, size=(5100, 5000))))
    assert picture.size == (5100, 5000) and picture.getexif()[0x0112] == 8
    assert page.evaluate("decoded") == 0
    shown(cleaned(page, "a.jpg", samples.photograph()))
    assert page.evaluate("decoded") == 2
    close(context)


def test_a_format_of_which_only_the_browser_knows_is_drawn_unless_it_is_too_large(blank: Page) -> None:
    answer = cleaned(blank, "foto.avif", avif((192, 96)))
    assert corners(shown(answer)) == corners(samples.drawing()) and answer["name"] == "foto.jpg"
    assert cleaned(blank, "foto.avif", avif((5100, 5000)))["how"] == "impossible"


def avif(size: tuple[int, int]) -> bytes:
    """A photograph as new telephones write it, with its notes."""
    made = io.BytesIO()
    samples.drawing(size=size).save(made, "AVIF", exif=samples.notes(), xmp=samples.XMP.encode(), quality=95, speed=10)
    return made.getvalue()


# Of sixteen bits, which a browser draws as eight; and of more pixels than anybody draws, whose notes go all the same.
REASSEMBLED = {"dalam.png", "banjir.png", "lebar.png", "isian.png"}


def test_what_cannot_be_cleaned_stays_as_it_is(blank: Page) -> None:
    assert cleaned(blank, "besar.jpg", samples.photograph(), LARGEST_CLEANED)["how"] == "impossible"
    others = {name: content for name, content in UNCLEANABLE.items() if name != "besar.jpg"}
    others |= {name: samples.CLEANABLE[name][0]() for name in ("surat.jpg", "gambar.gif", "pindaian.TIF")}
    for name, content in others.items():
        answer = cleaned(blank, name, content)
        expected = ("cleaned", False) if name in REASSEMBLED else ("impossible", True)
        assert (answer["how"], answer["same"], answer["name"]) == (*expected, name)


def test_a_broken_photograph_hides_nothing_either(blank: Page) -> None:
    for made in (samples.photograph, samples.screenshot, samples.sticker):
        content = made()
        for cut in (1, 3, 20, 40, 300):
            answer = cleaned(blank, "a", content[:-cut])
            assert answer["how"] == "impossible" or not samples.hides(answer["content"])


def test_browser_and_server_judge_alike(blank: Page) -> None:
    whole = [made() for made, _, _ in samples.CLEANABLE.values()] + list(UNCLEANABLE.values())
    heads = [each[:4096] for each in whole] + [mark + bytes(99) for mark in MARKS] + TEXTS
    encoded = [base64.b64encode(head).decode() for head in heads]
    judged = [kind_of(head) for head in heads]
    assert blank.evaluate(JUDGE, encoded) == judged
    assert len(set(judged)) == 23
    names = ["a.webp", "A.JPG", "a.b.png", "berkas", ".png", "a.jpeg"]
    assert blank.evaluate(NAME, names) == [named(name, "image/jpeg") for name in names]


MARKS = [
    *(b"\0\0\0\x18ftyp" + brand for brand in (b"heic", b"mif1", b"avif", b"M4A ", b"3gp4", b"qt  ", b"isom")),
    b"ID3", b"\xff\xfb", b"\xff\xf1", b"OggS", b"fLaC", b"#!AMR", b"\x1a\x45\xdf\xa3\x93webm", b"BM1234\0\0\0\0",
    b"\x1a\x45\xdf\xa3matroska", b"II*\0", b"MM\0*",
]  # fmt: skip
TEXTS = [
    b"", b"a", b"a\0", b"\x7f", "Rp650.000 — ngéné".encode(), b"\xff\xfeu\0", ("a" * 4095 + "é").encode()[:4096],
    b"a" * 4095 + b"\xff", b"\xc3", b"\xef\xbb\xbfteks\r\n\x0c",
]  # fmt: skip
