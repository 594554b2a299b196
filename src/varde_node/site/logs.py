"""Log lines by structlog: an allow-list decides which keys may appear, so no person and no variant ever does."""

from __future__ import annotations

import logging
import logging.config
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED_KEYS = frozenset(
    {
        "event",
        "level",
        "logger",
        "timestamp",
        "request_id",
        "account_id",
        "organisation_id",
        "role",
        "method",
        "route",
        "status",
        "duration_ms",
        "size_bytes",
        "job_id",
        "job_kind",
        "state",
        "attempt",
        "exception_type",
        "error_code",
        "port",
        "workers",
        "count",
    }
)
"""Keys a log line may carry. Everything else is dropped before it is written."""


def allow_listed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every key that is not on the list (a processor of structlog)."""
    return {key: value for key, value in event.items() if key in ALLOWED_KEYS}


_UUID_OR_NUMBER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")


def routed_only(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Reduce a foreign record (Django, granian, huey) to its template and exception type: its text may carry an address
    with an identifier, or the content of a failed form."""
    record = event.get("_record")
    if isinstance(record, logging.LogRecord) and not event.get("_from_structlog"):
        template = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        event["event"] = _UUID_OR_NUMBER.sub("*", template)
        if record.exc_info and record.exc_info[0]:
            event["exception_type"] = record.exc_info[0].__name__
    return event


def configure_logging(level: str) -> None:
    """Set up structlog and the standard library's logging with one formatter."""
    shared = [structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name]
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [*shared, structlog.processors.TimeStamper(fmt="iso", utc=True)],
                    "processors": [routed_only, allow_listed, structlog.processors.JSONRenderer(sort_keys=True)],
                }
            },
            "handlers": {
                "standard_error": {"class": "logging.StreamHandler", "formatter": "line"},
                "nowhere": {"class": "logging.NullHandler"},
            },
            "root": {"handlers": ["standard_error"], "level": level},
            "loggers": {
                "django.server": {"level": "WARNING"},
                "granian": {"level": "WARNING"},
                "huey": {"level": "WARNING"},
                # These write the variant itself into the text of a warning, where no allow-list can see it.
                "hgvs": {"handlers": ["nowhere"], "propagate": False},
                "bioutils": {"handlers": ["nowhere"], "propagate": False},
            },
        }
    )
