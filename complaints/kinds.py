"""What a file is, judged by its first bytes and never by its name: the browser has the same in ``kinds.js``."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder

UNKNOWN = "application/octet-stream"
# As many bytes as are looked at.
HEAD_BYTES = 4096
# The first that fits is it: of the boxes of ISO 14496-12 the brand says which, of RIFF its form, of EBML its doctype.
SIGNATURES: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), kind)
    for pattern, kind in (
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"\x89PNG\r\n\x1a\n", "image/png"),
        (rb"RIFF....WEBP", "image/webp"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"II\*\0|MM\0\*", "image/tiff"),
        (rb"BM.{4}\0{4}", "image/bmp"),
        (rb"....ftyp(?:heic|heix|heim|heis|hevc|mif1|msf1)", "image/heic"),
        (rb"....ftypavi[fs]", "image/avif"),
        (rb"%PDF-", "application/pdf"),
        (rb"RIFF....WAVE", "audio/wav"),
        (rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]", "audio/mpeg"),
        (rb"\xff[\xf0\xf1\xf8\xf9]", "audio/aac"),
        (rb"OggS", "audio/ogg"),
        (rb"fLaC", "audio/flac"),
        (rb"#!AMR", "audio/amr"),
        (rb"....ftypM4[AB]", "audio/mp4"),
        (rb"....ftyp3g", "video/3gpp"),
        (rb"....ftypqt", "video/quicktime"),
        (rb"....ftyp", "video/mp4"),
        (rb"\x1a\x45\xdf\xa3.{0,64}webm", "video/webm"),
        (rb"PK\x03\x04", "application/zip"),
    )
)
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
ENDING = re.compile(r"\.[^.]*\Z")
# What a cleaned file is called at its end, and what else means the same.
ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "application/pdf": (".pdf",),
}


def kind_of(head: bytes) -> str:
    """Return the media type of a file that begins with ``head`` (``HEAD_BYTES`` of it, or all)."""
    for pattern, kind in SIGNATURES:
        if pattern.match(head):
            return kind
    return "text/plain" if _is_text(head[:HEAD_BYTES]) else UNKNOWN


def _is_text(head: bytes) -> bool:
    if not head or CONTROLS.search(head):
        return False
    try:
        # The cut may go through a letter.
        getincrementaldecoder("utf-8")().decode(head, final=len(head) < HEAD_BYTES)
    except UnicodeDecodeError:
        return False
    return True


def named(name: str, kind: str) -> str:
    """Return ``name`` with an ending that fits a cleaned file of ``kind``."""
    endings = ENDINGS[kind]
    if name.lower().endswith(endings):
        return name
    return f"{ENDING.sub('', name) or 'berkas'}{endings[0]}"
