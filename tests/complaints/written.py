"""A store that writes otherwise: slowly, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from kernel.store import Extent, Store

Write = Callable[[Extent, bytes], None]
# What is done instead of a writing's own ``write``, which comes first.
Instead = Callable[[Write, Extent, bytes], None]


class _Otherwise:
    """A writing of which only ``write`` is another."""

    def __init__(self, writing: Any, instead: Instead) -> None:
        self._writing, self._instead = writing, instead

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writing, name)

    def write(self, extent: Extent, content: bytes) -> None:
        self._instead(self._writing.write, extent, content)


@contextmanager
def writing_by(store: Store, instead: Instead) -> Iterator[None]:
    """Have each content that comes one after another be written to ``store`` by ``instead``."""
    usual = store.writing
    vars(store)["writing"] = lambda: _Otherwise(usual(), instead)
    try:
        yield
    finally:
        del vars(store)["writing"]
