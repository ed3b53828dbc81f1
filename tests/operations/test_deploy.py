"""The files of deploy/, tried: real nginx in front of gunicorn, systemd's and Tor's own judgement of their files."""

from __future__ import annotations

import fcntl
import re
import secrets
import socket
import ssl
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from inspect import signature
from pathlib import Path
from threading import Event, Semaphore, Thread
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from complaints.cleaning import Cleaners
from complaints.files import LARGEST_CHUNK
from complaints.rules import MOST_FILES, MOST_TOGETHER
from operations.checks import machine
from operations.checks.live import look_at
from operations.checks.machine import look_at_machine
from operations.collecting import METRICS
from operations.measuring import NOTES
from tests import client
from tests.demo.browsing import Browser
from tests.machine import program
from tests.operations.front import HERE, NAME, SOUND, Front, asked_well_and_badly, command, configured, in_front_of
from tests.operations.test_metrics import asked, counted
from tests.province import ANSWERS
from tests.server import (
    ROOT, SECONDS_TO_END, SECONDS_TO_START, Installation, environment, found, free_port, running, until,
)  # fmt: skip

UNITS = sorted((ROOT / "deploy/systemd").glob("kentongan-*"))
# What is said of others' services besides.
BESIDE = sorted((ROOT / "deploy/systemd").glob("*.service.d/*.conf"))
# Of ten: what systemd finds a service exposed to; most services of a Debian stand at 9.6.
MOST_EXPOSED = 1.5


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A demo province behind gunicorn."""
    instance = tmp_path_factory.mktemp("served") / "instance"
    found(instance)
    with running(instance) as installation:
        yield installation


@pytest.fixture(scope="module")
def front(served: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """nginx in front of it."""
    with in_front_of(int(urlsplit(served.url).port or 0), tmp_path_factory.mktemp("front")) as standing:
        yield standing


def test_nginx_finds_nothing_wrong_with_its_file(tmp_path: Path) -> None:
    front = configured(tmp_path, free_port())
    outcome = subprocess.run(command(front, "-t"), capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stderr
    assert "warn" not in outcome.stderr


def test_a_complaint_is_lodged_and_read_through_it_and_nothing_is_put_on_the_disk(
    front: Front, served: Installation
) -> None:
    root = bytes.fromhex((served.instance / "root.pub").read_text().strip())
    known = client.installation(front.ask, root)
    # 256 KiB sealed: far beyond the buffers nginx would otherwise keep of a body and of an answer.
    phrase, _receipt = client.lodge(ANSWERS | {"text": "Diminta uang. " * 6000}, known, front.ask)
    seen = client.visit(client.phrase_keys(phrase, known.salt), front.ask)
    assert seen.thread["state"] == "RECEIVED"
    with front.client() as browser:
        opened = {"token": client.phrase_keys(phrase, known.salt).lookup_token.hex(), "account": "1"}
        assert len(browser.post("/lacak", data=opened, headers=SOUND).content) > 300_000


def test_files_come_through_it_on_both_paths_and_nothing_of_them_is_put_on_the_disk(
    front: Front, served: Installation
) -> None:
    """A chunk is larger than other bodies may be; a form with a file, even one that is refused, is answered by us."""
    known = client.installation(front.ask, bytes.fromhex((served.instance / "root.pub").read_text().strip()))
    phrase, _receipt = client.lodge(ANSWERS, known, front.ask)
    seen = client.visit(client.phrase_keys(phrase, known.salt), front.ask)
    recording = secrets.token_bytes(3 * 1024 * 1024)
    with front.client() as browser:

        def put(path: str, chunk: bytes, token: str) -> tuple[int, client.Json]:
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
            answer = browser.put(path, content=chunk, headers=SOUND | headers)
            return answer.status_code, answer.json()

        file = client.send_file(seen, recording, front.ask, put)
        client.act(seen, "message", "", front.ask, files=[file])
        sent = {"berkas": ("rekaman.bin", recording)}
        nonce = re.findall(r'name="nonce"[^>]*value="([0-9a-f]{32})"', browser.get("/lapor").text)[0]
        told = ANSWERS | {"nonce": nonce, "seen_traces": "1"}
        lodged = browser.post("/lapor", data=told, files=sent, headers=SOUND)
        refused = browser.post("/lapor", data={"nonce": nonce}, files=sent, headers=SOUND)
        foreign = browser.post("/lapor", data=told, files=sent, headers={"Origin": "https://lain.example"})
    thread = client.visit(seen.keys, front.ask).thread
    assert [(each["id"], each["seq"]) for each in thread["files"]] == [(file.id, 2)]
    assert (lodged.status_code, "1 berkas terkirim" in lodged.text) == (201, True)
    assert [refused.status_code, foreign.status_code] == [422, 403]


# How a connection stands, seen from the end that ended it first (RFC 9293, section 3.3.2).
ENDED_HERE = (psutil.CONN_FIN_WAIT1, psutil.CONN_FIN_WAIT2, psutil.CONN_TIME_WAIT)


def asking(upstream: int, *standing: str) -> set[int]:
    """Return from which ports a server is asked by connections that stand, at the asking end, in one of these ways."""
    ends = psutil.net_connections("tcp4")
    return {end.laddr.port for end in ends if end.status in standing and end.raddr and end.raddr.port == upstream}


def test_nginx_ends_a_connection_that_rests_and_gunicorn_never_does_under_its_hands(
    front: Front, served: Installation
) -> None:
    upstream = int(urlsplit(served.url).port or 0)
    until(lambda: not asking(upstream, psutil.CONN_ESTABLISHED))
    before = asking(upstream, *ENDED_HERE)
    with front.client() as browser:
        assert browser.get("/bantuan").status_code == 200
    until(lambda: not asking(upstream, psutil.CONN_ESTABLISHED))
    # Had gunicorn ended it, nothing of it would stand at this end.
    assert asking(upstream, *ENDED_HERE) - before


def test_what_every_answer_carries_passes_and_nginx_adds_nothing_of_itself(front: Front) -> None:
    with front.client() as browser:
        page = browser.get("/lapor", headers={"Accept-Encoding": "gzip"})
        [style] = re.findall(r'href="(/static/[^"]+kentongan\.css)"', page.text)
        file, secret = browser.get(style), browser.get("/lacak", headers={"Accept-Encoding": "gzip"})
    assert (page.status_code, file.status_code) == (200, 200)
    assert page.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert page.headers["Cache-Control"] == "no-store" and "immutable" in file.headers["Cache-Control"]
    assert page.headers["Server"] == "nginx"
    assert "Content-Encoding" in page.headers and "Content-Encoding" not in secret.headers


def test_whether_it_lives_is_not_for_strangers_nor_is_it_there_under_other_names(front: Front) -> None:
    with front.client() as browser:
        assert [browser.get(path).status_code for path in ("/healthz", "/readyz")] == [404, 404]
    with front.client("lain.example") as stranger, pytest.raises(httpx.ConnectError):
        stranger.get("/")
    with httpx.Client(base_url=f"http://{HERE}:{front.plain}", timeout=SECONDS_TO_START) as unsafe:
        sent_on = unsafe.get("/lapor", headers={"Host": NAME})
        assert (sent_on.status_code, sent_on.headers["Location"]) == (308, f"https://{NAME}/lapor")
        with pytest.raises(httpx.RemoteProtocolError):
            unsafe.get("/", headers={"Host": "lain.example"})


def test_who_posts_without_end_is_told_to_wait_and_others_go_on_reading(front: Front) -> None:
    with front.client() as browser:
        for path in ("/api/v1/complaints", "/petugas/masuk/garam"):
            # The first that is refused: one more is let through each second, which may be the last of any number.
            answers = [browser.post(path, json={}, headers=SOUND)]
            while answers[-1].status_code == 400 and len(answers) < 600:
                answers.append(browser.post(path, json={}, headers=SOUND))
            assert len(answers) > 1 and answers[-1].status_code == 429
            assert "Tunggu sebentar" in answers[-1].text and answers[-1].headers["Retry-After"] == "10"
            assert answers[-1].headers["Cache-Control"] == "no-store"
        assert browser.get("/lapor").status_code == 200
        assert browser.post("/lacak", data={}, headers=SOUND).status_code == 422
        too_large = browser.post("/lacak", content=b"x" * 1_100_000, headers=SOUND)
        assert (too_large.status_code, "terlalu besar" in too_large.text) == (413, True)


def test_neither_address_nor_path_nor_what_was_sent_is_written_down_anywhere(
    front: Front, served: Installation, tmp_path: Path
) -> None:
    mark = f"kenari{secrets.token_hex(8)}"
    asked_well_and_badly(front, mark)
    # And what a proxy likes best to complain of: nobody behind it answers.
    with in_front_of(free_port(), tmp_path) as lonely, lonely.client() as browser:
        away = browser.post(f"/lapor?{mark}", data={"text": mark}, headers=SOUND)
        written = [*front.written(), *lonely.written()]
    assert (away.status_code, "coba lagi" in away.text) == (503, True)
    log = served.instance.parent / f"{served.instance.name}.log"
    for name, content in [*written, (log.name, log.read_bytes())]:
        assert [word for word in (mark, HERE, "/lapor", NAME) if word.encode() in content] == [], name


# More than lies in the sockets between two programs, one of which is slower.
LARGE = bytes(24 * 1024 * 1024)


class Listener(BaseHTTPRequestHandler):
    """Whoever stands behind nginx, and notes the headers he is told."""

    told: list[dict[str, str]] = []

    def do_GET(self) -> None:
        """Note them."""
        self.told.append(dict(self.headers.items()))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(LARGE)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_who_stands_behind_it_is_told_of_nobodys_address_and_no_answer_is_put_on_the_disk(tmp_path: Path) -> None:
    with ThreadingHTTPServer((HERE, 0), Listener) as behind:
        Thread(target=behind.serve_forever, daemon=True).start()
        with in_front_of(behind.server_address[1], tmp_path) as front, front.client() as browser:
            forged = {"X-Forwarded-For": "203.0.113.7", "X-Real-IP": "203.0.113.7", "Forwarded": "for=203.0.113.7"}
            answer = browser.get("/", headers=forged | {"X-Forwarded-Proto": "http"})
            # nginx has no folder to put what the reader cannot take yet into: it waits for him.
            assert len(answer.content) == len(LARGE)
        behind.shutdown()
    [told] = Listener.told
    assert (told["Host"], told["X-Forwarded-Proto"]) == (NAME, "https")
    assert [value for value in told.values() if "203.0.113" in value or HERE in value] == []


class Taker(BaseHTTPRequestHandler):
    """Whoever stands behind nginx, and says when the first bytes of a body have come to him."""

    protocol_version = "HTTP/1.1"
    begun = Semaphore(0)

    def do_GET(self) -> None:
        """Answer."""
        self._answer(200)

    def do_POST(self) -> None:
        """Take a body."""
        length = int(self.headers["Content-Length"])
        self.rfile.read(1)
        self.begun.release()
        while length > 1 and (part := self.rfile.read(min(length - 1, 65_536))):
            length -= len(part)
        self._answer(201)

    do_PUT = do_POST

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


MEBIBYTE = 1024 * 1024
FILE = secrets.token_hex(16)


@pytest.fixture
def taken(tmp_path: Path) -> Iterator[Front]:
    """nginx in front of such a one."""
    # What other tests have sent is not waited for here.
    Taker.begun = Semaphore(0)
    with ThreadingHTTPServer((HERE, 0), Taker) as behind:
        Thread(target=behind.serve_forever, daemon=True).start()
        with in_front_of(behind.server_address[1], tmp_path) as front:
            yield front
        behind.shutdown()


def sent(front: Front, method: str, path: str, body: Iterable[bytes], size: int) -> int:
    """Send a body of ``size`` bytes and return how it was answered."""
    with front.client() as browser:
        return browser.request(method, path, content=body, headers=SOUND | {"Content-Length": str(size)}).status_code


def announced(front: Front, path: str, size: int) -> int:
    """Announce a body of ``size`` bytes, send none of it, and return how that is answered."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((HERE, front.secure), timeout=SECONDS_TO_START) as plain:
        with trusting.wrap_socket(plain, server_hostname=NAME) as line:
            line.sendall(f"POST {path} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: {size}\r\n\r\n".encode())
            return int(line.recv(100).split()[1])


