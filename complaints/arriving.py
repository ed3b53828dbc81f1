"""Files as they come without JavaScript: cleaned where that can be done, sealed chunk by chunk, nothing on the disk.

A file's chunks lie in the store before any row names them; whoever is killed in the middle leaves objects that the
sweep takes. Which thread key the file's own is boxed under is decided when all of it is here.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from queue import Empty, SimpleQueue
from threading import Lock

from complaints.cleaning import LARGEST_CLEANED, How, clean
from complaints.files import forget
from complaints.kinds import HEAD_BYTES, kind_of
from complaints.multipart import BrokenForm, PostedFile, PostedForm
from complaints.rules import MOST_FILES, MOST_TOGETHER, STORED_AT_ONCE
from kernel.beside import beside
from kernel.database import db
from kernel.i18n import gettext as _
from kernel.refusal import Overloaded, Refused
from kernel.store import Extent, Writing, current_store
from kernel.store_errors import not_kept
from kernel.vault import BOXED_BYTES, CHUNK_BYTES, Chunk, Manifest, SealedFile, cut_file
from kernel.web import current_settings

log = logging.getLogger(__name__)

KEY_BYTES, ID_BYTES = 32, 16
MEBIBYTE = 1024 * 1024
PDF = "application/pdf"
# Pictures and papers by their names, where their first bytes do not tell: with one of these nobody expects to be found.
ENDINGS = (
    ".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".heic", ".heif", ".avif", ".jxl", ".jp2",
    ".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2", ".psd", ".pdf",
)  # fmt: skip


class NotTaken(Refused):
    """One file that is not taken; the others are."""


@dataclass(frozen=True)
class KeptChunk:
    """One sealed chunk in the store: its SHA-256, and where it lies."""

    digest: bytes
    extent: Extent


@dataclass(frozen=True)
class Arrived:
    """One file that is here whole: its own key, its manifest, and its chunks in order.

    ``key_boxes`` are of that key, by epoch: each is made once, so that keeping the file again is the same.
    """

    sealed: SealedFile
    manifest: Manifest
    chunks: tuple[KeptChunk, ...]
    key_boxes: dict[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class LeftOut:
    """One file that was not taken (without a name: those that did not come any more), and why."""

    name: str
    why: str


@dataclass
class Arrivals:
    """What came of a form's files."""

    arrived: list[Arrived] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def leave_all_out(self, why: str) -> None:
        """Send none of them after all."""
        self.left_out += [LeftOut(file.manifest.name, why) for file in self.arrived]
        self.arrived.clear()


class Room:
    """The memory that files of all requests may fill at once, while they wait to be cleaned."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._lock = Lock()

    @contextmanager
    def collecting(self, parts: Iterable[bytes], largest: int) -> Iterator[bytes]:
        """Give ``parts`` as one, at most ``largest`` bytes; raises ``NotTaken``, ``Overloaded``."""
        held, size = [], 0
        try:
            for part in parts:
                self._take(len(part))
                size += len(part)
                held.append(part)
                if size > largest:
                    raise _uncleanable()
            yield b"".join(held)
        finally:
            self._give(size)

    def _take(self, size: int) -> None:
        with self._lock:
            if size > self._left:
                raise Overloaded(_("Terlalu banyak berkas sedang dikirim sekaligus. Coba lagi sebentar lagi."))
            self._left -= size

    def _give(self, size: int) -> None:
        with self._lock:
            self._left += size


ROOM = Room(2 * LARGEST_CLEANED)


def receive(posted: PostedForm, complaint: str, unchanged: bool) -> Arrivals:
    """Seal every file of a form while it comes; what cannot be taken is left out, and said.

    ``unchanged``: the reporter wants them sent as they are.
    """
    arrivals = Arrivals()
    # Files come for minutes, or an hour: no connection waits for them, and no old state of the database is held.
    db.session.rollback()
    try:
        for turn, file in enumerate(posted.files(), 1):
            _receive(arrivals, turn, file, complaint, unchanged)
    except Exception as error:
        # Whatever it was: what has come stands, and what it came with must not be lost with the rest.
        if not isinstance(error, BrokenForm):
            log.exception("A form could not be read to its end")
        arrivals.left_out.append(LeftOut("", _("Kiriman terputus. Berkas sesudahnya tidak sampai.")))
    return arrivals


def _receive(arrivals: Arrivals, turn: int, file: PostedFile, complaint: str, unchanged: bool) -> None:
    try:
        if turn > MOST_FILES:
            raise NotTaken(_("Paling banyak %(most)d berkas sekali kirim.") % {"most": MOST_FILES})
        arrivals.arrived.append(_taken(file, complaint, unchanged))
    except Refused as refused:
        arrivals.left_out.append(LeftOut(file.name, refused.sentence))
    except Exception:
        # Whatever it was, it costs this file alone: a complaint that is lodged already needs its phrase shown.
        log.exception("A file could not be taken")
        arrivals.left_out.append(LeftOut(file.name, not_kept()))


def _taken(file: PostedFile, complaint: str, unchanged: bool) -> Arrived:
    head, parts = _head_of(file.parts)
    if not head:
        raise NotTaken(_("Berkas ini kosong."))
    if unchanged or not _is_cleaned(head, file):
        how = How.ORIGINAL if unchanged else How.IMPOSSIBLE
        return _sealed(parts, complaint, (file.name, kind_of(head), how))
    with ROOM.collecting(parts, LARGEST_CLEANED) as content:
        cleaned = clean(content, file.name)
    # Nobody's place is sent because it could not be taken out: who wants that says so.
    if cleaned.how is not How.CLEANED:
        raise _uncleanable()
    return _sealed(_cut(cleaned.content), complaint, (cleaned.name, cleaned.type, cleaned.how))


def _head_of(parts: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return a file's first bytes, as many as tell what it is, and all of it."""
    head, read = b"", list[bytes]()
    for part in parts:
        head += part[: HEAD_BYTES - len(head)]
        read.append(part)
        if len(head) == HEAD_BYTES:
            break
    return head, _joined(read, parts)


