"""A web process loads nothing that its pages do not need: each megabyte is there once for every process (DESIGN §9)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.province import Province
from tests.server import ROOT, SECONDS_TO_START

# Starts as a web process does, shows pages, and tells what it has loaded and read.
SERVING = """
import json, os, sys
read = set()
sys.addaudithook(lambda event, told: read.add(str(told[0])) if event == "open" else None)
from wsgi import create_app
visitor = create_app().test_client()
pages = [visitor.get(path, base_url="https://localhost") for path in ("/", "/lapor", "/api/v1/desks", "/petugas/masuk")]
asked = {"base_url": "https://localhost", "headers": {"Origin": "https://localhost"}}
pages.append(visitor.post("/lacak", data={"phrase": os.environ["PHRASE"]}, follow_redirects=True, **asked))
assert all(page.status_code == 200 for page in pages), [page.status for page in pages]
assert "Diterima" in pages[-1].text
files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
libraries = {name.partition(".")[0] for name, file in files.items() if "site-packages" in file}
print(json.dumps({"modules": sorted(files), "libraries": sorted(libraries), "read": sorted(read)}))
"""
LIBRARIES = {
    "babel", "blinker", "brotli", "click", "cryptography", "dateutil", "flask", "flask_babel", "flask_login",
    "flask_sqlalchemy", "holidays", "itsdangerous", "jinja2", "markupsafe", "pytz", "six", "sqlalchemy",
    "typing_extensions", "werkzeug", "whitenoise", "wtforms",
}  # fmt: skip
# What those bring along of themselves, and a virtual environment's own beginning.
THEIRS = {"_brotli", "_cffi_backend", "_distutils_hack", "sitecustomize"}
# Of libraries that are needed, and of our own: what another database, the command line or a ceremony needs.
ELSEWHERE = (
    "casework.commands", "casework.founding", "holidays.countries", "kernel.ceremony", "ledger.commands",
    "operations.checks", "operations.commands", "sqlalchemy.dialects.mysql", "sqlalchemy.dialects.postgresql",
)  # fmt: skip
# The embedded default: what PostgreSQL needs comes in addition.
pytestmark = pytest.mark.parametrize("town", ["sqlite"], indirect=True, scope="session")


@dataclass(frozen=True)
class Loaded:
    """The names of modules, the libraries they are of, and the files that were opened."""

    modules: list[str]
    libraries: list[str]
    read: list[str]


@pytest.fixture(scope="module")
def loaded(town: Province) -> Loaded:
    """What a process has loaded that has shown a reporter his case."""
    phrase, _complaint = town.lodge()
    environment = os.environ | {
        "KENTONGAN_INSTANCE": str(town.instance), "DATABASE_URL": town.app.config["SQLALCHEMY_DATABASE_URI"],
        "PHRASE": phrase,
    }  # fmt: skip
    served = subprocess.run(
        [sys.executable, "-c", SERVING], cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
        timeout=SECONDS_TO_START,
    )  # fmt: skip
    return Loaded(**json.loads(served.stdout))


def test_no_library_is_loaded_but_those_that_pages_need(loaded: Loaded) -> None:
    assert set(loaded.libraries) - THEIRS <= LIBRARIES


def test_nothing_is_loaded_that_serves_elsewhere(loaded: Loaded) -> None:
    assert [module for module in loaded.modules if module.startswith(ELSEWHERE)] == []


def test_no_page_has_all_that_babel_knows_read(loaded: Loaded) -> None:
    assert [file for file in loaded.read if "babel" in file and file.endswith(".dat")] == []
