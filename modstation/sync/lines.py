"""The sockets of one transport, so that a thread that reads from one can be woken up when the station closes.

A client that is closed lets go of its sockets, and whoever is blocked in one stays so until its time is over: a socket
has to be shut down for that. The client tells of each connection it makes to whoever traces its requests.
"""

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from weakref import WeakSet

from modstation.sync.failures import Offline


class Lines:
    """Used by any thread."""

    def __init__(self) -> None:
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._one_at_a_time = threading.Lock()
        self._is_cut = False

    def heed(self, _event: str, told: Mapping[str, Any]) -> None:
        """Take note of a connection that was made, plain or with TLS over it; what a client's ``trace`` calls."""
        extra = getattr(told.get("return_value"), "get_extra_info", None)
        line = extra("socket") if extra else None
        if isinstance(line, socket.socket):
            with self._one_at_a_time:
                self._sockets.add(line)
                if self._is_cut:
                    _shut(line)

    def check(self) -> None:
        """Raises `Offline` once they are cut."""
        if self._is_cut:
            raise Offline("sync.stopping", "The station is closing.")

    def cut(self) -> None:
        """Shut them all down, and those that are still being made."""
        with self._one_at_a_time:
            self._is_cut = True
            for line in self._sockets:
                _shut(line)


def _shut(line: socket.socket) -> None:
    with suppress(OSError):  # closed already
        socket.socket.shutdown(line, socket.SHUT_RDWR)  # not that of `ssl`, which takes TLS away from under the reader