def test_a_form_with_files_is_passed_on_while_it_comes_and_nothing_of_it_is_put_on_the_disk(taken: Front) -> None:
    def body() -> Iterator[bytes]:
        yield bytes(MEBIBYTE)
        assert Taker.begun.acquire(timeout=SECONDS_TO_START)
        yield bytes(3 * MEBIBYTE)

    for path in ("/lapor", "/lacak/kirim", "/lacak/keberatan"):
        assert sent(taken, "POST", path, body(), 4 * MEBIBYTE) == 201
    # Far beyond what lies in the sockets between them.
    assert sent(taken, "POST", "/lapor", (bytes(MEBIBYTE) for _ in range(60)), 60 * MEBIBYTE) == 201
    assert sent(taken, "POST", "/lapor", [bytes(999_999)], 999_999) == 201
    # A size is refused before anything is sent.
    assert [announced(taken, *each) for each in (("/lapor", 1002 * MEBIBYTE), ("/lacak", 2 * MEBIBYTE))] == [413, 413]


@pytest.mark.parametrize("lingers", [True, False], ids=["ended", "reset"])
def test_of_chunks_that_are_cut_off_those_are_kept_that_came_whole(served: Installation, lingers: bool) -> None:
    browser = Browser(served.url)
    known = client.installation(browser.ask, bytes.fromhex((served.instance / "root.pub").read_text().strip()))
    phrase, _receipt = client.lodge(ANSWERS, known, browser.ask)
    seen = client.visit(client.phrase_keys(phrase, known.salt), browser.ask)
    file, token = client.seal_for(seen, secrets.token_bytes(4 * MEBIBYTE)), seen.keys.lookup_token.hex()
    client.asked(browser.ask, "/api/v1/files", {"token": token, **file.opening})
    body = b"".join(file.chunks[:4])
    head = (
        f"PUT /api/v1/files/{file.id}/chunks/1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/octet-stream\r\n\r\n"
    )
    with socket.create_connection((HERE, urlsplit(served.url).port or 0), timeout=SECONDS_TO_START) as line:
        line.sendall(head.encode() + body[: 2 * LARGEST_CHUNK + 1000])
        if not lingers:
            until(lambda: not unread(line))
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def have() -> list[int]:
        opened: list[int] = client.asked(browser.ask, "/api/v1/files", {"token": token, **file.opening})["have"]
        return opened

    until(lambda: have() == [1, 2])


