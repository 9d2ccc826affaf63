"""The log: what happened, never what was seen.

Redaction by construction: an event is a plain phrase from the source, and only the keys listed here are written, only
with values that are numbers or look like ids. Whatever else is passed is dropped, so content can't slip in by accident.
An exception is written as its type and the places it passed; its text is not.
"""

import logging
import logging.handlers
import os
import re
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

# structlog loads rich, a tenth of a second at every start, for tracebacks on a terminal. Those are never written here:
# they would quote content. So while structlog is imported there is no rich (None is Python's own way to say so);
# afterwards whoever asks gets it.
_loaded: dict[str, Any] = sys.modules
_loaded.setdefault("rich", None)
import structlog  # noqa: E402 - the lines above must come first

if _loaded["rich"] is None:
    del _loaded["rich"]

FILE = "station.log"
_BYTES = 1024 * 1024
_KEPT = 3

KEYS = frozenset(  # one word each
    """
    timestamp level logger event code status state outcome error trace count n total held sending sent received accepted
    path expected got theirs by
    returned refused items gone decisions policies media bytes size room cursor seq rev lease_gen version schema attempt
    wait_s took_ms left_s item_id media_id entry_id decision_id policy_id device_id vault_id backend kind what pid port
    wanted proven unproven drafts segments copied_again carried failures settled leased next_cursor asked recovered
    unprovable
    """.split()  # noqa: SIM905 - a list of sixty words reads best as words
)
_PHRASE = re.compile(r"[a-z][a-z0-9 ,:._-]{0,79}")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,119}")


def _redact(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep what is listed and harmless; count the rest."""
    kept: dict[str, Any] = {}
    for key, value in event.items():
        plain = value is None or isinstance(value, bool | int | float)
        pattern = _PHRASE if key == "event" else _WORD
        if key not in KEYS:
            continue
        if plain or key == "trace" or (isinstance(value, str) and pattern.fullmatch(value)):
            kept[key] = value
        elif key == "event":
            kept[key] = "unprintable event"
    dropped = len(event) - len(kept)
    return kept | ({"dropped": dropped} if dropped else {})


def _places(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception as its type, its code when it is a Problem, and where it passed."""
    error = event.pop("exc_info", None)
    if error is True or (error and not isinstance(error, BaseException)):
        error = error[1] if isinstance(error, tuple) else sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        if isinstance(code := getattr(error, "code", None), str):
            event["code"] = code
        event["trace"] = [
            f"{Path(frame.filename).name}:{frame.lineno}:{frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
    return event


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """A rotating file that only its owner can read."""

    def _open(self) -> Any:
        os.close(os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        return super()._open()


class _Lines:
    """Writes finished lines and nothing else: the text of an exception, which `logging` would add, has no way in.

    Its methods are the ones structlog calls.
    """

    def __init__(self, file: _PrivateFile, name: str) -> None:
        self._file = file
        self.name = name

    def msg(self, line: str) -> None:
        """Write one line."""
        self._file.handle(logging.LogRecord(self.name, logging.INFO, "", 0, line, (), None))

    debug = info = warning = error = critical = msg


class _Log:
    """Gives structlog its loggers, all of which write to one file."""

    def __init__(self, path: Path) -> None:
        self._file = _PrivateFile(path, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8", delay=False)

    def __call__(self, *names: str) -> _Lines:
        return _Lines(self._file, names[0] if names else "modstation")

    def close(self) -> None:
        self._file.close()


def configure(folder: Path, level: str = "info") -> None:
    """Send the log to a rotating file in the station folder. May be called again; the last call counts.

    Args:
        folder: exists already.
        level: ``debug``, ``info``, ``warning`` or ``error``.
    """
    before = structlog.get_config()["logger_factory"]
    if isinstance(before, _Log):
        before.close()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _places,
            _redact,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        logger_factory=_Log(folder / FILE),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )


def to_stderr(level: str = "warning") -> None:
    """Send the log to standard error, redacted like the file: for the service, and for commands that answer in JSON."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _places,
            _redact,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
