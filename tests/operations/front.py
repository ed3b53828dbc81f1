"""Real nginx in front, as deploy/ has it, but on ports that are free and with a certificate for this run."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.client import Json
from tests.journeys.secure import certified
from tests.machine import program
from tests.server import ROOT, SECONDS_TO_END, SECONDS_TO_START, free_port

NAME = "lapor.example.go.id"
HERE = "127.0.0.1"
SOUND = {"Origin": f"https://{NAME}"}


@dataclass(frozen=True)
class Front:
    """A running nginx: its ports, that for Tor last, the folder with everything that it could write, its address."""

    secure: int
    plain: int
    hidden: int
    folder: Path
    address: str = HERE

    def client(self, name: str = NAME) -> httpx.Client:
        """Return a client that asks for ``name`` and finds it here."""
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        return Named(name, base_url=f"https://{self.address}:{self.secure}", verify=trusting, headers={"Host": name})

    def ask(self, path: str, posted: Json | None = None) -> tuple[int, Json]:
        """Get or post JSON: what ``tests.client.Ask`` wants."""
        with self.client() as client:
            answer = client.get(path) if posted is None else client.post(path, json=posted)
        return answer.status_code, answer.json()

    def written(self) -> Iterator[tuple[str, bytes]]:
        """Yield every file that nginx has written, its error stream first."""
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path.suffix not in {".conf", ".pem"}:
                yield path.name, path.read_bytes()


class Named(httpx.Client):
    """A client that tells TLS the name it asks for, whatever address it connects to."""

    def __init__(self, name: str, **more: object) -> None:
        super().__init__(timeout=SECONDS_TO_START, **more)  # type: ignore[arg-type]
        self._name = name

    def build_request(self, *args: object, **more: object) -> httpx.Request:
        """Build a request that carries the name."""
        request = super().build_request(*args, **more)  # type: ignore[arg-type]
        request.extensions["sni_hostname"] = self._name
        return request


def asked_well_and_badly(front: Front, mark: str) -> None:
    """Ask for what there is, for what there is not, in words that are no HTTP, and break off."""
    headers = SOUND | {"User-Agent": mark, "Referer": f"https://{mark}.example/", "Cookie": f"a={mark}"}
    with front.client() as browser:
        browser.get(f"/bantuan?cari={mark}", headers=headers)
        browser.get(f"/{mark}", headers=headers)
        browser.post("/lapor", data={"text": mark}, headers=headers)
        browser.get(f"/{'x' * 40_000}{mark}", headers=headers)
    for line in (f"{mark}\r\n\r\n", f"GET /{mark} HTTP/9.9\r\n\r\n", f"POST /{mark} HTTP/1.1\r\nHost: {NAME}\r\n"):
        spoken(front, line)
    with socket.create_connection((front.address, front.secure), timeout=20) as line, suppress(OSError):
        line.sendall(mark.encode())  # no TLS
        line.recv(100)


def spoken(front: Front, request: str) -> None:
    """Speak over TLS in words of our own, and go."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((front.address, front.secure), timeout=20) as plain, suppress(OSError):
        with trusting.wrap_socket(plain, server_hostname=NAME) as line:
            line.sendall(request.encode())
            line.shutdown(socket.SHUT_WR)
            line.recv(100)


def configured(folder: Path, upstream: int) -> Front:
    """Write deploy's configuration into ``folder``, with what must differ here; raises where it has changed."""
    front = Front(free_port(), free_port(), free_port(), folder)
    certificate, private = certified(folder, NAME)
    changes = {
        "user www-data;": "user nobody nogroup;" if os.geteuid() == 0 else "",
        "/run/nginx.pid": f"{folder}/nginx.pid",
        "http {\n": f"http {{\n    {_temporary(folder)}\n",
        "127.0.0.1:8000": f"{HERE}:{upstream}",
        "127.0.0.1:8080": f"{HERE}:{front.hidden}",
        "/etc/ssl/kentongan/certificate.pem": str(certificate),
        "/etc/ssl/kentongan/key.pem": str(private),
        "listen 80": f"listen {HERE}:{front.plain}",
        "listen 443": f"listen {HERE}:{front.secure}",
    }
    text = (ROOT / "deploy/nginx/nginx.conf").read_text()
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "nginx.conf").write_text(text)
    shutil.copy(ROOT / "deploy/nginx/kentongan-sentence.conf", folder)
    return front


def _temporary(folder: Path) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return " ".join(f"{kind}_temp_path {folder}/temporary-{kind};" for kind in kinds)


def command(front: Front, *more: str) -> list[str]:
    """Return how nginx is called."""
    return [program("nginx"), "-p", str(front.folder), "-c", str(front.folder / "nginx.conf"), "-e", "stderr", *more]


@contextmanager
def in_front_of(upstream: int, folder: Path) -> Iterator[Front]:
    """Run nginx in front of a port until the block ends. It finds no folder to put a body or an answer into."""
    with standing(configured(folder, upstream)) as front:
        yield front


@contextmanager
def standing(front: Front) -> Iterator[Front]:
    """Run a configured nginx until the block ends."""
    folder = front.folder
    folder.chmod(0o711)
    with (folder / "stderr").open("wb") as stderr:
        process = subprocess.Popen(command(front, "-g", "daemon off;"), stderr=stderr, stdout=stderr)
        try:
            _wait_for(front, process)
            for temporary in folder.glob("temporary-*"):
                temporary.rmdir()
            yield front
        finally:
            process.terminate()
            process.wait(SECONDS_TO_END)


def _wait_for(front: Front, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"http://{HERE}:{front.plain}/", headers={"Host": NAME}, timeout=5)
            return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise RuntimeError((front.folder / "stderr").read_text())
