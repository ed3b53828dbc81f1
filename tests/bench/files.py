"""Sealed files through the whole path, beside a bare copy of a file into the same store.

Clients are light, as for the other budgets: what a browser does on a machine of its own, sealing, hashing and opening,
is no part of it. Both ways with all of that, done on the server's cores, stand beside what seals a file and copies it.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
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
from tests.officer import EXAMINE
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
# Of a file, and of the folder of the store it is copied to: how many MB a second.
Floor = Callable[[Path, Path], float]


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
    to that with the largest; the same with the browser's work on the server's cores; and by how many MB a web process
    grew with four at once."""

    ways: dict[str, list[Way]]
    with_browser: dict[str, list[Way]]
    grown: float


def measure_files(served: Installation) -> FileFigures:
    """Send a sealed file, open it as an officer does, and send four of the largest at once."""
    people = Sending(served)
    ways, with_browser = _of_sizes(people, _ways), _of_sizes(people, _ways_with_browser)
    return FileFigures(ways, with_browser, people.grown(people.fill))


def _of_sizes(people: Sending, ways: Callable[[Sending, int], dict[str, Way]]) -> dict[str, list[Way]]:
    rounds = {size: [ways(people, size * MEBIBYTE) for _round in range(count)] for size, count in TIMED.items()}
    return {
        f"a file of {size} MiB {how}": sorted((each[how] for each in gone), key=lambda way: way.share)
        for size, gone in rounds.items()
        for how in gone[0]
    }


def _ways(people: Sending, size: int) -> dict[str, Way]:
    file = people.prepared(size)
    return {
        "sent sealed": people.timed(lambda: people.send(file, file.sealed_before), size, floors.copying),
        "handed to an officer": people.timed(lambda: people.hand_over(file), size, floors.copying),
    }


def _ways_with_browser(people: Sending, size: int) -> dict[str, Way]:
    file = people.prepared(size)
    return {
        "sealed and sent": people.timed(lambda: people.send(file, file.sealed_anew), size, floors.sealing_and_copying),
        "opened by an officer": people.timed(lambda: people.open(file), size, floors.sealing_and_copying),
    }


class Sending:
    """Reporters with large files at one installation, and the lead who opens them."""

    def __init__(self, served: Installation) -> None:
        self._served, self._province = served, Province(served.url, served.instance)
        self._desk = self._province.desks[DESK]
        self._content = os.urandom(MEBIBYTE)
        self._places = floors.source(served.instance), served.instance / "objects"

    def timed(self, act: Callable[[], None], size: int, floor: Floor) -> Way:
        """Time what moves ``size`` bytes, between two looks at what the machine does at most."""
        possible = [floor(*self._places)]
        megabytes, before, begun = size / 1e6, self._cpu(), time.perf_counter()
        act()
        took, cpu = time.perf_counter() - begun, self._cpu() - before
        possible.append(floor(*self._places))
        return Way(megabytes / took, sum(possible) / 2, 100 * cpu / megabytes)

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
        Nor is anything but sending where its chunks are those ``sealed_before``.
        """
        browser, sealed, token = Browser(self._served.url), file.sealing, file.token
        client.asked(browser.ask, FILES, {"token": token, **sealed.opening})

        def put(connection: Connection, run: range) -> list[bytes]:
            chunks, digests = zip(*map(sealed_chunk, run), strict=True)
            put_bytes(connection, f"{FILES}/{sealed.id}/chunks/{run.start}", chunks, token)
            return list(digests)

        digests = tuple(chain.from_iterable(self._in_lanes(_runs(len(sealed.chunks)), put)))
        client.act(file.seen, "message", "", browser.ask, files=[replace(sealed, digests=digests)])

    def hand_over(self, file: Prepared) -> None:
        """Hand all of it to an officer's browser, which hashes and opens it on a machine of its own."""
        sizes = self._handed_over(file, lambda joined, _run: len(joined))
        assert sum(sizes) == padded_size(file.size) + BOXED_BYTES * len(file.sealing.chunks)

    def open(self, file: Prepared) -> None:
        """Open all of it as an officer's browser does, which hashes each chunk in its lane, and what they come to."""

        def hashed(joined: bytes, run: range) -> list[memoryview]:
            chunks = [memoryview(joined)[at : at + SEALED] for at in range(0, len(joined), SEALED)]
            assert len({hashlib.sha256(chunk).digest() for chunk in chunks}) == len(run)
            return chunks

        chunks, whole = chain.from_iterable(self._handed_over(file, hashed)), hashlib.sha256()
        for part in open_file(chunks, file.sealing.opened_by, file.size):
            whole.update(part)
        assert whole.digest() == file.whole_digest

    def _handed_over(self, file: Prepared, use: Callable[[bytes, range], Done]) -> Iterator[Done]:
        lead = self._desk.browser_of(self._desk.lead)
        place = f"/petugas/perkara/{file.case.number}/bukti/{file.sealing.id}"
        client.asked(lead.ask, f"{place}/buka", EXAMINE)
        his = {"Cookie": "; ".join(f"{name}={value}" for name, value in lead.cookies.items())}

        def fetched(connection: Connection, run: range) -> Done:
            return use(get(connection, f"{place}/{run[0]}-{run[-1]}", his), run)

        return self._in_lanes(_runs(len(file.sealing.chunks)), fetched)

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
