"""Files through the whole path without JavaScript: how fast, for how much of the processor, in how much memory."""

from __future__ import annotations

import http.client
import os
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench import floors
from tests.demo.browsing import NONCE, Browser
from tests.province import ANSWERS
from tests.server import Installation, founded

MEBIBYTE = 1024 * 1024
# A smaller file makes a quick look possible, and the table says so.
FILE_MB = int(os.environ.get("KENTONGAN_BENCH_FILE_MB", "500"))
AT_ONCE, ROUNDS, WARMING = 4, 3, 6
BOUNDARY = "batas-antara-bagian-formulir"
SECONDS_BETWEEN_LOOKS = 0.05


@dataclass(frozen=True)
class Uploads:
    """What uploads came to: the middle one of some alone, and how many MB the largest web process grew above its idle
    size while four came at once."""

    alone: Upload
    grown: float


@dataclass(frozen=True)
class Upload:
    """One upload: MB a second, its own and of what seals a file and copies it, and the server's seconds for 100 MB."""

    rate: float
    floor: float
    cpu: float

    @property
    def share(self) -> float:
        """Return the rate for a hundred of the floor's."""
        return 100 * self.rate / self.floor


def measure_uploads() -> Uploads:
    """Send one large file some times, then four at once, to an installation of its own."""
    with founded(KENTONGAN_LARGEST_FILE_MB=str(FILE_MB)) as served:
        # What a process does once, as making its templates ready, is no part of it.
        for _warming in range(WARMING):
            upload(served.url, 1)
        workers = psutil.Process(served.process.pid).children()
        source = floors.source(served.instance)
        rounds = sorted((_upload(served, workers, source) for _round in range(ROUNDS)), key=lambda each: each.share)
        return Uploads(rounds[ROUNDS // 2], _grown(served, workers))


def _upload(served: Installation, workers: list[psutil.Process], source: Path) -> Upload:
    """Time one upload between two looks at what the machine does at most: its disk is not always as quick."""
    objects = served.instance / "objects"
    floor = [floors.sealing_and_copying(source, objects)]
    before = _seconds(workers)
    begun = time.perf_counter()
    upload(served.url, FILE_MB)
    megabytes, took = FILE_MB * MEBIBYTE / 1e6, time.perf_counter() - begun
    cpu = 100 * (_seconds(workers) - before) / megabytes
    floor.append(floors.sealing_and_copying(source, objects))
    return Upload(megabytes / took, sum(floor) / 2, cpu)


def upload(url: str, size: int) -> None:
    """Lodge a complaint with a file of ``size`` mebibytes, of which no more than one is ever here."""
    nonce = NONCE.search(Browser(url).page("/lapor").text)
    assert nonce
    fields = {**ANSWERS, "nonce": nonce[1], "seen_traces": "1"}
    head = "".join(f"{_part(name)}\r\n\r\n{answer}\r\n" for name, answer in fields.items())
    head += f'{_part("berkas")}; filename="rekaman.bin"\r\n\r\n'
    end = f"\r\n--{BOUNDARY}--\r\n"
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=600)
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    length = str(len(head) + size * MEBIBYTE + len(end))
    told = {"Origin": url, "Content-Type": kind, "Content-Length": length}
    connection.request("POST", "/lapor", _body(head.encode(), size, end.encode()), told)
    page = connection.getresponse().read().decode()
    connection.close()
    assert "1 berkas terkirim" in page and "files-left-out" not in page, "the file was not taken"


def _part(name: str) -> str:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'


def _body(head: bytes, size: int, end: bytes) -> Iterator[bytes]:
    rest = secrets.token_bytes(MEBIBYTE - 4)
    yield head
    # No two alike: nothing on the way may save itself the work. Sent from where it lies: a client is light.
    for number in range(size):
        yield number.to_bytes(4)
        yield rest
    yield end


def _seconds(workers: list[psutil.Process]) -> float:
    return float(sum(sum(worker.cpu_times()[:2]) for worker in workers))


def _grown(served: Installation, workers: list[psutil.Process]) -> float:
    idle = {worker.pid: worker.memory_info().rss for worker in workers}
    senders = [threading.Thread(target=upload, args=(served.url, FILE_MB)) for _turn in range(AT_ONCE)]
    for sender in senders:
        sender.start()
    most = 0
    while any(sender.is_alive() for sender in senders):
        most = max(most, *(worker.memory_info().rss - idle[worker.pid] for worker in workers))
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return most / 1e6
