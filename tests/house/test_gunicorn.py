"""gunicorn.conf.py: a web process that crashes leaves no memory behind, and gunicorn's own log tells of nobody."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys

import pytest

from complaints.rules import STORED_AT_ONCE
from kernel.beside import MOST
from tests.server import ROOT

# Prints whether the process can be dumped, and how large its core may be, before and after one of gunicorn's hooks.
HARDENED = """
import ctypes, resource, runpy, sys
hooks = runpy.run_path("gunicorn.conf.py")
def tell():
    print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), *resource.getrlimit(resource.RLIMIT_CORE))
tell()
hooks[sys.argv[1]](*[None] * int(sys.argv[2]))
tell()
"""
# What gunicorn says of an error that Flask does not catch, and of what is no HTTP.
LOGGING = """
import runpy, sys
from gunicorn.config import Config
from gunicorn.glogging import Logger
config = Config()
for name, value in runpy.run_path("gunicorn.conf.py").items():
    if name in config.settings:
        config.set(name, value)
log = Logger(config)
log.warning(f"Invalid request from ip={sys.argv[1]}")
try:
    int(sys.argv[1])
except ValueError:
    log.exception("Error handling request %s", sys.argv[1])
"""


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, *arguments]
    alone = os.environ | {"KENTONGAN_WORK": "apart"}
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, env=alone)


@pytest.mark.parametrize(("hook", "arguments"), [("post_fork", 2), ("post_worker_init", 1)])
def test_no_core_is_written_and_no_program_that_collects_crashes_gets_anything(hook: str, arguments: int) -> None:
    before, after = run(HARDENED, hook, str(arguments)).stdout.splitlines()
    assert before.startswith("1 ")
    assert after == "0 0 0"


def test_gunicorn_tells_of_an_error_without_who_asked_and_for_what() -> None:
    told = run(LOGGING, "kenari")
    assert told.stdout == "" and "ValueError\n" in told.stderr
    assert "kenari" not in told.stderr


def test_as_many_requests_as_a_process_takes_have_their_chunks_put_into_the_store_at_once() -> None:
    threads = runpy.run_path(str(ROOT / "gunicorn.conf.py"))["threads"]
    # And what came before settles.
    assert threads * (STORED_AT_ONCE + 1) <= MOST
