"""Structured logs: one JSON object a line, with the request's id and no person."""

from __future__ import annotations

import logging
import sys
from contextvars import ContextVar
from typing import Any

import orjson
import structlog

request_id: ContextVar[str] = ContextVar("request_id", default="")


def _with_request_id(
    _: Any, __: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    current = request_id.get()
    if current:
        event.setdefault("request_id", current)
    return event


def _to_json(_: Any, __: str, event: structlog.types.EventDict) -> bytes:
    return orjson.dumps(event, default=str)


def configure(level: str) -> None:
    """Send structlog and the standard loggers to standard error as JSON lines."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _with_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
            _to_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=False,
    )
    for talkative in ("alembic", "fontTools"):
        logging.getLogger(talkative).setLevel("WARNING")
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


log: structlog.stdlib.BoundLogger = structlog.get_logger()
