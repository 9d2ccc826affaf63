"""A journey: the real window, offscreen, and the real service on a real socket."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.support.offscreen import make_plain, pytest_configure, qapp_cls
from tests.support.person import Journey

__all__ = ["pytest_configure", "qapp_cls"]


@pytest.fixture
def journey(tmp_path: Path, qtbot: QtBot, qapp: QApplication) -> Iterator[Journey]:
    # The program takes the signals that end it; the test runner wants them back.
    before = {wish: signal.getsignal(wish) for wish in (signal.SIGINT, signal.SIGTERM)}
    made = Journey(tmp_path, qtbot)
    made.service.start()
    yield made
    made.end()
    for wish, handler in before.items():
        signal.signal(wish, handler)
    make_plain(qapp)
