"""What the daemon writes to stderr: a line of JSON for each event, plain lines on a terminal."""

import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

LEVELS = {"note": "info", "warning": "warning", "stop": "error"}


def make_log(out: TextIO | None = None) -> Any:
    """A logger; call it as log.info("event", text="in words", key=value)."""
    out = out or sys.stderr
    exception = structlog.processors.format_exc_info
    if out.isatty():
        chain: list[Any] = [structlog.processors.TimeStamper("%H:%M:%S", utc=False), exception, _plain]
    else:
        stamp = structlog.processors.TimeStamper("iso", utc=False)
        as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
        chain = [structlog.processors.add_log_level, stamp, exception, as_json]
    return structlog.wrap_logger(
        structlog.PrintLogger(out), processors=chain, wrapper_class=structlog.BoundLogger
    )


def _plain(_logger: object, _method: str, line: MutableMapping[str, Any]) -> str:
    """For somebody who watches: the time and the sentence."""
    more = [line["exception"]] if "exception" in line else []
    return "\n".join([f"{line['timestamp']}  {line.get('text', line['event'])}", *more])
