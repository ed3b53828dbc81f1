"""Files: opened for sending, brought by an act once their chunks are kept, read and verified, or taken away again.

Sealed chunks lie in the object store, each under a random key of its own; rows say which is where and what its hash is.
A chunk is in the store before its row is written: whoever is killed between leaves an object that no row names, and the
sweep takes it. What an event has brought never changes: the database refuses it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, takewhile
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from complaints.envelopes import Opening, SealedText
from complaints.models import Complaint, File, FileChunk, PublishedStatus
from complaints.queries import UnknownPhrase, digests_of
from complaints.rules import MOST_WAITING
from kernel import clock
from kernel.database import Collision, db, execute, put, table_of, transaction
from kernel.i18n import gettext as _
from kernel.refusal import Conflict, Forbidden, Missing, Refused
from kernel.store import Extent, Store, current_store
from kernel.store_errors import Lost, StoreFailed
from kernel.vault import BOXED_BYTES, CHUNK_BYTES, chunk_count, file_digest, padded_size
from kernel.web import current_settings
from ledger.body import Event, ObjectRef

THREAD, CASE = "thread", "case"
REPORTER = "reporter"
FILE = "file"
PURGED = "PURGED"
MEBIBYTE = 1024 * 1024
LARGEST_CHUNK = CHUNK_BYTES + BOXED_BYTES
_FILES = table_of(File)
_CHUNKS = table_of(FileChunk)
_BRING = update(_FILES).where(_FILES.c.id == bindparam("file"))
_BROUGHT = select(_FILES.c.chunks, _FILES.c.size).where(
    *(_FILES.c[name] == bindparam(name) for name in ("id", "complaint_id")), _FILES.c.seq.is_not(None)
)
_EXTENTS = (
    select(_CHUNKS.c.number, _CHUNKS.c.key, _CHUNKS.c.begins)
    .where(_CHUNKS.c.file_id == bindparam("file_id"))
    .where(_CHUNKS.c.number.between(bindparam("first"), bindparam("last")))
)
_REPORTER = (
    select(Complaint.id, Complaint.epoch, PublishedStatus.state)
    .join(PublishedStatus)
    .where(Complaint.lookup_hash == bindparam("lookup_hash"))
)


class FileTooLarge(Refused):
    """A file beyond what this installation takes."""

    status = 413


@dataclass(frozen=True)
class Holder:
    """Who sends files: for which complaint, on which side (``thread``, ``case``), as whom; ``epoch`` is the newest of
    the key that files' keys are boxed under."""

    complaint: str
    side: str
    author: str
    epoch: int


# Who it is, is found in the session in which the rest is looked up.
Finding = Callable[[Session], Holder]


def open_file(session: Session, holder: Holder, opening: Opening) -> list[int]:
    """Begin a file, or go on with it; return the numbers of the chunks that are here already.

    The same again changes nothing; under a later epoch it brings the key's new box. Raises ``Refused`` with a sentence.
    """
    _check_size(opening.size)
    if opening.epoch != holder.epoch:
        raise _key_changed()
    row = session.scalar(select(File).where(File.id == opening.id).with_for_update())
    if row is None:
        _check_room(session, holder)
        put(session, File, _row(holder, opening))
        return []
    _go_on(session, row, holder, opening)
    return sorted(digests_of(session, [row.id]).get(row.id, {}))


