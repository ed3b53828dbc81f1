"""The store for files: nobody else reads it, and what it is for it does."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from kernel.config import Bucket, Settings
from kernel.store import Store
from kernel.store_errors import StoreFailed
from operations.backup import RESTORED
from operations.checks.findings import Finding, broken, warning
from operations.checks.folder import look_at_private_folder

LOCAL = ("127.0.0.1", "localhost", "::1")


def look_at_store(settings: Settings, store: Store) -> Iterator[Finding]:
    """Yield what is wrong with the place where files are; an object is kept in it, read, and forgotten."""
    if isinstance(settings.store, Path):
        yield from look_at_private_folder(settings.store)
    else:
        yield from _way(settings.store)
    yield from _tried(store)
    mark = settings.instance / RESTORED
    if mark.exists():
        yield warning(
            "Since the restore, objects without a row are left where they are: once no other installation uses this "
            f"store, remove {mark}."
        )


def _way(bucket: Bucket) -> Iterator[Finding]:
    place = urlsplit(bucket.endpoint or "https://")
    if place.scheme == "http" and place.hostname not in LOCAL:
        yield warning(f"The way to {place.hostname} and its bucket is not encrypted: who listens sees files go by.")


def _tried(store: Store) -> Iterator[Finding]:
    key, content = secrets.token_hex(16), secrets.token_bytes(64)
    try:
        store.keep(key, content)
        if store.read(key) != content:
            yield broken("The store for files gives back something else than it was given.")
        store.forget(key)
        next(store.keys(), None)
    except StoreFailed as failed:
        yield broken(f"The store for files does not keep, give, forget and list ({failed.reason}).")
