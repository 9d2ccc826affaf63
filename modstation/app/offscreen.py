"""Qt's offscreen platform, which complains of every window that has a smallest size: that it has no use for one.

The line has no logging category of its own (it is Qt's `default`), so no filter rule can drop it and nothing else.
"""

import atexit
import sys
from collections.abc import Callable

from PySide6.QtCore import QMessageLogContext, QtMsgType, qFormatLogMessage, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication

COMPLAINT = "This plugin does not support propagateSizeHints()"

_Handler = Callable[[QtMsgType, QMessageLogContext, str], object]


class _AllBut:
    """A message handler that leaves one line out and passes all others on, as they would have gone without it."""

    def __init__(self, line: str) -> None:
        self._line = line
        self.before: _Handler | None = None

    def __call__(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if kind == QtMsgType.QtWarningMsg and message == self._line:
            return
        if self.before is not None:
            self.before(kind, context, message)
        else:
            print(qFormatLogMessage(kind, context, message), file=sys.stderr, flush=True)  # noqa: T201 - as Qt would


def hush() -> None:
    """Drop that one line where the platform is `offscreen`; may be called again. Other platforms are left alone."""
    if QGuiApplication.platformName() != "offscreen":
        return
    ours = _AllBut(COMPLAINT)
    before = qInstallMessageHandler(ours)
    if isinstance(before, _AllBut):
        ours.before = before.before
        return
    ours.before = before
    atexit.register(qInstallMessageHandler, None)  # Qt may still speak when Python no longer can
