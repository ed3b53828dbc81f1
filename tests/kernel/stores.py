"""What the object store's tests say and ask again and again."""

from __future__ import annotations

import secrets

import pytest

from kernel.store import Kept, Store
from kernel.store_errors import StoreFailed

CHUNK = secrets.token_bytes(1024 * 1024 + 29)
NOT_KEPT = "Berkas belum bisa disimpan. Coba lagi sebentar lagi."
NO_ROOM = "Tempat penyimpanan berkas di server ini sedang penuh, jadi berkas belum bisa disimpan. Coba lagi nanti."
NOT_READ = "Berkas belum bisa dibaca. Coba lagi sebentar lagi."


def key() -> str:
    """Return a key that no object has."""
    return secrets.token_hex(16)


def failed(sentence: str, act: object, *given: object) -> None:
    """Try what must fail with ``sentence`` and with nothing else to be read out of it."""
    with pytest.raises(StoreFailed) as failure:
        act(*given)  # type: ignore[operator]
    assert (str(failure.value), failure.value.status, type(failure.value)) == (sentence, 503, StoreFailed)
    assert failure.value.__suppress_context__


def everything(store: Store) -> list[Kept]:
    """Return all that is in a store."""
    return list(store.keys())
