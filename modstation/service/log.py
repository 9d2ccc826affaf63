"""The service's log: JSON lines on standard error, for whatever collects them. Ids, counts, durations; no content.

The text of an exception may quote what it choked on (a database quotes the whole row), so only its type and the places
it passed are written.
"""

import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog


def configure(level: str = "info") -> None:
    """Send the log to standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _places,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )


def _places(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception as its type and where it passed."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if error is not None:
        event["error"] = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)
        event["trace"] = [f"{Path(frame.filename).name}:{frame.lineno}:{frame.name}" for frame in frames]
    return event