def unread(line: socket.socket) -> int:
    """Return how many bytes that were sent the other side's machine has not acknowledged (SIOCOUTQ, tcp(7))."""
    left: int = struct.unpack("i", fcntl.ioctl(line, termios.TIOCOUTQ, bytes(4)))[0]
    return left


def test_a_refusal_of_several_chunks_is_read_though_it_stood_before_any_came(served: Installation) -> None:
    headers = {"Authorization": f"Bearer {64 * '0'}", "Content-Type": "application/octet-stream"}
    body = bytes(MOST_TOGETHER * LARGEST_CHUNK)
    for _turn in range(3):
        line = HTTPConnection(urlsplit(served.url).netloc, timeout=SECONDS_TO_START)
        line.request("PUT", f"/api/v1/files/{FILE}/chunks/1", body, headers)
        assert line.getresponse().status == 404
        line.close()


def test_chunks_of_a_file_are_held_in_memory_until_all_that_came_together_are_whole(taken: Front) -> None:
    most, more = MOST_TOGETHER * LARGEST_CHUNK, (MOST_TOGETHER + 1) * LARGEST_CHUNK
    for path in (f"/api/v1/files/{FILE}/chunks/1", f"/petugas/perkara/LP-1/bukti/{FILE}/100"):
        assert sent(taken, "PUT", path, [bytes(LARGEST_CHUNK)], LARGEST_CHUNK) == 201
        assert sent(taken, "PUT", path, [bytes(most)], most) == 201
        assert sent(taken, "PUT", path, [bytes(more)], more) == 413


