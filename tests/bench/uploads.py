"""Files through the whole path without JavaScript: how fast, for how much of the processor, in how much memory.

As with sealed ones, what is timed is a message of a visit: what a phrase costs has figures of its own.
"""

from __future__ import annotations

import http.client
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench import floors
from tests.demo.browsing import Browser, lodge_plainly, visit_plainly
from tests.province import ANSWERS
from tests.server import Installation, founded

MEBIBYTE = 1024 * 1024
# A smaller file makes a quick look possible, and the table says so.
FILE_MB = int(os.environ.get("KENTONGAN_BENCH_FILE_MB", "500"))
AT_ONCE, ROUNDS, WARMING, OWN_BYTES = 4, 5, 6, 16
# As long as those of most browsers are: the longer, the sooner it is known not to be in a piece.
BOUNDARY = "----WebKitFormBoundaryKentongan0123456"
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
        small, large = _file(served.instance / "small", 1), _file(served.instance / "large", FILE_MB)
        sender = Sender(served.url)
        # What a process does once, as making its templates ready, is no part of it.
        for _warming in range(WARMING):
            sender.send(small)
        workers = psutil.Process(served.process.pid).children()
        source = floors.source(served.instance)
        rounds = sorted(
            (_upload(served, workers, source, lambda: sender.send(large)) for _round in range(ROUNDS)),
            key=lambda each: each.share,
        )
        return Uploads(rounds[ROUNDS // 2], _grown(served, workers, large))


def _file(path: Path, size: int) -> Path:
    """Write a file of ``size`` mebibytes of which no two are alike: nothing on the way may save itself the work."""
    with path.open("wb") as file:
        file.write(os.urandom(MEBIBYTE - OWN_BYTES))
        for _more in range(size - 1):
            file.write(os.urandom(MEBIBYTE))
        file.flush()
        os.fsync(file.fileno())
    return path


def _upload(
    served: Installation, workers: list[psutil.Process], source: Path, send: Callable[[], None]
) -> Upload:
    """Time one upload between two looks at what the machine does at most: its disk is not always as quick."""
    objects = served.instance / "objects"
    floor = [floors.sealing_and_copying(source, objects)]
    before = _seconds(workers)
    begun = time.perf_counter()
    send()
    megabytes, took = FILE_MB * MEBIBYTE / 1e6, time.perf_counter() - begun
    cpu = 100 * (_seconds(workers) - before) / megabytes
    floor.append(floors.sealing_and_copying(source, objects))
    return Upload(megabytes / took, sum(floor) / 2, cpu)


class Sender:
    """A reporter who has lodged a complaint and opened his case, and now sends files with messages."""

    def __init__(self, url: str) -> None:
        self._url, self._browser = url, Browser(url)
        visit_plainly(self._browser, lodge_plainly(self._browser, ANSWERS))

    def send(self, file: Path) -> None:
        """Send ``file`` with a message, as a browser without JavaScript posts its form."""
        head = f'{_part("text")}\r\n\r\n\r\n{_part("berkas")}; filename="rekaman.bin"\r\n\r\n'.encode()
        # What has been sent already is not sent again: this one is another file.
        head += os.urandom(OWN_BYTES)
        end = f"\r\n--{BOUNDARY}--\r\n".encode()
        connection = http.client.HTTPConnection(self._url.removeprefix("http://"), timeout=600)
        connection.putrequest("POST", "/lacak/kirim")
        connection.putheader("Origin", self._url)
        connection.putheader("Cookie", "; ".join(f"{name}={value}" for name, value in self._browser.cookies.items()))
        connection.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
        connection.putheader("Content-Length", str(len(head) + file.stat().st_size + len(end)))
        connection.endheaders(head)
        with file.open("rb") as sent:
            # From where the system has it: a client is light.
            connection.sock.sendfile(sent)
        connection.send(end)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        # Any other answer than the way back to the case says what was left out, and why.
        assert answer.status == 303, "the file was not taken"


def _part(name: str) -> str:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'


def _seconds(workers: list[psutil.Process]) -> float:
    return float(sum(sum(worker.cpu_times()[:2]) for worker in workers))


def _grown(served: Installation, workers: list[psutil.Process], file: Path) -> float:
    people = [Sender(served.url) for _sender in range(AT_ONCE)]
    idle = {worker.pid: worker.memory_info().rss for worker in workers}
    senders = [threading.Thread(target=sender.send, args=(file,)) for sender in people]
    for sender in senders:
        sender.start()
    most = 0
    while any(sender.is_alive() for sender in senders):
        most = max(most, *(worker.memory_info().rss - idle[worker.pid] for worker in workers))
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return most / 1e6
