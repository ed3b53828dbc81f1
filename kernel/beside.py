"""Work beside: what takes long outside Python, as hashing or waiting for a disk, while whoever began it reads on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

# More than a web process has under way: whoever waits for a slow store keeps nobody else's work from beginning.
MOST = 40

P = ParamSpec("P")
Done = TypeVar("Done")

# For the whole process, and so begun after any fork: threads for each request cost more than what they do for a small
# one.
_threads = ThreadPoolExecutor(MOST, thread_name_prefix="beside")


def beside(act: Callable[P, Done], *args: P.args, **kwargs: P.kwargs) -> Future[Done]:
    """Begin ``act`` for the same request, whose reader's language it speaks; return what will come of it."""
    context = copy_context()
    return _threads.submit(lambda: context.run(act, *args, **kwargs))
