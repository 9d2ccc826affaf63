"""One application with our theme for all tests with a window: offscreen, at 96 dots per inch, in English.

For a ``conftest.py`` to import the hook and the fixture from; whichever comes first makes the application.
"""

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


def make_plain(app: QApplication) -> None:
    """Back to the light theme, 100 %, left-to-right: a test may change all three."""
    if theme.tokens().name != "light":
        theme.apply(app, "light")
    if theme.zoom() != 1.0:
        theme.set_zoom(app, 1.0)
    if app.layoutDirection() != Qt.LayoutDirection.LeftToRight:
        app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