def _joined(read: list[bytes], parts: Iterator[bytes]) -> Iterator[bytes]:
    # Not kept while the rest comes.
    while read:
        yield read.pop(0)
    yield from parts


def _is_cleaned(head: bytes, file: PostedFile) -> bool:
    """Tell whether the page has promised to clean it: a picture or a PDF by any sign there is."""
    kinds = (kind_of(head), file.type)
    return any(kind == PDF or kind.startswith("image/") for kind in kinds) or file.name.lower().endswith(ENDINGS)


def _uncleanable() -> NotTaken:
    return NotTaken(
        _("Foto atau PDF ini tidak bisa dibersihkan. Pilih “Kirim apa adanya”, atau kirim tangkapan layarnya.")
    )


def _cut(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), CHUNK_BYTES):
        yield content[start : start + CHUNK_BYTES]


class _Weighing:
    """Parts on their way to be sealed: counted, hashed, and no more of them than a file may have."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self.size, self.hash = 0, hashlib.sha256()
        self._parts, self._most = parts, current_settings().largest_file

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            self.size += len(part)
            if self.size > self._most:
                most = {"most": self._most // MEBIBYTE}
                raise NotTaken(_("Berkas ini terlalu besar: paling besar %(most)d MB.") % most)
            self.hash.update(part)
            yield part


def _sealed(parts: Iterable[bytes], complaint: str, told: tuple[str, str, How]) -> Arrived:
    sealed = SealedFile(secrets.token_bytes(KEY_BYTES), complaint, secrets.token_hex(ID_BYTES))
    weighed, (name, kind, how) = _Weighing(parts), told
    begun: list[Writing] = []
    try:
        chunks = _keep(sealed, cut_file(weighed), begun)
        manifest = Manifest(
            chunks=tuple(chunk.digest.hex() for chunk in chunks), cleaned=how.value, name=name,
            sha256=weighed.hash.hexdigest(), size=weighed.size, type=kind,
        )  # fmt: skip
    except Exception:
        forget(key for writing in begun for key in writing.keys)
        raise
    return Arrived(sealed, manifest, tuple(chunks))


def _keep(sealed: SealedFile, chunks: Iterable[Chunk], begun: list[Writing]) -> list[KeptChunk]:
    """Seal and keep chunks, a few while the next comes; ``begun`` gets what each is written with, also if one fails."""
    sealing, keeping, settling = _Sealing(sealed), list[Future[KeptChunk]](), list[Future[None]]()
    try:
        for together in _batches(chunks):
            begun.append(current_store().writing())
            _write(sealing, begun[-1], together, keeping)
            # While these are settled, the next are written.
            _end_of(settling)
            settling.append(beside(_settle, begun[-1], keeping[-MOST_TOGETHER:]))
        _end_of(settling)
        return [each.result() for each in keeping]
    finally:
        # Whoever forgets them because one has failed must find those that were still under way.
        wait(keeping)
        wait(settling)
        for writing in begun:
            writing.close()


def _batches(chunks: Iterable[Chunk]) -> Iterator[Iterator[Chunk]]:
    """Part chunks into as many as one request brings where a browser seals: they become one object."""
    left = iter(chunks)
    for first in left:
        yield chain([first], islice(left, MOST_TOGETHER - 1))


def _write(
    sealing: _Sealing, writing: Writing, together: Iterable[Chunk], keeping: list[Future[KeptChunk]]
) -> None:
    for chunk in together:
        if len(keeping) >= STORED_AT_ONCE:
            keeping[-STORED_AT_ONCE].result()
        extent = writing.place(len(chunk.content) + BOXED_BYTES)
        keeping.append(beside(sealing.kept, writing, extent, chunk))


class _Sealing:
    """How chunks of one file are sealed, a few at once: each into memory that an earlier one has left."""

    def __init__(self, sealed: SealedFile) -> None:
        self._sealed = sealed
        self._rooms = SimpleQueue[bytearray]()

    def kept(self, writing: Writing, extent: Extent, chunk: Chunk) -> KeptChunk:
        """Seal a chunk and write it where it was placed; raises ``StoreFailed``."""
        room = self._room(extent.size)
        boxed = self._sealed.box_chunk_into(room, chunk)
        writing.write(extent, boxed)
        digest = hashlib.sha256(boxed).digest()
        self._rooms.put(room)
        return KeptChunk(digest, extent)

    def _room(self, size: int) -> bytearray:
        # No chunk is larger than the first: what was enough for one is enough for each that follows.
        try:
            return self._rooms.get_nowait()
        except Empty:
            return bytearray(size)


def _end_of(settling: Sequence[Future[None]]) -> None:
    """Wait for the object that was begun last, those before it being settled; raises ``StoreFailed``."""
    if settling:
        settling[-1].result()


def _settle(writing: Writing, keeping: Sequence[Future[KeptChunk]]) -> None:
    wait(keeping)
    writing.settle()
    writing.close()