def test_two_files_of_a_hundred_chunks_come_from_one_address_without_being_told_to_wait(taken: Front) -> None:
    with taken.client() as browser, ThreadPoolExecutor(8) as lanes:
        paths = [f"/api/v1/files/{FILE}/chunks/{number}" for number in range(1, 201)]
        answers = list(lanes.map(lambda path: browser.put(path, content=b"x", headers=SOUND).status_code, paths))
    assert answers == [201] * 200


def test_nginx_waits_for_a_form_for_longer_than_its_files_are_cleaned() -> None:
    """One would have to wait for minutes to see it: the figures are compared."""
    waits = {name: parameter.default for name, parameter in signature(Cleaners).parameters.items()}
    longest = MOST_FILES * (waits["patience"] + waits["seconds"])
    text = (ROOT / "deploy/nginx/nginx.conf").read_text()
    for location, names in (("~ ^/(lapor|", ("send", "read")), ("@held", ("read",))):
        block = text.split(f"location {location}", 1)[1].split("\n        }", 1)[0]
        told = {name: int(seconds) for name, seconds in re.findall(r"proxy_(send|read)_timeout (\d+)s;", block)}
        assert [name for name in names if told[name] <= longest] == [], location


def test_nine_forms_with_files_come_at_once_and_others_are_served_meanwhile(taken: Front) -> None:
    go_on, answers = Event(), list[int]()

    def body() -> Iterator[bytes]:
        yield bytes(MEBIBYTE)
        go_on.wait(SECONDS_TO_START)
        yield bytes(MEBIBYTE)

    sending = [
        Thread(target=lambda: answers.append(sent(taken, "POST", "/lapor", body(), 2 * MEBIBYTE))) for _ in range(9)
    ]
    for each in sending:
        each.start()
    try:
        assert all(Taker.begun.acquire(timeout=SECONDS_TO_START) for _ in sending)
        assert announced(taken, "/lapor", MEBIBYTE) == 429
        assert sent(taken, "POST", "/lapor", [b"x"], 1) == 201
        assert sent(taken, "GET", "/lapor", [], 0) == 200
    finally:
        go_on.set()
        for each in sending:
            each.join()
    assert answers == [201] * 9


