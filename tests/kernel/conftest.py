"""Fixtures of the object store's tests."""

import secrets
from dataclasses import replace
from pathlib import Path

import pytest

from kernel.store import Store, open_store


@pytest.fixture(params=["folder", "nanio", "moto"])
def store(request: pytest.FixtureRequest, folder: Path) -> Store:
    """A store of each kind, empty."""
    return open_store(folder) if request.param == "folder" else _in_a_bucket(request)


@pytest.fixture(params=["nanio", "moto"])
def bucket_store(request: pytest.FixtureRequest) -> Store:
    """A store in a bucket of each service, empty."""
    return _in_a_bucket(request)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a local store, as the settings leave it."""
    made = tmp_path / "objects"
    made.mkdir(mode=0o700)
    return made


def _in_a_bucket(request: pytest.FixtureRequest) -> Store:
    if request.param == "nanio":
        return open_store(request.getfixturevalue("nanio").bucket)
    return open_store(replace(request.getfixturevalue("moto"), prefix=secrets.token_hex(4)))
