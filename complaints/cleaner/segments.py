"""JPEGs inside PDFs: not drawn anew, only without what is written beside the picture (ITU T.81 annex B)."""

from __future__ import annotations

from collections.abc import Iterator

from complaints.cleaner.errors import Impossible

START, END, SCAN, ADOBE = 0xD8, 0xD9, 0xDA, 0xEE
ADOBE_BYTES = 12
# Frames, Huffman and arithmetic tables, quantisation, line counts, restart intervals.
NEEDED = frozenset({*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD})


def without_notes(jpeg: bytes) -> bytes:
    """Return ``jpeg`` of those segments that the picture is made of, and nothing behind its end; or ``Impossible``."""
    if jpeg[:2] != bytes((0xFF, START)):
        raise Impossible
    return b"".join((jpeg[:2], *_kept(jpeg), bytes((0xFF, END))))


def _kept(jpeg: bytes) -> Iterator[bytes]:
    at = 2
    while (marker := _marker(jpeg, at)) != END:
        ends = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4])
        if ends < at + 4 or ends > len(jpeg):
            raise Impossible
        if marker == SCAN:
            ends = _end_of_scan(jpeg, ends)
        if marker in NEEDED or marker == SCAN:
            yield jpeg[at:ends]
        elif marker == ADOBE and jpeg[at + 4 : at + 9] == b"Adobe":
            # It says how the colours are mixed, in twelve bytes.
            yield b"\xff\xee\x00\x0e" + jpeg[at + 4 : at + 4 + ADOBE_BYTES].ljust(ADOBE_BYTES, b"\0")
        at = ends


def _marker(jpeg: bytes, at: int) -> int:
    if jpeg[at : at + 1] != b"\xff" or at + 1 >= len(jpeg):
        raise Impossible
    return jpeg[at + 1]


def _end_of_scan(jpeg: bytes, at: int) -> int:
    """Return where the next marker is that is no restart and no stuffed byte."""
    while (at := jpeg.find(b"\xff", at)) >= 0:
        following = jpeg[at + 1 : at + 2]
        if following and following != b"\0" and not 0xD0 <= following[0] <= 0xD7:
            return at
        at += 2
    raise Impossible
