"""What the daemon writes to stderr: a line of JSON for each event, plain lines on a terminal."""

import sys
from typing import Any, TextIO

import structlog

LEVELS = {"note": "info", "warning": "warning", "stop": "error"}


def make_log(out: TextIO | None = None) -> Any:
    """A logger; call it as log.info("event", key=value)."""
    out = out or sys.stderr
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=False)
    common: list[Any] = [structlog.processors.add_log_level, stamp]
    if out.isatty():
        last: list[Any] = [structlog.dev.ConsoleRenderer(colors=False)]
    else:
        as_text = structlog.processors.format_exc_info
        last = [as_text, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return structlog.wrap_logger(
        structlog.PrintLogger(out), processors=[*common, *last], wrapper_class=structlog.BoundLogger
    )
