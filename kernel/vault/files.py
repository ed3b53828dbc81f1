"""Files: boxed in chunks of a mebibyte, each bound to its place: none is moved, left out or added (formats §2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kernel.vault.boxes import BOXED_BYTES, box_into, unbox
from kernel.vault.context import context
from kernel.vault.errors import Unreadable

CHUNK_BYTES = 1024 * 1024
# Below it the sizes that padding leaves apart would tell one small file from another.
LEAST_BYTES = 4096


@dataclass(frozen=True)
class Chunk:
    """The ``index``-th piece of a file, counted from 1, in the clear; whether it is the last."""

    index: int
    last: bool
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class SealedFile:
    """Which file a chunk belongs to, and the 32 bytes under which its chunks are boxed; one key boxes one file."""

    key: bytes
    complaint: str
    file: str

    def chunk_context(self, index: int, last: bool) -> bytes:
        """Return the context of the ``index``-th chunk, counted from 1; the last one says that it is."""
        return context("file-chunk", self.complaint, self.file, index, "last" if last else "more")

    def box_chunk(self, chunk: Chunk) -> bytes:
        """Box a chunk in its place: 29 bytes longer."""
        return bytes(self.box_chunk_into(bytearray(len(chunk.content) + BOXED_BYTES), chunk))

    def box_chunk_into(self, room: bytearray, chunk: Chunk) -> memoryview:
        """Box a chunk in its place into ``room``; return the part that its box fills."""
        return box_into(room, chunk.content, self.key, self.chunk_context(chunk.index, chunk.last))


def padded_size(size: int) -> int:
    """Return how many bytes a file of ``size`` bytes fills: Padmé (Nikitin et al., PURBs, 2019, §4), 4,096 at least.

    At most 12 % more, and only a few bits of the length are told.
    """
    size = max(size, LEAST_BYTES)
    exponent = size.bit_length() - 1
    free = exponent - exponent.bit_length()
    mask = (1 << free) - 1
    return (size + mask) & ~mask


def cut_file(parts: Iterable[bytes]) -> Iterator[Chunk]:
    """Cut a file that comes in ``parts`` of any size, and pad it; no more than a chunk and a part wait at a time.

    A part that is a chunk is not copied.
    """
    waiting, missing, index = list[bytes | memoryview](), CHUNK_BYTES, 1
    for part in _padded(parts):
        rest: bytes | memoryview = part
        while rest:
            # Only now: whether it is the last shows with what comes behind it.
            if not missing:
                yield Chunk(index, False, b"".join(waiting))
                waiting, missing, index = [], CHUNK_BYTES, index + 1
            taken = rest if len(rest) <= missing else memoryview(rest)[:missing]
            rest, missing = memoryview(rest)[len(taken) :], missing - len(taken)
            waiting.append(taken)
    yield Chunk(index, True, b"".join(waiting))


def _padded(parts: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for part in parts:
        size += len(part)
        yield part
    zeros = padded_size(size) - size
    while zeros > 0:
        yield bytes(min(zeros, CHUNK_BYTES))
        zeros -= CHUNK_BYTES


def open_file(chunks: Iterable[bytes | memoryview], sealed: SealedFile, size: int) -> Iterator[bytes]:
    """Open a file of ``size`` bytes chunk by chunk; raises ``Unreadable``, at the latest after its last byte.

    Whoever uses what comes before the end uses what is right, but perhaps not all of it.
    """
    left, unfilled = size, padded_size(size)
    for index, chunk, last in _told_the_last(chunks):
        plain = unbox(chunk, sealed.key, sealed.chunk_context(index, last))
        # Not any cut of it: whoever has the key could make another, and the browser would not open it.
        if not plain or len(plain) != min(unfilled, CHUNK_BYTES) or any(plain[left:]):
            raise Unreadable
        yield plain[:left]
        left, unfilled = max(left - len(plain), 0), unfilled - len(plain)
    if unfilled:
        raise Unreadable


def _told_the_last(chunks: Iterable[bytes | memoryview]) -> Iterator[tuple[int, bytes | memoryview, bool]]:
    held: list[tuple[int, bytes | memoryview]] = []
    for numbered in enumerate(chunks, 1):
        if held:
            yield (*held.pop(), False)
        held.append(numbered)
    if held:
        yield (*held.pop(), True)
