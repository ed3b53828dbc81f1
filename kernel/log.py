"""What the server writes about its own running: an event's name, a case's id, never who asked or what was said."""

from __future__ import annotations

import logging
import sys

import structlog


def init_log() -> None:
    """Write one JSON line an event to standard error; requests, addresses and bodies are never logged."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
