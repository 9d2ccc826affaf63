"""The system says that the network is back: the station asks the service at once, and not before."""

import subprocess
import sys

import pytest
from PySide6.QtCore import QObject
from PySide6.QtNetwork import QNetworkInformation

from modstation.app import reachable

Reach = QNetworkInformation.Reachability


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ([Reach.Online], 0),
        ([Reach.Online, Reach.Disconnected], 0),
        ([Reach.Disconnected, Reach.Online], 1),
        ([Reach.Online, Reach.Site, Reach.Online], 1),  # a sign-in page stood there, and somebody signed in
        ([Reach.Online, Reach.Online, Reach.Unknown, Reach.Local, Reach.Online, Reach.Online], 1),
        ([Reach.Disconnected, Reach.Online, Reach.Disconnected, Reach.Online], 2),
    ],
)
def test_only_a_network_that_comes_back_makes_it_ask(qapp, told: list[Reach], asked: int):
    here = QObject()
    calls: list[int] = []
    watch = reachable.Watch(lambda: calls.append(1), here)
    for reachability in told:
        watch.moved(reachability)
    assert len(calls) == asked


def test_listening_says_nothing_and_loads_nothing_before_it_is_asked_to():
    program = """
import sys
from PySide6.QtWidgets import QApplication
app = QApplication([])
import modstation.app.station
assert "PySide6.QtNetwork" not in sys.modules
from PySide6.QtCore import QObject, QTimer
from modstation.app import reachable
here = QObject()
calls = []
reachable.listen(lambda: calls.append(1), here)
QTimer.singleShot(50, app.quit)
app.exec()
assert calls == []
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_where_the_system_can_tell_a_network_that_comes_back_is_heard(qapp, monkeypatch: pytest.MonkeyPatch):
    class Network(QObject):
        def __init__(self) -> None:
            super().__init__()
            self.reachabilityChanged = Signal()

        def reachability(self) -> Reach:
            return Reach.Disconnected

    class Signal:
        def connect(self, slot) -> None:
            self.emit = slot

    network, here, calls = Network(), QObject(), []
    monkeypatch.setattr(QNetworkInformation, "loadBackendByFeatures", lambda _: True)
    monkeypatch.setattr(QNetworkInformation, "instance", lambda: network)
    assert reachable.listen(lambda: calls.append(1), here)
    network.reachabilityChanged.emit(Reach.Online)
    assert calls == [1]


def test_where_the_system_can_not_tell_nothing_is_heard(qapp, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(QNetworkInformation, "loadBackendByFeatures", lambda _: False)
    assert not reachable.listen(lambda: None, QObject())
