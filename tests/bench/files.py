"""Sealed files through the whole path, beside AES-256-GCM alone and a bare copy into the same store, each alone."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import chain, islice
from queue import SimpleQueue
from typing import TypeVar
from urllib.parse import urlsplit

import psutil
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from complaints.rules import MOST_TOGETHER
from kernel.vault import BOXED_BYTES, CHUNK_BYTES, box, chunk_count, open_file, padded_size
from tests import client
from tests.bench import floors
from tests.bench.load import Connection, get, put_bytes
from tests.demo.browsing import Browser
from tests.demo.matter import Matter
from tests.demo.province import Province
from tests.demo.reporter import SealedReporter
from tests.server import Installation

FILES = "/api/v1/files"
ANSWERS = {
    "text": "Diminta membayar.", "region": "33.08", "place": "Desa Banyubening", "sector": "desa", "level": "desa",
}  # fmt: skip
MEBIBYTE = 1024 * 1024
# Of the files whose way is timed, in mebibytes, and how often: the largest that is taken by default, a fifth of a
# second, in which a disk is not always as quick, and nearly the largest there is. Padding adds nothing to either.
TIMED = {100: 9, 480: 3}
# Of each of the four that come at once.
MOST_MB = 500
LARGE = MOST_MB * MEBIBYTE
AT_ONCE = 4
# In how many lanes a page sends: at first, and where that is quick (static/js/lanes.js).
FEW_LANES, LANES = 2, 6
SEALED = CHUNK_BYTES + BOXED_BYTES
DESK = "33.08"

Done = TypeVar("Done")


@dataclass(frozen=True)
class Way:
    """How fast a file went, in MB a second, what was possible at most, and the server's seconds for 100 MB."""

    rate: float
    floor: float
    cpu: float

    @property
    def share(self) -> float:
        """Return the rate for a hundred of the floor's."""
        return 100 * self.rate / self.floor


@dataclass(frozen=True)
class FileFigures:
    """Everything measured: each way by its name, every round of it from the one with the smallest share of the floor
    to that with the largest, and by how many MB a web process grew with four at once."""

    ways: dict[str, list[Way]]
    grown: float


def measure_files(served: Installation) -> FileFigures:
    """Send a sealed file, open it as an officer does, and send four of the largest at once."""
    people = Sending(served)
    ways = {
        what: gone for size, rounds in TIMED.items() for what, gone in _rounds(people, size * MEBIBYTE, rounds).items()
    }
    return FileFigures(ways, people.grown(people.fill))


def _rounds(people: Sending, size: int, rounds: int) -> dict[str, list[Way]]:
    gone = [_ways(people, size) for _round in range(rounds)]
    return {what: sorted((each[what] for each in gone), key=lambda way: way.share) for what in gone[0]}


def _ways(people: Sending, size: int) -> dict[str, Way]:
    what, file = f"a file of {size // MEBIBYTE} MiB", people.prepared(size)
    ways = {
        f"{what} sent sealed": people.timed(lambda: people.send(file, file.sealed_anew), size),
        f"{what} opened by an officer": people.timed(lambda: people.open(file), size),
    }
    other = people.prepared(size)
    sent = people.timed(lambda: people.send(other, other.sealed_before), size)
    return ways | {f"{what} sealed beforehand, sent": sent}


