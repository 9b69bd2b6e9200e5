"""Logs: one line per thing the service does, for people or as JSON, with nothing of a customer in it."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# What must never stand in a line, whoever puts it there. Fields with these names are masked at any depth.
MASKED = frozenset(
    {"authorization", "caller", "caller_id", "cookie", "customer", "customer_id", "email", "password"}
    | {"phone_number", "secret", "token"}
)
_MASK = "***"
_IN_PATHS = re.compile(r"(/v1/customers/)[^\s\"'?#]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def setup(
    style: Literal["text", "json"] = "text",
    level: Literal["debug", "info", "warning", "error"] = "info",
    stream: TextIO | None = None,
) -> None:
    """Send everything that is logged, by us and by libraries, through one form to one stream.

    Libraries are heard from warnings on: their lines for each request or message are not ours to multiply.

    Args:
        style: `text` for people, `json` for collectors: one object per line.
        level: The least of our own lines that is written.
        stream: Standard error by default.
    """
    stream = sys.stderr if stream is None else stream
    least = logging.getLevelNamesMapping()[level.upper()]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(style, stream),
            ],
            foreign_pre_chain=_SAID,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(least, logging.WARNING))
    logging.getLogger("queuewatch").setLevel(least)
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SAID,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def logger(room: str) -> structlog.stdlib.BoundLogger:
    """The logger of one room ("store", "mqtt"): `log.info("journal opened", events=12)`."""
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(f"queuewatch.{room}")
    return bound


def _rendering(style: str, stream: TextIO) -> list[Processor]:
    """Neither form shows the local variables of a traceback: they hold customers and secrets."""
    if style == "json":
        return [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
    return [
        _on_one_line,
        structlog.dev.ConsoleRenderer(
            colors=stream.isatty(),
            timestamp_key="at",
            exception_formatter=structlog.dev.plain_traceback,
        ),
    ]


def _masked(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask what has a name of MASKED, and customers in the paths of requests."""
    return {key: _mask(key, value) for key, value in event.items()}


def _mask(key: str, value: Any) -> Any:
    if key.lower() in MASKED:
        return _MASK
    if isinstance(value, str):
        return _IN_PATHS.sub(rf"\1{_MASK}", value)
    if isinstance(value, Mapping):
        return {inner: _mask(str(inner), one) for inner, one in value.items()}
    if isinstance(value, list | tuple):
        return [_mask("", one) for one in value]
    return value


def _on_one_line(
    _logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Show control characters as escapes: what was sent to us must not begin a line of its own."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), value)
    return event


# What every line says, whoever logs it.
_SAID: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    _masked,
]
