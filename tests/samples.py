"""Files as people have them, made by real tools: each says in its hidden places what ``CANARY`` begins."""

import io
import wave
import zipfile
import zlib
from collections.abc import Callable

import docx
import pikepdf
from PIL import Image, ImageCms, ImageDraw
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational

CANARY = "KENARI-"
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>{CANARY}XMP</dc:creator></x:xmpmeta>'
GPS, DETAILS = 0x8825, 0x8769
# In several scans, and with restarts within them.
HOW = {"quality": 92, "progressive": True, "restart_marker_blocks": 3}
SIDE = 96


def drawing(mode: str = "RGB", size: tuple[int, int] = (SIDE * 2, SIDE)) -> Image.Image:
    """Draw what can be told upright: red at the top left, blue at the bottom right."""
    drawn = Image.new("RGB", size, "white")
    pen, (width, height) = ImageDraw.Draw(drawn), size
    pen.rectangle((0, 0, width // 2 - 1, height // 2 - 1), fill="red")
    pen.rectangle((width // 2, height // 2, width, height), fill="blue")
    return drawn.convert(mode)


def notes(orientation: int = 1) -> Image.Exif:
    """What a telephone writes beside a photograph: where, with what, and what only its maker can read."""
    exif = Image.Exif()
    exif.update({0x010F: f"{CANARY}PABRIK", 0x0110: f"{CANARY}HP", 0x0112: orientation, 0x013B: f"{CANARY}NAMA"})
    preview = io.BytesIO()
    drawing(size=(16, 8)).save(preview, "JPEG", comment=f"{CANARY}PRATINJAU")
    makers = f"{CANARY}CATATAN".encode() + preview.getvalue()
    exif.get_ifd(DETAILS).update({0x927C: makers, 0x9003: "2026:11:24 09:32:11"})
    where = {1: "S", 2: (IFDRational(6), IFDRational(58), IFDRational(12)), 0x1B: f"{CANARY}TEMPAT".encode()}
    exif.get_ifd(GPS).update(where)
    return exif


def profile() -> bytes:
    """The colours of every screen, described by a device's name in UTF-16."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return plain.replace("sRGB built-in".encode("utf-16-be"), f"{CANARY}PROFIL".encode("utf-16-be"))


def hides(content: bytes) -> int:
    """How often a canary stands in ``content``."""
    return sum(content.count(CANARY.encode(encoding)) for encoding in ("ascii", "utf-16-be"))


def photograph(orientation: int = 1, size: tuple[int, int] = (SIDE * 2, SIDE)) -> bytes:
    """A JPEG with EXIF, GPS, maker's notes, XMP, a comment and a ZIP behind it."""
    exif = notes(orientation)
    made = io.BytesIO()
    drawing(size=size).save(made, "JPEG", exif=exif, xmp=XMP.encode(), comment=f"{CANARY}KOMENTAR", **HOW)
    return made.getvalue() + archive()


def archive() -> bytes:
    """A ZIP, as it hides behind a picture."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("rahasia.txt", f"{CANARY}ZIP")
    return packed.getvalue()


def screenshot() -> bytes:
    """A PNG with texts, EXIF, and a name rubbed out to transparency whose colours are still there."""
    texts = PngInfo()
    texts.add_text("Author", f"{CANARY}PENULIS")
    texts.add_itxt("Comment", f"{CANARY}KOMENTAR")
    texts.add_text("Software", f"{CANARY}PROGRAM", zip=False)
    drawn = drawing("RGBA")
    rubbed = CANARY.encode().ljust(3 * 4, b"-")
    for at in range(4):
        drawn.putpixel((at, 0), (*rubbed[3 * at : 3 * at + 3], 0))
    made = io.BytesIO()
    drawn.save(made, "PNG", pnginfo=texts, exif=notes(), icc_profile=profile())
    return made.getvalue()


def sticker() -> bytes:
    """A WebP with EXIF and XMP."""
    made = io.BytesIO()
    drawing().save(made, "WEBP", exif=notes(), xmp=XMP.encode(), icc_profile=profile(), quality=92)
    return made.getvalue()


def scan() -> bytes:
    """A TIFF with a description and a maker."""
    made = io.BytesIO()
    drawing().save(made, "TIFF", tiffinfo={0x010E: f"{CANARY}JUDUL", 0x010F: f"{CANARY}PABRIK"})
    return made.getvalue()


def still() -> bytes:
    """A GIF of one picture with a comment."""
    made = io.BytesIO()
    drawing("P").save(made, "GIF", comment=f"{CANARY}KOMENTAR".encode())
    return made.getvalue()


def film(format: str = "GIF") -> bytes:
    """Two pictures in one file: whoever drew only the first anew would lose the other."""
    made = io.BytesIO()
    drawing().save(made, format, save_all=True, append_images=[Image.new("RGB", (SIDE * 2, SIDE), "black")])
    return made.getvalue()


def paper() -> bytes:
    """A PDF with an author, XMP, scripts, attachments, a photograph, notes by name, and what it showed before."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        photo = pdf.make_stream(
            photograph(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=SIDE * 2, Height=SIDE,
            ColorSpace=[pikepdf.Name.ICCBased, pdf.make_stream(profile(), N=3)], BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode, Metadata=pdf.make_stream(XMP.encode()), Aplikasi=f"{CANARY}GAMBAR",
        )  # fmt: skip
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=photo))
        page.Contents = pdf.make_stream(f"BT ({CANARY}VERSI) Tj ET".encode())
        page.LastModified = f"D:2026 {CANARY}HALAMAN"
        page.PieceInfo = pikepdf.Dictionary(Aplikasi=pikepdf.Dictionary(Private=f"{CANARY}PIECE"))
        page.Thumb = pdf.make_stream(f"{CANARY}THUMB".encode())
        page.Annots = pikepdf.Array([pdf.make_indirect(each) for each in _remarks()])
        # Answers one, and has a window, that no page shows any more.
        for name in ("IRT", "Popup"):
            page.Annots[0][f"/{name}"] = pdf.make_indirect(_remarks()[0])
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=f"app.alert('{CANARY}JS')")
        page.Aplikasi = f"{CANARY}LEMBAR"
        pdf.Root.Aplikasi = f"{CANARY}AKAR"
        pdf.Root.Pages.Aplikasi = f"{CANARY}POHON"
        signature = pikepdf.Dictionary(Type=pikepdf.Name.Sig, ByteRange=[0, 1, 2, 3], Name=f"{CANARY}TANDA")
        field = pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="tanda tangan", V=signature)
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[pdf.make_indirect(field)], SigFlags=3)
        usage = pikepdf.Dictionary(CreatorInfo=pikepdf.Dictionary(Creator=f"{CANARY}LAPISAN"))
        layer = pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="Lapisan 1", Usage=usage)
        shown = pikepdf.Dictionary(Creator=f"{CANARY}SUSUNAN")
        pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=[pdf.make_indirect(layer)], D=shown)
        pdf.docinfo["/Author"] = f"{CANARY}PENULIS"
        pdf.docinfo["/Title"] = f"{CANARY}JUDUL"
        with pdf.open_metadata() as xmp:
            xmp["dc:creator"] = [f"{CANARY}XMP"]
        pdf.attachments[f"{CANARY}LAMPIRAN.txt"] = f"{CANARY}LAMPIRAN".encode()
        made = io.BytesIO()
        pdf.save(made, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return _changed(made.getvalue())


def _remarks() -> list[pikepdf.Dictionary]:
    def remark(**more: object) -> pikepdf.Dictionary:
        return pikepdf.Dictionary(Type=pikepdf.Name.Annot, Rect=[0, 0, 9, 9], **more)

    disk = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=f"file:///C:/Users/{CANARY}DISK/a.pdf")
    site = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://jatengprov.go.id/", Next=disk)
    return [
        remark(Subtype=pikepdf.Name.Text, Contents="Harganya beda.", T=f"{CANARY}NAMA", M=f"{CANARY}WAKTU"),
        remark(Subtype=pikepdf.Name.Link, A=site),
        remark(Subtype=pikepdf.Name.Link, A=disk),
        pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, T=f"{CANARY}TAK-TAMPAK"),
        remark(Subtype=pikepdf.Name.FileAttachment, FS=pikepdf.Dictionary(UF=f"{CANARY}BERKAS")),
    ]


