"""One window for one station's folder: a second start raises the first one's window and ends.

The lock is the operating system's and goes with the process, however it ends. The ping is a connection to a local
socket that only this user can reach; nothing is said over it.
"""

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
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

    if not (address := _address(folder)):
        return False
    socket = QLocalSocket()
    socket.connectToServer(address)
    answered = socket.waitForConnected(_PATIENCE_MS)
    socket.abort()
    return answered


def listen(folder: Path, pinged: Callable[[], None], parent: QObject) -> None:
    """Call `pinged` for each ping, as long as `parent` lives. Only for who holds the lock."""
    from PySide6.QtNetwork import QLocalServer  # noqa: PLC0415 - after the first item

    if not (address := _address(folder)):
        return
    server = QLocalServer(parent)
    server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)

    def heard() -> None:
        while (connection := server.nextPendingConnection()) is not None:
            connection.abort()
            connection.deleteLater()
            pinged()

    server.newConnection.connect(heard)
    QLocalServer.removeServer(address)  # of a process that was killed: the lock says that nobody listens
    server.listen(address)


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
    runtime = _runtime()
    return str(runtime / name) if runtime else ""


def _runtime() -> Path | None:
    """A folder that only this user can reach; the station's own may have too long a name for a socket.

    Qt would make one too where the session has none, and complain of it each time. None when somebody else has taken
    the name: then a second start can't raise the window, and says so.
    """
    given = os.environ.get("XDG_RUNTIME_DIR")
    if given and Path(given).is_dir():
        return Path(given)
    made = Path(tempfile.gettempdir()) / f"modstation-{os.getuid()}"
    with contextlib.suppress(FileExistsError):
        made.mkdir(mode=0o700)
    found = made.lstat()
    ours = found.st_uid == os.getuid() and found.st_mode == stat.S_IFDIR | stat.S_IRWXU
    return made if ours else None
