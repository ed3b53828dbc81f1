"""What the server writes about its own running: an event's name, a case's id, never who asked or what was said."""

from __future__ import annotations

import logging
import sys
import traceback

import structlog


class Discreet(logging.Formatter):
    """Tells of an error where it arose and of what kind it is; its messages may repeat what somebody sent."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a line; of an error, the way to it, innermost last, after whatever it arose from."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return super().format(record)
        return "\n".join([f"{record.levelname} {record.name}", *_told(error)])


def init_log() -> None:
    """Write one JSON line an event to standard error; requests, addresses and bodies are never logged."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _told(error: BaseException) -> list[str]:
    within = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    told = _told(within) if within else []
    return [*told, *(line.rstrip() for line in traceback.format_tb(error.__traceback__)), type(error).__qualname__]
