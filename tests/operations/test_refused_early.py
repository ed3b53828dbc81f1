"""Who is refused before what he sends is here reads why, whole, through nginx too; and he holds up nobody."""

from __future__ import annotations

import re
import select
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.operations.front import HERE, NAME, Front, in_front_of
from tests.server import SECONDS_TO_START, Installation, found, free_port, running

ONION = "kentongan.onion"
MEBIBYTE = 1024 * 1024
FOREIGN = "Origin: https://lain.example"
FORM = "Content-Type: multipart/form-data; boundary=batas"
FIELDS = "Content-Type: application/x-www-form-urlencoded"
# What is refused as soon as its head is here, and with which words.
REFUSED = [
    ("POST /lapor", (FOREIGN, FORM), 403, "tidak datang dari halaman kami"),
    ("POST /lacak", (FIELDS,), 413, "terlalu besar"),
    ("POST /lacak", (FORM,), 415, "tidak dikenal"),
    ("POST /tidak-ada", (FIELDS,), 404, "tidak ada"),
    ("POST /petugas/keluar", (FIELDS,), 401, "Silakan masuk lagi"),
]
# More than lies in the sockets between two programs.
LARGE = 12 * MEBIBYTE
# gunicorn.conf.py.
MOST_UNREAD = 64 * MEBIBYTE
# As many as would keep the thread that all connections pass through busy, at two seconds each, for longer than gunicorn
# lets a process be silent.
SLOW = 32


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A demo province behind one process of gunicorn, with a thread for every slow sender."""
    instance = tmp_path_factory.mktemp("served") / "instance"
    found(instance)
    with running(instance, GUNICORN_CMD_ARGS=f"--workers=1 --threads={SLOW + 4}") as installation:
        yield installation


@pytest.fixture(scope="module")
def front(served: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """nginx in front of it."""
    with in_front_of(port_of(served), tmp_path_factory.mktemp("front")) as standing:
        yield standing


def port_of(served: Installation) -> int:
    """Return where gunicorn listens."""
    return urlsplit(served.url).port or 0


@contextmanager
def beginning(port: int, asked: str, *told: str) -> Iterator[socket.socket]:
    """Connect, send a request's head, and yield the connection."""
    with socket.create_connection((HERE, port), timeout=SECONDS_TO_START) as line:
        line.sendall("\r\n".join([f"{asked} HTTP/1.1", "Host: localhost", *told, "", ""]).encode())
        yield line


def answered(line: socket.socket) -> None:
    """Wait until an answer has come, and leave it unread."""
    assert select.select([line], [], [], SECONDS_TO_START)[0]


def read(line: socket.socket) -> tuple[int, str]:
    """Read an answer and return its status and text; raises where it is not whole."""
    answer = HTTPResponse(line)
    answer.begin()
    return answer.status, answer.read().decode()


@pytest.mark.parametrize("asked, told, status, words", REFUSED, ids=[str(each[2]) for each in REFUSED])
def test_who_sends_on_after_he_was_refused_reads_the_refusal_whole(
    served: Installation, asked: str, told: tuple[str, ...], status: int, words: str
) -> None:
    for _turn in range(3):
        with beginning(port_of(served), asked, *told, f"Content-Length: {LARGE}") as line:
            answered(line)
            line.sendall(bytes(LARGE))
            answer, text = read(line)
            assert (answer, words in text) == (status, True)