class Sending:
    """Reporters with large files at one installation, and the lead who opens them."""

    def __init__(self, served: Installation) -> None:
        self._served, self._province = served, Province(served.url, served.instance)
        self._desk = self._province.desks[DESK]
        self._content = os.urandom(MEBIBYTE)

    def timed(self, act: Callable[[], None], size: int) -> Way:
        """Time what moves ``size`` bytes, between two looks at what the machine does at most."""
        possible = [self._possible()]
        megabytes, before, begun = size / 1e6, self._cpu(), time.perf_counter()
        act()
        took, cpu = time.perf_counter() - begun, self._cpu() - before
        possible.append(self._possible())
        return Way(megabytes / took, sum(possible) / 2, 100 * cpu / megabytes)

    def _possible(self) -> float:
        """Return how many MB a second the slower of two does alone: AES-256-GCM, and a bare copy into this store."""
        return min(floors.sealing(), floors.copying(self._served.instance / "objects"))

    def prepared(self, size: int) -> Prepared:
        """Lodge a complaint that the desk takes, and seal a file of ``size`` bytes for it beforehand."""
        known = self._desk.numbers()
        reporter = SealedReporter(self._served.url, self._province.known)
        reporter.lodge(ANSWERS)
        [number] = self._desk.numbers() - known
        case = Matter(reporter, self._desk, number)
        case.take()
        seen = reporter.visit()
        content = self._content * (size // MEBIBYTE)
        sealing, marking = client.seal_for(seen, content), AESGCM(AESGCM.generate_key(256))
        sealing = replace(sealing, digests=tuple(hashlib.sha256(chunk).digest() for chunk in sealing.chunks))
        marks = tuple(_mark(self._content, number, marking) for number in range(1, len(sealing.chunks) + 1))
        return Prepared(case, seen, sealing, self._content, size, marking, marks, hashlib.sha256(content).digest())

    def send(self, file: Prepared, sealed_chunk: Callable[[int], tuple[bytes, bytes]]) -> None:
        """Send the file as a page does, which marks, seals, hashes and sends each chunk in its lane, and bring it.

        That a page has read all of it before, to hash and to mark it, is no part of this: there that takes far longer.
        Nor is anything but sending where its chunks are those ``sealed_before``: what a page does on a machine of its
        own is here done on the server's.
        """
        browser, sealed, token = Browser(self._served.url), file.sealing, file.token
        client.asked(browser.ask, FILES, {"token": token, **sealed.opening})

        def put(connection: Connection, run: range) -> list[bytes]:
            chunks, digests = zip(*map(sealed_chunk, run), strict=True)
            put_bytes(connection, f"{FILES}/{sealed.id}/chunks/{run.start}", chunks, token)
            return list(digests)

        digests = tuple(chain.from_iterable(self._in_lanes(_runs(len(sealed.chunks)), put)))
        client.act(file.seen, "message", "", browser.ask, files=[replace(sealed, digests=digests)])

    def open(self, file: Prepared) -> None:
        """Open all of it as an officer's browser does, which hashes each chunk in its lane, and what they come to."""
        lead = self._desk.browser_of(self._desk.lead)
        place = f"/petugas/perkara/{file.case.number}/bukti/{file.sealing.id}"
        client.asked(lead.ask, f"{place}/buka", {})
        his = {"Cookie": "; ".join(f"{name}={value}" for name, value in lead.cookies.items())}

        def fetched(connection: Connection, run: range) -> list[memoryview]:
            joined = memoryview(get(connection, f"{place}/{run[0]}-{run[-1]}", his))
            chunks = [joined[at : at + SEALED] for at in range(0, len(joined), SEALED)]
            assert len({hashlib.sha256(chunk).digest() for chunk in chunks}) == len(run)
            return chunks

        chunks, whole = chain.from_iterable(self._in_lanes(_runs(len(file.sealing.chunks)), fetched)), hashlib.sha256()
        for part in open_file(chunks, file.sealing.opened_by, file.size):
            whole.update(part)
        assert whole.digest() == file.whole_digest

    def _in_lanes(self, runs: Iterable[range], act: Callable[[Connection, range], Done]) -> Iterator[Done]:
        """Do something with each of ``runs``, in lanes of which each takes the next once it is free, as a page's do.

        A few lanes begin, and all go on once one of those has ended. What came of them is returned in their order.
        """
        free: SimpleQueue[Connection] = SimpleQueue()
        for _lane in range(LANES):
            free.put(Connection(urlsplit(self._served.url).netloc, timeout=60))

        def done(run: range) -> Done:
            connection = free.get()
            answer = act(connection, run)
            free.put(connection)
            return answer

        with ThreadPoolExecutor(LANES) as lanes:
            left = iter(runs)
            begun = [lanes.submit(done, run) for run in islice(left, FEW_LANES)]
            wait(begun, return_when=FIRST_COMPLETED)
            begun += [lanes.submit(done, run) for run in left]
            yield from (each.result() for each in begun)

    def fill(self) -> None:
        """Send the chunks of one of the largest files, whatever stands in them, in as many lanes as a page does."""
        reporter, browser = SealedReporter(self._served.url, self._province.known), Browser(self._served.url)
        reporter.lodge(ANSWERS)
        seen = reporter.visit()
        token, file = seen.keys.lookup_token.hex(), client.seal_for(seen, b"")
        size, chunk = padded_size(LARGE), self._content + bytes(BOXED_BYTES)
        progress = client.base64_of(bytes(BOXED_BYTES + 32 * chunk_count(size)))
        client.asked(browser.ask, FILES, {"token": token, **file.opening, "size": size, "progress": progress})

        def put(connection: Connection, run: range) -> None:
            put_bytes(connection, f"{FILES}/{file.id}/chunks/{run.start}", [chunk] * len(run), token)

        for _done in self._in_lanes(_runs(size // CHUNK_BYTES), put):
            pass

    def grown(self, act: Callable[[], None]) -> float:
        """Return by how many MB the largest web process grew while ``AT_ONCE`` did the same at once."""
        workers = psutil.Process(self._served.process.pid).children()
        idle = {worker.pid: worker.memory_info().rss for worker in workers}
        threads = [threading.Thread(target=act) for _turn in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        grown = 0
        while any(thread.is_alive() for thread in threads):
            grown = max(grown, *(worker.memory_info().rss - idle[worker.pid] for worker in workers))
            time.sleep(0.01)
        return grown / 1e6

    def _cpu(self) -> float:
        workers = psutil.Process(self._served.process.pid).children()
        return sum(sum(worker.cpu_times()[:2]) for worker in workers)


@dataclass(frozen=True)
class Prepared:
    """A file of ``size`` bytes, sealed beforehand, for whom, of what each of its chunks is made, and what was read."""

    case: Matter
    seen: client.Visit
    sealing: client.Sealing
    part: bytes
    size: int
    marking: AESGCM
    marks: tuple[bytes, ...]
    whole_digest: bytes

    @property
    def token(self) -> str:
        """Return the reporter's lookup token."""
        return self.seen.keys.lookup_token.hex()

    def sealed_anew(self, number: int) -> tuple[bytes, bytes]:
        """Seal a chunk once more, if by its mark it is still what was read; return it and its SHA-256."""
        assert _mark(self.part, number, self.marking) == self.marks[number - 1]
        sealed = self.sealing.opened_by
        chunk = box(self.part, sealed.key, sealed.chunk_context(number, number == len(self.sealing.chunks)))
        return chunk, hashlib.sha256(chunk).digest()

    def sealed_before(self, number: int) -> tuple[bytes, bytes]:
        """Return a chunk as it was sealed beforehand, and its SHA-256."""
        return self.sealing.chunks[number - 1], self.sealing.digests[number - 1]


def _mark(part: bytes, number: int, key: AESGCM) -> bytes:
    """Return the 16 bytes by which a page knows the chunk of that number again: GMAC (static/js/vault/marks.js)."""
    return key.encrypt(number.to_bytes(12, "big"), b"", part)


def _runs(chunks: int) -> Iterator[range]:
    """Return which chunks go together where one takes less than 50 ms: one in each lane at first (lanes.js)."""
    yield from (range(first, first + 1) for first in range(1, min(FEW_LANES, chunks) + 1))
    for first in range(FEW_LANES + 1, chunks + 1, MOST_TOGETHER):
        yield range(first, min(first + MOST_TOGETHER, chunks + 1))
