"""What the server writes about its own running: where it went wrong, never who asked or what was said."""

from __future__ import annotations

import logging
import sys
import traceback


class Discreet(logging.Formatter):
    """Tells of an error where it arose and of what kind it is; its messages may repeat what somebody sent."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a line; of an error, the way to it, innermost last, after whatever it arose from."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return super().format(record)
        return "\n".join([f"{record.levelname} {record.name}", *_told(error)])


def init_log() -> None:
    """Write warnings and errors to standard error; requests, addresses and bodies are never logged."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _told(error: BaseException) -> list[str]:
    within = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    told = _told(within) if within else []
    return [*told, *(line.rstrip() for line in traceback.format_tb(error.__traceback__)), type(error).__qualname__]
