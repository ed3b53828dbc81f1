"""Files through the whole path without JavaScript: how fast, for how much of the processor, in how much memory.

As with sealed ones, what is timed is a message of a visit: what a phrase costs has figures of its own. What memory they
need is that of complaints, which have both.
"""

from __future__ import annotations

import http.client
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.bench import floors
from tests.demo.browsing import NONCE, Browser, lodge_plainly, visit_plainly
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
        messages = Messages(served.url)
        # What a process does once, as making its templates ready, is no part of it.
        for _warming in range(WARMING):
            lodge(served.url, small)
            messages.send(small)
        workers = psutil.Process(served.process.pid).children()
        source = floors.source(served.instance)
        rounds = sorted(
            (_upload(served, workers, source, lambda: messages.send(large)) for _round in range(ROUNDS)),
            key=lambda each: each.share,
        )
        return Uploads(rounds[ROUNDS // 2], _grown(served, workers, large))


def _file(path: Path, size: int) -> Path:
    """Write what a file of ``size`` mebibytes has behind its own bytes, no two mebibytes alike: nothing on the way may
    save itself the work.
    """
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


class Messages:
    """Of a reporter who has lodged a complaint and opened his case, and now sends files."""

    def __init__(self, url: str) -> None:
        self._url, browser = url, Browser(url)
        visit_plainly(browser, lodge_plainly(browser, ANSWERS))
        self._cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())

    def send(self, file: Path) -> None:
        """Send ``file`` with a message."""
        answer, _page = _post(self._url, "/lacak/kirim", {"text": ""}, file, {"Cookie": self._cookie})
        # Any other answer than the way back to the case says what was left out, and why.
        assert answer.status == 303, "the file was not taken"


def lodge(url: str, file: Path) -> None:
    """Lodge a complaint with ``file``."""
    nonce = NONCE.search(Browser(url).page("/lapor").text)
    assert nonce
    _answer, page = _post(url, "/lapor", {**ANSWERS, "nonce": nonce[1], "seen_traces": "1"}, file, {})
    assert "1 berkas terkirim" in page and "files-left-out" not in page, "the file was not taken"


def _post(
    url: str, path: str, fields: dict[str, Any], file: Path, headers: dict[str, str]
) -> tuple[http.client.HTTPResponse, str]:
    """Post a form as a browser without JavaScript does; return the answer, and its page."""
    head = "".join(f"{_part(name)}\r\n\r\n{answer}\r\n" for name, answer in fields.items())
    head += f'{_part("berkas")}; filename="rekaman.bin"\r\n\r\n'
    # What has been sent already is not sent again: this one is another file.
    begun, end = head.encode() + os.urandom(OWN_BYTES), f"\r\n--{BOUNDARY}--\r\n".encode()
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=600)
    connection.putrequest("POST", path)
    told = {"Origin": url, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **headers}
    told["Content-Length"] = str(len(begun) + file.stat().st_size + len(end))
    for name, value in told.items():
        connection.putheader(name, value)
    connection.endheaders(begun)
    with file.open("rb") as sent:
        # From where the system has it: a client is light.
        connection.sock.sendfile(sent)
    connection.send(end)
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    return answer, page


def _part(name: str) -> str:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'


def _seconds(workers: list[psutil.Process]) -> float:
    return float(sum(sum(worker.cpu_times()[:2]) for worker in workers))


def _grown(served: Installation, workers: list[psutil.Process], file: Path) -> float:
    idle = {worker.pid: worker.memory_info().rss for worker in workers}
    senders = [threading.Thread(target=lodge, args=(served.url, file)) for _turn in range(AT_ONCE)]
    for sender in senders:
        sender.start()
    most = 0
    while any(sender.is_alive() for sender in senders):
        most = max(most, *(worker.memory_info().rss - idle[worker.pid] for worker in workers))
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return most / 1e6
