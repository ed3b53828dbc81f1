"""Chunks of a file that is being sent: as many as one request brings, each judged alone, committed together.

Each is in the store before its row is written, and no transaction waits for the network or for the store.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, wait
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from complaints.envelopes import Malformed
from complaints.files import Finding, Holder, chunk_row, forget, no_such_file, reporter_of, sealed_size
from complaints.models import File, FileChunk
from complaints.rules import MOST_TOGETHER, STORED_AT_ONCE
from kernel.beside import beside
from kernel.database import db, execute, put, table_of, transaction
from kernel.i18n import gettext as _
from kernel.refusal import Conflict, Refused
from kernel.store import Extent, Writing, current_store
from kernel.store_errors import StoreFailed

# More than any file has, and fewer than the database counts to.
BEYOND_ANY = 2**24
_FILES, _CHUNKS = table_of(File), table_of(FileChunk)
_HIS = tuple(_FILES.c[name] == bindparam(name) for name in ("id", "complaint_id", "side", "author"))
_ASKED_FOR = _CHUNKS.c.number.between(bindparam("first"), bindparam("last"))
_PLACE = (
    select(_FILES.c.size, _FILES.c.chunks, _CHUNKS.c.number, _CHUNKS.c.digest)
    .outerjoin_from(_FILES, _CHUNKS, and_(_CHUNKS.c.file_id == _FILES.c.id, _ASKED_FOR))
    .where(*_HIS)
)
_HOLD = select(_FILES.c.id).where(*_HIS).with_for_update()


@dataclass(frozen=True)
class _Stored:
    """A chunk that is in the store: its SHA-256, and where it lies."""

    digest: bytes
    extent: Extent


# A chunk's number, what it will be in the store, and when it is.
_UnderWay = tuple[int, _Stored, Future[None]]


@dataclass(frozen=True)
class _Place:
    """Where chunks go: their file's padded size and how many it has, and which of those asked for are here."""

    size: int
    chunks: int
    here: Mapping[int, bytes]

    def has(self, number: int, digest: bytes) -> bool:
        """Tell whether just this chunk is here; raises ``Conflict`` where another is."""
        here = self.here.get(number)
        if here not in {None, digest}:
            raise Conflict(_("Bagian berkas ini sudah ada dengan isi lain. Kirim berkasnya sekali lagi dari awal."))
        return here is not None

    def check_size(self, number: int, size: int) -> None:
        """Refuse a chunk that the file does not have, or not in this ``size`` in bytes."""
        if number > self.chunks:
            raise no_such_file()
        if size != sealed_size(self.size, number):
            raise Malformed


