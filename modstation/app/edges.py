"""Where the process meets the rest of the machine: signals that end it, and bugs that nobody handled."""

import contextlib
import signal
import socket
import sys
import traceback
from types import TracebackType

import structlog
from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication

logger = structlog.get_logger(__name__)


def heed_signals(app: QApplication) -> None:
    """Let a station that is told to end close its windows, and so its vault; at once, also when nothing else happens.

    Python runs a handler only when it is awake, and then anywhere, also while a widget paints; so the handlers do
    nothing. A signal also writes a byte: that wakes Qt, which closes the windows when it is through with what it does.
    """

    def told(ends: tuple[socket.socket, socket.socket]) -> None:
        ends[0].recv(64)
        QApplication.closeAllWindows()

    woken, wake = socket.socketpair()
    wake.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    notifier = QSocketNotifier(woken.fileno(), QSocketNotifier.Type.Read, app)
    notifier.activated.connect(lambda *_, ends=(woken, wake): told(ends))  # and keeps both ends
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: None)


def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """The handler for bugs: where it happened is logged; the words of the error are not, they may quote content."""
    frames = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(trace)]
    with contextlib.suppress(Exception):  # a failing log must not hide the bug
        logger.error("bug", error=kind.__name__, trace=" < ".join(reversed(frames)))
    sys.__excepthook__(kind, error.with_traceback(trace), trace)
