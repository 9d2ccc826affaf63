"""One window for one station's folder: a second start raises the first one's window and ends.

The lock is the operating system's and goes with the process, however it ends. The ping is a connection to a local
socket that only this user can reach; nothing is said over it.
"""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths
from PySide6.QtWidgets import QWidget

from modstation.store import vault
from modstation.system.filelock import FileLock

_PATIENCE_MS = 2000


def take(folder: Path) -> FileLock:
    """Be the one window of `folder`, until the lock is released.

    Raises:
        Problem: ``vault.in_use``.
    """
    return FileLock(folder / "window.lock", vault.in_use())


def ping(folder: Path) -> bool:
    """Ask the window of `folder` to come forward; whether there was one to ask."""
    from PySide6.QtNetwork import QLocalSocket  # noqa: PLC0415 - hardly ever; a start does without

    socket = QLocalSocket()
    socket.connectToServer(_address(folder))
    answered = socket.waitForConnected(_PATIENCE_MS)
    socket.abort()
    return answered


def listen(folder: Path, pinged: Callable[[], None], parent: QObject) -> None:
    """Call `pinged` for each ping, as long as `parent` lives. Only for who holds the lock."""
    from PySide6.QtNetwork import QLocalServer  # noqa: PLC0415 - after the first item

    server = QLocalServer(parent)
    server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)

    def heard() -> None:
        while (connection := server.nextPendingConnection()) is not None:
            connection.abort()
            connection.deleteLater()
            pinged()

    server.newConnection.connect(heard)
    QLocalServer.removeServer(_address(folder))  # of a process that was killed: the lock says that nobody listens
    server.listen(_address(folder))


def bring_forward(window: QWidget) -> None:
    """Raise a window, also one that is minimised."""
    if window.isMinimized():
        window.showNormal()
    window.raise_()
    window.activateWindow()


def _address(folder: Path) -> str:
    name = f"modstation-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}"
    if sys.platform == "win32":
        return name  # a pipe, not a file
    # Readable by its owner only; the station's own folder may have too long a name for a socket.
    return f"{QStandardPaths.writableLocation(QStandardPaths.StandardLocation.RuntimeLocation)}/{name}"