def _check_size(size: int) -> None:
    largest = current_settings().largest_file
    if size > padded_size(largest):
        sentence = _("Berkas ini terlalu besar: paling besar %(most)d MB.")
        raise FileTooLarge(sentence % {"most": largest // MEBIBYTE})


def _check_room(session: Session, holder: Holder) -> None:
    waiting = select(func.count()).where(
        File.complaint_id == holder.complaint, File.author == holder.author, File.seq.is_(None)
    )
    if session.scalars(waiting).one() >= MOST_WAITING:
        raise Forbidden(_("Terlalu banyak berkas yang belum selesai dikirim. Selesaikan atau hapus dulu sebagian."))


def _row(holder: Holder, opening: Opening) -> dict[str, Any]:
    return {
        "id": opening.id,
        "complaint_id": holder.complaint,
        "side": holder.side,
        "epoch": opening.epoch,
        "key_box": opening.key,
        "progress_box": opening.progress,
        "size": opening.size,
        "chunks": chunk_count(opening.size),
        "author": holder.author,
        "opened_on": clock.today(),
    }


def _go_on(session: Session, row: File, holder: Holder, opening: Opening) -> None:
    again = _row(holder, opening) | {"opened_on": row.opened_on}
    changed = {name for name, value in again.items() if getattr(row, name) != value}
    if row.seq is not None or not (not changed or changed == {"epoch", "key_box"} and opening.epoch > row.epoch):
        raise Conflict(_("Berkas ini sudah ada dengan isi lain. Kirim sekali lagi dari awal."))
    if changed:
        execute(session, _BRING, file=row.id, epoch=opening.epoch, key_box=opening.key)


def _is_of(holder: Holder) -> ColumnElement[bool]:
    return (
        (File.complaint_id == holder.complaint) & (File.side == holder.side) & (File.author == holder.author)
    )


def take_away(session: Session, holder: Holder, file_id: str) -> list[str]:
    """Take a file away that no event has brought; return its objects' keys, to be forgotten after the commit."""
    row = session.scalar(select(File).where(File.id == file_id, _is_of(holder)).with_for_update())
    if row is None:
        raise no_such_file()
    if row.seq is not None:
        raise _sent_already()
    keys = list(session.scalars(select(FileChunk.key).where(FileChunk.file_id == file_id).distinct()))
    session.execute(delete(FileChunk).where(FileChunk.file_id == file_id))
    session.execute(delete(File).where(File.id == file_id))
    return keys


def forget(keys: Iterable[str]) -> None:
    """Take objects away that no row names; what the store does not do now, the sweep does."""
    store = current_store()
    for key in keys:
        with suppress(StoreFailed):
            store.forget(key)


def refs_of(session: Session, holder: Holder, posted: Sequence[SealedText]) -> list[ObjectRef]:
    """Return how an event must name the files that it brings with these manifests, and hold them until it has.

    Raises ``Refused`` where one is not there, not the holder's, not whole, brought already, or under an older epoch.
    """
    if not posted:
        return []
    wanted = [each.id for each in posted]
    query = select(File).where(File.id.in_(wanted), _is_of(holder)).order_by(File.id)
    rows = {row.id: row for row in session.scalars(query.with_for_update())}
    digests = digests_of(session, wanted)
    return [_ref(rows.get(each.id), digests.get(each.id, {}), holder, each) for each in posted]


def _ref(row: File | None, digests: Mapping[int, bytes], holder: Holder, posted: SealedText) -> ObjectRef:
    if row is None:
        raise no_such_file()
    if row.seq is not None:
        raise _sent_already()
    if not row.epoch == posted.epoch == holder.epoch:
        raise _key_changed()
    if len(digests) != row.chunks:
        raise Conflict(_("Ada berkas yang belum terkirim seluruhnya. Lanjutkan dulu, lalu kirim sekali lagi."))
    digest = file_digest(row.key_box, posted.box, [digests[number] for number in sorted(digests)])
    return ObjectRef(FILE, row.id, digest)


def bring(session: Session, event: Event, posted: Sequence[SealedText]) -> None:
    """Let ``event``, which has just been written, bring these files, each with its manifest."""
    for each in posted:
        execute(session, _BRING, file=each.id, manifest_box=each.box, seq=event.seq)


def sealed_size(padded: int, number: int) -> int:
    """Return how many bytes the ``number``-th chunk of a file of ``padded`` bytes has, sealed."""
    return min(CHUNK_BYTES, padded - (number - 1) * CHUNK_BYTES) + BOXED_BYTES


def extents_of(session: Session, complaint: str, file_id: str, numbers: range) -> list[Extent]:
    """Return where chunks of a file lie that was brought, in their order, the first at least.

    Raises ``Missing`` where that is not here, or the file has not so many.
    """
    file = execute(session, _BROUGHT, id=file_id, complaint_id=complaint).one_or_none()
    # Looked up only then: a number may be larger than any that the database knows.
    if file is None or not 1 <= numbers.start < numbers.stop <= file.chunks + 1:
        raise no_such_file()
    rows = execute(session, _EXTENTS, file_id=file_id, first=numbers.start, last=numbers.stop - 1)
    extents = {row.number: Extent(row.key, row.begins, sealed_size(file.size, row.number)) for row in rows}
    # What follows one whose row is lost is none of those asked for any more.
    found = [extents[number] for number in takewhile(extents.__contains__, numbers)]
    if not found:
        raise no_such_file()
    return found


def read_extents(extents: Sequence[Extent]) -> Iterator[bytes]:
    """Return sealed chunks, each read in its turn, but the first at once: raises ``StoreFailed`` where it cannot be.

    They end before any other that cannot: whoever asks for that one alone is told.
    """
    store = current_store()
    return chain([_read(store, extents[0])], _as_far_as_read(store, extents[1:]))


def _as_far_as_read(store: Store, extents: Sequence[Extent]) -> Iterator[bytes]:
    with suppress(StoreFailed):
        for extent in extents:
            yield _read(store, extent)


def _read(store: Store, extent: Extent) -> bytes:
    return store.read(extent.key, extent.begins, extent.size)


def chunks_of(complaint: str) -> dict[str, int]:
    """Return how many chunks each file has that was brought, by the files' ids."""
    query = select(File.id, File.chunks).where(File.complaint_id == complaint, File.seq.is_not(None))
    with Session(db.engine) as session:
        return {file_id: chunks for file_id, chunks in session.execute(query)}


def is_as_brought(complaint: str, file_id: str, digest: str, numbers: Collection[int]) -> bool:
    """Read these chunks of a file again; tell whether they are those of the file that was brought by ``digest`` (hex).

    The hashes of all chunks make the digest, so whichever are read each time, their hashes are the right ones. Raises
    ``StoreFailed``: what cannot be read now may be whole all the same.
    """
    with Session(db.engine) as session:
        brought = (File.id == file_id, File.complaint_id == complaint, File.seq.is_not(None))
        columns = select(File.key_box, File.manifest_box, File.chunks, File.size)
        file = session.execute(columns.where(*brought)).one_or_none()
        chunks = session.scalars(select(FileChunk).where(FileChunk.file_id == file_id).order_by(FileChunk.number)).all()
    if file is None or [chunk.number for chunk in chunks] != list(range(1, file.chunks + 1)):
        return False
    if file_digest(file.key_box, file.manifest_box or b"", [chunk.digest for chunk in chunks]) != digest:
        return False
    return all(_is_stored(chunk, file.size) for chunk in chunks if chunk.number in numbers)


def _is_stored(chunk: FileChunk, padded: int) -> bool:
    extent = Extent(chunk.key, chunk.begins, sealed_size(padded, chunk.number))
    try:
        return hashlib.sha256(_read(current_store(), extent)).digest() == chunk.digest
    except Lost:
        return False


def open_for_reporter(lookup_hash: bytes, opening: Opening) -> list[int]:
    """Begin a reporter's file, or go on with it."""
    try:
        return _open_for_reporter(lookup_hash, opening)
    except Collision:  # the same came twice at once
        return _open_for_reporter(lookup_hash, opening)


def _open_for_reporter(lookup_hash: bytes, opening: Opening) -> list[int]:
    with transaction() as session:
        return open_file(session, reporter_of(session, lookup_hash), opening)


def keep_whole_for_reporter(lookup_hash: bytes, opening: Opening, chunks: Sequence[tuple[bytes, Extent]]) -> None:
    """Keep a reporter's file of which every sealed chunk is in the store: their hashes, and where they lie."""
    with transaction() as session:
        # There already, it is only opened under a later epoch.
        if not open_file(session, reporter_of(session, lookup_hash), opening):
            rows = [
                chunk_row(opening.id, number, digest, extent) for number, (digest, extent) in enumerate(chunks, 1)
            ]
            put(session, FileChunk, *rows)


def chunk_row(file_id: str, number: int, digest: bytes, extent: Extent) -> dict[str, Any]:
    """Return the row of a chunk that lies in the store."""
    return {"file_id": file_id, "number": number, "digest": digest, "key": extent.key, "begins": extent.begins}


def take_away_for_reporter(lookup_hash: bytes, file_id: str) -> None:
    """Take a reporter's file away that he has not sent with any act."""
    with transaction() as session:
        keys = take_away(session, reporter_of(session, lookup_hash), file_id)
    forget(keys)


def reporter_of(session: Session, lookup_hash: bytes) -> Holder:
    """Return the reporter whose lookup token has this SHA-256; raises ``UnknownPhrase``."""
    found = execute(session, _REPORTER, lookup_hash=lookup_hash).one_or_none()
    if found is None:
        raise UnknownPhrase
    if found.state == PURGED:
        raise Conflict(_("Isi laporan ini sudah dihapus; berkas tidak diterima lagi."))
    return Holder(found.id, THREAD, REPORTER, found.epoch)


def _key_changed() -> Conflict:
    return Conflict(_("Kunci percakapan baru saja diganti. Muat ulang halaman, lalu kirim lagi."))


def _sent_already() -> Conflict:
    return Conflict(_("Berkas ini sudah terkirim."))


def no_such_file() -> Missing:
    """Return the one refusal of every file and chunk that is none of the asker's."""
    return Missing(_("Berkas ini tidak ada. Pilih dan kirim sekali lagi."))
