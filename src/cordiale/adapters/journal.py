"""The operator's journal: one JSON object a line on standard error.

Only the keys listed here are ever written, whatever a call passes: no label, subject, content or address slips in.
"""

import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog

KEYS: Final = frozenset(
    {
        "event",
        "level",
        "time",
        "nation",
        "peer",
        "listener",
        "host",
        "port",
        "code",
        "rule",
        "offset",
        "size",
        "count",
        "seconds",
        "state",
        "fault",
        "version",
    }
)
_LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def only_known_keys(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every key that isn't listed, and shorten what is left."""
    return {
        key: value if isinstance(value, int | float) else str(value)[:200]
        for key, value in event.items()
        if key in KEYS
    }


def configure(stream: TextIO | None = None, *, level: str = "info") -> None:
    """Write to `stream` (standard error) from `level` on: debug, info, warning or error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            only_known_keys,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )


def journal() -> structlog.typing.FilteringBoundLogger:
    """Where to write; `journal().info("event", count=3)`."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger
