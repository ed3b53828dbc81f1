"""``python -m complaints.cleaner <kind> <parent>``: a file on the standard input, cleaned on the standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable

from complaints.cleaner.confinement import limit, shut


def main(kind: str, parent: str) -> None:
    """Clean one file of the media type ``kind``; ``parent`` is the number of the process that waits for it."""
    limit()
    cleaned = _loaded(kind)
    shut(int(parent))
    made, content = cleaned(sys.stdin.buffer.read(), kind)
    sys.stdout.buffer.write(made.encode() + b"\n" + content)
    sys.stdout.buffer.flush()


def _loaded(kind: str) -> Callable[[bytes, str], tuple[str, bytes]]:
    # Within the limits, and for each kind only what it needs.
    if kind == "application/pdf":
        from complaints.cleaner.papers import rewrite

        return rewrite
    from complaints.cleaner.photographs import redraw

    return redraw


main(sys.argv[1], sys.argv[2])
