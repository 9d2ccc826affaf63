"""A journey: the real window, offscreen, and the real service on a real socket."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_FONT_DPI"] = "96"
os.environ["QT_SCALE_FACTOR"] = "1"

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from modstation.ui import theme
from tests.support.person import Journey


def pytest_configure(config):
    """The offscreen platform complains of every window that has a smallest size; that is no fault of ours."""
    config.addinivalue_line("qt_log_ignore", "This plugin does not support propagateSizeHints")


@pytest.fixture(scope="session")
def qapp_cls():
    """As for the tests of the ui: whichever comes first makes the application."""

    class Application(QApplication):
        def __init__(self, args):
            QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
            super().__init__(args)
            theme.apply(self, "light")

    return Application


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
    theme.apply(qapp, "light")
    theme.set_zoom(qapp, 1.0)
