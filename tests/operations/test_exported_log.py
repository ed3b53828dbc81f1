"""nginx serves the exported log from files as Kentongan serves it, and asks Kentongan for what is newer."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.ledger.test_exporting import files
from tests.operations.front import Front, configured, standing
from tests.server import ROOT, Installation, environment, founded

INCLUDED = ROOT / "deploy/nginx/kentongan-log.conf"
LASTING = ("Cache-Control", "Access-Control-Allow-Origin", "Cross-Origin-Resource-Policy", "X-Content-Type-Options")


@pytest.fixture(scope="module")
def served() -> Iterator[Installation]:
    """A demo province behind gunicorn."""
    with founded() as installation:
        called(installation, "ledger", "publish")
        yield installation


@pytest.fixture
def folder(served: Installation) -> Iterator[Path]:
    """The log, exported to where nginx finds it, by its root."""
    # Whoever starts pytest closes pytest's own folders to everybody else; nginx's workers are somebody else.
    with tempfile.TemporaryDirectory(prefix="kentongan-exported-") as above:
        Path(above).chmod(0o711)
        called(served, "ledger", "export", f"{above}/srv/log")
        yield Path(above) / "srv" / "log"


@pytest.fixture
def front(served: Installation, folder: Path) -> Iterator[Front]:
    """nginx in front of it, deploy's file for the log included as operations.md says."""
    made = folder.parent.parent / "front"
    made.mkdir()
    front = configured(made, int(urlsplit(served.url).port or 0))
    written = INCLUDED.read_text()
    assert written.count("root /srv/kentongan;") == 2
    (made / INCLUDED.name).write_text(written.replace("/srv/kentongan", str(folder.parent)))
    text = (made / "nginx.conf").read_text()
    place = "        location / {"
    assert text.count(place) >= 1
    (made / "nginx.conf").write_text(text.replace(place, f"        include {INCLUDED.name};\n{place}"))
    with standing(front) as running:
        yield running


def called(served: Installation, *arguments: str) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    subprocess.run(command, cwd=ROOT, env=environment(served.instance), check=True, capture_output=True)


def told(answer: httpx.Response) -> dict[str, object]:
    kind = answer.headers["Content-Type"].replace(" ", "").lower()
    return {"content": answer.content, "kind": kind, **{name: answer.headers.get(name) for name in LASTING}}


def test_what_it_serves_is_what_kentongan_serves(front: Front, served: Installation, folder: Path) -> None:
    with front.client() as browser, httpx.Client(base_url=served.url) as direct:
        for path in sorted(path for path in files(folder) if path.startswith(("tile/", "public/"))):
            from_files, ours = browser.get(f"/log/{path}"), direct.get(f"/log/{path}")
            assert (from_files.status_code, told(from_files)) == (200, told(ours)), path
            assert "Accept-Ranges" in from_files.headers, "it comes from no file"
        for path in ("checkpoint", "vkey", "policy", "bukti"):
            answer = browser.get(f"/log/{path}")
            assert answer.status_code == 200 and "Accept-Ranges" not in answer.headers, "it is another the next minute"
        for path in ("tile/", "tile/0", "tile/0/", "tile/0/.000", "lock"):
            assert browser.get(f"/log/{path}").status_code == 404


def test_what_was_not_exported_yet_comes_from_kentongan(front: Front, folder: Path) -> None:
    gone = next(path for path in files(folder) if path.startswith("tile/entries/"))
    (folder / gone).unlink()
    with front.client() as browser:
        answer = browser.get(f"/log/{gone}")
    assert answer.status_code == 200 and "Accept-Ranges" not in answer.headers
