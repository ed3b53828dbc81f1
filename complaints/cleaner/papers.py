"""PDFs, written anew: the pages and what they show, without what is written about them or lies behind them.

Of the document, its pages, notes and pictures only what is known to be needed stays (ISO 32000-1, tables 28, 30, 89,
95, 164); elsewhere what is known to betray goes. qpdf writes what is reached from there: earlier versions are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from pikepdf import AccessMode, Array, Dictionary, Name, Object, ObjectStreamMode, Page, Pdf, Stream, StreamDecodeLevel

from complaints.cleaner.errors import Impossible
from complaints.cleaner.segments import without_notes

MOST_OBJECTS = 100_000
BLANK = b"\0\t\n\f\r \x1a"


def _names(text: str) -> frozenset[str]:
    return frozenset(f"/{name}" for name in text.split())


ROOT = _names(
    "Type Version Pages PageLabels Names Dests ViewerPreferences PageLayout PageMode Outlines AcroForm Lang"
    " OCProperties"
)
NODE = _names("Type Parent Kids Count Resources MediaBox CropBox Rotate")
PAGE = _names(
    "Type Parent Resources MediaBox CropBox BleedBox TrimBox ArtBox Contents Rotate Group Annots UserUnit Tabs"
)
FORM = _names("Fields NeedAppearances DR DA Q")
NOTE = _names(
    "Type Subtype Rect Contents F AP AS Border C BS BE RD QuadPoints L LE LL LLE Vertices InkList IC Dest A Open Name"
    " CA DA DS Q CL Popup Parent IRT RT IT H MK OC"
)
# A field of a form is a note as well, and its name is no person's.
FIELD = NOTE | _names("FT T TU V DV Ff Kids Opt MaxLen TI I")
PICTURE = _names(
    "Type Subtype Width Height ColorSpace BitsPerComponent Decode DecodeParms Filter Length ImageMask Mask SMask Matte"
    " Interpolate Intent Name OC"
)
DRAWING = _names("Type Subtype FormType BBox Matrix Resources Group Name OC Filter DecodeParms Length")
KEPT_OF_STREAMS = {"/Image": PICTURE, "/Form": DRAWING}
# Wherever they stand.
BETRAYING = _names(
    "Metadata PieceInfo LastModified Author Creator Producer CreationDate ModDate AF AA Thumb EF RF Alternates OPI"
    " CreatorInfo User JS JavaScript"
    " Measure PtData XFA SE StructParent StructParents Perms Lock SV"
)
# Shown by plug-ins, of files of their own.
UNSEEN = _names("Sound Movie Screen 3D RichMedia")
# Qpdf cannot unpack it, and nothing is written in it but black and white.
FAX = _names("CCITTFaxDecode CCF")
PHOTOGRAPH = _names("DCTDecode DCT")
PHOTOGRAPH_IN_TEXT = re.compile(rb"/DCT(?:Decode)?\b")
DEVICE_COLOURS = {1: Name.DeviceGray, 3: Name.DeviceRGB, 4: Name.DeviceCMYK}
# Where a click leads: elsewhere in the paper, or to an address that is no place on somebody's disk.
ADDRESS = re.compile(rb"(?:https?|mailto|tel):", re.IGNORECASE)


def rewrite(content: bytes, kind: str) -> tuple[str, bytes]:
    """Return the type and bytes of the paper alone; raises ``Impossible``, or what qpdf raises at broken ones.

    Nothing is mended: what qpdf would leave out of a damaged file, somebody else's viewer shows. One that was cut may
    end as it did before it was changed.
    """
    if content.rpartition(b"%%EOF")[2].strip(BLANK):
        raise Impossible
    with Pdf.open(BytesIO(content), attempt_recovery=False, access_mode=AccessMode.stream) as pdf:
        if pdf.is_encrypted or len(pdf.objects) > MOST_OBJECTS or not len(pdf.pages):
            raise Impossible
        _strip_document(pdf)
        for page in pdf.pages:
            _strip_page(page)
        for thing in pdf.objects:
            _strip_all(thing, pdf)
        written = BytesIO()
        pdf.save(
            written, fix_metadata_version=False, object_stream_mode=ObjectStreamMode.generate, recompress_flate=True,
            stream_decode_level=StreamDecodeLevel.specialized, deterministic_id=True,
        )  # fmt: skip
    return kind, written.getvalue()


def _keep(given: Object, names: frozenset[str]) -> None:
    for name in set(given.keys()) - names:
        del given[name]


def _strip_document(pdf: Pdf) -> None:
    _keep(pdf.trailer, _names("Root Size"))
    _keep(pdf.Root, ROOT)
    if "/Names" in pdf.Root:
        _keep(pdf.Root.Names, _names("Dests"))
    if "/AcroForm" in pdf.Root:
        if "/XFA" in pdf.Root.AcroForm:  # the pages only ask for another viewer
            raise Impossible
        _keep(pdf.Root.AcroForm, FORM)


def _strip_page(page: Page) -> None:
    _keep(page.obj, PAGE)
    above = page.obj.get("/Parent")
    while above is not None and set(above.keys()) - NODE:
        _keep(above, NODE)
        above = above.get("/Parent")
    if "/Annots" in page.obj:
        page.obj.Annots = Array(_notes(page.obj.Annots))


def _notes(given: Object) -> Iterator[Object]:
    for note in given.as_list():
        subtype = str(note.get("/Subtype"))
        if subtype in UNSEEN:
            raise Impossible
        # Without a rectangle it is shown nowhere.
        if subtype != "/FileAttachment" and "/Rect" in note:
            yield note


def _strip_all(thing: Object, pdf: Pdf) -> None:
    """Strip an object and what is written within it; what it only refers to comes by itself."""
    waiting: list[Object] = [thing]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Stream):
            _strip_stream(each, pdf)
        if isinstance(each, (Dictionary, Stream)):
            _strip_names(each)
            _wait(waiting, (each[name] for name in each.keys()))
        elif isinstance(each, Array):
            _strip_colours(each)
            _wait(waiting, each.as_list())


def _wait(waiting: list[Object], within: Iterable[object]) -> None:
    waiting += [part for part in within if isinstance(part, Object) and not part.is_indirect]


def _strip_names(given: Object) -> None:
    for name in BETRAYING & set(given.keys()):
        del given[name]
    if "/Rect" in given and "/Subtype" in given:  # a note, be it one that no page shows and only another refers to
        _keep(given, FIELD if given.Subtype == Name.Widget else NOTE)
    if "/ByteRange" in given:  # a signature, which is broken by now, with its signer's certificate
        _keep(given, frozenset())
    if isinstance(given.get("/A"), Dictionary) and "/S" in given.A:
        _strip_click(given)


def _strip_click(given: Object) -> None:
    action = given.A
    if action.S == Name.GoTo:
        _keep(action, _names("S D"))
    elif action.S == Name.URI and ADDRESS.match(bytes(action.get("/URI", b""))):
        _keep(action, _names("S URI"))
    else:
        del given["/A"]


def _strip_colours(given: Object) -> None:
    """Take the plain colours in place of those of a profile, which names the scanner and its day."""
    if len(given) == 2 and given[0] == Name.ICCBased:
        given[0] = DEVICE_COLOURS[int(given[1].N)]
        del given[1]


def _strip_stream(stream: Object, pdf: Pdf) -> None:
    if "/F" in stream or "/FFilter" in stream:  # its bytes are in another file
        raise Impossible
    if (subtype := str(stream.get("/Subtype"))) in KEPT_OF_STREAMS:
        _keep(stream, KEPT_OF_STREAMS[subtype])
    filters = _filters(stream)
    if filters and filters[-1] in PHOTOGRAPH:
        _strip_photograph(stream, filters[:-1], pdf)
    elif not FAX & set(filters):
        _look_into(stream, subtype)


def _look_into(stream: Object, subtype: str) -> None:
    # Read also where nothing is looked for. What cannot be unpacked, damaged or of a kind that qpdf does not know, it
    # would write as it is, with all that is in it; here it is an error.
    content = stream.read_bytes(StreamDecodeLevel.specialized)
    if subtype != "/Image" and PHOTOGRAPH_IN_TEXT.search(content):
        raise Impossible


def _filters(stream: Object) -> list[str]:
    given = stream.get("/Filter", Array())
    return [str(each) for each in (given.as_list() if isinstance(given, Array) else [given])]


def _strip_photograph(stream: Object, around: list[str], pdf: Pdf) -> None:
    jpeg = stream.read_raw_bytes()
    if around:
        wrapped = Stream(pdf, jpeg, Filter=Array([Name(each) for each in around]))
        if isinstance(parameters := stream.get("/DecodeParms"), Array):
            wrapped.DecodeParms = Array(parameters.as_list()[:-1])
        jpeg = wrapped.read_bytes(StreamDecodeLevel.specialized)
    stream.write(without_notes(jpeg), filter=Name.DCTDecode, decode_parms=_last_parameters(stream))


def _last_parameters(stream: Object) -> Any:
    given = stream.get("/DecodeParms")
    return given[-1] if isinstance(given, Array) and len(given) else given
