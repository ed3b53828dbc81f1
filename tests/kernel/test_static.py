"""Static files live below the hash of all of them: nothing is mixed, nothing is half there, old pages go on."""

import gzip
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client

from kernel.static import FOR_THE_FRAME, init_static, publish, release_of
from tests.server import SECONDS_TO_START

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = "export const kata = 'kentongan';\n" * 100


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder of static files."""
    folder = tmp_path / "static"
    (folder / "js" / "vault").mkdir(parents=True)
    (folder / "js" / "main.js").write_text(SCRIPT)
    (folder / "js" / "vault" / "box.js").write_text("export {};\n")
    (folder / "img.png").write_bytes(bytes(range(256)) * 8)
    return folder


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """A private folder."""
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o700)
    return folder


def served(source: Path, instance: Path) -> tuple[Client, str]:
    """Start an application over ``source``; return a client of it and where its files are."""
    app = Flask("kentongan")
    init_static(app, source, instance)
    at = str(app.jinja_env.globals["static_url"]("")).rstrip("/")  # type: ignore[operator]
    return Client(app), at


def test_a_file_is_served_whole_below_its_release(source: Path, instance: Path) -> None:
    client, at = served(source, instance)
    assert at == f"/static/{release_of(source)}" and re.fullmatch("/static/[0-9a-f]{16}", at)
    assert client.get(f"{at}/js/main.js").text == SCRIPT
    assert client.get(f"{at}/img.png").data == (source / "img.png").read_bytes()
    assert client.get("/static/js/main.js").status_code == 404


def test_a_file_is_kept_for_ever_under_its_own_type_and_policy(source: Path, instance: Path) -> None:
    client, at = served(source, instance)
    headers = client.get(f"{at}/js/vault/box.js").headers
    assert headers["Content-Type"].startswith("text/javascript")
    assert re.fullmatch(r"max-age=\d{8,}, public, immutable", headers["Cache-Control"])
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Content-Security-Policy"] == "default-src 'none'; script-src 'self'"
    assert "Access-Control-Allow-Origin" not in headers


def test_what_the_viewing_frame_loads_may_be_loaded_from_an_origin_that_is_nobodys(instance: Path) -> None:
    client, at = served(ROOT / "static", instance)
    policies = {path: client.get(f"{at}/{path}").headers["Cross-Origin-Resource-Policy"] for path in FOR_THE_FRAME}
    assert policies == dict.fromkeys(FOR_THE_FRAME, "cross-origin")
    assert client.get(f"{at}/vendor/hpke.js").headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_texts_leave_compressed_where_that_is_taken_and_pictures_never(source: Path, instance: Path) -> None:
    client, at = served(source, instance)
    gzipped = client.get(f"{at}/js/main.js", headers={"Accept-Encoding": "gzip"})
    assert gzipped.headers["Content-Encoding"] == "gzip" and gzip.decompress(gzipped.data).decode() == SCRIPT
    assert "Content-Encoding" not in client.get(f"{at}/img.png", headers={"Accept-Encoding": "gzip"}).headers


@pytest.mark.parametrize("change", ["content", "name", "new", "gone", "moved"])
def test_whatever_changes_the_release_is_another(source: Path, change: str) -> None:
    before, script = release_of(source), source / "js" / "main.js"
    {
        "content": lambda: script.write_text(SCRIPT + "\n"),
        "name": lambda: script.rename(source / "js" / "other.js"),
        "new": lambda: (source / "new.js").write_text(""),
        "gone": lambda: script.unlink(),
        "moved": lambda: script.rename(source / "main.js"),
    }[change]()
    assert release_of(source) != before


def test_bytes_moved_from_one_file_to_the_next_make_another_release(tmp_path: Path) -> None:
    for name, first, second in (("one", "ab", "c"), ("two", "a", "bc")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a").write_text(first)
        (tmp_path / name / "b").write_text(second)
    assert release_of(tmp_path / "one") != release_of(tmp_path / "two")


def test_the_same_files_are_the_same_release_wherever_and_whenever(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", str(source), str(copy)], check=True)
    (copy / "js" / "main.js").touch()
    assert release_of(copy) == release_of(source)


def test_a_page_opened_before_an_upgrade_still_finds_its_files(source: Path, instance: Path) -> None:
    _client, before = served(source, instance)
    (source / "js" / "main.js").write_text("export const kata = 'baru';\n")
    client, now = served(source, instance)
    assert before != now
    assert client.get(f"{before}/js/main.js").text == SCRIPT
    assert client.get(f"{now}/js/main.js").text == "export const kata = 'baru';\n"


def test_what_is_published_is_not_written_again(source: Path, instance: Path) -> None:
    published = instance / "static"
    written = published / publish(source, published) / "js" / "main.js"
    stamp = written.stat().st_mtime_ns
    publish(source, published)
    assert written.stat().st_mtime_ns == stamp


def test_a_copy_that_was_cut_short_is_never_served(source: Path, instance: Path) -> None:
    draft = instance / ".static-cut" / "0000000000000000"
    draft.mkdir(parents=True)
    (draft / "half.js").write_text("export")
    client, _at = served(source, instance)
    assert client.get("/static/0000000000000000/half.js").status_code == 404
    assert {folder.name for folder in (instance / "static").iterdir()} == {release_of(source)}


PUBLISH = """
import sys
from pathlib import Path
from flask import Flask
from kernel.static import init_static
source, instance = map(Path, sys.argv[1:])
sys.stdin.readline()
init_static(Flask("kentongan"), source, instance)
"""


@pytest.fixture
def starters(source: Path, instance: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that start over one folder as soon as they are told to."""
    command = [sys.executable, "-c", PUBLISH, str(source), str(instance)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def test_processes_that_start_at_once_all_start(
    source: Path, instance: Path, starters: list[subprocess.Popen[str]]
) -> None:
    said = [process.communicate("\n", timeout=SECONDS_TO_START)[1] for process in starters]
    assert [process.returncode for process in starters] == [0, 0, 0], said
    assert [folder.name for folder in (instance / "static").iterdir()] == [release_of(source)]
    assert [path.name for path in instance.iterdir()] == ["static"]


def test_who_looks_while_another_publishes_sees_whole_releases_alone(source: Path, instance: Path) -> None:
    for number in range(60):
        (source / f"{number}.js").write_text(SCRIPT)
    publishing = threading.Thread(target=publish, args=(source, instance / "static"))
    publishing.start()
    seen = set()
    while publishing.is_alive():
        seen |= {folder.name for folder in (instance / "static").glob("*")}
        seen |= {folder.name for folder in (instance / "static").glob(".*")}
    assert seen <= {release_of(source)}
