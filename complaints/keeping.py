"""Chunks of a file that is being sent: as many as one request brings, each judged alone, committed together.

Each is in the store before its row is written, and no transaction waits for the network or for the store.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from complaints.envelopes import Malformed
from complaints.files import Finding, Holder, forget, no_such_file, reporter_of
from complaints.models import File, FileChunk
from complaints.rules import MOST_TOGETHER, STORED_AT_ONCE
from kernel.beside import beside
from kernel.database import db, execute, put, table_of, transaction
from kernel.i18n import gettext as _
from kernel.refusal import Conflict, Refused
from kernel.store import StoreFailed, current_store
from kernel.vault import BOXED_BYTES, CHUNK_BYTES

KEY_BYTES = 16
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
    """A chunk that is in the store: its SHA-256, and its object's key."""

    digest: bytes
    key: str

    def row(self, file_id: str, number: int) -> dict[str, Any]:
        """Return the row that names it."""
        return {"file_id": file_id, "number": number, "digest": self.digest, "key": self.key}


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
        if size != min(CHUNK_BYTES, self.size - (number - 1) * CHUNK_BYTES) + BOXED_BYTES:
            raise Malformed


@dataclass
class Keeping:
    """What becomes of the chunks of one request: the SHA-256 of each that is kept, by its number, and why another is
    not: that the store fails, or what was wrong with the first."""

    digests: dict[int, bytes] = field(default_factory=dict)
    refused: Refused | None = None
    _stored: dict[int, _Stored] = field(default_factory=dict)

    def store(self, place: _Place, numbered: Iterable[tuple[int, bytes]]) -> None:
        """Put each chunk into the store, unless it is refused or here already, while others are read and hashed."""
        under_way: deque[_UnderWay] = deque()
        try:
            for number, chunk in numbered:
                fresh = self._fresh_one(place, number, chunk)
                self._end(under_way, STORED_AT_ONCE - 1)
                if fresh and not self._has_failed(under_way):
                    under_way.append((number, fresh, beside(current_store().keep, fresh.key, chunk)))
            self._end(under_way, 0)
        finally:
            # Where reading breaks off, nothing outlives its request.
            wait([kept for _number, _fresh, kept in under_way])

    def _fresh_one(self, place: _Place, number: int, chunk: bytes) -> _Stored | None:
        """Return what a chunk will be in the store; nothing where it is refused, or here already."""
        try:
            place.check_size(number, len(chunk))
            digest = hashlib.sha256(chunk).digest()
            if not place.has(number, digest):
                return _Stored(digest, secrets.token_hex(KEY_BYTES))
            self.digests[number] = digest
        except Refused as refused:
            self._refuse(refused)
        return None

    def _end(self, under_way: deque[_UnderWay], left: int) -> None:
        """Wait for what is under way, all but the ``left`` newest, and note what came of it.

        In the one thread that reads, so that nothing races.
        """
        while len(under_way) > left:
            number, fresh, kept = under_way.popleft()
            try:
                kept.result()
                self._stored[number] = fresh
            except Refused as refused:
                self._refuse(refused)

    def _has_failed(self, under_way: Iterable[_UnderWay]) -> bool:
        """Tell whether the store keeps nothing now, as far as is known: each further attempt would wait for it anew."""
        failed = (kept.done() and kept.exception() for _number, _fresh, kept in under_way)
        return isinstance(self.refused, StoreFailed) or any(failed)

    def write_down(self, holder_in: Finding, file_id: str, asked_for: range) -> None:
        """Give what is in the store its rows, in one transaction; take away what has come another way meanwhile."""
        if not self._stored:
            return
        try:
            with transaction() as session:
                holder = holder_in(session)
                # Whoever sends the same at once, brings the file or takes it away waits, or was before us.
                execute(session, _HOLD, **_whose(holder, file_id))
                fresh = self._fresh(_place_in(session, holder, file_id, asked_for))
                if rows := [stored.row(file_id, number) for number, stored in fresh.items()]:
                    put(session, FileChunk, *rows)
        except Refused:  # of other failures nobody knows whether the rows are there
            forget(kept.key for kept in self._stored.values())
            raise
        forget(kept.key for number, kept in self._stored.items() if number not in fresh)

    def _fresh(self, place: _Place) -> dict[int, _Stored]:
        fresh = {}
        for number, kept in self._stored.items():
            try:
                if not place.has(number, kept.digest):
                    fresh[number] = kept
                self.digests[number] = kept.digest
            except Conflict as conflict:
                self._refuse(conflict)
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
