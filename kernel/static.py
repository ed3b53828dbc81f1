"""Static files: served below the hash of their release, compressed once, cached for ever."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import cast
from wsgiref.headers import Headers

from flask import Flask, current_app
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

FOR_EVER = 365 * 24 * 3600
# What the viewing frame loads: its origin is nobody's, so to it even our own files are another site's.
FOR_THE_FRAME = ("css/kentongan.css", "css/viewing.css", "js/viewing/frame.js", "vendor/pdf.js")


def init_static(app: Flask, source: Path, instance: Path) -> None:
    """Serve ``source`` below ``/static/<release>/`` and give templates ``static_url(path)``.

    Scripts import one another by relative paths, so one hash for the whole folder renews all of them together.
    Older releases stay on disk and are still served: a page opened before an upgrade loads the modules it knows.
    """
    published = instance / "static"
    release = publish(source, published)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(published),
        prefix="static/",
        max_age=FOR_EVER,
        immutable_file_test=lambda _path, _url: True,
        allow_all_origins=False,
        add_headers_function=_add_headers,
    )
    app.extensions["kentongan.static"] = source
    app.jinja_env.globals["static_url"] = lambda path: f"/static/{release}/{path}"


def _add_headers(headers: Headers, _path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "cross-origin" if url.endswith(FOR_THE_FRAME) else "same-origin"
    # A worker lives under the policy of its own script's answer, not of the page that started it.
    headers["Content-Security-Policy"] = "default-src 'none'; script-src 'self'"


def current_static() -> Path:
    """Return the folder of the files that this release gives to browsers."""
    return cast(Path, current_app.extensions["kentongan.static"])


def files_of(source: Path) -> dict[str, str]:
    """Return the SHA-256, in hex, of each file below ``source``, by its path."""
    found = (path for path in source.rglob("*") if path.is_file())
    return {path.relative_to(source).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def release_of(source: Path) -> str:
    """Return 16 hex digits of the SHA-256 over every file's path and bytes."""
    digest = hashlib.sha256()
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(source)}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def publish(source: Path, published: Path) -> str:
    """Copy ``source`` with compressed twins to ``published/<release>`` unless it is there; return the release."""
    release = release_of(source)
    target = published / release
    if not target.exists():
        published.mkdir(mode=0o700, exist_ok=True)
        # Beside the folder that is served: a process that is just starting reads it file by file.
        draft = Path(tempfile.mkdtemp(dir=published.parent, prefix=".static-")) / release
        shutil.copytree(source, draft)
        _compress(draft)
        _move(draft, target)
        shutil.rmtree(draft.parent)
    return release


def _compress(folder: Path) -> None:
    compressor = Compressor(quiet=True)
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if compressor.should_compress(path.name):
            list(compressor.compress(str(path)))


def _move(draft: Path, target: Path) -> None:
    try:
        os.rename(draft, target)
    except OSError:  # another process was quicker; its copy is the same
        if not target.exists():
            raise
