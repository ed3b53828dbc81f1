"""Files as evidence comes in: pictures, papers, sounds and texts, and what only pretends to be one."""

import base64
import io
import math
import struct
import wave
import zlib
from collections.abc import Sequence

import pikepdf
from PIL import Image, ImageDraw
from playwright.sync_api import Page

NOTHING = zlib.compress(b"q Q")
MARKUP = b"<!DOCTYPE html><html><body><script>parent.postMessage({kentongan: 'leave'}, '*')</script></body></html>"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><script>parent.postMessage("leave", "*")</script></svg>'


def picture(kind: str = "PNG", size: tuple[int, int] = (320, 200)) -> bytes:
    """Draw a picture: a dark field on paper."""
    image = Image.new("RGB", size, "#FBF7F0")
    ImageDraw.Draw(image).rectangle((40, 40, size[0] - 40, size[1] - 40), fill="#2B1B12")
    kept = io.BytesIO()
    image.save(kept, kind)
    return kept.getvalue()


def flood(width: int = 12_000, height: int = 12_000) -> bytes:
    """Write a PNG of some kilobytes that holds half a gigabyte of pixels, and which a browser would still draw."""
    packer, row = zlib.compressobj(9), bytes(1 + (width + 7) // 8)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def paper(pages: Sequence[str] = ("Kuitansi Rp150.000", "Lampiran"), script: str = "") -> bytes:
    """Write a PDF, one line a page in a font that is not inside, and with what runs when it is opened."""
    made = pikepdf.new()
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    for line in pages:
        page = made.add_blank_page(page_size=(420, 300))
        page.obj.Contents = made.make_stream(f"BT /F1 24 Tf 40 150 Td ({line}) Tj ET".encode())
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=made.make_indirect(font)))
    if script:
        made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String(script))
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


def written(*objects: bytes) -> bytes:
    """Write a PDF of just these objects, the first of which is its root: whatever no program would write."""
    content, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(b"%010d 00000 n \n" % len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, b"".join(places))
    return content + table + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(content))


def odd_paper(box: str = "0 0 400 300", root: bytes = b"", kids: str = "[3 0 R]", drawing: bytes = NOTHING) -> bytes:
    """Write a PDF of one page: how large it says it is, what else is in its root, which pages it has, what is drawn."""
    return written(
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % root, b"<< /Type /Pages /Kids %s /Count 1 >>" % kids.encode(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R >>" % box.encode(),
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
    )  # fmt: skip


def endless() -> bytes:
    """Write a PDF of a megabyte that draws half a gigabyte of lines: minutes of work for whoever shows it."""
    packer, part = zlib.compressobj(9), b"0 0 m 1 1 l S\n" * 75_000
    return odd_paper(drawing=b"".join(packer.compress(part) for _ in range(512)) + packer.flush())


def scan() -> bytes:
    """Write a PDF of one page as a fax or an office's scanner makes it: a black and white picture, CCITT-coded."""
    image = Image.new("1", (400, 300), 1)
    ImageDraw.Draw(image).rectangle((100, 100, 300, 200), fill=0)
    kept = io.BytesIO()
    image.save(kept, "PDF")
    return kept.getvalue()


def sound(seconds: float = 0.5, rate: int = 8_000) -> bytes:
    """Record a tone."""
    kept = io.BytesIO()
    with wave.open(kept, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        heights = (int(8_000 * math.sin(2 * math.pi * 440 * at / rate)) for at in range(int(seconds * rate)))
        written.writeframes(b"".join(struct.pack("<h", height) for height in heights))
    return kept.getvalue()


# Frames are drawn until some have been written: how long that takes is the browser's affair.
RECORD = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
  const pen = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: "video/webm;codecs=vp8" });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const ended = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start(20);
  for (let at = 0; parts.reduce((sum, { size }) => sum + size, 0) < 1_000; at++) {
    pen.fillStyle = at % 2 ? "#2B1B12" : "#FBF7F0";
    pen.fillRect(0, 0, at % 64, 48);
    await new Promise(requestAnimationFrame);
  }
  recorder.stop();
  await ended;
  return btoa(String.fromCharCode(...new Uint8Array(await new Blob(parts).arrayBuffer())));
}"""


def film(page: Page) -> bytes:
    """Have a browser film what it draws: a WebM of 64 by 48."""
    return base64.b64decode(page.evaluate(RECORD))
