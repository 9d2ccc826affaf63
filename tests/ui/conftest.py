"""One application with our theme for all tests of the ui: offscreen, at 96 dots per inch, in English."""

import os

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_FONT_DPI"] = "96"
os.environ["QT_SCALE_FACTOR"] = "1"

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication

from modstation.ui import theme


def pytest_configure(config):
    """The offscreen platform complains of every window that has a smallest size; that is no fault of ours."""
    config.addinivalue_line("qt_log_ignore", "This plugin does not support propagateSizeHints")


@pytest.fixture(scope="session")
def qapp_cls():
    """pytest-qt makes its `qapp` of this class; the theme is applied before the first test."""

    class Application(QApplication):
        def __init__(self, args):
            QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
            super().__init__(args)
            theme.apply(self, "light")

    return Application


@pytest.fixture(autouse=True)
def _plain_surroundings(qapp):
    """Each test begins in the light theme, at 100 %, left-to-right; tests may change all three."""
    yield
    if theme.tokens().name != "light":
        theme.apply(qapp, "light")
    if theme.zoom() != 1.0:
        theme.set_zoom(qapp, 1.0)
    if qapp.layoutDirection() != Qt.LayoutDirection.LeftToRight:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