@dataclass
class Keeping:
    """What becomes of the chunks of one request: the SHA-256 of each that is kept, by its number, and why another is
    not: that the store fails, or what was wrong with the first."""

    digests: dict[int, bytes] = field(default_factory=dict)
    refused: Refused | None = None
    _stored: dict[int, _Stored] = field(default_factory=dict)
    _begun: list[str] = field(default_factory=list)

    def store(self, place: _Place, numbered: Iterable[tuple[int, bytes]]) -> None:
        """Put each chunk into the store, unless it is refused or here already, while others are read and hashed."""
        with closing(current_store().writing()) as writing:
            self._begun = writing.keys
            self._write(writing, place, numbered)
            self._settle(writing)

    def _write(self, writing: Writing, place: _Place, numbered: Iterable[tuple[int, bytes]]) -> None:
        under_way: deque[_UnderWay] = deque()
        try:
            for number, chunk in numbered:
                digest = self._fresh_one(place, number, chunk)
                self._end(under_way, STORED_AT_ONCE - 1)
                if digest and not self._has_failed(under_way):
                    stored = _Stored(digest, writing.place(len(chunk)))
                    under_way.append((number, stored, beside(writing.write, stored.extent, chunk)))
            self._end(under_way, 0)
        finally:
            # Where reading breaks off, nothing outlives its request.
            wait([written for _number, _stored, written in under_way])

    def _settle(self, writing: Writing) -> None:
        try:
            writing.settle()
        except StoreFailed as failed:
            self._refuse(failed)
            self._stored.clear()

    def _fresh_one(self, place: _Place, number: int, chunk: bytes) -> bytes | None:
        """Return a chunk's SHA-256; nothing where it is refused, or here already."""
        try:
            place.check_size(number, len(chunk))
            digest = hashlib.sha256(chunk).digest()
            if not place.has(number, digest):
                return digest
            self.digests[number] = digest
        except Refused as refused:
            self._refuse(refused)
        return None

    def _end(self, under_way: deque[_UnderWay], left: int) -> None:
        """Wait for what is under way, all but the ``left`` newest, and note what came of it.

        In the one thread that reads, so that nothing races.
        """
        while len(under_way) > left:
            number, stored, written = under_way.popleft()
            try:
                written.result()
                self._stored[number] = stored
            except Refused as refused:
                self._refuse(refused)

    def _has_failed(self, under_way: Iterable[_UnderWay]) -> bool:
        """Tell whether the store keeps nothing now, as far as is known: each further attempt would wait for it anew."""
        failed = (written.done() and written.exception() for _number, _stored, written in under_way)
        return isinstance(self.refused, StoreFailed) or any(failed)

    def write_down(self, holder_in: Finding, file_id: str, asked_for: range) -> None:
        """Give what is in the store its rows, in one transaction; take away what has come another way meanwhile."""
        named = set[str]()
        try:
            if self._stored:
                named = self._name(holder_in, file_id, asked_for)
        except Refused:  # of other failures nobody knows whether the rows are there
            forget(self._begun)
            raise
        forget(key for key in self._begun if key not in named)

    def _name(self, holder_in: Finding, file_id: str, asked_for: range) -> set[str]:
        """Write the rows of what is not here by now; return the keys of the objects that they name."""
        with transaction() as session:
            holder = holder_in(session)
            # Whoever sends the same at once, brings the file or takes it away waits, or was before us.
            execute(session, _HOLD, **_whose(holder, file_id))
            fresh = self._fresh(_place_in(session, holder, file_id, asked_for))
            if rows := [chunk_row(file_id, number, each.digest, each.extent) for number, each in fresh.items()]:
                put(session, FileChunk, *rows)
        return {each.extent.key for each in fresh.values()}

    def _fresh(self, place: _Place) -> dict[int, _Stored]:
        fresh = {}
        for number, kept in self._stored.items():
            try:
                # Taken away meanwhile and begun anew, a file may have another size, which tells how far to read.
                place.check_size(number, kept.extent.size)
                if not place.has(number, kept.digest):
                    fresh[number] = kept
                self.digests[number] = kept.digest
            except Refused as refused:
                self._refuse(refused)
        return fresh

    def _refuse(self, refused: Refused) -> None:
        if self.refused is None or isinstance(refused, StoreFailed):
            self.refused = refused


def keep_chunks(holder_in: Finding, file_id: str, first: int, chunks: Iterator[bytes]) -> Keeping:
    """Keep sealed chunks that follow one another from number ``first`` on: one, or ``MOST_TOGETHER`` at the most.

    The same bytes again change nothing, others are refused; neither hinders the rest, and where the store fails what
    it has is kept. Raises ``Missing`` for a file that is none of the holder's, ``Malformed`` where nothing came.
    """
    asked_for, keeping = range(first, first + MOST_TOGETHER), Keeping()
    try:
        # A look, so that nothing is stored for strangers. A session of its own: another shows what it saw before.
        with Session(db.engine) as session:
            place = _place_in(session, holder_in(session), file_id, asked_for)
        keeping.store(place, zip(asked_for, chunks, strict=False))
    finally:
        # Whoever cannot finish sending looks at no answer.
        deque(chunks, maxlen=0)
    keeping.write_down(holder_in, file_id, asked_for)
    if not keeping.digests and not keeping.refused:
        raise Malformed
    return keeping


def _place_in(session: Session, holder: Holder, file_id: str, asked_for: range) -> _Place:
    if not 1 <= asked_for.start < BEYOND_ANY:
        raise no_such_file()
    his = _whose(holder, file_id)
    rows = execute(session, _PLACE, first=asked_for.start, last=asked_for.stop - 1, **his).all()
    if not rows or asked_for.start > rows[0].chunks:
        raise no_such_file()
    return _Place(rows[0].size, rows[0].chunks, {row.number: row.digest for row in rows if row.number is not None})


def _whose(holder: Holder, file_id: str) -> dict[str, str]:
    return {"id": file_id, "complaint_id": holder.complaint, "side": holder.side, "author": holder.author}


def keep_chunks_for_reporter(lookup_hash: bytes, file_id: str, first: int, chunks: Iterator[bytes]) -> Keeping:
    """Keep sealed chunks of a reporter's file."""
    return keep_chunks(partial(reporter_of, lookup_hash=lookup_hash), file_id, first, chunks)