def test_a_connection_on_which_a_refused_body_has_come_whole_goes_on(served: Installation) -> None:
    """Also when more has come on it, in all, than is borne of one body."""
    line = HTTPConnection(HERE, port_of(served), timeout=SECONDS_TO_START)
    for _turn in range(MOST_UNREAD // LARGE + 2):
        line.request("POST", "/lapor", bytes(LARGE), {"Origin": "https://lain.example"})
        refused = line.getresponse()
        assert (refused.status, b"</html>" in refused.read()) == (403, True)
        known = line.sock
        line.request("GET", "/bantuan")
        page = line.getresponse()
        assert (page.status, b"</html>" in page.read(), line.sock is known) == (200, True, True)
    line.close()


def test_through_nginx_a_form_that_is_refused_at_once_is_answered_by_us_every_time(front: Front) -> None:
    told = {"Host": ONION, "Origin": "https://lain.example"}
    answers = []
    for _turn in range(40):
        with httpx.Client(base_url=f"http://{HERE}:{front.hidden}", headers=told, timeout=SECONDS_TO_START) as browser:
            answer = browser.post("/lapor", files={"berkas": ("rekaman.bin", bytes(24 * MEBIBYTE))})
            answers.append((answer.status_code, "tidak datang dari halaman kami" in answer.text))
    assert answers == [(403, True)] * 40


def test_a_refused_body_that_turns_out_to_be_broken_is_answered_once(served: Installation) -> None:
    with beginning(port_of(served), "POST /lapor", "Transfer-Encoding: chunked") as line:
        answered(line)
        line.sendall(b"no size\r\n")
        told = b"".join(iter(lambda: line.recv(65_536), b""))
    assert re.findall(rb"HTTP/1\.1 (\d+)", told) == [b"411"]


def test_who_breaks_off_or_sends_what_is_broken_after_a_refusal_leaves_no_line_in_the_log(served: Installation) -> None:
    with running(served.instance) as standing:
        with beginning(port_of(standing), "POST /lapor", "Transfer-Encoding: chunked") as broken:
            answered(broken)
            broken.sendall(b"no size\r\n")
        with beginning(port_of(standing), "POST /lapor", FOREIGN, f"Content-Length: {LARGE}") as gone:
            answered(gone)
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # It has ended, and so has every request it was at.
    assert (served.instance.parent / f"{served.instance.name}.log").read_text() == ""


def test_of_a_refused_body_without_end_no_more_is_taken_than_is_borne(served: Installation) -> None:
    sent = 0
    with beginning(port_of(served), "POST /lapor", FOREIGN, f"Content-Length: {1000 * MEBIBYTE}") as line:
        answered(line)
        with pytest.raises(OSError):
            while sent < 1000 * MEBIBYTE:
                sent += line.send(bytes(MEBIBYTE))
    assert MOST_UNREAD <= sent < 2 * MOST_UNREAD


def test_who_is_refused_and_sends_on_slowly_is_left_and_the_process_lives(served: Installation) -> None:
    workers = children(served.process.pid)
    with ExitStack() as lines:
        head = (FOREIGN, f"Content-Length: {LARGE}")
        slow = [lines.enter_context(beginning(port_of(served), "POST /lapor", *head)) for _ in range(SLOW)]
        end = time.monotonic() + SECONDS_TO_START
        while slow:
            slow = [line for line in slow if still_taken(line)]
            assert time.monotonic() < end, f"{len(slow)} are still listened to"
            time.sleep(0.2)
    assert httpx.get(f"{served.url}/bantuan", timeout=SECONDS_TO_START).status_code == 200
    assert children(served.process.pid) == workers


def still_taken(line: socket.socket) -> bool:
    """Send a byte; tell whether it finds somebody."""
    try:
        return line.send(b"x") == 1
    except OSError:
        return False


def children(process: int) -> str:
    """Return the ids of a process's children (proc(5))."""
    return Path(f"/proc/{process}/task/{process}/children").read_text()


def announced(front: Front, size: int) -> tuple[int, str]:
    """Announce a form of ``size`` bytes over TLS, send none of it, and return how that is answered."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((HERE, front.secure), timeout=SECONDS_TO_START) as plain:
        with trusting.wrap_socket(plain, server_hostname=NAME) as line:
            line.sendall(f"POST /lapor HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: {size}\r\n\r\n".encode())
            return read(line)


def test_what_nginx_itself_says_of_a_form_with_files_is_said_in_our_words(tmp_path: Path) -> None:
    """It is too large; nobody stands behind; too many came."""
    with in_front_of(free_port(), tmp_path) as lonely:
        answers = [announced(lonely, 1002 * MEBIBYTE), announced(lonely, 2 * MEBIBYTE)]
        while answers[-1][0] == 503:
            answers.append(announced(lonely, 2 * MEBIBYTE))
    expected = [(413, "terlalu besar"), (503, "sedang tidak dapat menjawab"), (429, "Tunggu sebentar")]
    for (status, words), (told, text) in zip(expected, (*answers[:2], answers[-1]), strict=True):
        assert (told, words in text) == (status, True)
