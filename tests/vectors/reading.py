"""Read a file of vectors for a test."""

import json
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def vectors(file: str, *needed: str) -> pytest.MarkDecorator:
    """Run a test once for each vector of ``file`` that has the fields ``needed``; it gets it as ``vector``."""
    found = [vector for vector in load(file) if all(field in vector for field in needed)]
    return pytest.mark.parametrize("vector", found, ids=[vector["name"] for vector in found])


def load(file: str) -> list[dict[str, Any]]:
    """Return every vector of ``file``."""
    loaded: list[dict[str, Any]] = json.loads((HERE / f"{file}.json").read_text())
    return loaded
