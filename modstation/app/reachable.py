"""Hears from the system that the network is back, so that nobody waits for the next try.

Only where Qt has a backend for it (GLib, NetworkManager, Windows, macOS); elsewhere the tries go on by themselves. It
is a hint and nothing more: whether the service can be reached is found out by asking it.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject


def listen(back: Callable[[], None], parent: QObject) -> bool:
    """Call `back` each time when the system says that a network is there again, as long as `parent` lives.

    Returns:
        Whether there is a backend that will say so.
    """
    from PySide6.QtNetwork import QNetworkInformation  # noqa: PLC0415 - after the first item

    if not QNetworkInformation.loadBackendByFeatures(QNetworkInformation.Feature.Reachability):
        return False
    watch = Watch(back, parent)
    network = QNetworkInformation.instance()
    network.reachabilityChanged.connect(watch.moved)
    watch.moved(network.reachability())
    return True


class Watch(QObject):
    """Tells a network that comes back from one that was there before.

    Behind a sign-in page the system says "site" or "local" until somebody has signed in: only "online" counts as there.
    """

    def __init__(self, back: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._back = back
        self._online: bool | None = None

    def moved(self, reachability: object) -> None:
        """The system says how far the network reaches now, a `QNetworkInformation.Reachability`."""
        from PySide6.QtNetwork import QNetworkInformation  # noqa: PLC0415 - loaded by now

        before, self._online = self._online, reachability == QNetworkInformation.Reachability.Online
        if self._online and before is False:
            self._back()
