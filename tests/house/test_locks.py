"""requirements/: who develops has the very versions that run."""

from __future__ import annotations

import re

from tests.server import ROOT

PINNED = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)


def pinned(lock: str) -> dict[str, str]:
    return dict(PINNED.findall((ROOT / "requirements" / lock).read_text()))


def test_both_locks_name_the_same_versions() -> None:
    """Otherwise the two installations after one another that make does would replace a package, and back each time."""
    run, dev = pinned("run.txt"), pinned("dev.txt")
    assert run and {name: dev.get(name) for name in run} == run