def _changed(earlier: bytes) -> bytes:
    """Change what the page shows as editors do, behind what it showed before (ISO 32000-1, 7.5.6)."""
    with pikepdf.open(io.BytesIO(earlier)) as pdf:
        (number, _), (root, _) = pdf.pages[0].Contents.objgen, pdf.Root.objgen
        size, info = len(pdf.objects) + 1, pdf.docinfo.objgen[0]
    before = int(earlier[earlier.rindex(b"startxref") :].split()[1])
    shown = zlib.compress(b"q 192 0 0 96 0 0 cm /Im0 Do Q") + f"{CANARY}EKOR".encode()
    head = b"%d 0 obj\n<< /Filter /FlateDecode /Length %d >>\n" % (number, len(shown))
    now = head + b"stream\n%s\nendstream\nendobj\n" % shown
    table = b"xref\n%d 1\n%010d 00000 n \ntrailer\n" % (number, len(earlier))
    trailer = b"<< /Size %d /Root %d 0 R /Info %d 0 R /Prev %d >>\n" % (size, root, info, before)
    return earlier + now + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (len(earlier) + len(now))


def document() -> bytes:
    """A DOCX with its author's name."""
    made, letter = io.BytesIO(), docx.Document()
    letter.core_properties.author = f"{CANARY}PENULIS"
    letter.add_paragraph("Biaya sertifikat Rp. 650.000")
    letter.save(made)
    return made.getvalue()


def recording() -> bytes:
    """A tenth of a second of silence, as WAV."""
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1600))
    return made.getvalue()


# What is cleaned on the server, and its name and type afterwards.
CLEANABLE: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "IMG_20261124.jpeg": (photograph, "IMG_20261124.jpeg", "image/jpeg"),
    "tangkapan.png": (screenshot, "tangkapan.png", "image/png"),
    "stiker.webp": (sticker, "stiker.jpg", "image/jpeg"),
    "pindaian.TIF": (scan, "pindaian.png", "image/png"),
    "gambar.gif": (still, "gambar.png", "image/png"),
    "surat.jpg": (paper, "surat.pdf", "application/pdf"),
}