def test_the_check_finds_no_promise_broken_at_the_address_nginx_serves(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(front.folder / "certificate.pem"))
    monkeypatch.setattr(socket, "getaddrinfo", partial(_here, socket.getaddrinfo))
    assert list(look_at(f"https://{NAME}:{front.secure}", demo=False)) == []


def test_the_check_finds_the_web_processes_that_run_and_that_they_leave_no_core(
    served: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = {f"Web process {worker.pid}" for worker in psutil.Process(served.process.pid).children()}

    def told_of() -> set[str]:
        told = "\n".join(finding.sentence for finding in look_at_machine())
        assert "No web process" not in told
        return workers & set(re.findall(r"Web process \d+", told))

    assert workers and told_of() == set()
    # By another limit, which is not nothing, each would be found out.
    monkeypatch.setattr(machine, "CORE_LIMIT", "Max open files")
    assert told_of() == workers


def _here(look_up: Callable[..., Any], _host: str, *more: Any, **named: Any) -> Any:
    return look_up(HERE, *more, **named)


def test_the_process_that_measures_hears_every_worker_and_goes_when_told(served: Installation) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "metrics"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(served.instance))
    sockets = [served.instance / name for name in (NOTES, METRICS)]
    deadline = time.monotonic() + SECONDS_TO_START
    while not sockets[-1].exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    for _turn in range(8):
        for path in ("/petugas/masuk", "/lapor"):
            assert httpx.get(f"{served.url}{path}", timeout=SECONDS_TO_START).status_code == 200
    told = asked(served.instance)
    process.terminate()
    assert process.wait(SECONDS_TO_END) == 0 and not any(path.exists() for path in sockets)
    assert counted(told, "kentongan_requests_total", endpoint="accounts.login", code="2xx") == 8
    assert "complaints." not in told


# systemd and Tor


def units_here(folder: Path) -> list[str]:
    """Write the units as they would be if this checkout were /opt/kentongan; return their paths."""
    for unit in UNITS:
        (folder / unit.name).write_text(unit.read_text().replace("/opt/kentongan", str(ROOT)))
    return sorted(map(str, folder.glob("kentongan-*")))


def test_systemd_finds_nothing_wrong_with_the_units_and_little_they_could_do(tmp_path: Path) -> None:
    judge, units = program("systemd-analyze"), units_here(tmp_path)
    verified = subprocess.run([judge, "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")
    for unit in [unit for unit in units if unit.endswith(".service")]:
        told = subprocess.run(
            [judge, "security", "--offline=true", "--no-pager", unit], capture_output=True, text=True, check=True
        ).stdout
        [exposed] = re.findall(r"exposure level for \S+: ([0-9.]+)", told)
        assert float(exposed) <= MOST_EXPOSED, unit


@pytest.mark.parametrize("unit", [*UNITS, *BESIDE], ids=lambda unit: unit.parent.name + "-" + unit.name)
def test_no_service_leaves_its_memory_on_a_disk(unit: Path) -> None:
    if unit.suffix != ".timer":
        assert {"LimitCORE=0", "MemorySwapMax=0"} <= set(unit.read_text().splitlines())


def test_tor_finds_nothing_wrong_with_its_lines_and_knows_no_address_of_ours_but_one(tmp_path: Path) -> None:
    text = (ROOT / "deploy/tor/torrc").read_text()
    torrc = tmp_path / "torrc"
    torrc.write_text(text.replace("/var/lib/tor", str(tmp_path)) + f"DataDirectory {tmp_path}/data\n")
    outcome = subprocess.run(
        [program("tor"), "--verify-config", "-f", str(torrc), "--hush"], capture_output=True, text=True, check=False
    )
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stdout
    assert re.findall(r"HiddenServicePort 80 (\S+)", text) == ["127.0.0.1:8080"]
