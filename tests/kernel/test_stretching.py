"""Argon2id in one thread: the same keys, a bounded queue, and alive after a fork."""

import runpy
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kernel.vault import Busy, Stretcher, stretch
from kernel.vault.stretching import MOST_WAITING
from tests.server import ROOT, SECONDS_TO_START

SALT = bytes(range(16))


def test_the_stretcher_gives_what_stretching_gives() -> None:
    assert Stretcher().stretch("kata", SALT) == stretch("kata", SALT)


def test_many_askers_share_one_thread_and_each_gets_his_own_key() -> None:
    stretcher = Stretcher(queue=8)
    asked = [f"kata {number}" for number in range(8)]
    before = stretchers()
    with ThreadPoolExecutor(8) as askers:
        found = list(askers.map(lambda words: stretcher.stretch(words, SALT), asked))
    assert found == [stretch(words, SALT) for words in asked]
    assert len(stretchers() - before) == 1


def stretchers() -> set[threading.Thread]:
    """Return the threads that stretch; other tests of this process have threads of other kinds, which come and go."""
    return {thread for thread in threading.enumerate() if thread.name == "stretcher"}


def test_a_full_queue_is_said_at_once_and_empties_again() -> None:
    stretcher = Stretcher(queue=1)
    together = threading.Barrier(10)

    def ask(number: int) -> bool:
        together.wait()
        try:
            return stretcher.stretch(f"kata {number}", SALT) == stretch(f"kata {number}", SALT)
        except Busy:
            return False

    with ThreadPoolExecutor(10) as askers:
        served = list(askers.map(ask, range(10)))
    assert any(served)
    assert not all(served)
    assert stretcher.stretch("kata", SALT) == stretch("kata", SALT)


def test_however_many_wait_a_web_process_has_threads_left_for_others() -> None:
    settings = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    # One is being stretched while the others wait.
    assert settings["threads"] - (MOST_WAITING + 1) >= 3


def test_a_failure_reaches_who_asked_and_nobody_else() -> None:
    stretcher = Stretcher()
    with pytest.raises(ValueError):
        stretcher.stretch("kata", SALT[:15])
    assert stretcher.stretch("kata", SALT) == stretch("kata", SALT)


FORKS = """
import os, sys
from kernel.vault import Stretcher, stretch
stretcher, salt = Stretcher(), bytes(16)
assert stretcher.stretch("kata", salt) == stretch("kata", salt)
child = os.fork()
for words in ("satu", "dua", "tiga"):
    assert stretcher.stretch(words, salt) == stretch(words, salt)
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_it_works_on_both_sides_of_a_fork_and_keeps_nobody_from_ending() -> None:
    subprocess.run([sys.executable, "-c", FORKS], check=True, timeout=SECONDS_TO_START)


@pytest.mark.parametrize("salt", [b"", bytes(15), bytes(17)])
def test_a_salt_of_another_length_is_refused(salt: bytes) -> None:
    with pytest.raises(ValueError):
        stretch("kata", salt)
